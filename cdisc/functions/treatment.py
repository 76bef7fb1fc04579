"""Flags of treatment: emergent events, and what was assessed or happened on treatment.

Each is a choice that is written in the language itself; how many of its arguments are
given decides which of its branches there are.
"""

from functools import cache

from cdisc.diagnostics import Span
from cdisc.functions.dates import TIMES
from cdisc.language import tree as t
from cdisc.language.parser import parse
from cdisc.language.verb import Argument, Scope, Sql, Type, Typing, Use, Verb, Words

_WITHIN = "(trt_end is missing or date(start) on or before date(trt_end) + days)"
_EMERGENT = (
    "when trt_start is missing then '' when end before trt_start then ''"
    " when start is missing then 'Y' when start on or after trt_start{within} then 'Y'{worse}"
)
_WORSE = (
    " when start before trt_start and"
    " (initial < intensity or initial is missing or intensity is missing) then 'Y'"
)
_ON = (
    "when trt_start is missing then ''{ended} when start is missing then 'Y'"
    " when {same} then 'Y' when start after trt_start{within} then 'Y'{span}"
)
_UNTIL = " and date(start) on or before date(trt_end) + days"


@cache
def _tree(text: str) -> t.Node:
    """Return a text of the language, in which the arguments are bare names."""
    return parse(text, lambda start, end: Span("", 1, start + 1, end + 1, text)).tree


def _stands_for(text: str, use: Use) -> t.Node:
    zero = t.Number(value="0")

    def given(ref: t.Ref) -> t.Node | None:
        return use.node_of(ref.name) or (zero if ref.name == "days" else None)

    return t.substitute(_tree(text), given)


def _emergent(use: Use, _scope: Scope) -> t.Node:
    within = f" and {_WITHIN}" if "trt_end" in use.given and "days" in use.given else ""
    worse = _WORSE if "intensity" in use.given else ""
    return _stands_for(_EMERGENT.format(within=within, worse=worse), use)


def _assessed(use: Use, _scope: Scope) -> t.Node:
    within = _UNTIL if "trt_end" in use.given else ""
    return _stands_for(_ON.format(ended="", same="start = trt_start", within=within, span=""), use)


def _event(use: Use, _scope: Scope) -> t.Node:
    parts = {"ended": " when end before trt_start then ''", "same": "start = trt_start"}
    return _stands_for(_ON.format(**parts, within=_UNTIL, span=""), use)


def _spans(use: Use, _scope: Scope) -> t.Node:
    parts = {"ended": " when end before trt_start then ''", "same": "start = trt_start"}
    span = f" when {_UNTIL.removeprefix(' and ')} then 'Y'"
    return _stands_for(_ON.format(**parts, within=_UNTIL, span=span), use)


def _rule(use: Use, check: Typing) -> Type:
    for name in ("start", "end", "trt_start", "trt_end"):
        node = use.node_of(name)
        if node is not None:
            check.require(node, *TIMES)
    days = use.node_of("days")
    if days is not None:
        check.require(days, "number")
    if "initial" in use.given and "intensity" not in use.given:
        fact = f"{use.verb.name}: an initial intensity without the intensity"
        return check.problem("SPEC012", fact, use.node, expected=use.verb.usage())
    return "text"


def _no_sql(use: Use, _out: Sql) -> str:
    raise TypeError(use.verb.name)  # it stands for an expression


def _said(use: Use, words: Words) -> dict[str, str]:
    names = (one.name for one in use.verb.arguments)
    return {name: words.say(node) for name in names if (node := use.node_of(name)) is not None}


def _days(said: dict[str, str]) -> str:
    days = said.get("days", "0")
    return "" if days == "0" else f" plus {days} days"


def _emergent_english(use: Use, words: Words) -> str:
    said = _said(use, words)
    start, end, first = said["start"], said["end"], said["trt_start"]
    text = f"missing where {first} is missing or {end} is before it; otherwise 'Y' where {start}"
    text += f" is missing, or is on or after {first}"
    if "trt_end" in said and "days" in said:
        last = said["trt_end"]
        text += f" and not later than {last}{_days(said)} (no such limit where {last} is missing)"
    if "intensity" in said:
        text += (
            f", or is before {first} and {said['intensity']} is worse than {said['initial']}"
            " or one of them is missing"
        )
    return f"{text}; missing otherwise"


def _on_english(use: Use, words: Words) -> str:
    said = _said(use, words)
    start, first = said["start"], said["trt_start"]
    text = f"missing where {first} is missing"
    if "end" in said:
        text += f" or {said['end']} is before it"
    text += f"; otherwise 'Y' where {start} is missing, is the same as {first}"
    limit = f"not later than {said['trt_end']}{_days(said)}" if "trt_end" in said else ""
    text += f", or is after {first}" + (f" and {limit}" if limit else "")
    if use.verb.name == "event_spans_treatment":
        text += f", or is before {first} and {limit}"
    return f"{text}; missing otherwise"


def _flag(name: str, arguments: str, *, summary: str, example: str, missing: str) -> Verb:
    """Return a flag; an argument in brackets may be left out."""
    emergent = name == "treatment_emergent"
    expands = {"on_treatment": _assessed, "event_on_treatment": _event}.get(name, _spans)
    return Verb(
        name=name,
        form="call",
        summary=summary,
        missing=missing,
        arguments=tuple(
            Argument(one.strip("[]"), "value", optional=one.startswith("["))
            for one in arguments.split()
        ),
        rule=_rule,
        sql=_no_sql,
        english=_emergent_english if emergent else _on_english,
        example=example,
        source="OCCDS v1.1, TRTEMFL" if emergent else "ADaMIG v1.3, section 3.3.8, ONTRTFL",
        values=lambda _use, _scope: (("Y", None),),
        expands=_emergent if emergent else expands,
    )


TREATMENT_EMERGENT = _flag(
    "treatment_emergent",
    "start end trt_start [trt_end] [days] [initial] [intensity]",
    summary=(
        "'Y' for an event that began on treatment, within so many days of its end, or got worse"
        " on it."
    ),
    example="treatment_emergent(ASTDT, AENDT, TRTSDT, TRTEDT, 30)",
    missing=(
        "Missing where not treated, or ended before; an unknown start counts as emergent, an"
        " unknown end of the event or of treatment as going on."
    ),
)
ON_TREATMENT = _flag(
    "on_treatment",
    "start trt_start [trt_end] [days]",
    summary="'Y' for what was assessed from the start of treatment to so many days after its end.",
    example="on_treatment(ADT, TRTSDT, TRTEDT, 7)",
    missing=(
        "Missing where not treated; an unknown date counts as on treatment; with an unknown end"
        " nothing does but the first day."
    ),
)
EVENT_ON_TREATMENT = _flag(
    "event_on_treatment",
    "start end trt_start trt_end [days]",
    summary="'Y' for an event that began on treatment or until so many days after its end.",
    example="event_on_treatment(ASTDT, AENDT, TRTSDT, TRTEDT, 7)",
    missing="Missing where not treated, or ended before; an unknown start counts as on treatment.",
)
EVENT_SPANS_TREATMENT = _flag(
    "event_spans_treatment",
    "start end trt_start trt_end [days]",
    summary="'Y' for an event that began or went on on treatment, or so many days after its end.",
    example="event_spans_treatment(ASTDT, AENDT, TRTSDT, TRTEDT)",
    missing=(
        "Missing where not treated, or ended before; an unknown start or end counts as on"
        " treatment."
    ),
)
