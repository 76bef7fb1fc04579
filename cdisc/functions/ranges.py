"""A row of a study table by the range that a number lies in: analysis windows, reference ranges."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from cdisc.diagnostics import Diagnostic
from cdisc.functions.lookups import refuse
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import name as sql_name
from cdisc.language.verb import Argument, R, Scope, Sql, Type, Typing, Use, Verb, Words

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MOST_SAID = 24  # rows that a method text lists
Row = tuple[str, ...]


def _table(use: Use, scope: Scope) -> tuple[Sequence[str], Sequence[Row]] | Diagnostic:
    return scope.table_rows(use.text("table") or "")


def _limits(columns: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of the columns ``low`` and ``high``, in any case."""
    folded = [one.lower() for one in columns]
    return (folded.index("low"), folded.index("high")) if {"low", "high"} <= set(folded) else None


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "number")
    for key in use.nodes("key"):
        check.require(key, "text", "number")
    found = _table(use, check.scope)
    if isinstance(found, Diagnostic):
        return refuse(found, use, check)
    columns, rows = found
    name, column = use.text("table"), use.text("column") or ""
    if column not in columns:
        fact = f'table "{name}" has no column "{column}"'
        return check.problem("SPEC020", fact, use.node, expected=", ".join(columns))
    limits = _limits(columns)
    if limits is None:
        fact = f'table "{name}" has no columns low and high'
        return check.problem("SPEC046", fact, use.node, expected="low and high among its columns")
    for fact in _wrong(rows, *limits):
        return check.problem("SPEC046", f'table "{name}": {fact}', use.node)
    for fact in _overlaps(rows, len(use.nodes("key")), *limits):
        help_ = "where a number lies in two ranges, neither is its own; both ends are included"
        return check.problem("SPEC047", f'table "{name}": {fact}', use.node, help=help_)
    return (
        "number"
        if check.scope.target_type == "number" and _numbers(rows, columns, use)
        else ("text")
    )


def _numbers(rows: Sequence[Row], columns: Sequence[str], use: Use) -> bool:
    values = [row[columns.index(use.text("column") or "")] for row in rows]
    return any(values) and all(_NUMBER.fullmatch(one) for one in values if one)


def _wrong(rows: Sequence[Row], low: int, high: int) -> Iterator[str]:
    for row in rows:
        for text in (row[low], row[high]):
            if text and not _NUMBER.fullmatch(text):
                yield f'"{text}" is no limit of a range'
        if row[low] and row[high] and float(row[low]) > float(row[high]):
            yield f"the range {_range(row[low], row[high])} ends before it begins"


def _overlaps(rows: Sequence[Row], keys: int, low: int, high: int) -> Iterator[str]:
    """Yield the ranges of the same keys that share a number."""

    def begins(row: Row) -> float:
        return float(row[low]) if row[low] else float("-inf")

    ordered = sorted(rows, key=lambda row: (row[:keys], begins(row)))
    for one, two in itertools.pairwise(ordered):
        end = float(one[high]) if one[high] else float("inf")
        if one[:keys] == two[:keys] and begins(two) <= end:
            of = f" of {' '.join(one[:keys])}" if keys else ""
            yield (
                f"the ranges {_range(one[low], one[high])} and {_range(two[low], two[high])}"
                f"{of} overlap"
            )


def _range(low: str, high: str) -> str:
    return " ".join([*([f"from {low}"] if low else []), *([f"to {high}"] if high else [])]) or "all"


