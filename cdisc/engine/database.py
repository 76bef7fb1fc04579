"""The embedded DuckDB: the only module that knows it. Locked down before any spec runs.

No external access, no configuration, no Python variables as tables: a statement
sees the tables that were registered here and nothing else.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from cdisc.functions.sqltext import name as sql_name


class Database:
    """A locked database in memory.

    Args:
        threads: Threads to use; the result does not depend on it.
        memory: Memory limit such as ``4GB``, or None for DuckDB's own.
        spill: Folder for what does not fit, or None for none.
    """

    def __init__(
        self, *, threads: int | None = None, memory: str | None = None, spill: Path | None = None
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
        self._connection.execute(sql)

    def macros(self, statements: Iterable[str]) -> None:
        """Create macros that are not there yet."""
        for text in statements:
            if text not in self._macros:
                self._macros.add(text)
                self._connection.execute(text.replace("CREATE", "CREATE OR REPLACE", 1))

    def register(self, name: str, table: pa.Table) -> None:
        """Let statements read an Arrow table under a name, without a copy."""
        self._connection.register(name, table)

    def unregister(self, name: str) -> None:
        """Forget a registered table."""
        self._connection.unregister(name)

    def store(self, name: str, table: pa.Table) -> None:
        """Store an Arrow table under a name."""
        self.register("_incoming", table)
        self.run(f"CREATE OR REPLACE TABLE {sql_name(name)} AS SELECT * FROM _incoming")
        self.unregister("_incoming")

    def store_mapping(self, name: str, rows: Mapping[str, str]) -> None:
        """Store a small table of ``key`` and ``value``."""
        columns = {"key": list(rows), "value": list(rows.values())}
        schema = pa.schema([("key", pa.string()), ("value", pa.string())])
        self.store(name, pa.table(columns, schema=schema))

    def fetch(self, sql: str) -> pa.Table:
        """Return the result of a query as an Arrow table."""
        return self._connection.sql(sql).to_arrow_table()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the result of a small query."""
        return self._connection.execute(sql).fetchall()
