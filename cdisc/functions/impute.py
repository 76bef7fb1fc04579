"""Imputation of partial dates and times; the flag of what was imputed is always written."""

import datetime as dt
import re
from typing import Unpack

from cdisc.functions.dates import DTC_KNOWN
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.language import tree as t
from cdisc.language.verb import (
    Advice,
    Argument,
    Companion,
    R,
    Sql,
    Type,
    Typing,
    Use,
    Verb,
    Words,
)

_DATE_PARTS = ("year", "month", "day")
_TIME_PARTS = ("hour", "minute", "second")
_ARGUMENTS = (
    Argument("date", "word", after=("date",), optional=True),
    Argument("from", "word", after=("from",), optional=True, choices=_DATE_PARTS + _TIME_PARTS),
    Argument("keep", "word", after=("keep",), optional=True, choices=("day",)),
    Argument("time", "word", after=("time",), optional=True),
    Argument("flag", "word", after=("flag",), optional=True),
    Argument("seconds", "word", after=("seconds",), optional=True, choices=("unflagged",)),
    Argument("lower", "value", after=("not", "before"), optional=True, many=True),
    Argument("upper", "value", after=("not", "after"), optional=True, many=True),
)
_MONTH_DAY = re.compile(r"\d\d-\d\d")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d")
_BOUNDS = ("lower", "upper")


def _is_date(value: str) -> bool:
    """Say whether a text is first, mid, last, or a day of a year such as 06-15."""
    try:
        return value in ("first", "mid", "last") or (
            _MONTH_DAY.fullmatch(value) is not None
            and dt.date.fromisoformat(f"2000-{value}") is not None
        )
    except ValueError:
        return False


def _is_time(value: str) -> bool:
    try:
        return value in ("first", "last") or (
            _CLOCK.fullmatch(value) is not None and dt.time.fromisoformat(value) is not None
        )
    except ValueError:
        return False


def _highest(use: Use) -> str:
    """Return the highest part that may be filled; the hour if only the time is spoken of."""
    return use.text("from") or ("hour" if use.text("time") else "day")


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "dtc")
    result: Type = "datetime" if use.text("time") else "date"
    _require_parts(use, check)
    _require_bounds(use, check)
    is_flag = check.scope.target.endswith(("DTF", "TMF"))  # whose bounds may be imputed too
    if not is_flag and not _flags(use, check.scope.target):
        fact = f"{use.verb.name}: no name for the flag variable"
        check.problem("SPEC012", fact, use.node, help="add: flag NAME")
    return result


def _require_parts(use: Use, check: Typing) -> None:
    """Note what does not say, or says wrongly, which parts are filled and how."""
    date, time, highest = use.text("date"), use.text("time"), use.text("from")
    name = use.verb.name

    def wrong(fact: str, **more: Unpack[Advice]) -> None:
        check.problem("SPEC012", f"{name}: {fact}", use.node, **more)

    if not date and not time:
        return wrong(
            "nothing says what may be filled",
            help=f"{name} date first from month, or: {name} time last",
        )
    if date and not highest:
        wrong(
            "the highest part that may be filled is not said", help="add: from month, or: from day"
        )
    if (date and not (_MONTH_DAY.fullmatch(date) or date in ("first", "mid", "last"))) or (
        date and not _is_date(date)
    ):
        wrong(f'"{date}" is no day of a year', expected="first, mid, last, or such as '06-15'")
    if time and not _is_time(time):
        wrong(f'"{time}" is no time of a day', expected="first, last, or such as '12:00:00'")
    if highest in _DATE_PARTS and not date:
        wrong(f"nothing says how the {highest} is filled", help="add: date first")
    if highest in _TIME_PARTS and date:
        wrong(f"from {highest} fills no date", help="write from month, or leave date out")
    if highest in _TIME_PARTS and not time:
        wrong(f"nothing says how the {highest} is filled", help="add: time first")
    needed = {"first": "lower", "last": "upper"}.get(date or "")
    if highest == "year" and not (needed and use.nodes(needed)):
        wrong("a year is filled from a bound only", help="date first ... not before VARIABLE")
    return None


