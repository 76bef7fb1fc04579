"""Operators that compare a record with others: uniqueness, relationships, order."""

from collections.abc import Sequence

from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Column, Frame, MissingVariableError
from cdisc.validate.open_rules.dates import complete_to, precision
from cdisc.validate.open_rules.operators import operator, target
from cdisc.validate.open_rules.rule import Test, UnknownConstructError


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else []


def _present(frame: Frame, names: Sequence[str]) -> list[Column]:
    """Return the columns of names, without those that the frame does not have."""
    named = frame.expanded(names)
    return [frame.columns[name] for name in named if name in frame.columns]


def _over(columns: Sequence[str], order: str = "") -> str:
    parts = f"PARTITION BY {', '.join(columns)}" if columns else ""
    return f"OVER ({parts} {order})"


@operator("is_unique_set", "is_not_unique_set")
def _unique(frame: Frame, test: Test) -> str:
    names = [str(test.name), *_listed(test.value)]
    columns = [one.sql for one in _present(frame, names)]
    if pattern := test.options.get("regex"):
        columns = [_matched(one, str(pattern)) for one in _present(frame, names)]
    return f"count(*) {_over(columns)} <= 1" if columns else "true"


def _matched(column: Column, pattern: str) -> str:
    """Return the part of a text that matches, where the first text of the column has one."""
    if column.kind != "text":
        return column.sql
    sample = f"(SELECT first({column.sql} ORDER BY __row) FROM f WHERE {column.sql} IS NOT NULL)"
    part = f"nullif(regexp_extract({column.sql}, {text(pattern)}), '')"
    return f"CASE WHEN regexp_matches({sample}, {text(pattern)}) THEN {part} ELSE {column.sql} END"


@operator("is_unique_relationship", "is_not_unique_relationship", wrong=True)
def _related(frame: Frame, test: Test) -> str:
    one = target(frame, test).sql
    others = [frame.column(name).sql for name in _listed(test.value)]
    there = " AND ".join(f"{other} IS NOT NULL" for other in others)
    other = (
        others[0] if len(others) == 1 else f"CASE WHEN {there} THEN row({', '.join(others)}) END"
    )
    return f"({_several(one, other)}) OR ({_several(other, one)})"


def _several(key: str, value: str) -> str:
    """Say of a record whether its key goes with several values, or with one and with none."""
    count, none = f"count(DISTINCT {value})", f"bool_or({value} IS NULL)"
    return (
        f"{key} IS NOT NULL AND {key} IN (SELECT {key} FROM f WHERE {key} IS NOT NULL "
        f"GROUP BY {key} HAVING {count} > 1 OR ({count} = 1 AND {none}))"
    )


@operator("is_consistent_across_dataset", "is_inconsistent_across_dataset", wrong=True)
def _inconsistent(frame: Frame, test: Test) -> str:
    """The values that are rarer than another of their group; all, where none is commonest."""
    column = f"coalesce(CAST({target(frame, test).sql} AS VARCHAR), '')"
    groups = [one.sql for one in _present(frame, _listed(test.value))]
    if not groups:
        raise MissingVariableError(str(test.value))
    by = ", ".join(groups)
    # groups are counted first: there are fewer of them than records
    keys = [f"g{at}" for at in range(max(1, len(groups)))]
    listed = ", ".join(f"{one} AS {key}" for one, key in zip(groups or ["1"], keys, strict=True))
    names = ", ".join(keys)
    counted = f"SELECT {listed}, {column} AS v, count(*) AS n FROM f GROUP BY {by}, {column}"
    most = f"SELECT {names}, v, n, max(n) {_over(keys)} AS most FROM ({counted})"
    wrong = (
        f"SELECT {names}, v FROM (SELECT *, count(*) FILTER (n = most) {_over(keys)} AS commonest "
        f"FROM ({most})) WHERE n < most OR commonest > 1"
    )
    same = " AND ".join(f"r.{key} IS NOT DISTINCT FROM w.{key}" for key in [*keys, "v"])
    return (
        f"__row IN (SELECT r.__row FROM (SELECT __row, {listed}, {column} AS v FROM f) AS r "
        f"JOIN ({wrong}) AS w ON {same})"
    )


@operator("present_on_multiple_rows_within", "not_present_on_multiple_rows_within")
def _repeated(frame: Frame, test: Test) -> str:
    groups = [frame.column(name).sql for name in _listed(test.options["within"])]
    least = int(test.value) if test.value else 1
    return f"count(*) {_over([*groups, target(frame, test).sql])} > {least}"


def _before_last(frame: Frame, test: Test, what: str) -> str:
    """Say what of a record that is not the last of its group; of those without group, nothing."""
    names = _listed(test.value)
    over = _ordered(frame, names, test.options.get("ordering"))
    there = [f"{frame.column(name).sql} IS NOT NULL" for name in names]
    sql = target(frame, test).sql
    return " AND ".join([f"{sql} IS {what}", f"lead(__row) {over} IS NOT NULL", *there])


