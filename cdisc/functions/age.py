"""Age in completed years."""

from cdisc.language import tree as t
from cdisc.language.verb import Argument, Sql, Type, Typing, Use, Verb, Words


def _rule(use: Use, check: Typing) -> Type:
    for node in use.node.arguments:
        check.require(node, "dtc", "date", "datetime")
    return "number"


def _date(node: t.Node, out: Sql) -> str:
    return f"dtc_date({out.sql(node)})" if out.type_of(node) == "dtc" else f"CAST({out.sql(node)} AS DATE)"


def _sql(use: Use, out: Sql) -> str:
    birth, at = use.node.arguments
    return f"CAST(date_sub('year', {_date(birth, out)}, {_date(at, out)}) AS DOUBLE)"


def _english(use: Use, words: Words) -> str:
    birth, at = use.node.arguments
    return f"the completed years from {words.say(birth)} to {words.say(at)}"


AGE = Verb(
    name="age",
    form="call",
    summary="Completed years from a date of birth to a date.",
    missing="Missing where either date is missing or incomplete.",
    arguments=(Argument("birth", "value"), Argument("at", "value")),
    rule=_rule,
    sql=_sql,
    english=_english,
    example="age(BRTHDTC, RFICDTC)",
    prelude="CREATE MACRO dtc_date(x) AS TRY_CAST(left(x, 10) AS DATE)",
)
