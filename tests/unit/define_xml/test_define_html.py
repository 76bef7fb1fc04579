import base64
import dataclasses
import hashlib
import itertools
import re

import pytest
from lxml import html

from define_xml import build_define, render_define_html
from define_xml.model import (
    AnalysisDataset,
    AnalysisResult,
    Documentation,
    DocumentRef,
    EnumeratedItem,
    Leaf,
    Origin,
    ProgrammingCode,
    ResultDisplay,
)

DISPLAY = ResultDisplay(
    oid="RD.1",
    name="Table 14.1",
    description="Overall survival",
    documents=(DocumentRef(leaf_id="LF.sap"),),
    results=(
        AnalysisResult(
            oid="AR.1.1",
            parameter_oid="IT.ADTTE.PARAMCD",
            reason="SPECIFIED IN SAP",
            purpose="PRIMARY OUTCOME MEASURE",
            description="Log-rank test of survival",
            comment_oid="COM.NONE",
            datasets=(
                AnalysisDataset(
                    item_group_oid="IG.ADTTE",
                    where_clause_oid="WC.NONE",
                    variable_oids=("IT.ADTTE.AVAL",),
                ),
            ),
            documentation=Documentation(description="Stratified test."),
            programming_code=ProgrammingCode(context="R", code="survdiff(...)"),
        ),
    ),
)


@pytest.fixture
def define(sdtm, created):
    return build_define(sdtm, created=created, annotated_crf="acrf.pdf")


@pytest.fixture
def page(define):
    return html.document_fromstring(render_define_html(define))


def words(node):
    return " ".join(" ".join(node.itertext()).split())


def test_the_page_asks_for_nothing_from_outside(page):
    assert page.xpath("//link | //img | //iframe | //object | //@src | //@style") == []
    assert [one for one in page.xpath("//@*") if one.attrname.startswith("on")] == []
    for text in page.xpath("//style/text() | //script/text()"):
        assert re.findall(r"url\(|@import|fetch|XMLHttp|eval|innerHTML|https?:", text) == []


def test_the_policy_lets_run_nothing_but_the_style_and_the_script_of_the_page(page):
    (style,), (script,) = page.xpath("//style/text()"), page.xpath("//script/text()")
    names = [
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script)
    ]
    policy = (
        f"default-src 'none'; style-src 'sha256-{names[0]}'; script-src 'sha256-{names[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.xpath("//meta[@http-equiv]/@content") == [policy]


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
        "Severity/Intensity <\"Scale\"> for Adverse Events MILD UNKNOWN & 'ODD'",
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
    assert words(full[-1]) == f"{text} As it is written, cdisc mapping language study_day(AESTDTC)"
    assert words(full[0]) == "Derivation of AE.AESTDY Used by AE.AESTDY"


def test_values_stand_under_their_variable_with_their_condition(page):
    rows = page.xpath('//section[@id="IG.SUPPAE"]//tbody/tr/@id')
    assert rows[7:10] == ["IT.SUPPAE.QVAL", "IT.SUPPAE.QVAL.AESI", "IT.SUPPAE.QVAL.AETRTEM"]
    row = page.get_element_by_id("IT.SUPPAE.QVAL.AESI")
    assert words(row[0]) == 'QNAM = "AESI"'
    assert words(row.xpath("ancestor::details/summary")[0]) == "QVAL by value (2)"


def test_datasets_show_class_keys_standard_and_file(page):
    rows = page.xpath('//section[@id="datasets"]/table/tbody/tr')
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


HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '" onclick="alert(1)',
    "</style><style>*{display:none}</style>", "{{ 7 * 7 }}", "&lt;b&gt;", "</title><h1>x",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_people_wrote_is_shown_as_it_is_and_does_nothing(define, text):
    bad = dataclasses.replace(
        define,
        study_name=text,
        study_description=text,
        items=tuple(dataclasses.replace(one, description=text, name=text) for one in define.items),
        methods=tuple(dataclasses.replace(one, description=text) for one in define.methods),
        codelists=tuple(dataclasses.replace(one, name=text) for one in define.codelists),
        leaves=tuple(dataclasses.replace(one, title=text) for one in define.leaves),
        item_groups=tuple(
            dataclasses.replace(one, name=text, structure=text) for one in define.item_groups
        ),
    )
    tame = html.document_fromstring(render_define_html(define))
    page = html.document_fromstring(render_define_html(bad))

    assert [one.tag for one in page.iter()] == [one.tag for one in tame.iter()]
    assert {one.attrname for one in page.xpath("//@*")} == {
        one.attrname for one in tame.xpath("//@*")
    }
    assert page.xpath("//h1")[0].text == text
    assert page.get_element_by_id("IT.AE.AESEV")[2].text == text


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "vbscript:x",
        "java\tscript:alert(1)", "\x01javascript:x", "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd", "http://[bad",
    ],
)  # fmt: skip
def test_a_link_that_would_run_code_or_leave_the_package_is_not_a_link(define, href):
    leaf = Leaf(id="LF.acrf", href=href, title="CRF")
    groups = tuple(
        dataclasses.replace(one, leaf=dataclasses.replace(one.leaf, href=href))
        for one in define.item_groups
    )
    torn = dataclasses.replace(define, leaves=(leaf,), item_groups=groups)
    page = html.document_fromstring(render_define_html(torn))

    assert {one[0] for one in page.xpath("//a/@href")} == {"#"}
    assert "CRF (" in words(page.get_element_by_id("IT.AE.AESEV")[5])


