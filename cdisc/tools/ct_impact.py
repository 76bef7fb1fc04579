"""What a change of terminology touches in a study: variables, written values, records.

A variable is touched where one of its codelists changed. A value is touched where the study
writes it, in its terms or in a line, or where records have it, and where the new release
does not have it as it was; or where the study had to add it and the release now has it.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from cdisc.diagnostics import Span
from cdisc.engine.possible import possible
from cdisc.engine.program import DatasetPlan, Program, VariablePlan
from cdisc.standard.difference import CodelistChange, Difference, TermChange

# How often each value of a variable occurs; None where there are no data.
Counts = Callable[[str, str], Mapping[str, int]]

_CT = re.compile(r"\bct\s+([A-Z]\w*)")


@dataclasses.dataclass(frozen=True, slots=True)
class TouchedValue:
    """A value of the study that the new release does not have as it was.

    Attributes:
        kind: As in `TermChange`; ``published`` for a value that the study had added.
        value: The submission value as the study has it.
        new: The value as it is in the new release, or None.
        places: Where the study writes it.
        records: Records that have it, or None without data.
    """

    kind: str
    value: str
    new: str | None
    places: tuple[str, ...]
    records: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class TouchedVariable:
    """A variable with a codelist that changed."""

    dataset: str
    variable: str
    place: str
    change: CodelistChange
    values: tuple[TouchedValue, ...]


def touched(
    program: Program, changed: Difference, counts: Counts | None = None
) -> tuple[TouchedVariable, ...]:
    """Return the variables of a study that a difference touches, in the order of the study.

    Args:
        program: The study.
        changed: What changed.
        counts: Values of a variable of a dataset with their numbers of records.
    """
    found: list[TouchedVariable] = []
    for plan in program.datasets.values():
        if plan.of is not None:
            continue
        for variable in plan.variables.values():
            codes = _codelists(variable, changed)
            still = _still(codes, changed)
            found += (
                _touched(program, plan, variable, change, still, counts)
                for change in map(changed.codelist, codes)
                if change is not None
            )
    return tuple(found)


def _codelists(variable: VariablePlan, changed: Difference) -> Iterable[str]:
    """Return the codes of the codelists of a variable: its own, and those its verbs name."""
    block = variable.line.block
    said = [block.codelist] if block and block.codelist else []
    own = variable.standard.codelists if variable.standard and not said else ()
    named = [*said, *own, *_CT.findall(variable.checked.expression.text)]
    releases = (changed.old, changed.new)
    found = [release.codelist(name) for name in named for release in releases]
    return dict.fromkeys(one.code for one in found if one is not None)


def _still(codes: Iterable[str], changed: Difference) -> dict[str, set[str]]:
    """Return the values that each codelist has now; one of them may have what another lost."""
    now = {code: changed.new.codelist(code) for code in codes}
    return {code: {term.value for term in one.terms} for code, one in now.items() if one}


def _touched(
    program: Program,
    plan: DatasetPlan,
    variable: VariablePlan,
    change: CodelistChange,
    still: Mapping[str, set[str]],
    counts: Counts | None,
) -> TouchedVariable:
    name, own = variable.name.removeprefix("supp:"), change.code
    written = _written(program, plan, variable, change)
    held = counts(plan.name, variable.name) if counts else {}
    values = tuple(
        TouchedValue(
            kind, value, new, written.get(value, ()), held.get(value, 0) if counts else None
        )
        for kind, value, new in _changed_values(change)
        if value in written or value in held
        if kind != "retired" or not any(value in still[code] for code in still if code != own)
    )
    place = _shown(program, variable.checked.expression.span())
    return TouchedVariable(plan.name, name, place, change, values)


def _changed_values(change: CodelistChange) -> Iterator[tuple[str, str, str | None]]:
    """Yield the values whose meaning a study has to look at: kind, value, new value."""
    if change.kind == "retired":
        for term in change.last.terms:
            yield "retired", term.value, None
    for one in change.terms:
        yield from _changed_value(one)


def _changed_value(one: TermChange) -> Iterator[tuple[str, str, str | None]]:
    if one.old is not None and one.kind in {"retired", "renamed"}:
        yield one.kind, one.old.value, one.new.value if one.new else None
    if one.new is not None and one.kind in {"added", "renamed"}:
        yield "published", one.new.value, one.new.value


def _written(
    program: Program, plan: DatasetPlan, variable: VariablePlan, change: CodelistChange
) -> dict[str, tuple[str, ...]]:
    """Return the values that the study writes for a variable, each with its places."""
    found: dict[str, list[str]] = {}
    terms = program.loaded.terms
    for name in _names_of_terms(variable, change):
        document, loc = program.loaded.term_places.get(name, (None, ()))
        for text, value in terms.get(name, {}).items():
            place = _shown(program, document.span((*loc, text))) if document else name
            found.setdefault(value, []).append(place)
    line = _shown(program, variable.checked.expression.span())
    for value, _decode in possible(variable):
        found.setdefault(value, []).append(line)
    for source in plan.sources:
        for value in source.tests:
            found.setdefault(value, []).append(_shown(program, source.span))
    return {value: tuple(dict.fromkeys(places)) for value, places in found.items()}


def _names_of_terms(variable: VariablePlan, change: CodelistChange) -> Iterable[str]:
    """Return the names under which a study may write the terms of a variable."""
    name = variable.name.removeprefix("supp:")
    own = {one.submission_value for one in (change.old, change.new) if one is not None}
    said = _CT.findall(variable.checked.expression.text)
    return dict.fromkeys([*said, name, name[2:], *sorted(own), change.code])


def _shown(program: Program, span: Span) -> str:
    return f"{program.loaded.inside(span.file)}:{span.line}"
