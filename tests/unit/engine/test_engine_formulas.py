"""Functions of a study and of the language, run on data."""

import pytest

from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, read_delivery, resolve_with, write_study

DM = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n  SUBJID: dm.SUBJ\n"
ADSL = """dataset: ADSL
rows: each DM
keys: [USUBJID]
variables:
  BMIBL: {map: "bmi2(dm.KG | num, dm.CM | num)", label: BMI}
  DIFF: {map: "chg(BMIBL, 20)", label: Difference}
"""
LET = 'let: {"bmi2(weight, height)": "weight / ((height / 100) * (height / 100))"}\n'


def test_functions_stand_for_their_bodies(tmp_path):
    write_study(
        tmp_path,
        {"sdtm/dm": DM, "adam/adsl": ADSL},
        {"dm": "SUBJ,KG,CM\n1,80,200\n2,,180\n"},
        LET,
    )

    table = build(tmp_path).tables["ADSL"]

    assert table.column("BMIBL").to_pylist() == [20.0, None]
    assert table.column("DIFF").to_pylist() == [0.0, None]


def test_their_english_is_their_own_or_that_of_the_body(tmp_path):
    write_study(tmp_path, {"sdtm/dm": DM, "adam/adsl": ADSL}, {"dm": "SUBJ,KG,CM\n1,80,200\n"}, LET)
    loaded = load_study(tmp_path)
    plan = resolve_with(loaded, read_delivery(loaded, tmp_path / "raw")).datasets["ADSL"]

    said = {name: method_text(plan, plan.variables[name]) for name in ("BMIBL", "DIFF")}

    assert said == {
        "BMIBL": "(the numeric value of dm.KG) divided by (((the numeric value of dm.CM)"
        " divided by 100) multiplied by ((the numeric value of dm.CM) divided by 100))."
        " A text that is not a number gives missing. A division by zero gives missing.",
        "DIFF": "BMIBL minus 20.",
    }


def test_their_english_says_the_verbs_of_their_arguments(tmp_path):
    line = '  DIFF: {map: "dose_intensity(coalesce(BMIBL, 0), BMIBL) | round 1", label: Dose}\n'
    adsl = ADSL.replace('  DIFF: {map: "chg(BMIBL, 20)", label: Difference}\n', line)
    write_study(tmp_path, {"sdtm/dm": DM, "adam/adsl": adsl}, {"dm": "SUBJ,KG,CM\n1,80,200\n"}, LET)
    loaded = load_study(tmp_path)
    plan = resolve_with(loaded, read_delivery(loaded, tmp_path / "raw")).datasets["ADSL"]

    assert method_text(plan, plan.variables["DIFF"]) == (
        "The first non-missing value of BMIBL and 0 divided by BMIBL, in percent, rounded to 1"
        " decimal."
    )


def test_a_mistake_in_the_arguments_stands_where_they_are_written(tmp_path):
    line = '  DIFF: {map: "chg(BMIBL, USUBJID)", label: Difference}\n'
    adsl = ADSL.replace('  DIFF: {map: "chg(BMIBL, 20)", label: Difference}\n', line)
    write_study(tmp_path, {"sdtm/dm": DM, "adam/adsl": adsl}, {"dm": "SUBJ,KG,CM\n"}, LET)

    with pytest.raises(SpecError) as error:
        build(tmp_path)

    [found] = error.value.diagnostics
    assert (found.code, found.span.line, found.span.column) == ("SPEC014", 6, 27)


def test_a_name_of_the_language_cannot_be_defined_again(tmp_path):
    let = 'let: {"coalesce(a)": "a"}\n'
    write_study(tmp_path, {"sdtm/dm": DM}, {"dm": "SUBJ\n1\n"}, let)

    with pytest.raises(SpecError) as error:
        build(tmp_path)

    assert [one.code for one in error.value.diagnostics] == ["SPEC002"]
