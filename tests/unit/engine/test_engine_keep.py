"""A choice of one record among several that its order leaves open is said."""

import pytest

from tests.study_builder import build, write_study

AE = """\
dataset: AE
rows: each ae keep first by ae.SUBJ ae.NO order ae.AT
keys: [USUBJID, AESPID]
variables:
  AESPID: ae.NO
  AETERM: ae.TERM
"""


def findings(folder, *rows):
    raw = {"ae": "\n".join(["SUBJ,NO,AT,TERM,UNUSED", *rows]) + "\n"}
    result = build(write_study(folder, {"sdtm/ae": AE}, raw))
    found = [one for one in result.findings if one.code == "DATA011"]
    return result.tables["AE"].column("AETERM").to_pylist(), found


def test_unlike_records_of_equal_order_are_reported_and_the_first_of_the_file_is_kept(tmp_path):
    kept, found = findings(tmp_path, "1,7,a,RASH,x", "1,7,a,FEVER,x", "2,7,a,RASH,x")
    assert kept == ["RASH", "RASH"]
    assert [(one.fact, one.found, one.records) for one in found] == [
        (
            "AE.rows: the order leaves 1 choice open; the place in the file decided",
            ('"1 7" 1 record, first ae.csv row 2',),
            1,
        )
    ]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(["1,7,a,RASH,x", "1,7,a,RASH,y"], id="alike in all that is used"),
        pytest.param(["1,7,a,RASH,x", "1,7,b,FEVER,x"], id="told apart by the order"),
        pytest.param(
            ["1,7,a,RASH,x", "1,7,b,FEVER,x", "1,7,b,CHILLS,x"], id="open only among the others"
        ),
    ],
)
def test_a_choice_that_no_place_decides_is_not_reported(rows, tmp_path):
    assert findings(tmp_path, *rows) == (["RASH"], [])
