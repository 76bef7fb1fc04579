"""Rules of ours and published rules that say the same: what both find is reported once.

Which rules say the same is a table, `same` in ``specs/published.yaml``. A rule of ours tells the
numbers of the records that it found, and the published rule keeps only others. A check tells how
many they are: it says the same where dataset, variable and number agree.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from cdisc.engine.lines import read_specs
from cdisc.validate.open_rules.bulk import Said
from cdisc.validate.rules import Finding

Rows = dict[str, dict[str, frozenset[int]]]
"""By the code of a rule and the fingerprint of a finding: the numbers of its records."""


@cache
def same() -> Mapping[str, tuple[str, ...]]:
    """Return, by published rule, the rules and checks of ours that say the same."""
    known = read_specs("published.yaml")["same"]
    return {rule: tuple(codes) for rule, codes in known.items()}


def wanted_rows() -> Rows:
    """Return a place for the numbers of records, for each code that says what a rule says."""
    return {code: {} for codes in same().values() for code in codes}


def said_of(findings: Iterable[Finding], rows: Rows) -> Said:
    """Return what rules of ours have said, by published rule and dataset."""
    said: dict[tuple[str, str], dict[str, tuple[str, frozenset[int]]]] = {}
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        by_code.setdefault(one.code, []).append(one)
    for rule, codes in same().items():
        for code in codes:
            for one in by_code.get(code, ()):
                numbers = rows.get(code, {}).get(one.fingerprint)
                if numbers:
                    here = said.setdefault((rule, one.dataset), {})
                    here[one.fingerprint] = (one.variable, numbers)
    return said


def merged(
    own: Sequence[Finding],
    published: Iterable[Finding],
    repeated: Iterable[tuple[str, str]],
    rows: Rows,
) -> list[Finding]:
    """Return findings of both origins, each of them once, with the rules that said it too.

    Args:
        own: What rules and checks of ours found.
        published: What published rules found, without the records that `repeated` tells of.
        repeated: Published rules, and the fingerprint of the finding of ours that said the same.
        rows: Of which findings of ours the records are known.
    """
    also: dict[str, dict[str, None]] = {}
    for rule, fingerprint in sorted(repeated):
        also.setdefault(fingerprint, {})[rule] = None
    counted = {
        one.fingerprint: one
        for one in own
        if one.fingerprint not in rows.get(one.code, {}) and one.code in _codes()
    }
    kept = []
    for one in published:
        other = next((each for each in counted.values() if _agree(each, one)), None)
        if other is None:
            kept.append(one)
        else:
            also.setdefault(other.fingerprint, {})[one.code] = None
    told = (
        dataclasses.replace(one, also=tuple(also.get(one.fingerprint, ())))
        if one.fingerprint in also
        else one
        for one in own
    )
    return [*told, *kept]


def passed_on(findings: Sequence[Finding], like: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Return findings, those of checks with what rules that they silence would have named.

    Args:
        findings: In any order.
        like: By rule, the codes of checks that say the same; where one does, the rule is silent.
    """
    also: dict[tuple[str, str], dict[str, None]] = {}
    for one in findings:
        for code in like.get(one.code, ()) if one.also else ():
            also.setdefault((code, one.dataset), {}).update(dict.fromkeys(one.also))
    return [
        dataclasses.replace(one, also=tuple({**dict.fromkeys(one.also), **more}))
        if (more := also.get((one.code, one.dataset)))
        else one
        for one in findings
    ]


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for codes in same().values() for code in codes)


def _agree(own: Finding, published: Finding) -> bool:
    """Say whether a finding whose records are not known is the same as one of a published rule."""
    if own.code not in same().get(published.code, ()):
        return False
    if not own.records and not published.records:
        return own.dataset in {"", published.dataset} or not published.dataset
    places = {own.variable, published.variable}
    about = len(places) == 1 or "" in places
    return own.dataset == published.dataset and about and own.records == published.records
