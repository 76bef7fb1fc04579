"""The command line: arguments in, exit code out, no logic.

Results go to standard output, findings to standard error; what `validate` finds is its
result. Exit codes are those of `cdisc.errors`; 70 is a bug of ours.
"""

import datetime as dt
import io
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cdisc import __version__
from cdisc.diagnostics import Diagnostic, catalogue, did_you_mean, has_errors
from cdisc.errors import CdiscError, ConformanceError, OutputError, SpecError
from cdisc.resources import mappings_root

_BUG = 70
_DEMO = "SYN07441291"
_DEMO_CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no zone

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Convert clinical trial data by declarative mapping specs: raw, SDTM, ADaM, package.",
)


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


Study = Annotated[str, typer.Argument(help="Folder with study.yaml, or a study that is carried")]
Raw = Annotated[Path, typer.Option(help="Folder of the raw files")]
Out = Annotated[Path, typer.Option(help="Folder to write; appears whole or not at all")]
Created = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M:%S"],
        metavar="YYYY-MM-DDThh:mm:ss",
        help="The one time stamp; now, in UTC, by default",
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads; the bytes do not depend on it")]
Subjects = Annotated[int, typer.Option(help="Subjects who are randomized")]
Seed = Annotated[int, typer.Option(help="Master seed of all random streams")]
FormatOption = Annotated[Format, typer.Option("--format", help="How findings are written")]
NoValues = Annotated[bool, typer.Option("--no-values", help="Hide collected values in findings")]


@app.command()
def demo(
    out: Out,
    subjects: Subjects = 70,
    seed: Seed = 7441291,
    created: Created = _DEMO_CREATED,
    threads: Threads = None,
) -> None:
    """Simulate the demonstration study and build its package.

    Example: cdisc demo --out build/demo
    """
    from cdisc.simulate import simulate as run_simulation

    raw = out.with_name(f"{out.name}-simulated")
    with _progress() as progress:
        progress("simulation")
        with _findings_as(Format.TEXT):
            run_simulation(raw, subjects=subjects, seed=seed)
        _build(_DEMO, raw / "raw", out, created, threads, progress, Format.TEXT, no_values=False)
    typer.echo(f"\nopen {(out / 'reports' / 'index.html').as_posix()}")


@app.command()
def simulate(out: Out, subjects: Subjects = 70, seed: Seed = 7441291) -> None:
    """Write raw forms of the demonstration study, with the truth beside them.

    Example: cdisc simulate --out build/simulated --subjects 70
    """
    from cdisc.simulate import simulate as run_simulation

    with _findings_as(Format.TEXT):
        run_simulation(out, subjects=subjects, seed=seed)
    typer.echo(f"{subjects} subjects in {out.as_posix()}: raw/edc, raw/ext, truth")


