"""There and back again: a value that is converted both ways is the value that it was."""

from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.engine.lines import read_specs
from cdisc.engine.units import conversion_factors
from tests.study_builder import evaluate

FACTORS = conversion_factors(
    *(read_specs("units", f"{name}.yaml") for name in ("factors", "scales", "molar", "valence"))
)
DIGITS = 20  # a factor of more digits has been cut


def is_exact(factor):
    return len(Decimal(factor).as_tuple().digits) <= DIGITS


def back(key):
    test, start, to = key.split("|")
    return f"{test}|{to}|{start}"


PAIRS = sorted(key for key in FACTORS if is_exact(FACTORS[key]) and is_exact(FACTORS[back(key)]))


def test_every_conversion_has_a_way_back():
    assert [key for key in FACTORS if back(key) not in FACTORS] == []


def test_exact_factors_of_both_ways_are_the_inverse_of_each_other():
    wrong = [key for key in PAIRS if Fraction(FACTORS[key]) * Fraction(FACTORS[back(key)]) != 1]
    assert wrong == []
    assert len(PAIRS) > 1500


def test_factors_that_are_cut_differ_from_the_inverse_in_the_last_digit_only():
    for key in FACTORS.keys() - set(PAIRS):
        product = Fraction(FACTORS[key]) * Fraction(FACTORS[back(key)])
        assert abs(product - 1) < Fraction(1, 10**26), key


@given(st.sampled_from(PAIRS), st.decimals(min_value=-999, max_value=999, places=6))
def test_a_decimal_that_goes_there_and_back_is_the_same(key, value):
    with localcontext() as context:
        context.prec = 200
        assert value * Decimal(FACTORS[key]) * Decimal(FACTORS[back(key)]) == value


def decimals(factor):
    return max(0, -Decimal(factor).as_tuple().exponent)


# results are kept to ten decimals: three of the value leave seven for the factor
MODERATE = [key for key in PAIRS if decimals(FACTORS[key]) <= 7]


@settings(max_examples=4, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(MODERATE), st.integers(-99999, 99999)), min_size=40, max_size=60
    )
)
def test_the_engine_gives_back_the_value_that_it_converted(tmp_path_factory, cases):
    records = []
    for key, thousandths in cases:
        test, start, to = key.split("|")
        value = f"{thousandths / 1000:.3f}"
        records.append({"A": value, "B": start, "C": to, "D": test or "NONE"})
    found = evaluate(
        tmp_path_factory.mktemp("units"),
        records,
        {"R": ("number", "f.A | num | convert f.B to f.C for f.D | convert f.C to f.B for f.D")},
    )
    assert found["R"] == [thousandths / 1000 for _key, thousandths in cases]