def _require_bounds(use: Use, check: Typing) -> None:
    if use.text("keep") and _highest(use) not in ("year", "month"):
        fact = f"{use.verb.name}: no month is filled whose day could be kept"
        check.problem("SPEC012", fact, use.node, help="write from month, or leave keep day out")
    for bound in (*use.nodes("lower"), *use.nodes("upper")):
        check.require(bound, "date", "datetime")


def _flags(use: Use, target: str) -> dict[str, str]:
    """Return the part of the date that each flag variable speaks of."""
    stem = next((target.removesuffix(end) for end in ("DTM", "DT") if target.endswith(end)), None)
    flags: dict[str, str] = {}
    for part, end in (("date", "DTF"), ("time", "TMF")):
        if use.text(part):
            name = use.text("flag") if not flags and use.text("flag") else stem and stem + end
            if name:
                flags[part] = name
    return flags


def _companions(use: Use, target: str) -> tuple[Companion, ...]:
    assert isinstance(use.node, t.Step)
    node = use.node
    return tuple(
        Companion(
            name,
            t.Step(
                name=f"{part}_flag",
                operand=node.operand,
                arguments=node.arguments,
                name_start=node.name_start,
                start=node.start,
                end=node.end,
            ),
        )
        for part, name in _flags(use, target).items()
    )


def _sql(use: Use, out: Sql) -> str:
    return _filled(use, out, _known(use, out))


def _known(use: Use, out: Sql) -> str:
    """Return the SQL of what is known of the date, and of a day that is kept: 2026---14."""
    macro = "dtc_kept" if use.text("keep") else "dtc_known"
    return f"coalesce({macro}({out.column(use.operand)}), '')"


def _filled(use: Use, out: Sql, operand: str) -> str:
    """Return the SQL of the complete date or date with time."""
    highest, time = _highest(use), use.text("time")
    level = (*_DATE_PARTS, *_TIME_PARTS).index(highest)

    def filled(date: str, clock: str) -> str:
        day = f"impute_date({operand}, {text(date)}, {level})"
        return f"impute_time({operand}, {day}, {text(clock)}, {level})" if time else day

    result = filled(use.text("date") or "first", _clock(time or "first"))
    earliest, latest = filled("first", "00:00:00"), filled("last", "23:59:59")
    if highest == "year":
        ends = ("0001-01-01 00:00:00", "9999-12-31 23:59:59")
        kind = "TIMESTAMP" if time else "DATE"
        earliest, latest = (
            f"coalesce({one}, CAST('{end}' AS {kind}))"
            for one, end in zip((earliest, latest), ends, strict=True)
        )
    for name, choose in zip(_BOUNDS, ("greatest", "least"), strict=True):
        for bound in use.nodes(name):
            limit = _limit(bound, out, time=bool(time), end=name == "upper")
            possible = f"CASE WHEN {limit} BETWEEN {earliest} AND {latest} THEN {limit} END"
            result = f"{choose}({result}, {possible})"  # which pass over what is missing
    return result


def _clock(time: str) -> str:
    return {"first": "00:00:00", "last": "23:59:59"}.get(time, time)


def _limit(bound: t.Node, out: Sql, *, time: bool, end: bool) -> str:
    """Return a bound as what it bounds: a date as the first or the last second of its day."""
    limit, kind = out.column(bound), out.type_of(bound)
    if time and kind == "date":
        return f"CAST({limit} AS TIMESTAMP)" + (" + INTERVAL 86399 SECOND" if end else "")
    return limit if time or kind == "date" else f"CAST({limit} AS DATE)"


