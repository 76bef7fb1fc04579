"""Write Dataset-JSON 1.1, NDJSON and their compressed form, a block of records at a time.

The embedded database renders records: numbers as the shortest text that reads back the
same, dates and times in ISO 8601. What the form cannot hold is found before the first byte.
"""

import datetime as dt
import json
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Dataset
from cdisc.engine.database import Database
from cdisc.errors import OutputError
from cdisc.transport.json_about import VERSION, About
from cdisc.transport.json_columns import Column, columns_of
from cdisc.transport.json_fit import check_dataset_json
from cdisc.transport.whole_file import appearing

_RECORDS: Final = 65_536
_LEVEL: Final = 9
"""Of compression: what the standard recommends."""

_SQL: Final = {
    "text": "{}",
    "decimal": "{}",
    "number": "{}",
    "integer": "CAST({} AS BIGINT)",
    "date": "CAST({} AS VARCHAR)",
    "time": "CAST({} AS VARCHAR)",
    "datetime": "{}",
}


def write_dataset_json(
    dataset: Dataset,
    path: Path,
    *,
    created: dt.datetime,
    about: About | None = None,
    decimals: bool = False,
) -> None:
    """Write `dataset` to `path` as Dataset-JSON: ``.json``, ``.ndjson`` or ``.dsjc``.

    Missing values are null. Numbers are ``float``, or ``integer`` where the variable says
    so; dates, datetimes and times have the target ``integer``. The same arguments give the
    same bytes, however the table is chunked.

    Args:
        dataset: Any number of records, also none.
        path: File to write or replace; its folder exists, its suffix says the form.
        created: The time stamp of the file, to the second.
        about: Attributes that the dataset does not hold.
        decimals: Write numbers that are not whole by nature as ``decimal``, as texts.

    Raises:
        OutputError: The form cannot hold the dataset (every finding of
            `check_dataset_json`), or the file cannot be written.

    Source:
        Dataset-JSON v1.1; Representing Dataset-JSON as NDJSON; Compressed Dataset-JSON v1.1.
    """
    columns = columns_of(dataset, decimals=decimals)
    header = _header(dataset, columns, created, about or About())
    findings = check_dataset_json(dataset, header)
    if findings:
        raise OutputError(findings)
    suffix = path.suffix.lower()
    parts = (
        _array(header, dataset, columns) if suffix == ".json" else _lines(header, dataset, columns)
    )
    with appearing(path) as file:
        for part in _packed(parts) if suffix == ".dsjc" else parts:
            file.write(part)


def _header(
    dataset: Dataset, columns: tuple[Column, ...], created: dt.datetime, about: About
) -> dict[str, Any]:
    return {
        "datasetJSONCreationDateTime": created.strftime("%Y-%m-%dT%H:%M:%S"),
        "datasetJSONVersion": VERSION,
        **about.attributes(),
        "itemGroupOID": f"IG.{dataset.name}",
        "records": dataset.table.num_rows,
        "name": dataset.name,
        "label": dataset.label,
        "columns": [one.attributes(dataset.name) for one in columns],
    }


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _lines(
    header: dict[str, Any], dataset: Dataset, columns: tuple[Column, ...]
) -> Iterator[bytes]:
    yield _compact(header) + b"\n"
    yield from _blocks(dataset.table, columns)


def _array(
    header: dict[str, Any], dataset: Dataset, columns: tuple[Column, ...]
) -> Iterator[bytes]:
    yield (
        b"{\n"
        + b"".join(
            b'"%b":%b,\n' % (name.encode(), _compact(value)) for name, value in header.items()
        )
        + b'"rows":['
    )
    between = b"\n"
    for block in _blocks(dataset.table, columns):
        # a text holds no newline as it is: JSON writes it with two characters
        yield between + block[:-1].replace(b"\n", b",\n")
        between = b",\n"
    yield b"\n]}\n"


def _packed(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def _blocks(table: pa.Table, columns: tuple[Column, ...]) -> Iterator[bytes]:
    r"""Return records as ``[...]\n[...]\n``."""
    if not columns:
        return
    names = [f"c{place}" for place in range(len(columns))]
    values = [_SQL[one.written].format(name) for one, name in zip(columns, names, strict=True)]
    query = f"SELECT CAST(json_array({', '.join(values)}) AS VARCHAR) || chr(10) FROM records"
    with Database() as database:
        for start in range(0, table.num_rows, _RECORDS):
            part = table.slice(start, _RECORDS)
            arrays = [
                _TEXTS[one.written](values) if one.written in _TEXTS else values
                for one, values in zip(columns, part.columns, strict=True)
            ]
            with database.registered("records", pa.Table.from_arrays(arrays, names=names)):
                rendered = database.fetch(query).column(0)
            for chunk in rendered.chunks:
                yield _bytes_of(chunk)


def _bytes_of(texts: pa.Array) -> bytes:
    """Return all texts one after the other: the buffer that holds them."""
    _, offsets, data = texts.cast(pa.large_string()).buffers()
    if not len(texts):
        return b""
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    whole: bytes = data.slice(places[0], places[-1] - places[0]).to_pybytes()
    return whole


def _decimal_texts(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers as decimals without an exponent."""
    texts = numbers.cast(pa.string())
    powers = pc.match_substring(texts, "e")
    if not pc.any(powers).as_py():
        return texts
    long = pc.unique(texts.filter(pc.fill_null(powers, fill_value=False))).to_pylist()
    plain = pa.array([format(Decimal(one), "f") for one in long], pa.string())
    place = pc.index_in(texts, pa.array(long, pa.string()))
    return pc.if_else(pc.is_valid(place), plain.take(place), texts)


def _moments(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return datetimes as texts, in years that the database does not reach too."""
    return pc.replace_substring(values.cast(pa.string()), " ", "T")


_TEXTS: Final = {"decimal": _decimal_texts, "datetime": _moments}
"""What is a text before the database sees it."""
