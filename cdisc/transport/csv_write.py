"""Write a dataset as CSV, for people and programs that take nothing else.

Labels, lengths and types have no place in it, which is why nothing reads it back.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from cdisc.dataset import Dataset
from cdisc.transport.whole_file import appearing

_RECORDS = 65_536


def write_csv(dataset: Dataset, path: Path) -> None:
    """Write `dataset` to `path` as CSV: UTF-8, a line of names, texts in double quotes.

    Missing is nothing at all; numbers are the shortest text that reads back the same,
    dates and times ISO 8601.

    Args:
        dataset: Any number of records, also none.
        path: File to write or replace; its folder exists.

    Raises:
        OutputError: The file cannot be written.
    """
    moments = {one.name for one in dataset.variables if one.kind == "datetime"}
    fields = [
        pa.field(one.name, pa.string() if one.name in moments else one.type)
        for one in dataset.table.schema
    ]
    schema = pa.schema(fields)
    with appearing(path) as file, pa_csv.CSVWriter(file, schema) as writer:
        for batch in dataset.table.to_batches(max_chunksize=_RECORDS):
            arrays = [
                pc.replace_substring(values.cast(pa.string()), " ", "T")
                if name in moments
                else values
                for name, values in zip(batch.schema.names, batch.columns, strict=True)
            ]
            writer.write(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _moments(values: pa.Array) -> pa.Array:
    return pc.replace_substring(values.cast(pa.string()), " ", "T")
