"""The command that shows a dataset as it is in effect."""

from typing import Annotated

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, FormatOption, Study, study_folder


def show(
    study: Study,
    dataset: Annotated[str, typer.Argument(help="Dataset, such as AE")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Show a dataset as it is in effect: every variable, what makes it, and where that is said.

    Example: cdisc show SYN07441291 AE
    """
    with findings_as(output):
        from cdisc.tools.showing import show as show_dataset

        shown = show_dataset(study_folder(study), dataset.upper())
        typer.echo(shown.to_json() if output is Format.JSON else shown.to_text(), nl=False)
