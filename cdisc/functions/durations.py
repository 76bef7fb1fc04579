"""Time between two dates: with both ends counted, elapsed, or in completed calendar units.

The three are different numbers, and each has its own name. A month of `duration` and of
`elapsed` has 30.4375 days and a year 365.25; `completed` counts months and years of the
calendar, as ages are counted.
"""

from collections.abc import Mapping

from cdisc.functions.dates import DTC_DATE, TIMES, date_of, r_date_of
from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

_DAYS: Mapping[str, str] = {"days": "1", "weeks": "7", "months": "30.4375", "years": "365.25"}
_SECONDS: Mapping[str, str] = {"hours": "3600", "minutes": "60", "seconds": "1"}
_CALENDAR: Mapping[str, str] = {"days": "day", "weeks": "week", "months": "month", "years": "year"}
_ARGUMENTS = (
    Argument("start", "value"),
    Argument("end", "value"),
    Argument("unit", "value"),
)


def _unit(use: Use) -> str:
    node = use.node_of("unit")
    return node.value if isinstance(node, t.Text) else ""


def _check(use: Use, check: Typing, units: tuple[str, ...]) -> Type:
    if _unit(use) not in units:
        fact = f"{use.verb.name}: this is not a unit"
        expected = ", ".join(f"'{one}'" for one in units)
        help_ = None
        if _unit(use) in _SECONDS:
            help_ = f"write elapsed(START, END, '{_unit(use)}'), which counts from time to time"
        return check.problem("SPEC012", fact, use.node_of("unit"), expected=expected, help=help_)
    exact = _unit(use) in _SECONDS
    for node in use.node.arguments[:2]:
        check.require(node, *(("datetime", "dtc") if exact else TIMES))
    return "number"


def _ends(use: Use, words: Words) -> tuple[str, str]:
    start, end = (words.say(one) for one in use.node.arguments[:2])
    return start, end


def _mean(unit: str) -> str:
    """Return the English of the length of a unit of days."""
    if unit == "days":
        return ""
    return f", divided by {_DAYS[unit]}"


def _r_dates(use: Use, out: R) -> tuple[str, str]:
    start, end = (r_date_of(one, out) for one in use.node.arguments[:2])
    return start, end


def _duration_r(use: Use, out: R) -> str:
    start, end = _r_dates(use, out)
    return f"study_day({end}, {start}) / {_DAYS[_unit(use)]}"


def _duration_sql(use: Use, out: Sql) -> str:
    start, end = (date_of(one, out) for one in use.node.arguments[:2])
    return f"counted_days({start}, {end}) / {_DAYS[_unit(use)]}"


DURATION = Verb(
    name="duration",
    form="call",
    summary=(
        "Time from one date to another with both days counted: 'days', 'weeks', 'months' of"
        " 30.4375 days or 'years' of 365.25 days; times are left out."
    ),
    missing="Missing where either date is missing or partial.",
    arguments=_ARGUMENTS,
    rule=lambda use, check: _check(use, check, tuple(_DAYS)),
    sql=_duration_sql,
    english=lambda use, words: (
        "the duration from {0} to {1} in {2}: the number of days from {0} to {1}, plus 1 unless"
        " {1} is before {0}{3}".format(*_ends(use, words), _unit(use), _mean(_unit(use)))
    ),
    r=_duration_r,
    example="duration(ASTDT, AENDT, 'days')",
    source="ADaMIG v1.3, section 3.2.8, TRTDURD; OCCDS v1.1, ADURN",
    prelude=(
        f"{DTC_DATE};CREATE MACRO counted_days(s, e) AS"
        " CAST(e - s + CASE WHEN e >= s THEN 1 ELSE 0 END AS DOUBLE)"
    ),
)


def _elapsed_sql(use: Use, out: Sql) -> str:
    unit = _unit(use)
    if unit in _DAYS:
        start, end = (date_of(one, out) for one in use.node.arguments[:2])
        return f"CAST({end} - {start} AS DOUBLE) / {_DAYS[unit]}"
    start, end = (_moment(one, out) for one in use.node.arguments[:2])
    return f"date_diff('second', {start}, {end}) / CAST({_SECONDS[unit]} AS DOUBLE)"


