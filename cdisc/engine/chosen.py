"""The records that a condition takes which asks what other records say."""

import dataclasses

from cdisc.engine.among import probed
from cdisc.engine.level import Level, chosen
from cdisc.engine.program import Checked, DatasetPlan, Program
from cdisc.engine.sql import Compiler


def chosen_records(
    program: Program, plan: DatasetPlan, level: Level, name: str, table: str, where: Checked
) -> str:
    """Return the SQL of the records of a table that meet a condition over other records.

    Args:
        program: The study.
        plan: The dataset that takes the records.
        level: That of its records: takes the tables and findings of the condition.
        name: Dataset or form whose records they are.
        table: Its table, as SQL.
        where: The condition.
    """
    own = program.datasets.get(name) or DatasetPlan(
        name, plan.stage, name, None, "", (), (), {}, (), frozenset()
    )
    inner = Level(table, tables=level.tables)
    made = Compiler(program, own, inner, where, "rows")
    text = chosen(inner, made.sql(where.expression.tree))
    for one in probed(inner):
        level.probes.append(
            dataclasses.replace(one, audit=dataclasses.replace(one.audit, dataset=plan.shown))
        )
    level.uniques += inner.uniques
    level.preludes.update(inner.preludes)
    return f"({text})"