def _r(use: Use, out: R) -> str:
    time = use.text("time")
    parts = [out.r(use.operand), f"from = {r_text(_highest(use))}"]
    if date := use.text("date"):
        parts.append(f"date = {r_text(date)}")
    if use.text("keep"):
        parts.append("keep = TRUE")
    if time:
        parts.append(f"time = {r_text(_clock(time))}")
    for name in _BOUNDS:
        ends = [_r_limit(one, out, time=bool(time), name=name) for one in use.nodes(name)]
        if ends:
            parts.append(f"{name} = list({', '.join(ends)})")
    return f"impute({', '.join(parts)})"


def _r_limit(bound: t.Node, out: R, *, time: bool, name: str) -> str:
    limit, kind = out.r(bound), out.type_of(bound)
    if time and kind == "date":
        return f"{'start' if name == 'lower' else 'end'}_of_day({limit})"
    return limit if time or kind == "date" else f"as.Date({limit})"


def _r_flag(use: Use, out: R) -> str:
    part = f"imputed_{use.verb.name.removesuffix('_flag')}_part({out.r(use.operand)})"
    part = f'na_if({part}, "S")' if use.text("seconds") else part
    return f"if_else(is.na({_r(use, out)}), NA_character_, {part})"


def _english(use: Use, words: Words) -> str:
    operand = words.say(use.operand)
    time = use.text("time")
    said = [f"the date{' and time' if time else ''} of {operand}", *_english_date(use)]
    if time:
        shown, highest = _clock(time), _highest(use)
        if highest in ("minute", "second"):
            said.append(f"where the {highest} is missing, that of {shown} is used")
            said.append(f"missing where a part above the {highest} is missing")
        else:
            said.append(f"missing parts of the time are those of {shown}")
    for name, what in (("lower", "earlier"), ("upper", "later")):
        limits = [words.say(one) for one in use.nodes(name)]
        if limits:
            shown = " or ".join(limits)
            said.append(
                f"what is imputed is never {what} than {shown}"
                " where that is a possible value of the partial date"
            )
    return "; ".join(said)


def _english_date(use: Use) -> list[str]:
    """Return the clauses that say how the parts of the date are filled."""
    date = use.text("date")
    if not date:
        return []
    day, month = {
        "first": ("the first day of the month", "1 January"),
        "mid": ("the 15th", "30 June"),
        "last": ("the last day of the month", "31 December"),
    }.get(date, (f"day {date[3:]}, or the last of a shorter month,", f"{date} (month-day)"))
    said = [f"where the day is missing, {day} is used"]
    if _highest(use) in ("month", "year"):
        said.append(f"where the month is missing, {month}")
    if use.text("keep"):
        kept = "a day that is known without its month is kept, or is the last of a shorter month"
        said.append(kept)
    if _highest(use) == "year":
        said.append("where the year is missing, the bound")
    return said


_PRELUDE = (
    f"{DTC_KNOWN};"
    "CREATE MACRO dtc_kept(x) AS CASE WHEN regexp_matches(x, '^\\d{4}---\\d{2}') THEN left(x, 9)"
    " ELSE dtc_known(x) END;"
    "CREATE MACRO impute_month(how) AS CASE how WHEN 'first' THEN '01' WHEN 'mid' THEN '06'"
    " WHEN 'last' THEN '12' ELSE left(how, 2) END;"
    "CREATE MACRO day_of_month(x, day) AS"
    " least(TRY_CAST(x || '-01' AS DATE) + (CAST(day AS INTEGER) - 1),"
    " last_day(TRY_CAST(x || '-01' AS DATE)));"
    "CREATE MACRO impute_date(x, how, level) AS CASE"
    " WHEN length(x) >= 10 THEN TRY_CAST(left(x, 10) AS DATE)"
    " WHEN length(x) = 7 AND level <= 2 THEN day_of_month(x, CASE how WHEN 'first' THEN '01'"
    " WHEN 'mid' THEN '15' WHEN 'last' THEN '31' ELSE substr(how, 4) END)"
    " WHEN length(x) = 9 AND level <= 1"
    " THEN day_of_month(left(x, 4) || '-' || impute_month(how), right(x, 2))"
    " WHEN length(x) = 4 AND level <= 1 THEN day_of_month(x || '-' || impute_month(how),"
    " CASE how WHEN 'first' THEN '01' WHEN 'mid' THEN '30' WHEN 'last' THEN '31'"
    " ELSE substr(how, 4) END) END;"
    "CREATE MACRO impute_time(x, d, clock, level) AS CASE"
    " WHEN length(substr(x, 12)) >= CASE WHEN level <= 3 THEN 0 WHEN level = 4 THEN 2 ELSE 5 END"
    " THEN TRY_CAST(CAST(d AS VARCHAR) || ' ' || left(substr(x, 12), 8)"
    " || substr(clock, length(substr(x, 12)) + 1) AS TIMESTAMP) END;"
    "CREATE MACRO imputed_date_part(x) AS CASE WHEN length(x) = 7 THEN 'D'"
    " WHEN length(x) = 4 THEN 'M' WHEN length(x) < 4 THEN 'Y' END;"
    "CREATE MACRO imputed_time_part(x) AS CASE WHEN length(x) >= 19 THEN NULL"
    " WHEN length(x) >= 16 THEN 'S' WHEN length(x) >= 13 THEN 'M' ELSE 'H' END"
)

