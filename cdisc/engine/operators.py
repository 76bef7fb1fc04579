"""Arithmetic and comparison as SQL: what an operator means for texts, numbers and dates."""

from cdisc.engine.inner import Rendering
from cdisc.functions.dates import DTC_KNOWN
from cdisc.language import tree as t

# Two dates are compared as far as both are known: where one is the beginning of the other,
# neither is before. Nearly all dates are known from the left as they stand.
_DATE_MACROS = (
    f"{DTC_KNOWN};"
    "CREATE MACRO dtc_plain(x) AS"
    " NOT (contains(x, '--') OR contains(x, 'T-') OR contains(x, ':-'));"
    "CREATE MACRO known_before(a, b) AS a < b AND NOT starts_with(b, a);"
    "CREATE MACRO known_on_or_before(a, b) AS"
    " (a < b AND (length(a) >= 10 OR NOT starts_with(b, a)))"
    " OR (a >= b AND length(b) >= 10 AND starts_with(a, b));"
    "CREATE MACRO dtc_before(a, b) AS CASE WHEN dtc_plain(a) AND dtc_plain(b)"
    " THEN known_before(a, b) ELSE known_before(dtc_known(a), dtc_known(b)) END;"
    "CREATE MACRO dtc_on_or_before(a, b) AS CASE WHEN dtc_plain(a) AND dtc_plain(b)"
    " THEN known_on_or_before(a, b) ELSE known_on_or_before(dtc_known(a), dtc_known(b)) END;"
    "CREATE MACRO known_undecided(a, b, strict) AS (starts_with(a, b) OR starts_with(b, a))"
    " AND (least(length(a), length(b)) < 10 OR (strict AND length(a) <> length(b)));"
    "CREATE MACRO dtc_undecided(a, b, strict) AS CASE WHEN dtc_plain(a) AND dtc_plain(b)"
    " THEN known_undecided(a, b, strict)"
    " ELSE known_undecided(dtc_known(a), dtc_known(b), strict) END"
)

# ISO 8601 writes years with four digits
_CALENDAR = "CREATE MACRO in_calendar(x) AS CASE WHEN year(x) BETWEEN 1 AND 9999 THEN x END"

# a query within a macro is planned once for each place of its parameter: a few of them take hours
SUBQUERY = "(SELECT "


def arithmetic(out: Rendering, node: t.Arithmetic) -> str:
    """Return the SQL of a sum, difference, product or quotient; dates count days or seconds."""
    left, right = out.sql(node.left), out.sql(node.right)
    if node.operator == "+" and out.type_of(node) == "text":
        return f"({left} || {right})"
    if out.type_of(node) in ("date", "datetime"):
        return _moved(out, node, left, right)
    if node.operator == "-" and out.type_of(node.left) in ("date", "datetime"):
        unit = "day" if out.type_of(node.left) == "date" else "second"
        return f"CAST(date_diff('{unit}', {right}, {left}) AS DOUBLE)"
    if node.operator == "/":
        right = f"nullif({right}, 0)"
    return f"({left} {node.operator} {right})"


def _moved(out: Rendering, node: t.Arithmetic, left: str, right: str) -> str:
    """Return the SQL of a date that is moved by whole days, or a date with time by seconds."""
    date = out.type_of(node) == "date"
    whole = f"CASE WHEN {right} = floor({right}) THEN {right} END"
    amount = f"TRY_CAST({whole} AS {'INTEGER' if date else 'BIGINT'})"
    moved = f"{left} {node.operator} to_{'days' if date else 'seconds'}({amount})"
    out.level.preludes[_CALENDAR] = None
    made = f"in_calendar(TRY(CAST({moved} AS {'DATE' if date else 'TIMESTAMP'})))"
    known = f"{left} IS NOT NULL AND {right} IS NOT NULL"
    out.audit("DATA017", f"{known} AND {made} IS NULL", f"CAST({right} AS VARCHAR)")
    return made


def comparison(out: Rendering, node: t.Compare) -> str:
    """Return the SQL of a comparison; dates known in part compare as far as both are known."""
    left, right = out.sql(node.left), out.sql(node.right)
    if node.operator in ("before", "after", "on or before", "on or after"):
        return _dates(out, node)
    if node.operator == "<>":
        return f"(({left} = {right}) IS NOT TRUE)"
    functions = {"contains": "contains", "starts with": "starts_with", "ends with": "ends_with"}
    if node.operator in functions:
        return f"{functions[node.operator]}({left}, {right})"
    return f"{left} {node.operator} {right}"


def _dates(out: Rendering, node: t.Compare) -> str:
    pair = (node.left, node.right)
    if "dtc" in (out.type_of(node.left), out.type_of(node.right)):
        out.level.preludes[_DATE_MACROS] = None
        left, right = (_as_dtc(out, one) for one in pair)
        if "after" in node.operator:
            left, right = right, left
        strict = "false" if node.operator.startswith("on") else "true"
        undecided = f"dtc_undecided({left}, {right}, {strict})"
        found = f"concat({left}, ' and ', {right})"
        made = f"dtc_{'on_or_' if node.operator.startswith('on') else ''}before({left}, {right})"
        if not out.inner:
            out.audit("DATA018", undecided, found)
        elif SUBQUERY not in left + right:
            out.inner.undecided[made] = undecided, found
            out.audit("DATA018", undecided, found)
        return made
    mixed = out.type_of(node.left) != out.type_of(node.right)
    sign = {"before": "<", "after": ">", "on or before": "<=", "on or after": ">="}[node.operator]
    left, right = (
        f"CAST({out.sql(one)} AS DATE)"
        if mixed and out.type_of(one) == "datetime"
        else out.sql(one)
        for one in pair
    )
    return f"{left} {sign} {right}"


def _as_dtc(out: Rendering, node: t.Node) -> str:
    kind = out.type_of(node)
    if kind == "date":
        return f"CAST({out.sql(node)} AS VARCHAR)"
    return (
        f"strftime({out.sql(node)}, '%Y-%m-%dT%H:%M:%S')" if kind == "datetime" else out.sql(node)
    )
