"""A dataset file to fill in: rows, keys, and the variables that the standard asks for.

What is known is a line; what is not known is told by the check of the study until it is: a
required variable has a line that leaves it missing, an expected one stands in a comment.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.lines import implied, read_specs
from cdisc.engine.program import Stage
from cdisc.errors import OutputError, SpecError
from cdisc.spec import LoadedStudy, load_study
from cdisc.standard import (
    DatasetStandard,
    VariableStandard,
    load_adam,
    load_sdtm,
    load_terminology,
)
from cdisc.tools.formatting import formatted

_ANALYSIS = "AD"
_LONGEST_LABEL = 40
_CONDITION = re.compile(r"(?P<name>\S+)(?: \[(?P<word>.+)\])?")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclasses.dataclass(frozen=True)
class Scaffold:
    """What is written.

    Attributes:
        files: Text by path.
        form: The form that the records come from, if study.yaml does not declare it.
    """

    files: Mapping[Path, str]
    form: str | None

    def write(self) -> None:
        """Write every file, or none.

        Raises:
            OutputError: OUT008, one is there already; OUT003, the disk refuses.
        """
        there = [path for path in self.files if path.exists()]
        if there:
            facts = [f'"{path.as_posix()}" is there already' for path in there]
            raise OutputError([Diagnostic("OUT008", fact) for fact in facts])
        for path, text in self.files.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            except OSError as error:
                fact = f'cannot write "{path.as_posix()}": {error.strerror}'
                raise OutputError([Diagnostic("OUT003", fact)]) from error


@dataclasses.dataclass(frozen=True)
class _Line:
    """One variable: its expression, or None where nothing is known."""

    standard: VariableStandard
    text: str | None


def scaffold(dataset: str, study: Path, *, tests: Path, raw: Path | None = None) -> Scaffold:
    """Return the files of a new dataset: its mapping, and a folder to test it with.

    Args:
        dataset: Name of the dataset, such as ``MH``.
        study: Folder with ``study.yaml``.
        tests: Folder below which the test of the dataset lies.
        raw: Folder with the raw files: fields that have the name of a variable are used.

    Raises:
        SpecError: SPEC031, the standard has no such dataset; the study cannot be read.
    """
    loaded = load_study(study)
    made = _Made(loaded, dataset, raw)
    case = tests / loaded.study.study.id / dataset
    files = {study / made.stage / f"{dataset.lower()}.yaml": made.text()}
    if made.stage == "sdtm":
        fields = ["SUBJ", *made.used]
        files[case / "raw" / f"{made.form}.csv"] = ",".join(dict.fromkeys(fields)) + "\n"
    files[case / "expected.csv"] = ",".join(made.names()) + "\n"
    declared = made.stage != "sdtm" or made.form in loaded.study.raw
    return Scaffold(files, None if declared else made.form)


def _label(source: DatasetStandard | None) -> str:
    """Return the label of an analysis dataset, of at most 40 bytes."""
    known = source.label if source else "Analysis Dataset"
    longer = f"{known} Analysis Dataset"
    return longer if source and len(longer) <= _LONGEST_LABEL else known


class _Made:
    """One dataset file while it is written."""

    def __init__(self, loaded: LoadedStudy, dataset: str, raw: Path | None) -> None:
        self.loaded, self.dataset = loaded, dataset
        self.ways = read_specs("scaffold.yaml")
        self.sdtm = load_sdtm(loaded.study.standards.sdtm.split(" ")[1])
        self.terminology = load_terminology(
            "sdtm", loaded.study.standards.ct, imported=loaded.ct_folder
        )
        self.stage: Stage = "sdtm"
        self.copied_from: str | None = None
        self.head: list[str] = []
        self.notes: list[str] = []
        self.keys: list[str] = []
        self.label = ""
        self.standard = self._standard()
        self.fields = self._fields(raw)
        self.form = self._form()
        self.used: dict[str, None] = {}
        self.lines = [self._line(one) for one in self._wanted()]
        self.copied = self._copied()

    def _standard(self) -> DatasetStandard:
        found = self.sdtm.dataset(self.dataset)
        if found is not None:
            self.label = found.label
            return found
        rest = self.dataset.removeprefix(_ANALYSIS)
        adam = self.loaded.study.standards.adam
        if adam is None or rest == self.dataset:
            raise SpecError([self._unknown()])
        source = self.sdtm.dataset(rest)
        way: Mapping[str, Any] = self.ways["adam"].get(rest, {})
        class_name = str(way.get("class") or self._class_of(source))
        self.stage = "adam"
        rows = way.get("rows") or f"each {source.name if source else self.ways['else']}"
        self.copied_from = way.get("copy", f"{_ANALYSIS}SL")
        self.label = str(way.get("label") or _label(source))
        self.head = [f"class: {class_name}", f"rows: {rows}"]
        self.keys = list(way.get("keys", ()))
        self.notes = [f"# {way['note']}"] if "note" in way else []
        return load_adam(adam.split(" ")[1]).dataset(self.dataset, class_name)

    def _class_of(self, source: DatasetStandard | None) -> str:
        classes: Mapping[str, str] = self.ways["classes"]
        return classes.get(source.class_name if source else "", classes["FINDINGS"])

    def _unknown(self) -> Diagnostic:
        name, version = self.sdtm.name, self.sdtm.version
        return Diagnostic(
            "SPEC031",
            f"{name} {version} has no dataset {self.dataset}",
            expected=", ".join(self.sdtm.names()),
            help=did_you_mean(self.dataset, self.sdtm.names()),
        )

    def _fields(self, raw: Path | None) -> Mapping[str, Sequence[str]]:
        if raw is None:
            return {}
        from cdisc.raw import read_study  # noqa: PLC0415  only where there are data to read

        return {form.name: form.table.column_names for form in read_study(self.loaded, raw).forms}

    def _form(self) -> str:
        """Return the form of the dataset's name, or the one with most of its fields."""
        name = self.dataset.lower()
        prefix = self.dataset[:2]
        if name in self.loaded.study.raw or not self.fields:
            return name
        fitting = {
            form: sum(field.startswith(prefix) for field in fields)
            for form, fields in self.fields.items()
        }
        best = max(fitting, key=lambda form: fitting[form])
        return best if fitting[best] > 1 else name

    def _wanted(self) -> Iterator[VariableStandard]:
        """Yield the variables of the guide that are not implied, the permissible if known."""
        own = self._implied()
        for one in self.standard.variables:
            if one.name not in own and _NAME.fullmatch(one.name):
                yield one

    def _implied(self) -> set[str]:
        """Return the variables that need no line."""
        language: Mapping[str, Mapping[str, str]] = implied()["implied"]
        implications = [language[self.stage], language.get(self.standard.subclass or "", {})]
        return {self._filled(name) for one in implications for name in one}

    def _filled(self, template: str) -> str:
        return template.replace("--", self.dataset[:2])

    def _line(self, one: VariableStandard) -> _Line:
        field = self._field(one.name)
        if field is not None:
            self.used[field] = None
            return _Line(one, f"{self.form}.{field}{self._steps(one)}")
        return _Line(one, None)

    def _field(self, name: str) -> str | None:
        """Return the field of the form that seems to hold a variable, or None."""
        if self.stage == "adam":
            return None
        fields = {field.upper(): field for field in self.fields.get(self.form, ())}
        likely: Mapping[str, Sequence[str]] = self.ways["fields"]
        template = name.replace(self.dataset[:2], "--", 1) if name[:2] == self.dataset[:2] else name
        for one in (name, *map(self._filled, likely.get(template, ()))):
            if one in fields:
                return fields[one]
        return None

    def _steps(self, one: VariableStandard) -> str:
        """Return the steps that a collected field needs to become the variable."""
        if (one.described_value_domain or "").startswith("ISO 8601 datetime"):
            return " | iso 'd-mmm-y'"
        if one.type == "Num":
            return " | num"
        return " | ct" if one.codelists else " | squish"

    def _derived(self) -> dict[str, str]:
        """Return the lines that follow from those that there are."""
        there = {one.standard.name for one in self.lines if one.text}
        there |= {one.standard.name for one in self.lines if one.standard.core == "Req"}
        found: dict[str, str] = {}
        for template, text in self.ways["derived"].items():
            needed = [word for word in re.findall(r"[A-Z-]{3,}", text) if word != template]
            if all(self._filled(word) in there for word in needed):
                found[self._filled(template)] = self._filled(text)
                there.add(self._filled(template))
        return found

    def names(self) -> list[str]:
        """Return the variables that have a line, the subject first."""
        derived = self._derived()
        named = [
            one.standard.name
            for one in self.lines
            if one.text or one.standard.core == "Req" or one.standard.name in derived
        ]
        return [implied()["subject"], *named]

    def _keys(self) -> list[str]:
        if self.keys:
            return self.keys
        there, structure = self.names(), (self.standard.structure or "").lower()
        topics = [one.standard.name for one in self.lines if one.standard.role == "Topic"]
        found = []
        for entry in self.ways["keys"][self.stage]:
            match = _CONDITION.fullmatch(entry)
            assert match is not None, entry
            names = topics if match["name"] == "topic" else [self._filled(match["name"])]
            if not match["word"] or match["word"] in structure:
                found += [name for name in names if name in there]
        single = structure.rstrip(".") == "one record per subject"
        return found[:1] if single else found

    def text(self) -> str:
        """Return the file, in its canonical form."""
        rows = self.head or [f"rows: each {self.form}"]
        variables = list(self._variables())
        names = ", ".join(self.copied)
        copied = ["copy:", f"  {self.copied_from}: [{names}]"] if names else []
        lines = [
            f"# {self.dataset} - {self.label}",
            *self.notes,
            "# Fill in '' and the lines that are comments: cdisc check tells what is not filled.",
            f"dataset: {self.dataset}",
            *([f"label: {self.label}"] if self.stage == "adam" else []),
            *rows,
            f"keys: [{', '.join(self._keys())}]",
            *copied,
            "variables:" if any(not one.startswith("  #") for one in variables) else "# variables:",
            *variables,
            "",
        ]
        return formatted("\n".join(lines), "dataset", file=f"{self.dataset.lower()}.yaml")

    def _copied(self) -> list[str]:
        """Return what an analysis dataset takes unchanged from the one that it follows."""
        files = {one.model.dataset: one.model for one in self.loaded.datasets}
        source = files.get(self.copied_from or "")
        if source is None:
            return []
        copied = (name for names in source.copy_.values() for name in names)
        implied_there = implied()["implied"][self.stage]
        there = {*source.variables, *copied, *implied_there}
        wanted = (one.standard for one in self.lines if one.standard.core == "Req")
        return [one.name for one in wanted if one.name in there]

    def _variables(self) -> Iterator[str]:
        derived = self._derived()
        rest = []
        for one in self.lines:
            name, core = one.standard.name, one.standard.core
            if name in self.copied:
                continue
            text = one.text or derived.get(name)
            said = f"  # {core:<4}  {self._said(one.standard)}"
            if text is not None or core == "Req":
                shown = text if text is not None else "\"''\""
                yield f"  {name + ':':<9} {shown:<40}{said}"
            elif core == "Exp":
                yield f"  # {name + ':':<9} {'':<38}{said}"
            else:
                rest.append(name)
        for start in range(0, len(rest), 10):
            begin = "# Perm, Cond:" if start == 0 else "#            "
            yield f"  {begin} {' '.join(rest[start : start + 10])}"

    def _said(self, one: VariableStandard) -> str:
        lists = [self.terminology.codelist(code) for code in one.codelists]
        named = [f"{found.submission_value} ({found.code})" for found in lists if found]
        return "; ".join([one.label, *named, *filter(None, [one.described_value_domain])])
