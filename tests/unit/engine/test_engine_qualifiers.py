import pytest

from cdisc.errors import RawDataError, SpecError
from tests.study_builder import build, write_study

LB = """dataset: LB
rows: each lb
keys: [USUBJID, VISITNUM, LBTESTCD]
variables:
  LBTESTCD: lb.TEST
  LBTEST: lb.TEST
  VISITNUM: lb.VISIT | num
supp:
  LBFAST: {label: Fasting, map: lb.FAST, idvar: VISITNUM, by: INVESTIGATOR, origin: CRF}
"""


def built(folder, csv, dataset=LB):
    return build(write_study(folder, {"sdtm/lb": dataset}, {"lb": csv}))


def test_a_qualifier_of_a_visit_stands_once_for_its_records(tmp_path):
    csv = "SUBJ,TEST,VISIT,FAST\n1,A,1,Y\n1,B,1,Y\n1,A,2.1,N\n1,B,2.1,\n1,A,3,\n2,A,1,N\n"

    supp = built(tmp_path, csv).tables["SUPPLB"]

    columns = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL", "QORIG", "QEVAL"]
    assert [tuple(row.values()) for row in supp.select(columns).to_pylist()] == [
        ("S1-1", "VISITNUM", "1", "LBFAST", "Y", "CRF", "INVESTIGATOR"),
        ("S1-1", "VISITNUM", "2.1", "LBFAST", "N", "CRF", "INVESTIGATOR"),
        ("S1-2", "VISITNUM", "1", "LBFAST", "N", "CRF", "INVESTIGATOR"),
    ]


@pytest.mark.parametrize("csv", ["1,A,1,Y\n1,B,1,N\n", "1,A,,Y\n"])
def test_a_group_without_one_answer_or_without_a_pointer_is_an_error(tmp_path, csv):
    with pytest.raises(RawDataError) as error:
        built(tmp_path, f"SUBJ,TEST,VISIT,FAST\n{csv}")

    assert [one.code for one in error.value.diagnostics] == ["DATA034"]


def test_a_pointer_is_a_variable_of_the_data_set(tmp_path):
    with pytest.raises(SpecError) as error:
        built(tmp_path, "SUBJ,TEST,VISIT,FAST\n", LB.replace("idvar: VISITNUM", "idvar: VISITNM"))

    (found,) = error.value.diagnostics
    assert (found.code, found.help) == ("SPEC017", 'did you mean "VISITNUM"?')
    assert found.span.line == 9
