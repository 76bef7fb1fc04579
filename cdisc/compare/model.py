"""What a comparison of two places finds: attributes, records and values that differ.

Every part names both sides, A and B, so that the comparison of B with A says the same
with the sides exchanged.
"""

import dataclasses
from typing import Literal

from cdisc.diagnostics import Diagnostic

Side = Literal["a", "b"]
Key = tuple[tuple[str, str], ...]
"""Names and values of the keys of a record, or ``record`` and its number."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tolerance:
    """How far numbers may be apart and still be the same.

    Attributes:
        absolute: The most that they differ by.
        relative: The most that they differ by, as a part of the larger of the two.
    """

    absolute: float = 0.0
    relative: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class AttributeDifference:
    """An attribute that is not the same; a side without the variable or dataset is None.

    Attributes:
        variable: The variable, or None for the dataset itself.
        attribute: Such as ``label``, ``type``, ``length``, ``format``, ``order``,
            ``variable`` or ``dataset`` (there on one side only).
        a: What A says.
        b: What B says.
        accepted: Why the difference stays, or None.
    """

    variable: str | None
    attribute: str
    a: str | None
    b: str | None
    accepted: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Records:
    """Records of one side that the other has not.

    Attributes:
        side: The side that has them.
        count: How many.
        accepted: How many of them are accepted.
        first: Keys of the first that are not accepted.
    """

    side: Side
    count: int
    accepted: int = 0
    first: tuple[Key, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """A value that differs: the record, and both values as text, None if missing."""

    key: Key
    a: str | None
    b: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class ValueDifference:
    """Values of a variable that differ.

    Attributes:
        variable: Its name.
        count: On how many records.
        accepted: How many of them are accepted.
        largest: The largest distance of two numbers, or None.
        first: The first that are not accepted.
    """

    variable: str
    count: int
    accepted: int = 0
    largest: float | None = None
    first: tuple[Example, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class DatasetComparison:
    """Two datasets held against each other.

    Attributes:
        name: Name of the dataset.
        records_a: Records of A.
        records_b: Records of B.
        matched: Records that both have.
        keys: By what records were matched; empty is by whole records.
        by_position: Records were matched by their place.
        repeated: Records that share their keys with another, on the side with more of them;
            the first is matched with the first, the second with the second.
        reordered: Matched records stand in another order, which is no difference.
        variables: Variables of both sides whose values were compared.
        attributes: Attributes that differ.
        records: Records of one side only.
        values: Values that differ.
    """

    name: str
    records_a: int = 0
    records_b: int = 0
    matched: int = 0
    keys: tuple[str, ...] = ()
    by_position: bool = False
    repeated: int = 0
    reordered: bool = False
    variables: int = 0
    attributes: tuple[AttributeDifference, ...] = ()
    records: tuple[Records, ...] = ()
    values: tuple[ValueDifference, ...] = ()

    @property
    def different(self) -> bool:
        """Say whether there is a difference that is not accepted."""
        return (
            any(one.accepted is None for one in self.attributes)
            or any(one.count > one.accepted for one in self.records)
            or any(one.count > one.accepted for one in self.values)
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """All datasets of two places.

    Attributes:
        datasets: By name.
        findings: What is wrong with acceptances: run out, or accepting nothing.
    """

    datasets: tuple[DatasetComparison, ...]
    findings: tuple[Diagnostic, ...] = ()

    @property
    def different(self) -> bool:
        """Say whether there is a difference that is not accepted."""
        return any(one.different for one in self.datasets)
