"""first, last, min, max, sum, mean, count, any, flag and the number of a record."""

import pytest

from tests.study_builder import build, evaluate, evaluation, write_study

DM = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
EX = """\
dataset: EX
rows: each ex
keys: [USUBJID, EXTRT, EXSTDTC]
variables:
  EXTRT: ex.TRT
  EXDOSE: ex.DOSE | num
  EXSTDTC: ex.DAT | iso 'y-m-d' 'y-m'
"""
EX_CSV = """\
SUBJ,TRT,DOSE,DAT
1,B,10,2026-01-03
1,A,20,2026-01-01
1,A,,2026-01
1,C,5,
2,A,7,2026-02-01
"""


def subjects(folder, **lines):
    """Return the variables of three subjects, of whom the third has no exposure."""
    text = DM + "".join(
        f'  {name}: {{map: "{one[1]}", type: {one[0]}, label: {name}}}\n'
        for name, one in lines.items()
    )
    folder = write_study(
        folder, {"sdtm/dm": text, "sdtm/ex": EX}, {"dm": "SUBJ\n1\n2\n3\n", "ex": EX_CSV}
    )
    result = build(folder)
    return {name: result.tables["DM"].column(name).to_pylist() for name in lines}, result.findings


def test_first_and_last_follow_the_order_and_missing_comes_first(tmp_path):
    found, findings = subjects(
        tmp_path,
        FIRST=("text", "first EX.EXTRT order EX.EXSTDTC"),
        LAST=("text", "last EX.EXTRT order EX.EXSTDTC"),
        DOWN=("text", "first EX.EXTRT order EX.EXSTDTC descending"),
        DOSE=("text", "first EX.EXTRT order EX.EXDOSE"),
        MOST=("text", "last EX.EXTRT where EX.EXTRT <> 'A' order EX.EXDOSE"),
        RAW=("text", "first ex.TRT order ex.DAT"),
        TWO=("text", "first EX.EXSTDTC where EX.EXDOSE is not missing order EX.EXTRT EX.EXSTDTC"),
        NULL=("text", "first EX.EXSTDTC order EX.EXSTDTC"),
    )

    assert found == {
        "FIRST": ["C", "A", None],
        "LAST": ["B", "A", None],
        "DOWN": ["B", "A", None],
        "DOSE": ["A", "A", None],
        "MOST": ["B", None, None],
        "RAW": ["C", "A", None],
        "TWO": ["2026-01-01", "2026-02-01", None],
        # the first record is taken, though its value is missing
        "NULL": [None, "2026-02-01", None],
    }
    assert findings == ()


def test_summaries_pass_over_missing_values(tmp_path):
    found, _findings = subjects(
        tmp_path,
        MIN=("text", "min EX.EXSTDTC"),
        MAX=("number", "max EX.EXDOSE"),
        SUM=("number", "sum EX.EXDOSE"),
        MEAN=("number", "mean EX.EXDOSE where EX.EXTRT <> 'C'"),
        COUNT=("number", "count EX"),
        SOME=("number", "count EX where EX.EXDOSE is missing"),
        ANY=("text", "yn(any EX where EX.EXDOSE > 6)"),
        FORM=("number", "count ex where ex.DOSE = '10'"),
        LATER=("text", "max latest(EX.EXSTDTC, EX.EXSTDTC)"),
    )

    assert found == {
        "MIN": ["2026-01-01", "2026-02-01", None],
        "MAX": [20.0, 7.0, None],
        "SUM": [35.0, 7.0, None],
        "MEAN": [15.0, 7.0, None],
        "COUNT": [4.0, 1.0, 0.0],
        "SOME": [1.0, 0.0, 0.0],
        "ANY": ["Y", "Y", "N"],
        "FORM": [1.0, 0.0, 0.0],
        "LATER": ["2026-01-03", "2026-02-01", None],
    }


def test_a_tie_that_the_order_leaves_open_is_broken_by_the_file_and_reported(tmp_path):
    records = [{"A": "x", "B": "1"}, {"A": "y", "B": "1"}, {"A": "z", "B": "2"}]

    result = build(
        evaluation(
            tmp_path, records, {"FIRST": "first f.A order f.B", "LAST": "last f.A order f.B"}
        )
    )

    table = result.tables["AE"]
    assert table.column("FIRST").to_pylist() == ["x"] * 3
    assert table.column("LAST").to_pylist() == ["z"] * 3
    assert [(one.code, one.variable, one.found) for one in result.findings] == [
        ("DATA011", "FIRST", ('"x and y" 3 records, first f.csv row 2',))
    ]


def test_a_tie_between_equal_values_is_no_choice(tmp_path):
    records = [{"A": "x", "B": "1"}, {"A": "x", "B": "1"}]

    assert build(evaluation(tmp_path, records, {"R": "first f.A order f.B"})).findings == ()


