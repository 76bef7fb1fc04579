"""The records that a rule looks at, as SQL: their columns, and how a rule names them."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text

Kind: TypeAlias = Literal["text", "number", "boolean", "list", "missing"]
LETTERS = "--"
REFERENCED = "__referenced"
"""The value of a parent's record that a record points at, where parents were joined."""


class MissingVariableError(Exception):
    """A rule asks about a variable that the records do not have: it does not apply to them."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A value of each record.

    Attributes:
        sql: What gives it, in a query over the frame ``f``.
        kind: Its type.
        from_frame: It is a column, no literal.
        items: What is in a list that is the same for every record; None of all else.
    """

    sql: str
    kind: Kind
    from_frame: bool = False
    items: tuple[str, ...] | None = None


@dataclasses.dataclass
class Frame:
    """The records that a rule looks at.

    Attributes:
        dataset: The dataset that findings are reported of.
        letters: What stands for ``--``.
        query: SELECT that gives the records: ``__row`` (a record's number; NULL where the record
            is none of the data) and the columns.
        columns: The columns, by name.
        parts: Of a dataset that was split, its parts: how many records stand before the part's,
            and its name.
    """

    dataset: str
    letters: str
    query: str
    columns: dict[str, Column]
    parts: tuple[tuple[int, str], ...] = ()

    def over(self, query: str, columns: dict[str, Column]) -> "Frame":
        """Return the frame with other records, of the same dataset."""
        return dataclasses.replace(self, query=query, columns=columns)

    def placed(self, row: int | None) -> tuple[str, int | None]:
        """Return the dataset that a record stands in, and its number there."""
        if row is None:
            return self.dataset, None
        found = [(self.dataset, row)]
        found += [(name, row - before) for before, name in self.parts if row > before]
        return found[-1]

    def named(self, name: str) -> str:
        """Return a name with the letters of the domain in place of ``--``."""
        return name.replace(LETTERS, self.letters, 1) if name.startswith(LETTERS) else name

    def column(self, name: str) -> Column:
        """Return a column.

        Raises:
            MissingVariableError: There is none of that name.
        """
        found = self.columns.get(self.named(name))
        if found is None:
            raise MissingVariableError(self.named(name))
        return found

    def expanded(self, names: Iterable[str]) -> list[str]:
        """Return names of variables, with what a list of names stands for."""
        found: list[str] = []
        for name in map(self.named, names):
            column = self.columns.get(name)
            whole = None if column is None else column.items
            found += [name] if whole is None else whole
        return list(dict.fromkeys(found))

    def value(self, value: Any, *, literal: bool) -> Column:
        """Return what a condition compares with: a column if one is named, else the literal."""
        if isinstance(value, str):
            name = self.named(value)
            if not literal and name in self.columns:
                return self.columns[name]
            return self.literal(name)
        return self.literal(value)

    def literal(self, value: Any) -> Column:
        """Return a value as it stands."""
        if isinstance(value, bool):
            return Column("true" if value else "false", "boolean")
        if isinstance(value, int | float):
            return Column(f"CAST({value!r} AS DOUBLE)", "number")
        if value is None or value == "":
            return Column("NULL", "missing")
        if isinstance(value, list):
            items = ", ".join(text(str(one)) for one in value)
            return Column(f"CAST([{items}] AS VARCHAR[])", "list")
        return Column(text(str(value)), "text")

    def referenced(self, column: Column) -> Column:
        """Return, for each record, the value of the variable that another variable names."""
        if REFERENCED in self.columns:
            return self.columns[REFERENCED]
        cases = " ".join(
            f"WHEN {text(name)} THEN CAST({one.sql} AS VARCHAR)"
            for name, one in self.columns.items()
            if one.kind in ("text", "number")
        )
        return Column(f"CASE {column.sql} {cases} END", "text")


def of_frame(name: str, kind: Kind, items: tuple[str, ...] | None = None) -> Column:
    """Return a column of the frame."""
    return Column(quoted(name), kind, from_frame=True, items=items)


def plain(sql: str) -> str:
    """Return a value as text in which numbers have one form: ``1``, ``1.0`` and ``01`` agree.

    So do zero and the negative zero that a computation may leave.
    """
    number = f"TRY_CAST({sql} AS DOUBLE)"
    return (
        f"CASE WHEN {number} = 0 THEN '0.0' "
        f"WHEN {number} IS NOT NULL THEN CAST({number} AS VARCHAR) "
        f"ELSE trim(CAST({sql} AS VARCHAR)) END"
    )
