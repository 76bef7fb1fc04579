"""Commands that judge: check the mapping files, validate a package."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Format, FormatOption, Study, study_folder
from cdisc.cli.validating import validate

if TYPE_CHECKING:  # what a check needs is loaded when there is something to check
    from cdisc.tools.memo import Memo, Outcome

__all__ = ["check", "validate"]


def check(
    study: Study,
    raw: Annotated[
        Path | None, typer.Option(help="Raw files: check the names of fields too")
    ] = None,
    output: FormatOption = Format.TEXT,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder of what was found before; ~/.cache/cdisc"),
    ] = None,
    no_cache: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--no-cache", help="Check everything anew, and keep nothing")
    ] = False,
) -> None:
    """Check the mapping files of a study: mistakes and warnings, before any data are read.

    Example: cdisc check SYN07441291
    """
    with findings_as(output):
        from cdisc.tools.memo import Memo, cache_folder

        folder = study_folder(study)
        # what raw files hold is looked at each time
        memo = None if no_cache or raw else Memo(folder, cache or cache_folder())
        found = (memo.read() if memo else None) or _checked(folder, raw, memo)
        if found.findings:
            typer.echo(rendered(found.findings, output), err=True, nl=False)
        said = "no mistakes" if not found.findings else "no mistakes, but see the findings"
        typer.echo(f"{found.datasets} datasets, {found.variables} variables: {said}")


def _checked(folder: Path, raw: Path | None, memo: "Memo | None") -> "Outcome":
    """Check a study, and keep what was found."""
    from cdisc.tools.checking import check as check_study
    from cdisc.tools.checking import looked_at, outcome_of

    checked = check_study(folder, raw)
    found, looked = outcome_of(checked), looked_at(checked.program.loaded)
    if memo and looked:
        memo.write(found, looked)
    return found
