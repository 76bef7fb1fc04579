"""A dataset in parts, none of which makes a larger transport file than allowed.

The parts are datasets of the same domain with names of their own, so that define.xml gives
each a description and a leaf, and their records one after another are those of the whole.
No subject is in two parts unless its records alone are too many.
"""

import dataclasses
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.transport.xpt_layout import LAYOUTS, RECORD, Version
from cdisc.transport.xpt_records import fields_of

LARGEST: Final = 5_000_000_000
"""Bytes that a file may have: 5 GB (FDA, Study Data Technical Conformance Guide, 3.3.2)."""

_HEADERS: Final = 9
_DESCRIPTION: Final = 140
_SUBJECT: Final = "USUBJID"


def size_of(dataset: Dataset, records: int) -> int:
    """Return the bytes of a transport file of version 5 of so many records."""
    described = len(dataset.variables) * _DESCRIPTION
    data = records * _width(dataset)
    return _HEADERS * RECORD + sum(one + -one % RECORD for one in (described, data))


def split_dataset(
    dataset: Dataset, *, largest: int = LARGEST, version: Version = 5
) -> tuple[Dataset, ...]:
    """Return the dataset in parts that make files of at most `largest` bytes.

    Parts are called as the dataset with a number behind: ``LB1``, ``LB2``; their domain is
    that of the whole. A dataset that fits is returned as it is.

    Args:
        dataset: Records in the order in which they shall be submitted.
        largest: Bytes that a file may have.
        version: Version of the files; it says how long names may be.

    Raises:
        OutputError: Not even one record fits (FILE010), or a name would be too long (FILE011).

    Source:
        FDA Study Data Technical Conformance Guide, section 3.3.2 (dataset size); SDTMIG 3.4,
        section 4.1.7 (splitting domains).
    """
    count = dataset.table.num_rows
    if size_of(dataset, count) <= largest:
        return (dataset,)
    room = largest - size_of(dataset, 0)
    most = room // RECORD * RECORD // max(1, _width(dataset))
    if most < 1:
        fact = f"one record alone makes a file of {size_of(dataset, 1):,} bytes"
        expected = f"at most {largest:,} bytes"
        raise OutputError([Diagnostic("FILE010", fact, expected=expected, dataset=dataset.name)])
    ends = _ends(_changes(dataset), count, most)
    names = [f"{dataset.name}{number}" for number in range(1, len(ends) + 1)]
    longest = LAYOUTS[version].name_bytes
    if len(names[-1]) > longest:
        fact = f'"{names[-1]}" is too long for the name of a dataset'
        expected = f"at most {longest} bytes"
        raise OutputError([Diagnostic("FILE011", fact, expected=expected, dataset=dataset.name)])
    starts = [0, *ends[:-1]]
    return tuple(
        _part(dataset, name, start, end - start)
        for name, start, end in zip(names, starts, ends, strict=True)
    )


def _width(dataset: Dataset) -> int:
    return sum(field.length for field in fields_of(dataset.variables))


def _changes(dataset: Dataset) -> npt.NDArray[np.int64]:
    """Return where the records of another subject begin."""
    if _SUBJECT not in dataset.table.column_names:
        return np.arange(1, dataset.table.num_rows)
    subjects = dataset.table.column(_SUBJECT).combine_chunks()
    if isinstance(subjects, pa.ChunkedArray):
        subjects = pa.concat_arrays(subjects.chunks)
    other = pc.fill_null(pc.not_equal(subjects[1:], subjects[:-1]), fill_value=True)
    found: npt.NDArray[np.int64] = np.flatnonzero(other.to_numpy(zero_copy_only=False)) + 1
    return found


def _ends(changes: npt.NDArray[np.int64], count: int, most: int) -> list[int]:
    """Return where parts of at most so many records end, between subjects where possible."""
    ends = [0]
    while count - ends[-1] > most:
        limit = ends[-1] + most
        before = int(np.searchsorted(changes, limit, side="right")) - 1
        last = int(changes[before]) if before >= 0 else 0
        ends.append(last if last > ends[-1] else limit)
    return [*ends[1:], count]


def _part(dataset: Dataset, name: str, start: int, count: int) -> Dataset:
    sources = dataset.sources
    # of a table on disk some rows are read when they are asked for
    some = getattr(dataset.table, "rows", dataset.table.slice)
    return dataclasses.replace(
        dataset,
        name=name,
        domain=dataset.domain or dataset.name,
        table=some(start, count),
        sources=None if sources is None else sources.slice(start, count),
        special_missing={
            which: ways.slice(start, count) for which, ways in dataset.special_missing.items()
        },
    )
