"""The records of a dataset as SQL: one SELECT per row source, stacked by name."""

import dataclasses
import re
from collections.abc import Iterator

from cdisc.engine.aggregate import AggregateSql
from cdisc.engine.among import probe, probe_condition
from cdisc.engine.chosen import chosen_records
from cdisc.engine.group import group_records
from cdisc.engine.inner import Inner, raw_table
from cdisc.engine.level import Audit, Level, Tables
from cdisc.engine.program import Checked, DatasetPlan, Program, RowSource
from cdisc.engine.qualifiers import qualifiers
from cdisc.engine.references import link_name
from cdisc.engine.relate import relation_records
from cdisc.engine.sql import Compiler
from cdisc.engine.winners import winners
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text
from cdisc.language import tree as t

_NAMED = re.compile(r'AS "(\w+\.[^"]+)"')
SOURCE_SHIFT = 1 << 52
ROW_SHIFT = 1 << 12


@dataclasses.dataclass(frozen=True)
class Records:
    """The SELECT that makes the records, what it stands on, and the values of the source."""

    sql: str
    level: Level
    columns: tuple[str, ...]


def make_records(program: Program, plan: DatasetPlan, tables: Tables) -> Records:
    """Return the SQL of a dataset's records.

    Hidden columns: ``_subject``, ``_id`` (unique, stable), ``_src`` (source record),
    ``_link_X`` (record of the dataset source X), and ``form.FIELD`` for every field used.
    `tables` takes the small tables that conditions need.
    """
    level = Level(source="", tables=tables)
    parts = []
    for number, source in enumerate(plan.sources):
        parts += _Source(program, plan, level, source, number).render()
    sql = "\nUNION ALL BY NAME\n".join(parts)
    if len(plan.sources) > 1:
        # each source numbers its own records: together they are numbered subject by subject
        numbered = "row_number() OVER (ORDER BY _subject NULLS FIRST, _source, _id) AS _id"
        sql = f"SELECT * EXCLUDE (_source, _id), {numbered} FROM (\n{sql}\n)"
    return Records(sql, level, tuple(dict.fromkeys(_NAMED.findall(sql))))


