"""Old Excel workbooks (``.xls``): their cells, told as those of a new one are.

xlrd reads the records of the file; what a cell shows is decided where it is decided for
new workbooks, so that a sheet saved in either form gives the same texts.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import xlrd
from xlrd.compdoc import CompDocError

from cdisc.raw.excel_cells import Cells, letters
from cdisc.raw.excel_parts import Sheet, Workbook

STUMBLES: Final = (
    *(xlrd.XLRDError, CompDocError, struct.error, AssertionError, ArithmeticError),
    *(LookupError, ValueError, TypeError, AttributeError, NotImplementedError),
    *(EOFError, MemoryError, RecursionError),
)
"""What xlrd raises of bytes that are no workbook."""

_GENERAL: Final = "General"
_KINDS: Final = {1: "s", 2: "n", 3: "n", 4: "b", 5: "e"}


class OldBook:
    """An old workbook.

    Args:
        path: The file.

    Attributes:
        workbook: What the cells of all sheets share.

    Raises:
        Exception: One of `STUMBLES`: it is damaged, encrypted, or no workbook.
    """

    def __init__(self, path: Path) -> None:
        self._book: Any = xlrd.open_workbook(
            file_contents=path.read_bytes(), formatting_info=True, logfile=io.StringIO()
        )
        self._texts: dict[str, int] = {}
        sheets = tuple(
            Sheet(sheet.name, str(place), hidden=sheet.visibility != 0)
            for place, sheet in enumerate(self._book.sheets())
        )
        for sheet in self._book.sheets():
            for _, _, kind, value, _ in _cells(sheet):
                if kind == "s":
                    self._texts.setdefault(value, len(self._texts))
        formats = self._book.format_map
        codes = (
            formats[one.format_key].format_str if one.format_key in formats else _GENERAL
            for one in self._book.xf_list
        )
        self.workbook = Workbook(sheets, tuple(self._texts), tuple(codes), self._book.datemode == 1)

    def tell(self, sheet: Sheet, cells: Cells) -> bool:
        """Tell all cells of a sheet; say whether there is any."""
        held = self._book.sheet_by_index(int(sheet.part))
        for low, info in sorted(held.colinfo_map.items()):
            if info.hidden:
                cells.columns_hidden.append((low + 1, low + 1))
        for top, bottom, left, right in held.merged_cells:
            cells.merged.append(f"{letters(left + 1)}{top + 1}:{letters(right)}{bottom}")
        row = -1
        for at, column, kind, value, style in _cells(held):
            if at != row:
                if row >= 0:
                    cells.end("row")
                row = at
                info = held.rowinfo_map.get(at)
                hidden = "1" if info is not None and info.hidden else "0"
                cells.start("row", {"r": str(at + 1), "hidden": hidden})
            text = str(self._texts[value]) if kind == "s" else value
            place = f"{letters(column + 1)}{at + 1}"
            cells.start("c", {"r": place, "t": kind, "s": str(style)})
            cells.start("v", {})
            cells.data(text)
            cells.end("v")
            cells.end("c")
        if row >= 0:
            cells.end("row")
        return row >= 0


def _cells(sheet: Any) -> Iterator[tuple[int, int, str, str, int]]:
    """Yield row and column from 0, kind, text and style of each cell with a value."""
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        for column, (number, value) in enumerate(zip(kinds, values, strict=True)):
            kind = _KINDS.get(number)
            if kind is None:
                continue
            if kind == "n":
                text = repr(float(value)).removesuffix(".0")
            elif kind == "e":
                text = xlrd.error_text_from_code.get(value, "#N/A")
            else:
                text = str(value)
            yield row, column, kind, text, sheet.cell_xf_index(row, column)
