"""Findings of all origins: explained, compared with the run before, written for all readers."""

import datetime as dt
import json

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from cdisc.diagnostics import Diagnostic
from cdisc.resources import specs_root
from cdisc.spec.study import ExplanationBlock
from cdisc.validate import reports
from cdisc.validate.findings import (
    compared_with,
    explain_findings,
    from_diagnostic,
    hidden,
    in_order,
    to_json,
    without_repeats,
)
from cdisc.validate.rules import Finding

DAY = dt.date(2026, 6, 1)
FATAL = Finding(
    "AE-03", "error", "the outcome is fatal and AESDTH is not Y", "AE", "AEOUT", 2, 1, (2, 5),
    ('USUBJID "A"',), ('AEOUT "=FATAL"<script>: 2 records',), "AESDTH = 'Y'",
    place="S1/sdtm/ae.yaml:7", fields=("ae.AEOUT",), pages=("12",), source="SDTMIG 3.4, 6.2.1",
)  # fmt: skip
LACKS = Finding("PK-02", "reject", "the package has no dataset TS", "TS")
NOTE = Finding("TE-04", "notice", "an element is in no arm", "TE", "ETCD", 1, 0, (1,))


def block(**more):
    return ExplanationBlock(finding="AE-03", because="The site is asked", **more)


@pytest.mark.parametrize(
    ("given", "explained"),
    [
        (block(), True),
        (block(where="AE", records=2), True),
        (block(where="AE.AEOUT", says="is not Y", by="DM", until="2026-06-01"), True),
        (block(fingerprint=FATAL.fingerprint), True),
        (block(fingerprint="AE-03/AE/AEOUT/another cause"), False),
        (block(where="CM"), False),
        (block(records=1), False),
        (block(until="2026-05-31"), False),
        (block(says="HOSPITAL"), False),
    ],
)
def test_an_explanation_holds_for_the_finding_that_it_describes_and_until_its_day(given, explained):
    (found,), vain, over = explain_findings([FATAL], [given], DAY)

    assert bool(found.explained) is explained
    assert (given in vain, given in over) == (
        not explained and given.until is None,
        given.until == "2026-05-31",
    )


def test_findings_are_new_changed_the_same_or_gone_against_the_run_before():
    before = json.loads(json.dumps([to_json(one) for one in (FATAL, LACKS, NOTE)]))
    now = [FATAL, Finding(**{**_parts(NOTE), "records": 3}), Finding("X-1", "error", "new")]

    found = compared_with(now, before)

    assert [(one.code, one.status) for one in found] == [
        ("AE-03", "same"),
        ("TE-04", "changed"),
        ("X-1", "new"),
        ("PK-02", "gone"),
    ]
    # what is gone is not gone again
    again = compared_with(now, json.loads(json.dumps([to_json(one) for one in found])))
    assert [one.code for one in again if one.status == "gone"] == []


def _parts(one):
    return {name: value for name, value in to_json(one).items() if name != "fingerprint"}


def test_a_rule_is_silent_where_a_check_has_said_the_same():
    check = from_diagnostic(
        Diagnostic("SDTM019", '"AEENDTC" is before', dataset="AE", variable="AEENDTC", records=2)
    )
    rule = Finding("TM-10", "warning", "the end is before the start", "AE", "AEENDTC", 2)
    other = Finding("TM-10", "warning", "the end is before the start", "CM", "CMENDTC", 2)
    more = Finding("TM-10", "warning", "the end is before the start", "AE", "AEENDTC", 3)

    assert without_repeats([check, rule, other], {"TM-10": ("SDTM019",)}) == (check, other)
    assert without_repeats([check, more], {"TM-10": ("SDTM019",)}) == (check, more)


def test_a_check_has_the_severity_of_its_code_and_reject_where_an_agency_refuses():
    codes = ("XPT031", "SDTM002", "SDTM019", "CT003")
    severities = [from_diagnostic(Diagnostic(code, "fact")).severity for code in codes]

    assert severities == ["reject", "error", "warning", "notice"]


@pytest.fixture
def validation():
    gone = Finding("X-1", "error", "gone", status="gone")
    explained = Finding("X-2", "error", "stays", "AE", explained="Because (DM)", status="same")
    return reports.Validation(
        "pkg",
        in_order([NOTE, gone, explained, FATAL, LACKS]),
        (("AE", "Adverse Events", 10, 5),),
        ("SDTMIG 3.4",),
        422,
        "0.1.0",
    )


