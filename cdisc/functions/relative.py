"""A date against a reference period, or against a reference time point.

The words are those of the codelist for timing relative to a reference. Partial dates
count as far as they are known: one that lies before the end of the period in any case
is not called unknown.
"""

from cdisc.diagnostics import Diagnostic
from cdisc.functions.dates import DTC_KNOWN, TIMES
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.functions.terminology import fold
from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Scope, Sql, Type, Typing, Use, Verb, Words

_CODELIST = "STENRF"
_PERIOD = ("BEFORE", "AFTER", "DURING", "DURING/AFTER", "BEFORE/DURING", "UNKNOWN")
_POINT = ("BEFORE", "AFTER", "COINCIDENT", "UNKNOWN")


def _words(use: Use, scope: Scope) -> dict[str, str]:
    """Return the words as the pinned codelist writes them; what it lacks is unknown."""
    found = scope.terms(_CODELIST)
    wanted = _PERIOD if len(use.node.arguments) > 2 else _POINT  # noqa: PLR2004  two ends
    if isinstance(found, Diagnostic):
        return {one: one for one in wanted}
    unknown = found.collected.get(fold("Unknown"), "UNKNOWN")
    return {one: found.collected.get(fold(one), unknown) for one in wanted}


def _rule(use: Use, check: Typing) -> Type:
    for node in use.node.arguments:
        check.require(node, *TIMES)
    return "text"


def _dtc(node: t.Node, out: Sql) -> str:
    """Return the SQL of what is known of a date, as ISO 8601."""
    kind, column = out.type_of(node), out.column(node)
    if kind == "date":
        return f"CAST({column} AS VARCHAR)"
    if kind == "datetime":
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S')"
    return f"dtc_known({column})"


def _sql(use: Use, out: Sql) -> str:
    said = {one: text(word) for one, word in _words(use, out.scope).items()}
    date, start, *end = (_dtc(node, out) for node in use.node.arguments)
    first = f"side_of({date}, {start})"
    known = ", ".join([start, *end])
    rest = f"WHEN {date} IS NOT NULL AND coalesce({known}) IS NOT NULL THEN {said['UNKNOWN']} END"
    if not end:
        return (
            f"CASE {first} WHEN -1 THEN {said['BEFORE']} WHEN 1 THEN {said['AFTER']}"
            f" WHEN 0 THEN {said['COINCIDENT']} ELSE CASE {rest} END"
        )
    last = f"side_of({date}, {end[0]})"
    return (
        f"CASE WHEN {first} < 0 THEN {said['BEFORE']} WHEN {last} > 0 THEN {said['AFTER']}"
        f" WHEN {first} >= 0 AND {last} <= 0 THEN {said['DURING']}"
        f" WHEN {first} >= 0 THEN {said['DURING/AFTER']}"
        f" WHEN {last} <= 0 THEN {said['BEFORE/DURING']} {rest}"
    )


def _r(use: Use, out: R) -> str:
    said = {one: r_text(word) for one, word in _words(use, out.scope).items()}
    date, start, *end = (_dtc_r(node, out) for node in use.node.arguments)
    first = f"side_of({date}, {start})"
    known = " | ".join(f"!is.na({one})" for one in (start, *end))
    if end:
        last = f"side_of({date}, {end[0]})"
        whens = [
            f"{first} < 0 ~ {said['BEFORE']}",
            f"{last} > 0 ~ {said['AFTER']}",
            f"{first} >= 0 & {last} <= 0 ~ {said['DURING']}",
            f"{first} >= 0 ~ {said['DURING/AFTER']}",
            f"{last} <= 0 ~ {said['BEFORE/DURING']}",
        ]
    else:
        sides = (("< 0", "BEFORE"), ("> 0", "AFTER"), ("== 0", "COINCIDENT"))
        whens = [f"{first} {side} ~ {said[word]}" for side, word in sides]
    whens.append(f"!is.na({date}) & ({known}) ~ {said['UNKNOWN']}")
    return "case_when(\n  " + ",\n  ".join(whens) + "\n)"


def _dtc_r(node: t.Node, out: R) -> str:
    kind = out.type_of(node)
    if kind in ("date", "datetime"):
        return f"dtc_of_{kind}({out.r(node)})"
    return f"known({out.r(node)})"


def _english(use: Use, words: Words) -> str:
    said = _words(use, words.scope)
    date, start, *end = (words.say(node) for node in use.node.arguments)
    known = "as far as the dates are known"
    if not end:
        return (
            f"'{said['BEFORE']}' where {date} is before {start}, '{said['AFTER']}' where it is"
            f" after, '{said['COINCIDENT']}' where both are on the same day or at the same time,"
            f" '{said['UNKNOWN']}' where that is not known ({known}); missing without either"
        )
    return (
        f"the timing of {date} relative to the period from {start} to {end[0]}, {known}:"
        f" '{said['BEFORE']}' before its start, '{said['DURING']}' from start to end,"
        f" '{said['AFTER']}' after its end; '{said['DURING/AFTER']}' where only the start decides,"
        f" '{said['BEFORE/DURING']}' where only the end decides, '{said['UNKNOWN']}' where neither"
        f" does; missing without {date} or without a period"
    )


RELATIVE = Verb(
    name="relative",
    form="call",
    summary=(
        "BEFORE, DURING or AFTER of a date against a reference period; with one reference time"
        " point BEFORE, COINCIDENT or AFTER. DURING/AFTER, BEFORE/DURING or UNKNOWN where partial"
        " dates leave it open."
    ),
    missing="Missing without the date, or without any reference.",
    arguments=(
        Argument("date", "value"),
        Argument("start", "value"),
        Argument("end", "value", optional=True),
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    gives=lambda use, scope: tuple(dict.fromkeys(_words(use, scope).values())),
    values=lambda use, scope: tuple((one, None) for one in _words(use, scope).values()),
    example="relative(CMENDTC, DM.RFSTDTC, DM.RFENDTC)",
    source="SDTMIG v3.4, section 4.4.7, Use of Relative Timing Variables",
    prelude=(
        f"{DTC_KNOWN};"
        "CREATE MACRO side_of(a, b) AS CASE WHEN left(a, length(b)) < left(b, length(a)) THEN -1"
        " WHEN left(a, length(b)) > left(b, length(a)) THEN 1"
        " WHEN length(a) >= 10 AND length(b) >= 10 THEN 0 END"
    ),
)
