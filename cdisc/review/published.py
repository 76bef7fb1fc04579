"""The published rules over one folder of a package: which apply, and what they find.

Which rules apply is said by the standard of the package, its version, and the use case. A rule
that applies and was not run is counted, with the reason.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import yaml
from pydantic import Field, ValidationError

from cdisc.dataset import Dataset, Kind
from cdisc.diagnostics import Diagnostic, Span
from cdisc.engine.database import Database
from cdisc.errors import SpecError
from cdisc.review.folder import Folder
from cdisc.review.open_rules import define_rows
from cdisc.review.rule_store import Store, identifier
from cdisc.review.standards import Standards
from cdisc.spec.model import SpecModel
from cdisc.validate.columns import pc
from cdisc.validate.open_rules.bulk import Said, run_all
from cdisc.validate.open_rules.cases import read_folder
from cdisc.validate.open_rules.findings import Severities, findings_of, severities
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import Rule
from cdisc.validate.open_rules.study import Study, Variable
from cdisc.validate.reports import Coverage
from cdisc.validate.rules import Finding, Grade

FILE = "rules.yaml"
_STANDARD = r"^$|^[A-Za-z-]+ [0-9.]+$"
_BEFORE_1970: Mapping[Kind, int] = {"date": 3653, "datetime": 315_619_200}  # from 1960, as SAS


@dataclasses.dataclass(frozen=True)
class Published:
    """The published rules that are asked for.

    Attributes:
        store: The rules, as they were imported.
        grades: How grave each is.
        standard: Standard and version that choose the rules; or None, then those of the package.
        use: Use case that chooses them; or empty, then rules of every use apply.
    """

    store: Store
    grades: Severities
    standard: tuple[str, str] | None = None
    use: str = ""


class RulesFile(SpecModel):
    """rules.yaml of a study: how it takes the published rules."""

    severities: dict[str, Grade] = Field(
        default_factory=dict, description="Pattern of identifiers: severity; the last that fits"
    )
    standard: str = Field(
        default="", description="Standard that chooses the rules, as SDTMIG 3.4", pattern=_STANDARD
    )
    use_case: str = Field(default="", description="Use case that chooses the rules, as INDH")


@dataclasses.dataclass(frozen=True)
class OwnRules:
    """What a study says of the published rules.

    Attributes:
        grades: How grave each is.
        standard: Standard and version that choose the rules, or None.
        use: Use case that chooses them, or empty.
    """

    grades: Severities
    standard: tuple[str, str] | None = None
    use: str = ""


def own_rules(study: Path | None) -> OwnRules:
    """Return what ``rules.yaml`` beside ``study.yaml`` says; without it, what holds for all.

    Raises:
        SpecError: SPEC001, the file is wrong.
    """
    path = study / FILE if study else None
    if path is None or not path.is_file():
        return OwnRules(severities())
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  makes text only
        said = RulesFile.model_validate(content or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        place = Span(path.as_posix(), 1, 1, 1)
        raise SpecError([Diagnostic("SPEC001", " ".join(str(error).split()), place)]) from error
    name, _, version = said.standard.partition(" ")
    return OwnRules(
        severities(said.severities), (name, version) if version else None, said.use_case
    )


def run_published(
    published: Published,
    folder: Folder,
    datasets: Sequence[Dataset],
    standards: Standards,
    said: Said,
    threads: int | None = None,
) -> tuple[list[Finding], set[tuple[str, str]], Coverage]:
    """Run the published rules that apply to a folder.

    Args:
        published: The rules.
        folder: Where the datasets lie, with its define.
        datasets: The datasets, each of another name.
        standards: What the folder follows.
        said: Records of which rules of ours have said the same.
        threads: Threads of the database.

    Returns:
        What they found; the pairs of rule and fingerprint that said the same of some records;
        and which rules were run.
    """
    with Database(threads=threads, zone="UTC") as database:
        study = _study(published, folder, datasets, standards, database)
        rules, hindered = published.store.known
        applying = [one for one in rules.values() if applies(one, study)]
        runnable = [one for one in applying if one.id not in hindered]
        library = Library(study)
        release = next((one for one in standards.releases if one.package == "sdtm"), None)
        if release is not None and not folder.case:
            library.terminology = release  # that of the package, if it is carried or imported
        run = run_all(runnable, study, library, said)
        data = {identifier(one): one for one in published.store.data}
        keys = {one.name: one.keys for one in datasets}
        found = [one for _hit, one in findings_of(run.hits, study, data, published.grades, keys)]
    skipped = run.skipped | {one.id: hindered[one.id] for one in applying if one.id in hindered}
    coverage = Coverage(
        folder=folder.path.name,
        standard=f"{_named(study.product, applying)} {study.version}".strip(),
        sha256=published.store.sha256,
        rules=len(applying),
        ran=len(run.ran),
        skipped=tuple(_by_reason(skipped)),
    )
    return found, run.repeated, coverage


def applies(rule: Rule, study: Study) -> bool:
    """Say whether a rule is one of the standard, version and use of a study.

    A rule that names no standard is one of all, and a study that names no version takes all.
    """
    own = not (rule.standards and study.version) or any(
        (product.upper(), version) == (study.product, study.version)
        and study.substandard in {"", part.upper()}
        for product, version, part in rule.standards
    )
    return own and (not study.use or not rule.scope.uses or study.use in rule.scope.uses)


def _named(product: str, rules: Iterable[Rule]) -> str:
    """Return a standard as the rules write it."""
    names = (name for one in rules for name, _version, _part in one.standards)
    return next((one for one in names if one.upper() == product), product)


def _by_reason(skipped: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    reasons: dict[str, list[str]] = {}
    for name, why in skipped.items():
        reasons.setdefault(why, []).append(name)
    ordered = sorted(reasons.items(), key=lambda one: (-len(one[1]), one[0]))
    yield from ((why, tuple(sorted(names))) for why, names in ordered)


def _study(
    published: Published,
    folder: Folder,
    datasets: Iterable[Dataset],
    standards: Standards,
    database: Database,
) -> Study:
    if folder.case:
        study = read_folder(folder.path, database)
    else:
        product, version = published.standard or _standard(standards)
        study = Study(product, version, use=published.use, database=database)
        files = {one.stem.upper(): one for one in folder.path.iterdir() if one.is_file()}
        for one in datasets:
            _add(study, one, files.get(one.name))
    if published.standard is not None:
        study.product, study.version = published.standard[0].upper(), published.standard[1]
    study.use = published.use.upper() or study.use
    if folder.define is not None:
        study.define = define_rows(folder.define)
    return study


def _standard(standards: Standards) -> tuple[str, str]:
    """Return the guide that a define names, else the one that was assumed."""
    for one in standards.uses:
        if one.type == "IG":
            return one.name, one.version
    return ("ADaMIG" if standards.analysis else "SDTMIG"), standards.guide.version


def _add(study: Study, dataset: Dataset, path: Path | None) -> None:
    columns = {}
    variables = []
    for one in dataset.variables:
        columns[one.name] = _numbers(dataset.table.column(one.name), one.kind)
        kind = "Char" if one.kind == "text" else "Num"
        variables.append(Variable(one.name, one.label, kind, one.length, one.format or ""))
    name = path.name if path else f"{dataset.name.lower()}.xpt"
    size = path.stat().st_size if path else 0
    study.add(dataset.name, pa.table(columns), variables, dataset.label, name, size)


def _numbers(column: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray:
    """Return dates and times as the numbers that a transport file holds."""
    if kind in {"text", "number"}:
        return column
    whole = pc.cast(pc.cast(column, pa.int32() if kind != "datetime" else pa.int64()), pa.int64())
    return pc.add(whole, _BEFORE_1970.get(kind, 0))
