"""How a variable becomes a column of Dataset-JSON, and a column a variable.

Text is ``string``, a number ``integer`` or ``float`` (or ``decimal``, where asked), and
dates and times are ISO 8601 texts that the receiver turns into numbers: their target is
``integer``. A date without that target is text, as in the tabulations, where it may be
incomplete.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final, Literal

from cdisc.dataset import Dataset, Kind, Variable

Written = Literal["text", "number", "integer", "decimal", "date", "datetime", "time"]
"""How the values of a column stand in the file."""

_TEMPORAL: Final[tuple[Kind, ...]] = ("date", "datetime", "time")
NUMBER_BYTES: Final = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A column of the file.

    Attributes:
        name: Name of the variable.
        label: Its label.
        written: How the values stand in the file.
        length: Planned length of text, or None.
        format: SAS display format with its dot, or None.
        key: Place among the keys from 1, or None.
    """

    name: str
    label: str
    written: Written
    length: int | None = None
    format: str | None = None
    key: int | None = None

    @property
    def kind(self) -> Kind:
        """How the values are stored here."""
        return "number" if self.written in {"integer", "decimal"} else self.written  # type: ignore[return-value]  # the rest are the same words

    @property
    def quoted(self) -> bool:
        """Say whether values stand as JSON texts."""
        return self.written not in {"number", "integer"}

    def variable(self, longest: int) -> Variable:
        """Return the variable; `longest` is the most bytes of a value of text."""
        text = self.kind == "text"
        return Variable(
            name=self.name,
            label=self.label,
            kind=self.kind,
            length=max(self.length or 1, longest) if text else NUMBER_BYTES,
            format=self.format,
            integer=self.written == "integer",
        )

    def attributes(self, dataset: str) -> dict[str, Any]:
        """Return the column as the file has it, in the order of the standard."""
        temporal = self.written in _TEMPORAL
        data_type = {"text": "string", "number": "float"}.get(self.written, self.written)
        target = "integer" if temporal else "decimal" if self.written == "decimal" else None
        values = {
            "itemOID": f"IT.{dataset}.{self.name}",
            "name": self.name,
            "label": self.label,
            "dataType": data_type,
            "targetDataType": target,
            "length": self.length,
            "displayFormat": self.format,
            "keySequence": self.key,
        }
        return {name: value for name, value in values.items() if value is not None}


def columns_of(dataset: Dataset, *, decimals: bool) -> tuple[Column, ...]:
    """Return the columns of a dataset, numbers with decimals as texts where asked."""

    def written(variable: Variable) -> Written:
        if variable.kind != "number":
            return variable.kind
        return "integer" if variable.integer else "decimal" if decimals else "number"

    places = {name: place for place, name in enumerate(dataset.keys, 1)}
    return tuple(
        Column(
            name=one.name,
            label=one.label,
            written=written(one),
            length=one.length if one.kind == "text" else None,
            format=one.format,
            key=places.get(one.name),
        )
        for one in dataset.variables
    )


def column_from(attributes: dict[str, Any]) -> Column:
    """Return a column from its checked attributes.

    A display format without its dot, which the standard shows too, gets one.
    """
    data_type = attributes["dataType"]
    written: Written = "text"
    if data_type in {"float", "double"}:
        written = "number"
    elif data_type in {"integer", "decimal"} or (
        data_type in _TEMPORAL and attributes.get("targetDataType") == "integer"
    ):
        written = data_type
    shown = attributes.get("displayFormat") or None
    return Column(
        name=attributes["name"],
        label=attributes["label"],
        written=written,
        length=attributes.get("length"),
        format=f"{shown}." if shown and "." not in shown else shown,
        key=attributes.get("keySequence"),
    )


def keys_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return the names of the key variables in their order."""
    keys = sorted((one.key, one.name) for one in columns if one.key is not None)
    return tuple(name for _, name in keys)
