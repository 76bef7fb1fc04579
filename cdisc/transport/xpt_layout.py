"""The header records of a transport file: fields to bytes, bytes to fields.

Everything is in records of 80 bytes. A library (one file) opens with three, each
member (one dataset) with five, then 140 bytes for each variable, then one more,
then the data. Version 8 has longer names, labels and formats: those that do not
fit into the 140 bytes stand in a section of their own behind them; and it says
how many records there are. Source: record layouts of a SAS transport data set,
versions 5 and 6 (TS-140), versions 8 and 9.
"""

import dataclasses
import datetime as dt
import struct
from collections.abc import Sequence
from typing import Final, Literal

from cdisc.transport.sas_format import SasFormat

Version = Literal[5, 8]

RECORD: Final = 80
LABEL_BYTES: Final = 40
"""What there is room for in the description of a dataset or variable."""
NUMBER_BYTES: Final = 8
COUNT: Final = slice(48, 63)
"""Where version 8 says how many records there are."""
SHORT: Final = 8
"""What there is room for of the name of a format in the description of a variable."""

_LONG: Final = 32
_SAS_VERSION: Final = b"9.4"
_SAS_SYSTEM: Final = b""  # no operating system leaves a trace
_MONTHS: Final = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_NAMESTR: Final = struct.Struct(">hhhh8s40s8shhh2x8shhi32shhh14x")


def title_of(name: str) -> bytes:
    """Return how one of the fixed header records begins."""
    return f"HEADER RECORD*******{name:8}HEADER RECORD!!!!!!!".encode("ascii")


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """How a version opens its parts, and what it has room for."""

    version: Version
    library: bytes
    member: bytes
    descriptor: bytes
    namestr: bytes
    observations: bytes
    name_bytes: int
    label_bytes: int
    text_bytes: int
    format_letters: int
    most_variables: int
    count_digits: slice


