"""Parquet with everything that a dataset says of itself in the schema.

Columns are those of the dataset, so that any program reads the values; what define.xml
and a transport file need stands beside them as JSON, and label and format of each
variable beside its column too. A file of another program has no such text: its columns
become variables by their types.
"""

import dataclasses
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from cdisc.dataset import ARROW_TYPES, Dataset, Kind, Variable
from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport.json_source import refusal
from cdisc.transport.whole_file import appearing

_KEY: Final = b"cdisc.dataset"
_ROWS: Final = 131_072
_FIELDS: Final = tuple(
    one.name
    for one in dataclasses.fields(Dataset)
    if one.name not in {"table", "sources", "special_missing"}
)
_WAYS: Final = ".missing"
"""What follows the name of a variable in that of the column of its special missing values."""
_SPECIAL: Final = {"variables", "qualifiers"}


def write_parquet(dataset: Dataset, path: Path) -> None:
    """Write `dataset` to `path` as Parquet, with all of its metadata.

    Special missing values stand in columns of their own, ``AVAL.missing``. Hidden ids of
    source records are not written. The same dataset gives the same bytes.

    Args:
        dataset: Any number of records, also none.
        path: File to write or replace; its folder exists.

    Raises:
        OutputError: The file cannot be written.
    """
    said = {name: getattr(dataset, name) for name in _FIELDS}
    for name in _SPECIAL:
        said[name] = [dataclasses.asdict(one) for one in said[name]]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    fields = [
        pa.field(
            one.name,
            ARROW_TYPES[one.kind],
            metadata={"label": one.label} | ({"format": one.format} if one.format else {}),
        )
        for one in dataset.variables
    ]
    schema = pa.schema(fields, {_KEY: text})
    table = pa.Table.from_arrays(dataset.table.columns, schema=schema)
    for name, ways in dataset.special_missing.items():
        held = ways if isinstance(ways, pa.ChunkedArray) else pa.chunked_array([ways])
        table = table.append_column(pa.field(f"{name}{_WAYS}", pa.string()), held)
    with appearing(path) as file:
        pq.write_table(table.combine_chunks(), file, row_group_size=_ROWS, compression="zstd")


def read_parquet(path: Path) -> Dataset:
    """Return the dataset of a Parquet file.

    Text, numbers, dates, datetimes and times to the second are taken from files of any
    program, if each value has an exact place; the name is then that of the file. Empty
    text becomes null.

    Args:
        path: The file.

    Raises:
        RawDataError: The file cannot be read (FILE002), is damaged or holds other types
            (FILE004), or its metadata do not fit its columns (FILE005).
    """
    try:
        table = pq.ParquetFile(path).read()
        table.validate(full=True)
    except OSError as error:
        if error.errno is not None:
            fact = f'cannot read "{path.name}": {error.strerror}'
            raise refusal("FILE002", fact) from error
        raise refusal("FILE004", f'"{path.name}" cannot be read', str(error)[:200]) from error
    except (pa.ArrowException, UnicodeDecodeError, MemoryError) as error:  # the latter of names
        raise refusal("FILE004", f'"{path.name}" cannot be read', str(error)[:200]) from error
    columns = [
        _stored(table.field(place), table.column(place)) for place in range(table.num_columns)
    ]
    findings = [one for one in columns if isinstance(one, Diagnostic)]
    if findings:
        raise RawDataError(findings)
    arrays = [one for one in columns if not isinstance(one, Diagnostic)]
    held = pa.Table.from_arrays(arrays, names=table.column_names)
    text = (table.schema.metadata or {}).get(_KEY)
    return _described(held, text, path) if text is not None else _bare(table.schema, held, path)


def _stored(field: pa.Field, values: pa.ChunkedArray) -> pa.ChunkedArray | Diagnostic:
    """Return values as one of the kinds, or what is wrong with them."""
    kind = _kind(values.type)
    if kind is not None:
        try:
            stored = values.cast(ARROW_TYPES[kind])
            if kind == "text":
                empty = pc.equal(pc.binary_length(stored), 0)
                return pc.if_else(empty, None, stored) if pc.any(empty).as_py() else stored
        except pa.ArrowInvalid as error:
            found = (str(error)[:120],)
            fact = f'"{field.name}" holds values without an exact place'
            return Diagnostic("FILE004", fact, found=found, variable=field.name)
        if kind == "number" and pc.all(pc.is_finite(stored)).as_py() is False:
            fact = f'"{field.name}" holds NaN or Infinity, which no number is'
            return Diagnostic("FILE004", fact, variable=field.name)
        return stored
    fact = f'"{field.name}" is of type {field.type}, which no kind of variable is'
    return Diagnostic("FILE004", fact, variable=field.name)


def _kind(stored: pa.DataType) -> Kind | None:
    if pa.types.is_dictionary(stored):
        stored = stored.value_type
    if pa.types.is_string(stored) or pa.types.is_large_string(stored) or pa.types.is_null(stored):
        return "text"
    if pa.types.is_integer(stored) or pa.types.is_floating(stored):
        return "number"
    if pa.types.is_date(stored):
        return "date"
    if pa.types.is_time(stored):
        return "time"
    return "datetime" if pa.types.is_timestamp(stored) and stored.tz is None else None


def _described(table: pa.Table, text: bytes, path: Path) -> Dataset:
    fact = f'the metadata of "{path.name}" do not fit its columns'
    try:
        said: dict[str, Any] = json.loads(text)
        said |= {name: _variables().validate_python(said[name]) for name in _SPECIAL}
        said["keys"] = tuple(said["keys"])
        names = [one.name for one in said["variables"]]
        special = {
            name.removesuffix(_WAYS): table.column(name)
            for name in table.column_names
            if name.endswith(_WAYS) and name not in names
        }
        held = table.drop_columns([f"{name}{_WAYS}" for name in special])
        dataset = Dataset(**said, table=held, special_missing=special)
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError) as error:
        raise refusal("FILE005", fact, str(error).partition("\n")[0][:200]) from error
    if any(ARROW_TYPES[one.kind] != held.field(one.name).type for one in dataset.variables):
        raise refusal("FILE005", fact)
    if any(ways.type != pa.string() for ways in special.values()):
        raise refusal("FILE005", fact)
    texts = (
        *(dataset.name, dataset.label, dataset.class_name, dataset.structure, dataset.sas_type),
        *dataset.keys,
    )
    if not all(isinstance(one, str) for one in texts):
        raise refusal("FILE005", fact)
    return dataset


@cache
def _variables() -> TypeAdapter[tuple[Variable, ...]]:
    return TypeAdapter(tuple[Variable, ...])


def _bare(schema: pa.Schema, table: pa.Table, path: Path) -> Dataset:
    kinds = {arrow: kind for kind, arrow in ARROW_TYPES.items()}
    variables = []
    for place, name in enumerate(table.column_names):
        kind = kinds[table.field(place).type]
        said = schema.field(place).metadata or {}
        longest = pc.max(pc.binary_length(table.column(place))).as_py() if kind == "text" else 8
        variables.append(
            Variable(
                name=name,
                label=said.get(b"label", b"").decode("utf-8", "replace"),
                kind=kind,
                length=max(longest or 1, 1),
                format=said.get(b"format", b"").decode("utf-8", "replace") or None,
            )
        )
    names = table.column_names
    if len(set(names)) != len(names):
        raise refusal("FILE004", f'two columns of "{path.name}" have the same name')
    return Dataset(path.stem.upper(), "", "", "", (), tuple(variables), table)
