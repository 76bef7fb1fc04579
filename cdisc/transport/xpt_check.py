"""What a version 5 transport file cannot hold, found before the first byte is written.

The quick look is at whole buffers (largest byte, longest value); only a column
that fails it is looked at value by value, in Arrow, to say where and what.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.transport.sas_format import SasFormat, parse_format
from cdisc.transport.xpt_layout import (
    LABEL_BYTES,
    MOST_VARIABLES,
    NAME_BYTES,
    NUMBER_BYTES,
    RECORD,
    TEXT_BYTES,
)
from cdisc.transport.xpt_records import Layer, fields_of
from cdisc.transport.xpt_text import BLANK, normalised_encoding
from cdisc.transport.xpt_values import NumberCheck, TextCheck

_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_NAME_RULE: Final = f"1 to {NAME_BYTES} of A-Z, 0-9 and _, not beginning with a digit"


def check_xpt(dataset: Dataset, *, encoding: str = "ascii") -> tuple[Diagnostic, ...]:
    """Return everything about `dataset` that a version 5 file cannot hold.

    Errors (which `write_xpt` raises): names, labels, lengths and formats beyond the
    format's limits, values longer than their variable, characters that are not in
    `encoding`, numbers that an IBM double cannot hold, a last record that looks
    like padding. Warnings: blanks at the end of text are lost, control
    characters, a format that changes the kind of a variable.

    Args:
        dataset: The dataset; column types as in `cdisc.dataset.ARROW_TYPES`.
        encoding: Encoding of text and labels; a codec that extends ASCII.

    Raises:
        TypeError: A column of the table has another type than its kind says.

    Source:
        Record layout of a SAS transport data set (TS-140).
    """
    codec = normalised_encoding(encoding)
    if codec is None:
        return (unknown_encoding(encoding),)
    checks = Checks(dataset, codec)
    checks.add(dataset.table)
    return tuple(checks.findings())


def unknown_encoding(encoding: str) -> Diagnostic:
    """Return what is said of an encoding that cannot be used."""
    expected = "a codec that extends ASCII, such as ascii, utf-8, gb18030 or latin-1"
    return Diagnostic("XPT017", f'unknown encoding "{encoding}"', expected=expected)


class Checks:
    """What a file cannot hold of a dataset, its values gathered table by table."""

    def __init__(self, about: Dataset, codec: str) -> None:
        self._about = about
        self._codec = codec
        self._last: pa.Table | None = None
        self._values: list[TextCheck | NumberCheck] = [
            TextCheck(one, codec) if one.kind == "text" else NumberCheck(one)
            for one in about.variables
        ]
        self.records = 0
        self.sound = True

    def add(self, table: pa.Table) -> None:
        """Look at further records, of the columns of the dataset.

        Raises:
            ValueError: The columns are others.
            TypeError: A column has another type than its kind says.
        """
        name = self._about.name
        names = [one.name for one in self._about.variables]
        if table.column_names != names:
            raise ValueError(f"{name}: columns {table.column_names}, not {names}")
        for variable, column in zip(self._about.variables, table.columns, strict=True):
            _require_type(name, variable, column)
        for check, column in zip(self._values, table.columns, strict=True):
            check.add(self.records, column)
        self.records += table.num_rows
        self.sound = self.sound and all(check.sound for check in self._values)
        if table.num_rows:
            self._last = table.slice(table.num_rows - 1)

    def findings(self) -> list[Diagnostic]:
        """Return what was found: of the dataset, of each variable, of the last record."""
        about = self._about
        found = [*_dataset_findings(about, self._codec)]
        for variable, check in zip(about.variables, self._values, strict=True):
            found += _variable_findings(about.name, variable, self._codec)
            found += check.findings(about.name, variable.name)
        if not about.variables and self.records:
            fact = f"{self.records:,} records without a variable"
            found.append(Diagnostic("XPT019", fact, dataset=about.name, records=self.records))
        if self._last is not None and not has_errors(found):
            found += self._last_record(self._last)
        return found

    def _last_record(self, last: pa.Table) -> Iterator[Diagnostic]:
        fields = fields_of(self._about.variables)
        if sum(field.length for field in fields) >= RECORD:
            return
        for record in Layer(fields, self._codec).matrices(last):
            if np.all(record == BLANK):
                fact = (
                    f"record {self.records:,}, the last, is blank: it cannot be told from padding"
                )
                expected = f"a value in the last record, or records of {RECORD} bytes and more"
                name = self._about.name
                yield Diagnostic("XPT016", fact, expected=expected, dataset=name, records=1)


def _dataset_findings(dataset: Dataset, codec: str) -> Iterator[Diagnostic]:
    name = dataset.name
    if not _NAME.fullmatch(name):
        fact = f'"{name}" cannot be the name of a dataset'
        yield Diagnostic("XPT001", fact, expected=_NAME_RULE, dataset=name)
    yield from _label_findings("XPT004", name, None, dataset.label, codec)
    count = len(dataset.variables)
    if count > MOST_VARIABLES:
        fact = f"{count:,} variables"
        yield Diagnostic("XPT011", fact, expected=f"at most {MOST_VARIABLES:,}", dataset=name)
    seen: set[str] = set()
    for variable in dataset.variables:
        if variable.name in seen:
            fact = f'two variables are called "{variable.name}"'
            yield Diagnostic("XPT003", fact, dataset=name, variable=variable.name)
        seen.add(variable.name)


def _label_findings(
    code: str, dataset: str, variable: str | None, label: str, codec: str
) -> Iterator[Diagnostic]:
    """Check a label: its bytes under `code`, its characters under XPT009."""
    found = (f'"{label}"',)
    try:
        size = len(label.encode(codec))
    except UnicodeEncodeError as error:
        fact = f'the label holds "{label[error.start : error.end]}", which is not in {codec}'
        yield Diagnostic("XPT009", fact, found=found, dataset=dataset, variable=variable)
        return
    if size > LABEL_BYTES:
        fact = f"the label has {size} bytes"
        expected = f"at most {LABEL_BYTES}"
        yield Diagnostic(
            code, fact, found=found, expected=expected, dataset=dataset, variable=variable
        )
    if label.endswith(" "):
        fact = "the blanks at the end of the label are lost"
        yield Diagnostic("XPT014", fact, found=found, dataset=dataset, variable=variable)
    if not label.isprintable():
        fact = "the label holds characters that do not print"
        found = (ascii(label),)
        yield Diagnostic("XPT015", fact, found=found, dataset=dataset, variable=variable)


def _variable_findings(dataset: str, variable: Variable, codec: str) -> Iterator[Diagnostic]:
    name = variable.name
    if not _NAME.fullmatch(name):
        fact = f'"{name}" cannot be the name of a variable'
        yield Diagnostic("XPT002", fact, expected=_NAME_RULE, dataset=dataset, variable=name)
    yield from _label_findings("XPT005", dataset, name, variable.label, codec)
    text = variable.kind == "text"
    least, most = (1, TEXT_BYTES) if text else (NUMBER_BYTES, NUMBER_BYTES)
    if not least <= variable.length <= most:
        expected = f"{least} to {most} bytes" if text else f"{most} bytes, as for every number"
        fact = f"{variable.kind} of length {variable.length}"
        help_ = (
            "move what follows byte 200 to supplemental records" if variable.length > most else None
        )
        yield Diagnostic(
            "XPT006", fact, expected=expected, help=help_, dataset=dataset, variable=name
        )
    yield from _format_findings(dataset, variable)


def _format_findings(dataset: str, variable: Variable) -> Iterator[Diagnostic]:
    name, kind = variable.name, variable.kind
    parsed = parse_format(variable.format) if variable.format else SasFormat("", 0, 0)
    shown = parsed and (parsed.kind if variable.format else "text" if kind == "text" else "number")
    if parsed is None:
        fact = f'"{variable.format}" is not a display format'
        expected = "upper-case name of at most 8, width, point, decimals: DATE9. or 8.2 or $20."
        yield Diagnostic("XPT012", fact, expected=expected, dataset=dataset, variable=name)
    elif (shown == "text") != (kind == "text"):
        fact = f'format "{variable.format}" cannot show values of kind {kind}'
        yield Diagnostic("XPT012", fact, dataset=dataset, variable=name)
    elif shown != kind:
        fact = f"a {kind} with {_named(variable.format)} will be read as a {shown}"
        yield Diagnostic("XPT013", fact, dataset=dataset, variable=name)


def _named(sas_format: str | None) -> str:
    return f'format "{sas_format}"' if sas_format else "no format"


def _require_type(dataset: str, variable: Variable, column: pa.ChunkedArray) -> None:
    held = column.type
    if variable.kind == "text" and pa.types.is_dictionary(held):
        held = held.value_type
    if held != ARROW_TYPES[variable.kind]:
        raise TypeError(f"{dataset}.{variable.name}: {held} is not of kind {variable.kind}")
