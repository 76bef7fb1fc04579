"""Where an expression is asked: which references are columns there, and under which names."""

import dataclasses
from typing import Protocol

from cdisc.engine.meaning import ROW_VALUES
from cdisc.engine.program import Target
from cdisc.functions.rtext import name as r_name
from cdisc.language import tree as t


class Place(Protocol):
    """The records that an expression is asked of."""

    @property
    def name(self) -> str:
        """Dataset or form of the records."""

    def column(self, target: Target, ref: t.Ref) -> str | None:
        """R of the column that holds a value, or None if it is elsewhere."""

    def key(self, name: str) -> str:
        """Name of the column that holds a key of the records."""


@dataclasses.dataclass(frozen=True)
class Own:
    """The records of a dataset, with the values of their row source beside them.

    Attributes:
        name: The dataset.
        subject: The variable that names the subject.
        sources: Row sources whose values stand beside the variables.
    """

    name: str
    subject: str
    sources: frozenset[str]

    def column(self, target: Target, ref: t.Ref) -> str | None:
        """Return the variable, or the value of the row source."""
        if target.kind in ("own", "another"):
            return r_name(target.name)
        if target.kind != "row":
            return None
        if (ref.qualifier, target.name) == ("rows", "subject"):
            return r_name(self.subject)
        source = ref.qualifier if ref.qualifier in ROW_VALUES else target.qualifier
        return r_name(f"{source}.{target.name}") if source in self.sources else None

    def key(self, name: str) -> str:
        """Return the variable."""
        return name


@dataclasses.dataclass(frozen=True)
class Others:
    """The records of another dataset, or of a form, under their own names."""

    name: str

    def column(self, target: Target, _ref: t.Ref) -> str | None:
        """Return the variable or field of these records."""
        return r_name(target.name) if target.qualifier == self.name else None

    def key(self, name: str) -> str:
        """Return the variable."""
        return name


@dataclasses.dataclass
class Matched:
    """Pairs of a record at hand and another one, whose columns have its name before them.

    Attributes:
        name: Dataset or form of the other record.
        prefix: What stands before its columns.
        own: The record at hand.
        beside: Whether the other record is one of the same dataset.
        taken: Columns of the other record that were asked for.
    """

    name: str
    prefix: str
    own: Own
    beside: bool
    taken: dict[str, str] = dataclasses.field(default_factory=dict)

    def column(self, target: Target, ref: t.Ref) -> str | None:
        """Return the column of either record."""
        if target.kind == "another" or (not self.beside and target.qualifier == self.name):
            return r_name(self.key(target.name))
        return self.own.column(target, ref)

    def key(self, name: str) -> str:
        """Return the column of the other record."""
        column = f"{self.prefix}.{name}"
        self.taken[column] = name
        return column
