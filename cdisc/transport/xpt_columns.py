"""The bytes of one variable, gathered chunk by chunk into an Arrow column."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Kind, Variable
from cdisc.diagnostics import Diagnostic
from cdisc.transport.ibm_float import (
    MISSING,
    ieee_from_ibm,
    special_missing_names,
    without_fraction,
)
from cdisc.transport.sas_time import as_kind
from cdisc.transport.xpt_layout import NUMBER_BYTES, Field
from cdisc.transport.xpt_places import Places
from cdisc.transport.xpt_text import Bytes, decoded, has_nul, read_field

_BYTE: Final = 0xFF


class TextColumn:
    """A text variable: trailing blanks go, blank becomes missing, bytes become Unicode."""

    def __init__(self, field: Field, codec: str) -> None:
        self._field = field
        self._codec = codec
        self._parts: list[pa.StringArray] = []
        self._undecodable = Places()
        self._nul = Places()

    def add(self, start: int, part: Bytes) -> None:
        """Take the ``(n, length)`` bytes of the records from `start` on, counted from 0."""
        values = read_field(part)
        raw = values.view(pa.binary())
        if has_nul(values):
            self._nul.add(start, raw, pc.match_substring(raw, b"\0"))
            return
        try:
            self._parts.append(decoded(values, self._codec))
        except UnicodeDecodeError:
            self._undecodable.add(start, raw, _undecodable(raw, self._codec))

    def findings(self, dataset: str) -> list[Diagnostic]:
        """Return what keeps the values from being read."""
        told = (
            (self._undecodable, "XPT035", f"not in {self._codec}"),
            (self._nul, "XPT039", "with NUL bytes"),
        )
        name = self._field.name
        return [
            places.finding(code, fact, dataset, name) for places, code, fact in told if places.count
        ]

    def stored(self) -> pa.ChunkedArray:
        """Return the values."""
        return pa.chunked_array(self._parts, pa.string())

    def result(self) -> tuple[Variable, pa.ChunkedArray]:
        """Return the variable and its values."""
        return stored_variable(self._field), self.stored()


class NumberColumn:
    """A numeric variable: a number, or a date or time where its format says so."""

    def __init__(self, field: Field) -> None:
        self.name = field.name
        self.has_special = False
        self._field = field
        self._parts: list[pa.DoubleArray] = []
        self._ways: list[pa.Array] = []
        self._unknown = Places()

    def add(self, start: int, part: Bytes) -> None:
        """Take the ``(n, length)`` bytes of the records from `start` on, counted from 0."""
        bits = bits_of(part)
        values = ieee_from_ibm(bits)
        absent = without_fraction(bits)
        ways = pa.nulls(len(part), pa.string())
        if absent.any():
            ways = self._ways_of(start, bits, absent)
        self._ways.append(ways)
        self._parts.append(pa.array(values, mask=absent))

    def _ways_of(
        self, start: int, bits: npt.NDArray[np.uint64], absent: npt.NDArray[np.bool_]
    ) -> pa.StringArray:
        """Return how values are missing, null for plainly and for those that are not."""
        first = pa.array(np.where(absent, bits >> np.uint64(56), 0), pa.uint8())
        ways = special_missing_names().take(first)
        known = absent & (bits != MISSING)
        if known.any():
            unknown = known & ways.is_null().to_numpy(zero_copy_only=False)
            self.has_special |= bool((known & ~unknown).any())
            if unknown.any():
                shown = pa.array([f"byte {byte:02X}" for byte in range(_BYTE + 1)]).take(first)
                self._unknown.add(start, shown, pa.array(unknown))
        return ways

    def findings(self, dataset: str) -> list[Diagnostic]:
        """Return what keeps the values from being read."""
        if not self._unknown.count:
            return []
        fact = "that are missing in a way that SAS does not know"
        return [self._unknown.finding("XPT036", fact, dataset, self._field.name)]

    def stored(self) -> pa.ChunkedArray:
        """Return the values as numbers, as the file holds them."""
        return pa.chunked_array(self._parts, pa.float64())

    def special_missing(self) -> pa.ChunkedArray:
        """Return ``.A`` to ``.Z`` and ``._`` where values are missing so, else null."""
        return pa.chunked_array(self._ways, pa.string())

    def result(self) -> tuple[Variable, pa.ChunkedArray]:
        """Return the variable and its values, dates and times where that loses nothing."""
        numbers = self.stored()
        kind: Kind = self._field.format.kind if self._field.format else "number"
        if kind != "number":
            dates = as_kind(numbers, kind)
            if dates is not None:
                return _variable(self._field, kind), dates
        return stored_variable(self._field), numbers


def bits_of(part: Bytes) -> npt.NDArray[np.uint64]:
    """Return the bits of IBM doubles of 2 to 8 contiguous bytes; what lacks is zero."""
    if part.shape[1] != NUMBER_BYTES:
        whole = np.zeros((len(part), NUMBER_BYTES), dtype=np.uint8)
        whole[:, : part.shape[1]] = part
        part = whole
    return part.view(">u8").reshape(-1).astype(np.uint64)


def stored_variable(field: Field) -> Variable:
    """Return the variable as the file holds it: text or number."""
    return _variable(field, "text" if field.text else "number")


def _variable(field: Field, kind: Kind) -> Variable:
    return Variable(
        name=field.name,
        label=field.label,
        kind=kind,
        length=field.length if kind == "text" else NUMBER_BYTES,
        format=str(field.format) if field.format else None,
        informat=str(field.informat) if field.informat else None,
    )


def _undecodable(raw: pa.BinaryArray, codec: str) -> pa.BooleanArray:
    """Say which values are not in the encoding, asking once for each distinct value."""
    distinct = pc.unique(raw).drop_null()
    wrong = [value for value in distinct.to_pylist() if not _decodes(value, codec)]
    return pc.is_in(raw, value_set=pa.array(wrong, raw.type))


def _decodes(value: bytes, codec: str) -> bool:
    try:
        value.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
