"""Commands that show what there is: the SQL of a dataset, the meaning of a code."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, Study, study_folder
from cdisc.diagnostics import catalogue, did_you_mean
from cdisc.errors import SpecError


def sql(
    study: Study,
    dataset: Annotated[str, typer.Argument(help="Dataset, such as LB")],
    raw: Annotated[Path | None, typer.Option(help="Raw files, where fields decide")] = None,
) -> None:
    """Print the SQL that makes a dataset, each column with its line of the spec.

    Example: cdisc sql SYN07441291 LB
    """
    with findings_as(Format.TEXT):
        from cdisc.pipeline import sql_of

        typer.echo(sql_of(study_folder(study), dataset.upper(), raw))


def r(
    study: Study,
    variable: Annotated[str, typer.Argument(help="Variable, such as ADSL.TRTSDT")],
    raw: Annotated[Path | None, typer.Option(help="Raw files, where fields decide")] = None,
) -> None:
    """Print R code (dplyr) that derives a variable, for double programming by hand.

    Example: cdisc r SYN07441291 ADSL.TRTSDT
    """
    with findings_as(Format.TEXT):
        from cdisc.pipeline import r_of

        dataset, _, name = variable.upper().partition(".")
        typer.echo(r_of(study_folder(study), dataset, name, raw), nl=False)


def explain(
    code: Annotated[str, typer.Argument(help="Code of a finding, such as SPEC013")],
) -> None:
    """Explain the code of a finding: why it matters and how to mend it.

    Example: cdisc explain SPEC013
    """
    entry = catalogue().get(code.upper())
    if entry is None:
        help_ = did_you_mean(code.upper(), catalogue())
        typer.echo(f'no finding has the code "{code}"{f"; {help_}" if help_ else ""}', err=True)
        raise typer.Exit(SpecError.exit_code)
    typer.echo(f"{entry.severity}[{entry.code}]: {entry.title}\n\n{entry.why}\n\n{entry.mend}")
    if entry.source:
        typer.echo(f"\nSource: {entry.source}")
