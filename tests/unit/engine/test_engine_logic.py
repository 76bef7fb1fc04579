"""Conditions have two truth values, whatever is missing: tried for all operators and values."""

import itertools

import pytest

from tests.study_builder import evaluate

# None is missing; each operand takes each of these values.
NUMBERS = (None, 1, 2)
TEXTS = (None, "A", "AB", "B")
DATES = (None, "2026-05-02", "2026-05-03")
COMPARE = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
TEXT = {
    "=": lambda a, b: a == b,
    "contains": lambda a, b: b in a,
    "starts with": lambda a, b: a.startswith(b),
    "ends with": lambda a, b: a.endswith(b),
}
TIME = {
    "=": lambda a, b: a == b,
    "before": lambda a, b: a < b,
    "after": lambda a, b: a > b,
    "on or before": lambda a, b: a <= b,
    "on or after": lambda a, b: a >= b,
}


def truth(compare, a, b):
    """A comparison with a missing operand is false."""
    return a is not None and b is not None and compare(a, b)


def yn(values):
    return ["Y" if value else "N" for value in values]


def records(values):
    return [
        {"A": "" if a is None else str(a), "B": "" if b is None else str(b)}
        for a, b in itertools.product(values, repeat=2)
    ]


@pytest.mark.parametrize(
    ("values", "operators", "read"),
    [
        pytest.param(NUMBERS, COMPARE, "({} | num)", id="numbers"),
        pytest.param(TEXTS, TEXT, "{}", id="texts"),
        pytest.param(DATES, TIME, "({} | iso 'y-m-d')", id="partial dates"),
        pytest.param(DATES, TIME, "({} | iso 'y-m-d' | date)", id="dates"),
    ],
)
def test_a_comparison_is_false_where_an_operand_is_missing(tmp_path, values, operators, read):
    a, b = read.format("f.A"), read.format("f.B")
    names = {f"R{number}": operator for number, operator in enumerate(operators)}

    found = evaluate(
        tmp_path,
        records(values),
        {
            **{name: f"yn({a} {operator} {b})" for name, operator in names.items()},
            **{f"N{name}": f"yn(not {a} {operator} {b})" for name, operator in names.items()},
        },
    )

    pairs = list(itertools.product(values, repeat=2))
    expected = {
        name: [truth(operators[operator], x, y) for x, y in pairs]
        for name, operator in names.items()
    }
    assert found == {
        **{name: yn(one) for name, one in expected.items()},
        **{f"N{name}": yn(not value for value in one) for name, one in expected.items()},
    }


def test_unequal_and_not_in_are_true_where_an_operand_is_missing(tmp_path):
    found = evaluate(
        tmp_path,
        records(NUMBERS),
        {
            "UNEQUAL": "yn((f.A | num) <> (f.B | num))",
            "TEXTS": "yn(f.A <> f.B)",
            "AMONG": "yn(f.A in ('1', '3'))",
            "NOTAMONG": "yn(f.A not in ('1', '3'))",
            "NUMBERS": "yn((f.A | num) not in (1, 3))",
            "MISSING": "yn(f.A is missing)",
            "THERE": "yn(f.A is not missing)",
            "EQUAL": "yn(not f.A <> f.B)",
        },
    )

    a = [None, None, None, 1, 1, 1, 2, 2, 2]
    b = [None, 1, 2] * 3
    unequal = [x is None or y is None or x != y for x, y in zip(a, b, strict=True)]
    assert found == {
        "UNEQUAL": yn(unequal),
        "TEXTS": yn(unequal),
        "AMONG": yn(x == 1 for x in a),
        "NOTAMONG": yn(x != 1 for x in a),
        "NUMBERS": yn(x != 1 for x in a),
        "MISSING": yn(x is None for x in a),
        "THERE": yn(x is not None for x in a),
        "EQUAL": yn(not one for one in unequal),
    }


ATOMS = {
    "(f.A | num) < (f.B | num)": lambda a, b: truth(lambda x, y: x < y, a, b),
    "f.A <> '1'": lambda a, _b: a != 1,
    "f.B not in ('2')": lambda _a, b: b != 2,
    "f.A is missing": lambda a, _b: a is None,
}
NESTS = {
    "not {p}": lambda p, _q: not p,
    "not not {p}": lambda p, _q: p,
    "{p} and {q}": lambda p, q: p and q,
    "{p} or {q}": lambda p, q: p or q,
    "not ({p} and {q})": lambda p, q: not (p and q),
    "not ({p} or {q})": lambda p, q: not (p or q),
    "not {p} and not {q}": lambda p, q: not p and not q,
    "not {p} or {q}": lambda p, q: not p or q,
    "{p} or not {q} and {p}": lambda p, q: p or (not q and p),
    "not (not {p} or not ({q} and not {p}))": lambda p, q: not (not p or not (q and not p)),
}


@pytest.mark.parametrize("nest", NESTS)
def test_and_or_and_not_know_two_values_however_they_are_nested(tmp_path, nest):
    pairs = list(itertools.product(ATOMS, repeat=2))

    found = evaluate(
        tmp_path,
        records(NUMBERS),
        {f"R{n}": f"yn({nest.format(p=p, q=q)})" for n, (p, q) in enumerate(pairs)},
    )

    assert found == {
        f"R{n}": yn(
            NESTS[nest](ATOMS[p](a, b), ATOMS[q](a, b))
            for a, b in itertools.product(NUMBERS, repeat=2)
        )
        for n, (p, q) in enumerate(pairs)
    }


def test_when_takes_the_first_branch_that_holds_and_a_missing_operand_holds_none(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "1"}, {"A": "2"}, {"A": ""}],
        {
            "R": "when f.A = '1' then 'ONE' when f.A <> '2' then 'NOT TWO' else 'ELSE'",
            "NONE": "when f.A = '1' then 'ONE'",
            "NULL": "when f.A = '1' then '' else 'X'",
        },
    )

    assert found == {
        "R": ["ONE", "ELSE", "NOT TWO"],
        "NONE": ["ONE", None, None],
        "NULL": [None, "X", "X"],
    }


def test_where_keeps_records_whose_condition_is_true_and_no_others(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "1"}, {"A": ""}, {"A": "2"}],
        {
            "EQUAL": ("number", "count f where f.A = '1'"),
            "NOTEQUAL": ("number", "count f where not f.A = '1'"),
            "UNEQUAL": ("number", "count f where f.A <> '1'"),
            "ANY": "yn(any f where f.A = '3')",
        },
    )

    assert found == {
        "EQUAL": [1.0] * 3,
        "NOTEQUAL": [2.0] * 3,
        "UNEQUAL": [2.0] * 3,
        "ANY": ["N"] * 3,
    }
