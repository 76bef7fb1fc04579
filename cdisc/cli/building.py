"""Commands that make data: demo, simulate, build."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import typer

from cdisc.cli.findings import findings_as, progress, rendered
from cdisc.cli.guides import conform, with_guides
from cdisc.cli.options import (
    Created,
    Format,
    FormatOption,
    Guides,
    Memory,
    Mode,
    NoValues,
    OneLength,
    Out,
    Raw,
    Seed,
    Split,
    Study,
    Subjects,
    Threads,
    study_folder,
)

_DEMO = "SYN07441291"
_DEMO_CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no zone


def demo(  # noqa: PLR0913, PLR0917  the options of the command
    out: Out,
    subjects: Subjects = 70,
    seed: Seed = 7441291,
    mode: Mode = "quota",
    created: Created = _DEMO_CREATED,
    threads: Threads = None,
    memory: Memory = None,
    guides: Guides = True,  # noqa: FBT002  a flag of the command line
) -> None:
    """Simulate the demonstration study and build its package.

    Example: cdisc demo --out build/demo
    """
    from cdisc.simulate import simulate as run_simulation

    raw = out.with_name(f"{out.name}-simulated")
    with progress() as tell:
        tell("simulation")
        with findings_as(Format.TEXT):
            run_simulation(raw, subjects=subjects, seed=seed, mode=mode, tell=tell)
        folder = raw / "raw"
        _build(_DEMO, folder, out, created, threads, memory, tell, Format.TEXT, guides=guides)
    typer.echo(f"\nopen {(out / 'reports' / 'index.html').as_posix()}")


def simulate(
    out: Out, subjects: Subjects = 70, seed: Seed = 7441291, mode: Mode = "random"
) -> None:
    """Write raw forms of the demonstration study, with the truth beside them.

    Example: cdisc simulate --out build/simulated --subjects 70
    """
    from cdisc.simulate import simulate as run_simulation

    with progress() as tell, findings_as(Format.TEXT):
        run_simulation(out, subjects=subjects, seed=seed, mode=mode, tell=tell)
    typer.echo(f"{subjects} subjects in {out.as_posix()}: raw/edc, raw/ext, truth")


def build(  # noqa: PLR0913, PLR0917  the options of the command
    study: Study,
    raw: Raw,
    out: Out,
    created: Created = None,
    threads: Threads = None,
    memory: Memory = None,
    output: FormatOption = Format.TEXT,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
    guides: Guides = True,  # noqa: FBT002  a flag of the command line
    one_length: OneLength = False,  # noqa: FBT002  a flag of the command line
    split: Split = None,
) -> None:
    """Build the package of a study: XPT, define.xml, reviewer's guides, reports, manifest.

    Example: cdisc build SYN07441291 --raw build/simulated/raw --out build/package
    """
    said = {"guides": guides, "no_values": no_values}
    with progress() as tell:
        asked = (one_length, split)
        _build(study, raw, out, created, threads, memory, tell, output, **said, submitted=asked)


def _build(  # noqa: PLR0913, PLR0917  the options of the command
    study: str,
    raw: Path,
    out: Path,
    created: dt.datetime | None,
    threads: int | None,
    memory: int | None,
    tell: Callable[[str], None],
    output: Format,
    *,
    guides: bool,
    no_values: bool = False,
    submitted: tuple[bool, int | None] = (False, None),
) -> None:
    with findings_as(output, no_values=no_values):
        from cdisc.bounded import Submitted
        from cdisc.pipeline import build as build_package
        from cdisc.report import render_ledger_text

        made, folder = created or _now(), study_folder(study)

        def finish(package: Path) -> None:
            """Judge the package as outside, which reads it whole, and tell of it in its guides."""
            if memory is None:
                conform(package, folder, made.date(), threads, tell)
            with_guides(package)

        report = build_package(
            folder,
            raw=raw,
            out=out,
            created=made,
            threads=threads,
            progress=tell,
            memory=memory,
            finish=finish if guides else None,
            submitted=Submitted(*submitted),
        )
        tell("")
        if no_values:
            report = report.without_values()
        if report.findings:
            typer.echo(rendered(report.findings, output), err=True, nl=False)
        typer.echo(render_ledger_text(report), nl=False)


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC).replace(microsecond=0, tzinfo=None)
