"""What stands beside the datasets of a stage: define.xml and how it is shown, the annotated CRF."""

import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from cdisc.acrf import AnnotatedCrf, annotated_crf, with_crf_pages
from cdisc.dataset import Study
from cdisc.declared import Declared
from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import Program, Stage
from cdisc.package import Layout
from cdisc.report.model import DocumentLine
from define_xml import build_define, check_define, render_define_html, write_define
from define_xml.schema import published_schemas
from define_xml.stylesheet import stylesheet_bytes
from define_xml.versions import as_2_0

_CRF = "annotated CRF"


def crf_of(program: Program) -> AnnotatedCrf | None:
    """Return the annotated CRF that belongs into the package.

    Args:
        program: The study.

    Returns:
        None where ``crf.yaml`` says nothing, or ``define.yaml`` names one of the sponsor's.

    Raises:
        OutputError: The pages, or the file of coordinates, of the sponsor are wrong.
    """
    said = program.loaded.define.model.documents.values() if program.loaded.define else ()
    if any(one.role == _CRF for one in said):
        return None
    return annotated_crf(program)


def with_pages(program: Program, crf: AnnotatedCrf | None) -> Program:
    """Return a program that knows the pages of its fields, for origins."""
    if crf is None:
        return program
    pages = {key: tuple(str(page) for page in found) for key, found in crf.pages.items()}
    return dataclasses.replace(program, crf_pages=pages)


def describe_stage(
    layout: Layout, stage: Stage, study: Study, created: dt.datetime, crf: AnnotatedCrf | None
) -> list[Diagnostic]:
    """Write what describes the datasets of a stage, and check it.

    Args:
        layout: Places of the package.
        stage: The stage.
        study: Its datasets.
        created: The time stamp of the package.
        crf: The annotated CRF, which lies beside the tabulation data; or None.

    Returns:
        What the check of the define.xml finds.
    """
    place = layout.annotated_crf() if crf is not None and stage == "sdtm" else None
    if crf is not None and place is not None:
        place.write_bytes(crf.pdf)
        study = with_crf_pages(study, crf.collected)
    define = build_define(study, created=created, annotated_crf=place.name if place else None)
    path, sheet = layout.define(stage), layout.stylesheet(stage)
    _copy_documents(study.declared, layout.datasets(stage))
    lost: tuple[Diagnostic, ...] = ()
    if study.declared.version == "2.0":
        define, lost = as_2_0(define)
        write_define(define, path)
    else:
        write_define(define, path, stylesheet=sheet.name)
        sheet.write_bytes(stylesheet_bytes())
    layout.define_html(stage).write_text(render_define_html(define), encoding="utf-8", newline="\n")
    return [*lost, *check_define(path, study.datasets, schema_root=published_schemas())]


def _copy_documents(declared: Declared, folder: Path) -> None:
    """Copy the documents that lie in ``documents/`` of the study; the check finds the others."""
    if declared.folder is None:
        return
    for one in declared.documents:
        source = declared.folder / one.file
        if source.is_file():
            shutil.copyfile(source, folder / source.name)


def document_lines(
    layout: Layout, stages: Mapping[Stage, str], crf: AnnotatedCrf | None
) -> Iterator[DocumentLine]:
    """Yield the documents that the first page of the package leads to.

    Args:
        layout: Places of the package.
        stages: Names of its stages.
        crf: As in `describe_stage`.
    """
    for stage, name in stages.items():
        yield DocumentLine(f"{name} define.xml", _from_reports(layout.define_html(stage), layout))
    if crf is not None:
        yield DocumentLine("Annotated CRF", _from_reports(layout.annotated_crf(), layout))


def _from_reports(path: Path, layout: Layout) -> str:
    return "../" + path.relative_to(layout.root).as_posix()
