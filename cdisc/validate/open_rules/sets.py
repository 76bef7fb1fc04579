"""Operations over what other operations gave: lists without others, and values by a table."""

from collections.abc import Sequence
from typing import Any

from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Column, Frame, plain
from cdisc.validate.open_rules.context import Computed, Context, list_of
from cdisc.validate.open_rules.rule import UnknownConstructError

_OUTPUT = "output"


def minus(context: Context) -> Computed:
    """Return a list without what is in another, in its own order.

    If the order counts, what is taken away is looked for behind what was taken away before.
    """
    taken = context.operation.options.get("subtract")
    whole = context.frame.column(str(context.operation.name))
    part = context.frame.column(str(taken)) if taken else list_column(())
    if context.operation.options.get("order_insensitive"):
        rest = f"list_filter(f.{whole.sql}, lambda __one: NOT list_contains(f.{part.sql}, __one))"
        return Computed(rest if taken else f"f.{whole.sql}", "list")
    if whole.items is None or part.items is None:
        raise UnknownConstructError("minus in order of lists that differ by record")
    return list_of(without(whole.items, part.items))


def list_column(items: Sequence[str]) -> Column:
    """Return a list that is the same for every record, as a column."""
    return Column(list_of(items).sql, "list", items=tuple(items))


def without(whole: Sequence[str], part: Sequence[str]) -> list[str]:
    """Return a list without another, each item looked for behind the one before.

    Example:
        >>> without(["A", "B", "C", "A"], ["B", "A"])
        ['A', 'C']
        >>> without(["A", "B"], ["B", "A"])
        ['A']
    """
    left: list[str] = []
    rest = list(whole)
    for item in part:
        if item in rest:
            place = rest.index(item)
            left += rest[:place]
            rest = rest[place:]
            while rest and rest[0] == item:
                rest.pop(0)
    return [*left, *rest]


def mapped(context: Context) -> Computed:
    """Return the output of the first line of a table whose other cells are those of a record."""
    lines: list[dict[str, Any]] = context.operation.options["map"]
    cases = []
    for line in lines:
        output = context.frame.literal(line[_OUTPUT])
        conditions = [
            _is(context.frame, name, value) for name, value in line.items() if name != _OUTPUT
        ]
        cases.append(f"WHEN {' AND '.join(conditions) or 'true'} THEN {output.sql}")
    kinds = {context.frame.literal(line[_OUTPUT]).kind for line in lines} - {"missing"}
    if len(kinds) > 1:
        raise UnknownConstructError("a map to values of several types")
    return Computed(f"CASE {' '.join(cases)} END", next(iter(kinds), "text"))


def _is(frame: Frame, name: str, value: object) -> str:
    """Return whether a record has a value, as SQL; numbers and texts agree by what they say."""
    column, wanted = frame.column(name), frame.literal(value)
    if wanted.kind == "missing":
        return f"f.{column.sql} IS NULL"
    if column.kind == "boolean":
        return f"f.{column.sql} IS NOT DISTINCT FROM ({text(str(value).lower())} = 'true')"
    return f"{plain(f'f.{column.sql}')} IS NOT DISTINCT FROM {plain(wanted.sql)}"


def is_null(context: Context) -> Computed:
    """Return whether a variable of the dataset has no value at all, or is not there."""
    table = context.own()
    name = context.frame.named(str(context.operation.name))
    if name not in table.names:
        return Computed("true", "boolean")
    counted = f"SELECT count({quoted(name)}) = 0 FROM {table.relation}"
    return Computed(f"({counted})", "boolean")
