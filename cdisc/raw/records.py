"""Records that come one by one, as names and texts, to columns: block by block."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa

_BLOCK: Final = 20_000


class Records:
    """Records whose fields are not known before the last one is read.

    Args:
        names: Fields that every record has, first.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: dict[str, None] = dict.fromkeys(names)
        self._block: list[dict[str, str | None]] = []
        self._tables: list[pa.Table] = []
        self._rows: list[int] = []

    def add(self, record: dict[str, str | None], row: int) -> None:
        """Take a record, and the row that it comes from."""
        self._block.append(record)
        self._rows.append(row)
        if len(self._block) == _BLOCK:
            self._close()

    def _close(self) -> None:
        block, self._block = self._block, []
        for record in block:
            self._names.update(dict.fromkeys(record))
        columns = [pa.array([one.get(name) for one in block], pa.string()) for name in self._names]
        self._tables.append(pa.table(columns, list(self._names)))

    def columns(self) -> list[tuple[str, pa.ChunkedArray]]:
        """Return the fields in the order in which they came, shape (records,); absent is null."""
        self._close()
        table = pa.concat_tables(self._tables, promote_options="default")
        return list(zip(table.column_names, table.columns, strict=True))

    def rows(self) -> pa.Array:
        """Return the row that each record comes from, int64."""
        return pa.array(np.array(self._rows, dtype=np.int64))
