import pytest

from tests.study_builder import build, evaluate, evaluation

ISO = "iso 'y-m-dTH:M' 'y-m-d' 'y-m' 'y'"
LINES = {
    "AESTDTC": ("dtc", f"f.D | {ISO}"),
    "AEENDTC": ("dtc", f"f.S | {ISO}"),
    "AEDTC": ("dtc", f"f.E | {ISO}"),
}


def period(folder, rows, line="relative(AESTDTC, AEENDTC, AEDTC)", study=""):
    records = [dict(zip("DSE", (*row, ""), strict=False)) for row in rows]
    return evaluate(folder, records, {**LINES, "X": line}, study)["X"]


# reference period 2026-03-02T08:00 to 2026-06-30
@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-03-01", "BEFORE"),
        ("2026-03-02", "DURING"),
        ("2026-03-02T07:59", "BEFORE"),
        ("2026-03-02T08:00", "DURING"),
        ("2026-05", "DURING"),
        ("2026-06-30", "DURING"),
        ("2026-06-30T23:00", "DURING"),
        ("2026-07-01", "AFTER"),
        ("2026-07", "AFTER"),
        ("2027", "AFTER"),
        ("2026-02", "BEFORE"),
        ("2026-03", "BEFORE/DURING"),
        ("2026-06", "DURING/AFTER"),
        ("2026", "UNKNOWN"),
        ("", None),
    ],
)
def test_a_date_stands_before_during_or_after_a_period(tmp_path, date, expected):
    assert period(tmp_path, [(date, "2026-03-02T08:00", "2026-06-30")]) == [expected]


def test_one_end_of_a_period_decides_what_it_can(tmp_path):
    rows = [
        ("2026-01-01", "2026-03-02", ""),
        ("2026-03-03", "2026-03-02", ""),
        ("2026-03-03", "", "2026-06-30"),
        ("2026-07-03", "", "2026-06-30"),
        ("2026-07-03", "", ""),
    ]

    assert period(tmp_path, rows) == ["BEFORE", "DURING/AFTER", "BEFORE/DURING", "AFTER", None]


def test_a_date_stands_before_or_after_a_point_or_coincides_with_it(tmp_path):
    rows = [("2026-03-01", "2026-03-02"), ("2026-03-02T09:00", "2026-03-02"),
            ("2026-04", "2026-03-02"), ("2026-03", "2026-03-02"), ("", "2026-03-02"),
            ("2026-03-02", "")]  # fmt: skip

    found = period(tmp_path, rows, "relative(AESTDTC, AEENDTC)")

    assert found == ["BEFORE", "COINCIDENT", "AFTER", "UNKNOWN", None, None]


def test_what_partial_dates_leave_open_is_a_value_and_no_finding(tmp_path):
    records = [{"D": "2026", "S": "2026-03-02", "E": "2026-06-30"}]
    line = {"X": "relative(AESTDTC, AEENDTC, AEDTC)"}

    assert build(evaluation(tmp_path, records, {**LINES, **line})).findings == ()


def test_a_collected_box_decides_before_the_dates(tmp_path):
    line = "when f.O = 'Y' then 'ONGOING' else relative(AESTDTC, AEENDTC)"
    records = [
        {"D": "2026-03-01", "S": "2026-03-02", "E": "", "O": "N"},
        {"D": "", "S": "2026-03-02", "E": "", "O": "Y"},
    ]

    found = evaluate(tmp_path, records, {**LINES, "AEENRTPT": line})

    assert found["AEENRTPT"] == ["BEFORE", "ONGOING"]
