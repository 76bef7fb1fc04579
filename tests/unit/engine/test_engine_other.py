"""``other.X``: other records of the same subject in the same dataset."""

import pytest

from cdisc.engine.resolve import resolve
from cdisc.engine.said import method_text
from cdisc.spec import load_study
from tests.study_builder import build, evaluate, evaluation, write_study

LB = [
    {"T": "ALT", "D": "2026-01-01", "V": "10"},
    {"T": "ALT", "D": "2026-01-08", "V": "12"},
    {"T": "AST", "D": "2026-01-04", "V": "30"},
    {"T": "ALT", "D": "", "V": "11"},
    {"T": "ALT", "D": "2026-01-15", "V": ""},
    {"T": "ALT", "D": "2026-01-09", "V": "99", "SUBJ": "002"},
    {"T": "", "D": "2026-01-09", "V": "7", "SUBJ": "002"},
]
BASE = {
    "TST": "f.T",
    "DAT": ("dtc", "f.D | iso 'y-m-d' 'y-m'"),
    "NUM": ("number", "f.V | num"),
}


def values(tmp_path, records=LB, **lines):
    found = evaluate(tmp_path, records, {**BASE, **lines})
    return {name: found[name] for name in lines}


def test_the_record_before_and_the_record_after_of_the_same_test(tmp_path):
    same = "where other.TST = TST and other.DAT"
    assert values(
        tmp_path,
        PREV=("number", f"last other.NUM {same} before DAT order other.DAT"),
        NEXT=("text", f"first other.DAT {same} after DAT order other.DAT"),
        NEXTBY=("text", "first other.DAT where other.DAT after DAT by TST order other.DAT"),
        SMALL=("number", "min other.NUM where other.NUM <> NUM"),
    ) == {
        "PREV": [None, 10.0, None, None, 12.0, None, None],
        "NEXT": ["2026-01-08", "2026-01-15", None, None, None, None, None],
        "NEXTBY": ["2026-01-08", "2026-01-15", None, None, None, None, None],
        "SMALL": [11.0, 10.0, 10.0, 10.0, 10.0, 7.0, 99.0],
    }


def test_a_record_is_no_other_record_of_itself(tmp_path):
    assert values(
        tmp_path,
        MANY=("number", "count other"),
        SAME=("number", "count other by TST"),
        TWIN=("text", "yn(any other where other.TST = TST and other.NUM = NUM)"),
        LATER=("text", "yn(any other where other.DAT after DAT)"),
    ) == {
        "MANY": [4.0, 4.0, 4.0, 4.0, 4.0, 1.0, 1.0],
        "SAME": [3.0, 3.0, 0.0, 3.0, 3.0, 0.0, 0.0],
        "TWIN": ["N"] * 7,
        "LATER": ["Y", "Y", "Y", "N", "N", "N", "N"],
    }


def test_by_holds_missing_equal_to_missing_and_where_does_not(tmp_path):
    records = [{"T": "", "D": "", "V": "1"}, {"T": "", "D": "", "V": "2"}]
    assert values(
        tmp_path,
        records,
        GRP=("number", "count other by TST"),
        EQ=("number", "count other where other.TST = TST"),
    ) == {"GRP": [1.0, 1.0], "EQ": [0.0, 0.0]}


def test_the_record_at_hand_stands_in_the_value_too(tmp_path):
    records = [{"T": "A", "D": "", "V": "10"}, {"T": "A", "D": "", "V": "4"}]
    found = values(tmp_path, records, DIFF=("number", "max (NUM - other.NUM)"))
    assert found == {"DIFF": [6.0, -6.0]}


def test_no_records_have_no_others(tmp_path):
    assert evaluate(tmp_path, [], {"MANY": ("number", "count other")}) == {"MANY": []}


def test_a_tie_among_other_records_is_reported(tmp_path):
    records = [
        {"T": "A", "D": "2026-01-02", "V": "1"},
        {"T": "A", "D": "2026-01-01", "V": "2"},
        {"T": "A", "D": "2026-01-01", "V": "3"},
    ]
    lines = {
        **BASE,
        "PREV": ("number", "last other.NUM where other.DAT before DAT order other.DAT"),
    }
    result = build(evaluation(tmp_path, records, lines))
    assert result.tables["AE"].column("PREV").to_pylist() == [3.0, None, None]
    assert [(one.code, one.records) for one in result.findings if one.code == "DATA011"] == [
        ("DATA011", 1)
    ]


