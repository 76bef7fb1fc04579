"""Unit conversion by exact factors; a conversion without a path is reported, never guessed."""

from cdisc.functions.numbers import NUMBER_TEXT
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

_NUMBER = r"\s*(?:<=|>=|<|>)?\s*([+-]?\d+\.?\d*(?:[eE][+-]?\d+)?)\s*"


def _rule(use: Use, check: Typing) -> Type:
    operand = check.require(use.operand, "text", "number")
    for name in ("from", "to", "test"):
        node = use.node_of(name)
        if node is not None:
            check.require(node, "text")
    return "number" if operand == "number" else "text"


def _sql(use: Use, out: Sql) -> str:
    start, to, test = (use.node_of(name) for name in ("from", "to", "test"))
    assert start is not None
    assert to is not None
    operands = [use.operand, start, to, *([test] if test else [])]
    number = out.type_of(use.operand) == "number"
    table = out.table("conversion", out.scope.conversions())
    path = "|| '|' || x2 || '|' || x3"
    factor = f"(SELECT value FROM {table} WHERE key = '' {path})"
    if test is not None:
        factor = f"coalesce((SELECT value FROM {table} WHERE key = x4 {path}), {factor})"
    layers = [
        {
            "factor": f"CASE WHEN x2 = x3 THEN '1' ELSE {factor} END",
            "number": "x1" if number else "comparable_number(x1)",
        },
        {"value": f"convert_{'number' if number else 'text'}(x1, number, factor)"},
    ]
    if not number:
        layers[-1] |= {"counts": "number IS NOT NULL", "long": "many_digits(x1)"}
    values, result = out.once(operands, layers, "convert")
    # what is known of a text is worked out once, with its value
    known = result.removesuffix(".value") if result.endswith(".value") else None
    counts = f"{known}.counts" if known else f"comparable_number({values[0]}) IS NOT NULL"
    out.audit(
        "DATA006",
        f"{values[0]} IS NOT NULL AND {values[2]} IS NOT NULL AND {result} IS NULL"
        + ("" if number else f" AND {counts}"),
        f"concat(coalesce({values[1]}, 'no unit'), ' to ', {values[2]})",
    )
    if not number:
        many = f"{known}.long" if known else f"many_digits({values[0]})"
        long = f"{many} AND {values[1]} IS DISTINCT FROM {values[2]}"
        out.audit("DATA033", long, values[0])
    return result


def _r(use: Use, out: R) -> str:
    start, to, test = (use.node_of(name) for name in ("from", "to", "test"))
    assert start is not None
    assert to is not None
    kind = "number" if out.type_of(use.operand) == "number" else "text"
    factors = out.named("unit_factors", out.scope.conversions())
    named = out.r(test) if test else r_text("")
    units = f"{out.r(start)}, {out.r(to)}, {named}"
    return f"convert_{kind}({out.r(use.operand)}, {units}, {factors})"


def _english(use: Use, words: Words) -> str:
    start, to, test = (use.node_of(name) for name in ("from", "to", "test"))
    assert isinstance(start, t.Node)
    assert isinstance(to, t.Node)
    factor = f"the factor of the test {words.say(test)}" if test else "the factor of the units"
    factor += " in the table of conversion factors (specs/units)"
    if words.type_of(use.operand) == "text":
        words.note("A leading < or > is kept; a result without a number is unchanged.")
    units = f"converted from the unit {words.say(start)} to the unit {words.say(to)}"
    return words.after(use.operand, f"{units} by {factor}")


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
    r=_r,
    by_distinct=True,
    example="LBORRES | convert LBORRESU to LBSTRESU for LBTESTCD",
    source="SDTMIG v3.4, section 4.5.1, Original and Standardized Results",
    prelude=(
        f"CREATE MACRO comparable_number(x) AS TRY_CAST(regexp_extract(x, {text(f'^{_NUMBER}$')},"
        " 1) AS DECIMAL(38, 12));"
        f"CREATE MACRO many_digits(x) AS regexp_full_match(x, {text(_NUMBER)})"
        " AND comparable_number(x) IS NULL;"
        # ten decimals, and of a number below 0.001 fifteen digits
        "CREATE MACRO converted(x) AS CASE WHEN x = 0 OR abs(x) >= 1e-3 THEN round(x, 10)"
        " ELSE CAST(format('{:.14e}', x) AS DOUBLE) END;"
        "CREATE MACRO convert_number(x, n, f) AS"
        " converted(coalesce(TRY_CAST(n AS DECIMAL(38, 12)), n) * CAST(f AS DOUBLE));"
        f"{NUMBER_TEXT};"
        "CREATE MACRO convert_text(x, n, f) AS CASE WHEN f = '1' THEN trim(x)"
        " WHEN n IS NOT NULL THEN regexp_extract(x, '^\\s*((?:<=|>=|<|>)?)', 1)"
        " || number_text(converted(CAST(n AS DOUBLE) * CAST(f AS DOUBLE)))"
        " WHEN f IS NOT NULL AND NOT many_digits(x) THEN trim(x) END"
    ),
)
