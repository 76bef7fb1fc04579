"""The command that writes reviewer's guides."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, progress, rendered
from cdisc.cli.options import Format, FormatOption


def guides(
    package: Annotated[Path, typer.Argument(help="A package, or a folder with define.xml")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; beside each define.xml by default")
    ] = None,
    replace: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--replace", help="Write over a guide that a person edited")
    ] = False,
    keep: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--keep", help="Take over what a person wrote into a guide")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Of text in the XPT files")] = "ascii",
    output: FormatOption = Format.TEXT,
) -> None:
    """Write the reviewer's guides of a package, cSDRG and ADRG, to go on editing.

    Example: cdisc guides build/package --out build/guides
    """
    with progress() as tell, findings_as(output):
        from cdisc.guides import write_guides

        tell("guides")
        found = write_guides(package, out, replace=replace, keep=keep, encoding=encoding)
    kept = [finding for one in found for finding in one.findings]
    if kept:
        typer.echo(rendered(kept, output), err=True, nl=False)
    for one in found:
        typer.echo(f"{one.path.as_posix()}: {one.to_write} to be written")


def conform(
    package: Path, study: Path, day: dt.date, threads: int | None, tell: Callable[[str], None]
) -> None:
    """Write what validation finds into a package that is being built, where it has datasets."""
    from cdisc.review.conformance import write_conformance

    if any(package.rglob("*.xpt")):
        write_conformance(package, study, day, threads, tell)


def with_guides(package: Path) -> None:
    """Write the guides into a package that is being built, where it has a define.xml."""
    from cdisc.guides import write_guides

    if any(package.rglob("define.xml")):
        write_guides(package)