def _moment(node: t.Node, out: Sql) -> str:
    """Return the SQL of a date with time; a text needs its minutes."""
    value = out.sql(node)
    return f"dtc_moment({value})" if out.type_of(node) == "dtc" else value


def _elapsed_r(use: Use, out: R) -> str:
    unit = _unit(use)
    if unit in _DAYS:
        start, end = _r_dates(use, out)
        return f"as.numeric({end} - {start}) / {_DAYS[unit]}"
    start, end = (
        f"dtc_moment({out.r(one)})" if out.type_of(one) == "dtc" else out.r(one)
        for one in use.node.arguments[:2]
    )
    return f'as.numeric(difftime({end}, {start}, units = "secs")) / {_SECONDS[unit]}'


def _elapsed_english(use: Use, words: Words) -> str:
    start, end = _ends(use, words)
    unit = _unit(use)
    if unit in _DAYS:
        return f"the {unit} elapsed from {start} to {end}: the number of days{_mean(unit)}"
    return f"the {unit} elapsed from the time of {start} to the time of {end}"


ELAPSED = Verb(
    name="elapsed",
    form="call",
    summary=(
        "Time that has passed from one date to another: 'days', 'weeks', 'months' of 30.4375 days"
        " or 'years' of 365.25 days between the dates; 'hours', 'minutes' or 'seconds' between"
        " the times."
    ),
    missing="Missing where either is missing or partial; of times, also where the minutes are.",
    arguments=_ARGUMENTS,
    rule=lambda use, check: _check(use, check, (*_DAYS, *_SECONDS)),
    sql=_elapsed_sql,
    english=_elapsed_english,
    r=_elapsed_r,
    example="elapsed(TRTSDTM, ADTM, 'hours')",
    prelude=(
        f"{DTC_DATE};CREATE MACRO dtc_moment(x) AS TRY_CAST(CASE WHEN length(x) >= 16"
        " AND NOT contains(x, '--') AND NOT contains(x, ':-') AND NOT contains(x, 'T-')"
        " THEN x END AS TIMESTAMP)"
    ),
)


def _completed_sql(use: Use, out: Sql) -> str:
    start, end = (date_of(one, out) for one in use.node.arguments[:2])
    if _unit(use) in ("days", "weeks"):
        return f"trunc(CAST({end} - {start} AS DOUBLE) / {_DAYS[_unit(use)]})"
    months = f"completed_months({start}, {end})"
    return months if _unit(use) == "months" else f"trunc({months} / 12)"


def _completed_r(use: Use, out: R) -> str:
    start, end = _r_dates(use, out)
    if _unit(use) in ("days", "weeks"):
        return f"trunc(as.numeric({end} - {start}) / {_DAYS[_unit(use)]})"
    months = f"completed_months({start}, {end})"
    return months if _unit(use) == "months" else f"trunc({months} / 12)"


COMPLETED = Verb(
    name="completed",
    form="call",
    summary=(
        "Completed 'days', 'weeks', 'months' or 'years' of the calendar from one date to another;"
        " a month is completed on the same day of the month, as a year of age is."
    ),
    missing="Missing where either date is missing or partial.",
    arguments=_ARGUMENTS,
    rule=lambda use, check: _check(use, check, tuple(_CALENDAR)),
    sql=_completed_sql,
    english=lambda use, words: "the completed calendar {2} from {0} to {1}".format(
        *_ends(use, words), _unit(use)
    ),
    r=_completed_r,
    example="completed(BRTHDT, RANDDT, 'years')",
    prelude=(
        f"{DTC_DATE};"
        "CREATE MACRO months_forward(s, e) AS 12 * (year(e) - year(s)) + month(e) - month(s)"
        " - CASE WHEN day(e) < day(s) THEN 1 ELSE 0 END;"
        "CREATE MACRO completed_months(s, e) AS CAST(CASE WHEN e >= s"
        " THEN months_forward(s, e) ELSE -months_forward(e, s) END AS DOUBLE)"
    ),
)