def test_what_is_joined_is_that_of_the_record_at_hand(tmp_path):
    sv = "dataset: SV\nrows: each sv\nkeys: [USUBJID, VISITNUM]\nvariables:\n"
    sv += "  VISITNUM: sv.N | num\n  SVSTDTC: sv.D | iso 'y-m-d'\n"
    vs = "dataset: VS\nrows: each vs\nkeys: [USUBJID, VISITNUM]\nvariables:\n"
    vs += "  VISITNUM: vs.N | num\n  VSDTC: vs.D | iso 'y-m-d'\n"
    vs += "  VSSTRESN: count other where other.VSDTC before SV.SVSTDTC\n"
    raw = {
        "sv": "SUBJ,N,D\n1,1,2026-01-01\n1,2,2026-01-05\n",
        "vs": "SUBJ,N,D\n1,1,2026-01-02\n1,2,2026-01-04\n",
    }
    result = build(write_study(tmp_path, {"sdtm/sv": sv, "sdtm/vs": vs}, raw))
    # visit 1: the other (4 January) is not before 1 January; visit 2: 2 January is before 5 January
    assert result.tables["VS"].column("VSSTRESN").to_pylist() == [0.0, 1.0]


def test_a_value_of_the_source_of_the_record_at_hand_may_be_compared(tmp_path):
    dm = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n  RFSTDTC: dm.D | iso 'y-m-d'\n"
    ex = "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\nvariables:\n"
    ex += "  EXSTDTC: ex.D | iso 'y-m-d'\n  EXTRT: ex.T\n"
    dd = "dataset: DD\nrows: each DM\nkeys: [USUBJID]\nvariables:\n"
    dd += "  DDORRES: first EX.EXTRT where EX.EXSTDTC on or after DM.RFSTDTC order EX.EXSTDTC\n"
    raw = {"dm": "SUBJ,D\n1,2026-01-03\n", "ex": "SUBJ,D,T\n1,2026-01-01,A\n1,2026-01-04,B\n"}
    result = build(write_study(tmp_path, {"sdtm/dm": dm, "sdtm/ex": ex, "sdtm/dd": dd}, raw))
    assert result.tables["DD"].column("DDORRES").to_pylist() == ["B"]


@pytest.mark.parametrize("swap", [False, True])
def test_numbers_follow_the_order_within_the_group(swap, tmp_path):
    records = [{"T": t, "D": d, "V": v} for t, d, v in [
        ("A", "2026-02", "1"), ("A", "2026-01", "2"), ("B", "2026-01", "3"), ("A", "", "4"),
    ]]  # fmt: skip
    if swap:
        records.reverse()
    found = evaluate(
        tmp_path,
        records,
        {
            **BASE,
            "N": ("number", "number by USUBJID TST order DAT"),
            "D": ("number", "number by USUBJID TST order DAT descending"),
            "W": ("number", "number where DAT is not missing by TST order DAT"),
            "S": ("number", "number order NUM"),
        },
    )
    at = {v: n for n, v in enumerate(found["NUM"])}
    assert [found["N"][at[one]] for one in (1, 2, 3, 4)] == [3.0, 2.0, 1.0, 1.0]
    assert [found["D"][at[one]] for one in (1, 2, 3, 4)] == [1.0, 2.0, 1.0, 3.0]
    assert [found["W"][at[one]] for one in (1, 2, 3, 4)] == [2.0, 1.0, 1.0, None]
    assert [found["S"][at[one]] for one in (1, 2, 3, 4)] == [1.0, 2.0, 3.0, 4.0]


