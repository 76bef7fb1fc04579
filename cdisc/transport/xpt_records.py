"""Records as a byte matrix: one row a record, one strip of columns a variable."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Variable
from cdisc.transport.ibm_float import MISSING, ibm_from_ieee, special_missing_names
from cdisc.transport.sas_format import parse_format
from cdisc.transport.sas_time import seconds_or_days
from cdisc.transport.xpt_layout import NUMBER_BYTES, Field
from cdisc.transport.xpt_text import BLANK, Bytes, encoded, field_bytes

SpecialMissing = Mapping[str, pa.Array | pa.ChunkedArray]
"""Of some variables, ``.A`` to ``.Z`` and ``._`` where values are missing so, else null."""

_LETTERS: Final = 32
_ROWS: Final = 65_536
_COLUMNS_BYTES: Final = 32 * 1024 * 1024
_MATRIX_BYTES: Final = 1024 * 1024  # what a core keeps near


def fields_of(variables: Sequence[Variable]) -> tuple[Field, ...]:
    """Return the place of each variable in a record; formats are known to parse."""
    fields: list[Field] = []
    position = 0
    for variable in variables:
        text = variable.kind == "text"
        length = variable.length if text else NUMBER_BYTES
        shown, read = (
            parse_format(one, _LETTERS) if one else None
            for one in (variable.format, variable.informat)
        )
        fields.append(Field(variable.name, variable.label, text, length, position, shown, read))
        position += length
    return tuple(fields)


class Layer:
    """Lays tables into records; one matrix of bytes serves for all of them.

    Columns are made `_ROWS` at a time, which spreads the cost of each call, and copied a few
    thousand records at a time, so that the records being filled stay in the cache.
    """

    def __init__(self, fields: Sequence[Field], codec: str) -> None:
        self._fields = fields
        self._codec = codec
        self._width = sum(field.length for field in fields)
        self._most = max(1, _MATRIX_BYTES // max(1, self._width))
        self._matrix: Bytes = np.empty((0, self._width), dtype=np.uint8)

    def matrices(self, table: pa.Table, special: SpecialMissing | None = None) -> Iterator[Bytes]:
        """Yield ``(n, record length)`` bytes; each is overwritten by the next."""
        if self._width == 0 or table.num_rows == 0:
            return
        rows = max(1, min(_ROWS, _COLUMNS_BYTES // self._width))
        for start in range(0, table.num_rows, rows):
            ways = {name: one.slice(start, rows) for name, one in (special or {}).items()}
            yield from self._laid(table.slice(start, rows), ways)

    def _laid(self, table: pa.Table, special: SpecialMissing) -> Iterator[Bytes]:
        parts = [
            (field, _part(field, column, self._codec))
            for field, column in zip(self._fields, table.columns, strict=True)
        ]
        for field, part in parts:
            if field.name in special:
                _put_special(part, special[field.name])
        most = min(table.num_rows, self._most)
        if len(self._matrix) < most:
            self._matrix = np.empty((most, self._width), dtype=np.uint8)
        for start in range(0, table.num_rows, most):
            records = self._matrix[: min(most, table.num_rows - start)]
            for field, part in parts:
                _copy_items(records, field, part[start : start + most])
            yield records


def _part(field: Field, column: pa.ChunkedArray, codec: str) -> Bytes:
    """Return the contiguous bytes of a field of some records, or fewer: what lacks is blank."""
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    if field.text:
        return field_bytes(encoded(_as_text(values), codec), field.length)
    return _number_bytes(values)


def _copy_items(records: Bytes, field: Field, part: Bytes) -> None:
    """Copy contiguous bytes into a strip of a record matrix.

    NumPy moves one void of `width` bytes faster than `width` single bytes.
    """
    end = field.position + part.shape[1]
    if part.size:
        item = np.dtype((np.void, part.shape[1]))
        records[:, field.position : end].view(item)[:, 0] = part.view(item)[:, 0]
    if part.shape[1] < field.length:
        records[:, end : field.position + field.length] = BLANK


def _number_bytes(values: pa.Array) -> Bytes:
    """Return the ``(n, 8)`` IBM doubles of a column, in the byte order of the file."""
    bits = ibm_from_ieee(seconds_or_days(values))
    if values.null_count:
        bits[pc.is_null(values).to_numpy(zero_copy_only=False)] = MISSING
    return bits.astype(">u8").view(np.uint8).reshape(-1, NUMBER_BYTES)


def _put_special(part: Bytes, ways: pa.Array | pa.ChunkedArray) -> None:
    """Put special missing values, ``.A`` to ``.Z`` and ``._``, over the plain ones."""
    given = ways.combine_chunks() if isinstance(ways, pa.ChunkedArray) else ways
    held = np.flatnonzero(given.is_valid().to_numpy(zero_copy_only=False))
    names = special_missing_names()
    known = pc.index_in(given.take(pa.array(held)), value_set=names.drop_null())
    first = np.flatnonzero(names.is_valid().to_numpy(zero_copy_only=False)).astype(np.uint8)
    part[held, 0] = first[known.to_numpy()]


def _as_text(values: pa.Array) -> pa.StringArray:
    return values if values.type == pa.string() else values.cast(pa.string())