def test_an_aggregate_of_the_own_dataset_runs_by_group(tmp_path):
    records = [
        {"G": "a", "V": "3"},
        {"G": "b", "V": "5"},
        {"G": "a", "V": ""},
        {"G": "", "V": "9"},
        {"G": "", "V": "1"},
        {"SUBJ": "002", "G": "a", "V": "7"},
    ]

    found = evaluate(
        tmp_path,
        records,
        {
            "G": "f.G",
            "V": ("number", "f.V | num"),
            "BYGROUP": ("number", "max V by USUBJID G"),
            "SUBJECT": ("number", "max V"),
            "COUNT": ("number", "count records where V is not missing by USUBJID G"),
            "CHANGE": ("number", "V - (first V where V is not missing by USUBJID G order V)"),
        },
    )

    assert found == {
        "G": ["a", "b", "a", None, None, "a"],
        "V": [3.0, 5.0, None, 9.0, 1.0, 7.0],
        "BYGROUP": [3.0, 5.0, 3.0, 9.0, 9.0, 7.0],
        "SUBJECT": [9.0, 9.0, 9.0, 9.0, 9.0, 7.0],
        "COUNT": [1.0, 1.0, 1.0, 2.0, 2.0, 1.0],
        "CHANGE": [0.0, 0.0, None, 8.0, 0.0, 0.0],
    }


def test_an_aggregate_may_compare_other_records_with_the_record_at_hand(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/ex": EX,
            "sdtm/ae": "dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\nvariables:\n"
            "  AETERM: ae.TERM\n  AESTDTC: ae.DAT | iso 'y-m-d'\n"
            "  LASTTRT: {map: last EX.EXTRT where EX.EXSTDTC on or before AESTDTC"
            " order EX.EXSTDTC, label: Last}\n"
            "  DOSES: {map: count EX where EX.EXSTDTC on or before AESTDTC, type: number,"
            " label: Doses}\n",
        },
        {
            "ex": EX_CSV,
            "ae": "SUBJ,TERM,DAT\n1,A,2026-01-02\n1,B,2026-01-09\n1,C,\n"
            "2,A,2026-01-31\n3,A,2026-01-01\n",
        },
    )

    table = build(folder).tables["AE"]

    assert table.column("LASTTRT").to_pylist() == ["A", "B", None, None, None]
    assert table.column("DOSES").to_pylist() == [1.0, 2.0, 0.0, 0.0, 0.0]


FLAGGED = [
    {"G": "a", "D": "2026-01-02", "V": "1"},
    {"G": "a", "D": "2026-01-03", "V": "1"},
    {"G": "a", "D": "2026-01-03", "V": ""},
    {"G": "b", "D": "", "V": "1"},
    {"G": "b", "D": "", "V": "1"},
    {"G": "c", "D": "2026-01-01", "V": ""},
    {"SUBJ": "002", "G": "a", "D": "2026-01-01", "V": "1"},
]


def test_a_flag_is_on_exactly_one_record_of_each_group_that_has_one(tmp_path):
    result = build(
        evaluation(
            tmp_path,
            FLAGGED,
            {
                "G": "f.G",
                "DTC": ("dtc", "f.D | iso 'y-m-d'"),
                "LASTFL": "flag last where f.V is not missing by USUBJID G order DTC",
                "FIRSTFL": "flag first by USUBJID G order DTC",
                "SUBJFL": "flag last order DTC",
            },
        )
    )

    table = result.tables["AE"]
    assert table.column("LASTFL").to_pylist() == [None, "Y", None, None, "Y", None, "Y"]
    assert table.column("FIRSTFL").to_pylist() == ["Y", None, None, "Y", None, "Y", "Y"]
    assert table.column("SUBJFL").to_pylist() == [None, None, "Y", None, None, None, "Y"]
    assert {(one.code, one.variable) for one in result.findings} == {
        ("DATA011", "LASTFL"),
        ("DATA011", "FIRSTFL"),
        ("DATA011", "SUBJFL"),
    }


AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM, AESTDTC]
variables:
  AETERM: ae.TERM
  AESTDTC: ae.DAT | iso 'y-m-d' 'y'
"""
AE_ROWS = [
    "1,b,2026-01-02",
    "1,b,2026",
    "1,b,",
    "1,B,2026-01-02",
    "1,é,2026-01-02",
    "10,a,2026-01-01",
    "2,a,2026-01-01",
    "2,,2026-01-01",
]


def numbered(folder, rows):
    folder = write_study(
        folder, {"sdtm/ae": AE}, {"ae": "\n".join(["SUBJ,TERM,DAT", *rows]) + "\n"}
    )
    return build(folder).tables["AE"].select(["USUBJID", "AESEQ", "AETERM", "AESTDTC"]).to_pylist()


def test_records_are_sorted_by_keys_as_bytes_with_missing_first_and_numbered(tmp_path):
    assert [tuple(row.values()) for row in numbered(tmp_path, AE_ROWS)] == [
        ("S1-1", 1.0, "B", "2026-01-02"),
        ("S1-1", 2.0, "b", None),
        ("S1-1", 3.0, "b", "2026"),
        ("S1-1", 4.0, "b", "2026-01-02"),
        ("S1-1", 5.0, "é", "2026-01-02"),
        ("S1-10", 1.0, "a", "2026-01-01"),
        ("S1-2", 1.0, None, "2026-01-01"),
        ("S1-2", 2.0, "a", "2026-01-01"),
    ]


@pytest.mark.parametrize("step", [3, 5, 7])
def test_the_order_of_the_raw_records_does_not_move_the_numbers(tmp_path, step):
    shuffled = [AE_ROWS[number * step % len(AE_ROWS)] for number in range(len(AE_ROWS))]

    assert sorted(shuffled) == sorted(AE_ROWS)
    assert numbered(tmp_path / "b", shuffled) == numbered(tmp_path / "a", AE_ROWS)