def test_only_open_findings_count_and_decide_whether_the_run_fails(validation):
    assert validation.counts() == {"reject": 1, "error": 1, "warning": 0, "notice": 1}
    quiet = reports.Validation("p", (NOTE,), (), (), 0, "")
    fails = [quiet.fails(one) for one in ("reject", "error", "warning", "notice")]
    assert fails == [False, False, False, True]


def test_the_text_tells_where_how_many_and_from_what(validation):
    assert reports.render_text(validation) == (
        "reject[PK-02]: the package has no dataset TS\n"
        "  --> TS\n"
        "\n"
        "error[AE-03]: the outcome is fatal and AESDTH is not Y\n"
        "  --> AE.AEOUT: 2 records of 1 subject, first 2, 5\n"
        '  = key: USUBJID "A"\n'
        '  = found: AEOUT "=FATAL"<script>: 2 records\n'
        "  = expected: AESDTH = 'Y'\n"
        "  = made by: S1/sdtm/ae.yaml:7\n"
        "  = fields: ae.AEOUT\n"
        "  = pages: 12\n"
        "  = source: SDTMIG 3.4, 6.2.1\n"
        "\n"
        "notice[TE-04]: an element is in no arm\n"
        "  --> TE.ETCD: 1 record, first 1\n"
        "\n"
        "explained error[X-2] AE: stays: Because (DM)\n"
        "\n"
        "gone error[X-1] : gone\n"
        "\n"
        "1 reject, 1 error, 0 warning, 1 notice; 1 explained\n"
        "1 datasets, 10 records, 422 rules, SDTMIG 3.4\n"
    )


def test_the_json_is_what_its_published_schema_says(validation):
    schema = json.loads((specs_root() / "schema" / "validation.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)

    report = json.loads(reports.render_json(validation))

    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    assert [one["code"] for one in report["findings"]] == ["PK-02", "AE-03", "X-2", "TE-04", "X-1"]


def test_sarif_points_at_the_line_and_suppresses_what_is_explained(validation):
    run = json.loads(reports.render_sarif(validation))["runs"][0]

    results = {one["ruleId"]: one for one in run["results"]}
    assert sorted(results) == ["AE-03", "PK-02", "TE-04", "X-2"]
    assert results["AE-03"]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "S1/sdtm/ae.yaml"},
        "region": {"startLine": 7},
    }
    assert results["X-2"]["suppressions"] == [{"kind": "external", "justification": "Because (DM)"}]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == [
        run["results"][at]["ruleId"] for at in range(4)
    ]


def test_the_workbook_has_a_sheet_a_severity_with_filters_and_no_formula(validation, tmp_path):
    path = tmp_path / "findings.xlsx"
    reports.write_workbook(validation, path)

    book = openpyxl.load_workbook(path)

    assert book.sheetnames == ["Summary", "reject", "error", "warning", "notice"]
    assert book["error"].auto_filter.ref == "A1:S4"
    assert [cell.value for cell in book["error"]["A"]] == ["Rule", "AE-03", "X-2", "X-1"]
    links = [cell.hyperlink.location for cell in book["Summary"]["A"] if cell.hyperlink]
    assert links == ["'reject'!A1", "'error'!A1", "'warning'!A1", "'notice'!A1"]
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in kinds


def test_the_page_is_one_file_and_takes_no_value_for_markup(validation):
    page = reports.render_html(validation)

    assert "<script>: 2 records" not in page
    assert "&lt;script&gt;: 2 records" in page
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<tr data-dataset=") == 5


def test_hidden_values_are_in_no_report(validation, tmp_path):
    shown = reports.Validation("p", hidden(validation.findings), (), (), 0, "")

    for render in (
        reports.render_text, reports.render_json, reports.render_html, reports.render_sarif,
    ):  # fmt: skip
        assert "=FATAL" not in render(shown)
    reports.write_workbook(shown, tmp_path / "findings.xlsx")
    cells = [
        cell.value
        for sheet in openpyxl.load_workbook(tmp_path / "findings.xlsx")
        for row in sheet
        for cell in row
    ]
    assert not any("FATAL" in str(value) for value in cells)
