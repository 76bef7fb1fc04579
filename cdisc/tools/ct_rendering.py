"""What changed between two releases, as people read it and as machines do."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from cdisc.standard import TermStandard
from cdisc.standard.difference import KINDS, CodelistChange, Difference, TermChange
from cdisc.tools.ct_impact import TouchedValue, TouchedVariable

_SIGNS = {"added": "+", "retired": "-", "renamed": ">", "recoded": "#", "reworded": "~"}
_CODELISTS: tuple[Literal["added", "retired", "changed"], ...] = ("added", "retired", "changed")


def to_text(changed: Difference, study: Sequence[TouchedVariable] | None = None) -> str:
    """Return a difference as text; of a study only what it touches, with the totals."""
    lines = [f"{_name(changed, 'old')} -> {_name(changed, 'new')}", *_totals(changed), ""]
    lines += _codelists(changed) if study is None else _study(study)
    return "\n".join(lines).rstrip() + "\n"


def to_json(changed: Difference, study: Sequence[TouchedVariable] | None = None) -> str:
    """Return a difference as JSON, whole; and of a study what it touches."""
    value: dict[str, object] = {
        "old": _name(changed, "old"),
        "new": _name(changed, "new"),
        "codelists": [_codelist_value(one) for one in changed.codelists],
    }
    if study is not None:
        value["study"] = [_variable_value(one) for one in study]
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _name(changed: Difference, which: str) -> str:
    one = changed.old if which == "old" else changed.new
    return f"{one.package} {one.date}"


def _totals(changed: Difference) -> Iterator[str]:
    lists = Counter(one.kind for one in changed.codelists)
    yield "  codelists: " + ", ".join(f"{lists[kind]:,} {kind}" for kind in _CODELISTS)
    terms = Counter(term.kind for one in changed.codelists for term in one.terms)
    whole = Counter[str]()
    for one in changed.codelists:
        if one.kind != "changed":
            whole[one.kind] += len(one.last.terms)
    counted = (f"{terms[kind] + whole[kind]:,} {kind}" for kind in KINDS)
    yield "  terms: " + ", ".join(counted)


def _codelists(changed: Difference) -> Iterator[str]:
    for one in changed.codelists:
        yield f"{_head(one)}  {one.last.name}"
        yield from (f"    {_term(term)}" for term in one.terms)


def _head(one: CodelistChange) -> str:
    sign = {"added": "+", "retired": "-", "changed": " "}[one.kind]
    said = [f"{sign} {one.code} {one.last.submission_value}"]
    if one.kind != "changed":
        said.append(f"({len(one.last.terms)} terms)")
    if one.old is not None and one.renamed:
        said.append(f"was {one.old.submission_value}")
    if one.extensibility:
        said.append(f"now {'extensible' if one.last.extensible else 'not extensible'}")
    return "  ".join(said)


def _term(term: TermChange) -> str:
    last = term.new or term.old
    assert last
    said = f"{_SIGNS[term.kind]} {last.code} {last.value}"
    if term.kind == "renamed" and term.old:
        return f"{_SIGNS[term.kind]} {last.code} {term.old.value} -> {last.value}"
    if term.kind == "recoded" and term.old:
        return f"{said}  was {term.old.code}"
    if term.kind == "reworded" and term.old:
        return f"{said}  {_wording(term.old, last)}"
    return said


def _wording(old: TermStandard, new: TermStandard) -> str:
    said = []
    if old.preferred_term != new.preferred_term:
        said.append(f"{old.preferred_term} -> {new.preferred_term}")
    said += (f"-{one}" for one in old.synonyms if one not in new.synonyms)
    said += (f"+{one}" for one in new.synonyms if one not in old.synonyms)
    return "; ".join(said)


def _study(study: Sequence[TouchedVariable]) -> Iterator[str]:
    values = sum(len(one.values) for one in study)
    yield f"{len(study)} variables have a codelist that changed, {values} of their values did"
    for one in study:
        counts = Counter(term.kind for term in one.change.terms)
        terms = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
        yield (
            f"  {one.dataset}.{one.variable}  {_head(one.change).strip()}"
            f"{f'  terms: {terms}' if terms else ''}  {one.place}"
        )
        yield from (f"    {_value(value)}" for value in one.values)


def _value(one: TouchedValue) -> str:
    new = f" -> {one.new}" if one.new is not None and one.new != one.value else ""
    records = "" if one.records is None else f"  {one.records} records"
    places = f"  {', '.join(one.places)}" if one.places else ""
    return f"{one.kind}  {one.value}{new}{records}{places}"


def _codelist_value(one: CodelistChange) -> dict[str, object]:
    value: dict[str, object] = {
        "kind": one.kind,
        "code": one.code,
        "value": one.last.submission_value,
        "name": one.last.name,
        "extensible": one.last.extensible,
    }
    if one.old is not None and one.renamed:
        value["was"] = one.old.submission_value
    if one.extensibility:
        value["extensible_was"] = not one.last.extensible
    if one.kind != "changed":
        changes = [(one.kind, term.code, term.value) for term in one.last.terms]
        value["terms"] = [
            {"kind": kind, "code": code, "value": text} for kind, code, text in changes
        ]
    else:
        value["terms"] = [_term_value(term) for term in one.terms]
    return value


def _term_value(term: TermChange) -> dict[str, object]:
    last = term.new or term.old
    assert last
    value: dict[str, object] = {"kind": term.kind, "code": last.code, "value": last.value}
    if term.old is not None and term.new is not None:
        value["was"] = {
            "code": term.old.code,
            "value": term.old.value,
            "preferred_term": term.old.preferred_term,
        }
    if term.kind == "reworded" and term.old is not None:
        value["synonyms_retired"] = [one for one in term.old.synonyms if one not in last.synonyms]
        value["synonyms_added"] = [one for one in last.synonyms if one not in term.old.synonyms]
    return value


def _variable_value(one: TouchedVariable) -> dict[str, object]:
    return {
        "dataset": one.dataset,
        "variable": one.variable,
        "place": one.place,
        "codelist": one.change.code,
        "change": one.change.kind,
        "values": [
            {
                "kind": value.kind,
                "value": value.value,
                "new": value.new,
                "places": list(value.places),
                "records": value.records,
            }
            for value in one.values
        ],
    }