LAYOUTS: Final[dict[Version, Layout]] = {
    5: Layout(
        version=5,
        library=title_of("LIBRARY"),
        member=title_of("MEMBER"),
        descriptor=title_of("DSCRPTR"),
        namestr=title_of("NAMESTR"),
        observations=title_of("OBS"),
        name_bytes=SHORT,
        label_bytes=LABEL_BYTES,
        text_bytes=200,
        format_letters=SHORT,
        most_variables=9999,
        count_digits=slice(54, 58),
    ),
    8: Layout(
        version=8,
        library=title_of("LIBV8"),
        member=title_of("MEMBV8"),
        descriptor=title_of("DSCPTV8"),
        namestr=title_of("NAMSTV8"),
        observations=title_of("OBSV8"),
        name_bytes=_LONG,
        label_bytes=256,
        text_bytes=32767,
        format_letters=_LONG,
        most_variables=32767,
        count_digits=slice(52, 58),
    ),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One variable as the file describes it: where it is in a record, and how it is shown."""

    name: str
    label: str
    text: bool
    length: int
    position: int
    format: SasFormat | None
    informat: SasFormat | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """What the header of a dataset says beside its variables."""

    name: str
    label: bytes
    sas_type: str = ""


def header(title: bytes, digits: str = "") -> bytes:
    """Return one of the fixed header records, its 30 digits zero where not given."""
    return (title + digits.ljust(30, "0").encode("ascii")).ljust(RECORD)


def timestamp(created: dt.datetime) -> bytes:
    """Return the 16 bytes of a moment, such as ``22NOV26:10:57:00``; fractions are not kept."""
    month = _MONTHS[3 * created.month - 3 : 3 * created.month]
    return f"{created:%d}{month}{created:%y:%H:%M:%S}".encode("ascii")


def library_header(created: dt.datetime, layout: Layout) -> bytes:
    """Return the three records that open a file."""
    stamp = timestamp(created)
    return header(layout.library) + _sas_record(b"SAS", b"SASLIB", stamp) + stamp.ljust(RECORD)


def member_header(
    about: About, fields: Sequence[Field], created: dt.datetime, encoding: str, layout: Layout
) -> bytes:
    """Return the records of a dataset up to those of what has no room in them."""
    stamp = timestamp(created)
    described = b"".join(
        _namestr(field, at, encoding, layout) for at, field in enumerate(fields, 1)
    )
    name = about.name.encode("ascii").ljust(layout.name_bytes)
    return b"".join(
        (
            header(layout.member, "000000000000000001600000000140"),
            header(layout.descriptor),
            _sas_record(name, b"SASDATA", stamp),
            stamp + b" " * 16 + about.label.ljust(LABEL_BYTES),
            about.sas_type.encode("ascii").ljust(SHORT),
            header(layout.namestr, f"0000{len(fields):06d}"),
            described + padding(len(described)),
        )
    )


def observation_header(layout: Layout, count: int) -> bytes:
    """Return the record before the data; only version 8 says how many records there are."""
    if layout.version == 8:  # noqa: PLR2004  the version
        return (layout.observations + f"{count:15d}".encode("ascii")).ljust(RECORD)
    return header(layout.observations)


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
    record = b"".join(part.ljust(SHORT) for part in parts)
    return record.ljust(RECORD - len(stamp)) + stamp


def _namestr(field: Field, number: int, encoding: str, layout: Layout) -> bytes:
    shown = field.format or SasFormat("", 0, 0)
    read = field.informat or SasFormat("", 0, 0)
    name, label = field.name.encode("ascii"), field.label.encode(encoding)
    long = (name.ljust(_LONG), len(label), len(shown.name), len(read.name))
    return _NAMESTR.pack(
        *(2 if field.text else 1, 0, field.length, number),
        name[:SHORT].ljust(SHORT),
        label.ljust(LABEL_BYTES) if len(label) <= LABEL_BYTES else b" " * LABEL_BYTES,
        *(_short(shown), shown.width, shown.decimals, 0),
        *(_short(read), read.width, read.decimals),
        field.position,
        *(long if layout.version == 8 else (b"", 0, 0, 0)),  # noqa: PLR2004  the version
    )


def _short(shown: SasFormat) -> bytes:
    return shown.name.encode("ascii")[:SHORT].ljust(SHORT)


def parse_namestr(part: bytes, encoding: str, layout: Layout) -> Field:
    """Return the variable that the bytes of a description tell of.

    Raises:
        ValueError: The bytes cannot be a description; the message says why.
    """
    values = _NAMESTR.unpack(part[: _NAMESTR.size].ljust(_NAMESTR.size, b"\0"))
    kind, _, length, _, name, label, *shown = values[:-5]
    position, long_name = values[-5], values[-4]
    if kind not in {1, 2}:
        raise ValueError(f"type {kind}, neither 1 (number) nor 2 (text)")
    width, decimals, _, informat, *rest = shown[1:]
    if min(width, decimals) < 0:
        raise ValueError(f"format width {width}, decimals {decimals}")
    if min(rest) < 0:
        raise ValueError(f"informat width {rest[0]}, decimals {rest[1]}")
    least, most = (1, 32767) if kind == 2 else (2, 8)  # noqa: PLR2004  2 is text
    if not least <= length <= most:
        raise ValueError(f"length {length}, outside {least} to {most}")
    if layout.version == 8:  # noqa: PLR2004  the version
        name = long_name if long_name.strip(b" \0") else name
    return Field(
        name=unpadded(name, "ascii"),
        label=unpadded(label, encoding),
        text=kind == 2,  # noqa: PLR2004  2 is text
        length=length,
        position=position,
        format=_format(shown[0], width, decimals),
        informat=_format(informat, *rest),
    )


def _format(name: bytes, width: int, decimals: int) -> SasFormat | None:
    shown = SasFormat(unpadded(name, "ascii"), width, decimals)
    return None if shown == SasFormat("", 0, 0) else shown
