"""Supplemental qualifiers as records: one for each qualifier that has a value.

A record points at its parent by --SEQ, or by another variable of the data set (`idvar:`);
then it stands once for all records with the same value of that variable.
"""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.draft import Frame
from cdisc.engine.level import Audit, Level
from cdisc.engine.origin import origin_of
from cdisc.engine.program import DatasetPlan, Program
from cdisc.functions.numbers import NUMBER_TEXT
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text
from cdisc.record import record

_NONE = "CAST(NULL AS VARCHAR)"


@record()
class Qualifier:
    """The records of one qualifier: values of the row source, condition, choice."""

    columns: tuple[str, ...]
    where: str
    choice: str = ""


def qualifiers(program: Program, parent: DatasetPlan, level: Level) -> Iterator[Qualifier]:
    """Yield the records of each qualifier of a dataset, whose records are ``s`` in the SQL.

    Args:
        program: The study.
        parent: The dataset.
        level: Takes what the SQL needs, and the reports.
    """
    for name, block in parent.qualifiers.items():
        variable = parent.variables[f"supp:{name}"]
        value = f"s.{sql_name(variable.name)}"
        idvar, pointer = block.idvar or parent.sequence, _NONE
        if idvar:
            pointer = _text(parent, idvar, level)
        values = {
            "supp.idvar": sql_text(idvar) if idvar else _NONE,
            "supp.idvarval": pointer,
            "supp.qnam": sql_text(name),
            "supp.qlabel": sql_text(variable.label),
            "supp.qval": value,
            "supp.qorig": sql_text(qorig(program, parent, name)),
            "supp.qeval": sql_text(block.by) if block.by else _NONE,
        }
        columns = tuple(f"{sql} AS {sql_name(key)}" for key, sql in values.items())
        where = f"{value} IS NOT NULL"
        if not block.idvar:
            yield Qualifier(columns, where)
            continue
        group = f"PARTITION BY s._subject, {pointer}"
        unlike = f"min({value}) OVER ({group}) <> max({value}) OVER ({group})"
        found = f"CASE WHEN {pointer} IS NULL OR {unlike} THEN {_found(block.idvar, pointer)} END"
        column = level.audit_column(f"qval_{name}")
        span = variable.checked.expression.span()
        level.audits.append(Audit(column, "DATA034", found, parent.name, variable.name, span))
        choice = f"\nQUALIFY row_number() OVER ({group} ORDER BY s._id) = 1"
        yield Qualifier((*columns, f"{found} AS {column}"), where, choice)


def _found(idvar: str, pointer: str) -> str:
    return f"concat(s._subject, {sql_text(f' {idvar} ')}, coalesce({pointer}, 'missing'))"


def _text(parent: DatasetPlan, name: str, level: Level) -> str:
    """Return the SQL of a variable as IDVARVAL shows it."""
    column = f"s.{sql_name(name)}"
    if name == parent.sequence:
        return f"CAST(CAST({column} AS BIGINT) AS VARCHAR)"
    if parent.variables[name].kind == "number":
        level.preludes[NUMBER_TEXT] = None
        return f"number_text({column})"
    return f"CAST({column} AS VARCHAR)"


def qorig(program: Program, parent: DatasetPlan, name: str) -> str:
    """Return QORIG of a supplemental qualifier."""
    said = parent.qualifiers[name].origin
    return said or origin_of(program, parent, parent.variables[f"supp:{name}"]).type


def pointers(frame: Frame) -> Iterator[str]:
    """Yield the variables other than --SEQ that qualifiers of a dataset point with."""
    for line in frame.lines.values():
        if line.qualifier is not None and line.qualifier.idvar in frame.lines:
            yield line.qualifier.idvar


def check_pointers(frame: Frame, problems: list[Diagnostic]) -> None:
    """Note what `idvar:` names though the dataset has no such variable."""
    own = [line.name for line in frame.lines.values() if not line.supp and not line.work]
    for line in frame.lines.values():
        idvar = line.qualifier.idvar if line.qualifier else None
        if idvar and idvar not in own:
            span = frame.reader.document.span(("supp", line.name.removeprefix("supp:"), "idvar"))
            fact = f'{frame.name} has no variable "{idvar}"'
            problems.append(Diagnostic("SPEC017", fact, span, help=did_you_mean(idvar, own)))
