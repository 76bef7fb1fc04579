"""Defects planted in two packages that have none: each is found, and nothing else is said.

The table is the list of what `define check` must find. A defect is a change to the text of
the define.xml, which is what people and their tools do to it.
"""

import dataclasses
from pathlib import Path

import pytest
import yaml

from cdisc.dataset import AdamStudy, Division, Origin
from cdisc.declared import (
    AnalysisData,
    AnalysisResult,
    Check,
    Declared,
    Display,
    Document,
    DocumentUse,
    Remark,
)
from define_xml import build_define, check_define, define_bytes
from tests.unit.define_xml.conftest import ANYWHERE, complete, dataset, number, qualifier, text
from tests.unit.define_xml.test_define_value_level import KNOWN, ROWS, vital_signs

SAP = Document("sap", "sap.pdf", "Statistical Analysis Plan")


@pytest.fixture
def tabulation(sdtm):
    paged = Origin("Collected", "Investigator", ("3",))
    known = (qualifier("AESI", paged), qualifier("AETRTEM", ANYWHERE))
    supplemental = dataclasses.replace(sdtm.dataset("SUPPAE"), qualifiers=known)
    values = tuple(
        dataclasses.replace(one, origin=paged if one.of == "SIDE" else one.origin)
        for one in KNOWN.values
    )
    rows = [ROWS[0], *ROWS[2:]]  # one record of each test
    signs = vital_signs(rows, Division(KNOWN.by, KNOWN.label, values))
    datasets = (sdtm.dataset("AE"), supplemental, sdtm.dataset("MH"), signs, sdtm.dataset("TA"))
    return complete(dataclasses.replace(sdtm, datasets=datasets))


@pytest.fixture
def analysis(adam):
    survival = AnalysisResult(
        "Median",
        "SPECIFIED IN SAP",
        "PRIMARY OUTCOME MEASURE",
        (
            AnalysisData("ADTTE", ("AVAL",), (Check("PARAMCD", "EQ", ("OS",)),)),
            AnalysisData("ADSL", ("SEX",)),
        ),
        parameter=("ADTTE", "PARAMCD"),
        joined="By subject",
        documentation=Remark("Kaplan and Meier", (DocumentUse("sap", ("30",)),)),
    )
    times = dataset(
        "ADTTE",
        "Time to Event",
        "BASIC DATA STRUCTURE",
        ("USUBJID", "PARAMCD"),
        (
            text("USUBJID", "Unique Subject Identifier"),
            text("PARAMCD", "Parameter Code", 8),
            number("AVAL", "Analysis Value", division=Division("PARAMCD")),
        ),
        [["01-001", "OS", 100.0], ["01-001", "RATE", 0.25], ["01-002", "RATE", 0.5]],
        standard="ADAMIG",
    )
    study = dataclasses.replace(
        complete(dataclasses.replace(adam, datasets=(adam.dataset("ADSL"), times))),
        declared=Declared(documents=(SAP,), displays=(Display("Figure 1", "OS", (survival,)),)),
    )
    assert isinstance(study, AdamStudy)
    return study


@pytest.fixture
def found(tabulation, analysis, created, tmp_path):
    """Plant changes in a define.xml, check it with its data, and return the codes found."""
    for name in ("ae", "suppae", "vs", "ta", "adsl", "adtte"):
        (tmp_path / f"{name}.xpt").touch()
    for name in ("acrf.pdf", "sap.pdf"):
        (tmp_path / name).touch()
    studies = {"sdtm": tabulation, "adam": analysis}

    def plant(package, *changes):
        study = studies[package]
        crf = "acrf.pdf" if package == "sdtm" else None
        content = define_bytes(build_define(study, created=created, annotated_crf=crf)).decode()
        for old, new in changes:
            assert content.count(old) >= 1, old
            content = content.replace(old, new, 1)
        path = tmp_path / "define.xml"
        path.write_text(content, encoding="utf-8")
        return sorted({one.code for one in check_define(path, study.datasets)})

    return plant


@pytest.mark.parametrize("package", ["sdtm", "adam"])
def test_the_packages_have_no_finding_before_a_defect_is_planted(found, package):
    assert found(package) == []


DEFECTS = yaml.safe_load(Path(__file__).with_name("defects.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("defect", DEFECTS, ids=[one["what"] for one in DEFECTS])
def test_a_planted_defect_is_found_and_nothing_else_is_said(found, defect):
    assert found(defect["package"], (defect["old"], defect["new"])) == defect["found"]


def test_there_are_at_least_fifty_defects():
    assert len(DEFECTS) >= 50
