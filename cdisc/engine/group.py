"""The records of a block of ``records:`` with ``by``, as SQL.

One record for each group of existing records; with ``expect``, one for each row of a study
table that no record of the group matches.
"""

from cdisc.engine.program import Program, RowSource
from cdisc.engine.references import link_name
from cdisc.functions.sqltext import name as sql_name

_CASTS = {"number": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP"}


def group_records(
    program: Program, source: RowSource, records: str, where: str | None, table: str | None
) -> str:
    """Return the SELECT of the new records; each is linked to the first record of its group.

    Args:
        program: The study.
        source: The row source, of kind ``group``.
        records: The FROM clause of the existing records, alias ``s``.
        where: The condition on them.
        table: The rows of what is expected, as a relation; or None.
    """
    names = [one for one in source.by if one != program.subject]
    group = ["s._subject", *(f"s.{sql_name(one)}" for one in names)]
    kept = f"\n  WHERE {where}" if where else ""
    groups = (
        f"SELECT {', '.join(group)}, min(s._id) AS _first, min(s._src) AS _src\n"
        f"  FROM {records}{kept}\n  GROUP BY {', '.join(group)}"
    )
    order = f"g._subject NULLS FIRST, g._first{', x._row' if table else ''}"
    listed = [
        "g._subject AS _subject",
        f"row_number() OVER (ORDER BY {order}) AS _id",
        "g._src AS _src",
        f"g._subject AS {sql_name('rows.subject')}",
        f"g._first AS {link_name(source.name)}",
    ]
    if table is None or source.expect is None:
        return f"SELECT\n  {_lines(listed)}\nFROM (\n  {groups}\n) AS g"
    columns = program.loaded.study.tables[source.expect].columns
    listed += [f"x.{sql_name(one)} AS {sql_name(f'{source.expect}.{one}')}" for one in columns]
    shared = [one for one in names if one in columns]
    on = [
        f"g.{sql_name(one)} IS NOT DISTINCT FROM {_typed(program, source, one)}" for one in shared
    ]
    same = ["s._subject = g._subject"]
    same += [f"s.{sql_name(one)} IS NOT DISTINCT FROM g.{sql_name(one)}" for one in names]
    same += [
        f"s.{sql_name(one)} IS NOT DISTINCT FROM {_typed(program, source, one)}"
        for one in source.expected
    ]
    same += [f"({where})"] if where else []
    return (
        f"SELECT\n  {_lines(listed)}\nFROM (\n  {groups}\n) AS g"
        f"\nJOIN {table} AS x ON {' AND '.join(on) or 'TRUE'}"
        f"\nWHERE NOT EXISTS (SELECT 1 FROM {records}\n  WHERE {' AND '.join(same)})"
    )


def _typed(program: Program, source: RowSource, column: str) -> str:
    """Return a column of the table with the type of the variable that it tells."""
    kind = program.datasets[source.name].variables[column].type
    cast = _CASTS.get(kind)
    return f"TRY_CAST(x.{sql_name(column)} AS {cast})" if cast else f"x.{sql_name(column)}"


def _lines(listed: list[str]) -> str:
    return ",\n  ".join(listed)
