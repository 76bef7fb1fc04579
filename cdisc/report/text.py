"""The report as plain text and JSON: what a command prints, and what a machine reads."""

import json
from collections.abc import Iterable, Iterator, Sequence

from cdisc.diagnostics import Diagnostic, Severity
from cdisc.report.model import LedgerForm, Report

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_INDENT = "  "


def count(number: int, noun: str) -> str:
    """Write a number with its noun.

    Example:
        >>> count(1, "record"), count(1191, "record")
        ('1 record', '1,191 records')
    """
    return " ".join(_counted(number, noun))


def _counted(number: int | None, noun: str) -> tuple[str, str]:
    if number is None:
        return "", ""
    return f"{number:,}", noun if number == 1 else f"{noun}s"


def severity_counts(findings: Iterable[Diagnostic]) -> dict[Severity, int]:
    """Count the findings of each severity, gravest first, zeros included."""
    severities = [finding.severity for finding in findings]
    return {severity: severities.count(severity) for severity in SEVERITIES}


def render_counts(findings: Iterable[Diagnostic]) -> str:
    """Write how many findings there are of each severity, and how many of them are explained.

    Example:
        >>> render_counts([])
        '0 errors, 0 warnings, 0 notes'
    """
    findings = tuple(findings)
    every = severity_counts(findings)
    explained = severity_counts(one for one in findings if one.explained is not None)
    return ", ".join(
        count(number, severity)
        + (f" ({explained[severity]:,} explained)" if explained[severity] else "")
        for severity, number in every.items()
    )


def render_findings_text(findings: Sequence[Diagnostic]) -> str:
    """Write the findings as people read them, gravest first, with a last line of counts."""
    ordered = [one for severity in SEVERITIES for one in findings if one.severity == severity]
    blocks = [finding.to_text() for finding in ordered]
    return "\n\n".join([*blocks, render_counts(findings)]) + "\n"


def render_findings_json(findings: Sequence[Diagnostic]) -> str:
    """Write the findings as a JSON list of objects, in the order given."""
    values = [finding.to_json() for finding in findings]
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def render_ledger_text(report: Report) -> str:
    """Write the short summary: datasets, what became of the raw records, findings."""
    return "\n".join(_summary(report)) + "\n"


def _summary(report: Report) -> Iterator[str]:
    yield f"{report.study_id}  {report.title}".rstrip()
    yield from _datasets(report)
    if report.ledger:
        yield ""
        yield "Raw records"
    for form in report.ledger:
        yield from _form(form)
    if report.terms:
        yield ""
        yield "Terms not mapped"
        yield from _table(
            [
                (
                    f"{one.dataset}.{one.variable}",
                    json.dumps(one.value, ensure_ascii=False),
                    *_counted(one.records, "record"),
                    one.first,
                    one.line,
                )
                for one in report.terms
            ],
            1,
        )
    yield ""
    yield render_counts(report.findings)


def _datasets(report: Report) -> Iterator[str]:
    for stage, members in report.stages:
        yield ""
        yield stage or "Datasets"
        rows = [
            (
                one.name,
                *_counted(one.records, "record"),
                *_counted(one.subjects, "subject"),
                one.label,
            )
            for one in members
        ]
        yield from _table(rows, 1)


def _form(form: LedgerForm) -> Iterator[str]:
    yield f"{_INDENT}{form.form}  {form.file}  {count(form.records, 'record')}"
    rows = [("used", use) for use in form.uses] + [("excluded", use) for use in form.excluded]
    lines = [(word, f"{use.records:,}", use.dataset, use.line, use.reason) for word, use in rows]
    if form.unaccounted:
        lines.append(("UNACCOUNTED", f"{form.unaccounted:,}", "", "", "no line says why"))
    yield from _table(lines, 2)
    if form.fields:
        used = len(form.fields) - len(form.unused)
        yield f"{_INDENT * 2}{used} of {count(len(form.fields), 'field')} used"
    silent = [one.name for one in form.unused if not one.reason]
    if silent:
        yield f"{_INDENT * 3}neither used nor named under not_used: {', '.join(silent)}"


def _table(rows: Sequence[Sequence[str]], depth: int) -> Iterator[str]:
    """Yield rows with aligned columns; counts stand right."""
    if not rows:
        return
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        )
        yield (_INDENT * depth + "  ".join(cells)).rstrip()
