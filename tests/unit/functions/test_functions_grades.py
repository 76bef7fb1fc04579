"""Grades at the boundaries that the published criteria print."""

import itertools

import pytest

from cdisc.engine.gradings import published
from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, evaluation, read_delivery, resolve_with

NUMBERS = ("AVAL", "ANRLO", "ANRHI", "BASE")
DAIDS = "DAIDS 2.1 adults"


def graded(folder, records, table="CTCAE 5.0", direction="high", study=""):
    """Return grades and findings for records of test, unit, result, limits and baseline."""
    names = ("TEST", "UNIT", *NUMBERS, "SEX")
    rows = [dict(zip(names, one, strict=False)) for one in records]
    lines = {
        **{name: ("number", f"f.{name} | num") for name in NUMBERS},
        "SEX": "f.SEX",
        "GRADE": f"f.TEST | grade '{table}' {direction} unit f.UNIT",
        "TERM": f"f.TEST | toxicity '{table}' {direction} unit f.UNIT",
    }
    rows = [{**dict.fromkeys(names, ""), **row} for row in rows]
    result = build(evaluation(folder, rows, lines, study))
    table = result.tables["AE"]
    return table.column("GRADE").to_pylist(), table.column("TERM").to_pylist(), result.findings


def ladder(folder, test, unit, values, rest, **how):
    records = [(test, unit, value, *rest) for value in values]
    return dict(zip(values, graded(folder, records, **how)[0], strict=True))


def ladders(folder, *steps, **how):
    """Return the grades of several ladders, each of test, unit, expected grades and the rest."""
    records = [(test, unit, value, *rest) for test, unit, values, rest in steps for value in values]
    grades = iter(graded(folder, records, **how)[0])
    return [{value: next(grades) for value in values} for _test, _unit, values, _rest in steps]


@pytest.mark.parametrize("table", ["CTCAE 4.03", "CTCAE 5.0"])
def test_anemia_is_graded_in_each_of_its_units(tmp_path, table):
    si = {"120": "0", "119": "1", "100": "1", "99": "2", "80": "2", "79": "3"}
    us = {"12": "0", "11.9": "1", "10": "1", "9.9": "2", "8": "2", "7.9": "3"}
    mmol = {"7.4": "0", "7.3": "1", "6.2": "1", "6.1": "2", "4.9": "2", "4.8": "3"}

    found = ladders(
        tmp_path,
        ("HGB", "g/L", si, ("120", "160")),
        ("HGB", "g/dL", us, ("12", "16")),
        ("HGB", "mmol/L", mmol, ("7.4", "9.9")),
        table=table,
        direction="low",
    )

    assert found == [si, us, mmol]


def test_liver_enzymes_follow_the_upper_limit_where_the_baseline_was_normal(tmp_path):
    values = {"40": "0", "41": "1", "120": "1", "121": "2", "200": "2", "201": "3", "800": "3"}
    values["801"] = "4"

    steps = [("ALT", "U/L", values, ("", "40", base)) for base in ("", "40")]
    assert ladders(tmp_path / "new", *steps) == [values, values]
    old = ladder(tmp_path / "old", "ALT", "U/L", values, ("", "40", "100"), table="CTCAE 4.03")
    assert old == values


def test_liver_enzymes_follow_a_baseline_that_was_abnormal(tmp_path):
    values = {"149": "0", "150": "1", "300": "1", "301": "2", "500": "2", "501": "3"}
    values |= {"2000": "3", "2001": "4"}

    assert ladder(tmp_path, "ALT", "U/L", values, ("", "40", "100")) == values


def test_products_of_decimals_are_decimals(tmp_path):
    bilirubin = {"3.3": "2", "3.31": "3"}  # three times 1.1
    alanine = {"1.65": "1"}

    found = ladders(
        tmp_path,
        ("BILI", "mg/dL", bilirubin, ("", "1.1", "")),
        ("ALT", "U/L", alanine, ("", "1", "1.1")),
    )

    assert found == [bilirubin, alanine]


