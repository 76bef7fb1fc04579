"""Which record of A is which record of B: a join by keys, in the database.

Records in the same order are found without a join. Among records with the same keys the
first belongs to the first, the second to the second, so nothing is compared twice.
"""

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.engine.database import Database

Places = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True)
class Matched:
    """Places of records, from 0.

    Attributes:
        a: Of the records of A that B has, ascending.
        b: Of the same records in B.
        only_a: Of the records of A that B has not.
        only_b: Of the records of B that A has not.
        repeated: Records that share their keys with another.
    """

    a: Places
    b: Places
    only_a: Places
    only_b: Places
    repeated: int = 0

    @property
    def reordered(self) -> bool:
        """Say whether B has its records in another order."""
        return bool((np.diff(self.b) < 0).any())


def by_position(records_a: int, records_b: int) -> Matched:
    """Match the first record with the first, and so on."""
    both = np.arange(min(records_a, records_b), dtype=np.int64)
    return Matched(
        both,
        both,
        np.arange(len(both), records_a, dtype=np.int64),
        np.arange(len(both), records_b, dtype=np.int64),
    )


def by_keys(a: pa.Table, b: pa.Table, keys: Sequence[str]) -> Matched:
    """Match records whose keys are the same; missing is the same as missing.

    Args:
        a: Records of A.
        b: Records of B.
        keys: Columns of both, of the same types; without any nothing is matched.
    """
    left, right = _plain(a, keys), _plain(b, keys)
    if left.equals(right):
        return dataclasses.replace(by_position(a.num_rows, b.num_rows), repeated=_repeated(left))
    if not keys:
        return _nothing(a.num_rows, b.num_rows)
    repeated = max(_repeated(left), _repeated(right))
    with Database() as database:
        for name, table in (("a", left), ("b", right)):
            with database.registered("incoming", table):
                database.run(f"CREATE TABLE {name} AS {_numbered(left.column_names, repeated)}")
        same = [f"a.{one} IS NOT DISTINCT FROM b.{one}" for one in left.column_names[:-1]]
        on = " AND ".join([*same, *(["a.n = b.n"] if repeated else [])])
        # two joins of one side each need less than one of both, and are in order of A
        found = database.fetch(f"SELECT a.i AS a, b.i AS b FROM a LEFT JOIN b ON {on} ORDER BY a.i")
    first, second = found.column("a"), found.column("b")
    has = second.is_valid()
    matched_b = _places(second.filter(has))
    free = np.ones(b.num_rows, dtype=bool)
    free[matched_b] = False
    return Matched(
        a=_places(first.filter(has)),
        b=matched_b,
        only_a=_places(first.filter(pc.invert(has))),
        only_b=np.flatnonzero(free).astype(np.int64),
        repeated=repeated,
    )


def _nothing(records_a: int, records_b: int) -> Matched:
    none = np.arange(0, dtype=np.int64)
    only_a, only_b = (np.arange(one, dtype=np.int64) for one in (records_a, records_b))
    return Matched(none, none, only_a, only_b)


_STORED: Final = {32: pa.int32(), 64: pa.int64()}


def _plain(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return keys as ``k0``, ``k1`` and the place of the record as ``i``; dates as numbers."""
    arrays = []
    for key in keys:
        values = table.column(key)
        if pa.types.is_temporal(values.type):
            values = values.cast(_STORED[values.type.bit_width])
        elif pa.types.is_floating(values.type):
            values = pc.add(values, 0.0)  # of both zeros one
        arrays.append(values)
    names = [f"k{place}" for place in range(len(keys))]
    number = pa.array(np.arange(table.num_rows, dtype=np.int64))
    return pa.Table.from_arrays([*arrays, number], names=[*names, "i"])


def _repeated(keys: pa.Table) -> int:
    names = keys.column_names[:-1]
    if not names:
        return 0
    counts = keys.group_by(names).aggregate([([], "count_all")]).column("count_all")
    return pc.sum(counts.filter(pc.greater(counts, 1))).as_py() or 0


def _numbered(names: Sequence[str], repeated: int) -> str:
    if not repeated:
        return "SELECT * FROM incoming"
    keys = ", ".join(names[:-1])
    return f"SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY i) AS n FROM incoming"


def _places(values: pa.ChunkedArray) -> Places:
    places: Places = values.to_numpy().astype(np.int64)
    return places
