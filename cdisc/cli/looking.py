"""Commands that show what there is: the SQL of a dataset, the meaning of a code."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, FormatOption, Study, study_folder
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
        from cdisc.shown import sql_of

        typer.echo(sql_of(study_folder(study), dataset.upper(), raw))


def r(
    study: Study,
    variable: Annotated[str, typer.Argument(help="DATASET.VARIABLE, in either case")],
    raw: Annotated[Path | None, typer.Option(help="Raw files, where fields decide")] = None,
) -> None:
    """Print R code (dplyr) that derives a variable, for double programming by hand.

    Example: cdisc r SYN07441291 ADSL.TRTSDT
    """
    with findings_as(Format.TEXT):
        from cdisc.shown import r_of

        dataset, _, name = variable.upper().partition(".")
        typer.echo(r_of(study_folder(study), dataset, name, raw), nl=False)


def explain(
    word: Annotated[
        str, typer.Argument(help="Code of a finding, verb of the language, or key of the files")
    ],
    output: FormatOption = Format.TEXT,
) -> None:
    """Explain a code, a verb or a key: what it is, why it matters, how it is written.

    Example: cdisc explain SPEC013
    """
    from cdisc.tools.explaining import explain as explain_word
    from cdisc.tools.explaining import near

    found = explain_word(word)
    if not found:
        help_ = near(word)
        said = f'no code, verb or key is called "{word}"{f"; {help_}" if help_ else ""}'
        typer.echo(said, err=True)
        raise typer.Exit(SpecError.exit_code)
    if output is Format.JSON:
        values = [one.to_json() for one in found]
        typer.echo(json.dumps(values, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n\n".join(one.to_text() for one in found))
