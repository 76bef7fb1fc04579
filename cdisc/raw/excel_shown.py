"""The text of a cell: what its format shows, where that is all that the cell holds.

A cell holds a number, and a format that shows it: ``5.1`` as ``5.10``, ``7`` as ``007``,
``45000`` as a day. The text is what is shown wherever the number can be had back from
it; what a format hides (further digits, a time of day) is not lost but written, and the
cell is counted. Dates are ISO 8601, as much of them as the format shows: a month that
was entered as ``Mar 2024`` has no day.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Final

from cdisc.raw.texts import NoTextError

_DAY: Final = 86_400
_LEAP_DAY: Final = 60
"""The serial number of 29 February 1900, a day that never was."""

_GENERAL: Final = "General"
BUILT_IN: Final[Mapping[int, str]] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    22: "m/d/yy h:mm",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    49: "@",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33), "h:mm:ss"),
}
"""Formats that are known by their number alone (ECMA-376 part 1, 18.8.30)."""

_ASIDE: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|AM/PM|A/P', re.IGNORECASE)
_FIXED: Final = re.compile(r"[#,?]*(?P<whole>0*)(?:\.(?P<digits>0*)[#?]*)?(?P<percent>%?)")
_PARTS: Final = re.compile(r"y+|m+|d+|h+|s+|e", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """What a format shows.

    Attributes:
        parts: Of a date or time, among ``ymdhMs``; empty for numbers.
        elapsed: Hours go on beyond a day.
        whole: Digits before the point, at least.
        digits: Digits behind the point, or None where they are not fixed.
        percent: The number is shown times 100.
    """

    parts: frozenset[str] = frozenset()
    elapsed: bool = False
    whole: int = 0
    digits: int | None = None
    percent: bool = False


@cache
def shape_of(code: str) -> Shape:
    """Return what a format code shows.

    Example:
        >>> sorted(shape_of("dd/mm/yyyy hh:mm").parts), shape_of("000.0").digits
        (['M', 'd', 'h', 'm', 'y'], 1)
    """
    plain = _ASIDE.sub("", code.split(";", maxsplit=1)[0])
    if _GENERAL.casefold() in plain.casefold() or "@" in plain:
        return Shape()
    found = [one.lower()[0] for one in _PARTS.findall(plain)]
    if found and "e+" not in plain.lower() and "e-" not in plain.lower():
        parts = []
        for at, part in enumerate(found):
            after = found[at + 1] if at + 1 < len(found) else ""
            before = found[at - 1] if at else ""
            minute = part == "m" and (before == "h" or after == "s")
            parts.append("M" if minute else "y" if part == "e" else part)
        return Shape(frozenset(parts), elapsed="[" in plain)
    match = _FIXED.fullmatch(plain.strip())
    if match is None or "#" in (match["digits"] or ""):
        return Shape()
    fixed = len(match["digits"] or "")
    return Shape(whole=len(match["whole"]), digits=fixed, percent=bool(match["percent"]))


def shown(value: str, code: str, *, from_1904: bool) -> tuple[str, bool]:
    """Return the text of a number, and whether the cell holds more than it shows.

    Args:
        value: The number, as the file has it.
        code: The format of the cell.
        from_1904: Days count from 1904 and not from 1900.

    Raises:
        NoTextError: The file has no finite number there.

    Example:
        >>> shown("5.1", "0.00", from_1904=False), shown("45352", "mmm yyyy", from_1904=False)
        (('5.10', False), ('2024-03', False))
    """
    try:
        number = float(value)
    except ValueError as error:
        raise NoTextError("cells of numbers that are none") from error
    if not abs(number) < float("inf"):
        raise NoTextError("infinite numbers")
    shape = shape_of(code)
    if shape.parts:
        text = _moment(number, shape, from_1904=from_1904)
        return (plain(number), True) if text is None else text
    if shape.digits is None:
        return plain(number), False
    text_, back = _fixed(number, shape)
    return (text_, False) if back == number else (plain(number), True)


def plain(number: float) -> str:
    """Return the shortest text of a number, without an exponent."""
    text = f"{Decimal(repr(number)):f}"
    return "0" if number == 0 else text.removesuffix(".0")


def _fixed(number: float, shape: Shape) -> tuple[str, float]:
    """Return what is shown, and the number that it stands for."""
    scaled = Decimal(repr(number)) * (100 if shape.percent else 1)
    digits = f"{abs(scaled):.{shape.digits}f}"
    whole, point, rest = digits.partition(".")
    text = f"{'-' if scaled < 0 else ''}{whole.zfill(shape.whole)}{point}{rest}"
    if shape.percent:
        return f"{text}%", float(Decimal(text) / 100)
    return text, float(text)


def _moment(number: float, shape: Shape, *, from_1904: bool) -> tuple[str, bool] | None:
    """Return a date or time, and whether it has more than is shown; None if it is none."""
    days, rest = divmod(number, 1)
    millis = round(rest * _DAY * 1000)
    if millis == _DAY * 1000:
        days, millis = days + 1, 0
    if number < 0:
        return None
    if shape.elapsed or not shape.parts & set("ymd"):
        hours_too = shape.elapsed or days == 0
        if hours_too:
            return _clock(int(days) * 24, millis, shape)
    start = dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30)
    if not from_1904 and days <= _LEAP_DAY:
        if days in {0, _LEAP_DAY}:
            return None
        start = dt.date(1899, 12, 31)
    try:
        day = start + dt.timedelta(days=days)
    except OverflowError:
        return None
    return _date(day, millis, shape)


def _clock(hours: int, millis: int, shape: Shape) -> tuple[str, bool]:
    minutes, rest = divmod(millis, 60_000)
    seconds, rest = divmod(rest, 1000)
    text = f"{hours + minutes // 60:02d}:{minutes % 60:02d}"
    if seconds or rest or "s" in shape.parts:
        text += f":{seconds:02d}"
    if rest:
        text += f".{rest:03d}".rstrip("0")
    return text, bool(seconds or rest) and "s" not in shape.parts


def _date(day: dt.date, millis: int, shape: Shape) -> tuple[str, bool]:
    parts = shape.parts
    if parts & set("hMs"):
        time, more = _clock(0, millis, shape)
        return f"{day.isoformat()}T{time}", more or not parts & set("yd")
    if millis:
        return f"{day.isoformat()}T{_clock(0, millis, shape)[0]}", True
    if "y" not in parts or "d" in parts:
        return day.isoformat(), False
    if "m" in parts:
        return (day.isoformat()[:7], False) if day.day == 1 else (day.isoformat(), True)
    first = (day.month, day.day) == (1, 1)
    return (day.isoformat()[:4], False) if first else (day.isoformat(), True)
