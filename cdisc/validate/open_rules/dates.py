"""Operators on ISO 8601 dates, times and durations."""

from collections.abc import Callable

from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Frame
from cdisc.validate.open_rules.operators import compared, operator, target
from cdisc.validate.open_rules.rule import Test

# A date, or one of which parts are not known: SDTMIG 4.4.2. The parts that follow a lower one that
# is missing are kept by a hyphen each; of an interval there are two, with a slash between them.
_YEAR, _MONTH, _DAY = "-?[0-9]{4}|-", "1[0-2]|0[1-9]|-", "3[01]|0[1-9]|[12][0-9]|-"
_HOUR, _SIXTY, _ZONE = "2[0-3]|[01][0-9]|-", "[0-5][0-9]|-", "Z|[+-](?:2[0-3]|[01][0-9]):[0-5][0-9]"
_TIME = rf"({_HOUR})(?::({_SIXTY})(?::({_SIXTY})?(?:\.([0-9]+))?)?)?({_ZONE})?"
_POINT = rf"({_YEAR})(?:-{{1,2}}({_MONTH}))?(?:-{{1,2}}({_DAY}))?(?:T{_TIME})?"
_SHAPE = rf"^(?:{_POINT}(?:/{_POINT})?|-{{4,8}}T{_TIME})$"
_UNSURE = "/|--|-:"
_EXACT = (
    r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T([01][0-9]|2[0-3])(:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?$"
)
_PARTS = ("year", "month", "day", "hour", "minute", "second", "fraction")
_FIRST = ("1970", "01", "01", "00", "00", "00", "0")
_DURATION = (
    r"^{sign}P(([0-9]+W)|(([0-9]+([.,][0-9]+)?Y)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?D)?"
    r"(T([0-9]+([.,][0-9]+)?H)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?S)?)?))$"
)


def is_date(sql: str) -> str:
    """Say of a text whether it is a date, or one of which parts are not known."""
    return (
        f"(regexp_matches({sql}, {text(_SHAPE)}) AND "
        f"(regexp_matches({sql}, '{_UNSURE}') OR {_exact(sql)} IS NOT NULL))"
    )


def _exact(sql: str) -> str:
    """Return the moment at which a date begins of which every part that is there is known."""
    padded = (
        f"CASE length({sql}) WHEN 4 THEN {sql} || '-01-01' WHEN 7 THEN {sql} || '-01' "
        f"WHEN 13 THEN {sql} || ':00' ELSE {sql} END"
    )
    with_minutes = rf"regexp_replace({sql}, 'T([0-9]{{2}})(Z|[+-])', 'T\1:00\2')"
    zoned = f"CAST(TRY_CAST({with_minutes} AS TIMESTAMPTZ) AS TIMESTAMP)"
    shaped = f"regexp_matches({sql}, {text(_EXACT)}) AND left({sql}, 4) <> '0000'"
    return (
        f"CASE WHEN NOT ({shaped}) THEN NULL WHEN regexp_matches({sql}, 'T.*(Z|[+-])') "
        f"THEN {zoned} ELSE TRY_CAST({padded} AS TIMESTAMP) END"
    )


def _unsure(sql: str) -> str:
    """Return the moment at which a date begins of which parts are not known, or an interval."""
    names = [f"{half}{part}" for half in ("", "end_") for part in (*_PARTS, "zone")]
    groups = ", ".join(text(one) for one in (*names, *(f"time_{one}" for one in _PARTS[3:])))
    found = f"regexp_extract({sql}, {text(_SHAPE)}, [{groups}])"
    parts = []
    for part, first in zip(_PARTS, _FIRST, strict=True):
        from_time = f", nullif(__part.time_{part}, '')" if part in _PARTS[3:] else ""
        value = f"coalesce(nullif(__part.{part}, ''), nullif(__part.end_{part}, ''){from_time})"
        parts.append(f"coalesce(nullif({value}, '-'), '{first}')")
    year, month, day, hour, minute, second, fraction = parts
    moment = f"{year} || '-' || {month} || '-' || {day} || ' ' || {hour} || ':' || {minute}"
    moment += f" || ':' || {second} || '.' || {fraction}"
    return f"list_transform([{found}], lambda __part: TRY_CAST({moment} AS TIMESTAMP))[1]"


def complete_to(sql: str) -> str:
    """Return the moment at which a date or a part of one begins; NULL where it is none."""
    unsure = f"regexp_matches({sql}, '{_UNSURE}') AND regexp_matches({sql}, {text(_SHAPE)})"
    return f"CASE WHEN {unsure} THEN {_unsure(sql)} ELSE {_exact(sql)} END"


def precision(sql: str) -> str:
    """Return how many parts a date has."""
    return f"length(regexp_replace({sql}, '[^-T:.]', '', 'g'))"


def _compared(sign: str) -> Callable[[Frame, Test], str]:
    def build(frame: Frame, test: Test) -> str:
        left, right = (one.sql for one in (target(frame, test), compared(frame, test)))
        component = test.options.get("date_component")
        sides = [complete_to(f"CAST({one} AS VARCHAR)") for one in (left, right)]
        if component == "auto":
            common = f"least(length({left}), length({right}))"
            sides = [complete_to(f"left({one}, {common})") for one in (left, right)]
        elif component:
            sides = [f"date_part({text(str(component))}, {one})" for one in sides]
        return f"coalesce({sides[0]} {sign} {sides[1]}, false)"

    return build


for _name, _sign in {
    "equal_to": "=", "not_equal_to": "<>", "less_than": "<", "less_than_or_equal_to": "<=",
    "greater_than": ">", "greater_than_or_equal_to": ">=",
}.items():  # fmt: skip
    operator(f"date_{_name}")(_compared(_sign))


@operator("is_complete_date", "is_incomplete_date")
def _complete(frame: Frame, test: Test) -> str:
    column = target(frame, test)
    if column.kind != "text":
        return "false"
    sql = column.sql
    compact = f"regexp_matches({sql}, '^[0-9]{{8}}$') AND TRY_STRPTIME({sql}, '%Y%m%d') IS NOT NULL"
    return f"coalesce((length({sql}) >= 10 AND {_exact(sql)} IS NOT NULL) OR {compact}, false)"


@operator("invalid_date")
def _invalid(frame: Frame, test: Test) -> str:
    column = target(frame, test)
    if column.kind != "text":
        return "true"
    return f"NOT coalesce({is_date(column.sql)}, false)"


@operator("invalid_duration")
def _invalid_duration(frame: Frame, test: Test) -> str:
    column = target(frame, test)
    if column.kind != "text":
        return "true"
    sql = column.sql
    pattern = _DURATION.replace("{sign}", "" if test.options.get("negative") is False else "-?")
    # only the last part may have a decimal fraction
    found = f"regexp_matches({sql}, {text(pattern)}) AND NOT regexp_matches({sql}, '(P|T)$')"
    found += f" AND NOT regexp_matches({sql}, '[.,][0-9]*[YMWDHS].*[0-9]')"
    return f"NOT coalesce({found}, false)"
