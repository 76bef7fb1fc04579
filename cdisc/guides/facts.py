"""What a package says that a reviewer's guide needs: read from its files, and nothing else.

A package of others has a guide too: where its reports are not there the data are checked
again, and where no manifest names programs there is no table of them.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.guides.texts import read_guide
from cdisc.package import MANIFEST
from cdisc.review import validate_package
from cdisc.review.conformance import CONFORMANCE
from cdisc.transport import XptScan, scan_xpt
from define_xml import Define, read_define

Stage = Literal["sdtm", "adam"]
_DEFINE, _FINDINGS = "define.xml", Path("reports") / "findings.json"
_SEVERITIES = {"reject": "error", "notice": "note"}
_MAPPINGS = ("mappings/", "library/")


@dataclasses.dataclass(frozen=True, slots=True)
class Issue:
    """A finding of the checks, as a report keeps it."""

    code: str
    severity: str
    fact: str
    dataset: str = ""
    variable: str = ""
    records: int | None = None
    explained: str = ""

    @property
    def place(self) -> str:
        """The dataset and the variable."""
        return ".".join(filter(None, (self.dataset, self.variable)))


@dataclasses.dataclass(frozen=True, slots=True)
class Program:
    """A file that made the data."""

    name: str
    sha256: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """One stage of a package.

    Attributes:
        stage: Tabulation or analysis.
        folder: The folder with its define.xml.
        define: What define.xml says.
        tables: The records of each dataset whose file is there, with the columns of
            ``specs/guides/columns.yaml``.
        others: Those of the other stages of the package.
        issues: What the checks found.
        programs: The mapping files, by the manifest.
    """

    stage: Stage
    folder: Path
    define: Define
    tables: Mapping[str, pa.Table]
    others: Mapping[str, pa.Table]
    issues: tuple[Issue, ...]
    programs: tuple[Program, ...]


def gather(package: Path, *, encoding: str = "ascii") -> tuple[Facts, ...]:
    """Return the stages of a package.

    Args:
        package: A package, or any folder with define.xml and transport files in or below it.
        encoding: Encoding of text in the transport files; they do not name it.

    Raises:
        RawDataError: GDE001, there is no define.xml; or a transport file cannot be read.
    """
    places = sorted(package.rglob(_DEFINE))
    if not places:
        fact = f'there is no define.xml in or below "{package.as_posix()}"'
        raise RawDataError([Diagnostic("GDE001", fact)])
    defines = {place.parent: read_define(place) for place in places}
    tables = {folder: _tables(folder, encoding) for folder in defines}
    issues, programs = _issues(package, encoding), _programs(package)
    found = []
    for folder, define in defines.items():
        others = {name: t for other, some in tables.items() if other != folder for name, t in some}
        stage: Stage = "adam" if _is_analysis(define) else "sdtm"
        found.append(Facts(stage, folder, define, dict(tables[folder]), others, issues, programs))
    return tuple(sorted(found, key=lambda one: one.stage, reverse=True))


def _is_analysis(define: Define) -> bool:
    return any(one.purpose == "Analysis" for one in define.item_groups)


def _tables(folder: Path, encoding: str) -> tuple[tuple[str, pa.Table], ...]:
    paths = sorted(folder.glob("*.xpt"))
    scans = (scan for path in paths for scan in scan_xpt(path, encoding=encoding))
    return tuple((scan.about.name, _shown(scan)) for scan in scans)


def _shown(scan: XptScan) -> pa.Table:
    """Return the columns that guides tell of; of a dataset without them the first, to be counted.

    The others are let go part by part: a guide needs no memory for them.
    """
    kept = read_guide("columns")["columns"]
    names = [one.name for one in scan.about.variables]
    chosen = [one for one in names if one in kept] or names[:1]
    parts = [part.select(chosen) for part, _ in scan.tables()]
    return pa.concat_tables(parts) if parts else scan.about.table.select(chosen)


def _issues(package: Path, encoding: str) -> tuple[Issue, ...]:
    """Return what validation found in the package, and what the build alone could see."""
    conformance, built = package / CONFORMANCE, package / _FINDINGS
    judged = _read(conformance)["findings"] if conformance.is_file() else []
    values = [
        one
        | {
            "fact": one["message"],
            "severity": _SEVERITIES.get(one["severity"], one["severity"]),
            "records": one["records"] or None,
        }
        for one in judged
    ]
    if built.is_file():
        said = {(one["code"], one["dataset"], one["variable"]) for one in judged}
        values += (
            one
            for one in _read(built)
            if (one["code"], one.get("dataset", ""), one.get("variable", "")) not in said
        )
    elif not judged:
        values = [one.to_json() for one in validate_package(package, encoding=encoding)]
    names = [field.name for field in dataclasses.fields(Issue)]
    return tuple(Issue(**{name: one[name] for name in names if name in one}) for one in values)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _programs(package: Path) -> tuple[Program, ...]:
    path = package / MANIFEST
    if not path.is_file():
        return ()
    inputs = json.loads(path.read_bytes())["inputs"]
    return tuple(
        Program(one["path"], one["sha256"], one["size"])
        for one in inputs
        if one["path"].startswith(_MAPPINGS)
    )
