"""Reference range indicator (--NRIND)."""

from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words


def _rule(use: Use, check: Typing) -> Type:
    for node in use.node.arguments:
        check.require(node, "number")
    return "text"


def _sql(use: Use, out: Sql) -> str:
    value, low, high = (out.column(node) for node in use.node.arguments)
    return (
        f"CASE WHEN {value} < {low} THEN 'LOW' WHEN {value} > {high} THEN 'HIGH'"
        f" WHEN {value} IS NOT NULL AND coalesce({low}, {high}) IS NOT NULL THEN 'NORMAL' END"
    )


def _r(use: Use, out: R) -> str:
    value, low, high = (out.r(node) for node in use.node.arguments)
    return (
        f'case_when(\n  {value} < {low} ~ "LOW",\n  {value} > {high} ~ "HIGH",\n'
        f'  !is.na({value}) & (!is.na({low}) | !is.na({high})) ~ "NORMAL"\n)'
    )


def _english(use: Use, words: Words) -> str:
    value, low, high = (words.say(node) for node in use.node.arguments)
    return (
        f"'LOW' where {value} is below {low}, 'HIGH' where it is above {high}, 'NORMAL' where it"
        " is within the limits that are known; missing without a value or without any limit"
    )


RANGE_FLAG = Verb(
    name="range_flag",
    form="call",
    summary="LOW, NORMAL or HIGH of a result against its reference range.",
    missing="Missing without a result, or without any limit.",
    arguments=(Argument("value", "value"), Argument("low", "value"), Argument("high", "value")),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    example="range_flag(LBSTRESN, LBSTNRLO, LBSTNRHI)",
    source="SDTMIG v3.4, section 6.3.5, reference range indicator",
)
