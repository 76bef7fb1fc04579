"""A file that appears whole or not at all: written beside its place, then renamed."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError


@contextlib.contextmanager
def appearing(path: Path, code: str = "FILE003", dataset: str | None = None) -> Iterator[BinaryIO]:
    """Let a file be written that takes its name when the block ends without an error.

    Args:
        path: File to write or replace; its folder exists.
        code: Code of the finding if the file cannot be written.
        dataset: Name of the dataset in that finding.

    Raises:
        OutputError: The file cannot be written.
    """
    beside = path.with_name(f".{path.name}.partial")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        fact = f'cannot write "{path.name}": {error.strerror}'
        raise OutputError([Diagnostic(code, fact, dataset=dataset)]) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