IMPUTE = Verb(
    name="impute",
    form="step",
    summary=(
        "A complete date (or date with time) from a partial one: `first`, `mid`, `last`,"
        " or a literal such as '06-15' and '12:00:00'; the flag variables are written too."
    ),
    missing="Missing where a part above the highest that may be filled is missing.",
    arguments=_ARGUMENTS,
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    example="DM.DTHDTC | impute date first from month flag DTHDTF not before TRTEDT",
    source="ADaMIG v1.3, section 3.1.3, date and time imputation flag variables",
    companions=_companions,
    prelude=_PRELUDE,
)


def _flag_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "dtc")
    _require_parts(use, check)
    _require_bounds(use, check)
    return "text"


def _date_flag(use: Use, out: Sql) -> str:
    operand = f"coalesce(dtc_known({out.column(use.operand)}), '')"
    part = f"imputed_date_part({operand})"
    return f"CASE WHEN {_filled(use, out, _known(use, out))} IS NOT NULL THEN {part} END"


def _time_flag(use: Use, out: Sql) -> str:
    operand = f"coalesce(dtc_known({out.column(use.operand)}), '')"
    part = f"imputed_time_part({operand})"
    if use.text("seconds"):
        part = f"nullif({part}, 'S')"
    return f"CASE WHEN {_filled(use, out, _known(use, out))} IS NOT NULL THEN {part} END"


def _flag_english(use: Use, words: Words) -> str:
    operand = words.say(use.operand)
    if use.verb.name == "date_flag":
        parts = "'Y' (year), 'M' (month) or 'D' (day)"
    else:
        parts = "'H' (hour), 'M' (minute)" + ("" if use.text("seconds") else " or 'S' (second)")
    what = use.verb.name.removesuffix("_flag")
    return f"the highest part of the {what} of {operand} that was imputed: {parts}"


DATE_FLAG = Verb(
    name="date_flag",
    form="step",
    summary="The highest part of a date (Y, M, D) that `impute` with the same words fills.",
    missing="Missing where nothing was imputed.",
    arguments=_ARGUMENTS,
    rule=_flag_rule,
    sql=_date_flag,
    english=_flag_english,
    r=_r_flag,
    example="DM.DTHDTC | date_flag date first from month",
    source=IMPUTE.source,
    prelude=_PRELUDE,
)
TIME_FLAG = Verb(
    name="time_flag",
    form="step",
    summary="The highest part of a time (H, M, S) that `impute` with the same words fills.",
    missing="Missing where nothing was imputed; `seconds unflagged` leaves S out.",
    arguments=_ARGUMENTS,
    rule=_flag_rule,
    sql=_time_flag,
    english=_flag_english,
    r=_r_flag,
    example="EX.EXSTDTC | time_flag time first seconds unflagged",
    source=IMPUTE.source,
    prelude=_PRELUDE,
)
