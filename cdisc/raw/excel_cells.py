"""The cells of a sheet, row after row."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from cdisc.raw.excel_parts import Workbook, local, unescaped
from cdisc.raw.excel_shown import shown
from cdisc.raw.records import Records
from cdisc.raw.xml_stream import Elements

_PLACE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_COLUMNS: Final = 16_384
_ROWS: Final = 1_048_576
_KNOWN: Final = 200_000
_YES: Final = frozenset({"1", "true"})


class Cells(Elements):
    """The records of a sheet: what stands in a row, by number of the column from 1.

    Args:
        workbook: What the cells of all sheets share.
        header: Row that names the fields.
        skip: Rows behind it that are no records.

    Attributes:
        names: Text of each cell of the header, by number of the column.
        records: The rows behind the header that hold a value.
        hidden: Rows that are hidden and hold a value.
        columns_hidden: First and last number of columns that are hidden.
        merged: Ranges of merged cells.
        more: Cells that hold more than they show, by number of the column.
        errors: Errors of formulas, by number of the column.
        bare: Cells with a formula that was never calculated.
        last: Last row with a value.
    """

    def __init__(self, workbook: Workbook, header: int, skip: int) -> None:
        super().__init__()
        self.names: dict[int, str] = {}
        self.records = Records()
        self.hidden: list[int] = []
        self.columns_hidden: list[tuple[int, int]] = []
        self.merged: list[str] = []
        self.more: Counter[int] = Counter()
        self.errors: Counter[int] = Counter()
        self.bare: list[str] = []
        self.last = 0
        self._book = workbook
        self._header, self._first = header, header + skip + 1
        self._row = 0
        self._row_hidden = False
        self._cells: dict[str, str | None] = {}
        self._column = 0
        self._cell: Mapping[str, str] = {}
        self._text: list[str] | None = None
        self._value: str | None = None
        self._formula = self._spoken = False
        self._names: dict[str, str] = {}
        self._known: dict[tuple[str, str], tuple[str, bool]] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = self._names.get(tag) or self._names.setdefault(tag, local(tag))
        if name == "c":
            self._start_cell(attributes)
        elif name == "v" or (name == "t" and not self._spoken):
            self._text = []
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True
        elif name == "col" and attributes.get("hidden") in _YES:
            self.columns_hidden.append((int(attributes["min"]), int(attributes["max"])))
        elif name == "mergeCell":
            self.merged.append(attributes.get("ref", ""))

    def data(self, text: str) -> None:
        """Take text, or a part of one."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """End an element."""
        name = self._names[tag]
        if name in {"v", "t"}:
            if self._text is not None:
                self._value = (self._value or "") + "".join(self._text)
            self._text = None
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._spoken = False

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        row = int(attributes.get("r", self._row + 1))
        if not self._row < row <= _ROWS:
            message = f"row {row} stands behind row {self._row}"
            raise ValueError(message)
        self._row, self._column, self._cells = row, 0, {}
        self._row_hidden = attributes.get("hidden") in _YES

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell, self._value, self._formula = attributes, None, False
        place = attributes.get("r")
        column = self._column + 1 if place is None else _column(place, self._row)
        if not self._column < column <= _COLUMNS:
            message = f"a cell of row {self._row} stands in the wrong order"
            raise ValueError(message)
        self._column = column

    def _end_cell(self) -> None:
        if self._value is None or (not self._value and self._cell.get("t", "n") == "n"):
            if self._formula:
                self.bare.append(f"{letters(self._column)}{self._row}")
            return
        text = self._shown(self._value)
        if text:
            self._cells[str(self._column)] = text

    def _shown(self, value: str) -> str:
        kind = self._cell.get("t", "n")
        if kind == "n":
            return self._number(value)
        if kind == "s":
            place = int(value)
            if not 0 <= place < len(self._book.texts):
                message = f"text {place} of {len(self._book.texts)} is not there"
                raise ValueError(message)
            return self._book.texts[place]
        if kind == "b":
            return "TRUE" if value in _YES else "FALSE"
        if kind == "e":
            self.errors[self._column] += 1
        return unescaped(value)

    def _number(self, value: str) -> str:
        style = self._cell.get("s", "0")
        known = self._known.get((style, value))
        if known is None:
            codes = self._book.codes
            place = int(style)
            code = codes[place] if 0 <= place < len(codes) else "General"
            known = shown(value, code, from_1904=self._book.from_1904)
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[style, value] = known
        self.more[self._column] += known[1]
        return known[0]

    def _end_row(self) -> None:
        if not self._cells:
            return
        self.last = self._row
        if self._row == self._header:
            self.names = {int(column): text or "" for column, text in self._cells.items()}
        elif self._row >= self._first:
            self.records.add(self._cells, self._row)
        else:
            return
        if self._row_hidden:
            self.hidden.append(self._row)


def _column(place: str, row: int) -> int:
    match = _PLACE.fullmatch(place)
    if match is None or int(match[2]) != row:
        message = f"a cell of row {row} says that it is another"
        raise ValueError(message)
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def letters(column: int) -> str:
    """Return the name of a column.

    Example:
        >>> letters(1), letters(27), letters(16384)
        ('A', 'AA', 'XFD')
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
