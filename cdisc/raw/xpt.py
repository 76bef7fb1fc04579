"""SAS transport files, version 5 or 8, as text: their own bytes, special missings kept."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import RawDataError
from cdisc.raw.dataset_json import placed
from cdisc.raw.delivery import Delivery, counted
from cdisc.raw.fields import Read, form_of
from cdisc.raw.sas_texts import SasNumbers
from cdisc.raw.source import RawFormSource
from cdisc.transport.ibm_float import MISSING, SPECIAL_MISSING, ieee_from_ibm, without_fraction
from cdisc.transport.xpt_columns import TextColumn, bits_of
from cdisc.transport.xpt_header import Member
from cdisc.transport.xpt_layout import Field
from cdisc.transport.xpt_read import chunks, open_members
from cdisc.transport.xpt_text import Bytes

_BYTES = 256


def read_transport(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    """Read the one dataset of a transport file; a special missing value stays, as ``.A``."""
    try:
        return _read(path, delivery, source)
    except RawDataError as error:
        return None, [placed(one, delivery) for one in error.diagnostics]


def _read(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    codec, whole, members = open_members(path, source.encoding or "ascii")
    member = _member(members, source)
    fields = member.fields
    columns: list[TextColumn | _Numbers] = [
        TextColumn(one, codec) if one.text else _Numbers(one) for one in fields
    ]
    for start, parts in chunks(whole, member):
        for column, part in zip(columns, parts, strict=True):
            column.add(start, part)
    texts: list[tuple[str, pa.ChunkedArray]] = []
    notes: list[Diagnostic] = []
    findings: list[Diagnostic] = []
    for field, column in zip(fields, columns, strict=True):
        if isinstance(column, TextColumn):
            findings += column.findings(member.name)
            texts.append((field.name, column.result()[1]))
        else:
            findings += column.findings(delivery)
            notes += column.texts.notes(delivery)
            texts.append((field.name, column.texts.column()))
    if findings:
        raise RawDataError(findings)
    return form_of(texts, delivery, rows=1, strip=source.strip, missing=source.missing, notes=notes)


def _member(members: Sequence[Member], source: RawFormSource) -> Member:
    """Return the dataset that is asked for, or the only one.

    Raises:
        RawDataError: XPT037.
    """
    names = [member.name for member in members]
    if source.member is None and len(members) == 1:
        return members[0]
    if source.member is not None and names.count(source.member) == 1:
        return members[names.index(source.member)]
    fact = (
        f"holds {len(members)} datasets, and none is chosen"
        if source.member is None
        else f'has no dataset "{source.member}"'
    )
    near = did_you_mean(source.member or "", names)
    help_ = near or "name one of them as member: of the form"
    finding = Diagnostic("XPT037", fact, found=tuple(names), expected="exactly one", help=help_)
    raise RawDataError([finding])


class _Numbers:
    """The numbers of a field: bytes of IBM doubles to text."""

    def __init__(self, field: Field) -> None:
        self.texts = SasNumbers(field.name, str(field.format) if field.format else None)
        self.odd = 0

    def add(self, _start: int, part: Bytes) -> None:
        """Take the ``(n, length)`` bytes of some records."""
        bits = bits_of(part)
        absent = without_fraction(bits)
        numbers = np.where(absent, np.nan, ieee_from_ibm(bits))
        special = None
        ways = bits[absent] >> np.uint64(_SHIFT)
        if (bits[absent] != MISSING).any():
            self.odd += int(np.count_nonzero(~np.isin(ways, [*SPECIAL_MISSING, MISSING >> _SHIFT])))
            first = np.where(absent, bits >> np.uint64(_SHIFT), 0)
            special = _WAYS.take(pa.array(first, pa.uint8()))
        self.texts.add(numbers, special)

    def findings(self, delivery: Delivery) -> list[Diagnostic]:
        """Return what keeps the values from being read."""
        if not self.odd:
            return []
        fact = f'holds in "{self.texts.name}" values that have no text'
        found = f"{counted(self.odd, 'missing value')} of a kind that SAS does not know"
        return [delivery.finding("RAW025", fact, found, records=self.odd)]


_SHIFT = 56
_WAYS = pa.array(
    [f".{chr(one)}" if one in SPECIAL_MISSING else None for one in range(_BYTES)], pa.string()
)
