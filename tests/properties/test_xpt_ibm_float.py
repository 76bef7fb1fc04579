from fractions import Fraction

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from cdisc.transport.ibm_float import LIMIT, SMALLEST, ibm_from_ieee, ieee_from_ibm, representable

most = float(np.nextafter(LIMIT, 0))
within = st.floats(SMALLEST, most) | st.floats(-most, -SMALLEST)


def value_of(bits):
    """What an IBM double says, in exact arithmetic."""
    sign = -1 if bits >> 63 else 1
    exponent = (bits >> 56) & 0x7F
    return sign * Fraction(bits & (2**56 - 1), 2**56) * Fraction(16) ** (exponent - 64)


@given(st.lists(within, min_size=1))
@example([2.0**power for power in range(-260, 252)])
@example([-np.nextafter(2.0**power, 0) for power in range(-259, 253)])
def test_every_double_in_range_is_written_exactly_and_normalised(values):
    for value, bits in zip(values, ibm_from_ieee(np.array(values)).tolist(), strict=True):
        assert value_of(bits) == Fraction(value)
        assert (bits >> 52) & 0xF != 0


@given(st.lists(within | st.just(0.0), min_size=1))
def test_reading_undoes_writing(values):
    assert ieee_from_ibm(ibm_from_ieee(np.array(values))).tolist() == values


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_reading_gives_the_nearest_double(bits):
    for one, value in zip(bits, ieee_from_ibm(np.array(bits, dtype=np.uint64)), strict=True):
        exact = value_of(one)
        assert value == exact.numerator / exact.denominator  # division of integers rounds right


@given(st.floats())
def test_representable_is_what_an_ibm_double_holds(value):
    held = bool(representable(np.array([value]))[0])
    size = abs(value)
    assert held == (size == 0 or Fraction(1, 16**65) <= size < 16**63)
