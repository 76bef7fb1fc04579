"""Excel files, old and new: the sheet that has the columns of a publication.

A spreadsheet may have made a number of a term such as ``1``, which is put back; what it has
made a date or a truth value cannot be put back, and is refused.

Of the readers these two are slow and safe: calamine reads a release in 1 second instead of 17,
but a damaged file can end the whole process, where every file has to be read or refused.
"""

import dataclasses
import datetime as dt
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
import xlrd
from openpyxl.utils.exceptions import InvalidFileException

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.standard.publication.content import Content, Row
from cdisc.standard.publication.tables import COLUMNS, columns_of, row_of

# What the two readers raise over files that are cut off or were changed by hand.
_BROKEN = (
    xlrd.XLRDError, xlrd.compdoc.CompDocError, InvalidFileException, zipfile.BadZipFile,
    ParseError, struct.error, zlib.error, EOFError, OSError, ArithmeticError, AssertionError,
    AttributeError, LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Sheet:
    name: str
    rows: Sequence[Sequence[object]]

    @property
    def published(self) -> bool:
        first = {str(value).strip() for value in self.rows[0]} if self.rows else set()
        return {COLUMNS["code"], COLUMNS["codelist"]} <= first


def read_old_excel(path: Path, data: bytes) -> Content:
    """Read an Excel file as it was until 2003 (``.xls``); see `read_excel`."""
    return _read(path, data, _old_sheets)


def read_excel(path: Path, data: bytes) -> Content:
    """Read an Excel file (``.xlsx``).

    Package and date are those of the name of the sheet, such as ``SDTM Terminology 2025-03-28``.

    Raises:
        SpecError: STD005, it cannot be read, no sheet or several have the columns of a
            publication, or a cell holds what no publication holds.
    """
    return _read(path, data, _new_sheets)


def _read(path: Path, data: bytes, sheets: Callable[[bytes], Iterator[_Sheet]]) -> Content:
    try:
        found = [one for one in sheets(data) if one.published]
    except _BROKEN as error:
        fact = f'"{path.as_posix()}" is not an Excel file that can be read'
        raise SpecError([Diagnostic("STD005", fact)]) from error
    if len(found) != 1:
        which = "no sheet has" if not found else f"{len(found)} sheets have"
        fact = f'{which} the columns of a publication in "{path.as_posix()}"'
        raise SpecError([Diagnostic("STD005", fact, expected=", ".join(COLUMNS.values()))])
    return _content(path, found[0])


def _content(path: Path, sheet: _Sheet) -> Content:
    file = f"{path}[{sheet.name}]"
    at = columns_of([str(value).strip() for value in sheet.rows[0]], Span(file, 1, 1, 1))
    rows: list[Row] = []
    faults: list[Diagnostic] = []
    for number, cells in enumerate(sheet.rows[1:], 2):
        if any(cell not in {None, ""} for cell in cells):
            wide = [*cells, *[""] * (max(at.values()) + 1 - len(cells))]
            faults += _unreadable(file, number, wide, at)
            rows.append(row_of(number, [_text(cell) for cell in wide], at))

    def locate(row: Row, attribute: str) -> tuple[Span, tuple[str, ...]]:
        column = at[attribute] + 1
        return Span(file, row.place, column, column), ()

    return Content(sheet.name, rows, locate, faults=tuple(faults))


def _old_sheets(data: bytes) -> Iterator[_Sheet]:
    # Whatever the reader has to say of the file goes nowhere: only what it raises counts.
    book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    for sheet in book.sheets():
        rows = [
            [_old_value(cell, book.datemode) for cell in sheet.row(number)]
            for number in range(sheet.nrows)
        ]
        yield _Sheet(sheet.name, rows)


def _old_value(cell: xlrd.sheet.Cell, datemode: int) -> object:
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return ValueError(xlrd.error_text_from_code[cell.value])
    return cell.value


def _new_sheets(data: bytes) -> Iterator[_Sheet]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some writers state them wrongly
        yield _Sheet(sheet.title, list(sheet.iter_rows(values_only=True)))


def _unreadable(
    file: str, number: int, cells: Sequence[object], at: dict[str, int]
) -> Iterator[Diagnostic]:
    """Yield the cells that a spreadsheet has turned into something that was not published."""
    for column in sorted(at.values()):
        kind = _kind(cells[column])
        if kind is not None:
            place = Span(file, number, column + 1, column + 1)
            fact = f"the cell holds {kind}, not a text"
            yield Diagnostic("STD005", fact, place, found=(str(cells[column]),))


def _kind(cell: object) -> str | None:
    if isinstance(cell, bool):
        return "a truth value"
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        return "a date or time"
    if isinstance(cell, ValueError) or cell in openpyxl.cell.cell.ERROR_CODES:
        return "an error"
    return None


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
