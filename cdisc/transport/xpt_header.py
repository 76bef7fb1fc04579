"""Walk the headers of a transport file and refuse what cannot be."""

import dataclasses
import mmap
from collections.abc import Iterator, Sequence
from typing import Final

from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport.xpt_layout import (
    COUNT,
    LAYOUTS,
    RECORD,
    Field,
    Layout,
    parse_namestr,
    unpadded,
)
from cdisc.transport.xpt_long import read_long_section

_NAMESTR_BYTES: Final = (b"0140", b"0136")  # 136 on VAX/VMS
_LONGEST_SECTION: Final = 64 * 1024 * 1024  # more than all variables can have


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """One dataset of the file: its description, and where its data begin and end.

    Attributes:
        name: Name of the dataset.
        label: Label of the dataset.
        sas_type: Type of the dataset, mostly empty.
        fields: The variables.
        data: Offset of the first record.
        end: Offset of what follows the data.
        count: How many records there are, where the file says so.
    """

    name: str
    label: str
    sas_type: str
    fields: tuple[Field, ...]
    data: int
    end: int
    count: int | None


def refusal(code: str, fact: str, *, dataset: str | None = None) -> RawDataError:
    """Return the error of a file that cannot be read any further."""
    return RawDataError([Diagnostic(code, fact, dataset=dataset)])


def layout_of(whole: mmap.mmap, file: str) -> Layout:
    """Return the layout of a file; refuse one that does not open as a library does.

    Raises:
        RawDataError: XPT031, XPT032 or XPT033.
    """
    opening = whole[:RECORD]
    layout = next((one for one in LAYOUTS.values() if opening.startswith(one.library)), None)
    if layout is None:
        raise refusal("XPT031", f'"{file}" is no transport file')
    if len(whole) % RECORD or len(whole) < 3 * RECORD:
        raise refusal("XPT032", f'"{file}" has {len(whole):,} bytes, no multiple of {RECORD}')
    return layout


def read_members(whole: mmap.mmap, layout: Layout, codec: str) -> Iterator[Member]:
    """Yield the description of each dataset, in the order of the file.

    Raises:
        RawDataError: XPT032 to XPT035: a header is cut off, damaged or impossible.
    """
    at = 3 * RECORD
    while at < len(whole):
        _expect(whole, at, layout.member, "member")
        member = _parse_member(whole, at, layout, codec)
        yield member
        at = member.end


def _next_member(whole: mmap.mmap, start: int, layout: Layout) -> int:
    """Return where the next dataset begins, at a multiple of 80, or where the file ends."""
    at = whole.find(layout.member, start)
    while at >= 0 and at % RECORD:
        at = whole.find(layout.member, at + 1)
    return at if at >= 0 else len(whole)


def _parse_member(whole: mmap.mmap, start: int, layout: Layout, codec: str) -> Member:
    found = _next_member(whole, start + 1, layout)
    if found - start < 6 * RECORD:
        raise refusal("XPT032", "the file ends within a header")
    size = whole[start + 74 : start + 78]
    if size not in _NAMESTR_BYTES:
        raise _damaged(start, "member")
    _expect(whole, start + RECORD, layout.descriptor, "descriptor")
    name, label, sas_type = _names(whole[start + 2 * RECORD : start + 4 * RECORD], layout, codec)
    _expect(whole, start + 4 * RECORD, layout.namestr, "variable")
    digits = whole[start + 4 * RECORD : start + 5 * RECORD][layout.count_digits]
    if not digits.isdigit():
        raise _damaged(start + 4 * RECORD, "variable")
    described = start + 5 * RECORD
    length = int(digits) * int(size)
    behind = described + length + -length % RECORD
    if behind + RECORD > found:
        raise refusal("XPT032", f"the file ends within its {int(digits):,} variables")
    fields = _fields(whole[described : described + length], int(size), name, codec, layout)
    if layout.version == 8:  # noqa: PLR2004  the version
        fields, behind = _with_long(whole, fields, (behind, found), codec)
    _expect(whole, behind, layout.observations, "observation")
    _require_possible(fields, name)
    count = _announced(whole[behind : behind + RECORD], behind, layout)
    end = found
    if count is not None:
        data = count * sum(field.length for field in fields)
        end = behind + RECORD + data + -data % RECORD
        if end > len(whole):
            raise refusal("XPT032", f"the file ends within its {count:,} records", dataset=name)
    return Member(name, label, sas_type, tuple(fields), behind + RECORD, end, count)


def _names(described: bytes, layout: Layout, codec: str) -> tuple[str, str, str]:
    """Return name, label and type of a dataset."""
    try:
        return (
            unpadded(described[8 : 8 + layout.name_bytes], "ascii"),
            unpadded(described[RECORD + 32 : RECORD + 72], codec),
            unpadded(described[RECORD + 72 :], "ascii"),
        )
    except UnicodeDecodeError as error:
        fact = f"name, label or type of the dataset is not in {error.encoding}"
        raise refusal("XPT035", fact) from error


def _with_long(
    whole: mmap.mmap, fields: list[Field], room: tuple[int, int], codec: str
) -> tuple[list[Field], int]:
    """Return the fields with their long labels and formats, and where the section ends."""
    start, end = room
    try:
        fields, size = read_long_section(
            whole[start : min(end, start + _LONGEST_SECTION)], fields, codec
        )
    except UnicodeDecodeError as error:
        raise refusal("XPT035", f"a long label or format is not in {error.encoding}") from error
    except ValueError as error:
        raise refusal("XPT034", f"a section of long labels {error}") from error
    if start + size + RECORD > end:
        raise refusal("XPT032", "the file ends within a header")
    return fields, start + size


def _announced(record: bytes, at: int, layout: Layout) -> int | None:
    """Return how many records the file says there are; some writers say nothing, or zeros."""
    told = record[COUNT]
    if layout.version != 8 or told == b"0" * len(told):  # noqa: PLR2004  the version
        return None
    if not told.strip():
        return None
    if not told.strip().isdigit():
        raise _damaged(at, "observation")
    return int(told)


def _expect(whole: mmap.mmap, at: int, title: bytes, name: str) -> None:
    if whole[at : at + len(title)] != title:
        raise _damaged(at, name)


def _damaged(at: int, name: str) -> RawDataError:
    return refusal("XPT033", f"no {name} header at byte {at:,}")


def _fields(described: bytes, size: int, dataset: str, codec: str, layout: Layout) -> list[Field]:
    fields: list[Field] = []
    findings: list[Diagnostic] = []
    for at in range(0, len(described), size):
        number = at // size + 1
        try:
            fields.append(parse_namestr(described[at : at + size], codec, layout))
        except UnicodeDecodeError as error:
            fact = f"variable {number}: name, label or format is not in {error.encoding}"
            findings.append(Diagnostic("XPT035", fact, dataset=dataset))
        except ValueError as error:
            fact = f"variable {number}: {error}"
            findings.append(Diagnostic("XPT034", fact, dataset=dataset))
    if findings:
        raise RawDataError(findings)
    return fields


def _require_possible(fields: Sequence[Field], dataset: str) -> None:
    findings = [*_impossible(fields, dataset)]
    if findings:
        raise RawDataError(findings)


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
