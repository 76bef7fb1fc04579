"""How commands show findings, and leave with the exit code of an expected failure."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

from cdisc.cli.options import Format
from cdisc.diagnostics import Diagnostic
from cdisc.errors import CdiscError


@contextmanager
def findings_as(output: Format, *, no_values: bool = False) -> Iterator[None]:
    """Write the findings of an expected failure and leave with its exit code."""
    try:
        yield
    except CdiscError as error:
        found = shown(error.diagnostics, no_values=no_values)
        typer.echo(rendered(found, output), err=True, nl=False)
        raise typer.Exit(error.exit_code) from error


def shown(findings: tuple[Diagnostic, ...], *, no_values: bool) -> tuple[Diagnostic, ...]:
    """Return findings, without collected values if none are wanted."""
    from cdisc.report.model import without_values

    return without_values(findings) if no_values else findings


def rendered(findings: Sequence[Diagnostic], output: Format) -> str:
    """Return findings as text or as JSON."""
    from cdisc.report import render_findings_json, render_findings_text

    render = render_findings_json if output is Format.JSON else render_findings_text
    return render(findings)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is being worked on, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _said: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