@app.command()
def check(
    study: Study,
    raw: Annotated[
        Path | None, typer.Option(help="Raw files: check the names of fields too")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Check the mapping files of a study: every mistake, before any data are read.

    Example: cdisc check SYN07441291
    """
    with _findings_as(output):
        from cdisc.pipeline import check as check_study

        program = check_study(_folder(study), raw)
        lines = sum(len(plan.variables) for plan in program.datasets.values())
        typer.echo(f"{len(program.datasets)} datasets, {lines} variables: no mistakes")


@app.command()
def build(  # noqa: PLR0913, PLR0917  the options of the command
    study: Study,
    raw: Raw,
    out: Out,
    created: Created = None,
    threads: Threads = None,
    output: FormatOption = Format.TEXT,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
) -> None:
    """Build the package of a study: XPT, define.xml, reports, manifest.

    Example: cdisc build SYN07441291 --raw build/simulated/raw --out build/package
    """
    with _progress() as progress:
        _build(study, raw, out, created, threads, progress, output, no_values=no_values)


@app.command()
def validate(
    package: Annotated[Path, typer.Argument(help="A package, or a folder with XPT files")],
    output: FormatOption = Format.TEXT,
    html: Annotated[Path | None, typer.Option(help="Write the findings as a page too")] = None,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
    encoding: Annotated[str, typer.Option(help="Of text in the XPT files")] = "ascii",
) -> None:
    """Validate datasets and define.xml of a package, whoever made it.

    Example: cdisc validate build/package
    """
    with _findings_as(output, no_values=no_values):
        from cdisc.report import render_findings_html
        from cdisc.review import validate_package

        findings = _shown(validate_package(package, encoding=encoding), no_values=no_values)
        if html is not None:
            _write(html, render_findings_html(findings, title=f"Findings of {package.name}"))
        typer.echo(_rendered(findings, output), nl=False)
        if has_errors(findings):
            raise typer.Exit(ConformanceError.exit_code)


@app.command()
def sql(
    study: Study,
    dataset: Annotated[str, typer.Argument(help="Dataset, such as LB")],
    raw: Annotated[Path | None, typer.Option(help="Raw files, where fields decide")] = None,
) -> None:
    """Print the SQL that makes a dataset, each column with its line of the spec.

    Example: cdisc sql SYN07441291 LB
    """
    with _findings_as(Format.TEXT):
        from cdisc.pipeline import sql_of

        typer.echo(sql_of(_folder(study), dataset.upper(), raw))


@app.command()
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


def _build(  # noqa: PLR0913, PLR0917  the options of the command
    study: str,
    raw: Path,
    out: Path,
    created: dt.datetime | None,
    threads: int | None,
    progress: Callable[[str], None],
    output: Format,
    *,
    no_values: bool,
) -> None:
    with _findings_as(output, no_values=no_values):
        from cdisc.pipeline import build as build_package
        from cdisc.report import render_ledger_text

        report = build_package(
            _folder(study),
            raw=raw,
            out=out,
            created=created or _now(),
            threads=threads,
            progress=progress,
        )
        progress("")
        if no_values:
            report = report.without_values()
        if report.findings:
            typer.echo(_rendered(report.findings, output), err=True, nl=False)
        typer.echo(render_ledger_text(report), nl=False)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC).replace(microsecond=0, tzinfo=None)


def _folder(study: str) -> Path:
    path = Path(study)
    if (path / "study.yaml").is_file():
        return path
    carried = mappings_root() / study
    if (carried / "study.yaml").is_file():
        return carried
    names = sorted(one.parent.name for one in mappings_root().glob("*/study.yaml"))
    raise SpecError(
        [
            Diagnostic(
                "SPEC008",
                f'"{study}" is no folder with a study.yaml and no study that is carried',
                expected=", ".join(names),
                help=did_you_mean(path.name, names),
            )
        ]
    )


@contextmanager
def _findings_as(output: Format, *, no_values: bool = False) -> Iterator[None]:
    """Write the findings of an expected failure and leave with its exit code."""
    try:
        yield
    except CdiscError as error:
        found = _shown(error.diagnostics, no_values=no_values)
        typer.echo(_rendered(found, output), err=True, nl=False)
        raise typer.Exit(error.exit_code) from error


def _shown(findings: tuple[Diagnostic, ...], *, no_values: bool) -> tuple[Diagnostic, ...]:
    from cdisc.report.model import without_values

    return without_values(findings) if no_values else findings


def _rendered(findings: Sequence[Diagnostic], output: Format) -> str:
    from cdisc.report import render_findings_json, render_findings_text

    render = render_findings_json if output is Format.JSON else render_findings_text
    return render(findings)


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        fact = f'cannot write "{page.as_posix()}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is being worked on, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _said: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A pipe or a file gets the same bytes whatever the locale.
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
    try:
        app(args=None if arguments is None else list(arguments), prog_name="cdisc")
    except Exception:  # noqa: BLE001  the one place that says what we did wrong
        traceback.print_exc()
        sys.stderr.write(
            f"\ncdisc {__version__}: this is a bug; please report it with the lines above\n"
        )
        sys.exit(_BUG)
