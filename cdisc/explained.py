"""Findings that stay: the study says why, and a reviewer reads the reason beside them.

An explanation holds for the findings that it describes and no others: where more records
are concerned than it was written for, or its day has passed, the finding is open again.
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from cdisc.diagnostics import Diagnostic, Span, catalogue, did_you_mean
from cdisc.spec.study import ExplanationBlock
from cdisc.validate.rules import load_rules
from cdisc.validate.rules.presence import load_presence

Explanations = Sequence[tuple[ExplanationBlock, Span]]


def explain(
    findings: Sequence[Diagnostic], explanations: Explanations, day: dt.date
) -> tuple[Diagnostic, ...]:
    """Return findings with the reasons that the study gives, and what is wrong with these.

    Args:
        findings: Of one build, in any order.
        explanations: Of ``explained.yaml``, with their places; the first that fits counts.
        day: The day for which the build is made, against which ``until`` is held.

    Returns:
        The findings in their order, then DATA036 for explanations that explain nothing and
        DATA037 for those that have run out.
    """
    current = [one for one in explanations if not _is_over(one[0], day)]
    used: set[Span] = set()
    said: list[Diagnostic] = []
    for finding in findings:
        fits = next((one for one in current if _fits(one[0], finding)), None)
        if fits is None:
            said.append(finding)
            continue
        used.add(fits[1])
        reason = f"{fits[0].because} ({fits[0].by})" if fits[0].by else fits[0].because
        said.append(dataclasses.replace(finding, explained=reason))
    over = [_over(*one) for one in explanations if _is_over(one[0], day)]
    vain = [
        _in_vain(*one) for one in current if one[1] not in used and not _of_package(one[0].finding)
    ]
    return (*said, *over, *vain)


def _of_package(code: str) -> bool:
    """Say whether it is the package that is judged, when it is there."""
    return code.startswith("PKG") or code in _of_rules()


def _of_rules() -> frozenset[str]:
    """Return the ids of rules: they judge the package."""
    found: set[str] = set()
    for stage in ("sdtm", "adam"):
        found.update(one.code for one in load_rules(stage))
        found.update(one.code for one in load_presence(stage))
    return frozenset(found)


def _fits(one: ExplanationBlock, finding: Diagnostic) -> bool:
    place = (finding.dataset or "", f"{finding.dataset or ''}.{finding.variable or ''}")
    return (
        one.finding == finding.code
        and (not one.fingerprint or one.fingerprint == _fingerprint(finding))
        and (not one.where or one.where in place)
        and (not one.says or any(one.says in text for text in (finding.fact, *finding.found)))
        and (one.records is None or (finding.records or 0) <= one.records)
    )


def _fingerprint(finding: Diagnostic) -> str:
    """Return what a finding is, as the report of a validation writes it."""
    return f"{finding.code}/{finding.dataset or ''}/{finding.variable or ''}/{finding.fact}"


def _is_over(one: ExplanationBlock, day: dt.date) -> bool:
    return one.until is not None and dt.date.fromisoformat(one.until) < day


def _over(one: ExplanationBlock, span: Span) -> Diagnostic:
    return Diagnostic(
        "DATA037",
        f"the explanation of {one.finding} held until {one.until}",
        span,
        help="look at the finding again, then mend it or move the day",
    )


def _in_vain(one: ExplanationBlock, span: Span) -> Diagnostic:
    known = one.finding in catalogue()
    return Diagnostic(
        "DATA036",
        f"no finding {one.finding}{f' of {one.where}' if one.where else ''} is explained by this",
        span,
        help="remove it" if known else did_you_mean(one.finding, catalogue()),
    )
