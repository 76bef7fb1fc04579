import dataclasses
import re

import lxml.html
import pytest

from cdisc.diagnostics import Diagnostic, Span
from cdisc.report import (
    DatasetLine,
    DocumentLine,
    LedgerField,
    LedgerForm,
    LedgerUse,
    Report,
    UnmappedTerm,
    render_findings_html,
    render_index,
)

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def _text(element):
    return " ".join(element.text_content().split())


def _tables(page, section):
    """Return the rows of the tables that follow a heading, as text."""
    heading = page.xpath(f'//h2[@id="{section}"]')[0]
    rows = []
    for element in heading.itersiblings():
        if element.tag == "h2":
            break
        rows += [[_text(cell) for cell in row] for row in element.iter("tr")]
    return rows


def test_the_page_tells_the_study_and_its_status(report):
    page = lxml.html.fromstring(render_index(report))
    header = page.find("body/header")
    assert _text(header.find("h1")) == "STUDY01 Two arms, one question"
    assert [_text(one) for one in header.xpath('.//p[@class="about"]/span')] == [
        "Created 2026-01-31T12:00:00", "SDTMIG 3.4", "SDTM CT 2025-03-28",
    ]  # fmt: skip
    assert _text(header.xpath('.//div[@role="status"]')[0]) == (
        "Not ready to submit 2 errors, 0 warnings, 1 note; 4 datasets from 2 raw forms; "
        "1 term not mapped 1 raw record of 1,200 not accounted for."
    )


def test_datasets_stand_under_their_stage_with_links(report):
    page = lxml.html.fromstring(render_index(report))
    head = ["Dataset", "Label", "Records", "Subjects"]
    assert _tables(page, "datasets") == [
        head,
        ["DM", "Demographics", "1", "1"],
        ["AE", "Adverse Events", "1,191", "225"],
        ["TA", "Trial Arms", "4", ""],
        head,
        ["ADSL", "Subject-Level Analysis", "1", "1"],
    ]
    assert [one.get("href") for one in page.xpath('//main//a[starts-with(@href, "..")]')] == [
        "../m5/sdtm/define.html", "../m5/sdtm/dm.xpt", "../m5/sdtm/ae.xpt", "../m5/adam/adsl.xpt",
    ]  # fmt: skip


def test_findings_are_grouped_by_severity_with_their_detail(report):
    page = lxml.html.fromstring(render_index(report))
    assert _tables(page, "findings") == [
        ["Dataset", "Errors", "Warnings", "Notes", "Open"],
        ["AE", "1", "0", "1", "2"],
        ["DM", "1", "0", "0", "1"],
    ]
    groups = page.xpath('//section[contains(@class, "group")]')
    assert [(one.get("class"), len(one.findall("details"))) for one in groups] == [
        ("group error", 2),
        ("group note", 1),
    ]
    first = groups[0].find("details")
    assert _text(first.find("summary")) == (
        'CT001 AE.AESEV "AESEV" has values that are not in C66769 (Severity) 15 records'
    )
    said = first.find("dl")
    assert [_text(one) for one in said.findall("dt")] == [
        "Spec", "Found", "Expected", "Help", "Why", "Mend", "Source",
    ]  # fmt: skip
    assert [_text(one) for one in said.findall("dd")][:4] == [
        "mappings/S/sdtm/ae.yaml:12 AESEV: ae.AESEV | ct",
        '"mild": 14 records, first 37 "Sever": record 902',
        "MILD, MODERATE, SEVERE",
        'did you mean "MILD"?',
    ]


def test_each_severity_that_occurs_has_a_switch_before_its_group(report):
    page = lxml.html.fromstring(render_index(report))
    switches = page.xpath('//input[@type="checkbox"]')
    assert [one.get("id") for one in switches] == ["show-error", "show-note"]
    for one in switches:
        group = one.get("id").removeprefix("show-")
        assert one.xpath(f'following-sibling::section[@class="group {group}"]')
        assert page.xpath(f'//label[@for="{one.get("id")}"]')


