"""Type, length and decimals of the values of each test, parameter or qualifier, from the data.

All records are looked at once, by columns; nothing is done value by value.
"""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Division, Variable
from define_xml.data_type import decimals

_MEASURED = frozenset({"text", "integer", "float"})
# What text says of itself, the narrowest first; codes such as 007 are no numbers.
_INTEGER = r"^-?(0|[1-9][0-9]{0,14})$"
_FLOAT = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_DATETIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$"
_DURATION = r"^P(T?[0-9]+(\.[0-9]+)?[YMWDHS])+$"
_SHAPES = {
    "integer": _INTEGER,
    "float": _FLOAT,
    "date": _DATE,
    "datetime": _DATETIME,
    "durationDatetime": _DURATION,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Described:
    """The values of one test: what they are, and how long at most.

    Attributes:
        of: Value of the variable that tells the records apart.
        label: What it is called, or None.
        data_type: Data type of Define-XML.
        length: Bytes of the longest text; those of the variable for numbers.
        digits: Most digits after the decimal point, of ``float`` only.
        said: What the records say of their origin, or None.
    """

    of: str
    label: str | None
    data_type: str
    length: int
    digits: int | None
    said: str | None

    @property
    def measured(self) -> bool:
        """Say whether the type is one that has a length."""
        return self.data_type in _MEASURED


def describe_values(
    table: pa.Table, variable: Variable, division: Division, *, said: str
) -> list[Described]:
    """Describe the values of a variable by what divides them, in order of that.

    Records without a value take no part.

    Args:
        table: The records.
        variable: The variable.
        division: What tells the records apart.
        said: Column that says where a value comes from, where there is one.
    """
    column = table.column(variable.name)
    there = pc.and_(pc.is_valid(column), pc.is_valid(table.column(division.by)))
    table = table.filter(there)
    facts: dict[str, Any] = {"of": _plain(table.column(division.by))}
    facts |= _facts(_plain(table.column(variable.name)))
    for name, source in (("label", division.label), ("said", said)):
        if source in table.column_names:
            facts[name] = _plain(table.column(source))
    how = {"of": "", "length": "max", "digits": "max", "label": "min", "said": "min"}
    asked = [(name, how.get(name, "all")) for name in facts if name != "of"]
    grouped = pa.table(facts).group_by("of", use_threads=False).aggregate(asked).sort_by("of")
    return [_described(row, variable) for row in grouped.to_pylist()]


def _plain(column: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _facts(column: "pa.ChunkedArray[Any]") -> dict[str, Any]:
    if pa.types.is_floating(column.type):
        digits = decimals(column.to_numpy())
        return {"integer": pa.array(digits == 0), "digits": pa.array(digits)}
    if not pa.types.is_string(column.type):
        return {"integer": pa.array(np.ones(len(column), dtype=bool))}
    point = pc.find_substring(column, ".")
    after = pc.subtract(pc.subtract(pc.utf8_length(column), point), 1)
    shapes = {name: pc.match_substring_regex(column, one) for name, one in _SHAPES.items()}
    length = pc.binary_length(column)
    return {**shapes, "length": length, "digits": pc.if_else(pc.less(point, 0), 0, after)}


def _described(row: dict[str, Any], variable: Variable) -> Described:
    if variable.kind == "text":
        data_type = next((name for name in _SHAPES if row[f"{name}_all"]), "text")
    else:
        data_type = "integer" if row["integer_all"] else "float"
    return Described(
        of=row["of"],
        label=row.get("label_min"),
        data_type=data_type,
        length=int(row.get("length_max") or variable.length),
        digits=int(row["digits_max"]) if data_type == "float" else None,
        said=row.get("said_min"),
    )
