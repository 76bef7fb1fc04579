import pytest

from cdisc.errors import RawDataError
from tests.study_builder import build, evaluate, evaluation


def read(folder, texts, steps):
    records = [{"A": text} for text in texts]
    return evaluate(folder, records, {"R": ("dtc", f"f.A | {steps}")})["R"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            "iso 'd-mmm-y'",
            {
                "3-May-2026": "2026-05-03",
                "03-MAY-2026": "2026-05-03",
                "29-feb-2024": "2024-02-29",
                "31-December-2026": "2026-12-31",
                " 1-Jan-2026 ": "2026-01-01",
                "": None,
            },
            id="month by name",
        ),
        pytest.param(
            "iso 'm/d/y' 'm/y' 'y'",
            {"5/3/2026": "2026-05-03", "05/2026": "2026-05", "2026": "2026"},
            id="partial dates by their own forms",
        ),
        pytest.param(
            "iso 'd-mmm-y' unknown 'UN' 'UNK'",
            {
                "UN-May-2026": "2026-05",
                "un-unk-2026": "2026",
                "UN-UNK-UNK": None,
                "UNK": None,
                "14-UNK-2026": "2026---14",
                "14-May-UNK": "--05-14",
                "UN-May-UNK": "--05",
                "14-UNK-UNK": "----14",
            },
            id="unknown parts are left out",
        ),
        pytest.param(
            "iso 'd.m.yy' pivot 1950",
            {"3.5.50": "1950-05-03", "3.5.49": "2049-05-03", "3.5.00": "2000-05-03"},
            id="two digits of a year",
        ),
        pytest.param(
            "iso 'y-m-d H:M:S' 'y-m-d H:M' 'y-m-d H' 'y-m-d'",
            {
                "2026-05-03 08:15:30": "2026-05-03T08:15:30",
                "2026-05-03 8:15": "2026-05-03T08:15",
                "2026-05-03 08": "2026-05-03T08",
                "2026-05-03 00:00": "2026-05-03T00:00",
                "2026-12-31 24:00": "2027-01-01T00:00",
                "2026-05-03": "2026-05-03",
            },
            id="times",
        ),
        pytest.param(
            "iso 'd-mmm-y H:M:S' 'd-mmm-y H:M' unknown 'UN' 'UNK'",
            {
                "15-Dec-UNK 13:15:17": "--12-15T13:15:17",
                "15-Dec-2003 UN:15": "2003-12-15T-:15",
                "15-Dec-2003 13:UN:17": "2003-12-15T13:-:17",
                "15-UNK-2003 13:15": "2003---15T13:15",
                "UN-UNK-UNK 07:15": "-----T07:15",
                "UN-Dec-2003 07:15": "2003-12--T07:15",
                "UN-UNK-2003 07:15": "2003----T07:15",
                "UN-Dec-UNK 07:15": "--12--T07:15",
                "15-Dec-2003 UN:UN": "2003-12-15",
            },
            id="a part that is known after one that is not",
        ),
        pytest.param(
            "iso 'H:M' 'H:M:S' unknown 'UN'",
            {"8:05": "08:05", "23:59:59": "23:59:59", "08:UN": "08"},
            id="times alone",
        ),
        pytest.param(
            "iso 'yyyymmdd' 'yyyymmddTHHMM'",
            {"20260503": "2026-05-03", "20260503T0815": "2026-05-03T08:15"},
            id="digits without separators",
        ),
        pytest.param("iso 'y年m月d日'", {"2026年5月3日": "2026-05-03"}, id="other separators"),
    ],
)
def test_a_collected_date_is_written_with_the_parts_that_were_collected(tmp_path, steps, expected):
    assert dict(zip(expected, read(tmp_path, expected, steps), strict=True)) == expected


IMPOSSIBLE = [
    "30-Feb-2026",
    "29-Feb-2026",
    "31-Apr-2026",
    "32-May-2026",
    "00-May-2026",
    "3-Foo-2026",
    "3-May-26",
    "3/May/2026",
    "May 2026",
]


def test_an_impossible_date_stops_the_build_with_every_value(tmp_path):
    folder = evaluation(
        tmp_path, [{"A": text} for text in IMPOSSIBLE], {"R": ("dtc", "f.A | iso 'd-mmm-y'")}
    )

    with pytest.raises(RawDataError) as caught:
        build(folder)

    (only,) = caught.value.diagnostics
    assert (only.code, only.records) == ("DATA007", len(IMPOSSIBLE))


def test_an_impossible_date_is_missing_and_reported_where_the_line_says_so(tmp_path):
    records = [{"A": text} for text in [*IMPOSSIBLE, "3-May-2026"]]

    result = build(evaluation(tmp_path, records, {"R": ("dtc", "f.A | iso 'd-mmm-y' else report")}))

    assert result.tables["AE"].column("R").to_pylist() == [None] * len(IMPOSSIBLE) + ["2026-05-03"]
    assert [(one.code, one.records) for one in result.findings] == [("DATA008", len(IMPOSSIBLE))]


def test_an_impossible_date_is_missing_in_silence_where_the_line_says_so(tmp_path):
    records = [{"A": text} for text in IMPOSSIBLE]

    result = build(
        evaluation(tmp_path, records, {"R": ("dtc", "f.A | iso 'd-mmm-y' else missing")})
    )

    assert result.tables["AE"].column("R").to_pylist() == [None] * len(IMPOSSIBLE)
    assert result.findings == ()


def test_times_that_no_clock_shows_are_impossible(tmp_path):
    texts = ["2026-05-03 24:01", "2026-05-03 25:00", "2026-05-03 08:60", "2026-05-03 08:59:60"]

    found = read(tmp_path, texts, "iso 'y-m-d H:M' 'y-m-d H:M:S' else missing")

    assert found == [None] * 4


def test_a_date_and_a_time_that_were_collected_apart_are_joined(tmp_path):
    records = [
        {"D": "3-May-2026", "T": "8:15"},
        {"D": "3-May-2026", "T": ""},
        {"D": "UN-May-2026", "T": "8:15"},
        {"D": "", "T": "8:15"},
        {"D": "31-Dec-2026", "T": "24:00"},
        {"D": "", "T": ""},
    ]

    found = evaluate(
        tmp_path, records, {"R": ("dtc", "f.D + f.T | iso 'd-mmm-y' 'H:M' unknown 'UN'")}
    )

    assert found == {
        "R": [
            "2026-05-03T08:15",
            "2026-05-03",
            "2026-05--T08:15",
            "-----T08:15",
            "2027-01-01T00:00",
            None,
        ]
    }


def test_a_partial_date_that_is_read_again_stays_as_it_is(tmp_path):
    texts = ["2026", "2026-05", "2026-05-03"]

    found = evaluate(
        tmp_path,
        [{"A": text} for text in texts],
        {"R": ("dtc", "(f.A | iso 'y-m-d' 'y-m' 'y') | iso 'y-m-d' 'y-m' 'y'")},
    )

    assert found == {"R": texts}
