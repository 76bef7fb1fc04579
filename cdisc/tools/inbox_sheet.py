"""The terms inbox as an Excel file: one row a value, and a column to accept a term in.

Values are texts whatever they look like: ``=1+1`` is no formula. A value that a cell
would not keep as it is (blanks at its ends, line breaks, signs that cannot be seen)
stands in double quotes with the escapes of JSON, and is read back the same.
"""

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import OutputError, SpecError
from cdisc.report.inbox import Inbox, InboxValue, UnusedTerm
from cdisc.tools.accepting import Acceptance, unquoted, unread
from cdisc.tools.clockless import without_clock

_WIDTHS = {
    "accept": 26, "variable": 16, "step": 8, "codelist": 22, "code": 10, "extensible": 11,
    "terms": 14, "value": 44, "records": 9, "subjects": 9, "forms": 14, "first": 26,
    "line": 22, "nearest": 60,
}  # fmt: skip
_NEEDED = ("variable", "terms", "value", "accept")
_NOT_HIDDEN = [name for name in _WIDTHS if name not in ("accept", "value", "nearest")]
_LONGEST = 32_767
_MEANS_SOMETHING = re.compile(r"[=+\-@]")
_ESCAPE = re.compile(r"_x[0-9A-Fa-f]{4}_")
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001  files know no zone; the same inbox, the same bytes
_DROP_DOWNS = 60_000  # Excel reads 65,534


def render_inbox_sheet(inbox: Inbox) -> bytes:
    """Write the inbox as an Excel file.

    Sheets: ``inbox``, ``unused``, and a hidden one with what the drop-downs offer. They
    offer the nearest terms and, of short lists, all; anything else may be typed. Without
    values the column to accept in is missing.

    Raises:
        OutputError: OUT009, values that are too long for a cell.
    """
    _require_short(inbox)
    book = Workbook()
    sheet, offers = book.worksheets[0], book.create_sheet("terms")
    sheet.title = "inbox"
    names = _NOT_HIDDEN if inbox.hidden else list(_WIDTHS)
    _head(sheet, names, [_WIDTHS[name] for name in names])
    rows: dict[tuple[str, ...], list[int]] = {}
    for number, one in enumerate(inbox.values, start=2):
        for column, name in enumerate(names, start=1):
            _put(sheet.cell(number, column), _cell(one, name))
        if one.terms is None and not inbox.hidden:
            sheet.cell(number, 1).fill = PatternFill("solid", fgColor="DDDDDD")
        elif not inbox.hidden:
            rows.setdefault(_offered(one), []).append(number)
    _drop_downs(sheet, offers, rows)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    offers.sheet_state = "hidden"
    if inbox.unused:
        _unused(book.create_sheet("unused", 1), inbox.unused)
    return _bytes(book)


def read_inbox_sheet(path: Path) -> tuple[Acceptance, ...]:
    """Return the rows of an edited Excel file that have a term in ``accept``.

    Raises:
        SpecError: SPEC090, it is no such file, or a row cannot be read.
    """
    place = Span(path.name, 1, 1, 1)
    try:
        book = load_workbook(path, read_only=True, data_only=False)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException) as error:
        raise SpecError([unread("the file is no Excel file", place, ".xlsx")]) from error
    rows = book["inbox"].iter_rows() if "inbox" in book.sheetnames else iter(())
    names = [str(cell.value) for cell in next(rows, ())]
    if missing := [name for name in _NEEDED if name not in names]:
        fact = f"the file has no column {', '.join(missing)} in a sheet inbox"
        raise SpecError([unread(fact, place, "an Excel file of cdisc terms --out")])
    found: list[Acceptance] = []
    problems: list[Diagnostic] = []
    for number, row in enumerate(rows, start=2):
        cells = dict(zip(names, row, strict=False))
        said = {name: _said(cells.get(name)) for name in _NEEDED}
        if not said["accept"].strip():
            continue
        place = Span(path.name, number, names.index("accept") + 1, names.index("accept") + 1)
        value, term = _given(said["value"]), unquoted(said["accept"])
        formula = any(getattr(one, "data_type", "") == "f" for one in cells.values())
        if not value or term is None or not said["variable"] or formula:
            problems.append(unread("the row is no acceptance", place, "a text in each column"))
            continue
        terms = said["terms"] or None
        found.append(Acceptance(said["variable"], value, term, place, terms))
    book.close()
    if problems:
        raise SpecError(problems)
    return tuple(found)


