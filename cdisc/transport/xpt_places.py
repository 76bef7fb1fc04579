"""Where in a column values of one fault are: how many, and the first three distinct."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.diagnostics import Diagnostic

_SHOWN: Final = 3


class Places:
    """The records of one fault in one column, gathered part by part."""

    def __init__(self) -> None:
        self.count = 0
        self._first: dict[str, int] = {}

    def add(self, start: int, values: pa.Array, bad: pa.BooleanArray) -> None:
        """Add the values that `bad` (same length, null as no) marks; `start` counts from 0."""
        marked = pc.fill_null(bad, fill_value=False).to_numpy(zero_copy_only=False)
        records = np.flatnonzero(marked)
        self.count += len(records)
        coded = values.take(pa.array(records)).dictionary_encode(null_encoding="encode")
        _, first = np.unique(coded.indices.to_numpy(), return_index=True)
        for value, at in zip(coded.dictionary[: 2 * _SHOWN].to_pylist(), first, strict=False):
            if len(self._first) < _SHOWN:
                self._first.setdefault(repr(value), start + int(records[at]) + 1)

    def finding(self, code: str, fact: str, dataset: str, variable: str) -> Diagnostic:
        """Return the finding: ``2 values longer than 8 bytes``."""
        noun = "value" if self.count == 1 else "values"
        return Diagnostic(
            code,
            f"{self.count:,} {noun} {fact}",
            found=tuple(f"record {at:,}: {value}" for value, at in self._first.items()),
            dataset=dataset,
            variable=variable,
            records=self.count,
        )
