"""Commands about a define.xml, whoever made it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered, shown
from cdisc.cli.options import Format, FormatOption, NoValues
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.errors import ConformanceError

_FILE = "define.xml"

app = typer.Typer(
    no_args_is_help=True,
    help="""A define.xml of anybody: check it, show it as a page, write it in another version.

    Example: cdisc define check build/package
    """,
)
Place = Annotated[Path, typer.Argument(help="A define.xml, or the folder that holds it")]


@app.command()
def html(
    path: Place,
    out: Annotated[
        Path | None, typer.Option(help="Page to write; define.html beside it by default")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write one page that shows a define.xml: no XSLT, no network, works by double click.

    Example: cdisc define html build/package/m5/datasets/syn07441291/tabulations/sdtm
    """
    with findings_as(output):
        from define_xml.html import write_define_html

        place = path / _FILE if path.is_dir() else path
        page = out or place.with_suffix(".html")
        findings = write_define_html(place, page)
        if findings:
            typer.echo(rendered(findings, output), err=True, nl=False)
        typer.echo(page.as_posix())


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A define.xml, or a folder with any below it")],
    output: FormatOption = Format.TEXT,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
    encoding: Annotated[str, typer.Option(help="Of text in the XPT files")] = "ascii",
) -> None:
    """Check a define.xml by the schema, against itself and the data beside it.

    Data are XPT, Dataset-JSON and Parquet files in its folder.

    Example: cdisc define check build/package
    """
    with findings_as(output, no_values=no_values):
        from cdisc.review import check_defines

        findings = shown(check_defines(path, encoding=encoding), no_values=no_values)
        typer.echo(rendered(findings, output), nl=False)
        if has_errors(findings):
            raise typer.Exit(ConformanceError.exit_code)


class Version(StrEnum):
    """Versions of Define-XML that are written."""

    OLD = "2.0"
    NEW = "2.1"


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="A define.xml")],
    target: Annotated[Path, typer.Argument(help="File to write")],
    to: Annotated[Version, typer.Option(help="Version to write")],
    context: Annotated[
        str, typer.Option(help="Of version 2.1, Submission or Other: 2.0 does not say it")
    ] = "Other",
    output: FormatOption = Format.TEXT,
) -> None:
    """Write a define.xml in the other version; what that cannot say is told.

    Example: cdisc define convert define.xml define2-0.xml --to 2.0
    """
    with findings_as(output):
        from define_xml import read_define, set_aside, write_define
        from define_xml.versions import as_2_0, as_2_1

        define = read_define(source)
        lost: tuple[Diagnostic, ...] = set_aside(define, source)
        if to is Version.OLD:
            define, unsaid = as_2_0(define)
            lost = (*unsaid, *lost)
        else:
            define = as_2_1(define, context=context)
        write_define(define, target)
        if lost:
            typer.echo(rendered(lost, output), err=True, nl=False)
        typer.echo(target.as_posix())
