"""A study to a workbook: what people read and edit, and the files that it came from.

Three kinds of sheets: those of the layout, with a column more for expressions; ``Mapping
Files``, with every file of the study line by line; and a hidden one that tells of each
cell what was written, so that a reader knows what a person changed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from cdisc.dataset import Study
from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import Program, Stage
from cdisc.errors import OutputError
from cdisc.workbook.cells import write_book
from cdisc.workbook.contents import contents
from cdisc.workbook.layout import LayoutName, Sheets, layout_of

FILES, WRITTEN = "Mapping Files", "As Written"
FILES_COLUMNS = ("File", "Line", "Text")
WRITTEN_COLUMNS = ("Sheet", "Row", "Digests")
_OWN = "mappings/"


def workbook_bytes(
    program: Program, layout: LayoutName = "2.1", built: Mapping[Stage, Study] | None = None
) -> bytes:
    """Return the workbook of a study.

    Args:
        program: The study.
        layout: ``2.1``, or ``2.0`` with a sheet of where clauses.
        built: Its datasets with their records, by stage. Without them lengths, terms that
            occur and value-level metadata, which data decide, are left out.

    Returns:
        An Excel file; the same study gives the same bytes.

    Raises:
        OutputError: WBK002, a text that a cell does not keep; WBK003, a file of the study
            that is no UTF-8 text with plain line ends.
    """
    rows = contents(program, layout, built)
    sheets: dict[str, Sequence[Sequence[str]]] = {}
    for name, one in layout_of(layout).items():
        sheets[name] = [one.columns, *([row.get(c, "") for c in one.columns] for row in rows[name])]
    sheets[FILES] = [FILES_COLUMNS, *_files(program)]
    sheets[WRITTEN] = [WRITTEN_COLUMNS, *_written(layout, rows)]
    return write_book(sheets, hidden=(WRITTEN,))


def _written(layout: LayoutName, rows: Sheets) -> list[Sequence[str]]:
    found: list[Sequence[str]] = [("", "", layout)]
    for name, one in layout_of(layout).items():
        for row in rows[name]:
            cells = [row.get(column, "") for column in one.columns]
            found.append((name, row_id(one.key(row)), " ".join(map(digest, cells))))
    return found


def row_id(key: Sequence[str]) -> str:
    """Return what tells a row of a sheet apart, as one text."""
    return " | ".join(one.strip() for one in key)


def digest(text: str) -> str:
    """Return what tells a text of a cell from another one."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:8]


def _files(program: Program) -> list[Sequence[str]]:
    """Return every line of every file of the study itself."""
    found: list[Sequence[str]] = []
    wrong: list[Diagnostic] = []
    for path, name in dict.fromkeys(program.loaded.files):
        if not name.startswith(_OWN):
            continue
        text = _plain_text(path)
        if text is None:
            wrong.append(
                Diagnostic(
                    "WBK003",
                    f'"{name.removeprefix(_OWN)}" cannot travel in a workbook line by line',
                    expected="UTF-8 without a byte order mark, lines that end with LF",
                )
            )
            continue
        lines = text.split("\n")
        inside = name.removeprefix(_OWN)
        found += [(inside, str(number), line) for number, line in enumerate(lines, start=1)]
    if wrong:
        raise OutputError(wrong)
    return found


def _plain_text(path: Path) -> str | None:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\r" in text or text.startswith("\ufeff") else text
