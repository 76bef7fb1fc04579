"""Values that a version 5 transport file cannot hold, or not as they are."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Variable
from cdisc.diagnostics import Diagnostic
from cdisc.transport.ibm_float import representable
from cdisc.transport.sas_time import seconds_or_days
from cdisc.transport.xpt_places import Places
from cdisc.transport.xpt_text import BLANK, PIECE, buffers, encoded, pieces

_DELETE: Final = 0x7F
_EXACT: Final = 2.0**53
_ERRORS: Final = frozenset({"XPT007", "XPT008", "XPT020"})


class TextCheck:
    """What is wrong with the values of a text variable, gathered part by part."""

    def __init__(self, variable: Variable, codec: str) -> None:
        self._length = variable.length
        self._codec = codec
        self._found: dict[str, Places] = {}

    def add(self, start: int, values: pa.ChunkedArray) -> None:
        """Look at the values of the records from `start` on, counted from 0."""
        for at, part in pieces(values):
            for code, bad in _bad_text(part, self._length, self._codec):
                self._found.setdefault(code, Places()).add(start + at, part, bad)

    @property
    def sound(self) -> bool:
        """Whether all values can be held, so far."""
        return not _ERRORS.intersection(self._found)

    def findings(self, dataset: str, variable: str) -> Iterator[Diagnostic]:
        """Yield a finding for each code."""
        facts = {
            "XPT007": f"longer than {self._length} bytes",
            "XPT008": f"not in {self._codec}",
            "XPT014": "with blanks at the end, which are lost",
            "XPT015": "with control characters",
            "XPT020": "with a NUL character",
        }
        for code in sorted(self._found):
            yield self._found[code].finding(code, facts[code], dataset, variable)


class NumberCheck:
    """Numbers of a variable that an IBM double cannot hold, gathered part by part."""

    def __init__(self, variable: Variable) -> None:
        self._datetime = variable.kind == "datetime"
        self._found = Places()

    def add(self, start: int, values: pa.ChunkedArray) -> None:
        """Look at the values of the records from `start` on, counted from 0."""
        for chunk in values.chunks:
            for at in range(0, len(chunk), PIECE):
                self._look(start + at, chunk.slice(at, PIECE))
            start += len(chunk)

    def _look(self, start: int, values: pa.Array) -> None:
        numbers = seconds_or_days(values)
        held = representable(numbers)
        if self._datetime:
            held &= np.abs(numbers) <= _EXACT
        if not held.all():
            self._found.add(start, pa.array(numbers), pa.array(~held))

    @property
    def sound(self) -> bool:
        """Whether all values can be held, so far."""
        return not self._found.count

    def findings(self, dataset: str, variable: str) -> Iterator[Diagnostic]:
        """Yield one finding for all of them."""
        if self._found.count:
            fact = "beyond what a transport file can hold exactly"
            yield self._found.finding("XPT010", fact, dataset, variable)


def _bad_text(
    values: pa.StringArray, length: int, codec: str
) -> Iterator[tuple[str, pa.BooleanArray]]:
    """Yield each code that applies to some of the values, and which they are."""
    offsets, every = buffers(values)
    used = every[offsets[0] : offsets[-1]]
    if used.size == 0:
        return
    least, most = int(used.min()), int(used.max())
    if least < BLANK or (most >= _DELETE and (used == _DELETE).any()):
        yield from _some("XPT020", pc.match_substring(values, "\0"))
        yield from _some("XPT015", pc.match_substring_regex(values, r"[\x01-\x1f\x7f]"))
    if (every.take(offsets[1:].astype(np.intp) - 1, mode="clip") == BLANK).any():
        yield from _some("XPT014", pc.ends_with(values, " "))
    if most < 0x80 or codec == "utf-8":  # noqa: PLR2004  ASCII ends here
        if int(np.diff(offsets).max()) > length:
            yield from _some("XPT007", _longer(values, length))
        return
    strange = _unencodable(values, codec)
    yield from _some("XPT008", strange)
    usable = pc.if_else(pc.or_(strange, pc.match_substring(values, "\0")), None, values)
    yield from _some("XPT007", _longer(encoded(usable, codec), length))


def _some(code: str, bad: pa.BooleanArray) -> Iterator[tuple[str, pa.BooleanArray]]:
    if pc.any(bad).as_py():
        yield code, bad


def _longer(values: pa.StringArray, length: int) -> pa.BooleanArray:
    return pc.greater(pc.binary_length(values), length)


def _unencodable(values: pa.StringArray, codec: str) -> pa.BooleanArray:
    """Say which values have a character that is not in the encoding."""
    if codec == "ascii":
        return pc.invert(pc.string_is_ascii(values))
    characters = set("".join(pc.unique(values).drop_null().to_pylist()))
    bad = pa.array(np.zeros(len(values), dtype=np.bool_))
    for character in sorted(characters):
        if not _encodes(character, codec):
            bad = pc.or_kleene(bad, pc.match_substring(values, character))
    return bad


def _encodes(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
