"""Variables whose values mean something else by test or parameter, and what the spec says of each.

``specs/language.yaml`` names them by class of dataset. Types and lengths follow from the
values; here stands what only the mapping knows: of which source the records of a test are,
and so where its values come from and how they are computed.
"""

import dataclasses
from collections.abc import Iterator, Mapping

from cdisc.dataset import Codelist, Division, Method, Origin, Subset, Value
from cdisc.engine.lines import implied
from cdisc.engine.origin import origin_of_piece
from cdisc.engine.program import DatasetPlan, Program, RowSource, VariablePlan
from cdisc.engine.said import numbered, piece_text
from cdisc.language import tree as t


def division_of(
    program: Program, plan: DatasetPlan, name: str, *, class_name: str
) -> Division | None:
    """Return what divides the values of a variable, or None.

    The origin and the method of a test are told where they are not those of all tests and
    all records of the test have the same.

    Args:
        program: The study.
        plan: The dataset.
        name: Its variable.
        class_name: The class of the dataset, such as ``FINDINGS``.
    """
    for one in implied()["value_level"]:
        by, label, of = _named(plan, one)
        if class_name in one["class"] and name in of and by in plan.order:
            values = _values(program, plan, plan.variables[by], plan.variables[name])
            return Division(by, label if label in plan.order else None, tuple(values))
    return None


def with_subsets(division: Division, subsets: tuple[Subset, ...]) -> Division | None:
    """Return a division that holds the codelists of subsets; None if another variable divides."""
    codelists: dict[str, Codelist | None] = {}
    otherwise = None
    for subset in subsets:
        (one, *more) = subset.where
        if one.variable != division.by or more:
            return None
        if one.negated:
            otherwise = subset.codelist
        else:
            codelists.update(dict.fromkeys(one.values, subset.codelist))
    known = {one.of: one for one in division.values}
    return dataclasses.replace(
        division,
        otherwise=otherwise,
        values=tuple(
            dataclasses.replace(known.get(of) or Value(of), codelist=codelists.get(of))
            for of in sorted({*known, *codelists})
        ),
    )


def _named(plan: DatasetPlan, line: Mapping[str, str]) -> tuple[str, str, list[str]]:
    by, label = (line[one].replace("--", plan.domain) for one in ("by", "label"))
    return by, label, [one.replace("--", plan.domain) for one in line["of"]]


def _values(
    program: Program, plan: DatasetPlan, by: VariablePlan, variable: VariablePlan
) -> Iterator[Value]:
    tree = variable.checked.expression.tree
    if not isinstance(tree, t.BySource) or plan.sources[0].name in program.datasets:
        return
    pieces = dict(numbered(tree))
    found = {}
    for of, numbers in _sources(plan, by).items():
        parts = {number if number in pieces else None for number in numbers}
        if len(parts) == 1:
            found[of] = parts.pop()
    if len(set(found.values())) < 2:  # noqa: PLR2004  what all have the variable says itself
        return
    for of, number in found.items():
        node = tree.default if number is None else pieces[number].value
        if node is not None:
            origin = origin_of_piece(program, plan, variable, node)
            yield Value(of, origin=origin, method=_method(plan, variable, node, origin))


def _method(
    plan: DatasetPlan, variable: VariablePlan, node: t.Node, origin: Origin
) -> Method | None:
    if origin.type != "Derived":
        return None
    text = variable.checked.expression.text[node.start : node.end]
    return Method(piece_text(plan, variable, node), " ".join(text.split()))


def _sources(plan: DatasetPlan, by: VariablePlan) -> dict[str, set[int]]:
    """Return the row sources from which the records of each test come, by their indices."""
    found: dict[str, set[int]] = {}
    for number, source in enumerate(plan.sources):
        for of in _tests(source, number, by):
            found.setdefault(of, set()).add(number)
    return found


def _tests(source: RowSource, number: int, by: VariablePlan) -> Iterator[str]:
    tree = by.checked.expression.tree
    node: t.Node | None = tree
    if isinstance(tree, t.BySource):
        branch = dict(numbered(tree)).get(number)
        node = branch.value if branch else tree.default
    match node:
        case t.Text(value=value) | t.Const(value=value):
            yield value
        case t.Ref(qualifier="test", name="code"):
            yield from source.tests
