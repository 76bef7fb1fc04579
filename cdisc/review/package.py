"""Every folder of transport files of a package: read, described, validated."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from cdisc.dataset import Dataset, Study
from cdisc.diagnostics import Diagnostic, Span, in_file_order
from cdisc.errors import ConformanceError, RawDataError
from cdisc.review.description import described_study
from cdisc.review.folder import DEFINE, Folder
from cdisc.review.standards import Standards, standards_of
from cdisc.transport import read_xpt
from cdisc.validate import validate_study
from define_xml import check_define, read_define

# Lengths are counted in UTF-8; a value that was read from a field never was longer than it.
_OF_ANOTHER_ENCODING = frozenset({"SDTM007", "ADAM007"})


def validate_package(
    package: Path, *, encoding: str = "ascii", imported: Path | None = None
) -> tuple[Diagnostic, ...]:
    """Validate every folder of transport files below a folder.

    A define.xml beside the files says which standards they follow and what they hold.
    Where there is none, or it cannot be read, names none or names one that is not
    carried, the newest that is carried is used and a finding says so.

    Args:
        package: A package, or any folder with transport files in or below it.
        encoding: Encoding of text in the transport files; they do not name it.
        imported: Folder of imported releases of terminology, beside those that are carried.

    Returns:
        All findings of all folders, in file order: of the data by themselves, of each
        define.xml by itself, and of both together. Analysis data are compared with the
        nearest tabulation data of the package.

    Raises:
        RawDataError: RAW017, there is no transport file; XPT031 to XPT039, every
            reason for which one cannot be read, in all of them.
    """
    found: list[Diagnostic] = []
    reviewed: list[tuple[Folder, Standards]] = []
    for folder in _read(package, encoding):
        standards = standards_of(folder, imported)
        found += standards.findings
        reviewed.append((folder, standards))
    tabulations: list[tuple[Path, Study]] = []
    for folder, standards in sorted(reviewed, key=lambda one: one[1].analysis):
        study = described_study(folder, standards)
        if (folder.path / DEFINE).is_file():
            found += check_define(folder.path / DEFINE, study.datasets)
        findings = validate_study(
            study,
            standard=standards.guide,
            terminology=standards.releases,
            previous=nearest(folder.path, tabulations) if standards.analysis else None,
        )
        found += (one for one in findings if one.code not in _OF_ANOTHER_ENCODING)
        if not standards.analysis:
            tabulations.append((folder.path, study))
    return in_file_order(found)


def read_package(package: Path, *, encoding: str = "ascii") -> list[Dataset]:
    """Return the datasets of every folder of transport files below a folder.

    Args:
        package: A package, or any folder with transport files in or below it.
        encoding: Encoding of text in the transport files.

    Raises:
        RawDataError: As `validate_package`.
    """
    return [one for folder in _read(package, encoding) for one in folder.datasets]


def _read(package: Path, encoding: str) -> list[Folder]:
    """Read every transport file before any is validated, and say all that cannot be read."""
    paths = [one for one in _below(package) if one.suffix.lower() == ".xpt"]
    if not paths:
        name = f'"{package.as_posix()}"'
        fact = (
            f"there is no transport file in {name}" if package.is_dir() else f"{name} is no folder"
        )
        help_ = "name a package, or a folder that holds *.xpt"
        raise RawDataError([Diagnostic("RAW017", fact, help=help_)])
    refused: list[Diagnostic] = []
    datasets: dict[Path, list[Dataset]] = {}
    for path in paths:
        try:
            datasets.setdefault(path.parent, []).append(read_xpt(path, encoding=encoding))
        except RawDataError as error:
            place = Span(path.as_posix(), 1, 1, 1)
            refused += (dataclasses.replace(one, span=place) for one in error.diagnostics)
    if refused:
        raise RawDataError(refused)
    return [_beside(path, tuple(held)) for path, held in datasets.items()]


def _below(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*") if path.is_file())


def _beside(path: Path, datasets: tuple[Dataset, ...]) -> Folder:
    try:
        define = read_define(path / DEFINE) if (path / DEFINE).is_file() else None
    except ConformanceError:  # check_define will say why
        define = None
    return Folder(path, datasets, define)


def nearest(folder: Path, tabulations: Iterable[tuple[Path, Study]]) -> Study | None:
    """Return the tabulation data that share most of their path with a folder."""
    shared = [
        (sum(1 for one in path.parents if one in folder.parents), study)
        for path, study in tabulations
    ]
    return max(shared, key=lambda one: one[0])[1] if shared else None
