"""Commands about a define.xml, whoever made it."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Format, FormatOption

_FILE = "define.xml"

app = typer.Typer(
    no_args_is_help=True,
    help="""A define.xml of anybody: show it as a page.

    Example: cdisc define html build/package/m5/datasets/syn07441291/tabulations/sdtm
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
