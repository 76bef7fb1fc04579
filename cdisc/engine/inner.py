"""The records that an aggregate runs over: alias ``s``, with the joins that they need."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from cdisc.engine.level import Audit, Level
from cdisc.engine.program import Checked, DatasetPlan, Program, Target
from cdisc.functions.sqltext import name as sql_name
from cdisc.language import tree as t
from cdisc.language.verb import Type, Use

_QUALIFIER = re.compile(r"([\w\"]+)\.")


class Inner:
    """The records of an aggregate: alias ``s``, with the joins that its condition needs.

    Args:
        name: Dataset or form that the records belong to.
        own: Whether they are the records at hand, among which an aggregate chooses.
        beside: Whether they are other records of the dataset: then what does not name
            them is the record at hand, alias ``b``.
        table: Where they lie; empty where they are no table of their own.
    """

    def __init__(
        self, name: str, *, own: bool = False, beside: bool = False, table: str = ""
    ) -> None:
        self.name, self.own, self.beside, self.table = name, own, beside, table
        self.joins: dict[str, tuple[str, str]] = {}
        # comparisons of partial dates: where each is undecided, and the values that are compared
        self.undecided: dict[str, tuple[str, str]] = {}
        # what verbs report of these records: code and the value found, with the verb
        self.audits: dict[tuple[str, str], Use | None] = {}

    def has(self, target: Target) -> bool:
        """Say whether a reference means a value of these records."""
        if target.kind == "another" or self.beside:
            return target.kind == "another"
        if target.kind == "own":
            return self.own
        return target.qualifier == self.name and target.kind in ("other", "form", "row", "field")

    def column(self, target: Target) -> str:
        """Return the SQL of a value of these records."""
        return f"s.{sql_name(target.name)}"

    def join(self, key: str, stem: str, make: Callable[[str], str]) -> str:
        """Return the alias of a join inside the aggregate."""
        if key not in self.joins:
            alias = sql_name(f"s_{stem}_{len(self.joins) + 1}")
            self.joins[key] = (alias, make(alias))
        return self.joins[key][0]

    def is_alone(self, sql: str) -> bool:
        """Say whether SQL reads nothing but these records, as their table holds them."""
        return bool(self.table) and set(_QUALIFIER.findall(sql)) == {"s"}

    def render(self, table: str) -> str:
        """Return the FROM clause."""
        return " ".join([f"{table} AS s", *(text for _alias, text in self.joins.values())])


class Rendering(Protocol):
    """The compiler, as the parts that it delegates to see it."""

    program: Program
    plan: DatasetPlan
    level: Level
    checked: Checked
    variable: str
    inner: Inner | None

    def sql(self, node: t.Node) -> str:
        """SQL of a node."""

    def type_of(self, node: t.Node) -> Type:
        """Type of a node."""

    def inside(self, inner: Inner) -> "Rendering":
        """Return the same for the records of an aggregate."""

    def audit(self, code: str, condition: str, found: str) -> None:
        """Report the records that meet a condition, with the value found."""

    def relay(
        self, code: str, found: str, use: Use | None, among: str, *, several: bool = True
    ) -> None:
        """Report what a verb found among the records that the record at hand summarises."""

    def look(self, where: t.Node, settled: Sequence[t.Node]) -> None:
        """Report what verbs of a condition find on the records at hand."""

    def found(self, code: str, use: Use | None, among: str) -> Audit:
        """Return the audit of other records than those at hand."""


def raw_table(form: str) -> str:
    """Return the table of a raw form."""
    return sql_name(f"raw_{form}")
