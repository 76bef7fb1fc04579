"""IBM System/370 doubles: base 16, 7 bits of exponent, 56 bits of fraction.

A value is ``fraction / 2**56 * 16**(exponent - 64)`` with the sign in the first
bit. The 53 bits of an IEEE double always fit into the 56 bits, so within the
range of the exponent the way out is exact; the way in rounds fractions of more
than 53 bits to the nearest even double. There is one zero: ``-0.0`` becomes
``0.0``, because a lone first byte is how SAS writes a missing value.
"""

import functools
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SMALLEST: Final = 2.0**-260
"""The least positive magnitude with a normalised fraction, 16**-65."""

LIMIT: Final = 2.0**252
"""The first magnitude that is too large, 16**63."""

MISSING: Final = 0x2E << 56
"""The standard missing value ``.``: the byte 0x2E, then zeros."""

SPECIAL_MISSING: Final = (0x5F, *range(0x41, 0x5B))
"""First bytes of the special missing values ``._`` and ``.A`` to ``.Z``."""

_FRACTION: Final = np.uint64((1 << 56) - 1)
_IEEE_FRACTION: Final = np.uint64((1 << 52) - 1)


def _ways_out() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return for sign and exponent of an IEEE double how far its fraction moves, and what goes on.

    The fraction of a double lies in [1/2, 1); that of an IBM double in [1/16, 1).
    """
    signs_exponents = np.arange(1 << 12)
    stored = signs_exponents & 0x7FF
    power = stored - 1022
    exponent = (power + 3) >> 2  # the least with a fraction below 1
    shift = (power + 3 - 4 * exponent).astype(np.uint64)
    over = ((signs_exponents >> 11) << 7 | (exponent + 64) & 0x7F).astype(np.uint64)
    base = (np.uint64(1 << 52) << shift) | (over << np.uint64(56))
    base[stored == 0] = 0
    return shift, base


_SHIFT, _BASE = _ways_out()
_SCALE: Final = np.array(
    [(-1 if byte >> 7 else 1) * 2.0 ** (4 * ((byte & 0x7F) - 64) - 56) for byte in range(256)]
)


@functools.cache
def special_missing_names() -> pa.StringArray:
    """Return for each first byte how SAS writes the special missing value, else null."""
    known = {byte: f".{chr(byte)}" for byte in SPECIAL_MISSING}
    return pa.array([known.get(byte) for byte in range(256)], pa.string())


def representable(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Say which values an IBM double holds exactly; NaN and infinities are not.

    Example:
        >>> representable(np.array([0.0, 0.1, 1e75, 1e76, 1e-80])).tolist()
        [True, True, True, False, False]
    """
    size = np.abs(values)
    held: npt.NDArray[np.bool_] = ((size >= SMALLEST) & (size < LIMIT)) | (size == 0)
    return held


def ibm_from_ieee(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    """Return the bits of the IBM doubles that equal `values`, all `representable`.

    Source:
        Record layout of a SAS transport data set (TS-140), numeric data fields.

    Example:
        >>> [f"{bits:016X}" for bits in ibm_from_ieee(np.array([1.0, -118.625]))]
        ['4110000000000000', 'C276A00000000000']
    """
    ieee = values.view(np.uint64)
    first = (ieee >> np.uint64(52)).view(np.int64)
    bits = ieee & _IEEE_FRACTION
    bits <<= _SHIFT.take(first, mode="clip")
    bits |= _BASE.take(first, mode="clip")
    return bits


def ieee_from_ibm(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Return the doubles nearest to IBM doubles (ties to even), normalised or not.

    Example:
        >>> ieee_from_ibm(np.array([0xC276A00000000000], dtype=np.uint64)).tolist()
        [-118.625]
    """
    values: npt.NDArray[np.float64] = (bits & _FRACTION).view(np.int64).astype(np.float64)
    values *= _SCALE.take((bits >> np.uint64(56)).view(np.int64), mode="clip")
    return values


def without_fraction(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Say which bits are no number but a missing value: first byte set, the rest zero."""
    lone: npt.NDArray[np.bool_] = ((bits << np.uint64(8)) == 0) & (bits != 0)
    return lone
