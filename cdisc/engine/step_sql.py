"""A step in SQL: one SELECT, in a database of its own that holds what the step reads.

The database is locked as that of the engine is, has one thread and nothing in it but
the step's own relations, so that a query sees no more than it says. What a clock, a
chance or a setting decides is refused before it runs.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.diagnostics import Diagnostic, Span
from cdisc.engine.database import Database, QueryError
from cdisc.engine.step_plan import ROW
from cdisc.engine.step_values import StepError, taken
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text
from cdisc.language.verb import Type

_TABLE_FUNCTIONS = {"unnest", "range", "generate_series"}
_CLOCKS = {
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
    "get_current_time", "get_current_timestamp",
}  # fmt: skip
_ONE_ARGUMENT_ASKS_THE_CLOCK = "age"


def check_query(
    query: str, relations: Mapping[str, pa.Schema], writes: Mapping[str, Type], span: Span
) -> Diagnostic | None:
    """Say what is wrong with the query of a step, before there are data.

    Args:
        query: As it is written.
        relations: The columns of each relation that it may read.
        writes: What it has to give beside `ROW`.
        span: Its place.
    """
    try:
        with _database() as database:
            tables = {name: schema.empty_table() for name, schema in relations.items()}
            _require_harmless(database, query, relations, span)
            _columns(_result(database, query, tables, span), writes, span)
    except StepError as error:
        return error.diagnostics[0]
    return None


def run_query(
    query: str, relations: Mapping[str, pa.Table], writes: Mapping[str, Type], span: Span
) -> pa.Table:
    """Return what a query makes of records, in their order.

    Args:
        query: As it is written.
        relations: ``records``, which a column `ROW` numbers, and further tables by name.
        writes: The variables that it writes, with their types.
        span: Place of the query.

    Raises:
        StepError: SPEC062, the query cannot be run; SPEC064, what it gives does not fit.
    """
    with _database() as database:
        _require_harmless(database, query, relations, span)
        made = _result(database, query, relations, span)
    order = _columns(made, writes, span)
    given, rows = relations["records"].column(ROW), made.column(order[ROW]).cast(pa.int64())
    if len(pc.unique(rows)) != len(rows) or sorted(rows.to_pylist()) != sorted(given.to_pylist()):
        fact = "the query does not give each record once"
        found = f"{len(rows)} records, {len(pc.unique(rows))} different {ROW}"
        expected = f"the {len(given)} records, each with its {ROW}"
        raise StepError(Diagnostic("SPEC064", fact, span, found=(found,), expected=expected))
    made = made.take(pc.sort_indices(rows))
    columns = [taken(made.column(order[name]), kind, name, span) for name, kind in writes.items()]
    return pa.table(columns, names=[*writes])


def _database() -> Database:
    return Database(threads=1, zone="UTC")


def _columns(made: pa.Table, writes: Mapping[str, Type], span: Span) -> dict[str, int]:
    """Return the place of each column that a query has to give."""
    expected = [ROW, *writes]
    if sorted(made.column_names) != sorted(expected):
        fact = "the query does not give the columns that the step writes"
        found = ", ".join(made.column_names)
        raise StepError(
            Diagnostic("SPEC062", fact, span, found=(found,), expected=", ".join(expected))
        )
    return {name: made.column_names.index(name) for name in expected}


def _result(database: Database, query: str, tables: Mapping[str, pa.Table], span: Span) -> pa.Table:
    for name, table in tables.items():
        database.store(name, table)
    try:
        return database.fetch_foreign(query)
    except QueryError as error:
        said = str(error).splitlines()[0].partition(" Error: ")[2]
        known = "; ".join(f"{name}: {', '.join(one.column_names)}" for name, one in tables.items())
        raise StepError(
            Diagnostic("SPEC062", "the query cannot be run", span, found=(said,), expected=known)
        ) from error


def _require_harmless(
    database: Database, query: str, relations: Mapping[str, object], span: Span
) -> None:
    """Refuse what is not one SELECT over the step's own relations, or not repeatable."""
    parsed = json.loads(
        database.rows(f"SELECT CAST(json_serialize_sql({sql_text(query)}) AS VARCHAR)")[0][0]
    )
    if parsed["error"] or len(parsed["statements"]) != 1:
        said = parsed.get("error_message", f"{len(parsed.get('statements', ()))} statements")
        if parsed.get("error_type") == "not implemented":
            said = "a statement that is no SELECT"
        fact = "a step is one SELECT"
        raise StepError(Diagnostic("SPEC062", fact, span, found=(said,)))
    refused = (
        "SELECT DISTINCT function_name FROM duckdb_functions()"
        " WHERE stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')"
    )
    changing = {row[0] for row in database.rows(refused)} | _CLOCKS
    nodes = list(_nodes(parsed["statements"]))
    known = {*relations, *(one["key"] for one in nodes if "key" in one and "value" in one)}
    for one in nodes:
        found = _refused(one, changing, known)
        if found:
            listed = ", ".join(sql_name(name) for name in relations)
            expected = f"a SELECT over {listed} alone, the same whenever and wherever it runs"
            fact = f"{found} cannot stand in a step"
            raise StepError(Diagnostic("SPEC062", fact, span, expected=expected))


def _refused(node: Mapping[str, Any], changing: set[str], known: set[str]) -> str | None:
    """Return the part of a query that reaches beyond its records or does not repeat."""
    kind = node.get("type")
    if kind == "TABLE_FUNCTION" and node["function"]["function_name"] not in _TABLE_FUNCTIONS:
        return f"the table function {node['function']['function_name']}"
    if "table_name" in node and (node["schema_name"] or node["table_name"] not in known):
        return f'the relation "{node["table_name"]}"'
    if node.get("sample"):
        return "a sample"
    if kind == "FUNCTION":
        name = str(node["function_name"]).lower()
        alone = name == _ONE_ARGUMENT_ASKS_THE_CLOCK and len(node["arguments"]) == 1
        return f"the function {name}" if name in changing or alone else None
    if kind == "COLUMN_REF" and node["column_names"][-1].lower() in _CLOCKS:
        return str(node["column_names"][-1]).lower()
    return None


def _nodes(part: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _nodes(one)
