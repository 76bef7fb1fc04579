"""From a mask of bad records to what a finding shows: how many, which values, where.

A finding is about a dataset and a variable, never about one record. What it
shows of the data is the number of records and at most three distinct values,
each with the number of the first record that holds it.
"""

import datetime as dt
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from cdisc.dataset import ARROW_TYPES, Dataset
from cdisc.validate.columns import Column, pc

SHOWN = 3
_NUMBER = "#record"


def column(dataset: Dataset, name: str) -> Column:
    """Return a column in the Arrow type of its kind, dictionaries decoded.

    Raises:
        KeyError: The dataset has no such variable.
    """
    values = dataset.table.column(name)
    wanted = ARROW_TYPES[dataset.variable(name).kind]
    if values.type == wanted:
        return values
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    return values.cast(wanted, safe=False)


def gather(columns: Sequence[Column], mask: Column) -> tuple[int, tuple[str, ...]]:
    """Count the masked records and show their distinct values.

    Args:
        columns: Columns whose values are shown together, shape (n,) each.
        mask: Which records are bad, bool, shape (n,); missing is no.

    Returns:
        The number of records, and lines such as ``"Mod": 14 records, first 37``
        in order of the first record; a last line says how many more there are.
    """
    names = [f"c{index}" for index in range(len(columns))]
    table = pa.table(
        [*columns, pa.array(np.arange(1, len(mask) + 1))], names=[*names, _NUMBER]
    ).filter(mask)
    if table.num_rows == 0:
        return 0, ()
    groups = (
        table.group_by(names, use_threads=False)
        .aggregate([(_NUMBER, "min"), (_NUMBER, "count")])
        .sort_by(f"{_NUMBER}_min")
    )
    lines = [_line(row, names) for row in groups.slice(0, SHOWN).to_pylist()]
    if groups.num_rows > SHOWN:
        rest = groups.num_rows - SHOWN
        lines.append(f"{rest} more distinct {'value' if rest == 1 else 'values'}")
    return table.num_rows, tuple(lines)


def _line(row: dict[str, object], names: Sequence[str]) -> str:
    values = ", ".join(show(row[name]) for name in names)
    count, first = row[f"{_NUMBER}_count"], row[f"{_NUMBER}_min"]
    return (
        f"{values}: record {first}" if count == 1 else f"{values}: {count} records, first {first}"
    )


def show(value: object) -> str:
    """Write one value as people read it: text quoted, whole numbers without a point.

    Example:
        >>> [show(value) for value in ("a", 2.0, 0.5, None)]
        ['"a"', '2', '0.5', 'missing']
    """
    if value is None:
        return "missing"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return repr(value)


def records_in(values: Column, bad: Sequence[str]) -> Column:
    """Return the mask of the records whose text is one of `bad`; missing is no."""
    return pc.is_in(values, value_set=pa.array(bad, pa.string()))


def distinct(values: pa.ChunkedArray) -> list[str]:
    """Return the distinct values of a text column in order of first occurrence."""
    return [value for value in pc.unique(values).to_pylist() if value is not None]
