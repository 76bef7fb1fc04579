"""One dataset of a workbook of others as a mapping file to fill in."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from cdisc.diagnostics import Diagnostic
from cdisc.engine.lines import implied
from cdisc.engine.program import Stage
from cdisc.standard import (
    DatasetStandard,
    VariableStandard,
    carried_adam,
    carried_sdtm,
    carried_terminology,
    load_adam,
    load_sdtm,
)
from cdisc.workbook.layout import Row, Sheets, mapping_column, words
from cdisc.workbook.splice import scalar

_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_PREDECESSOR = re.compile(r"([A-Z][A-Z0-9]{1,7})\.([A-Z_][A-Z0-9_]{0,7})")
_QUALIFIER = re.compile(r"QNAM\s+EQ\s+\"?([A-Z_][A-Z0-9_]{0,7})\"?|.*[._]([A-Z_][A-Z0-9_]{0,7})")
_RELEASE = re.compile(r"\b(SDTM|ADaM)\b.*?(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_NUMBERS = frozenset({"integer", "float", "double", "numeric", "num", "number"})
_LONGEST_LABEL = 40
# Display formats by what they show; that of the longest name first.
_FORMATS = {
    "datetime": ("DATETIME", "E8601DT"),
    "date": ("DATE", "YYMMDD", "E8601DA", "DDMMYY", "MMDDYY"),
    "time": ("TIME", "E8601TM"),
}
_EMPTY = "\"''\""


@dataclasses.dataclass(frozen=True)
class Guides:
    """The standards of a workbook, as study.yaml names them."""

    sdtm: str
    adam: str
    ct: str
    adamct: str

    @classmethod
    def of(
        cls,
        about: Mapping[str, list[str]],
        sheets: Sheets,
        findings: list[Diagnostic],
        file: str,
    ) -> "Guides":
        """Return what a workbook names, or the newest that is carried, which is a finding."""
        named = dict(zip(about["standardname"], about["standardversion"], strict=False))
        for row in sheets.get("Datasets", ()):
            name, _, version = row.get("Standard", "").rpartition(" ")
            named.setdefault(name, version)
        known: Mapping[str, str] = words()["guides"]
        said = {known[name]: version for name, version in named.items() if name in known}
        of_codelists = (row.get("Terminology", "") for row in sheets.get("Codelists", ()))
        dated = [match for text in of_codelists if (match := _RELEASE.search(text))]
        terms = {}
        for package in ("sdtm", "adam"):
            dates = (match[2] for match in dated if match[1].lower() == package)
            terms[package] = next(iter((*about[f"{package}ctversion"], *dates)), "")
        carried = {
            "SDTMIG": (said.get("SDTMIG", ""), [one for one in carried_sdtm() if one[0].isdigit()]),
            "ADaMIG": (said.get("ADaMIG", ""), list(carried_adam())),
            "SDTM CT": (terms["sdtm"], _dates("sdtm")),
            "ADaM CT": (terms["adam"], _dates("adam")),
        }
        chosen = {}
        for name, (wanted, there) in carried.items():
            chosen[name] = wanted if wanted in there else max(there)
            if wanted not in there:
                fact = f"{file} does not name an {name} that is carried; {chosen[name]} is assumed"
                found = (wanted,) if wanted else ()
                findings.append(
                    Diagnostic("WBK009", fact, found=found, expected=", ".join(sorted(there)))
                )
        return cls(chosen["SDTMIG"], chosen["ADaMIG"], chosen["SDTM CT"], chosen["ADaM CT"])

    def lines(self) -> Iterator[str]:
        """Yield the lines of ``standards:``."""
        yield f"  sdtm: SDTMIG {self.sdtm}"
        yield f"  adam: ADaMIG {self.adam}"
        yield f"  ct: {self.ct}"
        yield f"  adamct: {self.adamct}"
        yield '  define: "2.1"'

    def is_made(self, name: str) -> bool:
        """Say whether the program makes a dataset itself, from what others say."""
        known = load_sdtm(self.sdtm).dataset(name)
        return known is not None and known.class_name == "RELATIONSHIP" and known.name == "RELREC"

    def stage(self, name: str, class_name: str, purpose: str) -> Stage:
        """Return the stage of a dataset."""
        if load_sdtm(self.sdtm).dataset(name) is not None:
            return "sdtm"
        analysis = purpose.lower().startswith("anal") or name.startswith("AD")
        said = any(word in class_name.upper() for word in ("ANALYSIS", "STRUCTURE", "ADAM"))
        return "adam" if analysis or said else "sdtm"

    def standard(self, name: str, stage: Stage, class_name: str) -> DatasetStandard | None:
        """Return what the guide says of a dataset, or None."""
        if stage == "sdtm":
            return load_sdtm(self.sdtm).dataset(name)
        return load_adam(self.adam).dataset(name, class_name)


def _dates(package: str) -> list[str]:
    return [date for name, date in carried_terminology() if name == package]


@dataclasses.dataclass(frozen=True)
class DatasetText:
    """A dataset of a workbook while its file is written.

    Attributes:
        name: The dataset.
        row: Its row of the sheet Datasets; empty if it has none.
        variables: Its rows of the sheet Variables.
        qualifiers: Rows of value level of its supplemental qualifiers.
        guides: The standards.
        said: What a row says in English.
        codelists: Ids of codelists that are not published.
        file: Name of the workbook.
    """

    name: str
    row: Row
    variables: tuple[Row, ...]
    qualifiers: tuple[Row, ...]
    guides: Guides
    said: Callable[[Row], Iterator[str]]
    codelists: frozenset[str]
    file: str

    @cached_property
    def stage(self) -> Stage:
        """The stage of the dataset."""
        row = self.row
        return self.guides.stage(self.name, row.get("Class", ""), row.get("Purpose", ""))

    @cached_property
    def standard(self) -> DatasetStandard | None:
        """What the guide says of the dataset."""
        return self.guides.standard(self.name, self.stage, self.row.get("Class", ""))

    @cached_property
    def known(self) -> Mapping[str, VariableStandard]:
        """Variables of the guide by name."""
        return {one.name: one for one in self.standard.variables} if self.standard else {}

    @property
    def form(self) -> str | None:
        """The raw form that the records are assumed to come from."""
        return self.name.lower() if self.stage == "sdtm" else None

    @cached_property
    def keys(self) -> list[str]:
        """Key variables; the subject, where the workbook names none."""
        named = re.split(r"[,;\s]+", self.row.get("Key Variables", "").upper())
        there = {row["Variable"] for row in self.variables} | self.implied
        return [one for one in named if one in there] or [implied()["subject"]]

    @cached_property
    def implied(self) -> set[str]:
        """Variables that need no line."""
        said: Mapping[str, str] = implied()["implied"][self.stage]
        return {one.replace("--", self.name[:2]) for one in said}

    @cached_property
    def lines(self) -> Mapping[str, str]:
        """Expressions by variable, where the workbook says what runs."""
        found = {}
        for row in self.variables:
            assigned = row.get("Assigned Value", "")
            expression = row.get(mapping_column(), "")
            if expression:
                found[row["Variable"]] = expression
            elif assigned:
                doubled = assigned.replace("'", "''")
                found[row["Variable"]] = f"const '{doubled}'"
            elif match := self._predecessor(row):
                found[row["Variable"]] = ".".join(match)
        return found

    @cached_property
    def copies(self) -> Mapping[str, list[str]]:
        """Variables that are taken unchanged, label and all, by the dataset they come from."""
        found: dict[str, list[str]] = {}
        for row in self.variables:
            source, name = self._predecessor(row), row["Variable"]
            said = self.lines.get(name)
            plain = source is not None and said == ".".join(source) and source[1] == name
            if source and plain and row.get("Label") in (None, self._source_label(row)):
                found.setdefault(source[0], []).append(name)
        return found

    def _predecessor(self, row: Row) -> tuple[str, str] | None:
        said = row.get("Predecessor", "").upper()
        match = _PREDECESSOR.fullmatch(said.strip())
        if match is None or match[1] == self.name or match[1].startswith("SUPP"):
            return None
        return match[1], match[2]

    @property
    def predecessors(self) -> set[tuple[str, str]]:
        """Variables of other datasets that lines take."""
        found = (self._predecessor(row) for row in self.variables)
        return {one for one in found if one}

    @property
    def unwritten(self) -> list[str]:
        """Variables and qualifiers whose lines a person writes."""
        names = [row["Variable"] for row in self.variables]
        own = [one for one in names if one not in self.lines and one not in self.implied]
        return own + [f"supp:{name}" for name, row in self._qualifiers() if not _mapped(row)]

    def text(self, wanted: set[tuple[str, str]]) -> str:
        """Return the file.

        Args:
            wanted: Variables that lines of other datasets take, by dataset: they have a line
                even if it says nothing yet.
        """
        head = [
            f"# {self.name} - {self._label()}: from {self.file}",
            "# Lines that are comments, and those with '', are to be written.",
            f"dataset: {self.name}",
        ]
        head += list(self._about())
        rows = f"each {self.form}" if self.form else f"each {self._source()}"
        head += [f"rows: {rows}", f"keys: [{', '.join(self.keys)}]"]
        if self.copies:
            head += ["copy:", *(f"  {one}: [{', '.join(s)}]" for one, s in self.copies.items())]
        needed = {variable for dataset, variable in wanted if dataset == self.name}
        lines = [line for row in self.variables for line in self._line(row, needed)]
        named = any(not one.lstrip().startswith("#") for one in lines)
        supp = [line for name, row in self._qualifiers() for line in self._supp(name, row)]
        said = any(not one.lstrip().startswith("#") for one in supp)
        head += ["variables:" if named else "# variables:", *lines]
        if supp:
            head += ["supp:" if said else "# supp:", *supp]
        return "\n".join(head) + "\n"

    def _label(self) -> str:
        return self.row.get("Label", "") or (self.standard.label if self.standard else self.name)

    def _about(self) -> Iterator[str]:
        """Yield what the guide does not know."""
        label = self.row.get("Label", "")
        if label and (self.standard is None or self.standard.label != label):
            yield f"label: {scalar(label, flow=False)}"
        class_name, structure = self.row.get("Class", ""), self.row.get("Structure", "")
        own = self.stage == "adam" or self.standard is None
        if class_name and own:
            yield f"class: {scalar(class_name.upper(), flow=False)}"
        if structure and (self.standard is None or self.standard.structure != structure):
            yield f"structure: {scalar(structure, flow=False)}"

    def _source(self) -> str:
        """Return the dataset that an analysis dataset is assumed to follow.

        Its keys beside the subject come from there; without such keys, most of its variables.
        """
        own = {row["Variable"]: self._predecessor(row) for row in self.variables}
        subject = implied()["subject"]
        keyed = [own.get(key) for key in self.keys if key != subject]
        for some in (keyed, list(own.values())):
            names = [one[0] for one in some if one]
            if names:
                return max(sorted(set(names)), key=names.count)
        return str(words()["subjects"])

    def _line(self, row: Row, needed: set[str]) -> Iterator[str]:
        name = row["Variable"]
        copied = any(name in some for some in self.copies.values())
        if copied or (name in self.implied and name not in self.lines):
            return
        if not _NAME.fullmatch(name):
            yield f"  # {name}: no name that a transport file holds"
            return
        text = self.lines.get(name)
        known = self.known.get(name)
        required = name in self.keys or name in needed or (known and known.core == "Req")
        if text is None:
            yield from self._remarks(row)
        shown = scalar(text, flow=False) if text is not None else _EMPTY
        block = self._block(row, known)
        if block:
            flow = scalar(text) if text is not None else _EMPTY
            shown = f"{{map: {flow}, {', '.join(block)}}}"
        hidden = "" if text is not None or required else "# "
        yield f"  {hidden}{name}: {shown}"

    def _remarks(self, row: Row) -> Iterator[str]:
        for said in self.said(row):
            if said:
                yield f"  # {row['Variable']}: {' '.join(said.split())}"

    def _block(self, row: Row, known: VariableStandard | None) -> list[str]:
        """Return what a line says beside its expression: what the guide does not know."""
        label, codelist = row.get("Label", ""), row.get("Codelist", "")
        found = []
        if label and (known is None or known.label != label):
            found.append(f"label: {scalar(label[:_LONGEST_LABEL])}")
        if known is None and row["Variable"] not in self.lines:
            found.append(f"type: {self._type(row)}")
        if codelist in self.codelists:
            found.append(f"codelist: {scalar(codelist)}")
        return found

    def _source_label(self, row: Row) -> str | None:
        """Return the label that a variable has from the one that it is taken from."""
        source = self._predecessor(row)
        known = load_sdtm(self.guides.sdtm).dataset(source[0]) if source else None
        variables = known.variables if known else ()
        return next((one.label for one in variables if source and one.name == source[1]), None)

    def _type(self, row: Row) -> str:
        """Return the type of a variable: a date with a display format is a number of days."""
        kind, shown = row.get("Data Type", "").lower(), row.get("Format", "").upper()
        for name, prefixes in _FORMATS.items():
            if shown.startswith(prefixes):
                return name
        if "date" in kind or "time" in kind:
            return "dtc"
        return "number" if kind in _NUMBERS else "text"

    def _qualifiers(self) -> Iterator[tuple[str, Row]]:
        for row in self.qualifiers:
            match = _QUALIFIER.match(row.get("Where Clause", ""))
            if match:
                yield match[1] or match[2], row

    def _supp(self, name: str, row: Row) -> Iterator[str]:
        label = (row.get("Label") or name)[:_LONGEST_LABEL]
        if not _mapped(row):
            yield from (f"  # {name}: {' '.join(one.split())}" for one in self.said(row) if one)
        hidden, shown = ("", scalar(_mapped(row))) if _mapped(row) else ("# ", _EMPTY)
        yield f"  {hidden}{name}: {{label: {scalar(label)}, map: {shown}}}"


def _mapped(row: Row) -> str:
    return row.get(mapping_column(), "")