class _Source:
    def __init__(
        self, program: Program, plan: DatasetPlan, level: Level, source: RowSource, number: int
    ) -> None:
        self.program, self.plan, self.level = program, plan, level
        self.source, self.number = source, number
        self.inner = Inner(source.name, own=True)
        if source.kind == "table":
            self.table = self._rows_of_table(source.name)
        else:
            form = source.name in program.forms
            self.table = raw_table(source.name) if form else sql_name(source.name)
        self.where = source.where
        if self.where and self.where.expression.choices:
            self.table = chosen_records(program, plan, level, source.name, self.table, self.where)
            self.where = None

    def render(self) -> list[str]:
        match self.source.kind:
            case "form":
                return [self._select("s._src", "s._row", self._fields())]
            case "table":
                nobody, nowhere = "CAST(NULL AS VARCHAR)", "CAST(NULL AS BIGINT)"
                return [self._select(nowhere, "s._row", self._fields(), subject=nobody)]
            case "dataset":
                return [self._select("s._src", "s._id", self._fields(), self._link())]
            case "group":
                return [self._group()]
            case "melt":
                return list(self._melt())
            case "relate":
                return [relation_records(self.program, self.source, self.level)]
            case "params":
                return [self._params()]
        return list(self._supp())

    def _group(self) -> str:
        """Return one record for each group of records of a stage, or what is missing in it."""
        where = self._condition(self.source.where)
        expect = self.source.expect
        table = self._rows_of_table(expect) if expect else None
        return group_records(self.program, self.source, self.inner.render(self.table), where, table)

    def _rows_of_table(self, name: str) -> str:
        """Return a study table as a relation of texts; its rows are numbered."""
        table = self.program.loaded.study.tables[name]
        rows = range(len(table.rows))
        columns = {
            name: [table.rows[row][at] for row in rows] for at, name in enumerate(table.columns)
        }
        stored = f"table.{name}"
        self.level.tables[stored] = {**columns, "_row": [str(row + 1) for row in rows]}
        listed = [f"nullif({sql_name(one)}, '') AS {sql_name(one)}" for one in columns]
        listed += ["CAST(_row AS BIGINT) AS _row", "CAST(NULL AS VARCHAR) AS _subject"]
        listed.append("CAST(NULL AS BIGINT) AS _src")
        return f"(SELECT {', '.join(listed)} FROM {sql_name(stored)})"

    def _link(self) -> str:
        """Return the column with the record of the dataset that is the source."""
        return f"s._id AS {link_name(self.source.name)}"

    def _condition(self, checked: Checked | None) -> str | None:
        if checked is None:
            return None
        made = Compiler(self.program, self.plan, self.level, checked, "rows", self.inner)
        sql = made.sql(checked.expression.tree)
        probe_condition(made, checked.expression.tree, self.table)
        return sql

    def _fields(self) -> list[str]:
        """Return the columns of the source that lines of the dataset name."""
        found = {}
        for checked in self._expressions():
            for ref, target in checked.refs():
                if target.kind == "row" and target.qualifier == self.source.name:
                    same_stage = (
                        self.source.name in self.program.datasets
                        and self.program.datasets[self.source.name].stage == self.plan.stage
                    )
                    if not same_stage:
                        column = sql_name(f"{ref.qualifier}.{target.name}")
                        found[column] = f"s.{sql_name(target.name)} AS {column}"
        return list(found.values())

    def _number(self) -> list[str]:
        """Return the column with the number of the source, if a line of the dataset asks for it."""
        source = sql_name("rows.source")
        asked = (one for checked in self._expressions() for _ref, one in checked.refs())
        if any((one.kind, one.qualifier, one.name) == ("row", "rows", "source") for one in asked):
            return [f"{self.number + 1} AS {source}"]
        return []

    def _expressions(self) -> Iterator[Checked]:
        yield from (variable.checked for variable in self.plan.variables.values())
        yield from self.plan.checks

    def _select(
        self,
        src: str,
        row: str,
        columns: list[str],
        *more: str,
        where: str | None = None,
        subject: str = "s._subject",
    ) -> str:
        conditions = [one for one in (self._condition(self.where), where) if one]
        head = [
            f"{subject} AS _subject",
            *([f"{self.number} AS _source"] if len(self.plan.sources) > 1 else []),
            f"{row} AS _id",
            f"{src} AS _src",
            f"{subject} AS {sql_name('rows.subject')}",
            *self._number(),
        ]
        listed = ",\n  ".join([*head, *more, *columns, *self._open(columns)])
        text = f"SELECT\n  {listed}\nFROM {self.inner.render(self.table)}"
        text += f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
        return text + self._kept()

    def _choice(self, keep: Checked) -> tuple[Compiler, t.Flag]:
        flag = keep.expression.tree
        assert isinstance(flag, t.Flag)
        return Compiler(self.program, self.plan, self.level, keep, "rows", self.inner), flag

    def _kept(self) -> str:
        """Return the choice of one record among several, or nothing."""
        if self.source.keep is None:
            return ""
        window = AggregateSql.window(*self._choice(self.source.keep))
        return f"\nQUALIFY row_number() OVER ({window}) = 1"

    def _open(self, columns: list[str]) -> Iterator[str]:
        """Yield the hidden column that reports a choice between unlike records of equal order."""
        keep = self.source.keep
        listed = [one.partition(" AS ")[0] for one in columns]
        listed += [f"s.{sql_name(one)}" for one in sorted(self.plan.taken)]
        values = ", ".join(listed)
        if keep is None or not values:
            return
        made, flag = self._choice(keep)
        group = [made.sql(ref) for ref in flag.by] or ["s._subject"]
        equal = ", ".join([*group, *(made.sql(one.ref) for one in flag.order)])
        least, most = (
            f"{end}(hash({values})) OVER (PARTITION BY {equal})" for end in ("min", "max")
        )
        found = f"CASE WHEN {least} <> {most} THEN concat_ws(' ', {', '.join(group)}) END"
        column = self.level.audit_column("rows")
        span = keep.expression.span()
        self.level.audits.append(Audit(column, "DATA011", found, self.plan.shown, "rows", span))
        yield f"{found} AS {column}"

    def _melt(self) -> Iterator[str]:
        melt = self.source.melt
        assert melt is not None
        fields = self.program.forms[self.source.name].fields or ()
        for index, (code, cells) in enumerate(self.source.tests.items()):
            columns = [f"{sql_text(code)} AS {sql_name('test.code')}"]
            for name, cell in zip(melt.tests.columns, cells, strict=True):
                value = (
                    f"s.{sql_name(cell)}"
                    if cell in fields
                    else (sql_text(cell) if cell else "NULL")
                )
                columns.append(f"{value} AS {sql_name(f'test.{name}')}")
            collected = None if melt.keep == "all" else f"s.{sql_name(cells[0])} IS NOT NULL"
            yield self._select(
                "s._src",
                f"s._row * {ROW_SHIFT} + {index}",
                [*columns, *self._fields()],
                where=collected,
            )

    def _supp(self) -> Iterator[str]:
        parent = self.program.datasets[self.source.name]
        for index, one in enumerate(qualifiers(self.program, parent, self.level)):
            row = f"{index * SOURCE_SHIFT} + s._id"
            yield self._select("s._src", row, [*one.columns], where=one.where) + one.choice

    def _params(self) -> str:
        starts = []
        for index, param in enumerate(self.plan.params):
            made = Compiler(
                self.program, self.plan, self.level, param.start, param.code, self.inner
            )
            start = made.sql(param.start.expression.tree)
            found, self.inner.audits = self.inner.audits, {}
            wheres = [
                one for one in (self._condition(self.where), self._condition(param.where)) if one
            ]
            self.inner.audits = found
            probe(made, self.table, wheres)
            columns = [
                f"{sql_text(param.code)} AS {sql_name('param.code')}",
                f"{sql_text(param.block.label)} AS {sql_name('param.label')}",
                f"{index + 1}.0 AS {sql_name('param.order')}",
                f"{start} AS {sql_name('param.start')}",
            ]
            starts.append(
                self._select(
                    "s._src",
                    f"s._id * {ROW_SHIFT} + {index}",
                    [*columns, *self._fields()],
                    self._link(),
                    where=self._condition(param.where),
                )
            )
        return winners(self.program, self.plan, self.level, starts)
