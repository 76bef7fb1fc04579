"""Validate a package that lies in a folder, whoever made it."""

import dataclasses
from pathlib import Path

from cdisc.dataset import AdamStudy, Codelist, Dataset, SdtmStudy, StandardUse, Study, Term, Variable
from cdisc.diagnostics import Diagnostic, in_file_order
from cdisc.errors import RawDataError
from cdisc.standard import (
    AdamStandard,
    SdtmStandard,
    carried_adam,
    carried_sdtm,
    carried_terminology,
    load_adam,
    load_sdtm,
    load_terminology,
)
from cdisc.transport import read_xpt
from cdisc.validate import validate_study
from define_xml import check_define, read_define
from define_xml import model as dm


def validate_package(package: Path) -> tuple[Diagnostic, ...]:
    """Validate every folder of transport files below a folder.

    Args:
        package: A package, or a folder with XPT files. A ``define.xml`` beside them
            says which standards they follow; without one, the newest that are
            carried are used, and a finding says so.

    Raises:
        RawDataError: There is no transport file, or one cannot be read.
    """
    folders = sorted({path.parent for path in package.rglob("*.xpt")})
    if not folders:
        raise RawDataError(
            [
                Diagnostic(
                    "RAW020", f'there is no transport file in "{package.as_posix()}"',
                    help="name a package, or a folder that holds *.xpt",
                )
            ]
        )
    found: list[Diagnostic] = []
    previous: Study | None = None
    for folder in sorted(folders, key=lambda one: "adam" in one.parts):
        study = _read(folder, found)
        found += _checked(study, previous)
        previous = study if isinstance(study, SdtmStudy) else previous
    return in_file_order(found)


def _read(folder: Path, found: list[Diagnostic]) -> Study:
    datasets = [read_xpt(path) for path in sorted(folder.glob("*.xpt"))]
    path = folder / "define.xml"
    if path.is_file():
        define = read_define(path)
        found += check_define(path, datasets)
        return _described(define, datasets)
    found.append(
        Diagnostic(
            "SDTM040", f'there is no define.xml in "{folder.name}"',
            expected="a define.xml beside the transport files",
            help="the newest standards that are carried were used",
        )
    )
    analysis = any(one.name.startswith("AD") for one in datasets)
    guide = (
        StandardUse("ADaMIG", "ADaMIG", "IG", carried_adam()[-1])
        if analysis
        else StandardUse("SDTMIG", "SDTMIG", "IG", carried_sdtm()[-1])
    )
    kind = AdamStudy if analysis else SdtmStudy
    known = [_by_standard(one, analysis=analysis) for one in datasets]
    return kind(folder.name, folder.name, "", "", (guide,), tuple(known))


def _by_standard(dataset: Dataset, *, analysis: bool) -> Dataset:
    standard = None if analysis else load_sdtm(carried_sdtm()[-1]).dataset(dataset.name)
    if standard is None:
        return dataclasses.replace(dataset, domain=dataset.name)
    return dataclasses.replace(
        dataset, class_name=standard.class_name, structure=standard.structure or "", domain=dataset.name[:2]
    )


def _described(define: dm.Define, datasets: list[Dataset]) -> Study:
    version = define.study.metadata
    groups = {group.name: group for group in version.item_groups}
    standards = tuple(
        StandardUse(one.oid, one.name, "CT" if one.type == "CT" else "IG", one.version, one.publishing_set)
        for one in version.standards
    )
    items = {item.oid: item for item in version.items}
    codelists = {one.oid: one for one in version.codelists}
    analysis = any(one.name.startswith("ADaM") for one in standards if one.type == "IG")
    kind = AdamStudy if analysis else SdtmStudy
    described = tuple(
        _with_group(one, groups[one.name], items, codelists) if one.name in groups else one for one in datasets
    )
    return kind(define.study.name, define.study.name, define.study.description, define.study.protocol_name,
                standards, described)
