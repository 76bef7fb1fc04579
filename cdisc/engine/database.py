"""The embedded DuckDB: the only module that knows it. Locked down before any spec runs.

No external access, no configuration, no Python variables as tables: a statement
sees the tables that were registered here and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text

_ROW_GROUP = 122_880


class QueryError(Exception):
    """A query of a study cannot be run; the text is that of DuckDB."""


class Database:
    """A locked database in memory.

    Args:
        threads: Threads to use; the result does not depend on it.
        memory: Memory limit such as ``4GB``, or None for DuckDB's own.
        spill: Folder for what does not fit, or None for none.
        zone: Time zone, or None for that of the machine; statements of ours ask for none.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory: str | None = None,
        spill: Path | None = None,
        zone: str | None = None,
    ) -> None:
        config: dict[str, Any] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "true",
        }
        if threads:
            config["threads"] = str(threads)
        if memory:
            config["memory_limit"] = memory
        if spill:
            config["temp_directory"] = str(spill)
        self._connection = duckdb.connect(":memory:", config=config)
        if zone:
            self._connection.execute(f"SET TimeZone = {sql_text(zone)}")
        # what it concludes of a constant from the least and the greatest value of a column may make
        # DuckDB 2.0 fail: a statement would run on some data and not on others
        # how many records there are it misjudges, and then builds the table of a join of the many
        # that look something up and not of the few that are looked up, which loses their order too
        self._connection.execute(
            "SET disabled_optimizers = 'statistics_propagation,build_side_probe_side'"
        )
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._macros: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def run(self, sql: str) -> None:
        """Run a statement."""
        with _shown(sql):
            self._connection.execute(sql)

    def macros(self, statements: Iterable[str]) -> None:
        """Create macros that are not there yet."""
        for text in statements:
            if text not in self._macros:
                self._macros.add(text)
                self.run(text.replace("CREATE", "CREATE OR REPLACE", 1))

    @contextmanager
    def registered(self, name: str, table: pa.Table) -> Iterator[None]:
        """Let statements read an Arrow table under a name, without a copy, for a while."""
        self._connection.register(name, _in_large_parts(table))
        try:
            yield
        finally:
            self._connection.unregister(name)

    def lend(self, name: str, table: pa.Table) -> None:
        """Let statements read an Arrow table under a name, without a copy, to the end."""
        self._connection.register(name, _in_large_parts(table))

    def store(self, name: str, table: pa.Table) -> None:
        """Store an Arrow table under a name."""
        with self.registered("_incoming", table):
            self.run(f"CREATE OR REPLACE TABLE {sql_name(name)} AS SELECT * FROM _incoming")

    def store_columns(self, name: str, columns: Mapping[str, Sequence[str]]) -> None:
        """Store a small table of texts."""
        arrays = {column: pa.array(values, pa.string()) for column, values in columns.items()}
        self.store(name, pa.table(arrays))

    def fetch(self, sql: str) -> pa.Table:
        """Return the result of a query as an Arrow table."""
        with _shown(sql):
            return self._connection.sql(sql).to_arrow_table()

    def fetch_foreign(self, sql: str) -> pa.Table:
        """Return the result of a query that a study wrote.

        Raises:
            QueryError: The query cannot be run, for reasons of its own.
        """
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise QueryError(str(error)) from error

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the result of a small query."""
        with _shown(sql):
            return self._connection.execute(sql).fetchall()


def _in_large_parts(table: pa.Table) -> pa.Table:
    """Return a table in parts that a group of rows of DuckDB fits in: it stores others twice."""
    parts = table.column(0).num_chunks if table.num_columns else 0
    return table.combine_chunks() if parts > 1 + table.num_rows // _ROW_GROUP else table


@contextmanager
def working_on(said: str) -> Iterator[None]:
    """Let an error of DuckDB say what was being worked on.

    No data may make a statement fail, so such an error is a bug of the engine; it
    goes on as it is, with the notes that a report of the bug needs.
    """
    try:
        yield
    except duckdb.Error as error:
        error.add_note(f"while working on {said}")
        raise


@contextmanager
def _shown(sql: str) -> Iterator[None]:
    """Let an error of DuckDB show the statement that failed."""
    try:
        yield
    except duckdb.Error as error:
        error.add_note(f"statement:\n{sql}")
        raise
