import datetime as dt

import pytest

from cdisc.errors import SpecError
from tests.study_builder import build, evaluation

READ = "f.A | iso 'y-m-d H:M:S' 'y-m-d H:M' 'y-m-d H' 'y-m-d' 'y-m' 'y' 'd-mmm-y' unknown 'UN'"


def imputed(folder, texts, kind, how, *names):
    """Return the values of the variable and of its flags, for each text."""
    folder = evaluation(
        folder,
        [{"A": text} for text in texts],
        {"ADTC": ("dtc", READ), names[0]: (kind, f"ADTC | impute {how}")},
    )
    table = build(folder).tables["AE"]
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def day(text):
    return dt.date.fromisoformat(text)


def at(text):
    return dt.datetime.fromisoformat(text)


def test_the_first_day_of_what_is_known_from_the_month_on(tmp_path):
    found = imputed(
        tmp_path,
        ["2026-05-03", "2026-05", "2026", "", "2026-05-03 08:15"],
        "date",
        "date first from month",
        "ASTDT",
        "ASTDTF",
    )

    assert found == [
        (day("2026-05-03"), None),
        (day("2026-05-01"), "D"),
        (day("2026-01-01"), "M"),
        (None, None),
        (day("2026-05-03"), None),
    ]


def test_the_last_day_of_what_is_known_from_the_day_on(tmp_path):
    found = imputed(
        tmp_path,
        ["2024-02", "2026-02", "2026-12", "2026"],
        "date",
        "date last from day",
        "AENDT",
        "AENDTF",
    )

    assert found == [
        (day("2024-02-29"), "D"),
        (day("2026-02-28"), "D"),
        (day("2026-12-31"), "D"),
        (None, None),
    ]


def test_the_last_day_of_the_year_from_the_month_on(tmp_path):
    found = imputed(
        tmp_path, ["2026", "2026-04"], "date", "date last from month", "AENDT", "AENDTF"
    )

    assert found == [(day("2026-12-31"), "M"), (day("2026-04-30"), "D")]


def test_a_date_without_a_year_or_with_a_hole_is_imputed_from_what_is_known(tmp_path):
    found = imputed(
        tmp_path,
        ["14-UN-2026", "14-May-UN", "UN-UN-UN", "14-UN-UN"],
        "date",
        "date first from month",
        "ASTDT",
        "ASTDTF",
    )

    assert found == [(day("2026-01-01"), "M"), (None, None), (None, None), (None, None)]


def test_a_day_that_is_known_without_its_month_may_be_kept(tmp_path):
    texts = ["14-UN-2026", "31-UN-2026", "2026", "2026-05", "2026-05-03", "UN-UN-UN"]
    how = "date {} from month keep day"

    first = imputed(tmp_path / "1", texts, "date", how.format("first"), "ASTDT", "ASTDTF")
    mid = imputed(tmp_path / "2", texts, "date", how.format("mid"), "ASTDT", "ASTDTF")
    last = imputed(tmp_path / "3", texts, "datetime", f"{how} time last".format("last"), "ADTM")

    rest = [(day("2026-05-03"), None), (None, None)]
    assert first == [
        *((day("2026-01-14"), "M"), (day("2026-01-31"), "M"), (day("2026-01-01"), "M")),
        *((day("2026-05-01"), "D"), *rest),
    ]
    assert mid == [
        *((day("2026-06-14"), "M"), (day("2026-06-30"), "M"), (day("2026-06-30"), "M")),
        *((day("2026-05-15"), "D"), *rest),
    ]
    assert last == [
        *((at("2026-12-14 23:59:59"),), (at("2026-12-31 23:59:59"),), (at("2026-12-31 23:59:59"),)),
        *((at("2026-05-31 23:59:59"),), (at("2026-05-03 23:59:59"),), (None,)),
    ]


def test_a_day_is_kept_only_where_a_month_is_filled(tmp_path):
    with pytest.raises(SpecError, match="no month is filled whose day could be kept"):
        imputed(tmp_path, ["2026"], "date", "date first from day keep day", "ASTDT", "ASTDTF")


def test_the_time_is_filled_from_the_part_that_is_missing(tmp_path):
    texts = ["2026-05-03 08:15:30", "2026-05-03 08:15", "2026-05-03 08", "2026-05-03", "2026-05"]

    first = imputed(tmp_path / "1", texts, "datetime", "time first", "ASTDTM", "ASTTMF")
    last = imputed(tmp_path / "2", texts, "datetime", "time last", "ASTDTM", "ASTTMF")

    assert first == [
        (at("2026-05-03 08:15:30"), None),
        (at("2026-05-03 08:15:00"), "S"),
        (at("2026-05-03 08:00:00"), "M"),
        (at("2026-05-03 00:00:00"), "H"),
        (None, None),
    ]
    assert last == [
        (at("2026-05-03 08:15:30"), None),
        (at("2026-05-03 08:15:59"), "S"),
        (at("2026-05-03 08:59:59"), "M"),
        (at("2026-05-03 23:59:59"), "H"),
        (None, None),
    ]


def test_date_and_time_are_filled_together_with_a_flag_each(tmp_path):
    found = imputed(
        tmp_path,
        ["2026", "2026-05", "2026-05-03"],
        "datetime",
        "date last from month time last",
        "AENDTM",
        "AENDTF",
        "AENTMF",
    )

    assert found == [
        (at("2026-12-31 23:59:59"), "M", "H"),
        (at("2026-05-31 23:59:59"), "D", "H"),
        (at("2026-05-03 23:59:59"), None, "H"),
    ]


def test_a_flag_may_be_named(tmp_path):
    found = imputed(
        tmp_path, ["2026-05"], "date", "date first from day flag MYFLAG", "ASTDT", "MYFLAG"
    )

    assert found == [(day("2026-05-01"), "D")]


def test_an_imputed_date_is_moved_to_a_bound_within_its_period_and_no_further(tmp_path):
    texts = ["2026-05", "2026", "2026-04", "2026-06", "2026-05-03"]

    lower = imputed(
        tmp_path / "1",
        texts,
        "date",
        "date first from month not before ('2026-05-10' | iso 'y-m-d' | date)",
        "ASTDT",
        "ASTDTF",
    )
    upper = imputed(
        tmp_path / "2",
        texts,
        "date",
        "date last from month not after ('2026-05-10' | iso 'y-m-d' | date)",
        "AENDT",
        "AENDTF",
    )

    assert lower == [
        (day("2026-05-10"), "D"),
        (day("2026-05-10"), "M"),
        (day("2026-04-01"), "D"),
        (day("2026-06-01"), "D"),
        (day("2026-05-03"), None),
    ]
    assert upper == [
        (day("2026-05-10"), "D"),
        (day("2026-05-10"), "M"),
        (day("2026-04-30"), "D"),
        (day("2026-06-30"), "D"),
        (day("2026-05-03"), None),
    ]
