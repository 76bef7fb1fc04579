import pytest

from tests.study_builder import evaluate


def values(folder, **lines):
    """Return the value of each expression of numbers, on one record."""
    lines = {name: ("number", line) for name, line in lines.items()}
    return {name: one[0] for name, one in evaluate(folder, [{"X": ""}], lines).items()}


def test_functions_of_numbers(tmp_path):
    found = values(
        tmp_path,
        ABS="abs(0 - 2.5)",
        SQRT="sqrt(2.25)",
        POWER="power(2, 10)",
        ROOT="power(27, 1 / 3)",
        EXP="exp(0)",
        LOG="log(exp(2))",
        LOG10="log10(1000)",
        FLOOR="floor(-2.5)",
        CEIL="ceil(-2.5)",
        MOD="mod(8, 3)",
        MODNEG="mod(-7, 3)",
        LEAST="least(3, 1, 2)",
        GREATEST="greatest(3, 1, 2)",
        AVERAGE="average(1, 2, 6)",
    )

    assert found == pytest.approx(
        {
            "ABS": 2.5,
            "SQRT": 1.5,
            "POWER": 1024,
            "ROOT": 3,
            "EXP": 1,
            "LOG": 2,
            "LOG10": 3,
            "FLOOR": -3,
            "CEIL": -2,
            "MOD": 2,
            "MODNEG": -1,
            "LEAST": 1,
            "GREATEST": 3,
            "AVERAGE": 3,
        }
    )


def test_what_mathematics_does_not_have_is_missing(tmp_path):
    found = values(
        tmp_path,
        SQRT="sqrt(-1)",
        POWER="power(-8, 0.5)",
        POLE="power(0, -1)",
        LARGE="exp(1000)",
        LOG="log(0)",
        LOGNEG="log(-1)",
        LOG10="log10(0)",
        MOD="mod(5, 0)",
    )

    assert set(found.values()) == {None}


def test_missing_stays_missing_and_is_passed_over_among_several(tmp_path):
    found = values(
        tmp_path,
        ABS="abs(f.X | num)",
        POWER="power(f.X | num, 0)",
        MOD="mod(5, f.X | num)",
        LEAST="least(f.X | num, 5, 4)",
        GREATEST="greatest(f.X | num, 5, 4)",
        AVERAGE="average(f.X | num, 5, 4)",
        NONE="least(f.X | num, f.X | num)",
        NOMEAN="average(f.X | num, f.X | num)",
    )

    assert found == {
        "ABS": None,
        "POWER": None,
        "MOD": None,
        "LEAST": 4.0,
        "GREATEST": 5.0,
        "AVERAGE": 4.5,
        "NONE": None,
        "NOMEAN": None,
    }
