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
Words = npt.NDArray[np.uint64]
Kind = Literal["open quote", "text after quote", "lone return"]

_BLOCK = 1 << 18
_LF, _CR = 10, 13
_WORD = np.dtype("<u8")
_SHIFTS = tuple(np.uint64(one) for one in (8, 16, 32))
_LAST = np.uint64(56)
_EACH = np.uint64(0x0101010101010101)


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
        self.data, self.sign = data, quote
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
        delimiter = part == self.delimiter
        quoted = self._quoted(part, low, newline | delimiter)
        if self.has_returns:
            self._find_lone_returns(part, low, quoted)
        lines = ends = np.flatnonzero(newline)
        if quoted is not None:
            delimiter &= ~quoted
            ends = lines[~quoted[lines]]
        numbers = np.arange(1, len(lines) + 1)
        if len(ends) < len(lines):
            numbers = np.searchsorted(lines, ends, side="right")
        before = self.separators + np.cumsum(_counted(delimiter, ends) + 1)
        self.ends.append(ends + low + 1)
        self.newlines_before.append(numbers + self.lines)
        self.separators_before.append(before[:-1])
        self.lines += len(lines)
        self.separators = int(before[-1]) - 1

    def _quoted(self, part: Bytes, low: int, separates: Marks) -> Marks | None:
        """Return which bytes stand inside quotes; None where none does."""
        marks = part == self.quote if self.quote is not None else None
        if marks is None or not marks.any():
            return np.ones(len(part), dtype=np.bool_) if self.inside else None
        quoted = self._between(marks)
        if not self._is_regular(marks, quoted, separates, low):
            return self._walked(np.flatnonzero(marks) + low, part, low)
        self.last_quote = self.data.rfind(self.sign, low, low + len(part))
        self.inside = bool(quoted[-1])
        return quoted

    def _between(self, marks: Marks) -> Marks:
        """Return which bytes stand inside quotes, the opening one too, if all marks are quotes."""
        words = _words(marks)
        for (
            shift
        ) in _SHIFTS:  # each byte takes over whether the marks before it in its word are odd
            words ^= words << shift
        odd = np.bitwise_xor.accumulate((words >> _LAST).astype(np.uint8))
        words[0] ^= _EACH * np.uint64(self.inside)
        words[1:] ^= _EACH * (odd[:-1] ^ np.uint8(self.inside)).astype(np.uint64)
        return words.view(np.bool_)[: len(marks)]

    def _is_regular(self, marks: Marks, quoted: Marks, separates: Marks, low: int) -> bool:
        """Say whether every quote opens, closes or doubles as the format demands."""
        high = low + len(marks)
        beside = separates | marks
        before, after = np.empty_like(marks), np.empty_like(marks)
        before[1:], after[:-1] = beside[:-1], beside[1:]
        before[0] = low == 0 or self.last_quote == low - 1 or self._separates(low - 1)
        after[-1] = high == len(self.bytes) or (
            self._separates(high) or int(self.bytes[high]) in (_CR, self.quote)
        )
        if self.has_returns:
            after[:-1] |= self.bytes[low + 1 : high] == _CR
        # what opens stands inside the quotes, what closes does not
        return bool((~marks | (quoted & before) | (~quoted & after)).all())

    def _separates(self, place: int) -> bool:
        return int(self.bytes[place]) in (self.delimiter, _LF)

    def _walked(self, quotes: Offsets, part: Bytes, low: int) -> Marks | None:
        """Return which bytes stand inside quotes where some quotes are ordinary characters."""
        quotes = self._walk(quotes)
        if not len(quotes):
            return np.ones(len(part), dtype=np.bool_) if self.inside else None
        marks = np.zeros(len(part), dtype=np.bool_)
        marks[quotes - low] = True
        quoted = self._between(marks)
        self.last_quote, self.inside = int(quotes[-1]), bool(quoted[-1])
        return quoted

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


def _words(marks: Marks) -> Words:
    """Return marks eight at a time, the first in the lowest byte; the last word is filled up."""
    padded = np.zeros(-(-len(marks) // 8) * 8, dtype=np.uint8)
    padded[: len(marks)] = marks
    return padded.view(_WORD)


def _counted(marks: Marks, ends: Offsets) -> Offsets:
    """Return how many marks stand before each end, behind the one before, and behind the last."""
    words = _words(marks)
    in_word = (words * _EACH >> _LAST).astype(np.int64)  # the highest byte is the sum of all
    total = np.cumsum(in_word)
    word, rest = ends >> 3, (7 - (ends & 7)).astype(np.uint64) << np.uint64(3)
    upto = total[word] - in_word[word] + ((words[word] << rest) * _EACH >> _LAST).astype(np.int64)
    counted: Offsets = np.diff(np.append(upto, total[-1]), prepend=0)
    return counted


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