def test_the_ledger_accounts_for_records_and_fields(report):
    page = lxml.html.fromstring(render_index(report))
    head = ["Records", "How many", "Dataset", "Line of the spec", "Reason"]
    assert _tables(page, "ledger") == [
        ["Form", "File", "Records", "In datasets", "Fields used", "Records left over"],
        ["ae", "raw/ae_raw.csv", "1,200", "AE", "2 of 4", "1"],
        ["empty", "raw/empty.csv", "0", "", "0 of 0", "0"],
        head,
        ["used", "1,191", "AE", "sdtm/ae.yaml:2", ""],
        ["excluded", "8", "AE", "sdtm/ae.yaml:2", "AETERM is missing"],
        ["unaccounted", "1", "", "", "no line says why"],
        ["Field", "Read by", "If not, why"],
        ["AETERM", "AE.AETERM", ""],
        ["PATNUM", "AE.USUBJID, SUPPAE.USUBJID", ""],
        ["PROJECT", "not used", "the same in every record"],
        ["SPARE", "not used", ""],
        head,
        ["none"],
    ]
    forms = page.xpath('//details[@class="form"]')
    assert [one.get("open") is not None for one in forms] == [True, False]
    assert [one.get("href") for one in page.xpath('//a[starts-with(@href, "#form")]')] == [
        f"#{one.get('id')}" for one in forms
    ]
    assert _tables(page, "terms")[1] == ["AE.AEOUT", "gone", "1", "ae.csv row 7", "sdtm/ae.yaml:14"]


def test_an_empty_report_says_that_nothing_is_there():
    page = lxml.html.fromstring(render_index(Report("S", "T", "C")))
    assert [_text(one) for one in page.xpath('//main//p[@class="none"]')] == [
        "No dataset was written.", "Nothing was found.", "Every collected term was mapped.",
        "No raw form was read.",
    ]  # fmt: skip
    assert _text(page.xpath('//div[@class="status clean"]/strong')[0]) == "Complete"


@pytest.fixture
def hostile():
    line = LedgerUse(HOSTILE, HOSTILE, 1, HOSTILE)
    return Report(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        datasets=(DatasetLine(HOSTILE, HOSTILE, 1, 1, "javascript:" + HOSTILE, HOSTILE),),
        findings=(
            Diagnostic("CT001", HOSTILE, Span(HOSTILE, 1, 1, 2, HOSTILE), (HOSTILE,), HOSTILE,
                       HOSTILE, HOSTILE, HOSTILE, 1),
        ),
        ledger=(
            LedgerForm(HOSTILE, HOSTILE, 1, (line,), (line,),
                       (LedgerField(HOSTILE, (HOSTILE,), HOSTILE),)),
        ),
        terms=(UnmappedTerm(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE),),
        documents=(DocumentLine(HOSTILE, "javascript:alert(1)"),),
        standards=(HOSTILE,),
    )  # fmt: skip


def test_hostile_values_stay_text(hostile):
    for html in (render_index(hostile), render_findings_html(hostile.findings, title=HOSTILE)):
        page = lxml.html.fromstring(html)
        assert page.xpath("//script | //img | //@onerror | //link | //iframe") == []
        assert HOSTILE in page.text_content()
        assert "<script" not in html
        assert all(not href.startswith("javascript:") for href in page.xpath("//@href"))


def test_the_page_loads_nothing(report):
    html = render_index(report)
    page = lxml.html.fromstring(html)
    assert page.xpath("//@src | //link | //script | //iframe | //object") == []
    assert re.findall(r"url\(|@import|https?:", html) == []


def test_the_page_is_accessible_by_structure(report):
    page = lxml.html.fromstring(render_index(report))
    assert page.get("lang") == "en"
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    anchors = [one.removeprefix("#") for one in page.xpath("//nav//@href")]
    assert set(anchors) <= set(ids)
    assert all(one.get("scope") for one in page.iter("th"))


def _luminance(colour):
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_its_ground_as_wcag_asks(report):
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", render_index(report)))
    pairs = [(name, "wash") for name in ("ink", "soft", "link")]
    pairs += [(name, f"{name}-wash") for name in ("error", "warning", "note", "clean")]
    for ink, ground in pairs:
        dark, light = sorted((_luminance(colours[ink]), _luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_same_report_gives_the_same_bytes(report):
    assert render_index(report) == render_index(dataclasses.replace(report))


def test_findings_alone_are_a_page(findings):
    page = lxml.html.fromstring(render_findings_html(findings, title="Findings of STUDY01"))
    assert _text(page.find("body/header/h1")) == "Findings of STUDY01"
    assert len(page.xpath('//details[@class="finding"]')) == len(findings)
