"""Hold two datasets against each other: attributes, then records, then values, by columns."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.compare.accepted import Acceptance, Acceptances
from cdisc.compare.matching import Matched, Places, by_keys, by_position
from cdisc.compare.model import (
    AttributeDifference,
    DatasetComparison,
    Example,
    Key,
    Records,
    Side,
    Tolerance,
    ValueDifference,
)
from cdisc.dataset import Dataset, Variable
from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import SpecError

Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """How datasets are compared.

    Attributes:
        tolerance: Of numbers that are no keys.
        by_position: Match records by their places.
        first: How many examples of each difference are kept.
    """

    tolerance: Tolerance = dataclasses.field(default_factory=Tolerance)
    by_position: bool = False
    first: int = 5


def compare_datasets(
    a: Dataset,
    b: Dataset,
    *,
    keys: Sequence[str] | None = None,
    rules: Rules | None = None,
    accepted: Acceptances | None = None,
) -> DatasetComparison:
    """Return everything in which two datasets differ.

    Text is compared exactly, missing is the same as missing. A variable of another kind on
    the other side is a difference of its type, and its values are not compared.

    Args:
        a: One dataset.
        b: The other.
        keys: By which records are matched; None takes those that the datasets name (the
            longer list of the two), and whole records if there are none.
        rules: Tolerance and examples.
        accepted: Differences that stay; what is used of them is noted there.

    Raises:
        SpecError: A key that was given is not a variable of both, of one kind (CMP001).
    """
    rules = rules or Rules()
    accepted = accepted or Acceptances()
    common = _common(a, b)
    used = _keys(a, b, common, keys)
    place = rules.by_position and keys is None
    if place:
        matched = by_position(a.table.num_rows, b.table.num_rows)
        used = ()
    else:
        matched = by_keys(a.table, b.table, used or common)
    pair = _Pair(a, b, used, matched, rules, accepted)
    return DatasetComparison(
        name=a.name,
        records_a=a.table.num_rows,
        records_b=b.table.num_rows,
        matched=len(matched.a),
        keys=used,
        by_position=place,
        repeated=matched.repeated if used else 0,
        reordered=matched.reordered,
        variables=len(common),
        attributes=tuple(_attributes(a, b, accepted)),
        records=tuple(pair.records()),
        values=tuple(one for name in common for one in pair.values(name)),
    )


def _common(a: Dataset, b: Dataset) -> tuple[str, ...]:
    kinds = {one.name: one.kind for one in b.variables}
    return tuple(sorted(one.name for one in a.variables if kinds.get(one.name) == one.kind))


def _keys(
    a: Dataset, b: Dataset, common: Sequence[str], keys: Sequence[str] | None
) -> tuple[str, ...]:
    if keys is None:
        named = sorted((a.keys, b.keys), key=lambda one: (-len(one), one))
        return next((one for one in named if one and set(one) <= set(common)), ())
    findings = [
        Diagnostic(
            "CMP001",
            f'"{key}" is not a variable of both, of one type',
            dataset=a.name,
            help=did_you_mean(key, common),
        )
        for key in keys
        if key not in common
    ]
    if findings:
        raise SpecError(findings)
    return tuple(keys)


def _attributes(a: Dataset, b: Dataset, accepted: Acceptances) -> Iterator[AttributeDifference]:
    def told(variable: str | None, attribute: str, one: str, other: str) -> AttributeDifference:
        reason = accepted.for_attribute(a.name, variable, attribute)
        return AttributeDifference(variable, attribute, one or None, other or None, reason)

    for attribute in ("name", "label"):
        one, other = getattr(a, attribute), getattr(b, attribute)
        if one != other:
            yield told(None, attribute, one, other)
    of_a, of_b = ({one.name: one for one in side.variables} for side in (a, b))
    order_a, order_b = [name for name in of_a if name in of_b], [one for one in of_b if one in of_a]
    if order_a != order_b:
        yield told(None, "order", " ".join(order_a), " ".join(order_b))
    for name in sorted(of_a.keys() | of_b.keys()):
        if name not in of_a or name not in of_b:
            present = ("present" if name in side else "" for side in (of_a, of_b))
            yield told(name, "variable", *present)
            continue
        for attribute, one, other in _differing(of_a[name], of_b[name]):
            yield told(name, attribute, one, other)


def _differing(a: Variable, b: Variable) -> Iterator[tuple[str, str, str]]:
    names = ("label", "type", "length", "format", "informat")
    sides = (
        (one.label, one.kind, str(one.length), one.format or "", one.informat or "")
        for one in (a, b)
    )
    for attribute, one, other in zip(names, *sides, strict=True):
        if one != other:
            yield attribute, one, other


@dataclasses.dataclass(frozen=True, slots=True)
class _Pair:
    """Two datasets whose records are matched."""

    a: Dataset
    b: Dataset
    keys: tuple[str, ...]
    matched: Matched
    rules: Rules
    accepted: Acceptances

    def records(self) -> Iterator[Records]:
        """Return the records of one side only."""
        sides: tuple[tuple[Side, Dataset, Places], ...] = (
            ("a", self.a, self.matched.only_a),
            ("b", self.b, self.matched.only_b),
        )
        for side, dataset, places in sides:
            if len(places):
                allowed = np.zeros(len(places), dtype=bool)
                for number, entry in self.accepted.for_records(self.a.name, side):
                    self._allow(allowed, np.ones(len(places), dtype=bool), dataset, places,
                                number, entry)  # fmt: skip
                first = [self._key(dataset, one) for one in self._first(places[~allowed])]
                yield Records(side, len(places), int(allowed.sum()), tuple(first))

    def values(self, name: str) -> Iterator[ValueDifference]:
        """Return how the values of a variable differ, if they do."""
        a, b = _taken(self.a, name, self.matched.a), _taken(self.b, name, self.matched.b)
        way_a, way_b = _ways(self.a, name, self.matched.a), _ways(self.b, name, self.matched.b)
        if a.equals(b) and way_a.equals(way_b):
            return
        differs = _differs(a, b, self.rules.tolerance) | _differs(way_a, way_b, Tolerance())
        if not differs.any():
            return
        allowed = np.zeros(len(differs), dtype=bool)
        for number, entry in self.accepted.for_values(self.a.name, name):
            self._allow(allowed, differs, self.a, self.matched.a, number, entry)
        yield ValueDifference(
            variable=name,
            count=int(differs.sum()),
            accepted=int((differs & allowed).sum()),
            largest=_largest(a, b, differs) if self.a.variable(name).kind == "number" else None,
            first=tuple(
                Example(
                    self._key(self.a, int(self.matched.a[one])),
                    _text(a[one]) or _text(way_a[one]),
                    _text(b[one]) or _text(way_b[one]),
                )
                for one in self._first(np.flatnonzero(differs & ~allowed))
            ),
        )

    def _allow(
        self, allowed: Mask, differs: Mask, dataset: Dataset, places: Places, number: int,
        entry: Acceptance,
    ) -> None:  # fmt: skip
        """Add what an entry accepts, and note that it does."""
        fits = np.ones(len(places), dtype=bool)
        for name, wanted in entry.keys.items():
            if name not in dataset.table.column_names:
                return
            fits &= _is(_taken(dataset, name, places), wanted)
        if (fits & differs).any():
            self.accepted.used.add(number)
            allowed |= fits

    def _first(self, places: Places) -> list[int]:
        return [int(one) for one in places[: self.rules.first]]

    def _key(self, dataset: Dataset, place: int) -> Key:
        if not self.keys:
            return (("record", f"{place + 1}"),)
        return tuple((key, _text(dataset.table.column(key)[place]) or "") for key in self.keys)


def _taken(dataset: Dataset, name: str, places: Places) -> pa.ChunkedArray:
    values = dataset.table.column(name)
    if len(places) == len(values) and (np.diff(places) == 1).all():
        return values
    return values.take(pa.array(places))


def _ways(dataset: Dataset, name: str, places: Places) -> pa.ChunkedArray:
    """Return how values are missing, where that is told apart."""
    ways = dataset.special_missing.get(name)
    if ways is None:
        return pa.chunked_array([pa.nulls(len(places), pa.string())])
    return pa.chunked_array(
        [ways.take(pa.array(places))]
        if isinstance(ways, pa.Array)
        else ways.take(pa.array(places)).chunks,
        pa.string(),
    )


def _differs(a: pa.ChunkedArray, b: pa.ChunkedArray, tolerance: Tolerance) -> Mask:
    has_a, has_b = _mask(a.is_valid()), _mask(b.is_valid())
    both = has_a & has_b
    equal = _mask(pc.fill_null(pc.equal(a, b), fill_value=False))
    if pa.types.is_floating(a.type) and (tolerance.absolute or tolerance.relative):
        one, other = _numbers(a), _numbers(b)
        with np.errstate(over="ignore"):
            apart = np.abs(one - other)
            allowed = tolerance.relative * np.maximum(np.abs(one), np.abs(other))
        equal |= both & ((apart <= tolerance.absolute) | (apart <= allowed))
    differs: Mask = (has_a != has_b) | (both & ~equal)
    return differs


def _largest(a: pa.ChunkedArray, b: pa.ChunkedArray, differs: Mask) -> float | None:
    both = differs & _mask(a.is_valid()) & _mask(b.is_valid())
    with np.errstate(over="ignore"):
        apart = np.abs(_numbers(a)[both] - _numbers(b)[both])
    return float(apart.max()) if len(apart) else None


def _numbers(values: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = pc.fill_null(values, 0.0).to_numpy()
    return numbers


def _mask(values: pa.ChunkedArray) -> Mask:
    mask: Mask = values.to_numpy()
    return mask


def _is(values: pa.ChunkedArray, wanted: object) -> Mask:
    """Say where values are what an acceptance writes; dates and times as text."""
    if wanted is None:
        return _mask(values.is_null())
    if pa.types.is_floating(values.type):
        try:
            found = pc.equal(values, float(str(wanted)))
        except ValueError:
            return np.zeros(len(values), dtype=bool)
    else:
        found = pc.equal(values.cast(pa.string()), str(wanted))
    return _mask(pc.fill_null(found, fill_value=False))


def _text(value: pa.Scalar) -> str | None:
    if not value.is_valid:
        return None
    if pa.types.is_floating(value.type):
        return repr(value.as_py()).removesuffix(".0")
    return str(value.cast(pa.string()).as_py())
