"""Tab-separated text, and the columns that it has in common with Excel files.

A codelist has nothing in the column of the code of a codelist; a term has that of its
codelist. Synonyms are read where there is a column for them; other columns, such as
definitions, may stand where they like.
"""

from collections.abc import Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.standard.publication.content import Content, Row, synonyms_of

COLUMNS = {
    "code": "Code",
    "codelist": "Codelist Code",
    "extensible": "Codelist Extensible (Yes/No)",
    "name": "Codelist Name",
    "value": "CDISC Submission Value",
    "preferred_term": "NCI Preferred Term",
}
_ALL = {**COLUMNS, "synonyms": "CDISC Synonym(s)"}


def read_text(path: Path, data: bytes) -> Content:
    """Read tab-separated text, UTF-8.

    Raises:
        SpecError: STD005, it has not the columns, or is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        place = Span(str(path), number, column, column + 1)
        raise SpecError([Diagnostic("STD005", "the text is not UTF-8", place)]) from error
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines[-1]:
        place = Span(str(path), len(lines), 1, len(lines[-1]) + 1, lines[-1].replace("\t", " "))
        fact = "the last line does not end: the file is cut off"
        mend = "load the file again; if it is whole, end its last line"
        raise SpecError([Diagnostic("STD005", fact, place, help=mend)])
    names = lines[0].split("\t")
    head = Span(str(path), 1, 1, len(lines[0]) + 1, lines[0])
    at = columns_of(names, head)
    rows: list[Row] = []
    faults: list[Diagnostic] = []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) > max(at.values()) and len(cells) <= len(names):
            rows.append(row_of(number, [cell.strip() for cell in cells], at))
        elif line:
            short = next((_ALL[key] for key, n in at.items() if n >= len(cells)), None)
            fact = f"the line ends before {short}" if short else f"more than {len(names)} fields"
            place = Span(str(path), number, 1, len(line) + 1, line)
            faults.append(Diagnostic("STD005", fact, place))

    def locate(row: Row, attribute: str) -> tuple[Span, tuple[str, ...]]:
        line = lines[row.place - 1]
        cells = line.split("\t")
        start = len("\t".join([*cells[: at[attribute]], ""])) + 1
        end = start + len(cells[at[attribute]])
        return Span(str(path), row.place, start, end, line.replace("\t", " ")), ()

    return Content(path.as_posix(), rows, locate, faults=tuple(faults))


def columns_of(names: Sequence[str], head: Span) -> dict[str, int]:
    """Return the number of each column that is read.

    Raises:
        SpecError: STD005, one is not there.
    """
    missing = [name for name in COLUMNS.values() if name not in names]
    if missing:
        fact = f"no column {', '.join(missing)}"
        expected = ", ".join(COLUMNS.values())
        raise SpecError([Diagnostic("STD005", fact, head, expected=expected)])
    return {attribute: names.index(name) for attribute, name in _ALL.items() if name in names}


def row_of(number: int, cells: Sequence[str], at: dict[str, int]) -> Row:
    """Return a row from its cells."""
    codelist = cells[at["codelist"]]
    return Row(
        number,
        codelist,
        cells[at["code"]],
        cells[at["value"]],
        cells[at["preferred_term"]],
        "" if codelist else cells[at["name"]],
        "" if codelist else cells[at["extensible"]],
        synonyms_of([cells[at["synonyms"]]]) if codelist and "synonyms" in at else (),
    )
