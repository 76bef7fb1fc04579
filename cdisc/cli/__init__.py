"""The command line: arguments in, exit code out, no logic.

Results go to standard output, findings to standard error; what `validate` finds is its
result. Exit codes are those of `cdisc.errors`; 70 is a bug of ours. Each module holds
the commands of one kind; `application` lists them.
"""

from cdisc.cli.application import app, main

__all__ = ["app", "main"]
