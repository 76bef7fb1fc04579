"""Records as a byte matrix: one row a record, one strip of columns a variable."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Variable
from cdisc.transport.ibm_float import MISSING, ibm_from_ieee
from cdisc.transport.sas_format import parse_format
from cdisc.transport.sas_time import seconds_or_days
from cdisc.transport.xpt_layout import NUMBER_BYTES, Field
from cdisc.transport.xpt_text import BLANK, Bytes, encoded, field_bytes

_CHUNK_BYTES: Final = 8 * 1024 * 1024  # larger is no faster, smaller has more overhead


def fields_of(variables: Sequence[Variable]) -> tuple[Field, ...]:
    """Return the place of each variable in a record; formats are known to parse."""
    fields: list[Field] = []
    position = 0
    for variable in variables:
        text = variable.kind == "text"
        length = variable.length if text else NUMBER_BYTES
        shown = parse_format(variable.format) if variable.format else None
        fields.append(Field(variable.name, variable.label, text, length, position, shown))
        position += length
    return tuple(fields)


class Layer:
    """Lays tables into records; one matrix of bytes serves for all of them."""

    def __init__(self, fields: Sequence[Field], codec: str) -> None:
        self._fields = fields
        self._codec = codec
        self._width = sum(field.length for field in fields)
        self._matrix: Bytes = np.empty((0, self._width), dtype=np.uint8)

    def matrices(self, table: pa.Table) -> Iterator[Bytes]:
        """Yield ``(n, record length)`` bytes; each is overwritten by the next."""
        if self._width == 0 or table.num_rows == 0:
            return
        most = min(table.num_rows, max(1, _CHUNK_BYTES // self._width))
        if len(self._matrix) < most:
            self._matrix = np.empty((most, self._width), dtype=np.uint8)
        for start in range(0, table.num_rows, most):
            records = self._matrix[: min(most, table.num_rows - start)]
            _fill(records, table.slice(start, most), self._fields, self._codec)
            yield records


def _fill(matrix: Bytes, table: pa.Table, fields: Sequence[Field], codec: str) -> None:
    """Lay every record of a small table into the rows of `matrix`."""
    for field, column in zip(fields, table.columns, strict=True):
        values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if field.text:
            part = field_bytes(encoded(_as_text(values), codec), field.length)
        else:
            part = _number_bytes(values)
        end = field.position + part.shape[1]
        _copy_items(matrix[:, field.position : end], part)
        matrix[:, end : field.position + field.length] = BLANK


def _copy_items(strip: Bytes, data: Bytes) -> None:
    """Copy contiguous bytes into a strip of a record matrix of the same shape.

    NumPy moves one void of `width` bytes faster than `width` single bytes.
    """
    if data.size:
        item = np.dtype((np.void, data.shape[1]))
        strip.view(item)[:, 0] = data.view(item)[:, 0]


def _number_bytes(values: pa.Array) -> Bytes:
    """Return the ``(n, 8)`` IBM doubles of a column, in the byte order of the file."""
    bits = ibm_from_ieee(seconds_or_days(values))
    if values.null_count:
        bits[pc.is_null(values).to_numpy(zero_copy_only=False)] = MISSING
    return bits.astype(">u8").view(np.uint8).reshape(-1, NUMBER_BYTES)


def _as_text(values: pa.Array) -> pa.StringArray:
    return values if values.type == pa.string() else values.cast(pa.string())
