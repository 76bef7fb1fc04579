"""The command line: arguments in, exit code out, no logic.

Results go to standard output, findings to standard error; what `validate` finds is its
result. Exit codes are those of `cdisc.errors`; 70 is a bug of ours. Each module holds
the commands of one kind; `application` lists them.
"""

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdisc.cli.application import app

__all__ = ["app", "main"]

# Objects: a command keeps nearly all that it makes to its end, and a check makes fewer than that.
_GARBAGE = 500_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    gc.set_threshold(_GARBAGE)  # before anything else is loaded
    from cdisc.cli.application import run

    try:
        run(arguments)
    finally:
        # the process ends: what is left is not looked through for garbage; DuckDB would complain
        if arguments is None and "duckdb" not in sys.modules:
            gc.freeze()


def __getattr__(name: str) -> object:
    """Return ``app``: all commands, loaded when they are asked for."""
    if name != "app":
        raise AttributeError(name)
    from cdisc.cli.application import app

    return app
