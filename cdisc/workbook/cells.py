"""Rows of text to an Excel file, and back: a text stays a text, and the bytes know no clock.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a text and no formula. What a cell
would not keep is refused when it is written, for a workbook is read by comparing it with
what was written.
"""

import dataclasses
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import OutputError, SpecError
from cdisc.tools.clockless import without_clock

_LONGEST = 32_767  # characters of a cell
_UNKEPT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f\\ufffe\\uffff]|_x[0-9A-Fa-f]{4}_")
_MEANS_SOMETHING = re.compile(r"[=+\-@]")
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001  files know no zone; the same rows, the same bytes
_HEAD = PatternFill("solid", fgColor="DCE6F1")
_WIDE, _WIDEST = 12, 60


@dataclasses.dataclass(frozen=True)
class Table:
    """A sheet as rows of text.

    Attributes:
        columns: Names in the first row that has any; empty for a column without a name.
        rows: Texts of each later row that has any, as long as `columns`.
        numbers: Row of the sheet of each of them, counted from 1.
        head: Row of the sheet with the names.
        formulas: Cells that hold a formula, as ``B7``.
        merged: Ranges of merged cells; each of their cells has the text of the first.
        trimmed: Cells whose text had blanks at its ends; it has none here.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    head: int = 1
    formulas: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    trimmed: tuple[str, ...] = ()


def write_book(sheets: Mapping[str, Sequence[Sequence[str]]], hidden: Iterable[str] = ()) -> bytes:
    """Return an Excel file; the first row of each sheet is its head.

    Args:
        sheets: Rows of text by name of the sheet, in order.
        hidden: Sheets that people need not see.

    Raises:
        OutputError: WBK002, a text that a cell does not keep.
    """
    _require_kept(sheets)
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        _fill(sheet, rows)
        if name in hidden:
            sheet.sheet_state = "hidden"
    return _bytes(book)


def read_book(path: Path, exact: Iterable[str] = ()) -> dict[str, Table]:
    """Return the sheets of an Excel file as tables.

    Args:
        path: The file.
        exact: Sheets whose texts are taken with the blanks at their ends.

    Raises:
        SpecError: WBK001, it is no Excel file.
    """
    try:
        book = load_workbook(path, data_only=False)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException) as error:
        place = Span(path.name, 1, 1, 1)
        fact = f'"{path.name}" is no Excel file'
        raise SpecError([Diagnostic("WBK001", fact, place, expected="a file .xlsx")]) from error
    found = {one.title: _table(one, exact=one.title in exact) for one in book.worksheets}
    book.close()
    return found


def _require_kept(sheets: Mapping[str, Sequence[Sequence[str]]]) -> None:
    wrong = []
    for name, rows in sheets.items():
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                if len(text) > _LONGEST or _UNKEPT.search(text):
                    place = f"{name}!{get_column_letter(column)}{number}"
                    wrong.append(_unkept(place, text))
    if wrong:
        raise OutputError(wrong)


def _unkept(place: str, text: str) -> Diagnostic:
    match = _UNKEPT.search(text)
    return Diagnostic(
        "WBK002",
        f"a cell does not keep the text of {place}",
        found=(repr(match[0]) if match else f"{len(text):,} characters",),
        expected=f"at most {_LONGEST:,} characters, none of them a control character",
    )


def _fill(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            if text:
                _put(sheet.cell(number, column), text, head=number == 1)
    for column, name in enumerate(rows[0] if rows else (), start=1):
        longest = max((len(row[column - 1]) for row in rows[:200]), default=len(name))
        width = max(_WIDE, min(_WIDEST, longest + 2))
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    if rows:
        sheet.auto_filter.ref = sheet.dimensions


def _put(cell: Cell, text: str, *, head: bool) -> None:
    cell.value = text
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = bool(_MEANS_SOMETHING.match(text))
    if head:
        cell.font, cell.fill = Font(bold=True), _HEAD


def _bytes(book: Workbook) -> bytes:
    book.properties.creator = "cdisc"
    book.properties.created = book.properties.modified = _MADE
    whole = io.BytesIO()
    book.save(whole)
    return without_clock(whole.getvalue())


def _table(sheet: Worksheet, *, exact: bool) -> Table:
    formulas: list[str] = []
    trimmed: list[str] = []
    grid: dict[int, dict[int, str]] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is None:
                continue
            place = f"{get_column_letter(cell.column)}{cell.row}"
            if cell.data_type == "f":
                formulas.append(place)
                continue
            text = _text(cell.value)
            if not exact and text != text.strip():
                trimmed.append(place)
                text = text.strip()
            if text:
                grid.setdefault(cell.row, {})[cell.column] = text
    merged = [] if exact else _unmerge(sheet, grid)
    numbers = sorted(grid)
    if not numbers:
        return Table((), (), ())
    head = numbers[0]
    width = max(max(row) for row in grid.values())
    columns = tuple(grid[head].get(at, "") for at in range(1, width + 1))
    rows = tuple(tuple(grid[n].get(at, "") for at in range(1, width + 1)) for n in numbers[1:])
    return Table(
        columns, rows, tuple(numbers[1:]), head, tuple(formulas), tuple(merged), tuple(trimmed)
    )


def _unmerge(sheet: Worksheet, grid: dict[int, dict[int, str]]) -> list[str]:
    """Give each cell of a merged range the text that the range shows."""
    found = []
    for one in sorted(sheet.merged_cells.ranges, key=str):
        text = grid.get(one.min_row, {}).get(one.min_col)
        if text is None:
            continue
        found.append(str(one))
        for row in range(one.min_row, one.max_row + 1):
            for column in range(one.min_col, one.max_col + 1):
                grid.setdefault(row, {})[column] = text
    return found


def _text(value: object) -> str:
    """Return what a cell holds as text: a whole number without decimals, a date by ISO 8601."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return str(value)
