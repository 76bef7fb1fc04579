"""The parts of a Dataset-JSON file in the order in which they come: header, records, rest.

A part is parsed when all of it is there; until then more is read. Where records are cut
into blocks is a guess that parsing proves: a block that parses as whole records ends with
one, whatever its texts look like.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from cdisc.transport.json_rows import DECODER, Records, decoded, last_between
from cdisc.transport.json_source import BLOCK, Pending, refusal

_BLANKS: Final = re.compile(r"[ \t\r\n]*")


class _ShortError(ValueError):
    """The text ends before the part does."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an attribute stands twice")
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


_HEADER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def text_of(data: bytes, *, final: bool) -> str:
    """Return bytes as text; unless `final`, without a character that is not all there.

    Raises:
        RawDataError: They are not UTF-8 (DSJ001).
    """
    try:
        return codecs.utf_8_decode(data, "strict", final)[0]
    except UnicodeDecodeError as error:
        found = f"bytes {error.object[error.start : error.start + 8]!r}"
        raise refusal("DSJ001", "the file is not UTF-8", found) from error


def first_line(pending: Pending) -> dict[str, Any]:
    """Take the first line, which is the header.

    Raises:
        RawDataError: It is no JSON object (DSJ001).
    """
    while b"\n" not in pending.data and not pending.ended:
        pending.more()
    line, _, pending.data = pending.data.partition(b"\n")
    return _whole(text_of(line, final=True), f'the first line of "{pending.name}"')


def members(pending: Pending) -> tuple[dict[str, Any], int | None]:
    """Return the attributes up to the records, and the byte after the bracket that opens these.

    Nothing is taken. Without records the place is None, and the file has been read.

    Raises:
        RawDataError: The file is no JSON object (DSJ001).
    """
    while True:
        text = text_of(pending.data, final=pending.ended)
        try:
            found, place = _scan(text)
        except _ShortError:
            if pending.ended:
                fact = f'"{pending.name}" ends before its data do'
                raise refusal("DSJ001", fact) from None
            pending.more()
            continue
        except (ValueError, RecursionError) as error:
            if pending.ended or text.lstrip(" \t\r\n")[:1] != "{":
                raise refusal("DSJ001", f'"{pending.name}" is no JSON', str(error)) from error
            pending.more()
            continue
        if place is None:
            return _whole(text_of(pending.everything(), final=True), f'"{pending.name}"'), None
        return found, len(text[:place].encode())


def _scan(text: str) -> tuple[dict[str, Any], int | None]:
    found: dict[str, Any] = {}
    place = _after(text, 0, "{")
    if _next(text, place) == "}":
        return found, None
    while True:
        name, place = _value(text, _blanks(text, place))
        if not isinstance(name, str) or name in found:
            raise ValueError("an attribute stands twice, or its name is no text")
        place = _after(text, place, ":")
        if name == "rows":
            return found, _after(text, place, "[")
        found[name], place = _value(text, _blanks(text, place))
        if _next(text, place) == "}":
            return found, None
        place = _after(text, place, ",")


def _value(text: str, place: int) -> tuple[Any, int]:
    _next(text, place)
    value, end = _HEADER.raw_decode(text, place)
    _next(text, end)
    return value, end


def _blanks(text: str, place: int) -> int:
    match = _BLANKS.match(text, place)
    return match.end() if match else place


def _next(text: str, place: int) -> str:
    place = _blanks(text, place)
    if place >= len(text):
        raise _ShortError
    return text[place]


def _after(text: str, place: int, sign: str) -> int:
    if _next(text, place) != sign:
        raise ValueError(f'"{sign}" is missing at character {_blanks(text, place) + 1:,}')
    return _blanks(text, place) + 1


def _whole(text: str, place: str) -> dict[str, Any]:
    try:
        value = _HEADER.decode(text)
    except (ValueError, RecursionError) as error:
        raise refusal("DSJ001", f"{place} is no JSON", str(error)[:100]) from error
    if not isinstance(value, dict):
        raise refusal("DSJ001", f"{place} is no JSON object")
    return value


def object_of(pending: Pending) -> tuple[dict[str, Any], Any]:
    """Return all attributes of the file but the records, and these as they were parsed.

    Raises:
        RawDataError: The file is no JSON object with an array of records (DSJ001).
    """
    text = text_of(pending.everything(), final=True)
    header = _whole(text, f'"{pending.name}"')
    if not isinstance(header.pop("rows"), list):
        raise refusal("DSJ002", '"rows" of the file is no array')
    return header, DECODER.decode(text)["rows"]


