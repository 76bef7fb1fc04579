"""Pages of the annotated CRF in define.xml, and the package that holds both."""

import datetime as dt

import pytest
from pypdf import PdfReader

from cdisc.acrf import make_crf, with_crf_pages
from cdisc.dataset import Division, Origin, SdtmStudy, Value, Variable
from cdisc.pipeline import build
from define_xml import read_define
from tests.unit.define_xml.conftest import dataset

from .conftest import RAW

COLLECTED = Origin("Collected", "Investigator")
DATA = {
    "ae": RAW["ae"] + "001,1,Cough,,1,Yes,3,no,well\n",
    "vs": RAW["vs"] + "001,2026-01-02,170,cm,120,\n001,2026-01-03,,,,1\n",
    "lab": RAW["lab"] + "001,5\n",
}


@pytest.fixture
def package(study, tmp_path):
    """The folder of the tabulation data of a package that was built with its CRF."""
    program = study()
    folder = program.loaded.folder
    for name, text in DATA.items():
        (folder / "raw" / f"{name}.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "package"
    build(folder, raw=folder / "raw", out=out, created=dt.datetime(2026, 1, 1))  # noqa: DTZ001  as --created is
    return out / "m5" / "datasets" / "s1" / "tabulations" / "sdtm"


def pages_of(define, oid):
    (item,) = [one for one in define.items if one.oid == oid]
    return [
        (
            origin.type,
            origin.source,
            [ref.page_refs for use in origin.documents for ref in use.pages],
        )
        for origin in item.origins
    ]


def test_the_package_holds_the_crf_and_define_xml_leads_to_its_pages(package):
    define = read_define(package / "define.xml")

    assert len(PdfReader(package / "acrf.pdf").pages) == 3
    assert [(one.id, one.href) for one in define.leaves] == [("LF.acrf", "acrf.pdf")]
    assert [one.leaf_id for one in define.annotated_crf] == ["LF.acrf"]
    assert pages_of(define, "IT.AE.AETERM") == [("Collected", "Investigator", ["2"])]
    assert pages_of(define, "IT.VS.VSDTC") == [("Collected", "Investigator", ["3"])]
    assert pages_of(define, "IT.SUPPAE.QVAL.RELATED") == [("Collected", "Investigator", ["2"])]


def test_what_a_vendor_sends_has_no_page(package):
    define = read_define(package / "define.xml")
    assert pages_of(define, "IT.LB.LBORRES") == [("Collected", "Vendor", [])]


def test_define_xml_names_the_stylesheet_beside_it(package):
    second = (package / "define.xml").read_bytes().splitlines()[1]
    assert second == b'<?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>'
    assert b"Lex Jansen" in (package / "define2-1.xsl").read_bytes()


def test_tests_have_pages_of_their_own_and_what_is_derived_has_none(study):
    def variable(name, origin, **more):
        return Variable(name, name, "text", 8, origin=origin, **more)

    division = Division(
        "VSTESTCD",
        values=(
            Value("HEIGHT", origin=COLLECTED),
            Value("SYSBP", origin=Origin("Derived", "Sponsor")),
            Value("PULSE", origin=COLLECTED),
        ),
    )
    held = dataset(
        "VS", "Vital Signs", "FINDINGS", ("VSDTC",),
        (
            variable("VSORRES", COLLECTED, division=division),
            variable("VSDTC", COLLECTED),
            variable("VSDY", Origin("Derived", "Sponsor")),
        ),
        [],
    )  # fmt: skip
    whole = SdtmStudy("S1", "S1", "", "", (), (held,))
    (found,) = with_crf_pages(whole, make_crf(study()).collected).datasets

    paged = Origin("Collected", "Investigator", ("3",))
    assert found.variable("VSORRES").origin == paged
    assert found.variable("VSORRES").division.values == (
        Value("HEIGHT", origin=paged),
        Value("SYSBP", origin=Origin("Derived", "Sponsor")),
        Value("PULSE", origin=COLLECTED),
    )
    assert found.variable("VSDTC").origin == paged
    assert found.variable("VSDY").origin == Origin("Derived", "Sponsor")
