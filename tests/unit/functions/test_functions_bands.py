import pytest

from cdisc.errors import SpecError
from tests.study_builder import build, evaluate, evaluation


def banded(folder, numbers, *bands):
    given = ", ".join(f"'{one}'" for one in bands)
    call = {"R": f"bands(f.A | num, {given})", "N": ("number", f"band_number(f.A | num, {given})")}
    found = evaluate(folder, [{"A": one} for one in numbers], call)
    return list(zip(found["R"], found["N"], strict=True))


def test_a_band_may_have_a_label(tmp_path):
    bands = ("Underweight: <18.5", "Normal: 18.5-<25", "Overweight: >=25")

    assert banded(tmp_path, ["18.4", "18.5", "24.9", "25", ""], *bands) == [
        ("Underweight", 1),
        ("Normal", 2),
        ("Normal", 2),
        ("Overweight", 3),
        (None, None),
    ]


def test_bands_may_be_negative(tmp_path):
    assert banded(tmp_path, ["-11", "-10", "-5", "4", "5"], "<-10", "-10--5", "-4-<5", ">=5") == [
        ("<-10", 1),
        ("-10--5", 2),
        ("-10--5", 2),
        ("-4-<5", 3),
        (">=5", 4),
    ]


def test_the_label_of_the_companion_is_that_of_the_band(tmp_path):
    lines = {"AGEGR1": "bands(f.A | num, 'Young: <65', 'Old: >=65')"}
    table = build(evaluation(tmp_path, [{"A": "70"}], lines)).tables["AE"]

    assert (table.column("AGEGR1")[0].as_py(), table.column("AGEGR1N")[0].as_py()) == ("Old", 2)


def test_a_label_without_a_band_is_a_mistake(tmp_path):
    with pytest.raises(SpecError) as error:
        banded(tmp_path, ["1"], "Old: sixty")

    assert "SPEC012" in {one.code for one in error.value.diagnostics}


def test_conditions_give_several_variables_of_a_category(tmp_path):
    lines = {
        "CAT": "when f.A = 'M' and f.B = 'Y' then 'Both' when f.A = 'M' then 'One'",
        "CATN": ("number", "when f.A = 'M' and f.B = 'Y' then 1 when f.A = 'M' then 2"),
    }

    found = evaluate(tmp_path, [{"A": "M", "B": "Y"}, {"A": "M", "B": ""}, {"A": ""}], lines)

    assert found == {"CAT": ["Both", "One", None], "CATN": [1, 2, None]}
