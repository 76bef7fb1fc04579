"""An expression as SQL: the compiler that walks the tree once."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence

from cdisc.engine.aggregate import AggregateSql
from cdisc.engine.inner import Inner, raw_table
from cdisc.engine.layers import joining, layered, listed
from cdisc.engine.level import Audit, Level
from cdisc.engine.operators import arithmetic, comparison
from cdisc.engine.program import Checked, DatasetPlan, Program, Target
from cdisc.engine.references import ReferenceSql
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text
from cdisc.language import tree as t
from cdisc.language.verb import Scope, Type, Use

SEEN = "SEEN"  # what a verb looked at, whether it is to be reported or not

# names of relations that are no small tables: those of forms, of statements, of the engine
_TAKEN = re.compile(r"records|chosen|step\d+|.*_operands\d*|raw_.*|_.*")


class Compiler:
    """Renders the expressions of one variable into a level.

    Args:
        program: The study.
        plan: The dataset whose record is at hand.
        level: Takes the joins, audits and small tables.
        checked: The expression.
        variable: Its variable, for audits.
        inner: The records of an aggregate, or None for the record at hand.
    """

    def __init__(
        self,
        program: Program,
        plan: DatasetPlan,
        level: Level,
        checked: Checked,
        variable: str,
        inner: Inner | None = None,
    ) -> None:
        self.program, self.plan, self.level = program, plan, level
        self.checked, self.variable, self.inner = checked, variable, inner
        self.scope: Scope = checked.scope
        self.reached: tuple[t.Node, ...] = ()
        self.standing: dict[int, str] = {}
        self.auditing = False
        self.using: Use | None = None

    def type_of(self, node: t.Node) -> Type:
        """Return the type of a node."""
        return self.checked.types(node)

    def sql(self, node: t.Node) -> str:  # noqa: C901, PLR0911, PLR0912  one line per kind of node
        """Return the SQL of a node."""
        match node:
            case t.Text(value=value) | t.Const(value=value):
                is_number = self.type_of(node) == "number"
                return value if is_number else sql_text(value) if value else "NULL"
            case t.Number(value=value):
                return f"{value}.0" if value.isdigit() else value
            case t.Ref():
                return self.reference(self.checked.target(node), node)
            case t.Copy(source=source):
                return self.sql(source)
            case t.Arithmetic():
                return arithmetic(self, node)
            case t.Minus(operand=operand):
                return f"-({self.sql(operand)})"
            case t.Compare():
                return comparison(self, node)
            case t.Among(operand=operand, items=items, negated=negated):
                among = f"{self.sql(operand)} IN ({', '.join(self.sql(item) for item in items)})"
                return f"(({among}) IS NOT TRUE)" if negated else among
            case t.Missing(operand=operand, negated=negated):
                return f"{self.sql(operand)} IS {'NOT ' if negated else ''}NULL"
            case t.Not(operand=operand):
                return f"(({self.sql(operand)}) IS NOT TRUE)"
            case t.And(operands=operands):
                return "(" + " AND ".join(self.sql(one) for one in operands) + ")"
            case t.Or(operands=operands):
                return "(" + " OR ".join(self.sql(one) for one in operands) + ")"
            case t.Case():
                return self._case(node)
            case t.Meant(meaning=meaning):
                return self.sql(meaning)
            case t.Aggregate():
                return AggregateSql(self, node).render()
            case t.Flag():
                return AggregateSql.flag(self, node)
            case t.Numbering():
                return AggregateSql.numbering(self, node)
            case t.Call() | t.Step():
                return self._step(node, self.checked.uses[id(node)])
        raise TypeError(node)

    def _step(self, node: t.Node, use: Use) -> str:
        if use.verb.pure and not self.inner and self._field(node, costly=True):
            return self.once((node,), [{"value": "x"}], "tidy")[1]
        sql = self._verb(use)
        return f"nullif({sql}, '')" if use.verb.may_be_empty else sql

    def _case(self, node: t.Case) -> str:
        parts: list[str] = []
        before: tuple[t.Node, ...] = ()
        outside = self.reached
        for branch in node.branches:
            condition = self.sql(branch.condition)
            self.reached = (*outside, *before, branch.condition)
            parts.append(f"WHEN {condition} THEN {self.sql(branch.value)}")
            before = (*before, t.Not(operand=branch.condition))
            self.reached = outside
        if node.default is not None:
            self.reached = (*outside, *before)
            parts.append(f"ELSE {self.sql(node.default)}")
            self.reached = outside
        return f"CASE {' '.join(parts)} END"

    # references ---------------------------------------------------------------

    def reference(self, target: Target, ref: t.Ref) -> str:
        """Return the SQL of what a reference means."""
        if id(ref) in self.standing:
            return self.standing[id(ref)]
        if target.kind == "constant":
            return sql_text(target.name)
        if self.inner and self.inner.has(target):
            return self.inner.column(target)
        if target.kind == "sequence":
            return AggregateSql.sequence(self)
        if target.kind in ("own", "field"):
            return f"b.{sql_name(target.name)}"
        return ReferenceSql(self, target, ref).render()

    def inside(self, inner: Inner) -> "Compiler":
        """Return the same for the records of an aggregate."""
        return Compiler(self.program, self.plan, self.level, self.checked, self.variable, inner)

    # what verbs ask for ---------------------------------------------------------

    def table(self, name: str, rows: Mapping[str, str]) -> str:
        """Return the SQL name of a small table with the columns ``key`` and ``value``."""
        return self._table(name, {"key": list(rows), "value": list(rows.values())})

    def _table(self, name: str, columns: Mapping[str, Sequence[str]]) -> str:
        stem = "".join(one if one.isalnum() else "_" for one in name).lower()
        if _TAKEN.fullmatch(stem) or stem.upper() in self.program.datasets:
            stem = f"table_{stem}"
        while self.level.tables.get(stem, columns) != columns:
            stem += "_"
        self.level.tables[stem] = columns
        return sql_name(stem)

    def looked_up(self, name: str, columns: Mapping[str, Mapping[str, str]], key: str) -> str:
        """Return the alias of a study table, joined where its first column is `key`."""
        first = sql_name(next(iter(columns)))
        table = self._table(name, {one: list(rows.values()) for one, rows in columns.items()})

        def make(alias: str) -> str:
            return f"LEFT JOIN {table} AS {alias} ON {alias}.{first} = {key}"

        join = self.inner.join if self.inner else self.level.join
        return join(f"{table} {key}", table.strip('"'), make)

    def joined(
        self, name: str, columns: Mapping[str, Sequence[str]], on: Callable[[str], str]
    ) -> str:
        """Return the alias of a small table, joined by a condition over that alias."""
        table = self._table(name, columns)

        def make(alias: str) -> str:
            return f"LEFT JOIN {table} AS {alias} ON {on(alias)}"

        join = self.inner.join if self.inner else self.level.join
        return join(f"{table} {on('')}", table.strip('"'), make)

    def over_records(
        self,
        operands: Sequence[t.Node],
        query: Callable[[str, Sequence[str]], str],
        name: str,
    ) -> tuple[tuple[str, ...], str]:
        """Return the SQL of operands, and the alias of a query over all records."""
        assert self.inner is None, name  # what is setwise does not stand inside a choice
        table, columns, values = self._relation(operands)
        text = query(table, columns)

        def make(alias: str) -> str:
            return f"LEFT JOIN ({text}\n  ) AS {alias} ON {alias}._id = b._id"

        stem = f"{name}_{self.variable}".lower().replace(":", "_")
        return values, self.level.join(text, stem, make)

    def is_collected(self, node: t.Node) -> bool:
        """Say whether an operand reads a collected field rather than a variable."""
        targets = (self.checked.target(ref) for ref in t.references(node))
        return any(one.qualifier in self.program.forms for one in targets)

    def mapped(self, name: str, key: str, rows: Mapping[str, str], *, number: bool = False) -> str:
        """Return the SQL of ``rows[key]`` by a join with a small table."""
        table = self.table(name, rows)

        def make(alias: str) -> str:
            return f"LEFT JOIN {table} AS {alias} ON {alias}.key = {key}"

        join = self.inner.join if self.inner else self.level.join
        value = f"{join(f'{table} {key}', table.strip(chr(34)), make)}.value"
        return f"CAST({value} AS DOUBLE)" if number else value

    def once(
        self, operands: Sequence[t.Node], layers: Sequence[Mapping[str, str]], name: str
    ) -> tuple[tuple[str, ...], str]:
        """Return the SQL of operands and of their value, made once per distinct operands."""
        names = ["x"] if len(operands) == 1 else [f"x{n + 1}" for n in range(len(operands))]
        if self.inner:
            values = tuple(self.sql(one) for one in operands)
            return values, self._once_inside(self.inner, values, names, layers, name)
        field = self._field(operands[0]) if len(operands) == 1 else None
        if field is not None:
            return self._once_per_field(field, operands[0], layers, name)
        table, columns, values = self._relation(operands)
        text = layered(f"SELECT DISTINCT {listed(columns, names)} FROM {table}", layers, names)
        stem = f"{name}_{self.variable}".lower().replace(":", "_")
        alias = self.level.join(f"{text} {values}", stem, joining(text, values, names))
        return values, f"{alias}.value"

    @staticmethod
    def _once_inside(
        inner: Inner,
        values: Sequence[str],
        names: Sequence[str],
        layers: Sequence[Mapping[str, str]],
        name: str,
    ) -> str:
        """Return the SQL of a value made of each record that an aggregate runs over."""
        given = listed(values, names)
        if not all(map(inner.is_alone, values)):
            return f"(SELECT value FROM ({layered(f'SELECT {given}', layers, names)}))"
        # a subquery for each record takes DuckDB very long to plan where there are several
        text = layered(f"SELECT DISTINCT {given} FROM {inner.table} AS s", layers, names)
        return f"{inner.join(text, name, joining(text, values, names))}.value"

    def _once_per_field(
        self, field: t.Ref, operand: t.Node, layers: Sequence[Mapping[str, str]], name: str
    ) -> tuple[tuple[str, ...], str]:
        """Return what `once` returns, by the distinct texts of a raw field."""
        given = self.sql(field)
        target = self.checked.target(field)
        self.standing = {id(field): "x0"}
        made = self._whole(operand)
        self.standing = {}
        names = ("x",) if operand is field else ("x0", "x")
        first: list[Mapping[str, str]] = [] if operand is field else [{"x": made}]
        table = raw_table(target.qualifier)
        base = f"SELECT DISTINCT {sql_name(target.name)} AS {names[0]} FROM {table}"
        text = layered(base, [*first, *layers], names)

        def make(alias: str) -> str:
            return f"LEFT JOIN (\n    {text}\n  ) AS {alias} ON {alias}.{names[0]} = {given}"

        stem = f"{name}_{self.variable}".lower().replace(":", "_")
        alias = self.level.join(f"{text} {given}", stem, make)
        return (given if operand is field else f"{alias}.x",), f"{alias}.value"

    def _whole(self, node: t.Node) -> str:
        """Return the SQL of a chain of pure steps, empty text made missing."""
        use = self.checked.uses.get(id(node))
        if use is None:
            return self.sql(node)
        sql = self._verb(use)
        return f"nullif({sql}, '')" if use.verb.may_be_empty else sql

    def _field(self, node: t.Node, *, costly: bool = False) -> t.Ref | None:
        """Return the raw field at the end of a chain of pure steps, or None.

        With `costly`, a chain counts only if it is worth evaluating once per text.
        """
        worth = not costly
        while isinstance(node, t.Step) and self.checked.uses[id(node)].verb.pure:
            worth = worth or self.checked.uses[id(node)].verb.costly
            node = node.operand
        if not isinstance(node, t.Ref) or not worth or self.standing:
            return None
        target = self.checked.target(node)
        of_form = target.kind == "row" and target.qualifier in self.program.forms
        return node if of_form else None

    def is_field(self, node: t.Node) -> bool:
        """Say whether an operand is a collected field, with pure steps at most."""
        return not self.inner and self._field(node) is not None

    def _relation(self, operands: Sequence[t.Node]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Return a relation that holds operands, their columns in it, and their SQL here."""
        targets = [self.checked.target(one) if isinstance(one, t.Ref) else None for one in operands]
        if all(one and one.kind == "own" for one in targets):
            values = tuple(self.sql(one) for one in operands)
            return self.level.source, tuple(one.removeprefix("b.") for one in values), values
        columns = tuple(self._before(one) for one in operands)
        return self.level.before_name, columns, tuple(f"b.{one}" for one in columns)

    def chained(self, node: t.Node) -> str:
        """Return the SQL of an operand that may be empty text."""
        use = self.checked.uses.get(id(node))
        if use is not None and use.verb.may_be_empty:
            return self._verb(use)
        return self.sql(node)

    def _verb(self, use: Use) -> str:
        if use.verb.prelude:
            self.level.preludes[use.verb.prelude] = None
        outside, self.using = self.using, use
        sql = use.verb.sql(use, self)
        self.using = outside
        return sql

    def column(self, node: t.Node) -> str:
        """Return the SQL of a node as a plain column, computed before this level if need be."""
        if self.inner or self.standing or isinstance(node, t.Ref | t.Text | t.Number | t.Const):
            return self.sql(node)
        return f"b.{self._before(node)}"

    def _before(self, operand: t.Node) -> str:
        """Return the column of an operand that is computed before this level."""
        before = self.level.before()
        made = Compiler(self.program, self.plan, before, self.checked, self.variable)
        made.reached, made.auditing = self.reached, self.auditing
        sql = made.sql(operand)
        for column, (known, _said) in before.columns.items():
            if known == sql:
                return column
        column = f"_operand{before.depth}_{len(before.columns) + 1}"
        before.columns[column] = (sql, "")
        return column

    def audit(self, code: str, condition: str, found: str) -> None:
        """Report the records that meet a condition, if they reach this branch.

        Without a code nothing is reported; the terms inbox sees what was found.
        """
        variable = self.plan.variables.get(self.variable)
        line = variable.line if variable is not None else None
        if self.auditing or (line is not None and (line.label or line.quiet)):
            return  # reported of the variable that a companion belongs to, or of a later stage
        if self.program.inbox and (self.using or not self.inner):
            self._audited(SEEN, f"{found} IS NOT NULL", found)
        if code:
            self._audited(code, condition, found)

    def relay(
        self, code: str, found: str, use: Use | None, among: str, *, several: bool = True
    ) -> None:
        """Report what a verb found among the records that the record at hand summarises."""
        if self.auditing:
            return
        outside, self.using = self.using, use
        self._audited(code, f"{found} IS NOT NULL", found, among, several=several)
        self.using = outside

    def look(self, where: t.Node, settled: Sequence[t.Node]) -> None:
        """Report what verbs of a condition find on the records at hand."""
        outside, self.reached = self.reached, tuple(settled)
        self.sql(where)
        self.reached = outside

    def found(self, code: str, use: Use | None, among: str) -> Audit:
        """Return the audit of other records than those at hand."""
        return self._audit(code, "found", "found", use, among)

    def _audited(
        self, code: str, condition: str, found: str, among: str = "", *, several: bool = False
    ) -> None:
        self.auditing = True  # what the conditions of the branch report is reported there
        reached = [f"({self.sql(one)})" for one in self.reached]
        self.auditing = False
        conditions = " AND ".join([*reached, f"({condition})"])
        sql = f"CASE WHEN {conditions} THEN {found} END"
        if self.inner:
            self.inner.audits.setdefault((code, sql), self.using)
            return
        if any(one.found == sql and one.code == code for one in self.level.audits):
            return
        column = self.level.audit_column(self.variable)
        made = self._audit(code, column, sql, self.using, among)
        self.level.audits.append(dataclasses.replace(made, several=several))

    def _audit(self, code: str, column: str, found: str, use: Use | None, among: str) -> Audit:
        dataset, span = self.plan.shown, self.checked.expression.span()
        return Audit(column, code, found, dataset, self.variable, span, use, self.scope, among)
