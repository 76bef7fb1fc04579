"""Labels and formats of version 8 that have no room in the description of their variable.

They stand in a section behind the descriptions: an entry for each variable that has any,
with the number of the variable, the sizes of its texts, and the texts. LABELV8 has name
and label, LABELV9 also format and informat. Source: record layout of a SAS version 8 or 9
data set in SAS transport format.
"""

import dataclasses
import struct
from collections.abc import Iterator, Sequence
from typing import Final

from cdisc.transport.sas_format import SasFormat, parse_format
from cdisc.transport.xpt_layout import (
    LABEL_BYTES,
    LAYOUTS,
    RECORD,
    SHORT,
    Field,
    padding,
    title_of,
)

_LABELS: Final = title_of("LABELV8")
_FORMATS: Final = title_of("LABELV9")
_ENTRY: Final = {_LABELS: struct.Struct(">hhh"), _FORMATS: struct.Struct(">hhhhh")}
_DIGITS: Final = slice(48, 78)
_PACKED: Final = 30
_COUNT: Final = 5


def long_section(fields: Sequence[Field], encoding: str) -> bytes:
    """Return the section, or nothing if all has room."""
    entries = [
        (number, field, field.label.encode(encoding), _has_long_format(field))
        for number, field in enumerate(fields, 1)
    ]
    entries = [one for one in entries if len(one[2]) > LABEL_BYTES or one[3]]
    if not entries:
        return b""
    title = _FORMATS if any(one[3] for one in entries) else _LABELS
    content = b"".join(_entry(title, number, field, label) for number, field, label, _ in entries)
    opening = (title + str(len(entries)).encode("ascii")).ljust(RECORD)
    return opening + content + padding(len(content))


def _has_long_format(field: Field) -> bool:
    return any(one and len(one.name) > SHORT for one in (field.format, field.informat))


def _entry(title: bytes, number: int, field: Field, label: bytes) -> bytes:
    texts = [field.name.encode("ascii"), label]
    if title == _FORMATS:
        shown = (field.format, field.informat)
        texts += [str(one).encode("ascii") if one else b"" for one in shown]
    return _ENTRY[title].pack(number, *map(len, texts)) + b"".join(texts)


def read_long_section(whole: bytes, fields: list[Field], encoding: str) -> tuple[list[Field], int]:
    """Return the fields with what the section says of them, and how many bytes it takes.

    Args:
        whole: The bytes of the file from where the section may begin; none if it does not.
        fields: The variables as their descriptions tell.
        encoding: Encoding of labels.

    Raises:
        ValueError: The section cannot be; the message says why.
        UnicodeDecodeError: A text is not in the encoding.
    """
    title = whole[: len(_LABELS)]
    if title not in _ENTRY:
        return fields, 0
    count = _count(whole[_DIGITS])
    if count is None:
        raise ValueError("without a number of entries")
    at = 0
    fields = list(fields)
    for number, texts, end in _entries(whole[RECORD:], count, _ENTRY[title]):
        at = end
        if not 1 <= number <= len(fields):
            raise ValueError(f"of variable {number}, which there is not")
        fields[number - 1] = _completed(fields[number - 1], texts, encoding)
    return fields, RECORD + at + -at % RECORD


def _count(digits: bytes) -> int | None:
    """Return the number of entries; some writers put it into the first five of 30 digits."""
    text = digits.strip()
    if len(text) == _PACKED:
        text = text[:_COUNT]
    return int(text) if text.isdigit() else None


def _entries(
    section: bytes, count: int, entry: struct.Struct
) -> Iterator[tuple[int, list[bytes], int]]:
    """Yield of each entry the number of its variable, its texts, and where it ends."""
    at = 0
    for _ in range(count):
        if at + entry.size > len(section):
            raise ValueError("that is cut off")
        number, *sizes = entry.unpack_from(section, at)
        at += entry.size
        if min(sizes) < 0 or at + sum(sizes) > len(section):
            raise ValueError("that is cut off")
        texts = []
        for size in sizes:
            texts.append(section[at : at + size])
            at += size
        yield number, texts, at


def _completed(field: Field, texts: Sequence[bytes], encoding: str) -> Field:
    _, label, *formats = texts
    field = dataclasses.replace(field, label=label.decode(encoding).rstrip(" \0"))
    if not formats:
        return field
    shown, read = (_format(one) for one in formats)
    return dataclasses.replace(field, format=shown or field.format, informat=read or field.informat)


def _format(text: bytes) -> SasFormat | None:
    written = text.decode("ascii").rstrip(" \0")
    if not written:
        return None
    if "." not in written:  # some writers leave it out
        written += "."
    parsed = parse_format(written, LAYOUTS[8].format_letters)
    if parsed is None:
        raise ValueError(f'with the format "{written}", which cannot be')
    return parsed
