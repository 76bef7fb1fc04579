"""Numbers of SAS to text: what the format makes a date is one, and special missings stay.

SAS keeps dates as days and datetimes as seconds since 1960; only the format says
which. A value that its format does not show whole (a date with a fraction, a time
before midnight) stays a number, and is counted.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Kind
from cdisc.diagnostics import Diagnostic
from cdisc.raw.delivery import Delivery, counted
from cdisc.raw.texts import Doubles, days_since, seconds_since, text_of, time_of_day
from cdisc.transport.sas_format import parse_format

_ORIGIN: Final = "1960-01-01"
_WRITTEN: Final[Mapping[Kind, Callable[[Doubles], pa.StringArray]]] = {
    "date": lambda numbers: days_since(_ORIGIN, numbers),
    "datetime": lambda numbers: seconds_since(_ORIGIN, numbers),
    "time": time_of_day,
}


def kind_of(written: str | None) -> Kind:
    """Return what a format such as ``DATE9.`` displays; a number where it is not known."""
    known = parse_format((written or "").upper().rstrip(".") + ".") if written else None
    if known is None and written:
        known = parse_format(written.upper())
    return known.kind if known else "number"


class SasNumbers:
    """The numbers of one field, gathered part by part."""

    def __init__(self, name: str, written: str | None) -> None:
        self.name = name
        self.written = written or ""
        self.kind = kind_of(written)
        self.parts: list[pa.StringArray] = []
        self.beyond = 0

    def add(self, numbers: Doubles, special: pa.StringArray | None = None) -> None:
        """Take numbers, shape (n,); NaN is missing, and `special` says in which way."""
        plain = text_of(pa.chunked_array([pa.array(numbers)])).combine_chunks()
        texts = plain
        if self.kind in _WRITTEN:
            dates = _WRITTEN[self.kind](numbers)
            texts = pc.coalesce(dates, plain)
            self.beyond += int(np.count_nonzero(~np.isnan(numbers))) - (
                len(dates) - dates.null_count
            )
        if special is not None:
            texts = pc.coalesce(texts, special)
        self.parts.append(texts)

    def column(self) -> pa.ChunkedArray:
        """Return the texts."""
        return pa.chunked_array(self.parts, pa.string())

    def notes(self, delivery: Delivery) -> list[Diagnostic]:
        """Return what there is to say of values that their format does not show."""
        if not self.beyond:
            return []
        return [
            delivery.finding(
                "RAW024",
                f'has numbers in "{self.name}" that {self.written} does not show whole',
                f"{counted(self.beyond, 'record')}; they stay numbers",
                records=self.beyond,
            )
        ]