def _sql(use: Use, out: Sql) -> str:
    found = _table(use, out.scope)
    assert not isinstance(found, Diagnostic)
    columns, rows = found
    limits = _limits(columns)
    assert limits is not None
    operand = out.column(use.operand)
    keys = [(out.column(one), out.type_of(one) == "number") for one in use.nodes("key")]

    def on(alias: str) -> str:
        low, high = (f"{alias}.{sql_name(columns[at])}" for at in limits)
        parts = [
            f"TRY_CAST({alias}.{sql_name(column)} AS DOUBLE) = {key}"
            if number
            else f"{alias}.{sql_name(column)} = {key}"
            for column, (key, number) in zip(columns, keys, strict=False)
        ]
        parts += [
            f"{operand} IS NOT NULL",
            f"({low} = '' OR {operand} >= TRY_CAST({low} AS DOUBLE))",
            f"({high} = '' OR {operand} <= TRY_CAST({high} AS DOUBLE))",
        ]
        return " AND ".join(parts)

    table = {one: [row[at] for row in rows] for at, one in enumerate(columns)}
    alias = out.joined(use.text("table") or "", table, on)
    value = f"nullif({alias}.{sql_name(use.text('column') or '')}, '')"
    return f"CAST({value} AS DOUBLE)" if out.type_of(use.node) == "number" else value


def _r(use: Use, out: R) -> str:
    found = _table(use, out.scope)
    assert not isinstance(found, Diagnostic)
    columns, rows = found
    limits = _limits(columns)
    assert limits is not None
    operand, at = out.r(use.operand), columns.index(use.text("column") or "")
    number = out.type_of(use.node) == "number"
    keys = [(out.r(one), out.type_of(one) == "number") for one in use.nodes("key")]
    whens = []
    for row in rows:
        tests = [
            f"{key} == {value if is_number else r_text(value)}"
            for value, (key, is_number) in zip(row, keys, strict=False)
        ]
        ends = zip((">=", "<="), (row[one] for one in limits), strict=True)
        tests += [f"{operand} {sign} {end}" for sign, end in ends if end]
        value = row[at] if number else r_text(row[at])
        missing = "NA_real_" if number else "NA_character_"
        tests = tests or [f"!is.na({operand})"]
        whens.append(f"{' & '.join(tests)} ~ {value if row[at] else missing}")
    return "case_when(\n  " + ",\n  ".join(whens) + "\n)"


def _english(use: Use, words: Words) -> str:
    found = _table(use, words.scope)
    assert not isinstance(found, Diagnostic)
    columns, rows = found
    limits = _limits(columns)
    assert limits is not None
    column = use.text("column") or ""
    keys = [words.say(one) for one in use.nodes("key")]
    by = f"{column} by {' and '.join([words.say(use.operand), *keys])}"
    if len(rows) > _MOST_SAID:
        same = "".join(
            f" {one} equal to {key} and" for one, key in zip(columns, keys, strict=False)
        )
        low, high = (columns[at] for at in limits)
        return (
            f"{by}: that of the row of the study's table {use.text('table')} with{same} {low} to"
            f" {high}, both included, around {words.say(use.operand)}; missing outside all rows"
        )
    said = [_said(row, len(keys), *limits, columns.index(column)) for row in rows]
    return f"{by}: {', '.join(said)}, both ends included; missing outside these ranges"


def _said(row: Row, keys: int, low: int, high: int, at: int) -> str:
    of = f"{' '.join(row[:keys])} " if keys else ""
    value = f"'{row[at]}'" if row[at] else "missing"
    return f"{value} {of}{_range(row[low], row[high])}"


def _values(use: Use, scope: Scope) -> tuple[tuple[str, str | None], ...]:
    found = _table(use, scope)
    assert not isinstance(found, Diagnostic)
    columns, rows = found
    at = columns.index(use.text("column") or "")
    values: Mapping[str, None] = dict.fromkeys(row[at] for row in rows if row[at])
    return tuple((one, None) for one in values)


WITHIN = Verb(
    name="within",
    form="step",
    summary=(
        "The value of a column of a study table, of the row whose columns low and high hold the"
        " number; `for` names what equals its first columns."
    ),
    missing="Missing stays missing; a number in no range gives missing. A blank limit is open.",
    arguments=(
        Argument("table", "word"),
        Argument("column", "word"),
        Argument("key", "value", after=("for",), many=True, optional=True),
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    values=_values,
    example="ADY | within windows AVISIT for PARAMCD",
)
