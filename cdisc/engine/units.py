"""Conversion factors: what ``specs/units/`` says, and what follows from it.

Three files. ``factors.yaml`` holds factors as they are used in practice; ``scales.yaml``
units that differ by powers of ten; ``molar.yaml`` molar masses. A factor that is written
comes first, then what follows from one for the same test, then what follows from a molar
mass, so that all units of a test agree with each other. Decimals throughout.
"""

import decimal
from collections.abc import Iterator, Mapping
from typing import TypeAlias

Scale: TypeAlias = Mapping[str, decimal.Decimal]
_ANY = "any"
_CONTEXT = decimal.Context(prec=28)


def conversion_factors(
    written: Mapping[str, Mapping[str, Mapping[str, str]]],
    scales: Mapping[str, Mapping[str, str]],
    molar: Mapping[str, str],
) -> dict[str, str]:
    """Return factors by ``test|from|to``; the test is empty where any fits.

    Args:
        written: Test (or any), unit to convert to, unit to convert from, factor.
        scales: Kind of quantity, unit, its size in the first unit of the kind.
        molar: Molar mass of each test, in g/mol.
    """
    found: dict[str, str] = {}
    sizes = {kind: {u: decimal.Decimal(one) for u, one in units.items()}
             for kind, units in scales.items()}  # fmt: skip
    mass, substance = sizes["mass concentration"], sizes["substance concentration"]
    for test, start, to, factor in _written(written):
        _add(found, test, start, to, factor)
    for test, start, to, factor in _written(written):
        if test and start in mass and to in substance:
            base = _CONTEXT.divide(factor * substance[to], mass[start])
            _molar(found, test, base, mass, substance)
        if test and start in substance and to in mass:
            base = _CONTEXT.divide(substance[start], factor * mass[to])
            _molar(found, test, base, mass, substance)
    for test, grams in molar.items():
        base = _CONTEXT.divide(decimal.Decimal(1), decimal.Decimal(grams))
        _molar(found, test, base, mass, substance)
    for units in sizes.values():
        for start, size in units.items():
            for to in units:
                if start != to:
                    _add(found, "", start, to, _CONTEXT.divide(size, units[to]))
    return found


def _written(
    written: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> Iterator[tuple[str, str, str, decimal.Decimal]]:
    for test, targets in written.items():
        for to, sources in targets.items():
            for start, factor in sources.items():
                yield "" if test == _ANY else test, start, to, decimal.Decimal(factor)


def _molar(
    found: dict[str, str], test: str, base: decimal.Decimal, mass: Scale, substance: Scale
) -> None:
    """Add all conversions of a test between mass and substance; `base` is mol/L of g/L."""
    for start, grams in mass.items():
        for to, moles in substance.items():
            _add(found, test, start, to, _CONTEXT.divide(base * grams, moles))


def _add(found: dict[str, str], test: str, start: str, to: str, factor: decimal.Decimal) -> None:
    found.setdefault(f"{test}|{start}|{to}", _said(factor))
    found.setdefault(f"{test}|{to}|{start}", _said(_CONTEXT.divide(decimal.Decimal(1), factor)))


def _said(factor: decimal.Decimal) -> str:
    return "1" if factor == 1 else str(factor.normalize(_CONTEXT))
