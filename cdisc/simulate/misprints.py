"""How the text of one cell goes wrong, and what may still be read out of it.

A rewrite takes the clean text, the text of another column of the row and a number
that picks among its ways. `expected` says what a careful reader makes of the
result: the text that converted data must hold, or the empty text where there is
no rule for a single cell.
"""

import unicodedata
from collections.abc import Callable
from typing import Final

from cdisc.simulate.model import day_number
from cdisc.simulate.rendering import edc_day, iso_day, lis_day

_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_SPREADSHEET: Final = day_number("1899-12-30")  # day 0 of spreadsheet programs
_DAY: Final = 1_440
_SIGNS: Final = ((">=", "≥"), ("<=", "≤"), ("ug", "μg"), ("m2", "m²"))


def partial_date(text: str) -> str:
    """Return the EDC date without its day."""
    return "UN" + text[2:]


def _partial(text: str, _other: str, pick: int) -> str:
    return f"UN-UNK{text[6:]}" if pick % 10 < 3 else partial_date(text)  # noqa: PLR2004  three of ten


def _month_unknown(text: str, _other: str, _pick: int) -> str:
    return f"{text[:3]}UNK{text[6:]}"


def _before(_text: str, other: str, _pick: int) -> str:
    date, month, year = other.split("-")
    if month not in _MONTHS or not date.isdigit():
        return other
    return edc_day(day_number(f"{year}-{_MONTHS.index(month) + 1:02d}-{date}") - 3)


def _blank_space(text: str, _other: str, pick: int) -> str:
    return (f" {text}", f"{text}  ", f"{text}\t", text.swapcase() + " ")[pick % 4]


def _grade(text: str, _other: str, pick: int) -> str:
    return (("I", "II", "III", "IV")[int(text) - 1], f"{text}级", f"G{text}")[pick % 3]


def _lis(text: str) -> tuple[str, int]:
    """Split a moment of the hospital into its ISO 8601 day and minutes."""
    date, _, time = text.partition(" ")
    year, month, day = (int(one) for one in date.split("/"))
    hour, _, minute = time.partition(":")
    return f"{year}-{month:02d}-{day:02d}", int(hour or 0) * 60 + int(minute or 0)


def _other_date(text: str, _other: str, pick: int) -> str:
    """Another style; one in four is the serial number of a spreadsheet."""
    day, minute = _lis(text)
    if pick % 4 == 0:
        return f"{day_number(day) - _SPREADSHEET + minute / _DAY:.5f}"
    return f"{day} {minute // 60:02d}:{minute % 60:02d}"


def _midnight(text: str, _other: str, _pick: int) -> str:
    """The day begins where the day before ends."""
    return lis_day(day_number(_lis(text)[0]) - 1) + " 24:00"


def _marked(text: str, _other: str, pick: int) -> str:
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)
    return (f"{text}*", wide, text.replace(".", "。"), f"<{text}")[pick % 4]


def _dotted(text: str) -> str:
    """Return the ISO 8601 day of a date of the flow laboratory."""
    return "-".join(reversed(text.split(".")))


def _other_dotted(text: str, _other: str, pick: int) -> str:
    """Another style; one in four is the serial number of a spreadsheet."""
    day = _dotted(text)
    return str(day_number(day) - _SPREADSHEET) if pick % 4 == 0 else day


def _wide(text: str, other: str, pick: int) -> str:
    return _marked(text, other, pick % 3)


def _spoiled(_text: str, _other: str, pick: int) -> str:
    return ("not done", "hemolysed", "标本溶血")[pick % 3]


def _words(_text: str, _other: str, pick: int) -> str:
    return ("not done", "ND", "hemolysed", "标本溶血")[pick % 4]


def _absent(_text: str, _other: str, pick: int) -> str:
    return ("not done", "ND", "NA", "UNK")[pick % 4]


def _slip(text: str, _other: str, _pick: int) -> str:
    return text.replace(".", "") if "." in text else f"{text}0"


def _signs(text: str, _other: str, _pick: int) -> str:
    for plain, sign in _SIGNS:
        text = text.replace(plain, sign)
    return text


def _other_grade(text: str, _other: str, _pick: int) -> str:
    return {"1": "2", "2": "3", "3": "2", "4": "3"}.get(text, text)


REWRITES: Final[dict[str, Callable[[str, str, int], str]]] = {
    "partial_date": _partial,
    "month_unknown": _month_unknown,
    "before": _before,
    "blank": lambda _text, _other, _pick: "",
    "blank_space": _blank_space,
    "grade_words": _grade,
    "other_date": _other_date,
    "date_only": lambda text, _other, _pick: text.split(" ")[0],
    "midnight": _midnight,
    "marked": _marked,
    "words": _words,
    "absent": _absent,
    "slip": _slip,
    "other_dotted": _other_dotted,
    "wide": _wide,
    "spoiled": _spoiled,
    "signs": _signs,
    "other_grade": _other_grade,
}
NUMERIC: Final = frozenset(
    {"marked", "wide", "spoiled", "words", "absent", "slip"}
)  # rewrite numbers only


def bumped(text: str) -> str:
    """Return the corrected result: the last digit is another one."""
    if not text or not text[-1].isdigit():
        return text
    return text[:-1] + str((int(text[-1]) + 1) % 10)


def later(text: str) -> str:
    """Return the moment at which a corrected result is reported."""
    date, time = text.split(" ")
    return f"{date} 23:{time.split(':')[1]}"


def expected(kind: str, clean: str, dirty: str) -> str:
    """Return what converted data must say of a cell.

    Args:
        kind: ``clean`` (the clean text), ``kept`` (the dirty text), ``date`` (ISO 8601 as
            far as known), ``moment`` (likewise, of the hospital), ``dotted`` (of the flow
            laboratory), ``number`` (the plain characters), ``absent`` (why there is no
            result), or empty.
        clean: The text before.
        dirty: The text after.
    """
    return _READ[kind](clean, dirty)


def _iso_date(_clean: str, dirty: str) -> str:
    day, month, year = dirty.split("-")
    month = f"{_MONTHS.index(month) + 1:02d}" if month in _MONTHS else "-"
    if day.isdigit():
        return f"{year}-{month}-{day}"
    return year if month == "-" else f"{year}-{month}"


def _iso_moment(clean: str, dirty: str) -> str:
    day, minute = _lis(clean)
    if dirty.endswith(" 24:00"):
        return f"{iso_day(day_number(_lis(dirty)[0]) + 1)}T00:00"
    if "/" in dirty and " " not in dirty:
        return day
    return f"{day}T{minute // 60:02d}:{minute % 60:02d}"


def _plain(_clean: str, dirty: str) -> str:
    return unicodedata.normalize("NFKC", dirty).replace("。", ".").removesuffix("*")


def _reason(_clean: str, dirty: str) -> str:
    return "HEMOLYZED" if dirty in ("hemolysed", "标本溶血") else "NOT DONE"


_READ: Final[dict[str, Callable[[str, str], str]]] = {
    "": lambda _clean, _dirty: "",
    "clean": lambda clean, _dirty: clean,
    "kept": lambda _clean, dirty: dirty,
    "date": _iso_date,
    "moment": _iso_moment,
    "dotted": lambda clean, _dirty: _dotted(clean),
    "number": _plain,
    "absent": _reason,
}
