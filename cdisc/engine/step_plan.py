"""A step to what runs: the queries that hand over what it reads, and what is done with it."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cdisc.diagnostics import Diagnostic, Span
from cdisc.engine.inner import raw_table
from cdisc.engine.level import Level, Tables, Unique
from cdisc.engine.program import DatasetPlan, Program
from cdisc.engine.sql import Compiler
from cdisc.engine.steps import read_of, tables_of
from cdisc.functions.sqltext import name as sql_name
from cdisc.language.verb import Type
from cdisc.record import record
from cdisc.spec import LoadedStudy
from cdisc.spec.step import StepBlock

if TYPE_CHECKING:  # a study without steps does not wait for what runs them
    import pyarrow as pa

RECORDS, ROW = "records", "_row"
_AT = "_at"


@record()
class Handed:
    """What a step is given: a query, the type of each column, the joins that it rests on."""

    types: Mapping[str, Type]
    sql: str = ""
    uniques: tuple[Unique, ...] = ()

    @property
    def schema(self) -> "pa.Schema":
        """The columns as Arrow has them."""
        import pyarrow as pa

        from cdisc.engine.step_values import STORED

        return pa.schema(
            [(name, STORED.get(kind, pa.string())) for name, kind in self.types.items()]
        )


@record()
class StepPlan:
    """A step of a dataset.

    Attributes:
        block: What the file says.
        table: Name of the table of what it writes, beside those of the dataset.
        records: The records at hand, which a column `ROW` numbers.
        tables: All records of other datasets and forms.
        writes: Variables with their types.
        span: Its place.
        folder: Where its function lies.
        shown_as: How findings name that folder.
    """

    block: StepBlock
    table: str
    records: Handed
    tables: Mapping[str, Handed]
    writes: Mapping[str, Type]
    span: Span
    folder: Path
    shown_as: str

    @property
    def shown(self) -> str:
        """What the step runs, as ``cdisc sql`` shows it."""
        said = " ".join(self.block.says.split())
        handed = {RECORDS: self.records, **self.tables}
        views = (f"{sql_name(name)} AS (\n{_indent(one.sql)}\n)" for name, one in handed.items())
        head = f"-- {self.table}: {', '.join(self.writes)}: {said}\nWITH {', '.join(views)}\n"
        if self.block.sql:
            return head + self.block.sql.strip()
        return f"{head}FROM {RECORDS}  -- {self.block.python}({', '.join(handed)})"

    def mistake(self) -> Diagnostic | None:
        """Say what is wrong with the step, before there are data."""
        if bool(self.block.python) is bool(self.block.sql):
            help_ = "keep one of the two" if self.block.sql else "add python: file.function"
            return Diagnostic("SPEC060", "a step is either python: or sql:", self.span, help=help_)
        if self.block.python:
            from cdisc.engine.step_python import find_function

            return find_function(self.folder, self.shown_as, self.block.python, self.span)
        import pyarrow as pa

        from cdisc.engine.step_sql import check_query

        schema = self.records.schema
        relations = {RECORDS: schema.insert(0, pa.field(ROW, pa.int64()))}
        relations |= {name: one.schema for name, one in self.tables.items()}
        return check_query(self.block.sql or "", relations, self.writes, self.span)

    def run(self, records: "pa.Table", tables: "Mapping[str, pa.Table]") -> "pa.Table":
        """Return what the step writes, in the order in which the dataset holds its records.

        Args:
            records: Result of the query of `records`.
            tables: Results of those of `tables`.

        Raises:
            StepError: SPEC062 to SPEC064, the step fails.
        """
        import pyarrow.compute as pc

        places, records = records.column(_AT), records.drop_columns([_AT])
        if self.block.python:
            from cdisc.engine.step_python import load_function, run_function

            dotted = self.block.python
            function = load_function(self.folder, self.shown_as, dotted, self.span)
            made = run_function(
                function, records, tables, self.writes, dotted=dotted, span=self.span
            )
        else:
            from cdisc.engine.step_sql import run_query

            relations = {RECORDS: records, **tables}
            made = run_query(self.block.sql or "", relations, self.writes, self.span)
        return made.take(pc.sort_indices(places))


def written_together(plan: DatasetPlan, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield those of some variables that steps write, step by step."""
    steps = {plan.variables[name].line.step for name in names} - {None}
    for step in sorted(one for one in steps if one is not None):
        yield tuple(name for name in names if plan.variables[name].line.step == step)


def step_mistakes(
    loaded: LoadedStudy, datasets: Mapping[str, DatasetPlan], subject: str
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the steps of a study, whose references are checked already."""
    for plan in datasets.values():
        for names in written_together(plan, (*plan.variables,)):
            step = _plan(loaded, plan, names, subject)
            found = step.mistake() if plan.variables[names[0]].checked.sound else None
            if found is not None:
                yield found


def make_step(
    program: Program, plan: DatasetPlan, names: tuple[str, ...], table: str, tables: Tables
) -> StepPlan:
    """Return a step with the queries of what it reads.

    Args:
        program: The study.
        plan: The dataset.
        names: The variables that the step writes.
        table: Name of the table that will hold them.
        tables: Small tables of all statements so far.
    """
    bare = _plan(program.loaded, plan, names, program.subject)
    checked = plan.variables[names[0]].checked
    level = Level(sql_name(plan.name), tables=tables)
    made = Compiler(program, plan, level, checked, names[0])
    for ref in read_of(checked.expression.tree):
        level.columns[str(ref)] = (made.sql(ref), "")
    order = "b._subject NULLS FIRST, b._id"
    head = [f"b.{_AT}", f"row_number() OVER (ORDER BY {order}) AS {ROW}"]
    if program.subject not in level.columns:
        head.append(f"b._subject AS {program.subject}")
    sql = level.render(head, end=f"ORDER BY {ROW}")
    others = {
        name: dataclasses.replace(one, sql=_whole(program, name, one))
        for name, one in bare.tables.items()
    }
    records = dataclasses.replace(bare.records, sql=sql, uniques=tuple(level.uniques))
    return dataclasses.replace(bare, table=table, records=records, tables=others)


def _whole(program: Program, name: str, handed: Handed) -> str:
    """Return the query of all records of a dataset or form."""
    subject = program.subject
    listed = [
        f"s._subject AS {subject}" if column == subject else f"s.{sql_name(column)}"
        for column in handed.types
    ]
    source = raw_table(name) if name in program.forms else sql_name(name)
    return f"SELECT {', '.join(listed)}\nFROM {source} AS s\nORDER BY s._subject NULLS FIRST, s._id"


def _plan(loaded: LoadedStudy, plan: DatasetPlan, names: tuple[str, ...], subject: str) -> StepPlan:
    first = plan.variables[names[0]]
    checked, number = first.checked, first.line.step
    assert number is not None
    assert plan.loaded is not None
    tree = checked.expression.tree
    block = plan.loaded.model.steps[number]
    span = plan.loaded.document.span(
        ("steps", number, "python" if block.python else "sql" if block.sql else "says")
    )
    shown_as = span.file.rsplit("/", 2)[0]
    columns = {str(ref): checked.types(ref) for ref in read_of(tree)}
    tables = {
        name: Handed({subject: "text", **{ref.name: checked.types(ref) for ref in refs}})
        for name, refs in tables_of(tree).items()
    }
    return StepPlan(
        block,
        "",
        Handed({subject: "text", **columns}),
        tables,
        {name: plan.variables[name].type for name in names},
        span,
        loaded.folders[shown_as],
        shown_as,
    )


def _indent(text: str) -> str:
    return "  " + text.replace("\n", "\n  ")
