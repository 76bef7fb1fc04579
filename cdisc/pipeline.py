"""The only module that knows the order: read, run, describe, validate, package."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from cdisc import __version__
from cdisc.acrf import AnnotatedCrf
from cdisc.adam import build_adam
from cdisc.bounded import AS_THEY_ARE, Room, Submitted, untransportable, write_parts
from cdisc.dataset import Dataset, RawStudy, SdtmStudy, Study
from cdisc.describing import crf_of, describe_stage, document_lines, with_pages
from cdisc.diagnostics import Diagnostic, Span, in_file_order
from cdisc.engine.program import Program, Stage
from cdisc.engine.proof import SAID_AGAIN, prove
from cdisc.engine.resolve import resolve
from cdisc.engine.run import Result, run
from cdisc.errors import OutputError
from cdisc.explained import explain
from cdisc.ledger import account, check_delivery, check_ledger
from cdisc.package import InputFile, Layout, package_folder, write_manifest
from cdisc.raw import read_study
from cdisc.report import render_findings_json, render_index
from cdisc.report.model import DatasetLine, LedgerForm, Report, UnmappedTerm
from cdisc.resources import specs_root
from cdisc.sdtm import build_sdtm
from cdisc.spec import load_study
from cdisc.standard import load_adam, load_sdtm
from cdisc.validate import locate, validate_study

Progress = Callable[[str], None]
STAGES: Mapping[Stage, str] = {"sdtm": "SDTM", "adam": "ADaM"}


def _silent(_said: str) -> None:
    """Say nothing."""


@dataclasses.dataclass(frozen=True)
class Built:
    """What a build gave, in memory."""

    program: Program
    result: Result
    studies: Mapping[Stage, Study]
    findings: tuple[Diagnostic, ...]
    ledger: tuple[LedgerForm, ...]
    crf: AnnotatedCrf | None = None
    submitted: Submitted = AS_THEY_ARE


def check(study: Path, raw: Path | None = None) -> Program:
    """Check the mapping files of a study.

    Args:
        study: Folder with ``study.yaml``.
        raw: Folder with the raw files, to check the names of fields too; or None.

    Raises:
        SpecError: Every mistake in every file.
        StandardNotFoundError: A pinned standard is not carried.
    """
    loaded = load_study(study)
    program = resolve(loaded)
    return resolve(loaded, _fields(read_study(loaded, raw))) if raw else program


def build_in_memory(
    study: Path,
    *,
    raw: Path,
    threads: int | None = None,
    progress: Progress = _silent,
    room: Room | None = None,
    submitted: Submitted = AS_THEY_ARE,
) -> Built:
    """Build and validate every dataset of a study.

    Args:
        study: Folder with ``study.yaml``.
        raw: Folder with the raw files.
        threads: Threads of the engine; the result does not depend on it.
        progress: Told what is being worked on.
        room: What there is for the data; None for as much memory as they take.
        submitted: What is asked of the transport files.

    Raises:
        SpecError: The mapping files are wrong; raised before data are read.
        RawDataError: The data do not fit them.
    """
    progress("mapping files")
    loaded = load_study(study)
    resolve(loaded).vocabulary.dictionaries  # noqa: B018  what cannot be read is said before data are
    progress("raw files")
    collected = room.read(loaded, raw, progress) if room else read_study(loaded, raw)
    program = resolve(loaded, _fields(collected))
    crf = crf_of(program)
    program = with_pages(program, crf)
    if room is not None:
        result = room.run(program, collected, progress)
    else:
        result = run(program, collected, threads=threads, progress=progress)
    progress("metadata")
    sdtm, adam = build_sdtm(program, result), build_adam(program, result)
    studies: dict[Stage, Study] = {"sdtm": sdtm} if sdtm.datasets else {}
    if adam is not None:
        studies["adam"] = adam
    studies = submitted.lengths(studies)
    progress("validation")
    ledger = account(program, result)
    delivered = [path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file()]
    found = [
        *(one for one in prove(program) if one.code not in SAID_AGAIN),
        *(note for form in collected.forms for note in form.notes),
        *result.findings,
        *check_ledger(program, ledger),
        *check_delivery(program, delivered),
        *(crf.findings if crf is not None else ()),
    ]
    for name, one in studies.items():
        previous = studies.get("sdtm", sdtm) if name == "adam" else None
        found += locate(_validate(program, one, previous), _places(program))
    return Built(program, result, studies, in_file_order(found), ledger, crf, submitted)


def _fields(raw: RawStudy) -> dict[str, tuple[str, ...]]:
    return {form.name: tuple(form.table.column_names) for form in raw.forms}


def _validate(program: Program, study: Study, previous: Study | None) -> tuple[Diagnostic, ...]:
    standards = program.loaded.study.standards
    releases = program.vocabulary.terminologies
    if isinstance(study, SdtmStudy):
        guide = load_sdtm(standards.sdtm.split(" ")[1])
        return validate_study(
            study,
            standard=guide,
            terminology=releases[:1],
            dictionaries=program.vocabulary.dictionaries,
        )
    assert standards.adam
    analysis = load_adam(standards.adam.split(" ")[1])
    return validate_study(study, standard=analysis, terminology=releases, previous=previous)


def _places(program: Program) -> dict[tuple[str, str | None], Span]:
    places: dict[tuple[str, str | None], Span] = {}
    for plan in program.datasets.values():
        for name, variable in plan.variables.items():
            places[plan.name, name] = variable.checked.expression.span()
        if plan.loaded:
            places[plan.name, None] = plan.loaded.document.span(("dataset",))
    return places


def build(  # noqa: PLR0913  what the command line offers
    study: Path,
    *,
    raw: Path,
    out: Path,
    created: dt.datetime,
    threads: int | None = None,
    progress: Progress = _silent,
    memory: int | None = None,
    finish: Callable[[Path], object] | None = None,
    submitted: Submitted = AS_THEY_ARE,
) -> Report:
    """Build the package of a study: transport files, define.xml, reports, manifest.

    Args:
        study: Folder with ``study.yaml``.
        raw: Folder with the raw files.
        out: The package; it appears whole or not at all.
        created: The one time stamp of the package.
        threads: Threads of the engine; the bytes do not depend on it.
        progress: Told what is being worked on.
        memory: Bytes that the build may take; None for as many as the data ask for.
        finish: Given the folder of the finished package before it stands at `out`; brings
            the manifest up to date with what it writes there.
        submitted: What is asked of the transport files, such as one length in all of them.

    Returns:
        What the first page of the package shows.

    Raises:
        SpecError: The mapping files are wrong.
        RawDataError: The data do not fit them.
        OutputError: A value does not fit its transport file, or the disk refuses.
    """
    if memory is None:
        built = build_in_memory(
            study, raw=raw, threads=threads, progress=progress, submitted=submitted
        )
        return _packaged(built, raw, out, created, progress, finish)
    with TemporaryDirectory(prefix="cdisc-") as folder:
        room = Room(memory, Path(folder), threads)
        built = build_in_memory(study, raw=raw, progress=progress, room=room, submitted=submitted)
        return _packaged(built, raw, out, created, progress, finish)


def _packaged(
    built: Built,
    raw: Path,
    out: Path,
    created: dt.datetime,
    progress: Progress,
    finish: Callable[[Path], object] | None,
) -> Report:
    """Write the package of what was built."""
    require_transportable(built)
    with package_folder(out) as folder:
        progress("package")
        layout = Layout(folder, built.program.loaded.study.study.id)
        findings = list(built.findings)
        for stage, one in built.studies.items():
            findings += _write_stage(layout, stage, one, created, built)
        explained = explain(findings, built.program.loaded.explained, created.date())
        placed = (_neutral(one, built, layout) for one in explained)
        report = _report(built, in_file_order(placed), layout, created)
        layout.index.parent.mkdir(parents=True, exist_ok=True)
        layout.index.write_text(render_index(report), encoding="utf-8", newline="\n")
        (layout.reports / "findings.json").write_text(
            render_findings_json(report.findings), encoding="utf-8", newline="\n"
        )
        _write_ledger(layout.reports / "ledger.json", report)
        write_manifest(
            folder,
            inputs=_inputs(raw, built),
            settings={
                "created": created.isoformat(),
                "study": report.study_id,
                "version": __version__,
                "terminology": {
                    f"{one.package} {one.date}": f"sha256:{one.sha256}"
                    for one in built.program.vocabulary.terminologies
                },
                **({"functions": [*packages]} if (packages := built.program.packages) else {}),
            },
            rows=_rows(layout, built),
        )
        if finish is not None:
            finish(folder)
    return report


def _neutral(finding: Diagnostic, built: Built, layout: Layout) -> Diagnostic:
    """Return a finding whose place does not tell where the program or the package lay."""
    if finding.span is None:
        return finding
    file = _without_folder(finding.span.file, built).replace(f"{layout.root.as_posix()}/", "")
    return dataclasses.replace(finding, span=dataclasses.replace(finding.span, file=file))


def _neutral_ledger(form: LedgerForm, built: Built) -> LedgerForm:
    uses, excluded = (
        tuple(dataclasses.replace(use, line=_without_folder(use.line, built)) for use in one)
        for one in (form.uses, form.excluded)
    )
    return dataclasses.replace(form, uses=uses, excluded=excluded)


def _without_folder(place: str, built: Built) -> str:
    """Return ``STUDYID/sdtm/ae.yaml`` of a place in the mapping files, wherever they lie."""
    loaded = built.program.loaded
    inside = loaded.inside(place)
    own = next(iter(loaded.folders))
    return f"{loaded.study.study.id}/{inside}" if place.startswith(f"{own}/") else inside


def require_transportable(built: Built) -> None:
    """Raise every value that a transport file cannot hold, before the first is written."""
    datasets = [dataset for study in built.studies.values() for dataset in study.datasets]
    found = locate(
        [one for dataset in datasets for one in untransportable(dataset)], _places(built.program)
    )
    if any(one.severity == "error" for one in found):
        raise OutputError([*found, *built.result.findings])


def _write_stage(
    layout: Layout, stage: Stage, study: Study, created: dt.datetime, built: Built
) -> list[Diagnostic]:
    layout.datasets(stage).mkdir(parents=True, exist_ok=True)
    for dataset in study.datasets:
        write_parts(dataset, layout.transport(stage, dataset.name), created)
        for part in built.submitted.parts(dataset):
            place = layout.part(stage, part.name)
            place.parent.mkdir(exist_ok=True)
            write_parts(part, place, created)
    return describe_stage(layout, stage, study, created, built.crf)


def _report(
    built: Built, findings: tuple[Diagnostic, ...], layout: Layout, created: dt.datetime
) -> Report:
    study = built.program.loaded.study
    standards = [study.standards.sdtm, study.standards.adam, f"SDTM CT {study.standards.ct}"]
    if study.standards.adamct:
        standards.append(f"ADaM CT {study.standards.adamct}")
    return Report(
        study_id=study.study.id,
        title=study.study.description or study.study.id,
        created=created.isoformat(),
        datasets=tuple(_dataset_lines(built, layout)),
        findings=findings,
        ledger=tuple(_neutral_ledger(form, built) for form in built.ledger),
        terms=tuple(_terms(built)),
        documents=tuple(
            document_lines(layout, {one: STAGES[one] for one in built.studies}, built.crf)
        ),
        standards=tuple(one for one in standards if one),
    )


def _dataset_lines(built: Built, layout: Layout) -> Iterator[DatasetLine]:
    for stage, study in built.studies.items():
        for dataset in study.datasets:
            yield DatasetLine(
                dataset.name,
                dataset.label,
                dataset.table.num_rows,
                _subjects(dataset, built.program.subject),
                _relative(layout.transport(stage, dataset.name), layout),
                STAGES[stage],
            )


def _subjects(dataset: Dataset, subject: str) -> int | None:
    if subject not in dataset.table.column_names:
        return None
    return len(dataset.table.column(subject).drop_null().unique()) or None


def _relative(path: Path, layout: Layout) -> str:
    return "../" + path.relative_to(layout.root).as_posix()


def _terms(built: Built) -> Iterable[UnmappedTerm]:
    for one in built.result.unmatched:
        place = _without_folder(str(one.audit.span), built)
        variable = one.audit.variable.removeprefix("supp:")
        yield UnmappedTerm(one.audit.dataset, variable, one.first, one.value, one.records, place)


def _write_ledger(path: Path, report: Report) -> None:
    ledger = [dataclasses.asdict(form) for form in report.ledger]
    path.write_text(
        json.dumps(ledger, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


def _inputs(raw: Path, built: Built) -> list[InputFile]:
    files = [InputFile(path, name) for path, name in dict.fromkeys(built.program.loaded.files)]
    for form in built.program.forms.values():
        whole, *others = form.block.delivered
        rows = built.result.records[form.name] if whole == form.block.file else None
        files.append(InputFile(raw / whole, f"raw/{whole}", rows))
        files += [InputFile(raw / one, f"raw/{one}") for one in others]
    return [*dict.fromkeys(files), *_imported(built)]


def _imported(built: Built) -> Iterator[InputFile]:
    """Yield the tables of the releases that the program does not carry itself."""
    for one in built.program.vocabulary.terminologies:
        for path in one.files:
            if not path.is_relative_to(specs_root()):
                yield InputFile(path, f"ct/{one.package}-{one.date}/{path.name}")


def _rows(layout: Layout, built: Built) -> dict[str, int]:
    found = {}
    for stage, study in built.studies.items():
        for one in study.datasets:
            found[layout.transport(stage, one.name)] = one.table.num_rows
            for part in built.submitted.parts(one):
                found[layout.part(stage, part.name)] = part.table.num_rows
    return {path.relative_to(layout.root).as_posix(): rows for path, rows in found.items()}
