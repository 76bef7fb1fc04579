"""The order of the records of a dataset, found once: it numbers them and hands them over.

Sorting what decides the order costs a part of what sorting whole records costs. So only
the places of the records are sorted, by the keys; then each column is taken in that order.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.engine.database import Database
from cdisc.engine.program import DatasetPlan
from cdisc.functions.sqltext import name as sql_name

Places = npt.NDArray[np.int64]
_AT = "_at"
_FEW = 20_000  # records that are sorted whole: a second query would cost more


def by_keys(plan: DatasetPlan) -> str:
    """Return the order of the records of a dataset, as SQL."""
    return ", ".join([*(f"{sql_name(key)} ASC NULLS FIRST" for key in plan.keys), "_id"])


class InOrder:
    """The records of datasets in the order of their keys.

    Args:
        database: Where the datasets lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Places] = {}

    def number(self, plan: DatasetPlan, variable: str, table: str) -> None:
        """Store the number of each record within its subject.

        Args:
            plan: The dataset; its first key is the subject of its records.
            variable: The number, from 1.
            table: The table to make, in the order of the records as they stand.
        """
        name = sql_name(plan.name)
        found = self._database.fetch(f"SELECT {_AT}, _subject FROM {name} ORDER BY {by_keys(plan)}")
        at: Places = found.column(_AT).to_numpy()
        rows = np.arange(len(at))
        begins = _changes(found.column("_subject"))
        numbers = np.empty(len(at))
        numbers[at] = rows - np.maximum.accumulate(np.where(begins, rows, 0)) + 1
        self._database.store(table, pa.table({variable: numbers}))
        self._known[plan.name] = at

    def fetch(self, plan: DatasetPlan, columns: Sequence[str], where: str) -> pa.Table:
        """Return columns of a dataset in the order of its keys.

        Args:
            plan: The dataset, complete.
            columns: Their names.
            where: A condition on its records as a clause, or nothing.
        """
        source = f"{sql_name(plan.name)}{where}"
        listed = ", ".join(sql_name(one) for one in columns)
        known = self._known.pop(plan.name, None)
        ((count,),) = self._database.rows(f"SELECT count(*) FROM {source}")
        if count < _FEW:
            return self._database.fetch(f"SELECT {listed} FROM {source} ORDER BY {by_keys(plan)}")
        if known is None:
            sql = f"SELECT {_AT} FROM {source} ORDER BY {by_keys(plan)}"
            known = self._database.fetch(sql).column(_AT).to_numpy()
        made = self._database.fetch(f"SELECT {_AT}, {listed} FROM {source}")
        return _taken(made, known)


def _changes(values: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Say of each value whether it is the first or another than the one before; null is a value."""
    coded = pc.dictionary_encode(values, null_encoding="encode")
    codes = np.concatenate([np.empty(0, np.int64), *(one.indices for one in coded.chunks)])
    changes = np.ones(len(codes), dtype=bool)
    changes[1:] = codes[1:] != codes[:-1]
    return changes


def _taken(made: pa.Table, wanted: Places) -> pa.Table:
    """Return the rows of a table whose places are wanted, in that order."""
    at: Places = made.column(_AT).to_numpy()
    row_of = np.full(len(wanted) + int(at.max()), -1)
    row_of[at] = np.arange(len(at))
    rows = row_of[wanted]
    rows = pa.array(rows[rows >= 0])
    taken = {}
    for name in made.column_names[1:]:
        taken[name] = made.column(name).combine_chunks().take(rows)
        made = made.drop_columns([name])
    return pa.table(taken)
