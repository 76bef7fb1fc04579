"""Excel workbooks (``.xlsx``, ``.xls``): a sheet makes the records, as its cells show it."""

import zipfile
from pathlib import Path
from typing import Final

import pyarrow as pa

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import RawDataError
from cdisc.raw.archive import DAMAGED
from cdisc.raw.csv import beyond_end
from cdisc.raw.delivery import SHOWN, Delivery, counted
from cdisc.raw.excel_cells import Cells, letters
from cdisc.raw.excel_old import STUMBLES, OldBook
from cdisc.raw.excel_parts import Parts, Sheet, Workbook, read_workbook
from cdisc.raw.fields import Read, form_of
from cdisc.raw.parquet import damaged, no_text
from cdisc.raw.source import RawFormSource
from cdisc.raw.texts import NoTextError
from cdisc.raw.xml_stream import REFUSED, DoctypeError

_OLD: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_SHOWN: Final = 200


def read_excel(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    """Read a sheet: a row names the fields, and every row behind it with a value is a record.

    The text of a cell is what it shows, where that is all that it holds; else what it
    holds, which a note counts. Dates and times are ISO 8601, as much of them as is shown.
    Truth is ``TRUE`` or ``FALSE``; the error of a formula is its text, and counted. A
    hidden row or column is read as any other, and a merged cell holds its value in its
    first row and column; a note tells of both. Rows are those of the sheet.

    Source:
        ECMA-376 part 1, section 18 (SpreadsheetML).
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_OLD)) == _OLD:
                return _read_old(path, delivery, source)
        with zipfile.ZipFile(path) as whole:
            parts = Parts(whole, delivery)
            workbook = read_workbook(parts)
            sheet = _sheet(workbook, delivery, source)
            cells = Cells(workbook, source.header, source.skip_rows)
            if not parts.tell(sheet.part, cells):
                raise ValueError(f'sheet "{sheet.name}" has no cells')
    except DoctypeError:
        return None, [delivery.finding("RAW026", "declares a document type in a part")]
    except NoTextError as error:
        return None, [no_text(sheet.name, error, delivery)]
    except (*DAMAGED, *REFUSED) as error:
        return None, [damaged("Excel workbook", error, delivery)]
    return _form(cells, sheet, delivery, source)


def _read_old(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    try:
        book = OldBook(path)
        sheet = _sheet(book.workbook, delivery, source)
        cells = Cells(book.workbook, source.header, source.skip_rows)
        if not book.tell(sheet, cells):
            raise ValueError(f'sheet "{sheet.name}" has no cells')
    except NoTextError as error:
        return None, [no_text(sheet.name, error, delivery)]
    except STUMBLES as error:
        reason = str(error).partition("\n")[0][:_SHOWN]
        why = ValueError(f"an old or an encrypted workbook that cannot be understood: {reason}")
        return None, [damaged("Excel workbook", why, delivery)]
    return _form(cells, sheet, delivery, source)


def _sheet(workbook: Workbook, delivery: Delivery, source: RawFormSource) -> Sheet:
    """Return the sheet that is asked for, or the only one.

    Raises:
        RawDataError: RAW022.
    """
    names = [sheet.name for sheet in workbook.sheets]
    if source.sheet is None and len(names) == 1:
        return workbook.sheets[0]
    if source.sheet in names:
        return workbook.sheets[names.index(source.sheet)]
    fact = (
        f"has {counted(len(names), 'sheet')}, and none is chosen"
        if source.sheet is None
        else f'has no sheet "{source.sheet}"'
    )
    near = did_you_mean(source.sheet or "", names)
    help_ = near or "name one of them as sheet: of the form"
    raise RawDataError([delivery.finding("RAW022", fact, *names[:_SHOWN], help=help_)])


def _form(cells: Cells, sheet: Sheet, delivery: Delivery, source: RawFormSource) -> Read:
    if cells.bare:
        fact = "has formulas that were never calculated"
        found = f"{counted(len(cells.bare), 'cell')}: {', '.join(cells.bare[:SHOWN])}"
        help_ = "open the workbook in a program that calculates, and save it"
        return None, [delivery.finding("RAW025", fact, found, help=help_)]
    if not cells.last:
        expected = f"the names of the fields in row {source.header}"
        return None, [
            delivery.finding("RAW005", f'has an empty sheet "{sheet.name}"', expected=expected)
        ]
    if cells.last < source.header:
        return None, [beyond_end(cells.last, source.header, source.skip_rows, delivery)]
    values = dict(cells.records.columns())
    width = max([*cells.names, *map(int, values)], default=0)
    nothing = pa.chunked_array([pa.nulls(len(cells.records.rows()), pa.string())])
    columns = [
        (cells.names.get(number, ""), values.get(str(number), nothing))
        for number in range(1, width + 1)
    ]
    return form_of(
        columns,
        delivery,
        rows=cells.records.rows(),
        strip=source.strip,
        missing=source.missing,
        notes=[*_hidden(cells, sheet, width, delivery), *_more(cells, delivery)],
    )


def _hidden(cells: Cells, sheet: Sheet, width: int, delivery: Delivery) -> list[Diagnostic]:
    found = []
    if sheet.hidden:
        found.append("the sheet itself is hidden")
    if cells.hidden:
        rows = ", ".join(map(str, cells.hidden[:SHOWN]))
        found.append(f"{counted(len(cells.hidden), 'hidden row')} with values: {rows}")
    columns = [(low, high) for low, high in cells.columns_hidden if low <= width]
    if columns:
        names = ", ".join(f"{letters(low)}:{letters(min(high, width))}" for low, high in columns)
        found.append(f"hidden columns: {names}")
    if cells.merged:
        ranges = ", ".join(cells.merged[:SHOWN])
        found.append(f"{counted(len(cells.merged), 'merged range')}: {ranges}")
    fact = f'has hidden or merged cells in sheet "{sheet.name}"'
    return [delivery.finding("RAW023", fact, *found)] if found else []


def _more(cells: Cells, delivery: Delivery) -> list[Diagnostic]:
    told = [
        (cells.more, "cell holds more than it shows", "cells hold more than they show"),
        (cells.errors, "cell is an error of a formula", "cells are errors of formulas"),
    ]
    found = [
        f"column {letters(column)}: {counted(number, one, many)}"
        for counts, one, many in told
        for column, number in sorted(counts.items())
        if number
    ]
    if not found:
        return []
    records = sum(cells.more.values()) + sum(cells.errors.values())
    fact = "has cells that hold something else than they show"
    return [delivery.finding("RAW024", fact, *found, records=records)]