def test_a_definition_that_several_datasets_share_has_a_row_in_each(define):
    shared = define.items[0]
    groups = tuple(
        dataclasses.replace(
            one, item_refs=(dataclasses.replace(one.item_refs[0], item_oid=shared.oid),)
        )
        for one in define.item_groups
    )
    page = html.document_fromstring(
        render_define_html(dataclasses.replace(define, item_groups=groups))
    )
    places = page.xpath('//section[@class="dataset"]/table/tbody/tr/@id')
    first, *others = places
    assert first == shared.oid
    assert others == [f"{shared.oid}.in.{one.oid}" for one in groups[1:]]
    assert len(set(page.xpath("//@id"))) == len(page.xpath("//@id"))


def test_what_uses_a_codelist_is_told_with_links(page):
    part = page.get_element_by_id("CL.NY")
    used = part.xpath('.//span[@class="used quiet"]')[0]
    assert words(used) == "Used by AE.AESER , MH.MHTERM"
    assert used.xpath(".//a/@href") == ["#IT.AE.AESER", "#IT.MH.MHTERM"]


def test_what_nothing_uses_is_said_and_shown(define):
    item = dataclasses.replace(define.items[0], oid="IT.LOST", name="LOST")
    page = html.document_fromstring(
        render_define_html(dataclasses.replace(define, items=(*define.items, item)))
    )
    assert words(page.get_element_by_id("IT.LOST")) == "LOST Study Identifier (IT.LOST)"


def test_long_codelists_are_shown_in_part_at_the_variable_and_whole_below(define):
    terms = tuple(EnumeratedItem(coded_value=f"T{number}") for number in range(30))
    lists = tuple(
        dataclasses.replace(one, items=(), enumerated=terms) if one.oid == "CL.NY" else one
        for one in define.codelists
    )
    page = html.document_fromstring(
        render_define_html(dataclasses.replace(define, codelists=lists))
    )
    row = page.get_element_by_id("IT.AE.AESER")
    assert words(row[4]) == "No Yes Response T0 T1 T2 T3 T4 T5 T6 T7 and 22 more"
    assert len(page.xpath('//section[@id="CL.NY"]//tbody/tr')) == 30


def test_headings_go_down_by_one_step(page):
    levels = [int(one.tag[1]) for one in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_tables_and_controls_have_names(page):
    assert all(words(one[0]) for one in page.xpath("//table") if one[0].tag == "caption")
    assert [one[0].tag for one in page.xpath("//table")] == ["caption"] * len(page.xpath("//table"))
    assert page.xpath("//input[not(@aria-label)] | //th[not(@scope)]") == []
    assert page.xpath("//a[@class='skip']/@href") == ["#top"]


def test_without_script_nothing_stands_there_that_needs_it(page):
    assert page.xpath("//input[not(ancestor-or-self::*[@hidden])]") == []
    assert page.xpath("//button[not(@hidden)]") == []


def test_analysis_results_come_first_with_their_data_reason_and_program(adam, created):
    define = dataclasses.replace(build_define(adam, created=created), displays=(DISPLAY,))
    page = html.document_fromstring(render_define_html(define))
    titles = [words(one) for one in page.xpath("//h2")]
    assert titles[:2] == ["Analysis results", "Standards"]
    shown = page.get_element_by_id("RD.1")
    assert words(shown) == (
        "Table 14.1 Overall survival sap.pdf Log-rank test of survival "
        "Parameter PARAMCD Parameter Code Reason SPECIFIED IN SAP Purpose PRIMARY OUTCOME MEASURE "
        "Data ADTTE where WC.NONE: AVAL Joined by subject. Documentation Stratified test. "
        "Program Code, R survdiff(...)"
    ).replace("sap.pdf", "LF.sap").replace("Joined by subject.", "COM.NONE")
    dataset = page.get_element_by_id("IG.ADTTE")
    assert "Used by Table 14.1" in words(dataset)


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
