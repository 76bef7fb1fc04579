"""Imputation beyond the first and the last day: mid, literals, years, and bounds."""

import datetime as dt

import pytest

from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, evaluation, read_delivery, resolve_with

FORMS = "'y-m-d H:M:S' 'y-m-d H:M' 'y-m-d H' 'y-m-d' 'y-m' 'y' 'd-mmm-y' unknown 'UN'"


def study(folder, records, lines):
    """Write the study of lines (type, expression); each field is read as a dtc of its name."""
    fields = {name: ("dtc", f"f.{name} | iso {FORMS}") for one in records for name in one}
    return evaluation(folder, records, {**fields, **lines})


def run(folder, records, lines, *names):
    table = build(study(folder, records, lines)).tables["AE"]
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def imputed(folder, texts, kind, how):
    stem = "ASTDT" if kind == "date" else "ASTDTM"
    names = [stem, *(["ASTDTF"] if " date" in f" {how}" else [])]
    names += ["ASTTMF"] if "time" in how else []
    records = [{"DTC": text} for text in texts]
    return run(folder, records, {stem: (kind, f"DTC | impute {how}")}, *names)


def day(text):
    return dt.date.fromisoformat(text)


def at(text):
    return dt.datetime.fromisoformat(text)


def test_mid_is_the_fifteenth_and_the_end_of_june(tmp_path):
    found = imputed(tmp_path, ["2026-05-03", "2026-05", "2026", ""], "date", "date mid from month")

    assert found == [
        (day("2026-05-03"), None),
        (day("2026-05-15"), "D"),
        (day("2026-06-30"), "M"),
        (None, None),
    ]


def test_a_literal_gives_month_and_day_and_ends_with_the_month(tmp_path):
    found = imputed(tmp_path, ["2026", "2026-03", "2026-02"], "date", "date '06-30' from month")

    assert found == [
        (day("2026-06-30"), "M"),
        (day("2026-03-30"), "D"),
        (day("2026-02-28"), "D"),
    ]


def test_a_literal_time_fills_the_parts_that_are_missing(tmp_path):
    found = imputed(
        tmp_path,
        ["2026-05-03 08:15", "2026-05-03 08", "2026-05-03"],
        "datetime",
        "time '12:34:56'",
    )

    assert found == [
        (at("2026-05-03 08:15:56"), "S"),
        (at("2026-05-03 08:34:56"), "M"),
        (at("2026-05-03 12:34:56"), "H"),
    ]


def test_a_time_is_filled_from_the_highest_part_that_may_be(tmp_path):
    texts = ["2026-05-03 08:15", "2026-05-03 08", "2026-05-03"]

    minute = imputed(tmp_path / "1", texts, "datetime", "time last from minute")
    second = imputed(tmp_path / "2", texts, "datetime", "time last from second")

    assert minute == [
        (at("2026-05-03 08:15:59"), "S"),
        (at("2026-05-03 08:59:59"), "M"),
        (None, None),
    ]
    assert second == [(at("2026-05-03 08:15:59"), "S"), (None, None), (None, None)]


def test_seconds_that_were_never_collected_are_not_flagged(tmp_path):
    found = imputed(
        tmp_path,
        ["2026-05-03 08:15", "2026-05-03 08"],
        "datetime",
        "time first seconds unflagged",
    )

    assert found == [(at("2026-05-03 08:15:00"), None), (at("2026-05-03 08:00:00"), "M")]


def test_a_missing_year_is_the_bound(tmp_path):
    lines = {
        "TRTSDT": ("date", "B | date"),
        "ASTDT": ("date", "A | impute date first from year not before TRTSDT"),
    }
    records = [
        {"A": "", "B": "2026-05-10"},
        {"A": "", "B": ""},
        {"A": "14-May-UN", "B": "2026-05-10"},
        {"A": "2026", "B": "2026-05-10"},
        {"A": "2025", "B": "2026-05-10"},
    ]

    assert run(tmp_path, records, lines, "ASTDT", "ASTDTF") == [
        (day("2026-05-10"), "Y"),
        (None, None),
        (day("2026-05-10"), "Y"),
        (day("2026-05-10"), "M"),
        (day("2025-01-01"), "M"),
    ]


def test_of_several_bounds_those_that_are_possible_count(tmp_path):
    lines = {
        "B1": ("date", "B | date"),
        "C1": ("date", "C | date"),
        "ASTDT": ("date", "A | impute date first from month not before B1 C1"),
        "AENDT": ("date", "A | impute date last from month not after B1 C1"),
    }
    records = [
        {"A": "2020-11", "B": "2020-12-06", "C": "2020-11-11"},
        {"A": "2020-12", "B": "2020-12-06", "C": "2020-11-11"},
        {"A": "2020", "B": "2020-12-06", "C": "2020-11-11"},
        {"A": "2020", "B": "", "C": "2020-11-11"},
        {"A": "2021", "B": "2020-12-06", "C": "2020-11-11"},
    ]

    assert run(tmp_path, records, lines, "ASTDT", "AENDT") == [
        (day("2020-11-11"), day("2020-11-11")),
        (day("2020-12-06"), day("2020-12-06")),
        (day("2020-12-06"), day("2020-11-11")),
        (day("2020-11-11"), day("2020-11-11")),
        (day("2021-01-01"), day("2021-12-31")),
    ]