def test_creatinine_follows_the_limit_and_the_baseline(tmp_path):
    new = {"1.1": "0", "1.2": "1", "1.3": "2", "2.4": "2", "2.5": "3", "6.6": "3", "6.7": "4"}
    rest = ("", "1.1", "0.8")

    assert ladder(tmp_path / "5", "CREAT", "mg/dL", new, rest) == new
    old = ladder(tmp_path / "4", "CREAT", "mg/dL", {**new, "0.8": ""}, rest, table="CTCAE 4.03")
    assert old == {**new, "1.1": "1", "0.8": "0"}


def test_electrolytes(tmp_path):
    high = {"5.0": "0", "5.1": "1", "5.5": "1", "5.6": "2", "6": "2", "6.1": "3", "7": "3"}
    high["7.1"] = "4"
    low = {"3.5": "0", "3.4": "2", "3": "2", "2.9": "3", "2.5": "3", "2.4": "4"}
    sodium = {"135": "0", "134": "1", "130": "1", "129": "3", "120": "3", "119": "4"}

    assert ladder(tmp_path / "high", "K", "mmol/L", high, ("3.5", "5.0")) == high
    assert ladders(
        tmp_path / "low",
        ("K", "mmol/L", low, ("3.5", "5.0")),
        ("SODIUM", "mmol/L", sodium, ("135", "145")),
        direction="low",
    ) == [low, sodium]


def test_cells_are_graded_in_each_of_their_units(tmp_path):
    si = {"2": "0", "1.9": "1", "1.5": "1", "1.4": "2", "1": "2", "0.9": "3", "0.5": "3"}
    si["0.4"] = "4"
    each = {f"{float(value) * 1000:g}": grade for value, grade in si.items()}

    steps = [("NEUT", "10^9/L", si, ("2", "")), ("NEUT", "/uL", each, ("2000", ""))]
    assert ladders(tmp_path, *steps, direction="low") == [si, each]


def test_what_the_two_versions_have_in_different_ways(tmp_path):
    glucose = [("GLUC", "mmol/L", value, "3.9", "5.6") for value in ("5.6", "8.9", "9", "28")]
    urate = [("URATE", "mg/dL", value, "", "7") for value in ("7", "8", "10.1")]
    inr = [("INR", "", value, "", "1.1") for value in ("1.1", "1.2", "1.21", "1.6", "2.6")]

    four = graded(tmp_path / "4", [*glucose, *urate, *inr], "CTCAE 4.03")[0]
    five = graded(tmp_path / "5", [*glucose, *urate, *inr], "CTCAE 5.0")[0]

    assert four == [*("0", "1", "2", "4"), *("0", "3", "4"), *("0", "1", "1", "1", "2")]
    assert five == [*(None, None, None, None), *("0", "3", "3"), *("0", "0", "1", "2", "3")]


def test_the_table_of_daids(tmp_path):
    platelets = {"125": "0", "124": "1", "100": "1", "99": "2", "50": "2", "49": "3", "24": "4"}
    men = {"11": "0", "10.9": "1", "10": "1", "9.9": "2", "9": "2", "8.9": "3", "6.9": "4"}
    women = {"10.5": "0", "10.4": "1", "9.5": "1", "9.4": "2", "8.5": "2", "8.4": "3", "6.4": "4"}
    neutrophils = {"1.01": "0", "1": "1", "0.8": "1", "0.79": "2", "0.59": "3", "0.39": "4"}
    creatinine = {"1.09": "0", "1.1": "1", "1.3": "1", "1.31": "2", "1.81": "3", "3.5": "4"}
    sodium = {"135": "0", "121": "3", "120": "4"}
    rise = {"0.6": "3", "0.8": "4"}
    unknown = {"12": None}  # neither a man nor a woman

    low = ladders(
        tmp_path / "low",
        ("PLAT", "10^9/L", platelets, ()),
        ("HGB", "g/dL", men, ("", "", "", "M")),
        ("HGB", "g/dL", women, ("", "", "", "F")),
        ("HGB", "g/dL", unknown, ()),
        ("NEUT", "10^9/L", neutrophils, ()),
        ("SODIUM", "mmol/L", sodium, ()),
        table=DAIDS,
        direction="low",
    )
    high = ladders(
        tmp_path / "high",
        ("CREAT", "mg/dL", creatinine, ("", "1", "")),
        ("CREAT", "mg/dL", rise, ("", "1", "0.4")),
        table=DAIDS,
    )

    assert low == [platelets, men, women, unknown, neutrophils, sodium]
    assert high == [creatinine, rise]


