"""The sheets of a workbook of others, by the names that are used here, and what is strange."""

import dataclasses
from collections.abc import Iterator, Mapping

from cdisc.diagnostics import Diagnostic
from cdisc.workbook.cells import Table
from cdisc.workbook.layout import Row, Sheets, column_named, sheet_named
from cdisc.workbook.write import FILES, WRITTEN

_SHOWN = 5


@dataclasses.dataclass(frozen=True)
class Foreign:
    """Rows by sheet, and what of the workbook is not read or not as it should be."""

    sheets: Sheets
    findings: tuple[Diagnostic, ...]


def foreign_rows(tables: Mapping[str, Table], file: str) -> Foreign:
    """Return the rows of the sheets that are known, with columns as they are called here.

    Args:
        tables: The sheets of the workbook.
        file: Its name, for findings.
    """
    sheets: Sheets = {}
    findings: list[Diagnostic] = []
    for title, table in tables.items():
        name = sheet_named(title)
        if name is None:
            if table.rows and title not in (FILES, WRITTEN):
                findings.append(
                    Diagnostic(
                        "WBK005",
                        f'sheet "{title}" of {file} is not known, and is not read',
                        found=(f"{len(table.rows)} rows",),
                    )
                )
            continue
        columns = [column_named(name, one) for one in table.columns]
        findings += _strange(title, table, columns)
        sheets.setdefault(name, [])
        sheets[name] += list(_rows(table, columns))
    findings += _without_name(sheets)
    return Foreign(sheets, tuple(findings))


def _rows(table: Table, columns: list[str | None]) -> Iterator[Row]:
    for cells in table.rows:
        row: Row = {}
        for column, text in zip(columns, cells, strict=True):
            if column is not None and text:
                row.setdefault(column, text)
        if row:
            yield row


def _strange(title: str, table: Table, columns: list[str | None]) -> Iterator[Diagnostic]:
    unknown = [
        name or f"(no name, column {at})"
        for at, (name, column) in enumerate(zip(table.columns, columns, strict=True), start=1)
        if column is None and any(row[at - 1] for row in table.rows)
    ]
    if unknown:
        fact = f'columns of sheet "{title}" are not known, and are not read'
        yield Diagnostic("WBK005", fact, found=tuple(unknown))
    named = [one for one in columns if one]
    twice = sorted({one for one in named if named.count(one) > 1})
    if twice:
        fact = f'columns of sheet "{title}" stand twice; the first that has a text is read'
        yield Diagnostic("WBK005", fact, found=tuple(twice))
    for what, places in (
        ("formulas, which are not read", table.formulas),
        ("merged cells; each has the text of the first", table.merged),
        ("blanks at the ends of texts, which are not read", table.trimmed),
    ):
        if places:
            shown = places[:_SHOWN]
            more = (f"and {len(places) - _SHOWN} more",) if len(places) > _SHOWN else ()
            yield Diagnostic("WBK005", f'sheet "{title}" has {what}', found=(*shown, *more))


def _without_name(sheets: Sheets) -> Iterator[Diagnostic]:
    """Take out rows that name nothing, and variables that are there twice."""
    kept: list[Row] = []
    seen: set[tuple[str, str]] = set()
    for row in sheets.get("Variables", []):
        name = (row.get("Dataset", "").upper(), row.get("Variable", "").upper())
        said = " ".join(f"{key}={value}" for key, value in list(row.items())[:3])
        if not all(name):
            fact = "a row of variables names no dataset or no variable, and is not read"
            yield Diagnostic("WBK006", fact, found=(said,))
        elif name in seen:
            fact = f"{'.'.join(name)} has two rows; the first is read"
            yield Diagnostic("WBK006", fact, found=(said,))
        else:
            seen.add(name)
            kept.append({**row, "Dataset": name[0], "Variable": name[1]})
    if "Variables" in sheets:
        sheets["Variables"] = kept
