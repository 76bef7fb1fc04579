"""Findings are about data; `locate` adds the line of the spec that made them."""

import dataclasses
from collections.abc import Iterable, Mapping

from cdisc.diagnostics import Diagnostic, Span


def locate(
    findings: Iterable[Diagnostic], places: Mapping[tuple[str, str | None], Span]
) -> tuple[Diagnostic, ...]:
    """Return the findings with the place in the spec that each is about.

    Args:
        findings: As `validate_study` gives them.
        places: Span of each dataset and variable; of the dataset itself under
            the variable None, which also serves variables without a line.

    Returns:
        The findings in their order; those that have a place keep it, and those
        without any in `places` stay without.

    Example:
        >>> finding = Diagnostic("SDTM022", "no records", dataset="AE")
        >>> str(locate([finding], {("AE", None): Span("sdtm/ae.yaml", 1, 1, 12)})[0].span)
        'sdtm/ae.yaml:1:1'
    """
    return tuple(
        finding
        if finding.span is not None or finding.dataset is None
        else dataclasses.replace(finding, span=_place(finding.dataset, finding.variable, places))
        for finding in findings
    )


def _place(
    dataset: str, variable: str | None, places: Mapping[tuple[str, str | None], Span]
) -> Span | None:
    return places.get((dataset, variable), places.get((dataset, None)))
