import pytest

from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import evaluate, evaluation, read_delivery, resolve_with

READ = "f.{} | iso 'y-m-d H:M:S' 'y-m-d H:M' 'y-m-d' 'y-m' 'y'"


def between(folder, pairs, call):
    """Return the value of a call of S and E for each pair of dates."""
    found = evaluate(
        folder,
        [{"S": start, "E": end} for start, end in pairs],
        {
            "ASTDTC": ("dtc", READ.format("S")),
            "AENDTC": ("dtc", READ.format("E")),
            "ASTDT": ("date", "date(ASTDTC)"),
            "AENDT": ("date", "date(AENDTC)"),
            "ASTDTM": ("datetime", "ASTDTC | impute time first"),
            "AENDTM": ("datetime", "AENDTC | impute time first"),
            "R": ("number", call),
        },
    )
    return found["R"]


PAIRS = [
    ("2026-01-01", "2026-01-01"),
    ("2026-01-01", "2026-01-07"),
    ("2026-01-07", "2026-01-01"),
    ("2026-01", "2026-01-07"),
    ("2026-01-01", ""),
    ("2026-01-01 23:59", "2026-01-02 00:01"),
]


@pytest.mark.parametrize("ends", ["ASTDT, AENDT", "ASTDTC, AENDTC", "ASTDTM, AENDTM"])
def test_a_duration_counts_both_days(tmp_path, ends):
    assert between(tmp_path, PAIRS, f"duration({ends}, 'days')") == [1, 7, -6, None, None, 2]


def test_elapsed_days_count_the_first_day_not(tmp_path):
    assert between(tmp_path, PAIRS, "elapsed(ASTDT, AENDT, 'days')") == [0, 6, -6, None, None, 1]


def test_weeks_months_and_years_have_their_mean_length(tmp_path):
    pairs = [("2025-01-01", "2025-12-31")]  # 365 days, both counted

    found = {
        unit: between(tmp_path / unit, pairs, f"duration(ASTDT, AENDT, '{unit}')")
        for unit in ("weeks", "months", "years")
    }

    assert found == {"weeks": [365 / 7], "months": [365 / 30.4375], "years": [365 / 365.25]}


def test_hours_minutes_and_seconds_elapse_between_times(tmp_path):
    pairs = [
        ("2026-01-01 08:00", "2026-01-02 09:30"),
        ("2026-01-01 08:00", "2026-01-01 07:00"),
        ("2026-01-01", "2026-01-02 09:30"),
        ("", "2026-01-02 09:30"),
    ]

    hours = between(tmp_path / "1", pairs, "elapsed(ASTDTC, AENDTC, 'hours')")
    minutes = between(tmp_path / "2", pairs, "elapsed(ASTDTC, AENDTC, 'minutes')")
    seconds = between(tmp_path / "3", pairs, "elapsed(ASTDTM, AENDTM, 'seconds')")

    assert hours == [25.5, -1, None, None]
    assert minutes == [1530, -60, None, None]
    assert seconds == [91800, -3600, 33.5 * 3600, None]


def test_completed_units_are_those_of_the_calendar(tmp_path):
    pairs = [
        ("2000-02-29", "2021-02-28"),
        ("2000-02-29", "2021-03-01"),
        ("2026-01-31", "2026-02-28"),
        ("2026-01-15", "2026-03-15"),
        ("2026-03-15", "2026-01-16"),
        ("2026-01", "2026-03-15"),
    ]

    years = between(tmp_path / "1", pairs, "completed(ASTDT, AENDT, 'years')")
    months = between(tmp_path / "2", pairs, "completed(ASTDT, AENDT, 'months')")
    weeks = between(tmp_path / "3", pairs[2:5], "completed(ASTDT, AENDT, 'weeks')")

    assert years == [20, 21, 0, 0, 0, None]
    assert months == [251, 252, 0, 2, -1, None]
    assert weeks == [4, 8, -8]


@pytest.mark.parametrize(
    ("call", "code", "help_"),
    [
        ("duration(ASTDT, AENDT, 'hours')", "SPEC012", "elapsed(START, END, 'hours')"),
        ("duration(ASTDT, AENDT, 'day')", "SPEC012", None),
        ("duration(ASTDT, AENDT)", "SPEC012", None),
        ("elapsed(ASTDT, AENDT, 'hours')", "SPEC014", None),
        ("completed(ASTDT, 5, 'years')", "SPEC014", None),
    ],
)
def test_a_unit_that_is_none_or_does_not_fit_is_a_mistake(tmp_path, call, code, help_):
    with pytest.raises(SpecError) as error:
        between(tmp_path, PAIRS, call)

    assert {one.code for one in error.value.diagnostics} == {code}
    assert help_ is None or help_ in str(error.value)


def test_each_says_how_it_counts(tmp_path):
    calls = {
        "A": "duration(ASTDT, AENDT, 'months')",
        "B": "elapsed(ASTDT, AENDT, 'days')",
        "C": "completed(ASTDT, AENDT, 'years')",
    }
    lines = {
        "ASTDT": ("date", READ.format("S") + " | date"),
        "AENDT": ("date", READ.format("E") + " | date"),
        **{name: ("number", call) for name, call in calls.items()},
    }
    folder = evaluation(tmp_path, [{"S": "", "E": ""}], lines)
    loaded = load_study(folder)
    program = resolve_with(loaded, read_delivery(loaded, folder / "raw"))
    plan = program.datasets["AE"]

    assert {one: method_text(plan, plan.variables[one]) for one in calls} == {
        "A": "The duration from ASTDT to AENDT in months: the number of days from ASTDT to AENDT,"
        " plus 1 unless AENDT is before ASTDT, divided by 30.4375.",
        "B": "The days elapsed from ASTDT to AENDT: the number of days.",
        "C": "The completed calendar years from ASTDT to AENDT.",
    }
