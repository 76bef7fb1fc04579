"""The header records of a version 5 transport file: fields to bytes, bytes to fields.

Everything is in records of 80 bytes. A library (one file) opens with three, each
member (one dataset) with five, then 140 bytes for each variable, then one more,
then the data. Source: record layout of a SAS transport data set (TS-140).
"""

import dataclasses
import datetime as dt
import struct
from collections.abc import Sequence
from typing import Final

from cdisc.transport.sas_format import SasFormat

RECORD: Final = 80
MOST_VARIABLES: Final = 9999
LABEL_BYTES: Final = 40
NAME_BYTES: Final = 8
TEXT_BYTES: Final = 200
NUMBER_BYTES: Final = 8

LIBRARY: Final = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"
MEMBER: Final = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
DESCRIPTOR: Final = b"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!"
NAMESTR: Final = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"
OBSERVATIONS: Final = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"

_SAS_VERSION: Final = b"9.4"
_SAS_SYSTEM: Final = b""  # no operating system leaves a trace
_MONTHS: Final = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_NAMESTR: Final = struct.Struct(">hhhh8s40s8shhh2x8shhi52x")


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One variable as the file describes it: where it is in a record, and how it is shown."""

    name: str
    label: str
    text: bool
    length: int
    position: int
    format: SasFormat | None


def header(title: bytes, digits: str = "") -> bytes:
    """Return one of the fixed header records, its 30 digits zero where not given."""
    return (title + digits.ljust(30, "0").encode("ascii")).ljust(RECORD)


def timestamp(created: dt.datetime) -> bytes:
    """Return the 16 bytes of a moment, such as ``22NOV26:10:57:00``; fractions are not kept."""
    month = _MONTHS[3 * created.month - 3 : 3 * created.month]
    return f"{created:%d}{month}{created:%y:%H:%M:%S}".encode("ascii")


def library_header(created: dt.datetime) -> bytes:
    """Return the three records that open a file."""
    stamp = timestamp(created)
    first = _sas_record(b"SAS", b"SASLIB", stamp)
    return header(LIBRARY) + first + stamp.ljust(RECORD)


def member_header(
    name: str, label: bytes, fields: Sequence[Field], created: dt.datetime, encoding: str
) -> bytes:
    """Return all records of a dataset up to its first data record."""
    stamp = timestamp(created)
    described = b"".join(_namestr(field, at, encoding) for at, field in enumerate(fields, 1))
    return b"".join(
        (
            header(MEMBER, "000000000000000001600000000140"),
            header(DESCRIPTOR),
            _sas_record(name.encode("ascii"), b"SASDATA", stamp),
            stamp + b" " * 16 + label.ljust(LABEL_BYTES) + b" " * 8,
            header(NAMESTR, f"000000{len(fields):04d}"),
            described + padding(len(described)),
            header(OBSERVATIONS),
        )
    )


def padding(size: int) -> bytes:
    """Return the blanks that fill the last of the 80-byte records.

    Example:
        >>> len(padding(140)), len(padding(160))
        (20, 0)
    """
    return b" " * (-size % RECORD)


def unpadded(field: bytes, encoding: str) -> str:
    """Return the text of a header field without its padding; some writers pad with NUL."""
    return field.decode(encoding).rstrip(" \0")


def _sas_record(second: bytes, third: bytes, stamp: bytes) -> bytes:
    parts = (b"SAS", second, third, _SAS_VERSION, _SAS_SYSTEM)
    record = b"".join(part.ljust(8) for part in parts)
    return record + b" " * 24 + stamp


def _namestr(field: Field, number: int, encoding: str) -> bytes:
    shown = field.format or SasFormat("", 0, 0)
    return _NAMESTR.pack(
        2 if field.text else 1,
        0,
        field.length,
        number,
        field.name.encode("ascii").ljust(8),
        field.label.encode(encoding).ljust(LABEL_BYTES),
        shown.name.encode("ascii").ljust(8),
        shown.width,
        shown.decimals,
        0,
        b" " * 8,
        0,
        0,
        field.position,
    )


def parse_namestr(part: bytes, encoding: str) -> Field:
    """Return the variable that the first 88 bytes of a description tell of.

    Raises:
        ValueError: The bytes cannot be a description; the message says why.
    """
    values = _NAMESTR.unpack(part.ljust(_NAMESTR.size))
    kind, _, length, _, name, label, shown, width, decimals, *_rest, position = values
    if kind not in {1, 2}:
        raise ValueError(f"type {kind}, neither 1 (number) nor 2 (text)")
    if min(width, decimals) < 0:
        raise ValueError(f"format width {width}, decimals {decimals}")
    least, most = (1, 32767) if kind == 2 else (2, 8)  # noqa: PLR2004  2 is text
    if not least <= length <= most:
        raise ValueError(f"length {length}, outside {least} to {most}")
    sas_format = SasFormat(unpadded(shown, "ascii"), width, decimals)
    return Field(
        name=unpadded(name, "ascii"),
        label=unpadded(label, encoding),
        text=kind == 2,  # noqa: PLR2004  2 is text
        length=length,
        position=position,
        format=None if sas_format == SasFormat("", 0, 0) else sas_format,
    )
