"""Walk the headers of a transport file and refuse what cannot be."""

import dataclasses
import mmap
from collections.abc import Iterator, Sequence
from typing import Final

from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport.xpt_layout import (
    DESCRIPTOR,
    LIBRARY,
    MEMBER,
    NAMESTR,
    OBSERVATIONS,
    RECORD,
    Field,
    parse_namestr,
    unpadded,
)

_NAMESTR_BYTES: Final = (b"0140", b"0136")  # 136 on VAX/VMS


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """One dataset of the file: its description, and where its data begin and end."""

    name: str
    label: str
    fields: tuple[Field, ...]
    data: int
    end: int


def refusal(code: str, fact: str, *, dataset: str | None = None) -> RawDataError:
    """Return the error of a file that cannot be read any further."""
    return RawDataError([Diagnostic(code, fact, dataset=dataset)])


def check_library(whole: mmap.mmap, file: str) -> None:
    """Refuse a file that does not open as a version 5 library does.

    Raises:
        RawDataError: XPT031, XPT032 or XPT033.
    """
    opening = whole[:RECORD]
    if not opening.startswith(LIBRARY):
        version_8 = opening.startswith(b"HEADER RECORD*******LIBV8")
        what = "a version 8 transport file" if version_8 else "no transport file"
        raise refusal("XPT031", f'"{file}" is {what}')
    if len(whole) % RECORD or len(whole) < 3 * RECORD:
        raise refusal("XPT032", f'"{file}" has {len(whole):,} bytes, no multiple of {RECORD}')
    rest = whole[3 * RECORD : 3 * RECORD + len(MEMBER)]
    if rest and rest != MEMBER:
        raise _damaged(3 * RECORD, "member")


def member_starts(whole: mmap.mmap) -> Iterator[int]:
    """Yield where each dataset begins: a member header at a multiple of 80."""
    at = whole.find(MEMBER)
    while at >= 0:
        if at % RECORD == 0:
            yield at
        at = whole.find(MEMBER, at + 1)


def parse_member(whole: mmap.mmap, start: int, end: int, codec: str) -> Member:
    """Return the description of the dataset between two offsets.

    Raises:
        RawDataError: XPT032 to XPT035: a header is cut off, damaged or impossible.
    """
    if end - start < 6 * RECORD:
        raise refusal("XPT032", "the file ends within a header")
    size = whole[start + 74 : start + 78]
    if size not in _NAMESTR_BYTES:
        raise _damaged(start, "member")
    _expect(whole, start + RECORD, DESCRIPTOR, "descriptor")
    first = whole[start + 2 * RECORD : start + 3 * RECORD]
    second = whole[start + 3 * RECORD : start + 4 * RECORD]
    _expect(whole, start + 4 * RECORD, NAMESTR, "variable")
    digits = whole[start + 4 * RECORD + 54 : start + 4 * RECORD + 58]
    if not digits.isdigit():
        raise _damaged(start + 4 * RECORD, "variable")
    described = start + 5 * RECORD
    length = int(digits) * int(size)
    observations = described + length + -length % RECORD
    if observations + RECORD > end:
        raise refusal("XPT032", f"the file ends within its {int(digits):,} variables")
    _expect(whole, observations, OBSERVATIONS, "observation")
    try:
        name = unpadded(first[8:16], "ascii")
        label = unpadded(second[32:72], codec)
    except UnicodeDecodeError as error:
        fact = f"the name or label of the dataset is not in {error.encoding}"
        raise refusal("XPT035", fact) from error
    fields = _fields(whole[described : described + length], int(size), name, codec)
    return Member(name, label, fields, observations + RECORD, end)


def _expect(whole: mmap.mmap, at: int, title: bytes, name: str) -> None:
    if whole[at : at + len(title)] != title:
        raise _damaged(at, name)


def _damaged(at: int, name: str) -> RawDataError:
    return refusal("XPT033", f"no {name} header at byte {at:,}")


def _fields(described: bytes, size: int, dataset: str, codec: str) -> tuple[Field, ...]:
    fields: list[Field] = []
    findings: list[Diagnostic] = []
    for at in range(0, len(described), size):
        number = at // size + 1
        try:
            fields.append(parse_namestr(described[at : at + size], codec))
        except UnicodeDecodeError as error:
            fact = f"variable {number}: name, label or format is not in {error.encoding}"
            findings.append(Diagnostic("XPT035", fact, dataset=dataset))
        except ValueError as error:
            fact = f"variable {number}: {error}"
            findings.append(Diagnostic("XPT034", fact, dataset=dataset))
    if not findings:
        findings = [*_impossible(fields, dataset)]
    if findings:
        raise RawDataError(findings)
    return tuple(fields)


def _impossible(fields: Sequence[Field], dataset: str) -> Iterator[Diagnostic]:
    """Yield names that are empty or double, and positions that leave gaps or overlap."""
    seen: set[str] = set()
    for number, field in enumerate(fields, 1):
        if field.name in seen or not field.name:
            fact = (
                f'variable {number} is called "{field.name}", as another'
                if field.name
                else (f"variable {number} has no name")
            )
            yield Diagnostic("XPT034", fact, dataset=dataset)
        seen.add(field.name)
    position = 0
    for field in sorted(fields, key=lambda one: one.position):
        if field.position != position:
            fact = f'"{field.name}" begins at byte {field.position}, not {position}'
            yield Diagnostic("XPT034", fact, dataset=dataset, variable=field.name)
        position += field.length
