"""Tables on disk: written part by part, and read column by column.

A table that does not fit into memory is a file of Arrow record batches in a temporary
folder. Who asks it for a column gets that column and nothing else.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

ROW = "_row"


class Writer:
    """Writes a table part by part.

    Args:
        path: The file.
        schema: Its columns; those of every part.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.schema, self.rows = path, schema, 0
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, schema)

    def add(self, table: pa.Table) -> None:
        """Write further rows."""
        self.rows += table.num_rows
        self._writer.write_table(table)

    def close(self) -> None:
        """End the file."""
        if not self._file.closed:
            self._writer.close()
            self._file.close()


class StoredTable:
    """A table in a file, with as much of `pyarrow.Table` as readers of datasets use.

    Args:
        path: File that a `Writer` wrote.
        names: Columns to show, in order; all by default.
    """

    def __init__(self, path: Path, names: Sequence[str] | None = None) -> None:
        self.path = path
        with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
            self._all = reader.schema
            batches = range(reader.num_record_batches)
        self.column_names = list(names or self._all.names)
        self.schema = pa.schema([self._all.field(one) for one in self.column_names])
        self.num_columns = len(self.column_names)
        self._batches = len(batches)
        first = self._read(self.column_names[:1])
        self.num_rows = first.num_rows

    @property
    def size(self) -> int:
        """Bytes of the file, with the columns that are not shown."""
        return self.path.stat().st_size

    def column(self, name: str | int) -> pa.ChunkedArray:
        """Return a column, read from the file."""
        name = self.column_names[name] if isinstance(name, int) else name
        if name not in self.column_names:
            raise KeyError(name)
        return self._read([name]).column(0)

    def __getitem__(self, name: str | int) -> pa.ChunkedArray:
        return self.column(name)

    @property
    def columns(self) -> Iterator[pa.ChunkedArray]:
        """The columns, one after the other."""
        return (self.column(name) for name in self.column_names)

    def itercolumns(self) -> Iterator[pa.ChunkedArray]:
        """Yield the columns."""
        return self.columns

    def field(self, name: str | int) -> pa.Field:
        """Return name and type of a column."""
        return self.schema.field(name)

    def select(self, names: Sequence[str]) -> pa.Table:
        """Return some columns as a table in memory."""
        return self._read(names)

    def filter(self, mask: pa.ChunkedArray) -> "ChosenRows":
        """Return the rows for which `mask` is true, still column by column."""
        return ChosenRows(self, mask)

    def to_batches(self, max_chunksize: int | None = None) -> Iterator[pa.RecordBatch]:
        """Yield all columns, part by part."""
        with pa.OSFile(str(self.path)) as file, pa.ipc.open_file(file) as reader:
            for number in range(self._batches):
                batch = reader.get_batch(number).select(self.column_names)
                yield from pa.Table.from_batches([batch]).to_batches(max_chunksize)

    def slice(self, offset: int = 0, length: int | None = None) -> pa.Table:
        """Return some rows as a table in memory."""
        end = self.num_rows if length is None else offset + length
        parts, at = [self.schema.empty_table()], 0
        for batch in self.to_batches() if end > offset else ():
            low, high = max(offset - at, 0), min(end - at, batch.num_rows)
            if low < high:
                parts.append(pa.Table.from_batches([batch.slice(low, high - low)]))
            at += batch.num_rows
            if at >= end:
                break
        return pa.concat_tables(parts)

    def rows(self, offset: int, length: int) -> "SomeRows":
        """Return some rows, still on disk."""
        return SomeRows(self, offset, length)

    def all_columns(self) -> "StoredTable":
        """Return the table with the columns that are not shown, too."""
        return StoredTable(self.path)

    def showing(self, names: Sequence[str]) -> "StoredTable":
        """Return the table with these columns."""
        return StoredTable(self.path, names)

    def whole(self) -> pa.Table:
        """Return all of it as a table in memory."""
        return self._read(self.column_names)

    def to_pandas(self, **options: object) -> object:
        """Return all of it as a pandas frame."""
        return self.whole().to_pandas(**options)

    def _read(self, names: Sequence[str]) -> pa.Table:
        wanted = [self._all.get_field_index(one) for one in names]
        options = pa.ipc.IpcReadOptions(included_fields=sorted(wanted))
        with (
            pa.OSFile(str(self.path)) as file,
            pa.ipc.open_file(file, options=options) as reader,
        ):
            return reader.read_all().select(list(names))


class ChosenRows:
    """Some rows of a table on disk, read column by column.

    Args:
        table: The table.
        mask: True for each of the rows.
    """

    def __init__(self, table: StoredTable, mask: pa.ChunkedArray) -> None:
        self._table, self._mask = table, mask
        self.column_names = table.column_names
        self.num_rows = int(pc.sum(mask).as_py() or 0)

    def column(self, name: str | int) -> pa.ChunkedArray:
        """Return a column of these rows, read from the file."""
        return self._table.column(name).filter(self._mask)

    def __getitem__(self, name: str | int) -> pa.ChunkedArray:
        return self.column(name)


class SomeRows:
    """Rows of a table on disk that follow each other, read part by part.

    Args:
        table: The table.
        offset: The first of them, from 0.
        length: How many.
    """

    def __init__(self, table: StoredTable, offset: int, length: int) -> None:
        self._table, self._offset = table, offset
        self.column_names, self.num_rows = table.column_names, length

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all columns, part by part."""
        at, end = 0, self._offset + self.num_rows
        for batch in self._table.to_batches():
            low, high = max(self._offset - at, 0), min(end - at, batch.num_rows)
            if low < high:
                yield batch.slice(low, high - low)
            at += batch.num_rows


class Spool:
    """Writers of several tables in one folder.

    Args:
        folder: Where the files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._begun = folder, 0
        self._writers: dict[str, Writer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def begin(self, name: str, schema: pa.Schema) -> None:
        """Begin a table, which may stay without rows."""
        if name not in self._writers:
            self._begun += 1
            path = self._folder / f"{self._begun}.arrow"
            self._writers[name] = Writer(path, schema)

    def add(self, name: str, table: pa.Table) -> None:
        """Write further rows of a table."""
        self.begin(name, table.schema)
        self._writers[name].add(table)

    def close(self) -> None:
        """End all files; once is enough."""
        for one in self._writers.values():
            one.close()

    def table(self, name: str) -> StoredTable | None:
        """Return a table that is written and ended, or None if it has no rows at all."""
        return StoredTable(self._writers[name].path) if name in self._writers else None

    def remove(self, name: str) -> None:
        """Remove a table that is no longer needed."""
        if name in self._writers:
            writer = self._writers.pop(name)
            writer.close()
            writer.path.unlink()
