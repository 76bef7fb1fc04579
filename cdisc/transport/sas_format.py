"""SAS display formats: ``DATE9.``, ``8.2``, ``$CHAR20.`` as name, width and decimals.

A transport file has no date type: what makes a number a date is the family of
its format. This module knows the families and nothing else of the file.
"""

import dataclasses
import re
from typing import Final

from cdisc.dataset import Kind

_WRITTEN: Final = re.compile(
    r"(?P<name>\$?(?:[A-Z_][A-Z0-9_]*[A-Z_]|[A-Z_])?)"
    r"(?P<width>[1-9][0-9]{0,4})?\.(?P<decimals>[1-9][0-9]?)?"
)


@dataclasses.dataclass(frozen=True, slots=True)
class SasFormat:
    """A display format; a width of 0 means the default width."""

    name: str
    width: int
    decimals: int

    def __str__(self) -> str:
        return f"{self.name}{self.width or ''}.{self.decimals or ''}"

    @property
    def kind(self) -> Kind:
        """The kind of value that the format displays."""
        if self.name.startswith("$"):
            return "text"
        for kind, family in _FAMILIES.items():
            if self.name in family:
                return kind
        return "number"


_FAMILIES: Final[dict[Kind, tuple[str, ...]]] = {
    "date": (
        *("DATE", "DAY", "DOWNAME", "JULDAY", "JULIAN", "MMYY", "MONNAME", "MONTH", "MONYY"),
        *("DDMMYY", "DDMMYYB", "DDMMYYC", "DDMMYYD", "DDMMYYN", "DDMMYYP", "DDMMYYS"),
        *("MMDDYY", "MMDDYYB", "MMDDYYC", "MMDDYYD", "MMDDYYN", "MMDDYYP", "MMDDYYS"),
        *("YYMMDD", "YYMMDDB", "YYMMDDC", "YYMMDDD", "YYMMDDN", "YYMMDDP", "YYMMDDS"),
        *("QTR", "QTRR", "WEEKDATE", "WEEKDATX", "WEEKDAY", "WORDDATE", "WORDDATX", "YEAR"),
        *("YYMM", "YYMON", "YYQ", "YYQR", "B8601DA", "E8601DA", "IS8601DA", "NLDATE"),
    ),
    "datetime": (
        *("DATETIME", "DATEAMPM", "MDYAMPM", "DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "DTYYQC"),
        *("B8601DN", "B8601DT", "E8601DN", "E8601DT", "IS8601DT", "NLDATM"),
    ),
    "time": (
        *("TIME", "TIMEAMPM", "HHMM", "HOUR", "MMSS", "TOD"),
        *("B8601TM", "E8601TM", "IS8601TM", "NLTIME"),
    ),
}
"""Which formats display which kind (SAS formats and informats: reference, by category)."""


def parse_format(text: str, letters: int = 8) -> SasFormat | None:
    """Return the format as written, or None if its name has more letters or it is none.

    Example:
        >>> parse_format("E8601DA10."), parse_format("8.2").kind, parse_format("DATE9")
        (SasFormat(name='E8601DA', width=10, decimals=0), 'number', None)
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or text in {".", "$."} or len(match["name"]) > letters:
        return None
    width = int(match["width"] or 0)
    if width > 32767:  # noqa: PLR2004  the field is a signed short
        return None
    return SasFormat(match["name"], width, int(match["decimals"] or 0))
