"""References to other datasets and forms: found by keys, never more than one."""

import pytest

from cdisc.errors import RawDataError
from tests.study_builder import build, write_study

DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ
  SEX: dm.SEX
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
"""


def test_a_subject_without_a_record_elsewhere_has_missing_values(tmp_path):
    folder = write_study(
        tmp_path,
        {"sdtm/dm": DM, "sdtm/ae": AE + "  SEX: {map: DM.SEX, label: Sex}\n"
         "  RAW: {map: dm.SEX, label: Sex}\n"},
        {"dm": "SUBJ,SEX\n1,F\n2,\n4,M\n", "ae": "SUBJ,TERM\n1,A\n1,B\n2,A\n3,A\n"},
    )  # fmt: skip

    table = build(folder).tables["AE"]

    assert table.column("SEX").to_pylist() == ["F", "F", None, None]
    assert table.column("RAW").to_pylist() == ["F", "F", None, None]


def test_a_dataset_is_joined_by_all_its_keys_that_the_other_has(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/sv": "dataset: SV\nrows: each sv\nkeys: [USUBJID, VISITNUM]\nvariables:\n"
            "  VISITNUM: sv.NUM | num\n  SVSTDTC: sv.DAT | iso 'y-m-d'\n",
            "sdtm/vs": "dataset: VS\nrows: each vs\nkeys: [USUBJID, VSTESTCD, VISITNUM]\n"
            "variables:\n  VSTESTCD: vs.TEST\n  VISITNUM: vs.NUM | num\n  VSDTC: SV.SVSTDTC\n",
        },
        {
            "sv": "SUBJ,NUM,DAT\n1,1,2026-01-01\n1,2,2026-02-01\n2,1,2026-03-01\n",
            "vs": "SUBJ,TEST,NUM\n1,PULSE,1\n1,PULSE,2\n1,PULSE,3\n2,PULSE,1\n",
        },
    )

    assert build(folder).tables["VS"].column("VSDTC").to_pylist() == [
        "2026-01-01",
        "2026-02-01",
        None,
        "2026-03-01",
    ]


def two_sexes(form):
    return {"dm": form, "ae": "SUBJ,TERM\n1,A\n2,A\n"}


def test_a_join_that_would_multiply_records_is_an_error_that_counts_subjects(tmp_path):
    folder = write_study(
        tmp_path,
        {"sdtm/dm": DM, "sdtm/ae": AE + "  SEX: {map: DM.SEX, label: Sex}\n"},
        two_sexes("SUBJ,SEX\n1,F\n1,M\n2,M\n3,F\n3,F\n"),
    )

    with pytest.raises(RawDataError) as caught:
        build(folder)

    (only,) = caught.value.diagnostics
    assert (only.code, only.records, only.found) == (
        "DATA010",
        2,
        ("2 subjects, such as S1-1 with 2 records",),
    )


def test_more_than_one_record_is_no_error_where_the_line_chooses(tmp_path):
    folder = write_study(
        tmp_path,
        {"sdtm/dm": DM, "sdtm/ae": AE + "  SEX: {map: min DM.SEX, label: Sex}\n"},
        two_sexes("SUBJ,SEX\n1,F\n1,M\n2,M\n"),
    )

    assert build(folder).tables["AE"].column("SEX").to_pylist() == ["F", "M"]


def test_a_dataset_may_read_one_that_reads_it(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
            "  RFSTDTC: min EX.EXSTDTC where EX.EXDOSE > 0\n  RFENDTC: max AE.AESTDTC\n",
            "sdtm/ex": "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\nvariables:\n"
            "  EXDOSE: ex.DOSE | num\n  EXSTDTC: ex.DAT | iso 'y-m-d'\n"
            "  EXSTDY: study_day(EXSTDTC)\n",
            "sdtm/ae": AE + "  AESTDTC: ae.DAT | iso 'y-m-d'\n  AESTDY: study_day(AESTDTC)\n"
            "  LAST: {map: when AESTDTC on or after DM.RFENDTC then 'Y', label: Last}\n",
        },
        {
            "dm": "SUBJ\n1\n2\n",
            "ex": "SUBJ,DOSE,DAT\n1,0,2026-01-01\n1,5,2026-01-03\n1,5,2026-01-04\n",
            "ae": "SUBJ,TERM,DAT\n1,A,2026-01-02\n1,B,2026-01-09\n2,A,2026-01-02\n",
        },
    )

    tables = build(folder).tables

    assert tables["DM"].column("RFSTDTC").to_pylist() == ["2026-01-03", None]
    assert tables["EX"].column("EXSTDY").to_pylist() == [-2.0, 1.0, 2.0]
    assert tables["AE"].column("AESTDY").to_pylist() == [-1.0, 7.0, None]
    assert tables["AE"].column("LAST").to_pylist() == [None, "Y", "Y"]


def test_named_conditions_stand_for_their_text(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
            "  RFXSTDTC: min EX.EXSTDTC where treated\n",
            "sdtm/ex": "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\nvariables:\n"
            "  EXTRT: ex.TRT\n  EXDOSE: ex.DOSE | num\n  EXSTDTC: ex.DAT | iso 'y-m-d'\n",
        },
        {
            "dm": "SUBJ\n1\n",
            "ex": "SUBJ,TRT,DOSE,DAT\n1,A,0,2026-01-01\n1,PLACEBO,0,2026-01-02\n1,A,5,2026-01-03\n",
        },
        "let:\n  dosed: EX.EXDOSE > 0\n  treated: dosed or EX.EXTRT contains 'PLACEBO'\n",
    )

    assert build(folder).tables["DM"].column("RFXSTDTC").to_pylist() == ["2026-01-02"]


def test_the_result_does_not_depend_on_the_order_of_the_files_of_the_study(tmp_path):
    texts = {"sdtm/dm": DM, "sdtm/ae": AE + "  SEX: {map: DM.SEX, label: Sex}\n"}
    raw = {"dm": "SUBJ,SEX\n1,F\n2,M\n", "ae": "SUBJ,TERM\n2,A\n1,B\n"}

    one = build(write_study(tmp_path / "1", texts, raw)).tables
    other = build(
        write_study(tmp_path / "2", dict(reversed(texts.items())), dict(reversed(raw.items())))
    ).tables

    assert {name: table.to_pylist() for name, table in one.items()} == {
        name: table.to_pylist() for name, table in other.items()
    }
