"""Commands that judge: check the mapping files, validate a package."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Format, FormatOption, Study, study_folder
from cdisc.cli.validating import validate

__all__ = ["check", "validate"]


def check(
    study: Study,
    raw: Annotated[
        Path | None, typer.Option(help="Raw files: check the names of fields too")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Check the mapping files of a study: mistakes and warnings, before any data are read.

    Example: cdisc check SYN07441291
    """
    with findings_as(output):
        from cdisc.tools.checking import check as check_study

        checked = check_study(study_folder(study), raw)
        if checked.findings:
            typer.echo(rendered(checked.findings, output), err=True, nl=False)
        # the stages of a dataset are no datasets to those who ask
        datasets = [one for one in checked.program.datasets.values() if one.of is None]
        lines = sum(len(plan.variables) for plan in datasets)
        said = "no mistakes" if not checked.findings else "no mistakes, but see the findings"
        typer.echo(f"{len(datasets)} datasets, {lines} variables: {said}")
