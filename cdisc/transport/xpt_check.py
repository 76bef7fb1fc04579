"""What a transport file cannot hold of a dataset, found before the first byte is written.

The quick look is at whole buffers (largest byte, longest value); only a column
that fails it is looked at value by value, in Arrow, to say where and what.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.transport.ibm_float import special_missing_names
from cdisc.transport.xpt_described import Target, dataset_findings, variable_findings
from cdisc.transport.xpt_layout import LAYOUTS, RECORD, Version
from cdisc.transport.xpt_places import Places
from cdisc.transport.xpt_records import Layer, SpecialMissing, fields_of
from cdisc.transport.xpt_text import BLANK, normalised_encoding
from cdisc.transport.xpt_values import NumberCheck, TextCheck


def check_xpt(
    dataset: Dataset, *, encoding: str = "ascii", version: Version = 5
) -> tuple[Diagnostic, ...]:
    """Return everything about `dataset` that a transport file cannot hold.

    Errors (which `write_xpt` raises): names, labels, lengths and formats beyond the
    limits of the version, values longer than their variable, characters that are not
    in `encoding`, numbers that an IBM double cannot hold, special missing values that
    cannot be, a last record that looks like padding. Warnings: blanks at the end of
    text are lost, control characters, a format that changes the kind of a variable, a
    blank last record that other readers lose.

    Args:
        dataset: The dataset; column types as in `cdisc.dataset.ARROW_TYPES`.
        encoding: Encoding of text and labels; a codec that extends ASCII.
        version: Version of the format; agencies take version 5.

    Raises:
        TypeError: A column of the table has another type than its kind says.

    Source:
        Record layout of a SAS transport data set (TS-140).
    """
    codec = normalised_encoding(encoding)
    if codec is None:
        return (unknown_encoding(encoding),)
    checks = Checks(dataset, codec, version)
    checks.add(dataset.table, dataset.special_missing)
    return tuple(checks.findings())


def unknown_encoding(encoding: str) -> Diagnostic:
    """Return what is said of an encoding that cannot be used."""
    expected = "a codec that extends ASCII, such as ascii, utf-8, gb18030 or latin-1"
    return Diagnostic("XPT017", f'unknown encoding "{encoding}"', expected=expected)


class Checks:
    """What a file cannot hold of a dataset, its values gathered table by table.

    Attributes:
        records: How many have come.
        sound: Whether all of their values can be held.
    """

    def __init__(self, about: Dataset, codec: str, version: Version = 5) -> None:
        self._about = about
        self._target = Target(LAYOUTS[version], codec)
        self._last: pa.Table | None = None
        self._values: list[TextCheck | NumberCheck] = [
            TextCheck(one, codec) if one.kind == "text" else NumberCheck(one)
            for one in about.variables
        ]
        self._special = {one.name: Places() for one in about.variables}
        self.records = 0
        self.sound = True

    def add(self, table: pa.Table, special: SpecialMissing | None = None) -> None:
        """Look at further records, of the columns of the dataset.

        Args:
            table: The records.
            special: Their special missing values, by variable.

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
        for which, ways in (special or {}).items():
            self._look_at_special(self._about.variable(which), table.column(which), ways)
        self.records += table.num_rows
        self.sound = self.sound and all(check.sound for check in self._values)
        self.sound = self.sound and not any(one.count for one in self._special.values())
        if table.num_rows:
            self._last = table.slice(table.num_rows - 1)

    def _look_at_special(
        self, variable: Variable, values: pa.ChunkedArray, ways: pa.Array | pa.ChunkedArray
    ) -> None:
        """Look for ways to be missing that are none, or of values that are not missing."""
        if len(ways) != len(values):
            raise ValueError(f"{variable.name}: {len(ways)} special missing values")
        given = ways.combine_chunks() if isinstance(ways, pa.ChunkedArray) else ways
        known = pc.is_in(given, value_set=special_missing_names().drop_null())
        held = values.is_valid().combine_chunks()
        wrong = held if variable.kind != "text" else pa.repeat(True, len(given))  # noqa: FBT003  a value
        bad = pc.and_(given.is_valid(), pc.or_(pc.invert(known), wrong))
        if pc.any(bad).as_py():
            self._special[variable.name].add(self.records, given, bad)

    def findings(self) -> list[Diagnostic]:
        """Return what was found: of the dataset, of each variable, of the last record."""
        about = self._about
        found = [*dataset_findings(about, self._target)]
        for variable, check in zip(about.variables, self._values, strict=True):
            found += variable_findings(about.name, variable, self._target)
            found += check.findings(about.name, variable.name)
            special = self._special[variable.name]
            if special.count:
                fact = _SPECIAL
                found.append(special.finding("XPT021", fact, about.name, variable.name))
        if not about.variables and self.records:
            fact = f"{self.records:,} records without a variable"
            found.append(Diagnostic("XPT019", fact, dataset=about.name, records=self.records))
        if self._last is not None and not has_errors(found):
            found += self._last_record(self._last)
        return found

    def _last_record(self, last: pa.Table) -> Iterator[Diagnostic]:
        """Yield a finding if the last record is blank, and nothing says that it is there."""
        fields = fields_of(self._about.variables)
        if self._target.layout.version != 5:  # noqa: PLR2004  the version
            return
        width = sum(field.length for field in fields)
        rest = self.records * width + -self.records * width % RECORD - (self.records - 1) * width
        for record in Layer(fields, self._target.codec).matrices(last):
            if np.any(record != BLANK):
                return
            fact = f"record {self.records:,}, the last, is blank"
            name = self._about.name
            if width < RECORD and rest <= RECORD:
                fact = f"{fact}: it cannot be told from padding"
                expected = f"a value in the last record, or records of {RECORD} bytes and more"
                yield Diagnostic("XPT016", fact, expected=expected, dataset=name, records=1)
            else:
                fact = f"{fact}: some readers lose it"
                yield Diagnostic("XPT022", fact, dataset=name, records=1)


_SPECIAL: Final = "given as special missing that cannot be, or that are not missing"


def _require_type(dataset: str, variable: Variable, column: pa.ChunkedArray) -> None:
    held = column.type
    if variable.kind == "text" and pa.types.is_dictionary(held):
        held = held.value_type
    if held != ARROW_TYPES[variable.kind]:
        raise TypeError(f"{dataset}.{variable.name}: {held} is not of kind {variable.kind}")
