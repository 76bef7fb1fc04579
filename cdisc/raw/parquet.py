"""Parquet files: typed columns, written as text."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cdisc.diagnostics import Diagnostic
from cdisc.raw.delivery import Delivery
from cdisc.raw.fields import Read, form_of
from cdisc.raw.source import RawFormSource
from cdisc.raw.texts import NoTextError, text_of

_CELLS = 100_000_000
_CELLS_A_BYTE = 1000
"""A constant column takes next to no space, but a small file of endless columns is hostile."""


def read_parquet(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    """Read a Parquet file: text as it is, numbers shortest, dates in ISO 8601.

    NaN is missing; a moment with a time zone is written in UTC, with Z. Rows count
    from 1.
    """
    try:
        with pq.ParquetFile(path) as file:
            about = file.metadata
            cells = about.num_rows * about.num_columns
            if about.num_rows < 0 or cells > _CELLS + _CELLS_A_BYTE * path.stat().st_size:
                return None, [_too_large(about, delivery)]
            table = file.read()
            table.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeError, MemoryError) as error:
        return None, [damaged("Parquet file", error, delivery)]
    columns, findings = [], []
    for name, values in zip(table.column_names, table.columns, strict=True):
        try:
            columns.append((name, text_of(values)))
        except (NoTextError, pa.ArrowException) as error:
            findings.append(no_text(name, error, delivery))
    if findings:
        return None, findings
    return form_of(columns, delivery, rows=1, strip=source.strip, missing=source.missing)


def damaged(what: str, error: BaseException, delivery: Delivery) -> Diagnostic:
    """Return the finding of a file that its own kind of reader cannot read."""
    said = " ".join(str(error).split()) or type(error).__name__
    return delivery.finding("RAW021", f"is no {what}, or damaged", said[:_SAID])


def no_text(name: str, error: BaseException, delivery: Delivery) -> Diagnostic:
    """Return the finding of a field whose values have no text."""
    return delivery.finding("RAW025", f'holds in "{name}" values that have no text', str(error))


def _too_large(about: pq.FileMetaData, delivery: Delivery) -> Diagnostic:
    found = f"{about.num_rows:,} records of {about.num_columns:,} fields"
    return delivery.finding("RAW020", "says it holds more than is read", found)


_SAID = 160
