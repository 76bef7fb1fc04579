"""Records that are taken because of other records: ``rows: each DM where any EX``."""

import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, write_study

DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ
  RFSTDTC: min EX.EXSTDTC
  RFICDTC: dm.IC | iso 'y-m-d'
"""
EX = """\
dataset: EX
rows: each ex
keys: [USUBJID, EXSTDTC]
variables:
  EXTRT: ex.TRT
  EXDOSE: ex.DOSE | num
  EXSTDTC: ex.DAT | iso 'y-m-d'
  EXSTDY: study_day(EXSTDTC)
"""
DD = """\
dataset: DD
rows: {rows}
keys: [USUBJID]
variables:
  DDTESTCD: const X
  DDORRES: {value}
"""
RAW = {
    "dm": "SUBJ,IC\n1,2026-01-03\n2,2026-01-02\n3,2026-01-01\n",
    "ex": "SUBJ,TRT,DOSE,DAT\n1,A,0,2026-01-01\n1,A,5,2026-01-02\n2,B,0,2026-01-02\n",
}


def kept(tmp_path, rows, value="DM.SUBJID"):
    texts = {"sdtm/dm": DM, "sdtm/ex": EX, "sdtm/dd": DD.format(rows=rows, value=value)}
    result = build(write_study(tmp_path, texts, RAW))
    return result.tables["DD"].column("DDORRES").to_pylist()


@pytest.mark.parametrize(
    ("condition", "subjects"),
    [
        ("any EX", ["1", "2"]),
        ("not any EX", ["3"]),
        ("any EX where EX.EXDOSE > 0", ["1"]),
        ("count EX > 1 or SUBJID = '3'", ["1", "3"]),
        ("max EX.EXDOSE = 0", ["2"]),
        ("any EX where EX.EXSTDTC on or after RFICDTC", ["2"]),
        ("any EX where EX.EXSTDY > 1 and EX.EXSTDTC before DM.RFICDTC", ["1"]),
        ("any ex where ex.TRT = 'B'", ["2"]),
        ("(SUBJID | upper | map '1' to 'x' other to 'y') = 'x' and any EX", ["1"]),
    ],
)
def test_records_of_a_dataset_are_taken_by_what_others_say(condition, subjects, tmp_path):
    assert kept(tmp_path, f"each DM where {condition}") == subjects


@pytest.mark.parametrize(
    ("condition", "subjects"),
    [
        ("any EX where EX.EXDOSE > 0", ["1"]),
        ("count ex = 1", ["2"]),
        ("any ex where ex.DAT = IC", ["2"]),
        ("any ex where ex.DAT = dm.IC", ["2"]),
        ("any EX where EX.EXSTDTC before (IC | iso 'y-m-d') and dm.SUBJ <> '9'", ["1"]),
    ],
)
def test_records_of_a_form_are_taken_by_what_others_say(condition, subjects, tmp_path):
    assert kept(tmp_path, f"each dm where {condition}", "dm.SUBJ") == subjects


@pytest.mark.parametrize(
    "condition", ["(first EX.EXTRT order EX.EXSTDTC) = 'A'", "(flag first order RFICDTC) = 'Y'"]
)
def test_what_an_order_decides_is_a_variable_first(condition, tmp_path):
    texts = {"sdtm/dm": DM, "sdtm/ex": EX}
    texts["sdtm/dd"] = DD.format(rows=f"each DM where {condition}", value="DM.SUBJID")
    loaded = load_study(write_study(tmp_path, texts, RAW))

    with pytest.raises(SpecError) as error:
        resolve(loaded)

    assert [one.code for one in error.value.diagnostics] == ["SPEC012"]
