"""What an operation is computed from, and what it gives."""

import dataclasses
from collections.abc import Sequence

from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Frame, Kind, MissingVariableError
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import Operation, UnknownConstructError
from cdisc.validate.open_rules.study import Study, Table


@dataclasses.dataclass(frozen=True)
class Computed:
    """A column as SQL over the frame ``f`` and, where it is by group, a table ``o``.

    Attributes:
        sql: The value.
        kind: Its type.
        joined: Query of the table that is joined; or empty.
        on: How it is joined.
        items: What is in a list that is the same for every record; None of all else.
    """

    sql: str
    kind: Kind
    joined: str = ""
    on: str = ""
    items: tuple[str, ...] | None = None


@dataclasses.dataclass(frozen=True)
class Context:
    """An operation, and the records, datasets and standard that it may ask."""

    operation: Operation
    frame: Frame
    study: Study
    library: Library
    table: Table | None

    def own(self) -> Table:
        """Return the dataset that is checked."""
        if self.table is None:
            raise UnknownConstructError(f"{self.operation.operator} without a dataset")
        return self.table

    def source(self) -> Table:
        """Return the dataset that the operation reads.

        Raises:
            MissingVariableError: The study has no such dataset.
        """
        name = self.operation.domain
        if name is None:
            return self.own()
        name = self.frame.named(name)
        found = self.study.of_domain(name)
        if not found:
            raise MissingVariableError(name)
        return found[0]

    def variable(self, source: Table) -> str:
        """Return the variable that the operation reads."""
        name = self.frame.named(str(self.operation.name))
        if name not in source.names:
            raise MissingVariableError(name)
        return name


def list_of(values: Sequence[str | None]) -> Computed:
    """Return a list that is the same for every record."""
    items = ", ".join("NULL" if one is None else text(one) for one in values)
    there = tuple(one for one in values if one is not None)
    return Computed(f"CAST([{items}] AS VARCHAR[])", "list", items=there)
