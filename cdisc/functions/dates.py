"""The date of an ISO 8601 text or of a date with time; a partial date has none."""

from cdisc.language.verb import Argument, Sql, Type, Typing, Use, Verb, Words

_TIMES: tuple[Type, ...] = ("dtc", "date", "datetime")


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, *_TIMES)
    return "date"


def _sql(use: Use, out: Sql) -> str:
    operand = out.sql(use.operand)
    if out.type_of(use.operand) == "dtc":
        return f"dtc_date({operand})"
    return f"CAST({operand} AS DATE)"


def _english(use: Use, words: Words) -> str:
    return f"the date part of {words.say(use.operand)}"


_PRELUDE = "CREATE MACRO dtc_date(x) AS TRY_CAST(left(x, 10) AS DATE)"

DATE_CALL = Verb(
    name="date",
    form="call",
    summary="The date, without the time.",
    missing="Missing where the date is missing or partial: nothing is imputed.",
    arguments=(Argument("value", "value"),),
    rule=_rule,
    sql=_sql,
    english=_english,
    example="date(TRTSDTM)",
    prelude=_PRELUDE,
)

DATE_STEP = Verb(
    name="date",
    form="step",
    summary=DATE_CALL.summary,
    missing=DATE_CALL.missing,
    rule=_rule,
    sql=_sql,
    english=_english,
    example="DM.RFSTDTC | date",
    prelude=_PRELUDE,
)
