"""What a mapping says of the results of each test."""

from cdisc.dataset import Comparison, Division, Method, Origin, Value
from cdisc.engine.describe import describe
from cdisc.spec import load_study
from tests.study_builder import build, read_delivery, resolve_with, write_study

VS = """
dataset: VS
rows:
  - melt: vs
    tests:
      columns: [result, unit]
      HEIGHT: [HGT, cm]
      WEIGHT: [WGT, kg]
  - each: vs where vs.HGT is not missing
    set: {VSTESTCD: const BMI, VSORRES: vs.WGT, VSORRESU: const kg}
keys: [USUBJID, VSTESTCD]
variables:
  VSTESTCD: test.code
  VSTEST:   VSTESTCD | decode VSTESTCD
  VSORRES:  test.result
  VSORRESU: test.unit
  VSSTRESC: VSORRES
  VSSTRESN: "when VSTESTCD = 'BMI' then 1 else (VSORRES | num)"
"""
RAW = {"vs": "SUBJ,HGT,WGT\n001,180,80\n"}


def described(folder, text=VS, name="VS", raw=RAW):
    path = write_study(folder, {f"sdtm/{name.lower()}": text}, raw)
    loaded = load_study(path)
    program = resolve_with(loaded, read_delivery(loaded, path / "raw"))
    return describe(program, build(path), name, standard="SDTMIG")


def test_results_are_divided_by_test_and_other_variables_are_not(tmp_path):
    vs = described(tmp_path)
    divided = {one.name: one.division for one in vs.variables if one.division}
    assert list(divided) == ["VSORRES", "VSSTRESC", "VSSTRESN"]
    assert divided["VSSTRESN"] == Division("VSTESTCD", "VSTEST")


def test_tests_of_different_sources_have_origins_and_methods_of_their_own(tmp_path):
    division = described(tmp_path).variable("VSORRES").division
    collected = Origin("Collected", "Investigator")
    assert {one.of: one.origin.type for one in division.values} == {
        "HEIGHT": "Collected",
        "WEIGHT": "Collected",
        "BMI": "Collected",
    }
    assert division.values[0] == Value("BMI", origin=collected)


def test_a_derived_test_has_its_method_and_the_collected_ones_have_none(tmp_path):
    text = VS.replace("VSORRES: vs.WGT", "VSORRES: 2 * (vs.WGT | num) | text")
    division = described(tmp_path, text).variable("VSORRES").division
    assert {one.of: (one.origin.type, one.method) for one in division.values} == {
        "HEIGHT": ("Collected", None),
        "WEIGHT": ("Collected", None),
        "BMI": (
            "Derived",
            Method(
                "(2 multiplied by (the numeric value of vs.WGT)), as text."
                " A text that is not a number gives missing.",
                "2 * (vs.WGT | num) | text",
            ),
        ),
    }


RS = """
dataset: RS
rows: each rs
keys: [USUBJID, RSTESTCD]
variables:
  RSTESTCD: rs.TEST
  RSORRES:  rs.RESULT
"""


def test_the_codelist_of_a_test_is_part_of_its_division(tmp_path):
    raw = {"rs": "SUBJ,TEST,RESULT\n001,ECOG101,Dead\n001,OVRLRESP,Good\n"}
    variable = described(tmp_path, RS, "RS", raw).variable("RSORRES")
    (value,) = variable.division.values
    assert (value.of, value.codelist.name) == ("ECOG101", "ECOG101OR")
    assert variable.division.otherwise is None
    assert [(one.where, one.codelist is None) for one in variable.subsets] == [
        ((Comparison("RSTESTCD", ("ECOG101",)),), False),
        ((Comparison("RSTESTCD", ("ECOG101",), negated=True),), True),
    ]
