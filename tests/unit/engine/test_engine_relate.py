import pytest

from cdisc.errors import SpecError
from tests.study_builder import build, write_study

AE = """dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESPID: ae.NO
  AEGRPID: ae.GRP
"""
CM = """dataset: CM
rows: each cm
keys: [USUBJID, CMTRT]
variables:
  CMTRT: cm.DRUG
  CMGRPID: cm.GRP
"""
RECORDS = "relate:\n  AE: [(cm.AE1 | squish) = AE.AESPID, cm.AE2 = AE.AESPID]\n"
AE_RAW = "SUBJ,TERM,NO,GRP\n1,Rash,A,g1\n1,Fever,B,g1\n1,Cough,C,\n2,Rash,A,g9\n"
CM_RAW = "SUBJ,DRUG,AE1,AE2,GRP\n1,Zinc,B,,g1\n1,Aspirin, A ,B,g1\n1,Iron,,,g2\n2,Zinc,Q,,\n"
COLUMNS = ["USUBJID", "RDOMAIN", "IDVAR", "IDVARVAL", "RELTYPE", "RELID"]


def built(folder, ae="", cm="", ae_raw=AE_RAW, cm_raw=CM_RAW):
    files = {"sdtm/ae": AE + ae, "sdtm/cm": CM + cm}
    return build(write_study(folder, files, {"ae": ae_raw, "cm": cm_raw}))


def relations(result):
    rows = result.tables["RELREC"].select(COLUMNS).to_pylist()
    return [tuple(row.values()) for row in rows]


# AE of subject 1 by AETERM: 1 Cough C, 2 Fever B, 3 Rash A; CM: 1 Aspirin, 2 Iron, 3 Zinc
RELATED = [
    ("S1-1", "AE", "AESEQ", "3", None, "1"),
    ("S1-1", "CM", "CMSEQ", "1", None, "1"),
    ("S1-1", "AE", "AESEQ", "2", None, "2"),
    ("S1-1", "CM", "CMSEQ", "1", None, "2"),
    ("S1-1", "CM", "CMSEQ", "3", None, "2"),
]


def test_records_with_one_value_in_common_are_one_relation(tmp_path):
    result = built(tmp_path, cm=RECORDS)

    assert relations(result) == RELATED
    assert result.tables["RELREC"].column_names == [
        "STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID",
    ]  # fmt: skip
    assert "relate:1" not in result.tables["CM"].column_names


def test_a_value_without_a_partner_of_the_same_subject_is_reported(tmp_path):
    (found,) = built(tmp_path, cm=RECORDS).findings

    assert (found.code, found.dataset, found.records) == ("DATA030", "CM", 1)
    assert found.found == ('"Q" 1 record, first cm.csv row 5',)


def test_relations_do_not_depend_on_the_order_of_the_raw_records(tmp_path):
    head, *rows = CM_RAW.splitlines(keepends=True)
    ae_head, *ae_rows = AE_RAW.splitlines(keepends=True)

    result = built(
        tmp_path,
        cm=RECORDS,
        cm_raw=head + "".join(rows[::-1]),
        ae_raw=ae_head + "".join(ae_rows[::-1]),
    )

    assert relations(result) == RELATED


def test_groups_point_with_their_grouping_variables(tmp_path):
    result = built(tmp_path, ae="relate: {CM: groups AEGRPID = CM.CMGRPID}\n")

    assert relations(result) == [
        ("S1-1", "AE", "AEGRPID", "g1", None, "1"),
        ("S1-1", "CM", "CMGRPID", "g1", None, "1"),
    ]
    assert [(one.code, one.found) for one in result.findings] == [
        ("DATA030", ('"g9" 1 record, first ae.csv row 5',))
    ]


# SDTMIG v3.4, section 8.3: one record for each data set, without a subject and a value
@pytest.mark.parametrize(
    "entry",
    [
        "datasets AEGRPID = CM.CMGRPID one to many",
        "{where: AEGRPID = CM.CMGRPID, as: datasets, types: [ONE, MANY]}",
    ],
)
def test_data_sets_are_related_by_two_records_without_a_subject(tmp_path, entry):
    result = built(tmp_path, ae=f"relate: {{CM: {entry}}}\n")

    assert relations(result) == [
        (None, "AE", "AEGRPID", None, "ONE", "AECM1"),
        (None, "CM", "CMGRPID", None, "MANY", "AECM1"),
    ]


def test_records_of_one_data_set_are_related_with_each_other(tmp_path):
    raw = "SUBJ,TERM,NO,GRP\n1,Rash,A,\n1,Itch,B,A\n1,Cough,C,C\n"

    result = built(tmp_path, ae="relate: {AE: ae.GRP = AE.AESPID}\n", ae_raw=raw)

    assert relations(result) == [
        ("S1-1", "AE", "AESEQ", "2", None, "1"),
        ("S1-1", "AE", "AESEQ", "3", None, "1"),
    ]
    assert [one.found for one in result.findings] == [('"C" 1 record, first ae.csv row 4',)]


def test_no_records_give_no_relations(tmp_path):
    result = built(
        tmp_path, cm=RECORDS, ae_raw="SUBJ,TERM,NO,GRP\n", cm_raw="SUBJ,DRUG,AE1,AE2,GRP\n"
    )

    assert (relations(result), result.findings) == ([], ())


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("CM: ae.NO", "SPEC050"),
        ("CM: ae.NO > CM.CMTRT", "SPEC050"),
        ("CM: groups ae.GRP = CM.CMGRPID", "SPEC050"),
        ("CM: datasets AEGRPID = CM.CMGRPID", "SPEC050"),
        ("CM: AEGRPID = CM.CMGRPID one to many", "SPEC050"),
        ("CM: AEGRPID = CM.CMGRPD", "SPEC017"),
        ("CM: AESPID = CM.CMSEQ", "SPEC014"),
        ("CN: AEGRPID = CN.CMGRPID", "SPEC018"),
        ("CM: 'AEGRPID ='", "SPEC010"),
        ("CM: ae.N = CM.CMGRPID", "SPEC019"),
    ],
)
def test_what_is_no_relation_is_a_mistake(tmp_path, entry, code):
    with pytest.raises(SpecError) as error:
        built(tmp_path, ae=f"relate: {{{entry}}}\n")

    assert {one.code for one in error.value.diagnostics} == {code}
