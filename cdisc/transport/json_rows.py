"""Records of Dataset-JSON as Arrow columns of texts and numbers.

Most files have their records in one form: no blanks between values, no escapes in texts.
Such a block is held against the grammar of its record as one regular expression, and what
fits is read by the CSV reader of Arrow, which is several times faster than making Python
objects. Any other block is parsed by Python's decoder; both give the same values.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from cdisc.transport.json_columns import Column
from cdisc.transport.json_source import refusal

_TEXT: Final = r'"[^"\\\x00-\x1f]*"'
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_NEWLINE: Final = 10


class NotFiniteError(ValueError):
    """NaN or Infinity, which JSON does not have."""


def _refuse_constant(_word: str) -> float:
    raise NotFiniteError


DECODER: Final = json.JSONDecoder(parse_int=float, parse_constant=_refuse_constant)
"""Of records: every number is a double, as JSON means it."""


class Records:
    """Reads records of given columns; tells where they do not fit.

    Args:
        columns: The columns, at least one.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._types = [pa.string() if one.quoted else pa.float64() for one in columns]
        self._names = [str(place) for place in range(len(columns))]
        values = [_TEXT if one.quoted else _NUMBER for one in columns]
        self._grammar = r"^\[(?:" + r"|null),(?:".join(values) + r"|null)\]\n$"
        self._quick = bool(columns)

    def from_lines(self, data: bytes) -> pa.Table | None:
        r"""Return records that stand one a line, or None if they are not in the usual form.

        Args:
            data: ``[...]\n[...]\n``; the last line ends too.
        """
        if not self._quick:
            return None
        places = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE)
        offsets = np.concatenate([[0], places + 1]).astype(np.int32)
        lines = pa.StringArray.from_buffers(len(places), pa.py_buffer(offsets), pa.py_buffer(data))
        try:
            if not pc.all(pc.match_substring_regex(lines, self._grammar)).as_py():
                return None
            return pa_csv.read_csv(
                pa.py_buffer(data[1:-2].replace(b"]\n[", b"\n")),
                pa_csv.ReadOptions(
                    use_threads=False, block_size=len(data) + 1, column_names=self._names
                ),
                pa_csv.ParseOptions(double_quote=False, ignore_empty_lines=False),
                pa_csv.ConvertOptions(
                    column_types=dict(zip(self._names, self._types, strict=True)),
                    null_values=["null"],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:  # too many columns for one expression, or a number beyond doubles
            self._quick = False
            return None

    def from_values(self, rows: Sequence[Any], first: int) -> pa.Table:
        """Return parsed records.

        Args:
            rows: What the decoder gave, which may be anything.
            first: Number of the first record, for messages.

        Raises:
            RawDataError: A record is no array of as many values as there are columns, or a
                value has another JSON type than its column (DSJ006).
        """
        width = len(self._columns)
        for number, row in enumerate(rows, first):
            if not isinstance(row, list) or len(row) != width:
                said = f"{len(row)} values" if isinstance(row, list) else repr(row)[:60]
                fact = f"record {number:,} is no array of {width} values"
                raise refusal("DSJ006", fact, said)
        if not width:
            return pa.table({})
        columns = list(zip(*rows, strict=True)) or [()] * width
        arrays = [self._array(place, values, first) for place, values in enumerate(columns)]
        return pa.Table.from_arrays(arrays, names=self._names)

    def _array(self, place: int, values: tuple[Any, ...], first: int) -> pa.Array:
        column = self._columns[place]
        right = str if column.quoted else float
        if not set(map(type, values)) <= {right, type(None)}:
            number, value = next(
                (number, one)
                for number, one in enumerate(values, first)
                if one is not None and type(one) is not right
            )
            wanted = "text" if column.quoted else "number"
            fact = f'record {number:,} has no {wanted} in "{column.name}"'
            raise refusal("DSJ006", fact, repr(value)[:60])
        try:
            return pa.array(values, self._types[place])
        except UnicodeEncodeError as error:
            fact = f'a text of "{column.name}" holds half a character (a lone surrogate)'
            raise refusal("DSJ006", fact) from error


def decoded(text: str) -> list[Any]:
    """Return the records of a text that is the inside of an array.

    Raises:
        ValueError: It is none.
    """
    try:
        whole, end = DECODER.raw_decode(f"[{text}]")
    except RecursionError as error:
        raise ValueError("arrays within arrays") from error
    if end != len(text) + 2:
        raise ValueError("something follows the records")
    rows: list[Any] = whole
    return rows


_BETWEEN: Final = re.compile(rb"\][ \t\r\n]*,[ \t\r\n]*\[")
_TRIES: Final = 64


def last_between(data: bytes) -> tuple[int, int] | None:
    """Return the end of a record and the start of the next, late in `data`, or None.

    Texts may look like it; whoever parses what stands before finds that out.
    """
    end = len(data)
    for _ in range(_TRIES):
        end = data.rfind(b"]", 0, end)
        if end < 0:
            return None
        match = _BETWEEN.match(data, end)
        if match:
            return end + 1, match.end() - 1
    return None
