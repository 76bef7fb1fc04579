import numpy as np
import pyarrow as pa
import pytest

from cdisc.validate.iso8601 import is_duration, is_interval, read_dates


@pytest.mark.parametrize(
    "text",
    [
        "2026",
        "2026-05",
        "2026-05-14",
        "2024-02-29",
        "2026-05-14T08",
        "2026-05-14T08:30",
        "2026-05-14T08:30:59",
        "2026-05-14T08:30:59.125",
        "2026-05-14T24:00",
        "2026-05-14T08:30Z",
        "2026-05-14T08:30:00+05:30",
        "2026---14",
        "2026---31",
        "--02-29",
        "2000-02-29",
        "--12-15",
        "-----T07:15",
        "2026-12-15T-:15",
    ],
)
def test_complete_partial_and_omitted_components_are_real_dates(text):
    read = read_dates(pa.array([text]))
    assert (read.formed.tolist(), read.real.tolist()) == ([True], [True])


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00-10", "2026-02-30", "2025-02-29", "1900-02-29", "2026-04-31",
     "2026---32", "2026-05-14T25", "2026-05-14T24:01", "2026-05-14T08:60", "--02-30"],
)  # fmt: skip
def test_a_date_that_no_calendar_has_is_formed_but_not_real(text):
    read = read_dates(pa.array([text]))
    assert (read.formed.tolist(), read.real.tolist()) == ([True], [False])


@pytest.mark.parametrize(
    "text",
    ["14MAY2026", "2026-5-14", "2026/05/14", "20260514", "2026-05-14 08:30", "2026-", "2026--",
     "2026-05-", "2026-05-14T", "2026-05-14t08:30", "-", "", " 2026", "2026-05-14T08:30:",
     "2026-UN-14"],
)  # fmt: skip
def test_other_forms_are_no_dates(text):
    read = read_dates(pa.array([text]))
    assert (read.formed.tolist(), read.real.tolist()) == ([False], [False])


def test_bounds_enclose_every_instant_that_the_text_may_mean():
    texts = ["2026", "2026-02", "2026-05-14", "2026-05-14T08:30", "2026-05-14T08:30:01.5",
             "2026---14", "--12-15", "bad", None]  # fmt: skip
    read = read_dates(pa.array(texts))
    assert [str(one) for one in read.earliest] == [
        "2026-01-01T00:00:00.000000",
        "2026-02-01T00:00:00.000000",
        "2026-05-14T00:00:00.000000",
        "2026-05-14T08:30:00.000000",
        "2026-05-14T08:30:01.500000",
        "2026-01-01T00:00:00.000000",
        "NaT",
        "NaT",
        "NaT",
    ]
    assert [str(one) for one in read.latest] == [
        "2026-12-31T23:59:59.999999",
        "2026-02-28T23:59:59.999999",
        "2026-05-14T23:59:59.999999",
        "2026-05-14T08:30:59.999999",
        "2026-05-14T08:30:01.500000",
        "2026-12-31T23:59:59.999999",
        "NaT",
        "NaT",
        "NaT",
    ]


def test_only_a_complete_real_date_has_a_day():
    read = read_dates(pa.array(["2026-05-14T08:30", "2026-05", "2026-02-30", None, "2026---14"]))
    assert read.complete.tolist() == [True, False, False, False, False]
    assert read.present.tolist() == [True, True, True, False, True]
    assert read.day[0] == np.datetime64("2026-05-14")
    assert np.isnat(read.day[1:]).all()


def test_columns_without_values_are_read():
    assert read_dates(pa.array([], pa.string())).real.tolist() == []
    assert read_dates(pa.chunked_array([], pa.string())).real.tolist() == []
    assert read_dates(pa.array([None, None], pa.string())).real.tolist() == [False, False]


def test_durations_have_a_period_sign_and_at_least_one_amount():
    good = ["P3D", "PT15M", "-PT15M", "P1Y2M3DT4H5M6S", "P2W", "PT0.5H", "P1,5D"]
    bad = ["P", "PT", "P3DT", "3D", "P3", "p3d", "PT3D", "P2W3D", "", None]
    assert is_duration(pa.array(good)).tolist() == [True] * len(good)
    assert is_duration(pa.array(bad)).tolist() == [False] * len(bad)


def test_intervals_have_two_ends_of_which_one_is_a_date():
    good = ["2026-01-01/2026-01-03", "2026-01-01T08:00/P3D", "P3D/2026-01"]
    bad = ["P1D/P1D", "2026-01-01", "2026-01-01/", "/2026-01-01", "2026-02-30/2026-03-01",
           "2026/2027/2028"]  # fmt: skip
    assert is_interval(pa.array(good)).tolist() == [True] * len(good)
    assert is_interval(pa.array(bad)).tolist() == [False] * len(bad)
