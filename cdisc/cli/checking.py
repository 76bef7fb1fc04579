"""Commands that judge: check the mapping files, validate a package."""

from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered, shown
from cdisc.cli.options import Format, FormatOption, NoValues, Study, study_folder
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.errors import ConformanceError, OutputError


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


def validate(
    package: Annotated[Path, typer.Argument(help="A package, or a folder with XPT files")],
    output: FormatOption = Format.TEXT,
    html: Annotated[Path | None, typer.Option(help="Write the findings as a page too")] = None,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
    encoding: Annotated[str, typer.Option(help="Of text in the XPT files")] = "ascii",
    ct: Annotated[Path | None, typer.Option(help="Folder of imported terminology")] = None,
) -> None:
    """Validate datasets and define.xml of a package, whoever made it.

    Example: cdisc validate build/package
    """
    with findings_as(output, no_values=no_values):
        from cdisc.report import render_findings_html
        from cdisc.review import validate_package

        findings = shown(
            validate_package(package, encoding=encoding, imported=ct), no_values=no_values
        )
        if html is not None:
            _write(html, render_findings_html(findings, title=f"Findings of {package.name}"))
        typer.echo(rendered(findings, output), nl=False)
        if has_errors(findings):
            raise typer.Exit(ConformanceError.exit_code)


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        fact = f'cannot write "{page.as_posix()}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error
