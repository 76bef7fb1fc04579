"""Write a dataset as a SAS transport file, version 5.

Limits are checked first, all at once; then records are laid out in a byte matrix
of a few thousand rows that is filled column by column and written, over and over,
so memory does not grow with the dataset. The file is written beside and renamed:
it appears whole or not at all.
"""

import contextlib
import datetime as dt
import os
from pathlib import Path
from typing import BinaryIO

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.errors import OutputError
from cdisc.transport.xpt_check import check_xpt
from cdisc.transport.xpt_layout import library_header, member_header, padding
from cdisc.transport.xpt_records import fields_of, record_matrices
from cdisc.transport.xpt_text import normalised_encoding


def write_xpt(
    dataset: Dataset, path: Path, *, created: dt.datetime, encoding: str = "ascii"
) -> None:
    """Write `dataset` to `path` as a SAS transport file, version 5.

    Missing text becomes blanks, a missing number the standard missing value
    ``.``; dates become days, datetimes and times seconds, since 1960-01-01.
    Numbers are exact; ``-0.0`` becomes ``0.0``. The same arguments give the same
    bytes, however the table is chunked.

    Args:
        dataset: Any number of records, also none.
        path: File to write or replace; its folder exists.
        created: The time stamp of the file, to the second.
        encoding: Encoding of text and labels; a codec that extends ASCII.

    Raises:
        OutputError: The format cannot hold the dataset (every finding of
            `check_xpt`), or the file cannot be written.

    Source:
        Record layout of a SAS transport data set (TS-140).
    """
    findings = check_xpt(dataset, encoding=encoding)
    if has_errors(findings):
        raise OutputError(findings)
    codec = normalised_encoding(encoding) or encoding
    beside = path.with_name(f".{path.name}.partial")
    try:
        with beside.open("wb") as file:
            _write(file, dataset, created, codec)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        fact = f'cannot write "{path.name}": {error.strerror}'
        raise OutputError([Diagnostic("XPT018", fact, dataset=dataset.name)]) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _write(file: BinaryIO, dataset: Dataset, created: dt.datetime, codec: str) -> None:
    fields = fields_of(dataset.variables)
    label = dataset.label.encode(codec)
    file.write(library_header(created))
    file.write(member_header(dataset.name, label, fields, created, codec))
    size = 0
    for records in record_matrices(dataset.table, fields, codec):
        file.write(records.data)
        size += records.size
    file.write(padding(size))
