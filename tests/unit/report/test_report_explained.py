import dataclasses
import datetime as dt

from cdisc.diagnostics import Span
from cdisc.explained import explain
from cdisc.report import render_counts, render_findings_html, render_index
from cdisc.spec.study import ExplanationBlock

DAY = dt.date(2026, 7, 1)


def explanations(*blocks):
    return [
        (ExplanationBlock(**block), Span("S/explained.yaml", line, 14, 20))
        for line, block in enumerate(blocks, start=2)
    ]


def said(findings, *blocks, day=DAY):
    return [
        (one.code, one.variable, one.explained)
        for one in explain(findings, explanations(*blocks), day)
    ]


def test_a_finding_is_explained_by_its_code_and_place(findings):
    assert said(
        findings,
        {"finding": "CT001", "where": "AE.AESEV", "because": "Typed so", "by": "DM"},
        {"finding": "SDTM018", "because": "No DM yet"},
    ) == [
        ("SDTM009", "AETERM", None),
        ("CT001", "AESEV", "Typed so (DM)"),
        ("SDTM018", None, "No DM yet"),
    ]


def test_an_explanation_of_another_place_text_or_number_explains_nothing(findings):
    for block in (
        {"where": "AE.AETERM"},
        {"where": "CM"},
        {"says": "severe"},
        {"records": 14},
    ):
        found = said(findings, {"finding": "CT001", "because": "no", **block})
        assert [one[0] for one in found] == ["SDTM009", "CT001", "SDTM018", "DATA036"]
        assert {one[2] for one in found} == {None}


def test_dataset_text_and_number_of_an_explanation_narrow_it(findings):
    block = {"where": "AE", "says": "Sever", "records": 15}
    found = said(findings, {"finding": "CT001", "because": "yes", **block})
    assert found[1] == ("CT001", "AESEV", "yes")
    assert len(found) == 3


def test_an_explanation_holds_through_its_last_day(findings):
    block = {"finding": "CT001", "because": "asked", "until": "2026-07-01"}
    assert said(findings, block)[1][2] == "asked"
    later = said(findings, block, day=dt.date(2026, 7, 2))
    assert later[1] == ("CT001", "AESEV", None)
    assert later[3] == ("DATA037", None, None)


def test_explained_findings_are_counted_apart(findings):
    ours = explain(findings, explanations({"finding": "CT001", "because": "x"}), DAY)
    assert render_counts(ours) == "2 errors (1 explained), 0 warnings, 1 note"


def test_the_page_shows_reasons_and_what_waits_first(findings):
    ours = explain(
        (findings[1], findings[2]), explanations({"finding": "CT001", "because": "A < B"}), DAY
    )
    page = render_findings_html(ours)
    assert page.index("SDTM018") < page.index("CT001")
    assert '<span class="badge explained">explained</span> A &lt; B</span>' in page


def test_a_package_whose_findings_are_all_explained_is_ready(report):
    blocks = [{"finding": one.code, "because": "looked at"} for one in report.findings]
    ours = explain(report.findings, explanations(*blocks), DAY)
    clean = dataclasses.replace(report, findings=ours, ledger=(), terms=())
    assert clean.status == "clean"
    assert "Not ready to submit" not in render_index(clean)
