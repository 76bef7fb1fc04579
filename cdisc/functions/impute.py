"""Imputation of partial dates and times; the flag of what was imputed is always written."""

from cdisc.functions.dates import DTC_KNOWN
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Companion, R, Sql, Type, Typing, Use, Verb, Words

_SIDES = ("first", "last")
_ARGUMENTS = (
    Argument("date", "word", after=("date",), optional=True, choices=_SIDES),
    Argument("from", "word", after=("from",), optional=True, choices=("month", "day")),
    Argument("time", "word", after=("time",), optional=True, choices=_SIDES),
    Argument("flag", "word", after=("flag",), optional=True),
    Argument("lower", "value", after=("not", "before"), optional=True),
    Argument("upper", "value", after=("not", "after"), optional=True),
)


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "dtc")
    result: Type = "datetime" if use.text("time") else "date"
    if not use.text("date") and not use.text("time"):
        fact = "impute: nothing says what may be filled"
        help_ = "impute date first from month, or: impute time last"
        check.problem("SPEC012", fact, use.node, help=help_)
    if bool(use.text("date")) != bool(use.text("from")):
        fact = "impute: the highest part that may be filled is not said"
        check.problem("SPEC012", fact, use.node, help="add: from month, or: from day")
    for name in ("lower", "upper"):
        bound = use.node_of(name)
        if bound is not None:
            check.require(bound, result)
    if not _flags(use, check.scope.target):
        fact = "impute: no name for the flag variable"
        check.problem("SPEC012", fact, use.node, help="add: flag NAME")
    return result


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
    place = {"start": use.node.start, "end": use.node.end}
    return tuple(
        Companion(
            name,
            t.Step(
                name="imputed_part",
                operand=use.operand,
                arguments=(t.Word(value=part), *_from(use)),
                **place,
            ),
        )
        for part, name in _flags(use, target).items()
    )


def _from(use: Use) -> tuple[t.Node, ...]:
    highest = use.text("from")
    return (t.Word(value="from"), t.Word(value=highest)) if highest else ()


def _sql(use: Use, out: Sql) -> str:
    operand = f"dtc_known({out.column(use.operand)})"
    highest = text(use.text("from") or "none")
    side, time = text(use.text("date") or "first"), use.text("time")

    def filled(side: str) -> str:
        date = f"impute_date({operand}, {side}, {highest})"
        return f"impute_time({operand}, {date}, {text(time)})" if time else date

    result, earliest, latest = filled(side), filled("'first'"), filled("'last'")
    for name, choose in (("lower", "greatest"), ("upper", "least")):
        bound = use.node_of(name)
        if bound is not None:
            limit = out.column(bound)
            result = (
                f"CASE WHEN length({operand}) < 10 AND {limit} BETWEEN {earliest} AND {latest}"
                f" THEN {choose}({result}, {limit}) ELSE {result} END"
            )
    return result


def _r(use: Use, out: R) -> str:
    side, time = (r_text(given) if (given := use.text(one)) else "NA" for one in ("date", "time"))
    highest = r_text(use.text("from") or "none")
    given = [f"{out.r(use.operand)}, side = {side}, from = {highest}, time = {time}"]
    bounds = ((name, use.node_of(name)) for name in ("lower", "upper"))
    given += [f"{name} = {out.r(bound)}" for name, bound in bounds if bound is not None]
    return f"impute({', '.join(given)})"


def _english(use: Use, words: Words) -> str:
    operand = words.say(use.operand)
    side, time = use.text("date"), use.text("time")
    said = [f"the date{' and time' if time else ''} of {operand}"]
    if side:
        said.append(f"where the day is missing, the {side} day of the month is used")
        if use.text("from") == "month":
            said.append(
                f"where the month is missing, {'1 January' if side == 'first' else '31 December'}"
            )
    if time:
        said.append(f"where the time is missing, {'00:00:00' if time == 'first' else '23:59:59'}")
    for name, what in (("lower", "earlier"), ("upper", "later")):
        bound = use.node_of(name)
        if bound is not None:
            limit = words.say(bound)
            said.append(f"an imputed date is never {what} than {limit} within its period")
    return "; ".join(said)


IMPUTE = Verb(
    name="impute",
    form="step",
    summary=(
        "A complete date (or date with time) from a partial one; the flag variable is written too."
    ),
    missing="Missing where the highest missing part may not be filled.",
    arguments=_ARGUMENTS,
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    example="DM.DTHDTC | impute date first from month flag DTHDTF not before TRTEDT",
    source="ADaMIG v1.3, section 3.1.3, date and time imputation flag variables",
    companions=_companions,
    prelude=(
        f"{DTC_KNOWN};"
        "CREATE MACRO impute_date(x, side, highest) AS CASE"
        " WHEN length(x) >= 10 THEN TRY_CAST(left(x, 10) AS DATE)"
        " WHEN length(x) = 7 AND highest <> 'none' THEN CASE WHEN side = 'first'"
        " THEN TRY_CAST(x || '-01' AS DATE) ELSE last_day(TRY_CAST(x || '-01' AS DATE)) END"
        " WHEN length(x) = 4 AND highest = 'month' THEN CASE WHEN side = 'first'"
        " THEN TRY_CAST(x || '-01-01' AS DATE) ELSE TRY_CAST(x || '-12-31' AS DATE) END END;"
        "CREATE MACRO impute_time(x, d, side) AS TRY_CAST(CAST(d AS VARCHAR) || ' ' || CASE"
        " WHEN side = 'first'"
        " THEN left(substr(x, 12), 8) || substr('00:00:00', length(substr(x, 12)) + 1)"
        " ELSE left(substr(x, 12), 8) || substr('23:59:59', length(substr(x, 12)) + 1)"
        " END AS TIMESTAMP);"
        "CREATE MACRO imputed_date_part(x, highest) AS CASE WHEN length(x) = 7 THEN 'D'"
        " WHEN length(x) = 4 AND highest = 'month' THEN 'M' END;"
        "CREATE MACRO imputed_time_part(x, highest) AS CASE WHEN length(x) >= 19 THEN NULL"
        " WHEN length(x) >= 16 THEN 'S' WHEN length(x) >= 13 THEN 'M'"
        " WHEN length(x) >= 10 OR (length(x) = 7 AND highest <> 'none')"
        " OR (length(x) = 4 AND highest = 'month') THEN 'H' END"
    ),
)


def _flag_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "dtc")
    return "text"


def _imputed_part(use: Use, out: Sql) -> str:
    highest = text(use.text("from") or "none")
    operand = f"dtc_known({out.column(use.operand)})"
    return f"imputed_{use.text('part')}_part({operand}, {highest})"


IMPUTED_PART = Verb(
    name="imputed_part",
    form="step",
    summary="The highest part of a date (D, M) or of a time (H, M, S) that was imputed.",
    missing="Missing where nothing was imputed.",
    arguments=(
        Argument("part", "word", choices=("date", "time")),
        Argument("from", "word", after=("from",), optional=True, choices=("month", "day")),
    ),
    rule=_flag_rule,
    sql=_imputed_part,
    english=lambda use, words: (
        f"the highest part of the {use.text('part')} of {words.say(use.operand)} that was imputed"
    ),
    r=lambda use, out: (
        f"imputed_{use.text('part')}_part({out.r(use.operand)},"
        f" {r_text(use.text('from') or 'none')})"
    ),
    example="DM.DTHDTC | imputed_part date from month",
    prelude=IMPUTE.prelude,
)
