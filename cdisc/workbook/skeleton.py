"""A workbook of others to mapping files that a person fills in.

What the workbook says in a way that runs becomes a line: an assigned value, a predecessor,
an expression in a column of its own. What it says in English stands as a comment where
the line is to be written, and is counted. What has no place is a finding.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping

from cdisc.diagnostics import Diagnostic
from cdisc.errors import SpecError
from cdisc.tools.formatting import formatted
from cdisc.workbook.cells import Table
from cdisc.workbook.foreign import Foreign, foreign_rows
from cdisc.workbook.layout import Row
from cdisc.workbook.lines import DatasetText, Guides

_SUPP = "SUPP"
_LONGEST_ID = 20


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """Mapping files to fill in."""

    files: Mapping[str, str]
    findings: tuple[Diagnostic, ...]
    to_write: int


def skeleton(tables: Mapping[str, Table], file: str) -> Skeleton:
    """Return the mapping files that follow from a workbook of others.

    Args:
        tables: The sheets.
        file: Name of the workbook, for findings and comments.

    Raises:
        SpecError: WBK004, it has no sheet with variables.
    """
    foreign = foreign_rows(tables, file)
    if not foreign.sheets.get("Variables"):
        fact = f'"{file}" has no sheet Variables with rows that name a dataset and a variable'
        raise SpecError([Diagnostic("WBK004", fact)])
    return _Skeleton(foreign, file).made()


class _Skeleton:
    def __init__(self, foreign: Foreign, file: str) -> None:
        self.sheets, self.file = foreign.sheets, file
        self.findings = list(foreign.findings)
        about: dict[str, list[str]] = defaultdict(list)
        for row in self.sheets.get("Define", ()):
            about[row.get("Attribute", "").replace(" ", "").lower()].append(row.get("Value", ""))
        self.about = about
        self.guides = Guides.of(about, self.sheets, self.findings, file)
        self.datasets = {row.get("Dataset", "").upper(): row for row in self._rows("Datasets")}
        self.variables: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("Variables"):
            self.variables[row.get("Dataset", "").upper()].append(row)
        self.comments = {row.get("ID", ""): row for row in self._rows("Comments")}
        self.methods = {row.get("ID", ""): row for row in self._rows("Methods")}

    def _rows(self, sheet: str) -> list[Row]:
        return self.sheets.get(sheet, [])

    def made(self) -> Skeleton:
        texts = [self._dataset(name) for name in self.variables if self._is_file(name)]
        wanted = {one for text in texts for one in text.predecessors}
        files = {}
        to_write = 0
        for text in texts:
            path = f"{text.stage}/{text.name.lower()}.yaml"
            files[path] = formatted(text.text(wanted), "dataset", file=path)
            to_write += len(text.unwritten)
            if text.unwritten:
                self.findings.append(_unwritten(text))
        if terms := self._terms():
            files["terms/workbook.yaml"] = terms
        forms = [text.form for text in texts if text.form]
        files["study.yaml"] = self._study(forms)
        for name in self.variables:
            if not self._is_file(name) and not name.startswith(_SUPP):
                self.findings.append(
                    Diagnostic(
                        "WBK006",
                        f"{name} is not read: it follows from the mapping of other datasets",
                        help="write what relates records under relate:",
                    )
                )
        return Skeleton(dict(sorted(files.items())), tuple(self.findings), to_write)

    def _is_file(self, name: str) -> bool:
        made = self.guides.is_made(name)
        return not made and not name.startswith(_SUPP)

    def _dataset(self, name: str) -> "DatasetText":
        row = self.datasets.get(name, {})
        if name not in self.datasets:
            fact = f"{name} has variables and no row in sheet Datasets"
            self.findings.append(Diagnostic("WBK009", fact, help="its keys are assumed"))
        qualifiers = [one for one in self._rows("ValueLevel") if one.get("Dataset") == _SUPP + name]
        return DatasetText(
            name=name,
            row=row,
            variables=tuple(self.variables[name]),
            qualifiers=tuple(qualifiers),
            guides=self.guides,
            said=self._said,
            codelists=frozenset(self._own_codelists()),
            file=self.file,
        )

    def _said(self, row: Row) -> Iterator[str]:
        """Yield what a row says in English: origin, method, comment, notes."""
        origin = " ".join(filter(None, (row.get("Origin"), row.get("Source"))))
        pages = row.get("Pages")
        yield ", ".join(filter(None, (origin, f"pages {pages}" if pages else "")))
        method = self.methods.get(row.get("Method", ""), {})
        yield method.get("Description") or row.get("Method", "")
        yield method.get("Expression Code", "")
        comment = row.get("Comment", "")
        yield self.comments.get(comment, {}).get("Description") or comment
        yield row.get("Predecessor", "")
        yield row.get("Developer Notes", "")

    def _own_codelists(self) -> dict[str, list[str]]:
        """Return the terms of codelists that are not published, by id."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._rows("Codelists"):
            if not row.get("NCI Codelist Code") and row.get("ID") and row.get("Term"):
                found[row["ID"]].append(row["Term"])
        return found

    def _terms(self) -> str:
        found = self._own_codelists()
        if not found:
            return ""
        lines = [f"# The sponsor's own codelists of {self.file}", "terms:"]
        for name, terms in found.items():
            lines.append(f"  {quoted(name)}:")
            lines += [f"    {quoted(one)}: {quoted(one)}" for one in dict.fromkeys(terms)]
        return "\n".join(lines) + "\n"

    def _study(self, forms: list[str]) -> str:
        name = next(iter(self.about["studyname"]), "")
        id_ = "".join(one for one in name if one.isalnum() or one == "-")[:_LONGEST_ID]
        if not id_ or id_ != name:
            id_ = id_ or "STUDY1"
            self.findings.append(
                Diagnostic("WBK009", f'the study is called "{id_}" in study.yaml', found=(name,))
            )
        said = {
            "name": name or id_,
            "description": next(iter(self.about["studydescription"]), ""),
            "protocol": next(iter(self.about["protocolname"]), ""),
        }
        lines = [
            f"# study.yaml - from {self.file}; fill in the raw files and how the subject is told",
            "study:",
            f"  id: {id_}",
            f"  usubjid: {quoted(repr(id_ + '-') + ' + subject')}",
            *(f"  {key}: {quoted(value)}" for key, value in said.items() if value),
            "standards:",
            *self.guides.lines(),
        ]
        if forms:
            lines += ["raw:", *(f"  {one}: {{file: {one}.csv, subject: SUBJ}}" for one in forms)]
        return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a text as YAML writes it in double quotes."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unwritten(text: DatasetText) -> Diagnostic:
    return Diagnostic(
        "WBK010",
        f"{text.name}: {len(text.unwritten)} of {len(text.variables)} lines are to be written",
        found=(", ".join(text.unwritten),),
        help=f"write them in {text.stage}/{text.name.lower()}.yaml, then run: cdisc check",
        dataset=text.name,
    )
