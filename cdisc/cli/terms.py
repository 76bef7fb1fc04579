"""The terms inbox: what no term matches, and the terms that a person accepts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdisc.cli.findings import findings_as, progress
from cdisc.cli.options import (
    Format,
    FormatOption,
    NoValues,
    Study,
    Threads,
    study_folder,
)

if TYPE_CHECKING:
    from cdisc.report.inbox import Inbox
    from cdisc.tools.accepting import Acceptance


def terms(  # noqa: PLR0913, PLR0917  the options of the command
    study: Study,
    raw: Annotated[Path | None, typer.Option(help="Folder of the raw files")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it: FILE.xlsx or FILE.html")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Edited FILE.xlsx, or 'DATASET.VARIABLE: collected text = TERM'"),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who accepts, for the evidence")] = None,
    because: Annotated[str | None, typer.Option(help="Why, for the evidence")] = None,
    output: FormatOption = Format.TEXT,
    threads: Threads = None,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """List the collected values that no term matches, or accept terms for them.

    Example: cdisc terms SYN07441291 --raw build/simulated/raw
    """
    if accept:
        with findings_as(output, no_values=no_values):
            _accept(study_folder(study), accept, by, because)
        return
    if raw is None:
        raise typer.BadParameter("--raw says where the data are, --accept what is accepted")
    if out is not None and out.suffix not in (".xlsx", ".html"):
        raise typer.BadParameter("--out is a file .xlsx or .html")
    with progress() as tell, findings_as(output, no_values=no_values):
        from cdisc.tools.inbox import open_inbox

        inbox = open_inbox(study_folder(study), raw=raw, threads=threads, progress=tell)
        _show(inbox.without_values() if no_values else inbox, out, output)


def _show(inbox: "Inbox", out: Path | None, output: Format) -> None:
    from cdisc.report import render_inbox_html, render_inbox_json, render_inbox_text
    from cdisc.tools.term_files import replace_files

    if out is None:
        render = render_inbox_json if output is Format.JSON else render_inbox_text
        typer.echo(render(inbox), nl=False)
        return
    if out.suffix == ".html":
        content = render_inbox_html(inbox).encode()
    else:
        from cdisc.tools.inbox_sheet import render_inbox_sheet

        content = render_inbox_sheet(inbox)
    replace_files({out: content})
    hidden = "; values are hidden: counts only" if inbox.hidden else ""
    typer.echo(f"{len(inbox.values)} waiting in {out.as_posix()}{hidden}")


def _accept(study: Path, said: list[str], by: str | None, because: str | None) -> None:
    from cdisc.tools.accepting import Evidence, accept

    accepted = accept(study, _read(said), Evidence(by, because))
    accepted.write()
    typer.echo(f"{accepted.entries} accepted, {accepted.known} had their term already")
    for one in accepted.extended:
        typer.echo(f"not in the codelist, which is extensible: {one}")
    for path in accepted.files:
        typer.echo(path.as_posix())


def _read(said: list[str]) -> "list[Acceptance]":
    from cdisc.tools.accepting import read_lines
    from cdisc.tools.inbox_sheet import read_inbox_sheet

    sheets = [one for one in said if one.endswith(".xlsx") and " = " not in one]
    found = [one for sheet in sheets for one in read_inbox_sheet(Path(sheet))]
    return [*found, *read_lines([one for one in said if one not in sheets])]
