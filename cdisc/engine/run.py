"""Run a program on raw data: statements, audits, checks, and the ledger of records."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import ARROW_TYPES, RawStudy
from cdisc.diagnostics import Diagnostic
from cdisc.engine.database import Database, working_on
from cdisc.engine.findings import (
    not_unique,
)
from cdisc.engine.in_order import InOrder
from cdisc.engine.inner import raw_table
from cdisc.engine.level import Audit, Unique
from cdisc.engine.loading import Loading
from cdisc.engine.looking import FORM_SHIFT, place_of
from cdisc.engine.program import (
    DatasetPlan,
    Program,
    RowSource,
)
from cdisc.engine.seen import Counted, Seen, Use, Values
from cdisc.engine.statements import Statement, statements
from cdisc.engine.step_plan import StepPlan
from cdisc.functions.sqltext import name as sql_name

TERM_CODES = ("DATA003", "DATA004")
_STATEMENTS, _RESULTS = 1_000_000, 2_000_000  # places of a run: behind those of the forms


@dataclasses.dataclass(frozen=True)
class Unmatched:
    """A value that no term knows: every one, not only the examples of a finding."""

    audit: Audit
    value: str
    records: int
    first: str


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run gives.

    Attributes:
        tables: Arrow table of each dataset, in key order, variables in order.
        sources: Hidden source record of each record.
        findings: Everything reported of severity below error.
        uses: The ledger of records.
        records: Records of each form.
        unmatched: Values that no term knows.
    """

    tables: dict[str, pa.Table]
    sources: dict[str, pa.ChunkedArray]
    findings: tuple[Diagnostic, ...]
    uses: tuple[Use, ...]
    records: dict[str, int]
    unmatched: tuple[Unmatched, ...] = ()


def run(
    program: Program,
    raw: RawStudy,
    *,
    threads: int | None = None,
    progress: Callable[[str], None] = lambda _dataset: None,
) -> Result:
    """Build every dataset of a program.

    Args:
        program: The resolved study.
        raw: Its collected data.
        threads: Threads of the engine; the result does not depend on it.
        progress: Called with the name of each dataset that is being worked on.

    Raises:
        RawDataError: The data do not fit the spec; every finding up to the first
            statement that could not go on.
    """
    with Database(threads=threads) as database:
        return Run(program, raw, database, progress).result()


