"""Run a program on raw data: statements, audits, checks, and the ledger of records."""

import dataclasses
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import RawStudy
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.engine.database import Database
from cdisc.engine.level import Audit, Grouped, Level, Unique
from cdisc.engine.program import Checked, DatasetPlan, FormPlan, Program
from cdisc.engine.sql import Compiler, Inner, raw_table
from cdisc.engine.statements import Statement, check_level, split, statements
from cdisc.errors import RawDataError
from cdisc.functions.sqltext import name as sql_name

FORM_SHIFT = 1 << 40
_EXAMPLES = 3


@dataclasses.dataclass(frozen=True)
class Use:
    """How many records of a form a line of the study used or left out."""

    form: str
    dataset: str
    line: str
    reason: str
    used: int
    excluded: int


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run gives.

    Attributes:
        tables: Arrow table of each dataset, in key order, variables in order.
        sources: Hidden source record of each record.
        findings: Everything reported of severity below error.
        uses: The ledger of records.
        records: Records of each form.
    """

    tables: dict[str, pa.Table]
    sources: dict[str, pa.ChunkedArray]
    findings: tuple[Diagnostic, ...]
    uses: tuple[Use, ...]
    records: dict[str, int]


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
        return _Run(program, raw, database, progress).result()


class _Run:
    def __init__(
        self, program: Program, raw: RawStudy, database: Database, progress: Callable[[str], None]
    ) -> None:
        self.program, self.raw, self.database, self.progress = program, raw, database, progress
        self.findings: list[Diagnostic] = []
        self.uses: list[Use] = []
        self.records: dict[str, int] = {}
        self.proven: set[tuple[str, tuple[str, ...]]] = set()

    def result(self) -> Result:
        for form in self.program.forms.values():
            self.load(form)
        self.stop_on_errors()
        tables, sources = {}, {}
        for statement in statements(self.program):
            self.progress(statement.dataset)
            self.step(statement)
        for plan in self.program.datasets.values():
            self.check(plan)
            self.account(plan)
            tables[plan.name], sources[plan.name] = self.fetch(plan)
        self.stop_on_errors()
        return Result(tables, sources, tuple(self.findings), tuple(self.uses), self.records)

    def stop_on_errors(self) -> None:
        if has_errors(self.findings):
            raise RawDataError(self.findings)

    # raw forms ------------------------------------------------------------------

    def load(self, form: FormPlan) -> None:
        """Store a form with its hidden columns: subject, row, source record."""
        collected = self.raw.form(form.name)
        table = collected.table.append_column("_row", collected.rows)
        self.database.register("_loading", table)
        level = Level("_loading")
        inner = Inner(form.name)
        plan = DatasetPlan(form.name, "sdtm", form.name, None, "", (), (), {}, (), frozenset())

        def compiled(checked: Checked) -> str:
            return Compiler(self.program, plan, level, checked, form.name, inner).sql(
                checked.expression.tree
            )

        subject = compiled(form.subject)
        usubjid = self.usubjid(level)
        where = f" WHERE {compiled(form.where)}" if form.where else ""
        self.prepare(level)
        name = raw_table(form.name)
        self.database.run(
            f"CREATE OR REPLACE TABLE {name} AS SELECT f.*, f._row AS _id, {usubjid} AS _subject,"
            f" {form.number} * {FORM_SHIFT} + f._row AS _src FROM (SELECT s.*, {subject} AS subject_"
            f" FROM {inner.render('_loading')}{where}) AS f"
        )
        self.database.unregister("_loading")
        total = table.num_rows
        self.records[form.name] = total
        kept = self.count(f"SELECT count(*) FROM {name}")
        if form.where:
            span = form.where.expression.span()
            self.uses.append(
                Use(
                    form.name,
                    "",
                    f"{span.file}:{span.line}",
                    form.block.where or "",
                    kept,
                    total - kept,
                )
            )
        self.without_subject(form, name)

    def usubjid(self, level: Level) -> str:
        plan = DatasetPlan("subject", "sdtm", "", None, "", (), (), {}, (), frozenset())
        inner = _Subject("subject")
        made = Compiler(self.program, plan, level, self.program.usubjid, "subject", inner)
        return made.sql(self.program.usubjid.expression.tree).replace("s.subject", "f.subject_")

    def without_subject(self, form: FormPlan, name: str) -> None:
        missing = self.database.rows(
            f"SELECT count(*), min(_row) FROM {name} WHERE _subject IS NULL"
        )[0]
        if missing[0]:
            self.findings.append(
                Diagnostic(
                    "DATA009",
                    f"{_records(missing[0], f'form {form.name}', 'has', 'have')} no subject",
                    form.subject.expression.span(),
                    found=(f"first {form.block.file} row {missing[1]}",),
                    help="correct the expression of subject:, or leave such records out with where:",
                    records=missing[0],
                )
            )

    # statements -----------------------------------------------------------------

    def prepare(self, level: Level | Statement) -> None:
        self.database.macros(one for prelude in level.preludes for one in split(prelude))
        for name, rows in level.tables.items():
            self.database.store_mapping(name, rows)

    def step(self, statement: Statement) -> None:
        self.prepare(statement)
        for unique in statement.uniques:
            self.prove(unique)
        self.stop_on_errors()
        self.database.run(statement.sql)
        self.database.run(statement.view)
        self.audit(statement)

    def prove(self, unique: Unique) -> None:
        if (unique.table, unique.columns) in self.proven:
            return
        keys = ", ".join(sql_name(one) for one in unique.columns)
        found = self.database.rows(
            f"SELECT _subject, count(*) AS n FROM {unique.table} WHERE _subject IS NOT NULL"
            f" GROUP BY {keys} HAVING count(*) > 1 ORDER BY _subject LIMIT 1"
        )
        if found:
            subjects = self.count(
                f"SELECT count(DISTINCT _subject) FROM (SELECT _subject FROM {unique.table}"
                f" WHERE _subject IS NOT NULL GROUP BY {keys} HAVING count(*) > 1)"
            )
            self.findings.append(
                Diagnostic(
                    "DATA010",
                    f"{unique.said} has more than one record where one is expected",
                    unique.span,
                    found=(
                        f"{_number(subjects, 'subject')}, such as {found[0][0]} with {found[0][1]} records",
                    ),
                    expected="one record for each "
                    + ", ".join(unique.columns).replace("_subject", "subject"),
                    help="choose one: first X where ... order ..., last, min, max",
                    records=subjects,
                )
            )
        else:
            self.proven.add((unique.table, unique.columns))

    def audit(self, statement: Statement) -> None:
        if not statement.audits:
            return
        table = sql_name(statement.dataset)
        counts = ", ".join(f"count({one.column})" for one in statement.audits)
        for one, number in zip(
            statement.audits, self.database.rows(f"SELECT {counts} FROM {table}")[0], strict=True
        ):
            if number:
                self.findings.append(self.audited(one, table, number))

    def audited(self, one: Audit, table: str, number: int) -> Diagnostic:
        values = self.database.rows(
            f"SELECT {one.column}, count(*) AS n, min(_src) FROM {table} WHERE {one.column} IS NOT NULL"
            f" GROUP BY 1 ORDER BY n DESC, 1"
        )
        found = [
            f'"{value}" {_number(count, "record")}, first {self.place(src)}'
            for value, count, src in values[:_EXAMPLES]
        ]
        if len(values) > _EXAMPLES:
            found.append(f"and {_number(len(values) - _EXAMPLES, 'more value')}")
        fact = _FACTS[one.code].format(
            variable=f"{one.dataset}.{one.variable.removeprefix('supp:')}",
            n=len(values),
            **_PLURAL[len(values) > 1],
        )
        return Diagnostic(
            one.code,
            fact,
            one.span,
            found=tuple(found),
            help=_HELP[one.code],
            dataset=one.dataset,
            variable=one.variable.removeprefix("supp:"),
            records=number,
        )

    def place(self, src: int | None) -> str:
        """Return the file and row of a source record."""
        if src is None:
            return "no record of a file"
        form = list(self.program.forms.values())[src // FORM_SHIFT]
        return f"{form.block.file} row {src % FORM_SHIFT}"

    # results --------------------------------------------------------------------

    def check(self, plan: DatasetPlan) -> None:
        for checked in plan.checks:
            condition, level = check_level(self.program, plan, checked)
            self.prepare(level)
            joins = " ".join(
                one.render() if isinstance(one, Grouped) else one for one in level.joins.values()
            )
            number, src = self.database.rows(
                f"SELECT count(*), min(b._src) FROM {level.source} AS b {joins}"
                f" WHERE ({condition}) IS NOT TRUE"
            )[0]
            if number:
                text = " ".join(checked.expression.text.split())
                self.findings.append(
                    Diagnostic(
                        "DATA012",
                        f"{_records(number, plan.name, 'does', 'do')} not meet: {text}",
                        checked.expression.span(),
                        found=(f"first {self.place(src)}",),
                        dataset=plan.name,
                        records=number,
                    )
                )

    def account(self, plan: DatasetPlan) -> None:
        for source in plan.sources:
            if source.name not in self.program.forms:
                continue
            number = self.program.forms[source.name].number
            low, high = number * FORM_SHIFT, (number + 1) * FORM_SHIFT
            total = self.count(f"SELECT count(*) FROM {raw_table(source.name)}")
            used = self.count(
                f"SELECT count(DISTINCT _src) FROM {sql_name(plan.name)} WHERE _src >= {low} AND _src < {high}"
            )
            said = [one[0] for one in (source.where_at, source.keep_at) if one]
            reason = " ".join(" ".join(said).split())
            self.uses.append(
                Use(
                    source.name,
                    plan.name,
                    f"{source.span.file}:{source.span.line}",
                    reason,
                    used,
                    total - used,
                )
            )

    def fetch(self, plan: DatasetPlan) -> tuple[pa.Table, pa.ChunkedArray]:
        columns = ", ".join([*(sql_name(name) for name in plan.order), "_src"])
        keys = ", ".join([*(f"{sql_name(key)} ASC NULLS FIRST" for key in plan.keys), "_id"])
        table = self.database.fetch(f"SELECT {columns} FROM {sql_name(plan.name)} ORDER BY {keys}")
        sources = table.column("_src")
        return _typed(table.drop_columns(["_src"]), plan), sources

    def count(self, sql: str) -> int:
        return int(self.database.rows(sql)[0][0])


class _Subject(Inner):
    def has(self, target: object) -> bool:
        """Take every reference as the subject of the form."""
        return True


def _typed(table: pa.Table, plan: DatasetPlan) -> pa.Table:
    from cdisc.dataset import ARROW_TYPES

    columns = []
    for name in table.column_names:
        kind = plan.variables[name].kind
        column = table.column(name)
        if kind == "text":
            column = pc.if_else(pc.equal(column, ""), None, column)
        columns.append(column.cast(ARROW_TYPES[kind]))
    return pa.table(columns, names=table.column_names)


def iter_audit_codes() -> Iterator[str]:
    """Yield the codes that audits give."""
    yield from _FACTS


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}"


def _records(count: int, source: str, one: str, many: str) -> str:
    return f"{_number(count, 'record')} of {source} {many if count > 1 else one}"


_PLURAL = {
    False: {"s": "", "are": "is", "become": "becomes", "fall": "falls", "leave": "leaves"},
    True: {"s": "s", "are": "are", "become": "become", "fall": "fall", "leave": "leave"},
}
_FACTS = {
    "DATA001": "{variable}: {n} value{s} {are} not in the table",
    "DATA002": "{variable}: {n} value{s} {are} not listed and {become} missing",
    "DATA003": "{variable}: {n} collected value{s} {are} not in the codelist",
    "DATA004": "{variable}: {n} collected value{s} {are} not in the codelist and {become} missing",
    "DATA005": "{variable}: {n} value{s} {fall} outside all bands",
    "DATA006": "{variable}: {n} conversion{s} {are} not known",
    "DATA007": "{variable}: {n} collected value{s} cannot be read as a date",
    "DATA008": "{variable}: {n} collected value{s} cannot be read as a date and {become} missing",
    "DATA011": "{variable}: the order leaves {n} choice{s} open; the place in the file decided",
}
_HELP = {
    "DATA001": "add the value to the table in study.yaml",
    "DATA002": "add the value to the table or to map, or say: else missing; of map: other to ''",
    "DATA003": "add the value to terms, for example under terms/",
    "DATA004": "add the value to terms, or say what to do: else error, else missing, else keep",
    "DATA005": "add a band that covers it",
    "DATA006": "add the factor to the units table, or the unit to the terms",
    "DATA007": "add the form of the date, the unknown token, or: else report",
    "DATA008": "add the form of the date or the unknown token",
    "DATA011": "add variables to order, until it is total",
}
