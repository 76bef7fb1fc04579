"""Operators on ISO 8601 dates, times and durations."""

from collections.abc import Callable

from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Frame
from cdisc.validate.open_rules.operators import compared, operator, target
from cdisc.validate.open_rules.rule import Test

# A date, or one of which parts are not known: SDTMIG 4.4.2. The parts that follow a lower one that
# is missing are kept by a hyphen each.
_DATE = (
    r"^((-?[0-9]{4}|-)(-(1[0-2]|0[1-9]|-)(-(3[01]|0[1-9]|[12][0-9]|-)"
    r"(T(2[0-3]|[01][0-9]|-)(:([0-5][0-9]|-)((:([0-5][0-9]|-))?(\.[0-9]+)?"
    r"((Z|[+-](:?2[0-3]|[01][0-9]):[0-5][0-9]))?)?)?)?)?)?)$"
)
_MOMENT = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}(:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?"
_MOMENT += r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?$"
_INTERVAL = _DATE[1:-1]
_DURATION = (
    r"^{sign}P(([0-9]+W)|(([0-9]+([.,][0-9]+)?Y)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?D)?"
    r"(T([0-9]+([.,][0-9]+)?H)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?S)?)?))$"
)


def complete_to(sql: str) -> str:
    """Return the moment at which a date or a part of one begins; NULL where it is none."""
    padded = (
        f"CASE length({sql}) WHEN 4 THEN {sql} || '-01-01' WHEN 7 THEN {sql} || '-01' "
        f"WHEN 13 THEN {sql} || ':00' ELSE {sql} END"
    )
    shaped = f"regexp_matches({sql}, {text(_MOMENT)})"
    return f"CASE WHEN {shaped} THEN TRY_CAST({padded} AS TIMESTAMP) END"


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
    sql = target(frame, test).sql
    return f"coalesce(length({sql}) >= 10 AND {complete_to(sql)} IS NOT NULL, false)"


@operator("invalid_date")
def _invalid(frame: Frame, test: Test) -> str:
    sql = target(frame, test).sql
    shaped = f"regexp_matches({sql}, {text(_DATE)})"
    both = f"regexp_matches({sql}, {text(f'^{_INTERVAL}/{_INTERVAL}$')})"
    real = f"(NOT regexp_matches({sql}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') OR "
    real += f"TRY_CAST(left({sql}, 10) AS DATE) IS NOT NULL)"
    return f"coalesce(NOT (({shaped} OR {both}) AND {real}), true)"


@operator("invalid_duration")
def _invalid_duration(frame: Frame, test: Test) -> str:
    sql = target(frame, test).sql
    pattern = _DURATION.replace("{sign}", "" if test.options.get("negative") is False else "-?")
    found = f"regexp_matches({sql}, {text(pattern)}) AND NOT regexp_matches({sql}, '(P|T)$')"
    return f"NOT coalesce({found}, false)"
