"""The command that shows what stands in raw files."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, FormatOption, NoValues, study_folder


def profile(
    raw: Annotated[Path, typer.Argument(help="Folder of raw files, or one file")],
    study: Annotated[
        str | None, typer.Option(help="Study that says how the files are written")
    ] = None,
    no_values: NoValues = False,  # noqa: FBT002  an option of the command line
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what stands in raw files: type, missing, distinct, common values, forms of dates.

    Example: cdisc profile build/simulated/raw --no-values
    """
    with findings_as(output):
        from cdisc.tools.profiling import profiles, to_json, to_text

        folder = study_folder(study) if study else None
        found = profiles(raw, folder, values=not no_values)
        typer.echo(to_json(found) if output is Format.JSON else to_text(found), nl=False)
