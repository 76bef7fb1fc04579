"""Unit conversion by exact factors; a conversion without a path is reported, never guessed."""

from cdisc.functions.numbers import NUMBER_TEXT
from cdisc.functions.sqltext import text
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Sql, Type, Typing, Use, Verb, Words


def _rule(use: Use, check: Typing) -> Type:
    operand = check.require(use.operand, "text", "number")
    for name in ("from", "to", "test"):
        node = use.node_of(name)
        if node is not None:
            check.require(node, "text")
    return "number" if operand == "number" else "text"


def _sql(use: Use, out: Sql) -> str:
    operand, start, to = out.column(use.operand), use.node_of("from"), use.node_of("to")
    assert start is not None
    assert to is not None
    source, target, test = out.column(start), out.column(to), use.node_of("test")
    rows = out.scope.conversions()
    path = f"{source} || '|' || {target}"
    factor = out.mapped("conversion", f"'|' || {path}", rows)
    if test is not None:
        own = out.mapped("test_conversion", f"{out.sql(test)} || '|' || {path}", rows)
        factor = f"coalesce({own}, {factor})"
    factor = f"CASE WHEN {source} = {target} THEN '1' ELSE {factor} END"
    if out.type_of(use.operand) == "number":
        result = f"convert_number({operand}, {factor})"
        unread = f"{operand} IS NOT NULL"
    else:
        result = f"convert_text({operand}, {factor})"
        unread = f"comparable_number({operand}) IS NOT NULL"
    out.audit(
        "DATA006",
        f"{unread} AND {target} IS NOT NULL AND {result} IS NULL",
        f"concat(coalesce({source}, {text('no unit')}), {text(' to ')}, {target})",
    )
    return result


def _english(use: Use, words: Words) -> str:
    start, to = use.node_of("from"), use.node_of("to")
    assert isinstance(start, t.Node)
    assert isinstance(to, t.Node)
    return f"{words.say(use.operand)} converted from {words.say(start)} to {words.say(to)}"


CONVERT = Verb(
    name="convert",
    form="step",
    summary=(
        "A result in another unit, by the factor of the units table, that of the test first;"
        " a leading < or > is kept."
    ),
    missing="Missing without a result; a result without a unit or without a path is reported.",
    arguments=(
        Argument("from", "value"),
        Argument("to", "value", after=("to",)),
        Argument("test", "value", after=("for",), optional=True),
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    example="LBORRES | convert LBORRESU to LBSTRESU for LBTESTCD",
    source="SDTMIG v3.4, section 4.5.1, Original and Standardized Results",
    prelude=(
        "CREATE MACRO comparable_number(x) AS TRY_CAST(regexp_extract(x,"
        r" '^\s*(?:<=|>=|<|>)?\s*([+-]?\d+\.?\d*(?:[eE][+-]?\d+)?)\s*$', 1) AS DECIMAL(38, 12));"
        "CREATE MACRO convert_number(x, f) AS CAST(round(CAST(x AS DECIMAL(38, 12))"
        " * CAST(f AS DOUBLE), 10) AS DOUBLE);"
        f"{NUMBER_TEXT};"
        "CREATE MACRO convert_text(x, f) AS CASE WHEN f = '1' THEN trim(x)"
        " WHEN comparable_number(x) IS NOT NULL THEN regexp_extract(x, '^\\s*((?:<=|>=|<|>)?)', 1)"
        " || number_text(round(CAST(comparable_number(x) AS DOUBLE) * CAST(f AS DOUBLE), 10))"
        " WHEN f IS NOT NULL THEN trim(x) END"
    ),
)
