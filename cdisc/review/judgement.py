"""A package judged by every check and every rule there is, whatever it looks like.

Nothing that lies in the folder stops the run: what cannot be read is a finding, and the
rest is judged. Nothing is written.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from cdisc.dataset import Dataset, Study
from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import ConformanceError, RawDataError
from cdisc.review.case_folder import case_data, read_case
from cdisc.review.description import described_study
from cdisc.review.folder import DEFINE, Folder
from cdisc.review.merging import Rows, merged, passed_on, said_of, wanted_rows
from cdisc.review.package import nearest
from cdisc.review.published import Published, run_published
from cdisc.review.standards import Standards, standards_of
from cdisc.standard import SdtmStandard
from cdisc.transport import read_file
from cdisc.transport.files import JSON_SUFFIXES
from cdisc.validate import validate_study
from cdisc.validate.findings import from_diagnostic, in_order, without_repeats
from cdisc.validate.reports import Coverage
from cdisc.validate.rules import Finding, compile_rules, load_rules, run_predicates
from cdisc.validate.rules.presence import check_presence, load_presence
from define_xml import check_define, read_define

# Lengths are counted in UTF-8; a value that was read from a field never was longer than it.
_OF_ANOTHER_ENCODING = frozenset({"SDTM007", "ADAM007"})
_HEAD = 4096
_MOST_VARIABLES = 1000
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_Tell = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """What was judged and what was found.

    Attributes:
        findings: All of them, the gravest first.
        datasets: Name, label, records and variables of each dataset that was read.
        standards: What they were held against.
        rules: How many rules and checks there are.
        published: Which published rules were run, where they were asked for.
    """

    findings: tuple[Finding, ...]
    datasets: tuple[tuple[str, str, int, int], ...]
    standards: tuple[str, ...]
    rules: int
    published: tuple[Coverage, ...] = ()


def judge(  # noqa: PLR0913  what is judged, and by what
    package: Path,
    *,
    encoding: str = "ascii",
    imported: Path | None = None,
    threads: int | None = None,
    progress: _Tell = lambda _said: None,
    published: Published | None = None,
    own: bool = True,
) -> Judged:
    """Judge every folder of datasets below a folder, or one file.

    Args:
        package: A package, any folder with XPT or Dataset-JSON files in or below it, or a file.
        encoding: Encoding of text in transport files; they do not name it.
        imported: Folder of imported releases of terminology.
        threads: Threads of the database; the findings do not depend on it.
        progress: Told what is being worked on.
        published: The published rules to run too, or None.
        own: Whether rules and checks of ours are run.
    """
    folders, refused = _read(package, encoding, progress)
    reviewed = [(folder, standards_of(folder, imported)) for folder in folders]
    reviewed.sort(key=lambda one: one[1].analysis)
    found = [from_diagnostic(one) for one in refused]
    tabulations: list[tuple[Path, Study]] = []
    datasets: list[tuple[str, str, int, int]] = []
    covered: list[Coverage] = []
    for held, standards in reviewed:
        datasets += (
            (one.name, one.label, one.table.num_rows, len(one.variables)) for one in held.datasets
        )
        folder, wide = _narrow(held)
        found += wide
        study = described_study(folder, standards)
        progress(folder.path.name)
        previous = nearest(folder.path, tabulations) if standards.analysis else None
        here: list[Finding] = []
        rows: Rows = wanted_rows() if published is not None else {}
        if not folder.case:
            here += (from_diagnostic(one) for one in standards.findings)
        if own:
            here += map(from_diagnostic, _checked(folder, study, standards, previous))
            here += _ruled(study, standards, previous, threads, rows)
        if published is not None:
            progress(f"published rules, {folder.path.name}")
            datasets_here = [_named(one) for one in _unique(study.datasets)]
            more, repeated, coverage = run_published(
                published, folder, datasets_here, standards, said_of(here, rows), threads
            )
            here = merged(here, more, repeated, rows)
            covered.append(coverage)
        found += here
        if not standards.analysis:
            tabulations.append((folder.path, study))
    like = _like() if own else {}
    return Judged(
        findings=in_order(dict.fromkeys(without_repeats(passed_on(found, like), like))),
        datasets=tuple(datasets),
        standards=tuple(dict.fromkeys(use for _folder, one in reviewed for use in _names(one))),
        rules=len(like),
        published=tuple(covered),
    )


def _like() -> dict[str, tuple[str, ...]]:
    """Return, by rule, the codes of checks that say the same."""
    stages = ("sdtm", "adam")
    found = {rule.code: rule.like for stage in stages for rule in load_rules(stage)}
    return found | {rule.code: rule.like for stage in stages for rule in load_presence(stage)}


def _names(standards: Standards) -> list[str]:
    guide = f"{'ADaMIG' if standards.analysis else 'SDTMIG'} {standards.guide.version}"
    return [guide, *(f"CT {one.package} {one.date}" for one in standards.releases)]


def _checked(
    folder: Folder, study: Study, standards: Standards, previous: Study | None
) -> Iterable[Diagnostic]:
    if (folder.path / DEFINE).is_file():
        yield from check_define(folder.path / DEFINE, study.datasets)
    findings = validate_study(
        study, standard=standards.guide, terminology=standards.releases, previous=previous
    )
    yield from (one for one in findings if one.code not in _OF_ANOTHER_ENCODING)


def _ruled(
    study: Study,
    standards: Standards,
    previous: Study | None,
    threads: int | None,
    rows: Rows,
) -> Iterable[Finding]:
    stage = "adam" if standards.analysis else "sdtm"
    others = previous.datasets if previous is not None else ()
    guide = standards.guide if isinstance(standards.guide, SdtmStandard) else None
    yield from check_presence(load_presence(stage), study.datasets, others, guide)
    unique = _unique(study.datasets)
    known = {one.name for one in unique}
    beside = _unique([one for one in others if one.name not in known])
    judged = [_named(one) for one in unique]
    beside = [_named(one) for one in beside]
    predicates = compile_rules(load_rules(stage), judged, beside)
    yield from run_predicates(predicates, [*judged, *beside], threads=threads, rows=rows)


def _narrow(folder: Folder) -> tuple[Folder, list[Finding]]:
    """Return a folder without datasets of more variables than any standard has, and say so."""
    wide = [one for one in folder.datasets if len(one.variables) > _MOST_VARIABLES]
    kept = tuple(one for one in folder.datasets if len(one.variables) <= _MOST_VARIABLES)
    found = [
        Finding(
            "PK-99",
            "error",
            f"{one.name} has {len(one.variables):,} variables, and is not judged further",
            dataset=one.name,
            expected=f"at most {_MOST_VARIABLES:,} variables",
        )
        for one in wide
    ]
    return (dataclasses.replace(folder, datasets=kept) if wide else folder), found


def _named(dataset: Dataset) -> Dataset:
    """Return a dataset without variables that no rule can name: that is a check's finding."""
    variables = tuple(one for one in dataset.variables if _NAME.fullmatch(one.name))
    names = [one.name for one in variables]
    if len(names) == len(dataset.variables):
        return dataset
    return dataclasses.replace(dataset, variables=variables, table=dataset.table.select(names))


