"""Units: how they are written, charges, and units that have no path."""

import pytest

from cdisc.engine.lines import read_specs
from cdisc.engine.units import spellings
from cdisc.standard import load_terminology
from tests.study_builder import build, evaluate, evaluation

WRITTEN = {
    "mg/dL": "mg/dL",
    "mg/dl": "mg/dL",
    "MG/DL": "mg/dL",
    "U/l": "U/L",
    "10*9/L": "10^9/L",
    "10^9/L": "10^9/L",
    "x10^9/L": "10^9/L",
    "×10⁹/L": "10^9/L",
    "x 10E9/l": "10^9/L",
    "10³/µL": "10^9/L",
    "10^3/uL": "10^9/L",
    "10^6/mm3": "10^12/L",
    "µmol/L": "umol/L",  # the micro sign
    "μmol/L": "umol/L",  # the Greek letter
    "mcg/L": "ug/L",
    "ng/mL": "ug/L",
    "ng/ml": "ug/L",
    "µg/mL": "mg/L",
    "mg％": None,
    "mm Hg": "mmHg",
    "°C": "C",
    "bpm": "beats/min",
    "IU/ml": "IU/mL",
    "mIU/mL": "IU/L",
    "furlong": None,
}


def test_a_unit_is_found_however_it_is_written(tmp_path):
    found = evaluate(tmp_path, [{"A": one} for one in WRITTEN], {"U": "f.A | ct UNIT"})
    assert dict(zip(WRITTEN, found["U"], strict=True)) == WRITTEN


def test_an_alias_of_the_study_comes_before_how_units_are_written_elsewhere(tmp_path):
    study = "terms:\n  UNIT: {mg％: mg/dL, mcg/L: mg/L}\n"
    found = evaluate(tmp_path, [{"A": "mg%"}, {"A": "mcg/L"}], {"U": "f.A | ct UNIT"}, study)
    assert found["U"] == ["mg/dL", "mg/L"]


def test_units_are_spelled_in_codelists_of_units_alone(tmp_path):
    found = evaluate(tmp_path, [{"A": "h"}, {"A": "d"}], {"U": "f.A | ct FREQ"})
    assert found["U"] == [None, None]


def test_no_other_name_of_a_unit_is_a_term_itself():
    release = load_terminology("sdtm", "2025-03-28")
    said = read_specs("units", "spellings.yaml")
    terms = {one.value for code in said["codelists"][:2] for one in release.codelist(code).terms}
    assert [one for one in said["units"] if one not in terms] == []
    assert [one for some in said["units"].values() for one in some if one in terms] == []


def test_other_units_of_a_term_have_exactly_its_size():
    sizes = read_specs("units", "scales.yaml")
    wrong = []
    for term, others in read_specs("units", "spellings.yaml")["units"].items():
        for units in sizes.values():
            wrong += [one for one in others if {term, one} <= set(units)
                      and float(units[term]) != float(units[one])]  # fmt: skip
    assert wrong == []


def test_micro_is_no_other_u():
    said = {**read_specs("units", "spellings.yaml"), "units": {}}
    assert list(spellings(said, "uU/L")) == ["µU/L", "μU/L", "mcU/L"]
    assert list(spellings(said, "PFU/mL")) == []
    assert list(spellings(said, "FLUORESCENCE")) == []


CHARGED = [
    ("CA", "5", "mEq/L", "mmol/L", "2.5"),
    ("CA", "2.5", "mmol/L", "mEq/L", "5"),
    ("CA", "1", "mEq/L", "mg/dL", "2.0039"),  # 40.078 g/mol, two charges
    ("MG", "2", "mEq/L", "mmol/L", "1"),
    ("SODIUM", "<140", "mEq/L", "mmol/L", "<140"),
    ("K", "4.5", "mmol/L", "mEq/dL", "0.45"),
    ("GLUC", "5", "mEq/L", "mmol/L", None),  # glucose has no charge
    ("CA", "5", "mEq/L", "U/L", None),
    ("", "1", "mEq/L", "mEq/dL", "0.1"),
    ("", "760", "mmHg", "kPa", "101.3250144354"),
    ("", "90", "s", "min", "1.5"),
    ("", "2", "HOURS", "min", "120"),
]


def test_equivalents_are_moles_of_charges(tmp_path):
    records = [dict(zip("DABC", one[:4], strict=True)) for one in CHARGED]
    found = evaluate(tmp_path, records, {"R": "f.A | convert f.B to f.C for f.D"})
    assert found["R"] == [one[4] for one in CHARGED]


@pytest.mark.parametrize("unit", ["mEq/L", "furlong", ""])
def test_a_conversion_without_a_path_is_a_finding_and_never_a_guess(tmp_path, unit):
    records = [{"A": "5", "B": unit, "C": "mmol/L", "D": "GLUC"}]
    result = build(evaluation(tmp_path, records, {"R": "f.A | convert f.B to f.C for f.D"}))
    assert result.tables["AE"].column("R").to_pylist() == [None]
    assert [one.code for one in result.findings] == ["DATA006"]
