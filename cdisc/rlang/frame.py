"""A data frame on its way: a pipeline that grows by the joins that an expression asks for."""

import dataclasses
from collections.abc import Mapping

from cdisc.functions.rtext import name as r_name
from cdisc.functions.rtext import text as r_text


@dataclasses.dataclass
class Join:
    """A join with further columns: where it looks, by which keys, and what it takes."""

    table: str
    keys: Mapping[str, str]
    exact: bool
    columns: dict[str, str] = dataclasses.field(default_factory=dict)

    def render(self) -> str:
        """Return the join as a step of a pipeline."""
        taken = ", ".join([*(r_name(one) for one in self.keys.values()), *_renamed(self.columns)])
        whole = list(self.columns) == [self.table]  # a summary has its keys and its value only
        # a key that is taken as well needs a column of its own
        verb = "transmute" if {*self.columns.values()} & {*self.keys.values()} else "select"
        table = r_name(self.table) if whole else f"{verb}({r_name(self.table)}, {taken})"
        more = ', na_matches = "never"' if self.exact and len(self.keys) > 1 else ""
        return f"left_join({table}, by = {by(self.keys)}{more})"


class Frame:
    """A pipeline.

    Args:
        start: R of the data frame that it starts from.
        present: Columns that it was given by joins before.
    """

    def __init__(self, start: str, present: set[str] | None = None) -> None:
        self.start = start
        self.present = set() if present is None else present
        self.joins: dict[tuple[str, tuple[str, ...]], Join] = {}

    def joined(
        self, table: str, keys: Mapping[str, str], column: str, source: str, *, exact: bool
    ) -> str:
        """Return the R of a column that a join brings.

        Args:
            table: Data frame to look in.
            keys: Key here to key there.
            column: Name that the column gets here.
            source: Name that it has there.
            exact: Whether a missing key finds nothing.
        """
        if column not in self.present:
            place = (table, tuple(keys))
            join = self.joins.setdefault(place, Join(table, keys, exact))
            join.columns[column] = source
        return r_name(column)

    def settle(self) -> None:
        """Take the columns of the joins so far for given from here on."""
        self.present |= {column for join in self.joins.values() for column in join.columns}
        self.joins = {}

    def render(self, *steps: str) -> str:
        """Return the pipeline: the start, the joins, and further steps."""
        parts = [self.start, *(join.render() for join in self.joins.values()), *steps]
        return " %>%\n  ".join(
            one.replace("\n", "\n  ") if n else one for n, one in enumerate(parts)
        )


def by(keys: Mapping[str, str]) -> str:
    """Return the keys of a join: those here, and those there where they are called otherwise."""
    listed = [
        r_text(there) if here == there else f"{r_text(here)} = {r_text(there)}"
        for here, there in keys.items()
    ]
    if len(listed) == 1 and list(keys) == list(keys.values()):
        return listed[0]
    return f"c({', '.join(listed)})"


def _renamed(columns: Mapping[str, str]) -> list[str]:
    return [
        r_name(new) if new == old else f"{r_name(new)} = {r_name(old)}"
        for new, old in columns.items()
    ]


def selected(columns: Mapping[str, str]) -> str:
    """Return columns as `select` takes them: new names, with the old ones where they differ."""
    return ", ".join(_renamed(columns))
