"""The commands, in the order of the help, and the one place that catches everything."""

import io
import os
import sys
import traceback
from collections.abc import Sequence

import typer

from cdisc import __version__
from cdisc.cli.acrf import app as acrf
from cdisc.cli.building import build, demo, simulate
from cdisc.cli.checking import check, validate
from cdisc.cli.ct import app as ct
from cdisc.cli.define import app as define
from cdisc.cli.files import compare, convert_file
from cdisc.cli.guides import guides
from cdisc.cli.looking import explain, r, sql
from cdisc.cli.package import app as package
from cdisc.cli.profiling import profile
from cdisc.cli.rules import app as rules
from cdisc.cli.showing import show
from cdisc.cli.terms import terms
from cdisc.cli.workbook import app as workbook
from cdisc.cli.writing import fmt, new

_BUG = 70
_COMMANDS = (
    *(demo, simulate, new, check, fmt, profile, build, validate, terms),
    *(guides, convert_file, compare, show, sql, r, explain),
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Convert clinical trial data by declarative mapping specs: raw, SDTM, ADaM, package.",
)
for _command in _COMMANDS:
    app.command()(_command)
app.add_typer(ct, name="ct")
app.add_typer(rules, name="rules")
app.add_typer(acrf, name="acrf")
app.add_typer(define, name="define")
app.add_typer(workbook, name="workbook")
app.add_typer(package, name="package")


def run(arguments: Sequence[str] | None) -> None:
    """Run a command, that of the command line if none is given, and leave with its exit code."""
    # Whatever else is installed has no say in what a mapping file may hold, nor takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        # A pipe or a file gets the same bytes whatever the locale.
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
    try:
        app(args=None if arguments is None else list(arguments), prog_name="cdisc")
    except Exception:  # noqa: BLE001  the one place that says what we did wrong
        traceback.print_exc()
        sys.stderr.write(
            f"\ncdisc {__version__}: this is a bug; please report it with the lines above\n"
        )
        sys.exit(_BUG)
