"""One SELECT that adds variables to a dataset: its joins, columns and audits.

A level reads the dataset as it stands (alias ``b``) and joins what its expressions
ask for. Equal joins are made once, so that the SQL stays short enough to be read.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from cdisc.diagnostics import Span
from cdisc.functions.sqltext import name as sql_name
from cdisc.language.verb import Scope, Use
from cdisc.record import record

_SAME_NAME = re.compile(r"JOIN (\w+) AS \1 ON")
Tables: TypeAlias = dict[str, Mapping[str, Sequence[str]]]


@dataclasses.dataclass
class Grouped:
    """A join with a summary of other records; values are added as they are asked for."""

    alias: str
    source: str
    group: tuple[str, ...]
    on: str
    values: dict[str, str] = dataclasses.field(default_factory=dict)

    def value(self, expression: str) -> str:
        """Return the SQL of a summarised value, adding it if it is new."""
        column = self.values.setdefault(expression, f"v{len(self.values) + 1}")
        return f"{self.alias}.{column}"

    def render(self) -> str:
        """Return the join."""
        columns = [f"{one} AS g{n}" for n, one in enumerate(self.group)]
        columns += [f"{expression} AS {column}" for expression, column in self.values.items()]
        group = f"\n    GROUP BY {', '.join(self.group)}" if self.group else ""
        return (
            f"LEFT JOIN (\n    SELECT {', '.join(columns)}\n    FROM {self.source}{group}\n"
            f"  ) AS {self.alias} ON {self.on}"
        )


@record()
class Audit:
    """A hidden column that holds the value found on the records that are to be reported.

    `use` is the verb that looks, in `scope`; None where an operator does. What was found
    `among` other records stands on the record that they matter to: one value, or `several`.
    """

    column: str
    code: str
    found: str
    dataset: str
    variable: str
    span: Span
    use: Use | None = None
    scope: Scope | None = None
    among: str = ""
    several: bool = False

    def listed(self, table: str) -> str:
        """Return a table with the column of this audit, one row for each value in it."""
        if not self.several:
            return table
        column = self.column
        return f"(SELECT * EXCLUDE ({column}), unnest({column}) AS {column} FROM {table})"

    def values(self, table: str) -> str:
        """Return the query of each value found, its records and the first source record."""
        return (
            f"SELECT {self.column}, count(*) AS n, min(_src) FROM {self.listed(table)}"
            f" WHERE {self.column} IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1"
        )


@record()
class Probe:
    """An audit of records that no column of a dataset stands for: a query of its own.

    The query has the column of the audit and ``_src``, the source record.
    """

    audit: Audit
    sql: str


@record()
class Unique:
    """A join that must find at most one record: checked before the statement runs."""

    table: str
    columns: tuple[str, ...]
    span: Span
    said: str


@dataclasses.dataclass
class Level:
    """The parts of one SELECT.

    `tables` are the small tables by name; levels that run together share them, so that
    a name stands for one content.
    """

    source: str
    depth: int = 0
    joins: dict[str, str | Grouped] = dataclasses.field(default_factory=dict)
    columns: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    audits: list[Audit] = dataclasses.field(default_factory=list)
    uniques: list[Unique] = dataclasses.field(default_factory=list)
    probes: list[Probe] = dataclasses.field(default_factory=list)
    preludes: dict[str, None] = dataclasses.field(default_factory=dict)
    tables: Tables = dataclasses.field(default_factory=dict)

    @property
    def before_name(self) -> str:
        """The name of the relation with operands that are computed first."""
        stem = self.source.strip('"').lower().replace(" ", "_").replace(".", "_")
        return f"{stem}_operands{self.depth or ''}"

    def before(self) -> "Level":
        """Return the level that computes operands before this one."""
        if self._before is None:
            self._before = Level(self.source, self.depth + 1, tables=self.tables)
        return self._before

    def audit_column(self, variable: str) -> str:
        """Return the name of the next hidden column that reports a variable."""
        stem = variable.lower().replace(":", "_")
        mark = f"operand{self.depth}_" if self.depth else ""
        return f"_audit_{stem}_{mark}{len(self.audits) + 1}"

    def parts(self, name: str) -> list["Part"]:
        """Return the SELECTs of this level by name, operands first."""
        if self._before is None:
            return [Part(name, self)]
        return [*self._before.parts(self.before_name), Part(name, self, self._before)]

    _before: "Level | None" = None

    def join(self, key: str, stem: str, make: Callable[[str], str]) -> str:
        """Return the alias of a join, making it if it is new."""
        for known, text in self.joins.items():
            if known == key:
                return text.alias if isinstance(text, Grouped) else self._aliases[key]
        alias = self.alias(stem)
        self._aliases[key] = alias
        self.joins[key] = make(alias)
        return alias

    def grouped(self, key: str, stem: str, make: Callable[[str], Grouped]) -> Grouped:
        """Return the summary join of that key, making it if it is new."""
        found = self.joins.get(key)
        if not isinstance(found, Grouped):
            found = make(self.alias(stem))
            self.joins[key] = found
        return found

    def alias(self, stem: str) -> str:
        """Return an alias that no other join of this level has."""
        self._stems[stem] = number = self._stems.get(stem, 0) + 1
        return sql_name(stem if number == 1 else f"{stem}_{number}")

    _aliases: dict[str, str] = dataclasses.field(default_factory=dict)
    _stems: dict[str, int] = dataclasses.field(default_factory=lambda: {"b": 1, "s": 1})

    def render(
        self, kept: Sequence[str], *, source: str | None = None, audits: bool = True, end: str = ""
    ) -> str:
        """Return the SELECT.

        Args:
            kept: What is taken over from the records as they stand, as SQL.
            source: The relation to read, if it is not the level's own.
            audits: Whether the hidden columns of audits are there.
            end: What follows the joins.
        """
        lines = [(one, "") for one in kept]
        lines += [
            (f"{sql} AS {sql_name(name)}", said) for name, (sql, said) in self.columns.items()
        ]
        lines += [(f"{one.found} AS {one.column}", "") for one in self.audits if audits]
        text = "SELECT\n"
        for index, (sql, said) in enumerate(lines):
            comma = "," if index < len(lines) - 1 else ""
            comment = f"  -- {said}" if said else ""
            text += f"  {sql}{comma}{comment}\n"
        text += f"FROM {source or self.source} AS b\n"
        return (text + self.rendered_joins() + end).rstrip("\n")

    def rendered_joins(self) -> str:
        """Return the joins, a line each."""
        texts = (one.render() if isinstance(one, Grouped) else one for one in self.joins.values())
        return "".join(f"  {text}\n" for text in texts)


@record()
class Part:
    """One SELECT of a statement by name; `before` computed its operands."""

    name: str
    level: Level
    before: Level | None = None

    def render(self, *, audits: bool) -> str:
        """Return the SELECT that keeps all columns but the operands."""
        return self.level.render([self._all(())], source=self.source, audits=audits)

    def render_last(self, dropped: Sequence[str], *, audits: bool) -> str:
        """Return the SELECT that keeps all columns but operands and those named."""
        return self.level.render([self._all(dropped)], source=self.source, audits=audits)

    def render_new(self, kept: Sequence[str], *, audits: bool, ordered: bool) -> str:
        """Return the SELECT of new columns only, in the order of the records or with it."""
        listed = [*([] if ordered else ["b._at"]), *(f"b.{sql_name(name)}" for name in kept)]
        end = "ORDER BY b._at" if ordered else ""
        return self.level.render(listed, source=self.source, audits=audits, end=end)

    def render_where(self, condition: str) -> str:
        """Return the SELECT of the records that meet a condition, without operands."""
        columns = [self._all(())]
        end = f"WHERE {condition}"
        return self.level.render(columns, source=self.source, audits=False, end=end)

    @property
    def source(self) -> str | None:
        """The relation with the operands, or None for the level's own source."""
        return self.level.before_name if self.before else None

    @property
    def results(self) -> list[str]:
        """The columns that stay: all but operands."""
        return [] if self.level.depth else list(self.level.columns)

    def _all(self, dropped: Sequence[str]) -> str:
        names = [*(sql_name(one) for one in dropped), *(self.before.columns if self.before else ())]
        return f"b.* EXCLUDE ({', '.join(names)})" if names else "b.*"


def chosen(level: Level, condition: str) -> str:
    """Return the query of the records that meet a condition, as they stand.

    Args:
        level: The records, with the joins and operands that the condition needs.
        condition: SQL over that level.
    """
    *before, last = level.parts("chosen")
    made = ", ".join(f"{part.name} AS (\n{part.render(audits=False)}\n)" for part in before)
    return f"WITH {made}\n" * bool(before) + last.render_where(condition)
