"""What a person changed in a workbook of ours, and what of it a mapping file can say.

The hidden sheet tells of each cell what was written. A cell that is another now is a
change: of an expression, a label, a key, it goes into the file of the study in its place;
of anything else it is a finding, for define.xml computes it.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from openpyxl.utils import get_column_letter

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.source import Loc, parse_document
from cdisc.workbook.cells import Table
from cdisc.workbook.layout import LAYOUTS, LayoutName, Row, layout_of, mapping_column
from cdisc.workbook.splice import with_key, with_line, with_list, with_value
from cdisc.workbook.write import FILES, WRITTEN, digest, row_id

_ABOUT = {"StudyName": "name", "StudyDescription": "description", "ProtocolName": "protocol"}
_OF_DATASET = {"Label": "label", "Description": "label", "Structure": "structure", "Class": "class"}
_OF_VARIABLE = {"Label": "label", "Description": "label", "Format": "format", "Length": "length"}
_QUALIFIES = "SUPP"


@dataclasses.dataclass(frozen=True)
class Change:
    """A cell that is not as it was written; `column` is empty for a whole new row."""

    sheet: str
    place: Span
    row: Row
    column: str
    text: str


def written_layout(table: Table) -> LayoutName:
    """Return the layout of a workbook of ours.

    Raises:
        SpecError: WBK004, the hidden sheet does not say one.
    """
    said = table.rows[0][2] if table.rows and len(table.columns) > 2 else ""  # noqa: PLR2004  its columns
    for one in LAYOUTS:
        if one == said:
            return one
    fact = f'sheet "{WRITTEN}" does not say what was written'
    raise SpecError([Diagnostic("WBK004", fact, help=f'remove it, and "{FILES}", to read')])


class Changes:
    """The cells of a workbook against what was written.

    Attributes:
        cells: Cells that changed, and rows that are new.
        gone: Rows that are no longer there, by sheet.
    """

    def __init__(self, tables: Mapping[str, Table], file: str) -> None:
        self.file = file
        self.layout = written_layout(tables[WRITTEN])
        self.written: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
        for row in tables[WRITTEN].rows[1:]:
            self.written[row[0], row[1]].append(row[2].split(" "))
        self.cells = [one for name in layout_of(self.layout) for one in self._of(name, tables)]
        self.gone = [key for key, left in self.written.items() for _ in left]

    def _of(self, name: str, tables: Mapping[str, Table]) -> Iterator[Change]:
        layout = layout_of(self.layout)[name]
        table = tables.get(name, Table((), (), ()))
        places = {one: at for at, one in enumerate(table.columns) if one}
        for number, cells in zip(table.numbers, table.rows, strict=True):
            row = {one: cells[at] for one, at in places.items()}
            before = self.written[name, row_id(layout.key(row))]
            if not before:
                yield Change(name, self._span(name, number, 1), row, "", "")
                continue
            digests = before.pop(0)
            for column, old in zip(layout.columns, digests, strict=True):
                at = places.get(column)
                if at is not None and digest(cells[at]) != old:
                    place = self._span(name, number, at + 1)
                    yield Change(name, place, row, column, cells[at])

    def _span(self, sheet: str, row: int, column: int) -> Span:
        return Span(f"{self.file}/{sheet}!{get_column_letter(column)}{row}", row, column, column)


@dataclasses.dataclass
class Applied:
    """The files of a study while changes go into them."""

    files: dict[str, str]
    findings: list[Diagnostic] = dataclasses.field(default_factory=list)

    def apply(self, changes: Changes) -> None:
        """Put every change into its file, or say why it is not read."""
        for one in changes.cells:
            edit = self._edit(one) if one.column else self._new(one)
            if edit is None:
                self._refuse(one)
            else:
                self.files.update(edit())
                self.findings.append(self._said(one))
        for sheet, row in changes.gone:
            self.findings.append(
                Diagnostic(
                    "WBK007",
                    f'sheet "{sheet}" no longer has the row "{row}"; its line in the files stays',
                    help="remove the line in the mapping file, if that is what is meant",
                )
            )

    def _said(self, one: Change) -> Diagnostic:
        what = f"{one.column} of {self._name(one)}" if one.column else f"line {self._name(one)}"
        return Diagnostic("WBK008", f"{what} is taken from the workbook", one.place)

    def _refuse(self, one: Change) -> None:
        what = f"{one.column} of {self._name(one)}" if one.column else f"the row {self._name(one)}"
        self.findings.append(
            Diagnostic(
                "WBK006",
                f"{what} is not as it was written, and is not read",
                one.place,
                found=(one.text,) if one.text else (),
                help="it is computed; change the mapping that it follows from",
            )
        )

    @staticmethod
    def _name(one: Change) -> str:
        names = (one.row.get(key, "") for key in ("Attribute", "Dataset", "Variable", "ID", "Term"))
        return ".".join(name for name in names if name)

    def _edit(self, one: Change) -> Callable[[], dict[str, str]] | None:
        """Return what makes the change, or None if no file says this."""
        if one.sheet == "Define":
            return self._about(one)
        if one.sheet == "Comments" and one.column == "Description":
            return self._comment(one)
        file = self._file(one.row.get("Dataset", ""))
        if file is None or not one.text:
            return None
        if one.sheet == "Datasets":
            return self._of_dataset(one, file)
        if one.sheet == "Variables":
            return self._of_line(one, file, ("variables", one.row["Variable"]))
        if one.sheet == "ValueLevel" and one.row["Dataset"].startswith(_QUALIFIES):
            loc = ("supp", one.row["Where Clause"].replace(" ", ".").rpartition(".")[2])
            return self._of_line(one, file, loc) if self._has(file, loc) else None
        return None

    def _about(self, one: Change) -> Callable[[], dict[str, str]] | None:
        key, file = _ABOUT.get(one.row.get("Attribute", "")), "study.yaml"
        if key is None or one.column != "Value" or not one.text:
            return None
        text = self.files[file]
        return lambda: {file: with_key(text, ("study",), key, one.text)}

    def _comment(self, one: Change) -> Callable[[], dict[str, str]] | None:
        dataset, _, variable = one.row["ID"].partition(".")
        file, loc = self._file(dataset), ("variables", variable)
        if file is None or not one.text or not self._has(file, (*loc, "comment")):
            return None
        text = self.files[file]
        return lambda: {file: with_value(text, (*loc, "comment"), one.text)}

    def _of_dataset(self, one: Change, file: str) -> Callable[[], dict[str, str]] | None:
        text, key = self.files[file], _OF_DATASET.get(one.column)
        if one.column == "Key Variables":
            names = one.text.replace(",", " ").split()
            return lambda: {file: with_list(text, ("keys",), names)}
        if key is None:
            return None
        if self._has(file, (key,)):
            return lambda: {file: with_value(text, (key,), one.text)}
        return lambda: {file: with_key(text, (), key, one.text)}

    def _of_line(self, one: Change, file: str, loc: Loc) -> Callable[[], dict[str, str]] | None:
        text, there = self.files[file], self._has(file, loc)
        if one.column == mapping_column():
            if not there:
                return lambda: {file: with_line(text, loc[:-1], str(loc[-1]), one.text)}
            at = (*loc, "map") if self._has(file, (*loc, "map")) else loc
            return lambda: {file: with_value(text, at, one.text)}
        key = _OF_VARIABLE.get(one.column)
        if key is None or not there or (loc[0] == "supp" and key != "label"):
            return None
        return lambda: {file: with_key(text, loc, key, one.text)}

    def _new(self, one: Change) -> Callable[[], dict[str, str]] | None:
        """Return what adds the line of a new row of variables that says its expression."""
        file = self._file(one.row.get("Dataset", ""))
        expression, name = one.row.get(mapping_column(), ""), one.row.get("Variable", "")
        if one.sheet != "Variables" or file is None or not expression or not name:
            return None
        return lambda: {file: self._added(file, name, expression, one.row.get("Label", ""))}

    def _added(self, file: str, name: str, expression: str, label: str) -> str:
        text = with_line(self.files[file], ("variables",), name, expression)
        return with_key(text, ("variables", name), "label", label) if label else text

    def _file(self, dataset: str) -> str | None:
        """Return the file that says a dataset; of qualifiers, that of the dataset they qualify."""
        for name in (dataset, dataset.removeprefix(_QUALIFIES)):
            for stage in ("sdtm", "adam"):
                if f"{stage}/{name.lower()}.yaml" in self.files:
                    return f"{stage}/{name.lower()}.yaml"
        return None

    def _has(self, file: str, loc: Loc) -> bool:
        return loc in parse_document(self.files[file], file=file).values
