"""Bytes of any declared encoding to UTF-8, or a finding that says where they do not fit.

A wrong encoding is the one mistake that can turn a whole file into plausible
nonsense, so three things are refused: bytes that the encoding does not know, a
byte order mark that contradicts it, and text that is UTF-8 throughout although
another encoding is declared. The mark itself is no part of the text.
"""

import codecs
import re
from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.raw.delivery import Delivery

_CHUNK = 1 << 22
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_GUESSES = ("utf-8", "gb18030", "big5", "shift_jis", "euc_kr", "cp1252", "latin-1")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NON_ASCII = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_SURELY = 10
"""So many characters outside ASCII that are all valid UTF-8 are UTF-8: by chance alone a
two-byte character of another encoding passes for one in less than one case of ten."""


def to_utf8(data: bytes, encoding: str, delivery: Delivery) -> bytes | Diagnostic:
    """Return the text as UTF-8 without a byte order mark, or what is wrong with it.

    Args:
        data: The whole file.
        encoding: Any text encoding that Python knows.
        delivery: The file, for the finding.
    """
    try:
        name = codecs.lookup(encoding).name
        b"a".decode(encoding)
    except LookupError:
        return delivery.finding(
            "RAW002",
            f'is declared to be in encoding "{encoding}", which is not known',
            expected=", ".join(_GUESSES) + ", or another text encoding of Python",
        )
    except UnicodeDecodeError:
        pass  # an encoding of more than one byte a character: known, and that is all we ask
    contradiction = _contradiction(data, name, encoding, delivery)
    if contradiction:
        return contradiction
    try:
        return _transcoded(data, name)
    except UnicodeError:
        return _misfit(data, encoding, name, delivery)


def _transcoded(data: bytes, name: str) -> bytes:
    if name in {"utf-8", "utf-8-sig", "ascii"}:
        if not data.isascii():
            for _ in _decoded(data, name):
                pass
        return data.removeprefix(codecs.BOM_UTF8)
    text = b"".join(part.encode("utf-8") for part in _decoded(data, name))
    return text.removeprefix(_MARK.encode("utf-8"))


def _decoded(data: bytes, name: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)("strict")
    for start in range(0, len(data), _CHUNK):
        yield decoder.decode(data[start : start + _CHUNK])
    yield decoder.decode(b"", final=True)


def _contradiction(data: bytes, name: str, encoding: str, delivery: Delivery) -> Diagnostic | None:
    marked = next((kind for mark, kind in _MARKS.items() if data.startswith(mark)), None)
    if marked and not name.startswith(marked):
        return delivery.finding(
            "RAW003",
            f'is declared to be in encoding "{encoding}", but begins with the mark of {marked}',
            help=f"declare encoding: {marked}",
        )
    if data and name in {"utf-16", "utf-32"} and not marked:
        return delivery.finding(
            "RAW003",
            f'is declared to be in encoding "{encoding}", but has no byte order mark',
            help=f"declare encoding: {name}-le or encoding: {name}-be",
        )
    if name.startswith("utf-") or data.isascii() or not _fits(data, "utf-8"):
        return None
    characters = len(_NON_ASCII.findall(data))
    if characters < _SURELY:
        return None
    return delivery.finding(
        "RAW003",
        f'is declared to be in encoding "{encoding}", but is UTF-8 throughout',
        f"{characters} stretches of text outside ASCII, all valid UTF-8",
        help="declare encoding: utf-8",
    )


def _misfit(data: bytes, encoding: str, name: str, delivery: Delivery) -> Diagnostic:
    start, reason = 0, "bytes that stand for no character"
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        start, reason = error.start, error.reason
    before = data[:start].decode(name, errors="replace").removeprefix(_MARK)
    row = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    fitting = [guess for guess in _GUESSES if _fits(data, guess)]
    return delivery.finding(
        "RAW003",
        f'is declared to be in encoding "{encoding}", but its bytes do not fit',
        f"byte 0x{data[start]:02X} at row {row}, column {column} (byte {start + 1} of the file):"
        f" {reason}",
        row=row,
        expected="an encoding that fits every byte of the file: " + ", ".join(fitting),
        help=f"declare encoding: {fitting[0]}, or ask who exported the file",
    )


def _fits(data: bytes, name: str) -> bool:
    try:
        for _ in _decoded(data, name):
            pass
    except UnicodeError:
        return False
    return True
