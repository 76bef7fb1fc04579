"""Reference range indicator (--NRIND), of a number or of a text such as ``<0.1``."""

from cdisc.functions.sqltext import text
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

_TEXT = r"^\s*(<=|>=|<|>)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$"


def _rule(use: Use, check: Typing) -> Type:
    value, low, high = use.node.arguments
    check.require(value, "number", "text")
    check.require(low, "number")
    check.require(high, "number")
    return "text"


def _sql(use: Use, out: Sql) -> str:
    value, low, high = (out.column(node) for node in use.node.arguments)
    if out.type_of(use.operand) == "text":
        return f"range_flag_text({value}, {low}, {high})"
    return f"range_flag_number({value}, {low}, {high})"


def _r(use: Use, out: R) -> str:
    value, low, high = (out.r(node) for node in use.node.arguments)
    if out.type_of(use.operand) == "text":
        return _r_text(value, low, high)
    return (
        f'case_when(\n  {value} < {low} ~ "LOW",\n  {value} > {high} ~ "HIGH",\n'
        f'  !is.na({value}) & (!is.na({low}) | !is.na({high})) ~ "NORMAL"\n)'
    )


def _r_text(value: str, low: str, high: str) -> str:
    sign = rf'sub("^\\s*(<=|>=|<|>)?.*$", "\\1", {value})'
    number = rf'suppressWarnings(as.numeric(sub("^\\s*(<=|>=|<|>)?\\s*", "", {value})))'
    return (
        "case_when(\n"
        f'  {sign} == "" & {number} < {low} ~ "LOW",\n'
        f'  {sign} == "" & {number} > {high} ~ "HIGH",\n'
        f'  {sign} == "" & !is.na({number}) & (!is.na({low}) | !is.na({high})) ~ "NORMAL",\n'
        f'  {sign} %in% c("<", "<=") & {low} != 0 &\n'
        f'    ({number} < {low} | ({sign} == "<" & {number} == {low})) ~ "LOW",\n'
        f'  {sign} %in% c("<", "<=") & (is.na({low}) | {low} == 0) &\n'
        f'    {number} <= {high} ~ "NORMAL",\n'
        f'  {sign} %in% c(">", ">=") &\n'
        f'    ({number} > {high} | ({sign} == ">" & {number} == {high})) ~ "HIGH",\n'
        f'  {sign} %in% c(">", ">=") & is.na({high}) & {number} >= {low} ~ "NORMAL"\n)'
    )


def _english(use: Use, words: Words) -> str:
    value, low, high = (words.say(node) for node in use.node.arguments)
    said = (
        f"'LOW' where {value} is below {low}, 'HIGH' where it is above {high}, 'NORMAL' where it"
        " is within the limits that are known; missing without a value or without any limit"
    )
    if words.type_of(use.operand) == "text":
        said += (
            "; a value with a leading < or > is one of these only where every number that it may"
            " stand for is (below a lower limit of 0 there are none), and missing otherwise"
        )
    return said


RANGE_FLAG = Verb(
    name="range_flag",
    form="call",
    summary=(
        "LOW, NORMAL or HIGH of a result against its reference range; of a text such as '<0.1'"
        " too, where all that it may stand for is on one side."
    ),
    missing="Missing without a result or any limit, and where '<0.1' or '>50' leaves it open.",
    arguments=(Argument("value", "value"), Argument("low", "value"), Argument("high", "value")),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    gives=lambda _use, _scope: ("LOW", "NORMAL", "HIGH"),
    example="range_flag(LBSTRESC, LBSTNRLO, LBSTNRHI)",
    source="SDTMIG v3.4, section 6.3.5, reference range indicator",
    prelude=(
        "CREATE MACRO range_flag_number(x, low, high) AS CASE WHEN x < low THEN 'LOW'"
        " WHEN x > high THEN 'HIGH'"
        " WHEN x IS NOT NULL AND coalesce(low, high) IS NOT NULL THEN 'NORMAL' END;"
        "CREATE MACRO range_flag_bound(s, n, low, high) AS CASE"
        " WHEN s = '' THEN range_flag_number(n, low, high)"
        # nothing lies below a lower limit of 0
        " WHEN left(s, 1) = '<' AND low <> 0 AND (n < low OR (s = '<' AND n = low)) THEN 'LOW'"
        " WHEN left(s, 1) = '<' AND coalesce(low, 0) = 0 AND n <= high THEN 'NORMAL'"
        " WHEN left(s, 1) = '>' AND (n > high OR (s = '>' AND n = high)) THEN 'HIGH'"
        " WHEN left(s, 1) = '>' AND high IS NULL AND n >= low THEN 'NORMAL' END;"
        "CREATE MACRO range_flag_text(x, low, high) AS range_flag_bound("
        f"regexp_extract(x, {text(_TEXT)}, 1),"
        f" TRY_CAST(regexp_extract(x, {text(_TEXT)}, 2) AS DOUBLE), low, high)"
    ),
)