class Run(Loading):
    """A run of a program over its data: statement by statement, with what each reports."""

    def __init__(
        self, program: Program, raw: RawStudy, database: Database, progress: Callable[[str], None]
    ) -> None:
        super().__init__(program, raw, database, progress)
        self.in_order = InOrder(database)
        self.proven: set[tuple[str, tuple[str, ...]]] = set()
        self.listed: Sequence[Statement] | None = None
        self.left_out: frozenset[str] = frozenset()

    def result(self) -> Result:
        """Run everything and return what it gave."""
        self.make()
        tables, sources = {}, {}
        for plan, number in self.plans():
            with working_on(f"dataset {plan.name}"):
                self.finish(plan, number)
                if plan.of is None:  # nobody sees the stages of a dataset
                    tables[plan.name], sources[plan.name] = self.fetch(plan)
        self.stop_on_errors()
        return result_of(self.program, self.seen, tables, sources)

    def make(self) -> None:
        """Load the forms and run every statement, each with its audits."""
        for form in self.program.forms.values():
            with working_on(f"form {form.name}"):
                self.place_at(form.number)
                self.load(form)
        self.stop_on_errors()
        self.run_statements()

    def load_unheard(self) -> None:
        """Load the forms, of which all has been said."""
        for form in self.program.forms.values():
            self.place_at(form.number)
            self.deaf = True
            self.load(form)

    def run_statements(self) -> None:
        """Run every statement but those of datasets that are left out."""
        listed = statements(self.program) if self.listed is None else self.listed
        for number, statement in enumerate(listed):
            self.place_at(_STATEMENTS + number, statement.dataset)
            if statement.dataset in self.left_out:
                self.prepare(statement)  # later statements use its small tables
                continue
            self.progress(statement.dataset)
            with working_on(f"dataset {statement.dataset}"):
                self.step(statement)

    def plans(self) -> Iterator[tuple[DatasetPlan, int]]:
        """Yield every dataset and stage that is made, with its number."""
        for number, plan in enumerate(self.program.datasets.values()):
            if plan.name not in self.left_out:
                yield plan, number

    def finish(self, plan: DatasetPlan, number: int) -> None:
        """Look at a dataset that is complete."""
        self.place_at(_RESULTS + number, plan.name)
        self.date_events(plan)
        self.find_partners(plan)
        self.account(plan)
        if plan.of is None:
            self.check(plan)

    # statements -----------------------------------------------------------------

    def step(self, statement: Statement) -> None:
        """Run a statement, once its joins are known to find one record at most."""
        self.prepare(statement)
        for unique in statement.uniques:
            self.prove(unique)
        self.stop_on_errors()
        if statement.step is not None:
            self.take(statement.step)
        elif statement.numbers is not None:
            plan = self.program.datasets[statement.dataset]
            self.in_order.number(plan, statement.numbers, statement.table)
        else:
            self.database.run(statement.sql)
        if statement.unordered:
            self.put_in_order(sql_name(statement.table))
        self.database.run(statement.view)
        self.audit(statement)

    def put_in_order(self, table: str) -> None:
        """Sort a table by the places of its records, if a join has changed their order."""
        if self.count(f"SELECT count(*) FROM {table} WHERE _at <> rowid"):
            self.database.run(
                f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {table} ORDER BY _at"
            )

    def take(self, step: StepPlan) -> None:
        """Store what a step of the study makes of the records that it reads."""
        tables = {name: self.database.fetch(one.sql) for name, one in step.tables.items()}
        made = step.run(self.database.fetch(step.records.sql), tables)
        self.database.store(step.table, made)

    def prove(self, unique: Unique) -> None:
        """Report a join that would find more than one record."""
        if (unique.table, unique.columns) in self.proven:
            return
        keys = ", ".join(sql_name(one) for one in unique.columns)
        group = f" GROUP BY {keys}" if keys else ""
        # a dataset without subjects is joined by its keys: the first of them stands for the rest
        one = sql_name(unique.columns[0]) if unique.columns else "'the study'"
        twice = (
            f"SELECT any_value({one}) AS said, count(*) AS n FROM {unique.table}"
            f" WHERE {one} IS NOT NULL{group} HAVING count(*) > 1"
        )
        found = self.database.rows(f"SELECT said, n FROM ({twice}) ORDER BY said, n LIMIT 1")
        place = self.look()
        if found:
            subjects = self.count(f"SELECT count(DISTINCT said) FROM ({twice})")
            self.see(place, Counted(subjects, found[0], partial(_not_unique, unique)))
        else:
            self.proven.add((unique.table, unique.columns))

    def audit(self, statement: Statement) -> None:
        """Report what the hidden columns of a statement found."""
        table = sql_name(statement.dataset)
        if statement.audits:
            counts = ", ".join(f"count({one.column})" for one in statement.audits)
            numbers = self.database.rows(f"SELECT {counts} FROM {table}")[0]
            for one, number in zip(statement.audits, numbers, strict=True):
                self.report(one, table, number)
        self.probe(statement.probes)

    # results --------------------------------------------------------------------

    def account(self, plan: DatasetPlan) -> None:
        """Note how many records of each form a dataset used."""
        for name in dict.fromkeys(source.name for source in plan.sources):
            if name in self.program.forms:
                same = [source for source in plan.sources if source.name == name]
                self.note(self.use(plan, name, same))

    def use(self, plan: DatasetPlan, form: str, sources: Sequence[RowSource]) -> Use:
        """Return how many records of a form its row sources used together."""
        number = self.program.forms[form].number
        low, high = number * FORM_SHIFT, (number + 1) * FORM_SHIFT
        total = self.count(f"SELECT count(*) FROM {raw_table(form)}")
        used = self.count(
            f"SELECT count(DISTINCT _src) FROM {sql_name(plan.name)}"
            f" WHERE _src >= {low} AND _src < {high}"
        )
        said = [
            " ".join(one[0] for one in (source.where_at, source.keep_at) if one)
            for source in sources
        ]
        reason = " ".join("; ".join(one for one in said if one).split())
        line = f"{sources[0].span.file}:{sources[0].span.line}"
        return Use(form, plan.shown, line, reason, used, total - used)

    def fetch(
        self, plan: DatasetPlan, *, of_subjects: bool = False
    ) -> tuple[pa.Table, pa.ChunkedArray]:
        """Return a dataset in key order, and the source record of each record.

        With `of_subjects`, only records that come from data: the others are the same
        whatever the data are.
        """
        where = " WHERE _subject IS NOT NULL OR _src IS NOT NULL" if of_subjects else ""
        table = self.in_order.fetch(plan, [*plan.order, "_src"], where)
        sources = table.column("_src")
        return _typed(table.drop_columns(["_src"]), plan), sources


def result_of(
    program: Program,
    seen: Seen,
    tables: Mapping[str, pa.Table],
    sources: Mapping[str, pa.ChunkedArray],
) -> Result:
    """Return what a run gives, of all that it saw and made."""
    unmatched = (
        Unmatched(one.audit, str(value), count, place_of(program, src))
        for one in seen.found()
        if isinstance(one, Values) and one.audit is not None and one.audit.code in TERM_CODES
        for value, count, src in one.rows()
    )
    findings = tuple(seen.findings())
    uses = seen.listed_uses()
    return Result(dict(tables), dict(sources), findings, uses, seen.records, tuple(unmatched))


def _not_unique(unique: Unique, subjects: int, least: tuple[str, int]) -> Diagnostic:
    return not_unique(unique, subjects, *least)


def _typed(table: pa.Table, plan: DatasetPlan) -> pa.Table:
    columns = []
    for name in table.column_names:
        kind = plan.variables[name].kind
        column = table.column(name)
        if kind == "text":
            empty = pc.equal(column, "")
            if pc.any(empty).as_py():
                column = pc.if_else(empty, None, column)
        columns.append(column.cast(ARROW_TYPES[kind]))
    return pa.table(columns, names=table.column_names)
