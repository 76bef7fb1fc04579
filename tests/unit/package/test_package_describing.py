"""What is written beside the datasets: the version asked for, and the declared documents."""

import dataclasses
import datetime as dt

import pytest

from cdisc.dataset import SdtmStudy, StandardUse
from cdisc.declared import Declared, Document
from cdisc.describing import describe_stage
from cdisc.package import Layout
from define_xml import read_define

CREATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
GUIDE = Document("csdrg", "csdrg.pdf", "Reviewer's Guide", "supplemental")
STANDARDS = (
    StandardUse("SDTMIG", "SDTMIG", "IG", "3.4"),
    StandardUse("CT-SDTM", "CDISC/NCI", "CT", "2025-03-28", "SDTM"),
)


@pytest.fixture
def described(tmp_path):
    """Describe a study without datasets, and return the define.xml, its folder and the findings."""

    def describe(**said):
        layout = Layout(tmp_path / "package", "S1")
        folder = layout.datasets("sdtm")
        folder.mkdir(parents=True)
        declared = dataclasses.replace(Declared(documents=(GUIDE,)), **said)
        study = SdtmStudy("S1", "S1", "A study", "P1", STANDARDS, (), declared)
        found = describe_stage(layout, "sdtm", study, CREATED, None)
        return read_define(layout.define("sdtm")), folder, {one.code for one in found}

    return describe


def test_version_2_0_is_written_where_it_is_asked_for_and_tells_what_it_lost(described):
    define, folder, found = described(version="2.0")
    assert define.define_version == "2.0.0"
    assert {"DEF053", "DEF052"} <= found
    assert not (folder / "define2-1.xsl").exists()


def test_version_2_1_is_judged_by_the_schema_and_has_its_stylesheet(described):
    define, folder, found = described()
    assert define.define_version == "2.1.0"
    assert "DEF053" not in found
    assert (folder / "define2-1.xsl").exists()


def test_a_declared_document_of_the_study_is_copied_beside_the_define(described, tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "csdrg.pdf").write_bytes(b"%PDF-1.7")
    _define, folder, found = described(folder=tmp_path / "documents")
    assert (folder / "csdrg.pdf").read_bytes() == b"%PDF-1.7"
    assert "DEF014" not in found


def test_a_declared_document_that_is_nowhere_is_a_finding(described):
    _define, _folder, found = described()
    assert "DEF014" in found
