"""Findings of all origins in one shape: joined, explained, held against the run before."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from cdisc.diagnostics import Diagnostic, catalogue
from cdisc.engine.lines import read_specs
from cdisc.validate.rules.model import GRADES, Finding, Grade

_GRADES: dict[str, Grade] = {"error": "error", "warning": "warning", "note": "notice"}


@cache
def _rejected() -> frozenset[str]:
    """Return the codes of checks for which an agency refuses the package."""
    return frozenset(read_specs("validation.yaml")["reject"])


def from_diagnostic(one: Diagnostic) -> Finding:
    """Return what a check found in the shape of all findings.

    Example:
        >>> from_diagnostic(Diagnostic("SDTM022", "no records", dataset="AE")).severity
        'notice'
    """
    entry = catalogue()[one.code]
    span = one.span
    return Finding(
        code=one.code,
        severity="reject" if one.code in _rejected() else _GRADES[entry.severity],
        message=one.fact,
        dataset=one.dataset or "",
        variable=one.variable or "",
        records=one.records or 0,
        values=one.found,
        expected=one.expected or "",
        help=one.help or entry.mend,
        source=entry.source or "",
        place=f"{span.file}:{span.line}" if span else "",
        explained=one.explained or "",
    )


def without_repeats(
    findings: Sequence[Finding], like: Mapping[str, Sequence[str]]
) -> tuple[Finding, ...]:
    """Return findings without those of rules that a check has said already.

    Args:
        findings: Of checks and rules.
        like: By rule, the codes of checks that say the same.
    """
    said: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        said.setdefault((one.code, one.dataset), []).append(one)

    def repeats(one: Finding) -> bool:
        return any(
            (other.records or one.records) >= one.records and _shares(other, one)
            for code in like.get(one.code, ())
            for other in said.get((code, one.dataset), ())
        )

    return tuple(one for one in findings if not repeats(one))


def _shares(check: Finding, rule: Finding) -> bool:
    said = (rule.message, rule.expected, rule.variable, *rule.values)
    return not check.variable or any(check.variable in text for text in said)


def explain_findings(
    findings: Sequence[Finding], explanations: Sequence[Any], day: dt.date
) -> tuple[tuple[Finding, ...], tuple[Any, ...], tuple[Any, ...]]:
    """Return findings with the reasons that somebody gave, explanations in vain and run out.

    Args:
        findings: In any order.
        explanations: Blocks of ``explained.yaml``; the first that fits counts.
        day: The day against which ``until`` is held.
    """
    over = tuple(one for one in explanations if _is_over(one, day))
    current = [one for one in explanations if not _is_over(one, day)]
    used: set[int] = set()
    explained = []
    for finding in findings:
        fits = next((one for one in current if _fits(one, finding)), None)
        if fits is not None:
            used.add(id(fits))
            reason = f"{fits.because} ({fits.by})" if fits.by else fits.because
            explained.append(dataclasses.replace(finding, explained=reason))
        else:
            explained.append(finding)
    return tuple(explained), tuple(one for one in current if id(one) not in used), over


def _is_over(one: Any, day: dt.date) -> bool:
    return one.until is not None and dt.date.fromisoformat(one.until) < day


def _fits(one: Any, finding: Finding) -> bool:
    if one.fingerprint and one.fingerprint != finding.fingerprint:
        return False
    place = (finding.dataset, f"{finding.dataset}.{finding.variable}")
    return (
        one.finding in (finding.code, *finding.also)
        and (not one.where or one.where in place)
        and (not one.says or any(one.says in text for text in (finding.message, *finding.values)))
        and (one.records is None or finding.records <= one.records)
    )


def compared_with(
    findings: Iterable[Finding], previous: Sequence[Mapping[str, Any]]
) -> tuple[Finding, ...]:
    """Return findings marked against those of the run before, what is gone at the end.

    Args:
        findings: Of this run.
        previous: The findings of the report of the run before, as its JSON has them.

    Returns:
        Findings that are new, changed (another number of records, other values) or the
        same; then those that are gone.
    """
    before = {one["fingerprint"]: one for one in previous if one.get("status") != "gone"}
    marked = []
    for one in findings:
        old = before.pop(one.fingerprint, None)
        same = old is not None and (
            old["records"] == one.records and tuple(old["values"]) == one.values
        )
        status: Any = "new" if old is None else "same" if same else "changed"
        marked.append(dataclasses.replace(one, status=status))
    marked += [from_json(one, status="gone") for one in before.values()]
    return tuple(marked)


def to_json(one: Finding) -> dict[str, Any]:
    """Return a finding as values of JSON, with its fingerprint; empty parts stay."""
    return {"fingerprint": one.fingerprint, **dataclasses.asdict(one)}


def from_json(value: Mapping[str, Any], **changes: Any) -> Finding:
    """Return a finding that was written as JSON."""
    names = {field.name for field in dataclasses.fields(Finding)}
    parts = {
        name: tuple(part) if isinstance(part, list) else part
        for name, part in value.items()
        if name in names
    }
    return Finding(**{**parts, **changes})


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, the gravest first, then by dataset, rule and variable."""
    return tuple(
        sorted(
            findings,
            key=lambda one: (
                one.status == "gone",
                GRADES.index(one.severity),
                one.dataset,
                one.code,
                one.variable,
                one.message,
                one.values,
            ),
        )
    )


def hidden(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings without values of the data: keys, values, and help that may repeat them."""
    return tuple(dataclasses.replace(one, keys=(), values=(), help="") for one in findings)


def as_text(value: object) -> str:
    """Write JSON in the one form that reports have."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
