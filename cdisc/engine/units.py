"""Conversion factors: what ``specs/units/`` says, and what follows from it.

Four files. ``factors.yaml`` holds factors as they are used in practice; ``scales.yaml``
the exact sizes of units of one kind; ``molar.yaml`` molar masses; ``valence.yaml`` charges.
A factor that is written comes first, then what follows from one for the same test, then what
follows from a molar mass, so that all units of a test agree with each other. Decimals
throughout: a library of units would bring floating point, and names that the terminology
does not have. ``spellings.yaml`` says how the units of the terminology are written elsewhere.
"""

import decimal
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Scale: TypeAlias = Mapping[str, decimal.Decimal]
_ANY = "any"
_CONTEXT = decimal.Context(prec=28)
_ONE = decimal.Decimal(1)
_Ratio: TypeAlias = tuple[decimal.Decimal, decimal.Decimal]
_POWER = re.compile(r"\^(\d+)")
_MICRO = re.compile(r"(?<![A-Za-z])u(?=(?:g|L|mol|kat|m|IU|U|Eq|s|V|Ci|Sv)(?![A-Za-z]))")


def conversion_factors(
    written: Mapping[str, Mapping[str, Mapping[str, str]]],
    scales: Mapping[str, Mapping[str, str]],
    molar: Mapping[str, str],
    valence: Mapping[str, str],
) -> dict[str, str]:
    """Return factors by ``test|from|to``; the test is empty where any fits.

    Args:
        written: Test (or any), unit to convert to, unit to convert from, factor.
        scales: Kind of quantity, unit, its size in the first unit of the kind.
        molar: Molar mass of each test, in g/mol.
        valence: Charges of each test; an equivalent is a mole of charges.
    """
    found: dict[str, str] = {}
    sizes = {kind: {u: decimal.Decimal(one) for u, one in units.items()}
             for kind, units in scales.items()}  # fmt: skip
    mass, substance = sizes["mass concentration"], sizes["substance concentration"]
    for test, start, to, factor in _written(written):
        _add(found, test, start, to, factor, _ONE)
        _add(found, test, to, start, _ONE, factor)
    for test, start, to, factor in _written(written):
        if test and start in mass and to in substance:
            _molar(found, test, (factor * substance[to], mass[start]), mass, substance)
        if test and start in substance and to in mass:
            _molar(found, test, (substance[start], factor * mass[to]), mass, substance)
    for test, grams in molar.items():
        _molar(found, test, (_ONE, decimal.Decimal(grams)), mass, substance)
    _charged(found, sizes, molar, valence)
    for units in sizes.values():
        for start, size in units.items():
            for to in units:
                if start != to:
                    _add(found, "", start, to, size, units[to])
    return found


def _written(
    written: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> Iterator[tuple[str, str, str, decimal.Decimal]]:
    for test, targets in written.items():
        for to, sources in targets.items():
            for start, factor in sources.items():
                yield "" if test == _ANY else test, start, to, decimal.Decimal(factor)


def _molar(found: dict[str, str], test: str, base: _Ratio, mass: Scale, substance: Scale) -> None:
    """Add all conversions of a test between two kinds of units, both ways.

    `base` is what the first unit of the one kind is in the first of the other: a ratio, so
    that a way that is exact stays exact beside one that is not.
    """
    for start, grams in mass.items():
        for to, moles in substance.items():
            over, under = base[0] * grams, base[1] * moles
            _add(found, test, start, to, over, under)
            _add(found, test, to, start, under, over)


def _charged(
    found: dict[str, str],
    sizes: Mapping[str, Scale],
    molar: Mapping[str, str],
    valence: Mapping[str, str],
) -> None:
    """Add the conversions between equivalents, moles and, where it is known, mass."""
    equivalent = sizes["equivalent concentration"]
    for test, said in valence.items():
        charges = decimal.Decimal(said)
        _molar(found, test, (_ONE, charges), equivalent, sizes["substance concentration"])
        if test in molar:
            grams = decimal.Decimal(molar[test])
            _molar(found, test, (grams, charges), equivalent, sizes["mass concentration"])


def spellings(said: Mapping[str, Any], unit: str) -> Iterator[str]:
    """Yield how else a unit of the terminology is written, by ``spellings.yaml``.

    Example:
        >>> said = {"parts": {"10^": ["x10^"], "micro": ["µ"]}, "superscripts": {"9": "⁹"}}
        >>> list(spellings({**said, "units": {}}, "10^9/L"))
        ['x10^9/L', '10⁹/L', 'x10⁹/L']
        >>> list(spellings({**said, "units": {"ug/L": ["ng/mL"]}}, "ug/L"))
        ['µg/L', 'ng/mL']
    """
    written = [unit, *said["units"].get(unit, ())]
    for one in written:
        made = [one]
        if "10^" in one:
            made += [one.replace("10^", other) for other in said["parts"]["10^"]]
        if _MICRO.search(one):
            made += [_MICRO.sub(other, text) for text in made for other in said["parts"]["micro"]]
        made += [
            _POWER.sub(lambda m: "".join(said["superscripts"][d] for d in m[1]), text)
            for text in made
            if _POWER.search(text)
        ]
        yield from (text for text in made if text != unit)


def _add(
    found: dict[str, str],
    test: str,
    start: str,
    to: str,
    over: decimal.Decimal,
    under: decimal.Decimal,
) -> None:
    found.setdefault(f"{test}|{start}|{to}", _said(_CONTEXT.divide(over, under)))


def _said(factor: decimal.Decimal) -> str:
    return "1" if factor == 1 else str(factor.normalize(_CONTEXT))
