"""Batches to SQL statements: what runs, and what ``cdisc sql`` prints."""

import dataclasses
from collections.abc import Iterator, Mapping

from cdisc.engine.level import Audit, Level, Part, Unique
from cdisc.engine.program import Batch, Checked, DatasetPlan, Program, VariablePlan
from cdisc.engine.records import make_records
from cdisc.engine.sql import Compiler
from cdisc.functions.sqltext import name as sql_name

_EMPTY = {
    "text": "VARCHAR", "dtc": "VARCHAR", "literal": "VARCHAR", "missing": "VARCHAR",
    "number": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP", "boolean": "BOOLEAN",
}


@dataclasses.dataclass(frozen=True)
class Statement:
    """One CREATE TABLE with what must be there before it and what is looked at after it."""

    dataset: str
    sql: str
    shown: str
    preludes: tuple[str, ...]
    tables: Mapping[str, Mapping[str, str]]
    uniques: tuple[Unique, ...]
    audits: tuple[Audit, ...]


def statements(program: Program) -> Iterator[Statement]:
    """Yield every statement of a study, in the order in which they run."""
    hidden: dict[str, tuple[str, ...]] = {}
    for batch in program.steps:
        plan = program.datasets[batch.dataset]
        for statement in _Batch(program, plan, batch, hidden).statements():
            hidden[plan.name] = tuple(one.column for one in statement.audits)
            yield statement


class _Batch:
    def __init__(
        self, program: Program, plan: DatasetPlan, batch: Batch, hidden: dict[str, tuple[str, ...]]
    ) -> None:
        self.program, self.plan, self.batch, self.hidden = program, plan, batch, hidden
        self.table = sql_name(plan.name)

    def statements(self) -> Iterator[Statement]:
        parts: list[Part] = []
        if self.batch.begins:
            records = make_records(self.program, self.plan)
            parts.append(Part("records", records.sql, records.sql, records.level))
        for names in self._split():
            if parts and any(self.plan.variables[name].setwise for name in names):
                yield self._statement(parts)
                parts = []
            level = Level(parts[-1].name if parts else self.table)
            for name in names:
                self._column(level, self.plan.variables[name])
            exclude = () if parts else self.hidden.get(self.plan.name, ())
            parts += level.parts(f"step{len(parts) + 1}", exclude=exclude)
        if parts:
            yield self._statement(parts)

    def _split(self) -> Iterator[tuple[str, ...]]:
        """Yield levels, those that look at other records apart from the rest."""
        for names in self.batch.levels:
            for setwise in (False, True):
                part = tuple(n for n in names if self.plan.variables[n].setwise is setwise)
                if part:
                    yield part

    def _column(self, level: Level, variable: VariablePlan) -> None:
        checked = variable.checked
        sql = Compiler(self.program, self.plan, level, checked, variable.name).sql(
            checked.expression.tree
        )
        kind = _EMPTY[variable.type]
        if checked.type in ("missing", "literal", "boolean") or sql == "NULL":
            sql = f"CAST({sql} AS {kind})"
        level.columns[variable.name] = (sql, said(variable))

    def _statement(self, parts: list[Part]) -> Statement:
        levels = [part.level for part in parts]
        return Statement(
            self.plan.name,
            self._create([(part.name, part.run) for part in parts]),
            self._create([(part.name, part.shown) for part in parts]),
            tuple(dict.fromkeys(one for level in levels for one in level.preludes)),
            {name: rows for level in levels for name, rows in level.tables.items()},
            tuple(dict.fromkeys(one for level in levels for one in level.uniques)),
            tuple(one for level in levels for one in level.audits),
        )

    def _create(self, selects: list[tuple[str, str]]) -> str:
        body = selects[-1][1]
        if len(selects) > 1:
            before = [f"{name} AS (\n{_indent(sql)}\n)" for name, sql in selects[:-1]]
            body = f"WITH {', '.join(before)}\n{body}"
        return f"CREATE OR REPLACE TABLE {self.table} AS\n{body}"


def said(variable: VariablePlan) -> str:
    """Return where a variable is said and how, for a comment."""
    expression = variable.checked.expression
    span = expression.span()
    text = " ".join(expression.text.split())
    return f"{span.file.split('/', 2)[-1]}:{span.line}  {variable.name}: {text}"


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
