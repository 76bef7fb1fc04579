import datetime as dt

import pytest

from cdisc.diagnostics import Diagnostic
from cdisc.validate.dates import check_dates, check_periods
from cdisc.validate.study_days import check_study_days

DATE = {"described_value_domain": "ISO 8601 datetime or interval"}
SHOWN = (
    "AESTDTC - RFSTDTC, plus 1 from RFSTDTC on (shown: AESTDY, the day expected, AESTDTC, RFSTDTC)"
)


def test_dates_durations_and_intervals_pass(make_facts):
    facts = make_facts(
        "AE",
        {"AESTDTC": ["2026-05", "2026---14", None, "2026-01-01/P3D"],
         "AEDUR": ["P3D", None, "PT1H", "P1W"],
         "AEEVLINT": ["P3D", "2026-01-01/2026-02-01", None, None]},
        standard={"AESTDTC": DATE, "AEDUR": {"described_value_domain": "ISO 8601 duration"},
                  "AEEVLINT": {"described_value_domain": "ISO 8601 duration or interval"}},
    )  # fmt: skip
    assert check_dates(facts) == []


def test_malformed_and_impossible_dates_are_two_findings(make_facts):
    facts = make_facts(
        "AE",
        {"AESTDTC": ["2026-02-30", "14MAY2026", "2026-02-30", "P3D", "2026-05-14", None]},
        standard={"AESTDTC": DATE},
    )
    assert check_dates(facts) == [
        Diagnostic(
            "SDTM028",
            '"AESTDTC" has values that are not ISO 8601',
            found=('"14MAY2026": record 2', '"P3D": record 4'),
            expected="ISO 8601 datetime or interval",
            dataset="AE",
            variable="AESTDTC",
            records=2,
        ),
        Diagnostic(
            "SDTM038",
            '"AESTDTC" has dates or times that do not exist',
            found=('"2026-02-30": 2 records, first 1',),
            expected="ISO 8601 datetime or interval",
            dataset="AE",
            variable="AESTDTC",
            records=2,
        ),
    ]


def test_a_date_is_no_duration(make_facts):
    facts = make_facts(
        "AE", {"AEDUR": ["2026-05-14", "3 days"]},
        standard={"AEDUR": {"described_value_domain": "ISO 8601 duration"}},
    )  # fmt: skip
    assert [(one.code, one.records) for one in check_dates(facts)] == [("SDTM028", 2)]


def test_columns_without_values_pass(make_facts):
    for values in ([], [None, None]):
        facts = make_facts(
            "AE",
            {"USUBJID": values, "AESTDTC": values, "AEENDTC": values, "AESTDY": values},
            kinds={"USUBJID": "text", "AESTDTC": "text", "AEENDTC": "text", "AESTDY": "number"},
            standard={"AESTDTC": DATE},
        )
        subjects = make_facts("DM", {"USUBJID": ["1"], "RFSTDTC": ["2026"]}).dataset
        assert check_dates(facts) == []
        assert check_periods(facts) == []
        assert check_study_days(facts, subjects) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-14", "2026-05-14"),
        ("2026-05-14T10:00", "2026-05-14"),
        ("2026-05-14", "2026-05"),
        ("2026-12-31", "2026"),
        ("2026-05-14T10:00+08:00", "2026-05-14T03:00Z"),
        ("2026---14", "2026-01"),
        ("bad", "2026"),
        ("2026", None),
    ],
)
def test_an_end_that_may_be_on_or_after_its_start_passes(make_facts, start, end):
    facts = make_facts("AE", {"AESTDTC": [start], "AEENDTC": [end]}, kinds={"AEENDTC": "text"})
    assert check_periods(facts) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-14", "2026-05-13"),
        ("2026-05-14T10:00", "2026-05-14T09:59"),
        ("2026-06", "2026-05-31"),
        ("2026-01-01", "2025"),
    ],
)
def test_an_end_that_is_certainly_before_its_start_is_found(make_facts, start, end):
    facts = make_facts("AE", {"AESTDTC": ["2026", start], "AEENDTC": ["2026", end]})
    assert check_periods(facts) == [
        Diagnostic(
            "SDTM019",
            '"AEENDTC" is before "AESTDTC"',
            found=(f'"{start}", "{end}": record 2',),
            expected="AEENDTC on or after AESTDTC",
            dataset="AE",
            variable="AEENDTC",
            records=1,
        )
    ]


