"""Test cases of rules: a folder with one CSV file a dataset, and the findings expected."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from cdisc.engine.database import Database
from cdisc.validate.open_rules.study import Study, Variable

_SAID = ("dataset", "variable", "label", "type", "length")
_TYPES = ("Char", "Num")
_KINDS = ("positive", "negative")
_DATASETS, _VARIABLES, _SETTINGS = (
    ("_datasets.csv", "tables.csv"),
    ("_variables.csv", "variables.csv"),
    ".env",
)


@dataclasses.dataclass(frozen=True, order=True)
class Reported:
    """One value of a finding, as a results file says it; a whole dataset has no record."""

    dataset: str
    record: str
    variable: str
    value: str


@dataclasses.dataclass(frozen=True, order=True)
class Case:
    """A case of a rule.

    Attributes:
        rule: The rule's identifier.
        name: Where it stands below the rule, as in ``negative/01``.
        folder: Its folder.
    """

    rule: str
    name: str
    folder: Path

    def expected(self) -> tuple[Reported, ...] | None:
        """Return what the case expects to be found; None where it does not say."""
        path = self.folder / "results" / "results.csv"
        if not path.exists():
            return None
        rows = _rows(path)
        return tuple(
            Reported(one["Dataset"].upper(), one["Record"], one["Variable"], one["Value"])
            for one in rows
        )

    def study(self, database: Database) -> Study:
        """Return the datasets of the case."""
        return read_folder(self.folder / "data", database)


def cases_of(root: Path) -> list[Case]:
    """Return the cases anywhere below a folder: ``RULE/positive|negative/NUMBER``, in order."""
    folders = (path.parent for kind in _KINDS for path in root.rglob(f"{kind}/*/data"))
    found = (
        Case(one.parents[1].name, f"{one.parent.name}/{one.name}", one) for one in set(folders)
    )
    return sorted(found)


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A dataset of a case: what is said of it, and its records as texts."""

    name: str
    label: str
    variables: tuple[Variable, ...]
    table: pa.Table
    path: Path


def is_case(folder: Path) -> bool:
    """Say whether a folder holds the data of a case."""
    return any((folder / one).is_file() for one in _VARIABLES)


def read_folder(folder: Path, database: Database | None = None) -> Study:
    """Read a folder with ``_datasets.csv``, ``_variables.csv`` and one file a dataset."""
    settings = settings_of(folder)
    study = Study(
        settings.get("PRODUCT", "SDTMIG"),
        settings.get("VERSION", "").replace("-", "."),
        settings.get("SUBSTANDARD", ""),
        settings.get("USE_CASE", ""),
        database=database,
    )
    for one in sheets_of(folder):
        study.add(
            one.name, one.table, one.variables, one.label, one.path.name, one.path.stat().st_size
        )
    return study


def sheets_of(folder: Path) -> list[Sheet]:
    """Return the datasets of a case, in the order of their files."""
    labels = {}
    if (path := _one_of(folder, _DATASETS)) is not None:
        for one in _rows(path):
            labels[_stem(one["Filename"])] = one.get("Label") or ""
    said: dict[str, list[Variable]] = {}
    described = _one_of(folder, _VARIABLES)
    lines = csv.reader(io.StringIO(_text(described))) if described else iter(())
    for row in list(lines)[1:]:
        if len(row) < len(_SAID):
            continue
        # a label may hold commas that nobody quoted: the type tells where it ends
        at = next((at for at in range(2, len(row)) if row[at].capitalize() in _TYPES), 3)
        length = row[at + 1] if at + 1 < len(row) else ""
        variable = Variable(row[1], ",".join(row[2:at]), row[at].capitalize(), _length(length))
        said.setdefault(_stem(row[0]), []).append(variable)
    found: list[Sheet] = []
    for path in sorted(folder.glob("*.csv")):
        if path.name in (*_DATASETS, *_VARIABLES):
            continue
        stem = _stem(path.name)
        if labels and stem not in labels:
            continue  # a file that the list of datasets leaves out is no part of the case
        found += _sheet(path, said.get(stem, []), labels.get(stem, ""))
    return found


def _one_of(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / one for one in names if (folder / one).is_file()), None)


def _sheet(path: Path, said: list[Variable], label: str) -> Iterator[Sheet]:
    rows = list(csv.reader(io.StringIO(_text(path))))
    names = [one.strip() for one in rows[0]] if rows else []
    known = {one.name: one for one in said}
    variables = tuple(known.get(name, Variable(name, "", "Char", 200)) for name in names)
    if not names:
        return  # a file without a header is no dataset
    records = [row + [""] * (len(names) - len(row)) for row in rows[1:] if row]
    columns = {
        name: pa.array([row[at] for row in records], pa.string()) for at, name in enumerate(names)
    }
    yield Sheet(path.stem.upper(), label, variables, pa.table(columns), path)


def _length(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0


def _stem(name: str) -> str:
    return name.rpartition(".")[0].lower() if "." in name else name.lower()


def settings_of(folder: Path) -> dict[str, str]:
    """Return what a case says of itself: the standard, its version, the define."""
    path = folder / _SETTINGS
    if not path.exists():
        return {}
    lines = (line.partition("=") for line in _text(path).splitlines())
    return {name.strip(): value.strip() for name, sign, value in lines if sign}


def _rows(path: Path) -> list[dict[str, str]]:
    return [
        {key: value or "" for key, value in row.items() if key is not None}
        for row in csv.DictReader(io.StringIO(_text(path)))
    ]


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
