import json
from pathlib import Path

import pytest

from cdisc.report import (
    Report,
    render_counts,
    render_findings_json,
    render_findings_text,
    render_ledger_text,
    without_values,
)

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["ledger.txt", "findings.txt"])
def test_text_equals_the_golden_file(report, name):
    expected = (GOLDEN / name).read_text(encoding="utf-8")
    render = {
        "ledger.txt": lambda: render_ledger_text(report),
        "findings.txt": lambda: render_findings_text(report.findings),
    }
    assert render[name]() == expected


def test_an_empty_report_is_its_study_and_its_counts():
    report = Report("S", "", "2026-01-31T12:00:00")
    assert render_ledger_text(report) == "S\n\n0 errors, 0 warnings, 0 notes\n"
    assert render_findings_text(()) == "0 errors, 0 warnings, 0 notes\n"
    assert render_counts(()) == "0 errors, 0 warnings, 0 notes"


def test_json_is_a_list_of_what_each_finding_says_of_itself(findings):
    assert json.loads(render_findings_json(findings)) == [
        json.loads(json.dumps(one.to_json())) for one in findings
    ]
    assert json.loads(render_findings_json(())) == []


def test_json_keeps_letters_of_every_script(findings):
    assert "白血病" in render_findings_json(
        tuple(type(one)(one.code, "白血病", dataset="AE") for one in findings)
    )


def test_values_can_be_kept_out(report):
    hidden = report.without_values()
    for text in (
        render_findings_text(hidden.findings),
        render_findings_json(hidden.findings),
        render_ledger_text(hidden),
    ):
        assert not any(value in text for value in ("mild", 'Sever"', "gone", "did you mean"))
    kept = [(one.code, one.records, one.expected) for one in report.findings]
    assert [(one.code, one.records, one.expected) for one in hidden.findings] == kept
    assert without_values(report.findings) == hidden.findings


def test_the_status_is_the_gravest_of_all(report, findings):
    note, closed, _ = findings
    plain = Report("S", "T", "C")
    assert report.status == "errors"
    assert Report("S", "T", "C", findings=(note, closed)).status == "errors"
    assert Report("S", "T", "C", findings=(note,)).status == "clean"
    assert Report("S", "T", "C", terms=report.terms).status == "warnings"
    assert Report("S", "T", "C", ledger=report.ledger).status == "errors"
    assert plain.status == "clean"