def test_the_date_of_collection_starts_a_period_only_where_nothing_else_does(make_facts):
    backwards = {"LBDTC": ["2026-05-14"], "LBENDTC": ["2026-05-13"]}
    assert [one.code for one in check_periods(make_facts("LB", backwards))] == ["SDTM019"]
    event = {"AEDTC": ["2026-05-14"], "AESTDTC": ["2026-05-01"], "AEENDTC": ["2026-05-13"]}
    assert check_periods(make_facts("AE", event)) == []


def test_analysis_dates_compare_as_dates(make_facts):
    facts = make_facts(
        "ADSL",
        {"TRTSDT": [dt.date(2026, 5, 14), None, dt.date(2026, 5, 14)],
         "TRTEDT": [dt.date(2026, 5, 13), dt.date(2026, 5, 13), dt.date(2026, 5, 14)]},
        kinds={"TRTSDT": "date", "TRTEDT": "date"},
        kind="adam",
    )  # fmt: skip
    assert check_periods(facts) == [
        Diagnostic(
            "ADAM019",
            '"TRTEDT" is before "TRTSDT"',
            found=("2026-05-14, 2026-05-13: record 1",),
            expected="TRTEDT on or after TRTSDT",
            dataset="ADSL",
            variable="TRTEDT",
            records=1,
        )
    ]


def _events(make_facts, dates, days, kind="number"):
    facts = make_facts(
        "AE",
        {"USUBJID": ["1"] * len(dates), "AESTDTC": dates, "AESTDY": days},
        kinds={"AESTDY": kind},
    )
    subjects = make_facts("DM", {"USUBJID": ["2", "1"], "RFSTDTC": ["2025", "2026-05-14T08:00"]})
    return check_study_days(facts, subjects.dataset)


def test_days_count_up_from_1_and_down_from_minus_1(make_facts):
    dates = ["2026-05-14", "2026-05-15T00:10", "2026-05-13", "2026-05", None, "2025-05-14"]
    assert _events(make_facts, dates, [1, 2, -1, None, None, -365]) == []


def test_a_wrong_day_shows_the_one_that_is_right(make_facts):
    assert _events(make_facts, ["2026-05-15", "2026-05-15", "2026-05-14"], [1, 1, 1]) == [
        Diagnostic(
            "SDTM031",
            '"AESTDY" is not the study day of "AESTDTC"',
            found=('1, 2, "2026-05-15", "2026-05-14T08:00": 2 records, first 1',),
            expected=SHOWN,
            dataset="AE",
            variable="AESTDY",
            records=2,
        )
    ]


def test_day_0_is_found_even_without_subjects(make_facts):
    expected = Diagnostic(
        "SDTM039",
        '"AESTDY" is 0',
        found=("0: record 1",),
        expected="1 on the reference date, -1 on the day before",
        dataset="AE",
        variable="AESTDY",
        records=1,
    )
    assert _events(make_facts, ["2026-05-14"], [0]) == [expected]
    facts = make_facts("AE", {"AESTDTC": ["2026-05-14"], "AESTDY": [0]})
    assert check_study_days(facts, None) == [expected]


def test_a_day_for_a_partial_date_and_a_day_left_out_are_found(make_facts):
    assert _events(make_facts, ["2026-05", "2026-05-14", None], [1, None, 3]) == [
        Diagnostic(
            "SDTM032",
            '"AESTDY" is given although a date is missing or partial',
            found=(
                '1, missing, "2026-05", "2026-05-14T08:00": record 1',
                '3, missing, missing, "2026-05-14T08:00": record 3',
            ),
            expected=SHOWN,
            dataset="AE",
            variable="AESTDY",
            records=2,
        ),
        Diagnostic(
            "SDTM033",
            '"AESTDY" is missing although both dates are complete',
            found=('missing, 1, "2026-05-14", "2026-05-14T08:00": record 2',),
            expected=SHOWN,
            dataset="AE",
            variable="AESTDY",
            records=1,
        ),
    ]


def test_a_subject_without_reference_date_has_no_days(make_facts):
    facts = make_facts("AE", {"USUBJID": ["2", "3"], "AESTDTC": ["2026-05-14"] * 2,
                              "AESTDY": [None, None]}, kinds={"AESTDY": "number"})  # fmt: skip
    subjects = make_facts("DM", {"USUBJID": ["2"], "RFSTDTC": [None]}, kinds={"RFSTDTC": "text"})
    assert check_study_days(facts, subjects.dataset) == []
