"""The forms of a study as statements read them: as they lie in memory, with hidden columns."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.engine.among import probe, settled
from cdisc.engine.findings import collected_twice, without_subject
from cdisc.engine.inner import Inner, raw_table
from cdisc.engine.level import Level
from cdisc.engine.looking import FORM_SHIFT, LOADING, Looking
from cdisc.engine.program import Checked, DatasetPlan, FormPlan, Target
from cdisc.engine.seen import Counted, Use
from cdisc.engine.sql import Compiler
from cdisc.functions.sqltext import name as sql_name


class Loading(Looking):
    """Loads forms, and reports what is amiss in them."""

    def load(self, form: FormPlan) -> None:
        """Let statements read a form with its hidden columns: subject, row, source record."""
        collected = self.raw.form(form.name)
        table = collected.table.append_column("_row", collected.rows)
        total = table.num_rows
        if not self.deaf:
            self.seen.records[form.name] = total
        name = raw_table(form.name)
        level = Level(LOADING)
        with self.database.registered(LOADING, table):
            self.database.lend(f"raw_{form.name}", self.with_hidden(form, level, table))
            self.probe(level.probes)
        if form.where:
            kept = self.count(f"SELECT count(*) FROM {name}")
            span, reason = form.where.expression.span(), form.block.where or ""
            line = f"{span.file}:{span.line}"
            self.note(Use(form.name, "", line, reason, kept, total - kept))
        nobodys, row = self.database.rows(
            f"SELECT count(*), min(_row) FROM {name} WHERE _subject IS NULL"
        )[0]
        place = self.look()
        if nobodys:
            self.see(place, Counted(nobodys, row, partial(without_subject, form)))
        if form.block.record:
            self.tell_apart(form)

    def with_hidden(self, form: FormPlan, level: Level, table: pa.Table) -> pa.Table:
        """Return the records of a form that count, with hidden columns, as they lie in memory."""
        hidden = self.database.fetch(self.loading(form, level))
        rows = hidden.column("_id")
        if not rows.equals(table.column("_row")):
            hidden = hidden.sort_by("_id")
            kept = pc.is_in(table.column("_row"), value_set=hidden.column("_id").combine_chunks())
            table = table.filter(kept)
        for column in hidden.column_names:
            table = table.append_column(column, hidden.column(column))
        return table

    def tell_apart(self, form: FormPlan) -> None:
        """Report records of a subject that have the same values in the fields of ``record:``."""
        keys = ", ".join(["_subject", *(sql_name(one) for one in form.block.record)])
        groups = (
            f"SELECT list(_row ORDER BY _row) AS rows FROM {raw_table(form.name)}"
            f" WHERE _subject IS NOT NULL GROUP BY {keys} HAVING count(*) > 1"
        )
        number = self.count(f"SELECT coalesce(sum(len(rows) - 1), 0) FROM ({groups})")
        place = self.look()
        if number:
            rows = self.database.rows(f"SELECT rows FROM ({groups}) ORDER BY rows LIMIT 1")[0][0]
            self.see(place, Counted(number, rows, partial(collected_twice, form)))

    def subjects(self, form: FormPlan, table: pa.Table) -> pa.ChunkedArray:
        """Return the subject of each record of a part of a form, in its order."""
        numbers = pa.array(range(table.num_rows), pa.int64())
        level, inner = Level(LOADING), Inner(form.name)
        own = self.compiler(form.subject, form.name, level, inner)
        subject = own.sql(form.subject.expression.tree)
        whole = self.compiler(self.program.usubjid, "subject", level, _Subject("subject"))
        usubjid = whole.sql(self.program.usubjid.expression.tree)
        self.prepare(level)
        with self.database.registered(LOADING, table.append_column("_row", numbers)):
            return self.database.fetch(
                f"SELECT CAST({usubjid} AS VARCHAR) AS _subject FROM (SELECT s._row,"
                f" {subject} AS subject_ FROM {inner.render(LOADING)}) AS f ORDER BY f._row"
            ).column(0)

    def loading(self, form: FormPlan, level: Level) -> str:
        """Return the query of the hidden columns of a form."""
        inner = Inner(form.name)
        src = f"{form.number} * {FORM_SHIFT} + s._row"
        conditions = []
        if form.where:
            made = self.compiler(form.where, form.name, level, inner)
            conditions.append(made.sql(form.where.expression.tree))
            plain = settled(made, form.where.expression.tree) if inner.audits else []
            probe(made, LOADING, [made.sql(one) for one in plain], src)
        made = self.compiler(form.subject, form.name, level, inner)
        subject = made.sql(form.subject.expression.tree)
        probe(made, LOADING, conditions, src)
        usubjid = self.compiler(self.program.usubjid, "subject", level, _Subject("subject")).sql(
            self.program.usubjid.expression.tree
        )
        where = "".join(f" WHERE {one}" for one in conditions)
        self.prepare(level)
        return (
            f"SELECT f._row AS _id, CAST({usubjid} AS VARCHAR) AS _subject,"
            f" {form.number} * {FORM_SHIFT} + f._row AS _src"
            f" FROM (SELECT s._row, {subject} AS subject_ FROM {inner.render(LOADING)}{where}) AS f"
        )

    def compiler(self, checked: Checked, form: str, level: Level, inner: Inner) -> Compiler:
        """Return what renders a form's own expression."""
        plan = DatasetPlan(form, "sdtm", form, None, "", (), (), {}, (), frozenset())
        return Compiler(self.program, plan, level, checked, form, inner)


class _Subject(Inner):
    """The subject of a form, to which every reference of ``usubjid:`` leads."""

    def has(self, target: Target) -> bool:
        return target.kind != "constant"

    def column(self, target: Target) -> str:
        assert target.name == "subject"  # no other name means anything there
        return "f.subject_"