def rest(pending: Pending) -> dict[str, Any]:
    """Take what follows the records: further attributes, and the end of the object.

    Raises:
        RawDataError: It is anything else (DSJ001).
    """
    text = text_of(pending.everything(), final=True).strip(" \t\r\n")
    if text == "}":
        return {}
    found = _whole("{" + text[1:], f'what follows the records of "{pending.name}"')
    if text[0:1] != "," or not found:
        raise refusal("DSJ001", f'what follows the records of "{pending.name}" is no JSON')
    return found


def lines(pending: Pending, records: Records) -> Iterator[pa.Table]:
    """Take the records of NDJSON, one a line, a block at a time.

    Raises:
        RawDataError: A line is no record (DSJ001, DSJ006).
    """
    first = 1
    while pending.data or not pending.ended:
        if pending.ended:
            pending.data = pending.data.rstrip(b" \t\r\n") + b"\n"
        cut = pending.data.rfind(b"\n") + 1
        data = pending.data[:cut].replace(b"\r\n", b"\n")
        pending.data = pending.data[cut:]
        if data.strip():
            table = records.from_lines(data)
            if table is None:
                table = records.from_values(_line_values(data, first), first)
            first += len(table)
            yield table
        if not pending.ended:
            pending.more()


def _line_values(data: bytes, first: int) -> list[Any]:
    held = text_of(data, final=True).removesuffix("\n").split("\n")
    try:
        found = decoded(",\n".join(held))
    except ValueError:
        found = []
    if len(found) == len(held):
        return found
    for number, line in enumerate(held, first):
        try:
            if len(decoded(line)) != 1:
                raise refusal("DSJ001", f"the line of record {number:,} holds several records")
        except ValueError as error:
            fact = f"the line of record {number:,} is no JSON"
            raise refusal("DSJ001", fact, line[:60]) from error
    raise refusal("DSJ001", f"lines from record {first:,} on are no JSON")


def rows(pending: Pending, records: Records) -> Iterator[pa.Table]:
    """Take the records of an array whose bracket is open, and the bracket that closes it.

    Raises:
        RawDataError: What stands there are no records (DSJ001, DSJ006).
    """
    first = 1
    done = False
    while not done:
        if not pending.ended and len(pending.data) < BLOCK:
            pending.more()
        table = None
        between = last_between(pending.data)
        if between is not None:
            table = _block(pending.data[: between[0]], records, first)
        if table is not None and between is not None:
            pending.data = pending.data[between[1] :]
        else:
            found, done = _exactly(pending, first)
            table = records.from_values(found, first)
        first += len(table)
        yield table


def _block(data: bytes, records: Records, first: int) -> pa.Table | None:
    """Return whole records, or None if it was no good place to cut."""
    data = data.strip(b" \t\r\n")
    usual = data.replace(b"],[", b"]\n[").replace(b"],\n[", b"]\n[") + b"\n"
    table = records.from_lines(usual)
    if table is not None:
        return table
    try:
        found = decoded(text_of(data, final=True))
    except ValueError:
        return None
    return records.from_values(found, first)


def _exactly(pending: Pending, first: int) -> tuple[list[Any], bool]:
    """Take records one after the other, at least one, and say whether they are over."""
    text = text_of(pending.data, final=pending.ended)
    found: list[Any] = []
    taken = 0
    try:
        if first == 1 and _next(text, 0) == "]":
            pending.data = pending.data[len(text[: _after(text, 0, "]")].encode()) :]
            return found, True
        while True:
            value, place = DECODER.raw_decode(text, _blanks(text, taken))
            sign = _next(text, place)
            taken = _after(text, place, "]" if sign == "]" else ",")
            found.append(value)
            if sign == "]":
                break
    except (ValueError, RecursionError) as error:
        if pending.ended:
            fact = f"record {first + len(found):,} is no JSON, or the file ends within it"
            raise refusal("DSJ001", fact, str(error)[:100]) from error
        if not found:
            pending.more()
        pending.data = pending.data[len(text[:taken].encode()) :]
        return found, False
    pending.data = pending.data[len(text[:taken].encode()) :]
    return found, True