def _unique(datasets: Sequence[Dataset]) -> list[Dataset]:
    """Return the first dataset of each name; a name that is none is a check's finding."""
    found: dict[str, Dataset] = {}
    for one in datasets:
        if _NAME.fullmatch(one.name):
            found.setdefault(one.name, one)
    return list(found.values())


def _read(
    package: Path, encoding: str, progress: _Tell
) -> tuple[list[Folder], tuple[Diagnostic, ...]]:
    """Read all that can be read, and say what cannot."""
    if (case := case_data(package)) is not None:
        return [read_case(case)], ()
    refused: list[Diagnostic] = []
    datasets: dict[Path, list[Dataset]] = {}
    files = [package] if package.is_file() else _files(package)
    for path in files:
        progress(path.name)
        try:
            datasets.setdefault(path.parent, []).extend(read_file(path, encoding=encoding))
        except RawDataError as error:
            place = Span(path.as_posix(), 1, 1, 1)
            refused += (dataclasses.replace(one, span=place) for one in error.diagnostics)
    if not files:
        fact = f'there is no file of a dataset in "{package.as_posix()}"'
        help_ = "name a package, or a folder that holds XPT or Dataset-JSON files"
        refused.append(Diagnostic("RAW017", fact, help=help_))
    return [_beside(path, tuple(held)) for path, held in datasets.items() if held], tuple(refused)


def _files(package: Path) -> list[Path]:
    """Return the datasets: transport files, and Dataset-JSON where a folder has none."""
    paths = sorted(path for path in package.rglob("*") if path.is_file())
    transport = [path for path in paths if path.suffix.lower() == ".xpt"]
    if transport:
        return transport
    return [
        path for path in paths if path.suffix.lower() in JSON_SUFFIXES and _is_dataset_json(path)
    ]


def _is_dataset_json(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return True
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return not head or b"datasetJSON" in head or b"itemGroupOID" in head


def _beside(path: Path, datasets: tuple[Dataset, ...]) -> Folder:
    try:
        define = read_define(path / DEFINE) if (path / DEFINE).is_file() else None
    except ConformanceError:  # check_define will say why
        define = None
    return Folder(path, datasets, define)
