"""Every formula, against a number of its publication or one worked out by hand."""

import pytest

from cdisc.functions import builtin_verbs
from tests.study_builder import evaluate

# worked out by hand from the published equation, unless said otherwise
NUMBERS = {
    "chg(7, 5)": 2,
    "pchg(7, 5)": 40,
    "pchg(5, 0)": None,
    "ratio(3, 2)": 1.5,
    "ratio(3, 0)": None,
    "scale(4, 1, 5, 0, 100)": 75,
    "scale(4, 1, 5, 100, 0)": 25,
    "scale(4, 1, 1, 0, 100)": None,
    "bmi(80, 200)": 20,
    "bmi(75, 170)": 25.95156,
    "bmi(75, 0)": None,
    "bsa_mosteller(75, 170)": 1.88193,
    "bsa_dubois(75, 170)": 1.863558,
    "bsa_haycock(75, 170)": 1.894690,
    "bsa_gehan_george(75, 170)": 1.897470,
    "bsa_boyd(75, 170)": 1.905069,
    "bsa_fujimoto(75, 170)": 1.819175,
    "bsa_takahira(75, 170)": 1.878344,
    "mean_arterial_pressure(121, 51)": 74.33333,
    "mean_arterial_pressure_hr(121, 51, 59)": 73.03907,
    "rr(60)": 1000,
    "rr(70.14)": 855.4320,
    "qtcb(350, 857)": 378.0747,
    "qtcb(350, 1000)": 350,
    "qtcf(350, 857)": 368.4748,
    "qtcf(400, 512)": 500,  # the cube root of 0.512 is 0.8
    "qtcs(350, 857)": 372.022,
    "egfr_ckd_epi_2021(1, 50, 'F')": 68.63350,
    "egfr_ckd_epi_2021(0.7, 50, 'F')": 105.2976,
    "egfr_ckd_epi_2021(0.9, 50, 'M')": 104.0490,
    "egfr_ckd_epi_2021(0.5, 30, 'M')": 140.7182,
    "egfr_ckd_epi_2021(1, 50, 'U')": None,
    "egfr_ckd_epi_2009(1, 50, 'F', 'WHITE')": 65.63762,
    "egfr_ckd_epi_2009(0.9, 50, 'M', 'BLACK OR AFRICAN AMERICAN')": 115.0178,
    "egfr_ckd_epi_2009(1, 50, 'F', '')": None,
    "egfr_mdrd(1, 50, 'M', 'WHITE')": 79.09466,
    "egfr_mdrd(1, 50, 'F', 'BLACK OR AFRICAN AMERICAN')": 71.13014,
    "crcl(1, 40, 72, 'M')": 100,
    "crcl(1, 40, 72, 'F')": 85,
    "crcl(1, 40, 72, '')": None,
    "absolute_count(8, 25)": 2,
    # the two examples of the publication: 10.48 and 15.62 percent
    "framingham(124, 180, 47, 61, 'F', 'Y', 'N', 'N')": 10.48418,
    "framingham(125, 161, 55, 53, 'M', 'N', 'Y', 'Y')": 15.62265,
    "framingham(125, 161, 55, 53, 'M', 'N', 'Y', 'U')": None,
    "dose_intensity(75, 100)": 75,
    "dose_intensity(75, 0)": None,
    "age_years(18, 'MONTHS')": 1.5,
    "age_years(40, 'YEARS')": 40,
    "age_years(1461, 'DAYS')": 4,
    "age_years(3, 'FORTNIGHTS')": None,
}
# to the digits that the calculators of the National Kidney Foundation, MDCalc and CDC show
SHOWN = {
    "egfr_ckd_epi_2021(1.09, 55, 'M') | round 0": 80,
    "egfr_ckd_epi_2021(85 / 88.42, 65, 'F') | round 0": 66,
    "crcl(1.09, 55, 90, 'M') | round 0": 97,
    "crcl(85 / 88.42, 65, 60, 'F') | round 0": 55,
    "egfr_mdrd(1.09, 55, 'M', 'WHITE') | round 1": 70.2,
    "egfr_mdrd(85 / 88.42, 65, 'F', 'BLACK OR AFRICAN AMERICAN') | round 1": 70.6,
    "bmi(75, 180) | round 3": 23.148,  # of CDC
}
TEXTS = {
    "combined_grade('3', '0')": "-3",
    "combined_grade('0', '2')": "2",
    "combined_grade('0', '0')": "0",
    "combined_grade('0', '')": "0",
    "combined_grade('', '1')": "1",
    "combined_grade('', '')": None,
    "reference_indicator(1, 3, 7, 2, 8)": "LOW LOW",
    "reference_indicator(2, 3, 7, 2, 8)": "LOW",
    "reference_indicator(3, 3, 7, 2, 8)": "NORMAL",
    "reference_indicator(7.5, 3, 7, 2, 8)": "HIGH",
    "reference_indicator(8.1, 3, 7, 2, 8)": "HIGH HIGH",
    "reference_indicator(1, 3, 7, f.X | num, f.X | num)": "LOW",
    "reference_indicator(f.X | num, 3, 7, 2, 8)": None,
    "shift('LOW', 'NORMAL')": "LOW to NORMAL",
    "shift('', 'NORMAL')": "NULL to NORMAL",
    "shift_or('LOW', '', 'Missing')": "LOW to Missing",
}


