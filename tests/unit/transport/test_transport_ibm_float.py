import math
from fractions import Fraction

import numpy as np
import pytest

from cdisc.transport.ibm_float import ibm_from_ieee, ieee_from_ibm, representable

# By hand: 1 = 1/16 * 16^1; 118.625 = 0x76.A; 0.1 = 0.1999999999999A (hex), 52 bits of fraction.
KNOWN = {
    0.0: 0x0000000000000000,
    1.0: 0x4110000000000000,
    -1.0: 0xC110000000000000,
    -118.625: 0xC276A00000000000,
    0.5: 0x4080000000000000,
    0.1: 0x401999999999999A,
    16.0: 0x4210000000000000,
    15.0: 0x41F0000000000000,
    1 / 16: 0x4010000000000000,
    1 / 32: 0x3F80000000000000,
    2.0**53 - 1: 0x4E1FFFFFFFFFFFFF,
    2.0**-260: 0x0010000000000000,
    -(2.0**-260): 0x8010000000000000,
    2.0**252 * (1 - 2.0**-53): 0x7FFFFFFFFFFFFFF8,
}


@pytest.mark.parametrize(("value", "bits"), KNOWN.items())
def test_a_number_has_the_bits_worked_out_by_hand(value, bits):
    assert f"{ibm_from_ieee(np.array([value]))[0]:016X}" == f"{bits:016X}"
    assert ieee_from_ibm(np.array([bits], dtype=np.uint64)).tolist() == [value]


def test_negative_zero_is_written_as_zero():
    assert ibm_from_ieee(np.array([-0.0])).tolist() == [0]


@pytest.mark.parametrize(
    "value",
    [
        *(math.inf, -math.inf, math.nan, 2.0**252, -(2.0**252), 7.3e75, 1.7e308, 5e-324),
        *(math.nextafter(2.0**-260, 0), 1e-79),
    ],
)
def test_a_number_beyond_the_range_is_not_representable(value):
    assert representable(np.array([value])).tolist() == [False]


@pytest.mark.parametrize("value", [0.0, -0.0, 2.0**-260, 5.4e-79, 7.2e75, -7.2e75, 0.1])
def test_a_number_within_the_range_is_representable(value):
    assert representable(np.array([value])).tolist() == [True]


@pytest.mark.parametrize(
    ("bits", "value"),
    [
        (0x4100000000000001, Fraction(16, 2**56)),  # fraction not normalised
        (0x0000000000000001, Fraction(1, 2**312)),  # the least magnitude of all
        (0x4E20000000000001, 2.0**53),  # 54 bits, halfway: to even, down
        (0x4E20000000000003, 2.0**53 + 4),  # halfway: to even, up
        (0x7FFFFFFFFFFFFFFF, 2.0**252),  # the largest rounds up
    ],
)
def test_reading_rounds_to_the_nearest_even_double(bits, value):
    assert ieee_from_ibm(np.array([bits], dtype=np.uint64)).tolist() == [float(value)]
