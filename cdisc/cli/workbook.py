"""Commands about specification workbooks: write one from a mapping, read one into files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, progress, rendered
from cdisc.cli.options import Format, FormatOption, Study, study_folder
from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError

app = typer.Typer(
    no_args_is_help=True,
    help="""Specification workbooks in Excel: write one from a mapping, read one into mapping files.

    Example: cdisc workbook write SYN07441291 --out build/spec.xlsx
    """,
)


class Layout(StrEnum):
    """The layouts of a workbook."""

    NEW = "2.1"
    OLD = "2.0"


@app.command()
def write(
    study: Study,
    out: Annotated[Path, typer.Option(help="Excel file to write")],
    layout: Annotated[
        Layout, typer.Option(help="2.1, or 2.0 with a sheet of where clauses")
    ] = Layout.NEW,
    raw: Annotated[
        Path | None,
        typer.Option(help="Raw files: lengths, terms that occur and value level of the data too"),
    ] = None,
) -> None:
    """Write the workbook of a study, with its mapping files in it.

    Example: cdisc workbook write SYN07441291 --out build/spec.xlsx
    """
    with progress() as tell, findings_as(Format.TEXT):
        from cdisc.pipeline import build_in_memory
        from cdisc.pipeline import check as check_study
        from cdisc.workbook import workbook_bytes

        folder = study_folder(study)
        if raw is None:
            content = workbook_bytes(check_study(folder), layout.value)
        else:
            built = build_in_memory(folder, raw=raw, progress=tell)
            content = workbook_bytes(built.program, layout.value, built.studies)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(content)
        except OSError as error:
            fact = f'cannot write "{out.as_posix()}": {error.strerror}'
            raise OutputError([Diagnostic("OUT003", fact)]) from error
    typer.echo(out.as_posix())


@app.command()
def read(
    workbook: Annotated[Path, typer.Argument(help="Excel file, of ours or of others")],
    out: Annotated[Path, typer.Option(help="Folder of the study to write")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Read a workbook into mapping files: the same as before, or files to fill in.

    Example: cdisc workbook read build/spec.xlsx --out mappings/ABC02
    """
    with findings_as(output):
        from cdisc.workbook import read_workbook

        found = read_workbook(workbook)
        found.write(out)
        if found.findings:
            typer.echo(rendered(found.findings, output), err=True, nl=False)
        typer.echo(f"{len(found.files)} files in {out.as_posix()}")
        typer.echo(
            f"{found.to_write} lines are to be written"
            if found.to_write
            else "every line is there; prove them: cdisc check"
        )