def test_without_a_result_or_the_limit_that_decides_there_is_no_grade(tmp_path):
    records = [
        ("HGB", "g/L", "", "120"),
        ("HGB", "g/L", "110", ""),
        ("HGB", "g/L", "70", ""),  # the limit does not matter
        ("HGB", "", "", "120"),
        ("XYZ", "g/L", "70", "120"),
        ("", "", "", ""),
    ]

    grades, terms, findings = graded(tmp_path, records, direction="low")

    assert grades == [None, None, "3", None, None, None]
    assert terms == ["Anemia", "Anemia", "Anemia", None, None, None]
    assert [one for one in findings if one.code == "DATA035"] == []


def test_a_unit_that_the_table_lacks_is_reported(tmp_path):
    records = [("HGB", "pg", "70", "120"), ("HGB", "", "70", "120"), ("HGB", "g/L", "70", "120")]

    grades, _terms, findings = graded(tmp_path, records, direction="low")

    assert grades == [None, None, "3"]
    found = [one for one in findings if one.code == "DATA035"]
    assert sorted(text for one in found for text in one.found) == [
        '"HGB in no unit" 1 record, first f.csv row 3',
        '"HGB in pg" 1 record, first f.csv row 2',
        '"HGB in pg" 1 record, first f.csv row 2',
    ]


OWN = """grades:
  PROTOCOL:
    source: Protocol, appendix 3
    value: AVAL
    terms:
      Low iron: {direction: low, tests: IRON, grades: {"2": AVAL < 5, "1": AVAL < 10}}
"""


def test_a_study_may_bring_its_own_table(tmp_path):
    values = {"10": "0", "9": "1", "5": "1", "4": "2"}

    found = ladder(
        tmp_path, "IRON", "umol/L", values, (), table="PROTOCOL", direction="low", study=OWN
    )

    assert found == values


@pytest.mark.parametrize(
    ("table", "study", "code"),
    [
        ("CTCAE 5", "", "SPEC055"),
        ("PROTOCOL", OWN.replace("AVAL < 5", "AVAL under 5"), "SPEC056"),
        ("PROTOCOL", OWN.replace("AVAL < 5", "AVALX < 5"), "SPEC017"),
    ],
)
def test_a_table_that_is_none_or_a_condition_that_is_wrong_is_a_mistake(
    tmp_path, table, study, code
):
    with pytest.raises(SpecError) as error:
        graded(tmp_path, [("IRON", "", "1")], table, "low", study)

    assert code in {one.code for one in error.value.diagnostics}


def test_every_published_condition_is_sound_and_the_worst_grade_comes_first(tmp_path):
    for number, (name, direction) in enumerate(itertools.product(published(), ("low", "high"))):
        graded(tmp_path / str(number), [("HGB", "g/L", "1", "1", "1", "1")], name, direction)
    orders = [
        list(grades)
        for table in published().values()
        for term in table.terms.values()
        for grades in (term.grades, *term.units.values())
    ]

    assert [one for one in orders if one != sorted(one, reverse=True)] == []


def test_it_says_how_a_grade_comes_about(tmp_path):
    lines = {
        **{name: ("number", f"f.{name} | num") for name in NUMBERS},
        "GRADE": "f.TEST | grade 'CTCAE 5.0' low unit f.UNIT",
    }
    records = [dict.fromkeys(("TEST", "UNIT", *NUMBERS), "")]
    folder = evaluation(tmp_path, records, lines)
    loaded = load_study(folder)
    plan = resolve_with(loaded, read_delivery(loaded, folder / "raw")).datasets["AE"]

    assert method_text(plan, plan.variables["GRADE"]) == (
        "The toxicity grade of low results by CTCAE 5.0 for the test f.TEST with results in f.UNIT:"
        " the highest grade whose criterion is met, '0' where none is; missing for tests that are"
        " not graded, and where the result, or a limit or baseline that decides, is missing."
    )
