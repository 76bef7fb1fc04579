"""The command that checks a folder before it is handed in."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Format, FormatOption
from cdisc.diagnostics import has_errors
from cdisc.errors import ConformanceError

app = typer.Typer(
    no_args_is_help=True,
    help="""Packages: check the folders, names, sizes and documents before they are handed in.

    Example: cdisc package check build/package
    """,
)


@app.callback()
def package() -> None:
    """Say what the commands are about: a group of one command keeps its name."""


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A package, or any folder of study data")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Check a folder of study data: names, lengths, sizes, places, PDF documents, manifest.

    Example: cdisc package check build/package
    """
    with findings_as(output):
        from cdisc.guides import unwritten
        from cdisc.package.check import check_package

        found = (*check_package(path), *unwritten(path))
        typer.echo(rendered(found, output), nl=False)
    if has_errors(found):
        raise typer.Exit(ConformanceError.exit_code)
