import dataclasses
import re

import pytest
from lxml import html

from define_xml import build_define, render_define_html
from define_xml.model import Leaf, Origin


@pytest.fixture
def define(sdtm, created):
    return build_define(sdtm, created=created, annotated_crf="acrf.pdf")


@pytest.fixture
def page(define):
    return html.document_fromstring(render_define_html(define))


def words(node):
    return " ".join(" ".join(node.itertext()).split())


def test_the_page_asks_for_nothing_from_outside(page):
    assert page.xpath("//script | //link | //img | //iframe | //@src | //@onclick") == []
    assert page.xpath("//meta[@http-equiv]/@content") == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]
    assert "url(" not in page.xpath("string(//style)")
    assert "@import" not in page.xpath("string(//style)")


def test_every_link_inside_the_page_leads_somewhere_and_every_place_is_unique(page):
    places = page.xpath("//@id")
    assert len(places) == len(set(places))
    inside = {href[1:] for href in page.xpath("//a/@href") if href.startswith("#")}
    assert inside - set(places) == set()


def test_every_definition_has_its_place(page, define):
    oids = [one.oid for one in (*define.item_groups, *define.items, *define.methods)]
    assert set(page.xpath("//@id")) >= set(oids) | {"CL.NY", "CL.AESEV", "CL.MEDDRA_5f_27.1"}


def test_a_variable_is_shown_with_all_that_is_known_of_it(page):
    row = page.get_element_by_id("IT.AE.AESEV")
    assert [words(cell) for cell in row] == [
        "6",
        "AESEV",
        "Severity/Intensity Record Qualifier",
        "text 15",
        "Severity/Intensity <\"Scale\"> for Adverse Events MILD \u00b7 UNKNOWN & 'ODD'",
        "Collected (Investigator) Annotated Case Report Form page 12 14 at Adverse_Events",
        "",
    ]
    assert row.xpath(".//a/@href") == [
        "#CL.AESEV",
        "acrf.pdf",
        "acrf.pdf#page=12",
        "acrf.pdf#page=14",
        "acrf.pdf#Adverse_Events",
    ]


def test_a_method_is_shown_at_the_variable_and_in_full(page):
    row = page.get_element_by_id("IT.AE.AESTDY")
    text = "AESTDTC - RFSTDTC + 1 where AESTDTC >= RFSTDTC, else without + 1."
    assert words(row[-1]) == f"{text} method"
    full = page.get_element_by_id("MT.AE.AESTDY")
    assert words(full[-1]) == f"{text} study_day(AESTDTC)"


def test_values_stand_under_their_variable_with_their_condition(page):
    rows = page.xpath('//section[@id="IG.SUPPAE"]//tbody/tr/@id')
    assert rows[7:10] == ["IT.SUPPAE.QVAL", "IT.SUPPAE.QVAL.AESI", "IT.SUPPAE.QVAL.AETRTEM"]
    assert words(page.get_element_by_id("IT.SUPPAE.QVAL.AESI")[1]) == 'QNAM = "AESI"'


def test_datasets_show_class_keys_standard_and_file(page):
    rows = page.xpath('//h2[@id="datasets"]/following-sibling::table[1]/tbody/tr')
    assert [words(cell) for cell in rows[1]] == [
        "AE",
        "Adverse Events",
        "EVENTS",
        "One record per USUBJID per AESEQ",
        "USUBJID, AESEQ",
        "SDTMIG 3.4",
        "ae.xpt",
        "",
    ]
    assert [words(row[0]) for row in (rows[0], rows[2])] == ["TA reference data", "MH no data"]
    assert words(rows[2][-1]) == "The dataset has no records."


def test_text_that_people_wrote_is_escaped(define):
    bad = dataclasses.replace(define, study_name="<script>alert(1)</script>")
    assert "<script" not in render_define_html(bad)


def test_a_link_that_would_run_code_is_not_a_link(define):
    leaf = Leaf(id="LF.acrf", href="javascript:alert(1)", title="CRF")
    text = render_define_html(dataclasses.replace(define, leaves=(leaf,)))
    assert re.findall(r'href="javascript', text) == []
    assert "CRF (javascript:alert(1))" in text


def test_references_that_lead_nowhere_do_not_stop_the_page(define):
    torn = dataclasses.replace(
        define, codelists=(), methods=(), comments=(), leaves=(), where_clauses=(), value_lists=(),
        standards=(),
    )  # fmt: skip
    page = html.document_fromstring(render_define_html(torn))
    assert words(page.get_element_by_id("IT.AE.AESEV")[4]) == "CL.AESEV"


def test_two_renderings_are_the_same(define):
    assert render_define_html(define) == render_define_html(define)


def test_an_analysis_page_shows_predecessors_and_formats(adam, created):
    define = build_define(adam, created=created)
    assert define.items[1].origins == (Origin(type="Predecessor", description="DM.SEX"),)
    page = html.document_fromstring(render_define_html(define))
    assert words(page.get_element_by_id("IT.ADSL.SEX")[5]) == "Predecessor DM.SEX"
    assert words(page.get_element_by_id("IT.ADSL.TRTSDT")[3]) == "integer 8 DATE9."
    assert words(page.get_element_by_id("IT.ADSL.BMIBL")[3]) == "float 8.1 8.1"
