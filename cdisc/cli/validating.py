"""The command that judges a package, whoever made it."""

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdisc.cli.findings import findings_as, progress
from cdisc.cli.options import Format, NoValues, Threads, study_folder
from cdisc.diagnostics import Diagnostic
from cdisc.errors import ConformanceError, OutputError

if TYPE_CHECKING:
    from cdisc.review.published import Published
    from cdisc.validate.rules import Grade


class Report(StrEnum):
    """How findings are written to standard output."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class Which(StrEnum):
    """Which rules judge."""

    OWN = "own"
    OPEN = "open"
    ALL = "all"


class FailOn(StrEnum):
    """The least severity of an open finding that makes the command fail."""

    REJECT = "reject"
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    NEVER = "never"


GRADE: "dict[FailOn, Grade]" = {
    FailOn.REJECT: "reject",
    FailOn.ERROR: "error",
    FailOn.WARNING: "warning",
    FailOn.NOTICE: "notice",
}


def validate(  # noqa: PLR0913, PLR0917  the options of the command
    package: Annotated[
        Path, typer.Argument(help="A package, a folder with XPT or Dataset-JSON files, or a file")
    ],
    output: Annotated[
        Report, typer.Option("--format", help="How findings are written to standard output")
    ] = Report.TEXT,
    html: Annotated[Path | None, typer.Option(help="Write the findings as a page too")] = None,
    excel: Annotated[Path | None, typer.Option(help="Write them as an Excel workbook too")] = None,
    json: Annotated[Path | None, typer.Option(help="Write them as JSON too")] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write them as SARIF too")] = None,
    study: Annotated[
        str | None,
        typer.Option(help="The mapping that made the package: lines, fields and explanations"),
    ] = None,
    explained: Annotated[
        Path | None, typer.Option(help="File of findings that stay, as explained.yaml")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="JSON of the run before: what is new, changed, gone")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Least severity of an open finding for exit code 4")
    ] = FailOn.ERROR,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Day for explanations; today by default",
        ),
    ] = None,
    core: Annotated[
        Path | None, typer.Option(help="CDISC rules engine to run too, where it is installed")
    ] = None,
    rules: Annotated[
        Which, typer.Option(help="Rules of ours, the published ones that were imported, or all")
    ] = Which.OWN,
    standard: Annotated[
        str | None,
        typer.Option(
            metavar="NAME VERSION",
            help='Standard that chooses the published rules, as "SDTMIG 3.4"; by default that of'
            " the define.xml",
        ),
    ] = None,
    use_case: Annotated[
        str | None, typer.Option(help="Use case that chooses published rules, such as INDH")
    ] = None,
    threads: Threads = None,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
    encoding: Annotated[str, typer.Option(help="Of text in the XPT files")] = "ascii",
    ct: Annotated[Path | None, typer.Option(help="Folder of imported terminology")] = None,
) -> None:
    """Validate datasets and define.xml of a package, whoever made it.

    Example: cdisc validate build/package --fail-on warning
    """
    form = Format.TEXT if output is Report.TEXT else Format.JSON
    with progress() as tell, findings_as(form, no_values=no_values):
        from cdisc.review.validation import Asked, run_validation
        from cdisc.validate import reports

        day = (as_of or dt.datetime.now(tz=dt.UTC)).date()
        asked = Asked(
            study=study_folder(study) if study else None,
            explained=explained,
            previous=previous,
            core=core,
            encoding=encoding,
            imported=ct,
            threads=threads,
            no_values=no_values,
            own=rules is not Which.OPEN,
            published=None if rules is Which.OWN else _published(study, standard, use_case),
        )
        validation = run_validation(package, day, asked, tell)
        tell("")
        texts = {
            Report.TEXT: reports.render_text,
            Report.JSON: reports.render_json,
            Report.SARIF: reports.render_sarif,
        }
        for path, render in (
            (html, reports.render_html),
            (json, reports.render_json),
            (sarif, reports.render_sarif),
        ):
            if path is not None:
                _write(path, render(validation))
        if excel is not None:
            reports.write_workbook(validation, excel)
        typer.echo(texts[output](validation), nl=False)
        if fail_on is not FailOn.NEVER and validation.fails(GRADE[fail_on]):
            raise typer.Exit(ConformanceError.exit_code)


def _published(study: str | None, standard: str | None, use_case: str | None) -> "Published":
    from cdisc.cli.rules import stores
    from cdisc.review.published import Published, own_rules
    from cdisc.review.rule_store import read_store

    named = standard.split() if standard else []
    if standard and len(named) != 2:  # noqa: PLR2004  a name and a version
        raise typer.BadParameter("a name and a version", param_hint="--standard")
    own = own_rules(study_folder(study) if study else None)
    return Published(
        read_store(stores(study)),
        own.grades,
        (named[0], named[1]) if named else own.standard,
        use_case or own.use,
    )


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        fact = f'cannot write "{page.as_posix()}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error
