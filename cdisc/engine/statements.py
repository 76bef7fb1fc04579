"""Batches to SQL statements: what runs, and what ``cdisc sql`` prints."""

import dataclasses
from collections.abc import Iterator, Mapping

from cdisc.engine.level import Audit, Level, Unique
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
        ctes: list[tuple[str, str]] = []
        levels: list[Level] = []
        if self.batch.begins:
            records = make_records(self.program, self.plan)
            ctes.append(("records", records.sql))
            levels.append(records.level)
        for names in self._split():
            if ctes and any(self.plan.variables[name].setwise for name in names):
                yield self._statement(ctes, levels)
                ctes, levels = [], []
            source = ctes[-1][0] if ctes else self.table
            level = Level(source)
            for name in names:
                self._column(level, self.plan.variables[name])
            exclude = () if ctes else self.hidden.get(self.plan.name, ())
            for name, sql, part in level.parts(f"step{len(ctes) + 1}", exclude=exclude):
                ctes.append((name, sql))
                levels.append(part)
        if ctes:
            yield self._statement(ctes, levels)

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

    def _statement(self, ctes: list[tuple[str, str]], levels: list[Level]) -> Statement:
        if len(ctes) == 1:
            body = ctes[0][1]
        else:
            parts = [f"{name} AS (\n{_indent(sql)}\n)" for name, sql in ctes[:-1]]
            body = f"WITH {', '.join(parts)}\n{ctes[-1][1]}"
        return Statement(
            self.plan.name,
            f"CREATE OR REPLACE TABLE {self.table} AS\n{body}",
            tuple(dict.fromkeys(one for level in levels for one in level.preludes)),
            {name: rows for level in levels for name, rows in level.tables.items()},
            tuple(dict.fromkeys(one for level in levels for one in level.uniques)),
            tuple(one for level in levels for one in level.audits),
        )


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
