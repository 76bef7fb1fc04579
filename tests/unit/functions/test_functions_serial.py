import pytest

from tests.study_builder import evaluate

# 46152 days after 30 December 1899 is 10 May 2026; 0.29514 of a day is 7:05:00.1
CASES = {
    "46152": "2026-05-10",
    "46152.29514": "2026-05-10 07:05",
    "46152.29520": "2026-05-10 07:05:05",
    "46152.0": "2026-05-10 00:00",
    "46151.999999": "2026-05-10 00:00",
    " 46152 ": "2026-05-10",
    "60000.5": "2064-04-08 12:00",
    "2026/5/9 7:05": "2026/5/9 7:05",
    "2026": "2026",
    "19999": "19999",
    "80000": "80000",
    "461520": "461520",
    "46152 h": "46152 h",
    "<46152": "<46152",
    "": None,
}


def test_the_number_of_a_spreadsheet_is_written_as_a_date_and_other_texts_stay(tmp_path):
    records = [{"A": text} for text in CASES]

    assert evaluate(tmp_path, records, {"R": "f.A | serial"})["R"] == list(CASES.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("46152.29514", "2026-05-10T07:05"), ("2026/5/9 7:05", "2026-05-09T07:05")],
)
def test_serial_numbers_and_dates_of_one_column_become_iso_8601(tmp_path, text, expected):
    line = "f.A | serial | iso 'y/m/d H:M' 'y-m-d H:M'"

    assert evaluate(tmp_path, [{"A": text}], {"R": ("dtc", line)})["R"] == [expected]
