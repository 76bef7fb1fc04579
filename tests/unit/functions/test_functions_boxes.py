import pytest

from cdisc.engine.run import run
from cdisc.errors import SpecError
from cdisc.sdtm import build_sdtm
from cdisc.spec import load_study
from cdisc.standard import load_sdtm, load_terminology
from cdisc.validate import validate_study
from tests.study_builder import build, read_delivery, resolve_with, write_study

DM = """dataset: DM
rows: each dm
keys: USUBJID
variables:
  RACE: {line}
"""
COLUMNS = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG"]


def races(folder, line, csv, more=""):
    folder = write_study(folder, {"sdtm/dm": DM.format(line=line) + more}, {"dm": csv})
    result = build(folder)
    supp = result.tables["SUPPDM"].select(COLUMNS).to_pylist()
    return result, result.tables["DM"].column("RACE").to_pylist(), [tuple(r.values()) for r in supp]


# SDTMIG v3.4, section 5.2, DM example 3: one race, two races, another race
def test_one_race_stays_and_several_become_multiple_with_one_qualifier_each(tmp_path):
    line = (
        "one_or_multiple(dm.R1 | box WHITE, dm.R2 | box 'BLACK OR AFRICAN AMERICAN',"
        " dm.R3 | box ASIAN)"
    )
    csv = "SUBJ,R1,R2,R3\n001,,,X\n002,1,0,1\n003,N,No,\n004,Y,yes,TRUE\n"

    result, race, supp = races(tmp_path, line, csv)

    assert race == ["ASIAN", "MULTIPLE", None, "MULTIPLE"]
    assert supp == [
        ("S1-002", None, None, "RACE1", "Race 1", "WHITE", "Collected"),
        ("S1-002", None, None, "RACE2", "Race 2", "ASIAN", "Collected"),
        ("S1-004", None, None, "RACE1", "Race 1", "WHITE", "Collected"),
        ("S1-004", None, None, "RACE2", "Race 2", "BLACK OR AFRICAN AMERICAN", "Collected"),
        ("S1-004", None, None, "RACE3", "Race 3", "ASIAN", "Collected"),
    ]
    assert result.findings == ()


def test_boxes_may_hold_their_text_and_the_same_text_twice_is_one_value(tmp_path):
    line = "one_or_multiple(dm.R1 | ct, dm.R2 | ct, dm.R3 | ct)"
    csv = "SUBJ,R1,R2,R3\n001,white,White,\n002,asian,,white\n003,,,\n"

    result, race, supp = races(tmp_path, line, csv)

    assert race == ["WHITE", "MULTIPLE", None]
    assert [row[3:6] for row in supp] == [
        ("RACE1", "Race 1", "ASIAN"),
        ("RACE2", "Race 2", "WHITE"),
    ]
    assert result.findings == ()


def test_a_box_with_its_own_mark_is_checked_by_that_mark_alone(tmp_path):
    line = "one_or_multiple(dm.R1 | box WHITE checked 'v' '+', dm.R2 | box ASIAN)"
    csv = "SUBJ,R1,R2\n001,V,\n002,+,N\n003,Y,\n004,?,Y\n"

    result, race, _supp = races(tmp_path, line, csv)

    assert race == ["WHITE", "WHITE", None, "ASIAN"]
    found = [(one.code, one.variable, one.records) for one in result.findings]
    assert found[0] == ("DATA032", "RACE", 2)


def test_a_qualifier_that_is_written_comes_before_the_one_that_is_implied(tmp_path):
    line = "one_or_multiple(dm.R1 | box WHITE, dm.R2 | box ASIAN)"
    more = "supp:\n  RACE2: {label: Second Race, map: 'nth_checked(2, dm.R1, dm.R2)'}\n"

    _result, _race, supp = races(tmp_path, line, "SUBJ,R1,R2\n001,Y,1\n", more)

    assert [row[3:6] for row in supp] == [
        ("RACE1", "Race 1", "WHITE"),
        ("RACE2", "Second Race", "1"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "one_or_multiple(dm.R1)",
        "dm.R1 | box ''",
        "nth_checked(0, dm.R1, dm.R2)",
        "nth_checked(dm.R1, dm.R2)",
    ],
)
def test_boxes_that_mean_nothing_are_mistakes(tmp_path, line):
    folder = write_study(tmp_path, {"sdtm/dm": DM.format(line=line)}, {"dm": "SUBJ,R1,R2\n1,,\n"})

    with pytest.raises(SpecError) as error:
        build(folder)

    assert {one.code for one in error.value.diagnostics} == {"SPEC012"}


def test_multiple_is_permitted_beside_the_codelist_of_race(tmp_path):
    line = "one_or_multiple(dm.R1 | box WHITE, dm.R2 | box ASIAN)"
    files = {"sdtm/dm": DM.format(line=line)}
    folder = write_study(tmp_path, files, {"dm": "SUBJ,R1,R2\n001,Y,Y\n002,Y,\n"})
    loaded = load_study(folder)
    raw = read_delivery(loaded, folder / "raw")
    program = resolve_with(loaded, raw)

    found = validate_study(
        build_sdtm(program, run(program, raw)),
        standard=load_sdtm("3.4"),
        terminology=[load_terminology("sdtm", "2025-03-28")],
    )

    assert [one for one in found if one.code.startswith("CT") and one.variable == "RACE"] == []
