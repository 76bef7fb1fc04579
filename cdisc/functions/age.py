"""Age in completed years."""

from cdisc.functions.dates import DTC_DATE, TIMES, date_of, r_date_of
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words


def _rule(use: Use, check: Typing) -> Type:
    for node in use.node.arguments:
        check.require(node, *TIMES)
    return "number"


def _sql(use: Use, out: Sql) -> str:
    birth, at = use.node.arguments
    return f"completed_years({date_of(birth, out)}, {date_of(at, out)})"


def _english(use: Use, words: Words) -> str:
    birth, at = use.node.arguments
    words.note("Missing where either date is missing or partial.")
    return f"the completed years from {words.say(birth)} to {words.say(at)}"


def _r(use: Use, out: R) -> str:
    birth, at = use.node.arguments
    return f"completed_years({r_date_of(birth, out)}, {r_date_of(at, out)})"


AGE = Verb(
    name="age",
    form="call",
    summary="Completed years from a date of birth to a date.",
    missing="Missing where either date is missing or incomplete.",
    arguments=(Argument("birth", "value"), Argument("at", "value")),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    example="age(BRTHDTC, RFICDTC)",
    prelude=(
        f"{DTC_DATE};"
        "CREATE MACRO completed_years(b, d) AS CAST(year(d) - year(b) - CASE"
        " WHEN 100 * month(d) + day(d) < 100 * month(b) + day(b) THEN 1 ELSE 0 END AS DOUBLE)"
    ),
)