def test_every_formula_gives_the_number_of_its_publication(tmp_path):
    lines = {f"V{n}": ("number", text) for n, text in enumerate(NUMBERS)}
    found = evaluate(tmp_path, [{"X": ""}], lines)

    values = dict(zip(NUMBERS, (one for [one] in found.values()), strict=True))

    assert {k: v for k, v in values.items() if v is None} == {
        k: v for k, v in NUMBERS.items() if v is None
    }
    for name, expected in NUMBERS.items():
        if expected is not None:
            assert values[name] == pytest.approx(expected, rel=2e-6), name


def test_formulas_agree_with_the_calculators_in_public(tmp_path):
    lines = {f"V{n}": ("number", text) for n, text in enumerate(SHOWN)}
    found = evaluate(tmp_path, [{"X": ""}], lines)

    assert dict(zip(SHOWN, (one for [one] in found.values()), strict=True)) == SHOWN


def test_every_formula_of_texts(tmp_path):
    found = evaluate(tmp_path, [{"X": ""}], {f"V{n}": text for n, text in enumerate(TEXTS)})

    assert dict(zip(TEXTS, (one for [one] in found.values()), strict=True)) == TEXTS


def test_each_part_that_is_missing_makes_a_formula_of_numbers_missing(tmp_path):
    lines = {}
    for text in NUMBERS:
        name, _, given = text.removesuffix(")").partition("(")
        parts = given.split(", ")
        for n, part in enumerate(parts):
            none = "f.X" if part.startswith("'") else "(f.X | num)"
            lines[f"{name}({', '.join([*parts[:n], none, *parts[n + 1 :]])})"] = None
    found = evaluate(
        tmp_path, [{"X": ""}], {f"V{n}": ("number", text) for n, text in enumerate(lines)}
    )

    assert dict(zip(lines, (one for [one] in found.values()), strict=True)) == lines


def test_every_formula_has_an_example_that_is_tested_here():
    tested = {text.partition("(")[0] for text in (*NUMBERS, *TEXTS)}
    formulas = {
        one.name for one in builtin_verbs().values() if one.rule.__module__.endswith("formula")
    }

    assert tested == formulas - {"epoch"}  # that one reads a data set: test_functions_visits.py


def test_a_formula_says_its_units():
    verbs = builtin_verbs()
    units = {
        "bmi": ("kg", "cm"),
        "crcl": ("mg/dL", "years", "kg"),
        "qtcf": ("msec",),
        "framingham": ("mmHg", "mg/dL", "years"),
    }

    said = {name: verbs[f"call {name}"].summary for name in units}

    assert [name for name, many in units.items() for one in many if one not in said[name]] == []
