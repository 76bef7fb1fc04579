"""Runs rules over a study, and tells what each finds."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from cdisc.functions.sqltext import name as quoted
from cdisc.validate.open_rules import dates, groups, operations, operators  # noqa: F401  some add
from cdisc.validate.open_rules.columns import Frame, MissingVariableError
from cdisc.validate.open_rules.frames import TYPES, frames_of
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.operators import predicate
from cdisc.validate.open_rules.rule import Condition, Rule, Test, UnknownConstructError
from cdisc.validate.open_rules.scope import tables_of
from cdisc.validate.open_rules.study import Study

ABSENT = "Not in dataset"
_UNKNOWN = "CAST(NULL AS BOOLEAN)"
_NEVER = frozenset({"(false)", "(NOT (true))", f"({_UNKNOWN})"})


@dataclasses.dataclass(frozen=True)
class Found:
    """What a rule found.

    Attributes:
        rule: The rule.
        dataset: The dataset.
        record: Number of the record, from 1; None where the finding is of a whole dataset.
        values: Name and value of each variable that the finding shows.
    """

    rule: Rule
    dataset: str
    record: int | None
    values: tuple[tuple[str, Any], ...]


def run(rule: Rule, study: Study, library: Library) -> Iterator[Found]:
    """Run a rule over the datasets that it is for.

    Raises:
        UnknownConstructError: The rule says what is not known.
    """
    if why := hindrance(rule):
        raise UnknownConstructError(why)
    tables = tables_of(rule, study, library)
    for frame in frames_of(rule, study, library, tables):
        yield from _found(rule, frame, condition(frame, rule.check), study)


def hindrance(rule: Rule) -> str:
    """Return what of a rule is not known here; empty where all is."""
    for test in rule.tests():
        if test.operator not in operators.known():
            return f"operator {test.operator}"
    for operation in rule.operations:
        if operation.operator not in operations.known():
            return f"operation {operation.operator}"
    return "" if rule.type in TYPES else f"rule type {rule.type}"


def condition(frame: Frame, check: Condition) -> str:
    """Return a tree of conditions as SQL; of a variable that is not there, nothing is known."""
    if isinstance(check, Test):
        try:
            return predicate(frame, check)
        except MissingVariableError:
            return _UNKNOWN
    word = " OR " if check.kind == "any" else " AND "
    parts = [condition(frame, one) for one in check.parts]
    if (all if check.kind == "any" else any)(one == _UNKNOWN for one in parts):
        return _UNKNOWN
    joined = f"({word.join(parts)})"
    return f"NOT {joined}" if check.kind == "not" else joined


def predicate_of(frame: Frame, check: Condition) -> str | None:
    """Return a tree of conditions as SQL; None where it can hold of no record, whatever the data.

    It is true of the records of which `condition` is; what is false and what is not known are
    not told apart.
    """
    if isinstance(check, Test):
        try:
            sql = predicate(frame, check)
        except MissingVariableError:
            return None
        return None if sql in _NEVER else sql
    if check.kind == "not":
        return condition(frame, check)
    parts = [predicate_of(frame, one) for one in check.parts]
    some = [one for one in parts if one is not None]
    if check.kind == "all" and len(some) < len(parts):
        return None
    word = " OR " if check.kind == "any" else " AND "
    return f"({word.join(some)})" if some else None


def _found(rule: Rule, frame: Frame, where: str, study: Study) -> Iterator[Found]:
    names = shown_of(rule, frame)
    there = [name for name in names if name in frame.columns]
    grouping = [frame.named(one) for one in rule.grouping if rule.sensitivity == "Group"]
    by = [name for name in grouping if name in frame.columns]
    selected = ", ".join(["__row", *map(quoted, there), *map(quoted, by)])
    rows = study.database.rows(
        f"WITH f AS MATERIALIZED ({frame.query}) SELECT {selected} FROM "
        f"(SELECT *, {where} AS __hit FROM f) WHERE __hit ORDER BY __row"
    )
    dataset = frame.dataset
    if rule.sensitivity == "Dataset":
        dataset = ", ".join(sorted({frame.placed(row[0])[0] for row in rows}))
        rows = [(None, *row[1:]) for row in rows[:1]]
    if by:
        first: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for row in rows:
            first.setdefault(row[len(row) - len(by) :], row)
        rows = list(first.values())
    for row in rows:
        values = dict(zip(there, row[1:], strict=False))  # the groups stand behind them
        part, record = frame.placed(row[0])
        yield Found(
            rule,
            dataset if record is None else part,
            record,
            tuple((name, values.get(name, ABSENT)) for name in names),
        )


def shown_of(rule: Rule, frame: Frame) -> list[str]:
    """Return the variables that a finding shows: those the rule names, else all it asks about."""
    names = rule.outputs or [one.name for one in rule.tests() if one.name]
    shown: dict[str, None] = {}
    for name in map(frame.named, names):
        shown[name] = None
        column = frame.columns.get(name)
        # with a list of variables, those of them that the records have
        items = column.items if column else None
        shown |= dict.fromkeys(one for one in items or () if one in frame.columns)
    return list(shown)
