"""What a study uses and does not submit, and what it submits without data."""

from cdisc.dataset import Origin
from cdisc.pipeline import build_in_memory
from tests.study_builder import build, write_study

DM = """\
dataset: DM
rows: each dm
keys: USUBJID
variables: {SUBJID: dm.SUBJ}
no_data:
  Not collected in this region: [RACE, ETHNIC]
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
work:
  GRADE_OF_THE_EVENT: (ae.GRADE | num) * 2
  IS_BAD: GRADE_OF_THE_EVENT > 5
variables:
  AETERM: ae.TERM
  AESEV: when IS_BAD then 'SEVERE' else 'MILD'
"""
ADX = """\
dataset: ADX
submit: no
rows: each AE
keys: [USUBJID, AETERM]
copy: {AE: [AETERM]}
work: {HALF: AE.GRADE_OF_THE_EVENT / 2}
variables:
  GRADE: HALF + 1
"""
ADY = """\
dataset: ADY
class: BASIC DATA STRUCTURE
rows: each ADX
keys: [USUBJID, TERM]
variables:
  TERM: {map: ADX.AETERM, label: Term}
  AVAL: ADX.GRADE * 10
"""
RAW = {"dm": "SUBJ\n1\n", "ae": "SUBJ,TERM,GRADE\n1,A,1\n1,B,3\n1,C,\n"}
DATASETS = {"sdtm/dm": DM, "sdtm/ae": AE, "adam/adx": ADX, "adam/ady": ADY}


def studies(folder):
    write_study(folder, DATASETS, RAW)
    return build_in_memory(folder, raw=folder / "raw").studies


def test_a_work_variable_is_there_for_other_lines_and_not_in_the_data(tmp_path):
    ae = studies(tmp_path)["sdtm"].dataset("AE")
    assert ae.table.column_names == ["STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AETERM", "AESEV"]
    assert ae.table.column("AESEV").to_pylist() == ["MILD", "SEVERE", "MILD"]


def test_a_method_explains_what_it_names_and_nobody_submits(tmp_path):
    made = studies(tmp_path)
    assert made["sdtm"].dataset("AE").variable("AESEV").method.text == (
        "If IS_BAD holds then 'SEVERE'; else 'MILD'."
        " IS_BAD (not submitted): GRADE_OF_THE_EVENT is greater than 5."
        " GRADE_OF_THE_EVENT (not submitted): (the numeric value of ae.GRADE)"
        " multiplied by 2. A text that is not a number gives missing."
    )
    assert made["adam"].dataset("ADY").variable("AVAL").method.text == (
        "ADX.GRADE multiplied by 10."
        " ADX.GRADE (not submitted): HALF plus 1."
        " HALF (not submitted): AE.GRADE_OF_THE_EVENT divided by 2."
        " AE.GRADE_OF_THE_EVENT (not submitted):"
        " (the numeric value of ae.GRADE) multiplied by 2."
        " A text that is not a number gives missing."
    )


def test_an_intermediate_dataset_is_read_and_not_submitted(tmp_path):
    adam = studies(tmp_path)["adam"]
    assert [one.name for one in adam.datasets] == ["ADY"]
    assert adam.dataset("ADY").table.column("AVAL").to_pylist() == [20.0, 40.0, None]


def test_the_predecessor_through_an_intermediate_dataset_is_the_one_that_is_submitted(tmp_path):
    term = studies(tmp_path)["adam"].dataset("ADY").variable("TERM")
    assert term.origin == Origin("Predecessor", predecessor="AE.AETERM")


def test_a_variable_without_data_is_missing_everywhere_and_says_why(tmp_path):
    dm = studies(tmp_path)["sdtm"].dataset("DM")
    assert dm.table.column("RACE").to_pylist() == [None]
    race = dm.variable("RACE")
    assert race.comment == "Not collected in this region"
    assert race.origin == Origin("Not Available")
    assert dm.variable("ETHNIC").label == "Ethnicity"


def test_a_work_variable_may_look_at_other_records(tmp_path):
    ae = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
work:
  GRADE: ae.GRADE | num
  WORST: max GRADE
variables:
  AETERM: ae.TERM
  AESPID: yn(GRADE = WORST)
"""
    result = build(write_study(tmp_path, {"sdtm/ae": ae}, {"ae": RAW["ae"]}))
    assert result.tables["AE"].column("AESPID").to_pylist() == ["N", "Y", "N"]
