"""Batches to SQL statements: what runs, and what ``cdisc sql`` prints."""

import dataclasses
from collections.abc import Iterator

from cdisc.engine.level import Audit, Level, Part, Probe, Tables, Unique
from cdisc.engine.program import Batch, Checked, DatasetPlan, Program, VariablePlan
from cdisc.engine.records import make_records
from cdisc.engine.sql import Compiler
from cdisc.engine.step_plan import StepPlan, make_step, written_together
from cdisc.engine.within import is_subject
from cdisc.functions.arithmetic import FINITE
from cdisc.functions.sqltext import name as sql_name
from cdisc.language import tree as t

_LOSES_ORDER = (" OVER (", "_operands AS (")  # DuckDB gives up the order of the records there
_EMPTY = {
    "text": "VARCHAR",
    "dtc": "VARCHAR",
    "literal": "VARCHAR",
    "missing": "VARCHAR",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "time": "TIME",
    "boolean": "BOOLEAN",
}


@dataclasses.dataclass(frozen=True)
class Statement:
    """One CREATE TABLE with what must be there before it and what is looked at after it.

    The first statement of a dataset makes its records; each later one only further
    columns, in the same order. A view puts them side by side.

    Attributes:
        dataset: Dataset.
        sql: As it runs.
        shown: As it is shown, without the audits.
        view: The view over all columns so far.
        preludes: Macros that it uses.
        tables: Small tables that it uses.
        uniques: Joins that must find one record at most.
        audits: Hidden columns to look at afterwards.
        probes: Queries that look at other records.
        step: What makes the table of the records that `sql` gives; None if `sql` makes it.
        table: The table that it makes.
        unordered: Whether the table has the place of each record, and may have lost the order.
        numbers: The variable that it numbers the records of a subject with, and nothing else.
    """

    dataset: str
    sql: str
    shown: str
    view: str
    preludes: tuple[str, ...]
    tables: Tables
    uniques: tuple[Unique, ...]
    audits: tuple[Audit, ...]
    probes: tuple[Probe, ...] = ()
    step: "StepPlan | None" = None
    table: str = ""
    unordered: bool = False
    numbers: str | None = None


def statements(program: Program) -> Iterator[Statement]:
    """Yield every statement of a study, in the order in which they run."""
    made: dict[str, list[tuple[str, ...]]] = {}
    tables: Tables = {}
    left = {name: dict(plan.variables) for name, plan in program.datasets.items()}
    for batch in program.steps:
        plan = program.datasets[batch.dataset]
        yield from _Batch(
            program, plan, batch, made.setdefault(plan.name, []), left[plan.name], tables
        ).statements()


def _may_overflow(checked: Checked) -> bool:
    """Say whether a number may be larger than any that is stored: then it is missing."""
    return any(
        isinstance(node, t.Arithmetic)
        or (isinstance(node, t.Aggregate) and node.kind in ("sum", "mean"))
        or (isinstance(node, t.Call) and node.name == "average")
        for node in checked.expression.tree.walk()
    )


