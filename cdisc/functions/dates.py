"""The date of an ISO 8601 text or of a date with time; a partial date has none."""

import re

from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
TIMES: tuple[Type, ...] = ("dtc", "date", "datetime")
DTC_DATE = "CREATE MACRO dtc_date(x) AS TRY_CAST(left(x, 10) AS DATE)"
# What is known of a date from the left: 2026---14, whose month is missing, is known as 2026.
DTC_KNOWN = (
    "CREATE MACRO dtc_known(x) AS CASE WHEN contains(x, '--') OR contains(x, 'T-')"
    " OR contains(x, ':-') THEN regexp_extract(x,"
    " '^(?:\\d{4}(?:-\\d{2}(?:-\\d{2}(?:T\\d{2}(?::\\d{2}(?::\\d{2})?)?)?)?)?)?') ELSE x END"
)

# Dates by the earliest moment that they may mean; of equal, the one that is known furthest first.
# Blanks come before all that stands in a date, so that a longer one does not come before.
DTC_EARLIEST = (
    f"{DTC_KNOWN};"
    "CREATE MACRO dtc_rank(x) AS dtc_known(x)"
    " || substr('0000-01-01T00:00:00', length(dtc_known(x)) + 1)"
    " || ' ' || CAST(90 - length(dtc_known(x)) AS VARCHAR) || ' ' || x;"
    "CREATE MACRO dtc_ranked(k) AS split_part(k, ' ', 3)"
)


def date_of(node: t.Node, out: Sql) -> str:
    """Return the SQL of the date of a value of one of `TIMES`, by the macro `DTC_DATE`."""
    value = out.sql(node)
    return f"dtc_date({value})" if out.type_of(node) == "dtc" else f"CAST({value} AS DATE)"


def r_date_of(node: t.Node, out: R) -> str:
    """Return the R of the date of a value of one of `TIMES`."""
    function = {"dtc": "dtc_date", "datetime": "as.Date"}.get(out.type_of(node))
    return f"{function}({out.r(node)})" if function else out.r(node)


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, *TIMES)
    return "date"


def _sql(use: Use, out: Sql) -> str:
    return date_of(use.operand, out)


def _english(use: Use, words: Words) -> str:
    said = words.say(use.operand)
    if _DAY.fullmatch(said):
        return f"the date {said}"
    if words.type_of(use.operand) == "dtc":
        words.note("A partial date gives missing; nothing is imputed.")
    return f"the date part of {said}"


DATE_CALL = Verb(
    name="date",
    form="call",
    summary="The date, without the time.",
    missing="Missing where the date is missing or partial: nothing is imputed.",
    arguments=(Argument("value", "value"),),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=lambda use, out: r_date_of(use.operand, out),
    example="date(TRTSDTM)",
    prelude=DTC_DATE,
)

DATE_STEP = Verb(
    name="date",
    form="step",
    summary=DATE_CALL.summary,
    missing=DATE_CALL.missing,
    rule=_rule,
    sql=_sql,
    english=_english,
    r=lambda use, out: r_date_of(use.operand, out),
    example="DM.RFSTDTC | date",
    prelude=DTC_DATE,
)


def _time_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "datetime")
    return "time"


TIME = Verb(
    name="time",
    form="call",
    summary="The time of day, without the date.",
    missing="Missing stays missing.",
    arguments=(Argument("value", "value"),),
    rule=_time_rule,
    sql=lambda use, out: f"CAST({out.sql(use.operand)} AS TIME)",
    english=lambda use, words: f"the time part of {words.say(use.operand)}",
    example="time(ADTM)",
    source="ADaMIG v1.3, section 3.1.2, timing variables",
)