def test_a_date_bounds_a_time_by_its_first_and_its_last_second(tmp_path):
    lines = {
        "TRTSDTM": ("datetime", "B | impute time first"),
        "TRTEDT": ("date", "B | date"),
        "ASTDTM": ("datetime", "A | impute time first not before TRTSDTM"),
        "AENDTM": (
            "datetime",
            "A | impute date last from month time last not after TRTEDT",
        ),
    }
    records = [
        {"A": "2026-05-03", "B": "2026-05-03 08:15"},
        {"A": "2026-05-03 07", "B": "2026-05-03 08:15"},
        {"A": "2026-05", "B": "2026-05-03 08:15"},
    ]

    assert run(tmp_path, records, lines, "ASTDTM", "ASTTMF", "AENDTM", "AENDTF") == [
        (at("2026-05-03 08:15:00"), "H", at("2026-05-03 23:59:59"), None),
        (at("2026-05-03 07:00:00"), "M", at("2026-05-03 07:59:59"), None),
        (None, None, at("2026-05-03 23:59:59"), "D"),
    ]


def test_start_and_end_are_imputed_jointly(tmp_path):
    lines = {
        "TRTSDT": ("date", "T | date"),
        "ASTDT": (
            "date",
            (
                "S | impute date first from month not before TRTSDT"
                " not after (E | impute date last from month)"
            ),
        ),
        "AENDT": ("date", "E | impute date last from month not before ASTDT"),
    }
    records = [
        {"S": "2026-05", "E": "2026-05-10", "T": "2026-05-15"},  # it ended before treatment
        {"S": "2026-05", "E": "2026-06", "T": "2026-05-15"},
        {"S": "2026-05-20", "E": "2026-05", "T": "2026-05-15"},
        {"S": "2026", "E": "2026", "T": "2025-05-15"},
    ]

    assert run(tmp_path, records, lines, "ASTDT", "AENDT") == [
        (day("2026-05-10"), day("2026-05-10")),
        (day("2026-05-15"), day("2026-06-30")),
        (day("2026-05-20"), day("2026-05-31")),
        (day("2026-01-01"), day("2026-12-31")),
    ]


@pytest.mark.parametrize(
    "how",
    [
        "date '02-30' from month",
        "date middle from month",
        "date first",
        "date first from hour time first",
        "date first from year",
        "date last from year not before DTC2",
        "from month time first",
        "time '25:00:00'",
        "time mid",
        "date first from minute",
    ],
)
def test_what_says_too_little_or_something_impossible_is_a_mistake(tmp_path, how):
    lines = {"DTC2": ("date", "DTC | date"), "ASTDTM": ("date", f"DTC | impute {how}")}
    with pytest.raises(SpecError) as error:
        build(study(tmp_path, [{"DTC": "2026"}], lines))

    assert "SPEC012" in {one.code for one in error.value.diagnostics}


def test_it_says_all_of_it(tmp_path):
    lines = {
        "TRTSDT": ("date", "DTC | date"),
        "ASTDT": ("date", "DTC | impute date '06-15' from month not before TRTSDT"),
        "AENDTM": ("datetime", "DTC | impute time last from minute seconds unflagged"),
    }
    folder = study(tmp_path, [{"DTC": "2026"}], lines)
    loaded = load_study(folder)
    program = resolve_with(loaded, read_delivery(loaded, folder / "raw"))
    plan = program.datasets["AE"]
    names = ("ASTDT", "ASTDTF", "AENDTM", "AENTMF")

    assert {one: method_text(plan, plan.variables[one]) for one in names} == {
        "ASTDT": "The date of DTC; where the day is missing, day 15, or the last of a shorter"
        " month, is used; where the month is missing, 06-15 (month-day); what is imputed is never"
        " earlier than TRTSDT where that is a possible value of the partial date.",
        "ASTDTF": "The highest part of the date of DTC that was imputed: 'Y' (year), 'M' (month)"
        " or 'D' (day).",
        "AENDTM": "The date and time of DTC; where the minute is missing, that of 23:59:59 is"
        " used; missing where a part above the minute is missing.",
        "AENTMF": "The highest part of the time of DTC that was imputed: 'H' (hour), 'M' (minute).",
    }
