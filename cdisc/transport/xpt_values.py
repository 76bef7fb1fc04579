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

_EXACT: Final = 2.0**53


def text_findings(
    dataset: str, variable: Variable, column: pa.ChunkedArray, codec: str
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the values of a text variable, a finding for each code."""
    found: dict[str, Places] = {}
    for start, values in pieces(column):
        for code, bad in _bad_text(values, variable.length, codec):
            found.setdefault(code, Places()).add(start, values, bad)
    facts = {
        "XPT007": f"longer than {variable.length} bytes",
        "XPT008": f"not in {codec}",
        "XPT014": "with blanks at the end, which are lost",
        "XPT015": "with control characters",
        "XPT020": "with a NUL character",
    }
    for code in sorted(found):
        yield found[code].finding(code, facts[code], dataset, variable.name)


def number_findings(
    dataset: str, variable: Variable, column: pa.ChunkedArray
) -> Iterator[Diagnostic]:
    """Yield one finding for all numbers of a variable that an IBM double cannot hold."""
    found = Places()
    start = 0
    for chunk in column.chunks:
        for at in range(0, len(chunk), PIECE):
            values = chunk.slice(at, PIECE)
            numbers = seconds_or_days(values)
            held = representable(numbers)
            if variable.kind == "datetime":
                held &= np.abs(numbers) <= _EXACT
            if not held.all():
                found.add(start + at, pa.array(numbers), pa.array(~held))
        start += len(chunk)
    if found.count:
        fact = "beyond what a transport file can hold exactly"
        yield found.finding("XPT010", fact, dataset, variable.name)


def _bad_text(
    values: pa.StringArray, length: int, codec: str
) -> Iterator[tuple[str, pa.BooleanArray]]:
    """Yield each code that applies to some of the values, and which they are."""
    offsets, every = buffers(values)
    used = every[offsets[0] : offsets[-1]]
    if used.size == 0:
        return
    least, most = int(used.min()), int(used.max())
    if least < BLANK or (used == 0x7F).any():  # noqa: PLR2004  DEL
        yield from _some("XPT020", pc.match_substring(values, "\0"))
        yield from _some("XPT015", pc.match_substring_regex(values, r"[\x01-\x1f\x7f]"))
    if (every[offsets[1:] - 1] == BLANK).any():
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
