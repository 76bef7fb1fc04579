"""A validation as an Excel workbook: a summary with links, then one sheet a severity."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.validate.reports.model import Validation
from cdisc.validate.rules.model import GRADES, Finding

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_HEADS = (
    ("Rule", 10), ("Dataset", 10), ("Variable", 12), ("Message", 60), ("Records", 10),
    ("Subjects", 10), ("First records", 18), ("Key", 40), ("Values", 60), ("Expected", 50),
    ("Made by", 26), ("Fields", 26), ("Pages", 10), ("Source", 40), ("Status", 10),
    ("Explained", 50), ("Engine", 10), ("Numbers", 20), ("Also", 20),
)  # fmt: skip
_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001  a workbook knows no zone; no clock in the bytes
_FORMULA = ("=", "+", "-", "@")


def write_workbook(validation: Validation, path: Path) -> None:
    """Write the workbook.

    Raises:
        OutputError: OUT003, the file cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415  who wants no workbook does not wait for it

    book = Workbook()
    book.properties.created = book.properties.modified = _TIME
    summary = book.active
    assert summary is not None
    summary.title = "Summary"
    _summary(summary, validation)
    for grade in GRADES:
        _sheet(book, grade, [one for one in validation.findings if one.severity == grade])
    try:
        book.save(path)
    except OSError as error:
        fact = f'cannot write "{path.as_posix()}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error


def _summary(sheet: "Worksheet", validation: Validation) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415  as above
    from openpyxl.worksheet.hyperlink import Hyperlink  # noqa: PLC0415  as above

    sheet.append(["Package", _safe(validation.package)])
    sheet.append(["Standards", ", ".join(validation.standards)])
    sheet.append(["Rules", validation.rules])
    sheet.append(["Version", validation.version])
    for one in validation.published:
        for line in one.lines:
            sheet.append(["Published rules", _safe(line)])
    sheet.append([])
    sheet.append(["Severity", "Open findings"])
    for grade, number in validation.counts().items():
        sheet.append([grade, number])
        cell = sheet.cell(sheet.max_row, 1)
        cell.hyperlink = Hyperlink(cell.coordinate, location=f"'{grade}'!A1")
        cell.font = Font(underline="single", color="0B4F8A")
    sheet.append([])
    sheet.append(["Dataset", "Label", "Records", "Variables"])
    for name, label, records, variables in validation.datasets:
        sheet.append([_safe(name), _safe(label), records, variables])
    sheet.column_dimensions["A"].width = 14
    sheet.column_dimensions["B"].width = 44


def _sheet(book: "Workbook", grade: str, findings: list[Finding]) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415  as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  as above

    sheet = book.create_sheet(grade)
    sheet.append([name for name, _width in _HEADS])
    for number, (_name, width) in enumerate(_HEADS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.cell(1, number).font = Font(bold=True)
    for one in findings:
        sheet.append([_safe(part) if isinstance(part, str) else part for part in _row(one)])
        for cell in sheet[sheet.max_row]:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_HEADS))}{max(2, sheet.max_row)}"


def _row(one: Finding) -> tuple[str | int | None, ...]:
    return (
        one.code, one.dataset, one.variable, one.message, one.records or None,
        one.subjects or None, ", ".join(map(str, one.first)), "\n".join(one.keys),
        "\n".join(one.values), one.expected, one.place, ", ".join(one.fields),
        ", ".join(one.pages), one.source, one.status, one.explained, one.engine,
        ", ".join(one.numbers), ", ".join(one.also),
    )  # fmt: skip


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula and that XML can hold."""
    plain = "".join(one if one.isprintable() or one == "\n" else "?" for one in text)[:32_000]
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