@operator("empty_within_except_last_row")
def _empty_before_last(frame: Frame, test: Test) -> str:
    return _before_last(frame, test, "NULL")


@operator("non_empty_within_except_last_row")
def _there_before_last(frame: Frame, test: Test) -> str:
    return _before_last(frame, test, "NOT NULL")


@operator("has_next_corresponding_record", "does_not_have_next_corresponding_record")
def _next(frame: Frame, test: Test) -> str:
    over = _ordered(frame, _listed(test.options["within"]), test.options["ordering"])
    following = frame.column(str(test.value)).sql
    same = f"{target(frame, test).sql} IS NOT DISTINCT FROM lead({following}) {over}"
    return f"lead(__row) {over} IS NULL OR {same}"


def _ordered(frame: Frame, groups: Sequence[str], ordering: str | None) -> str:
    order = [frame.column(ordering).sql + " NULLS LAST"] if ordering else []
    by = [frame.column(name).sql for name in groups]
    return _over(by, f"ORDER BY {', '.join([*order, '__row'])}")


@operator("is_ordered_set", "is_not_ordered_set")
def _sorted_within(frame: Frame, test: Test) -> str:
    groups = [frame.column(name).sql for name in _listed(test.value)]
    return _in_place(target(frame, test).sql, groups, "ASC")


@operator("is_ordered_by", "is_not_ordered_by")
def _sorted_whole(frame: Frame, test: Test) -> str:
    way = "DESC" if test.options.get("order") == "dsc" else "ASC"
    return _in_place(target(frame, test).sql, [], way)


def _in_place(column: str, groups: Sequence[str], way: str) -> str:
    """Say of a record whether it has the value that stands in its place when all are sorted."""
    by = f"row({', '.join(groups)})" if groups else "1"
    given = f"row_number() {_over([by], 'ORDER BY __row')}"
    right = f"row_number() {_over([by], f'ORDER BY {column} {way} NULLS LAST, __row')}"
    return (
        f"__row IN (SELECT a.__row FROM (SELECT __row, {by} AS g, {column} AS v, {given} AS n "
        f"FROM f) AS a JOIN (SELECT {by} AS g, {column} AS v, {right} AS n FROM f) AS b "
        "ON a.g IS NOT DISTINCT FROM b.g AND a.n = b.n WHERE a.v = b.v)"
    )


@operator("has_different_values", "has_same_values")
def _different(frame: Frame, test: Test) -> str:
    return f"(SELECT count(DISTINCT {target(frame, test).sql}) FROM f) > 1"


@operator("target_is_sorted_by", "target_is_not_sorted_by")
def _target_sorted(frame: Frame, test: Test) -> str:
    """The target rises with what orders it; dates of unlike precision are told apart."""
    if not isinstance(test.value, list):
        raise UnknownConstructError("an order without variables")
    groups = [frame.column(name).sql for name in _listed(test.options["within"])]
    wrong = [
        _unsorted(target(frame, test), frame.column(one["name"]), groups, one) for one in test.value
    ]
    rows = " UNION ".join(wrong)
    return f"__row NOT IN ({rows})"


def _unsorted(column: Column, by: Column, groups: Sequence[str], how: dict[str, str]) -> str:
    """Return the records out of order as a query of ``__row``."""
    down = str(how.get("sort_order") or how.get("order") or "asc").lower().startswith("d")
    within = ", ".join(groups)
    base = f"SELECT __row, row({within}) AS g, {column.sql} AS v, {by.sql} AS o FROM f"
    order = f"ORDER BY o {'DESC' if down else 'ASC'}, __row"
    over = f"OVER (PARTITION BY g {order})"
    rising = (
        f"SELECT unnest([__row, nextrow]) AS __row FROM (SELECT __row, v, lead(v) {over} AS nextv, "
        f"lead(__row) {over} AS nextrow FROM ({base}) WHERE v IS NOT NULL AND o IS NOT NULL) "
        "WHERE v > nextv"
    )
    missing = f"SELECT __row FROM ({base}) WHERE o IS NULL"
    if by.kind != "text":
        return f"{missing} UNION {rising}"
    overlapping = (
        "SELECT CASE WHEN length(o) < length(nexto) THEN __row ELSE nextrow END AS __row FROM "
        f"(SELECT __row, o, lead(o) {over} AS nexto, lead(__row) {over} AS nextrow FROM ({base}) "
        f"WHERE o IS NOT NULL) WHERE {precision('o')} <> {precision('nexto')} AND "
        "(starts_with(o, nexto) OR starts_with(nexto, o)) AND "
        f"{complete_to('o')} IS NOT NULL AND {complete_to('nexto')} IS NOT NULL"
    )
    return f"{missing} UNION {rising} UNION {overlapping}"
