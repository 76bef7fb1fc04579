import pytest

from tests.study_builder import build, write_study

TERMS = """
terms:
  FIRST: {"1": Y, "2": N}
  SECOND: {"1": N, "2": Y}
tables:
  sites:
    columns: [SITE, NAME, CITY]
    rows: [[A, Alpha, Aachen], [B, Beta, ""]]
"""
AE = """
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM:   ae.TERM
  AESER:    ae.CODE | ct FIRST
  AESCONG:  when AETERM is not missing then (ae.CODE | ct SECOND)
  AESDTH:   when AESCONG is not missing then (ae.CODE | ct FIRST)
  AELOC:    ae.SITE | lookup sites NAME
  AELOCDTL: {map: ae.SITE | lookup sites CITY, label: City}
"""


@pytest.fixture
def tables(tmp_path):
    raw = {"ae": "SUBJ,TERM,CODE,SITE\n001,a,1,A\n001,b,2,B\n001,c,,C\n"}
    return build(write_study(tmp_path, {"sdtm/ae": AE}, raw, TERMS)).tables


def test_terms_of_one_codelist_keep_apart_what_each_line_says(tables):
    """Later lines of a dataset run in the same statement and use the same codelist."""
    ae = tables["AE"].select(["AESER", "AESCONG", "AESDTH"]).to_pydict()
    assert ae == {
        "AESER": ["Y", "N", None],
        "AESCONG": ["N", "Y", None],
        "AESDTH": ["Y", "N", None],
    }


def test_columns_of_a_study_table_are_those_of_the_key(tables):
    ae = tables["AE"].select(["AELOC", "AELOCDTL"]).to_pydict()
    assert ae == {"AELOC": ["Alpha", "Beta", None], "AELOCDTL": ["Aachen", None, None]}