class _Batch:
    """The statements of one batch.

    Args:
        program: The study.
        plan: The dataset.
        batch: What to compute.
        made: Columns of each table of the dataset so far.
        left: Variables that are not computed yet.
        tables: Small tables of all statements so far.
    """

    def __init__(
        self,
        program: Program,
        plan: DatasetPlan,
        batch: Batch,
        made: list[tuple[str, ...]],
        left: dict[str, VariablePlan],
        tables: Tables,
    ) -> None:
        self.program, self.plan, self.batch = program, plan, batch
        self.made, self.left, self.tables = made, left, tables
        self.known = set(tables)
        self.values: tuple[str, ...] = ()

    def statements(self) -> Iterator[Statement]:
        parts: list[Part] = []
        first = ""
        level: Level | None = None
        if self.batch.begins:
            records = make_records(self.program, self.plan, self.tables)
            first, level, self.values = records.sql, records.level, records.columns
        for names in self._split():
            step = self.plan.variables[names[0]].line.step
            setwise = any(self.plan.variables[name].setwise for name in names)
            if (parts or first) and (setwise or step is not None):
                yield self._statement(parts, first, level)
                parts, first, level = [], "", None
            if step is not None:
                yield self._stepped(names)
                continue
            if self._is_numbering(names):
                yield self._numbered(names[0])
                continue
            source = parts[-1].name if parts else "records" if first else sql_name(self.plan.name)
            one = Level(source, tables=self.tables)
            for name in names:
                self._column(one, self.plan.variables[name])
                self.left.pop(name)
            parts += one.parts(f"step{len(parts) + 1}")
        if parts or first:
            yield self._statement(parts, first, level)

    def _split(self) -> Iterator[tuple[str, ...]]:
        """Yield levels, those that look at other records apart from the rest."""
        for names in self.batch.levels:
            for setwise in (False, True):
                part = tuple(
                    name
                    for name in names
                    if self.plan.variables[name].setwise is setwise
                    and self.plan.variables[name].line.step is None
                )
                apart = [(name,) for name in part if setwise and self._is_numbering((name,))]
                yield from apart
                part = tuple(name for name in part if (name,) not in apart)
                if part:
                    yield part
            yield from written_together(self.plan, names)

    def _stepped(self, names: tuple[str, ...]) -> Statement:
        """Return the statement of a step, which writes several variables at once."""
        for name in names:
            self.left.pop(name)
        self.made.append(names)
        table = f"{self.plan.name}.{len(self.made)}"
        made = make_step(self.program, self.plan, names, table, self.tables)
        return Statement(
            self.plan.name,
            made.records.sql,
            made.shown,
            self._view(),
            (),
            self._new_tables(),
            made.records.uniques,
            (),
            step=made,
        )

    def _is_numbering(self, names: tuple[str, ...]) -> bool:
        """Say whether this is the number of a record within its subject, in key order."""
        plan, checked = self.plan, self.plan.variables[names[0]].checked
        tree = checked.expression.tree
        return (
            isinstance(tree, t.Ref)
            and checked.target(tree).kind == "sequence"
            and plan.keys[:1] == (self.program.subject,)
            and is_subject(self.program, plan)
        )

    def _numbered(self, name: str) -> Statement:
        """Return the statement that numbers records; as SQL it says what the run does."""
        level = Level(sql_name(self.plan.name), tables=self.tables)
        self._column(level, self.plan.variables[name])
        self.left.pop(name)
        made = self._statement(level.parts("step1"), "", None)
        return dataclasses.replace(made, numbers=name)

    def _column(self, level: Level, variable: VariablePlan) -> None:
        checked = variable.checked
        sql = Compiler(self.program, self.plan, level, checked, variable.name).sql(
            checked.expression.tree
        )
        kind = _EMPTY[variable.type]
        if checked.type in ("missing", "literal", "boolean") or sql == "NULL":
            sql = f"CAST({sql} AS {kind})"
        if checked.type == "number" and _may_overflow(checked):
            level.preludes[FINITE] = None
            sql = f"finite({sql})"
        level.columns[variable.name] = (sql, said(self.program, variable))

    def _statement(self, parts: list[Part], first: str, level: Level | None) -> Statement:
        levels = [*([level] if level else []), *(part.level for part in parts)]
        audits = tuple(one for each in levels for one in each.audits)
        columns = [name for part in parts for name in part.results]
        bare = first
        for one in level.audits if level else ():
            bare = bare.replace(f",\n  {one.found} AS {one.column}", "")
        run = self._body(parts, first, audits=True)
        unordered = not first and not any(one in run for one in _LOSES_ORDER)
        if unordered:
            run = self._body(parts, first, audits=True, ordered=False)
        shown = self._body(parts, bare, audits=False)
        self.made.append((*columns, *(one.column for one in audits)))
        stored = f"{self.plan.name}.{len(self.made)}"
        table = sql_name(stored)
        return Statement(
            self.plan.name,
            f"CREATE OR REPLACE TABLE {table} AS\n{run}",
            f"CREATE OR REPLACE TABLE {table} AS\n{shown}",
            self._view(),
            tuple(dict.fromkeys(one for each in levels for one in each.preludes)),
            self._new_tables(),
            tuple(dict.fromkeys(one for each in levels for one in each.uniques)),
            audits,
            tuple(one for each in levels for one in each.probes),
            table=stored,
            unordered=unordered,
        )

    def _new_tables(self) -> Tables:
        """Return the small tables that no earlier statement made."""
        new = {name: rows for name, rows in self.tables.items() if name not in self.known}
        self.known |= set(new)
        return new

    def _body(self, parts: list[Part], first: str, *, audits: bool, ordered: bool = True) -> str:
        """Return the query of a statement: its parts in turn, the last one outside."""
        if not parts:
            return first
        if first:
            last = parts[-1].render_last(self._unneeded(), audits=audits)
        else:
            kept = [name for part in parts[:-1] for name in part.results]
            kept += [one.column for part in parts[:-1] for one in part.level.audits if audits]
            last = parts[-1].render_new(kept, audits=audits, ordered=ordered)
        before = [("records", first)] if first else []
        before += [(part.name, part.render(audits=audits)) for part in parts[:-1]]
        if not before:
            return last
        return (
            "WITH "
            + ", ".join(f"{name} AS (\n{_indent(sql)}\n)" for name, sql in before)
            + f"\n{last}"
        )

    def _unneeded(self) -> list[str]:
        """Return the values of the source that no later line of the dataset names."""
        needed = {
            f"{ref.qualifier}.{target.name}"
            for checked in (*(one.checked for one in self.left.values()), *self.plan.checks)
            for ref, target in checked.refs()
            if target.kind == "row"
        }
        return [one for one in self.values if one not in needed]

    def _view(self) -> str:
        """Return the view that puts the tables of the dataset side by side."""
        name = self.plan.name
        listed = ["t1.*", "t1.rowid AS _at"]
        tables = [f"{sql_name(f'{name}.1')} AS t1"]
        for number, columns in enumerate(self.made[1:], start=2):
            listed += [f"t{number}.{sql_name(column)}" for column in columns]
            tables.append(f"{sql_name(f'{name}.{number}')} AS t{number}")
        query = f"SELECT {', '.join(listed)} FROM {' POSITIONAL JOIN '.join(tables)}"
        return f"CREATE OR REPLACE VIEW {sql_name(name)} AS {query}"


def said(program: Program, variable: VariablePlan) -> str:
    """Return where a variable is said and how, for a comment."""
    expression = variable.checked.expression
    span = expression.span()
    text = " ".join(expression.text.split())
    return f"{program.loaded.inside(span.file)}:{span.line}  {variable.name}: {text}"


def check_level(program: Program, plan: DatasetPlan, checked: Checked) -> tuple[str, Level]:
    """Return a condition over a finished dataset as SQL, with the joins that it needs."""
    level = Level(sql_name(plan.name))
    return Compiler(program, plan, level, checked, "check").sql(checked.expression.tree), level


def _indent(text: str) -> str:
    return "  " + text.replace("\n", "\n  ")


def split(prelude: str) -> list[str]:
    """Return the CREATE MACRO statements of a prelude."""
    parts = prelude.split(";CREATE")
    return [parts[0], *(f"CREATE{part}" for part in parts[1:])]