def _cell(one: InboxValue, name: str) -> str | int:
    """Return what a column shows of a value."""
    match name:
        case "value":
            return _kept(one.value)
        case "accept":
            return ""
        case "codelist":
            return one.where
        case "extensible":
            return {None: "", True: "yes", False: "no"}[one.extensible]
        case "forms":
            return ", ".join(one.forms)
        case "nearest":
            return ", ".join(f"{near.term} {near.score}" for near in one.nearest)
        case _:
            found: str | int | None = getattr(one, name)
            return "" if found is None else found


def _kept(text: str) -> str:
    """Return a text as a cell keeps it."""
    plain = text.isprintable() and text == text.strip() and not text.startswith('"')
    return text if plain and not _ESCAPE.search(text) else _escaped(text)


def _escaped(text: str) -> str:
    said = "".join(
        json.dumps(one)[1:-1] if not one.isprintable() or one in '"\\' else one for one in text
    )
    return '"' + _ESCAPE.sub(lambda match: f"\\u005f{match[0][1:]}", said) + '"'


def _given(text: str) -> str | None:
    return unquoted(text) if text.startswith('"') else text


def _said(cell: object) -> str:
    value = getattr(cell, "value", None)
    return "" if value is None else str(value)


def _put(cell: Cell, value: str | int) -> None:
    """Put a value into a cell: a text stays one."""
    if value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = bool(_MEANS_SOMETHING.match(value))
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    else:
        cell.alignment = Alignment(vertical="top")


def _head(sheet: Worksheet, names: Sequence[str], widths: Sequence[int]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True), start=1):
        sheet.cell(1, column, name).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width


def _offered(one: InboxValue) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(near.term for near in one.nearest), *one.choices)))


def _drop_downs(
    sheet: Worksheet, offers: Worksheet, rows: dict[tuple[str, ...], list[int]]
) -> None:
    """Offer terms in the column to accept in; rows that offer the same share one list."""
    listed = [(terms, numbers) for terms, numbers in rows.items() if terms]
    for line, (terms, numbers) in enumerate(listed[:_DROP_DOWNS], start=1):
        for column, term in enumerate(terms, start=1):
            _put(offers.cell(line, column), term)
        last = get_column_letter(len(terms))
        offered = DataValidation(
            "list", formula1=f"terms!$A${line}:${last}${line}", allow_blank=True,
            showErrorMessage=False,
        )  # fmt: skip
        for number in numbers:
            offered.add(f"A{number}")
        sheet.add_data_validation(offered)
    # a column that is typed into holds texts, whatever they look like
    for number in (one for numbers in rows.values() for one in numbers):
        sheet.cell(number, 1).number_format = "@"


def _unused(sheet: Worksheet, terms: Iterable[UnusedTerm]) -> None:
    _head(sheet, ["terms", "text", "value", "line"], [16, 44, 30, 26])
    for number, one in enumerate(terms, start=2):
        cells = (one.terms, _kept(one.text), _kept(one.value), one.line)
        for column, said in enumerate(cells, start=1):
            _put(sheet.cell(number, column), said)


def _require_short(inbox: Inbox) -> None:
    long = [one for one in inbox.values if len(_kept(one.value)) > _LONGEST]
    if long:
        raise OutputError(
            Diagnostic(
                "OUT009",
                f"{one.variable}: a value of {len(one.value):,} characters does not fit a cell",
                found=(one.first,),
                expected=f"at most {_LONGEST:,} characters",
                help="write the page instead: --out inbox.html",
            )
            for one in long
        )


def _bytes(book: Workbook) -> bytes:
    """Return a file that knows no clock: the same inbox gives the same bytes."""
    book.properties.creator = "cdisc"
    book.properties.created = book.properties.modified = _MADE
    whole = io.BytesIO()
    book.save(whole)
    return without_clock(whole.getvalue())
