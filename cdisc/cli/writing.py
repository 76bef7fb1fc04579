"""Commands that write mapping files: a form to fill in, and the one form of all files."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Format, FormatOption, study_folder
from cdisc.errors import SpecError

_TESTS = Path("tests") / "domains"


def fmt(
    path: Annotated[str, typer.Argument(help="Folder of a study, or one of its files")],
    check: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--check", help="Write nothing; fail if a file would change")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Put mapping files into their canonical form; comments and blank lines stay.

    Example: cdisc fmt mappings/ABC01 --check
    """
    with findings_as(output):
        from cdisc.tools.formatting import format_files

        place = Path(path)
        found = format_files(place if place.is_file() else study_folder(path))
        if check and found:
            typer.echo(rendered([one.finding for one in found], output), err=True, nl=False)
            raise typer.Exit(SpecError.exit_code)
        for one in found:
            one.write()
            typer.echo(one.path.as_posix())
        if not found:
            typer.echo("all files are in their form")


def new(
    dataset: Annotated[str, typer.Argument(help="Dataset, such as MH")],
    study: Annotated[str, typer.Option(help="Folder with study.yaml")],
    tests: Annotated[Path, typer.Option(help="Folder of the tests of datasets")] = _TESTS,
    raw: Annotated[Path | None, typer.Option(help="Raw files: use the fields that fit")] = None,
) -> None:
    """Write a dataset file to fill in, and a folder to test it with.

    Example: cdisc new QS --study mappings/ABC01
    """
    with findings_as(Format.TEXT):
        from cdisc.tools.scaffold import scaffold

        made = scaffold(dataset.upper(), study_folder(study), tests=tests, raw=raw)
        made.write()
        for path in made.files:
            typer.echo(path.as_posix())
        if made.form is not None:
            typer.echo(f'declare the form "{made.form}" under raw: in study.yaml')
        typer.echo(f"then fill in what is missing: cdisc check {study}")
