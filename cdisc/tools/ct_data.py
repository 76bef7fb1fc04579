"""The data of a study as numbers of records by value, for whoever asks what a value touches."""

from collections.abc import Iterable, Mapping
from functools import cache

from cdisc.dataset import Dataset
from cdisc.tools.ct_impact import Counts


def counts_of(datasets: Iterable[Dataset]) -> Counts:
    """Return a function that counts the records of each value of a variable.

    A supplemental qualifier, and a variable that a dataset does not have, have none.
    """
    tables = {one.name: one.table for one in datasets}

    @cache
    def counts(dataset: str, variable: str) -> Mapping[str, int]:
        table = tables.get(dataset)
        if table is None or variable not in table.column_names:
            return {}
        pairs = table.column(variable).value_counts().to_pylist()
        return {str(one["values"]): one["counts"] for one in pairs if one["values"] is not None}

    return counts