def test_numbers_of_equal_order_follow_the_file_and_are_reported(tmp_path):
    records = [{"T": "A", "D": "", "V": v} for v in ("2", "1", "3")]
    lines = {**BASE, "N": ("number", "number by TST order DAT")}
    result = build(evaluation(tmp_path, records, lines))
    assert result.tables["AE"].column("N").to_pylist() == [1.0, 2.0, 3.0]
    assert [one.records for one in result.findings if one.code == "DATA011"] == [2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "last other.NUM where other.TST = TST and other.DAT before DAT order other.DAT",
            (
                "The last NUM among the other records of AE for the subject such that its TST"
                " equals TST of this record and its DAT is before DAT of this record in the"
                " order of its DAT."
            ),
        ),
        (
            "first other.DAT where other.DAT after DAT by USUBJID TST order other.DAT descending",
            (
                "The first DAT among the other records of AE for the subject with the same"
                " USUBJID and TST such that its DAT is after DAT of this record in the order of"
                " its DAT (descending)."
            ),
        ),
        (
            "yn(any other where other.TST = 'CR' and other.DAT after AE.DAT)",
            (
                "'Y' where there is another record of AE for the subject such that its TST"
                " equals 'CR' and its DAT is after DAT of this record, otherwise 'N'."
            ),
        ),
        (
            "count other by TST",
            "The number of other records of AE for the subject with the same TST.",
        ),
        (
            "max (NUM - other.NUM)",
            (
                "The largest (NUM of this record minus its NUM) among the other records of AE"
                " for the subject."
            ),
        ),
        (
            "number by USUBJID TST order DAT NUM descending",
            (
                "The number of the record, counted from 1 within USUBJID and TST in the order"
                " of DAT and NUM (descending)."
            ),
        ),
        (
            "number where NUM is not missing order DAT",
            (
                "The number of the record, counted from 1 within the subject in the order of DAT,"
                " among the records where NUM is not missing; missing on the others."
            ),
        ),
    ],
)
def test_the_method_says_which_record_is_meant(line, said, tmp_path):
    kind = "dtc" if line.startswith("first") else "text" if line.startswith("yn") else "number"
    folder = evaluation(tmp_path, LB, {**BASE, "X": (kind, line)})
    plan = resolve(load_study(folder)).datasets["AE"]
    assert method_text(plan, plan.variables["X"]) == said


def test_undecided_comparisons_inside_a_choice_are_reported_and_count_as_false(tmp_path):
    records = [
        {"T": "A", "D": "2026-01", "V": "1"},
        {"T": "A", "D": "2026-01-10", "V": "2"},
        {"T": "A", "D": "2025-12-01", "V": "3"},
        {"T": "B", "D": "2026-01-20", "V": "4"},
    ]
    lines = {
        **BASE,
        "PREV": (
            "number",
            "last other.NUM where other.TST = TST and other.DAT before DAT order other.DAT",
        ),
        "MANY": ("number", "count other where not (other.DAT before DAT)"),
        "SMALL": ("number", "min other.NUM where other.DAT before DAT or other.NUM = 4"),
    }
    result = build(evaluation(tmp_path, records, lines))
    table = result.tables["AE"]
    assert table.column("PREV").to_pylist() == [3.0, 3.0, None, None]
    assert table.column("MANY").to_pylist() == [2.0, 2.0, 3.0, 1.0]
    assert table.column("SMALL").to_pylist() == [3.0, 3.0, 4.0, 2.0]
    found = {one.variable: one.found for one in result.findings if one.code == "DATA018"}
    assert found == {
        "PREV": (
            '"2026-01 and 2026-01-10" 1 record, first f.csv row 3',
            '"2026-01-10 and 2026-01" 1 record, first f.csv row 2',
        ),
        "MANY": (
            '"2026-01 and 2026-01-10" for 1 record, first f.csv row 3',
            '"2026-01 and 2026-01-20" for 1 record, first f.csv row 5',
            '"2026-01-10 and 2026-01" for 1 record, first f.csv row 2',
            "and 1 more value",
        ),
        "SMALL": (
            '"2026-01 and 2026-01-10" 1 record, first f.csv row 3',
            '"2026-01 and 2026-01-20" 1 record, first f.csv row 5',
            '"2026-01-10 and 2026-01" 1 record, first f.csv row 2',
        ),
    }
