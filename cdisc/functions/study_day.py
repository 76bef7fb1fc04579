"""Study day (--DY): there is no day 0."""

import dataclasses

from cdisc.functions.dates import DTC_DATE, TIMES, date_of, r_date_of
from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Scope, Sql, Type, Typing, Use, Verb, Words


def _reference(use: Use, scope: Scope) -> t.Node | None:
    return use.node_of("reference") or _implied(use, scope)


def _implied(use: Use, scope: Scope) -> t.Ref | None:
    """Return the reference of the standard, at the place of the verb that implies it."""
    found = scope.reference("start")
    return found and dataclasses.replace(found, start=use.node.start, end=use.node.end)


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, *TIMES)
    reference = _reference(use, check.scope)
    if reference is None:
        return check.problem(
            "SPEC012",
            "study_day: there is no reference start date here",
            use.node,
            help="name it: study_day(DATE, REFERENCE)",
        )
    check.require(reference, *TIMES)
    return "number"


def _sql(use: Use, out: Sql) -> str:
    reference = _reference(use, out.scope)
    assert reference is not None
    return f"study_day({date_of(use.operand, out)}, {date_of(reference, out)})"


def _r(use: Use, out: R) -> str:
    reference = _reference(use, out.scope)
    assert reference is not None
    return f"study_day({r_date_of(use.operand, out)}, {r_date_of(reference, out)})"


def _english(use: Use, words: Words) -> str:
    reference = _reference(use, words.scope)
    assert reference is not None
    at, start = words.say(use.operand), words.say(reference)
    return (
        f"the study day of {at}: the date part of {at} minus the date part of {start},"
        f" plus 1 where {at} is on or after {start} (there is no day 0);"
        " missing where either date is missing or incomplete"
    )


def _implies(use: Use, scope: Scope) -> tuple[t.Ref, ...]:
    reference = None if "reference" in use.given else _implied(use, scope)
    return (reference,) if reference else ()


STUDY_DAY = Verb(
    name="study_day",
    form="call",
    summary="Days from the reference start date; the first day is 1, the day before it is -1.",
    missing="Missing where either date is missing or incomplete.",
    arguments=(Argument("date", "value"), Argument("reference", "value", optional=True)),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    example="study_day(AESTDTC)",
    source="SDTMIG v3.4, section 4.4.4, Use of the Study Day Variables",
    implies=_implies,
    prelude=(
        f"{DTC_DATE};CREATE MACRO study_day(d, r) AS"
        " CAST(d - r + CASE WHEN d >= r THEN 1 ELSE 0 END AS DOUBLE)"
    ),
)
