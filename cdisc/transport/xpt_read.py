"""Read SAS transport files, version 5 or 8, into Arrow tables.

Version 5 says neither how many records there are nor where a dataset ends: both
follow from its size and from where the next header stands. Nothing is believed
that the bytes do not bear out; a damaged file is refused, never half read.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport.xpt_columns import NumberColumn, TextColumn
from cdisc.transport.xpt_header import (
    Member,
    layout_of,
    read_members,
    refusal,
)
from cdisc.transport.xpt_layout import RECORD
from cdisc.transport.xpt_text import BLANK, Bytes, normalised_encoding

_ROWS: Final = 65_536
_CHUNK_BYTES: Final = 32 * 1024 * 1024
_NEAR_BYTES: Final = 1024 * 1024


def read_xpt(path: Path, *, encoding: str = "ascii") -> Dataset:
    """Return the one dataset of a SAS transport file, version 5 or 8.

    Text loses its trailing blanks, and blank text and the missing value ``.``
    become null. A number with a date, datetime or time format becomes that kind
    if all its values are whole and within the kind's range, and stays a number
    with its format otherwise (a SAS date may have a fraction, a time may exceed
    a day). Special missing values are null in the table and named in
    `Dataset.special_missing`. Numbers stored in fewer than 8 bytes are widened. Class,
    structure and keys are empty: the file does not hold them.

    Args:
        path: A file with exactly one dataset; see `read_xpt_members` for several.
        encoding: Encoding of text and labels; the file does not name it.

    Raises:
        RawDataError: The file is no such file, is damaged, or holds what a
            `Dataset` cannot (missing values that SAS does not know, bytes not in
            `encoding`).

    Source:
        Record layout of a SAS transport data set (TS-140).
    """
    members = read_xpt_members(path, encoding=encoding)
    if len(members) != 1:
        held = tuple(member.name for member in members)
        fact = f'"{path.name}" holds {len(members)} datasets'
        raise RawDataError([Diagnostic("XPT037", fact, found=held, expected="exactly one")])
    return members[0]


def read_xpt_members(path: Path, *, encoding: str = "ascii") -> tuple[Dataset, ...]:
    """Return all datasets of a SAS transport file, in the order of the file.

    Args:
        path: The file.
        encoding: Encoding of text and labels; the file does not name it.

    Raises:
        RawDataError: As for `read_xpt`, whatever the number of datasets.
    """
    codec, whole, members = open_members(path, encoding)
    return tuple(_read_member(whole, member, codec) for member in members)


def open_members(path: Path, encoding: str) -> tuple[str, mmap.mmap, tuple[Member, ...]]:
    """Return the codec, the bytes, and what the headers say of each dataset.

    Raises:
        RawDataError: The encoding is unknown, or the file is damaged.
    """
    codec = normalised_encoding(encoding)
    if codec is None:
        raise RawDataError([Diagnostic("XPT017", f'unknown encoding "{encoding}"')])
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                raise refusal("XPT031", f'"{path.name}" is empty')
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        fact = f'cannot read "{path.name}": {error.strerror}'
        raise refusal("XPT038", fact) from error
    layout = layout_of(whole, path.name)
    return codec, whole, tuple(read_members(whole, layout, codec))


def _read_member(whole: mmap.mmap, member: Member, codec: str) -> Dataset:
    columns: list[TextColumn | NumberColumn] = [
        TextColumn(field, codec) if field.text else NumberColumn(field) for field in member.fields
    ]
    for start, parts in chunks(whole, member):
        for column, part in zip(columns, parts, strict=True):
            column.add(start, part)
    findings = [one for column in columns for one in column.findings(member.name)]
    if findings:
        raise RawDataError(findings)
    results = [column.result() for column in columns]
    special = {
        column.name: column.special_missing()
        for column in columns
        if isinstance(column, NumberColumn) and column.has_special
    }
    return Dataset(
        name=member.name,
        label=member.label,
        class_name="",
        structure="",
        keys=(),
        variables=tuple(variable for variable, _ in results),
        table=pa.table([values for _, values in results], [field.name for field in member.fields]),
        special_missing=special,
        sas_type=member.sas_type,
    )


def chunks(whole: mmap.mmap, member: Member) -> Iterator[tuple[int, list[Bytes]]]:
    """Yield the place of the first record of a chunk, from 0, and the bytes of each field.

    The bytes are contiguous, ``(n, length)``, and belong to whoever takes them.
    """
    width = sum(field.length for field in member.fields)
    data = np.frombuffer(whole, np.uint8, member.end - member.data, member.data)
    count = _count(data, width, member.name) if member.count is None else member.count
    most = max(1, min(_ROWS, _CHUNK_BYTES // max(1, width)))
    for start in range(0, count, most):
        stop = min(count, start + most)
        records = data[start * width : stop * width].reshape(stop - start, width)
        yield start, _fields(records, member)


def _fields(records: Bytes, member: Member) -> list[Bytes]:
    """Return the bytes of each field, gathered from as many records as a core keeps near."""
    count, width = records.shape
    parts: list[Bytes] = [np.empty((count, one.length), np.uint8) for one in member.fields]
    items = [np.dtype((np.void, one.length)) for one in member.fields]
    near = max(1, _NEAR_BYTES // width)
    for at in range(0, count, near):
        block = records[at : at + near]
        for field, part, item in zip(member.fields, parts, items, strict=True):
            strip = block[:, field.position : field.position + field.length]
            part[at : at + near].view(item)[:, 0] = strip.view(item)[:, 0]
    return parts


def _count(data: Bytes, width: int, dataset: str) -> int:
    """Return the number of records: padding, at most 79 blanks, is none.

    Raises:
        RawDataError: What follows the last whole record is not blank.
    """
    count = data.size // width if width else 0
    if (data[count * width :] != BLANK).any():
        fact = "the file ends within a record"
        raise refusal("XPT032", fact, dataset=dataset)
    while count and data.size - (count - 1) * width < RECORD:
        if (data[(count - 1) * width : count * width] != BLANK).any():
            break
        count -= 1
    return count
