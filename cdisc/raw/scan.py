"""Where the records of a delimited file begin, and how many fields each has.

A reader that repairs faults in silence cannot be trusted with collected data, so
the structure is established here first, strictly, over the bytes: a newline or a
delimiter counts where the number of quotes before it is even. Whole blocks of
bytes are compared at once; single quotes are walked through only in a block that
holds one inside an unquoted value, where it is an ordinary character.
"""

import dataclasses
from typing import Literal

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Marks = npt.NDArray[np.bool_]
Kind = Literal["open quote", "text after quote", "lone return"]

_BLOCK = 1 << 18
_LF, _CR = 10, 13


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """A place at which the bytes are no delimited text; `row` is the line of the file."""

    kind: Kind
    row: int
    count: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Structure:
    """The records of a file, the header included. Arrays of shape (records,), int64.

    Attributes:
        starts: Offset of the first byte of each record.
        ends: Offset behind each record, its line end included.
        rows: Line of the file on which each record begins, from 1.
        fields: Number of fields of each record.
        faults: What stopped the scan or makes it doubtful.
    """

    starts: Offsets
    ends: Offsets
    rows: Offsets
    fields: Offsets
    faults: tuple[Fault, ...]


class _Scan:
    """The state that is carried from block to block."""

    def __init__(self, data: bytes, delimiter: bytes, quote: bytes) -> None:
        self.bytes: Bytes = np.frombuffer(data, dtype=np.uint8)
        self.delimiter = delimiter[0]
        self.quote = quote[0] if quote else None
        self.has_returns = b"\r" in data
        self.inside = False
        self.last_quote = -2
        self.lines = 0
        self.separators = 0
        self.ends: list[Offsets] = []
        self.newlines_before: list[Offsets] = []
        self.separators_before: list[Offsets] = []
        self.returns: list[Offsets] = []
        self.broken_at: int | None = None

    def block(self, low: int) -> None:
        part = self.bytes[low : low + _BLOCK]
        newline = part == _LF
        separator = newline | (part == self.delimiter)
        quoted = self._quoted(part, low)
        if quoted is not None:
            separator &= ~quoted
        if self.has_returns:
            self._find_lone_returns(part, low, quoted)
        lines = np.flatnonzero(newline)
        places = np.flatnonzero(separator)
        ordinal = np.flatnonzero(part[places] == _LF)
        ends = places[ordinal]
        self.ends.append(ends + low + 1)
        self.newlines_before.append(np.searchsorted(lines, ends, side="right") + self.lines)
        self.separators_before.append(ordinal + 1 + self.separators)
        self.lines += len(lines)
        self.separators += len(places)

    def _quoted(self, part: Bytes, low: int) -> Marks | None:
        """Return which bytes stand inside quotes; None where none does."""
        quotes = (
            np.flatnonzero(part == self.quote) + low if self.quote is not None else np.empty(0, int)
        )
        if len(quotes) and not self._regular(quotes):
            quotes = self._walk(quotes)
        if not len(quotes):
            return np.ones(len(part), dtype=np.bool_) if self.inside else None
        turns = np.zeros(len(part), dtype=np.uint8)
        turns[quotes - low] = 1
        turns[0] ^= self.inside
        self.inside ^= bool(len(quotes) % 2)
        self.last_quote = int(quotes[-1])
        return np.bitwise_xor.accumulate(turns).view(np.bool_)

    def _regular(self, quotes: Offsets) -> bool:
        """Say whether every quote opens, closes or doubles as the format demands."""
        first = int(self.inside)
        opening, closing = quotes[first::2], quotes[1 - first :: 2]
        before = np.concatenate(([self.last_quote], quotes[:-1]))[first::2]
        previous = self.bytes[opening - 1]
        opens = self._separates(previous) | (opening == 0) | (before == opening - 1)
        following = np.minimum(closing + 1, len(self.bytes) - 1)
        after = self.bytes[following]
        closes = (
            self._separates(after)
            | (after == _CR)
            | (after == self.quote)
            | (closing + 1 == len(self.bytes))
        )
        return bool(opens.all() and closes.all())

    def _separates(self, values: Bytes) -> Marks:
        separates: Marks = (values == self.delimiter) | (values == _LF)
        return separates

    def _walk(self, quotes: Offsets) -> Offsets:
        """Return the quotes that open or close; those inside an unquoted value do not."""
        data, size = self.bytes, len(self.bytes)
        openers, closers = {self.delimiter, _LF}, {self.delimiter, _LF, _CR, self.quote}
        kept, inside, last = [], self.inside, self.last_quote
        for place in quotes.tolist():
            if inside:
                if place + 1 < size and int(data[place + 1]) not in closers:
                    self.broken_at = place
                    break
                inside = False
            elif place == 0 or int(data[place - 1]) in openers or last == place - 1:
                inside = True
            else:
                continue
            kept.append(place)
            last = place
        return np.array(kept, dtype=np.int64)

    def _find_lone_returns(self, part: Bytes, low: int, quoted: Marks | None) -> None:
        returns = part == _CR
        if quoted is not None:
            returns &= ~quoted
        places = np.flatnonzero(returns) + low
        following = np.minimum(places + 1, len(self.bytes) - 1)
        self.returns.append(places[self.bytes[following] != _LF])

    def line_of(self, offset: int) -> int:
        return int(np.count_nonzero(self.bytes[:offset] == _LF)) + 1


def scan_records(data: bytes, delimiter: bytes, quote: bytes) -> Structure:
    """Find the records of delimited text.

    Args:
        data: UTF-8 text, not empty, lines ended by LF or CRLF; the last may lack its end.
        delimiter: One byte.
        quote: One byte, or none where the file knows no quoting.

    Returns:
        Every record; those behind a fault that stopped the scan are left out.
    """
    scan = _Scan(data, delimiter, quote)
    for low in range(0, len(data), _BLOCK):
        scan.block(low)
        if scan.broken_at is not None:
            break
    ends = np.concatenate(scan.ends)
    lines = np.concatenate(scan.newlines_before)
    separators = np.concatenate(scan.separators_before)
    if not len(ends) or ends[-1] < len(data):
        ends = np.append(ends, len(data))
        lines = np.append(lines, scan.lines)
        separators = np.append(separators, scan.separators + 1)
    return Structure(
        starts=np.concatenate(([0], ends[:-1])),
        ends=ends,
        rows=np.concatenate(([0], lines[:-1])) + 1,
        fields=np.diff(separators, prepend=0),
        faults=_faults(scan, ends, lines),
    )


def _faults(scan: _Scan, ends: Offsets, lines: Offsets) -> tuple[Fault, ...]:
    faults = []
    if scan.broken_at is not None:
        faults.append(Fault("text after quote", scan.line_of(scan.broken_at)))
    elif scan.inside:
        faults.append(Fault("open quote", int(lines[-2]) + 1 if len(ends) > 1 else 1))
    returns = np.concatenate(scan.returns) if scan.returns else np.empty(0, dtype=np.int64)
    if len(returns) and scan.broken_at is None:
        faults.append(Fault("lone return", scan.line_of(int(returns[0])), len(returns)))
    return tuple(faults)
