"""Read Dataset-JSON 1.1, NDJSON and their compressed form, a block at a time.

What the standard does not allow is refused with a name; a value that a dataset cannot
hold without a change is refused too.
"""

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdisc.dataset import ARROW_TYPES, Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport.json_about import About, about_of, check_header, lacks_needed
from cdisc.transport.json_columns import Column, column_from, keys_of
from cdisc.transport.json_parts import first_line, lines, members, object_of, rest, rows
from cdisc.transport.json_rows import Records
from cdisc.transport.json_source import Pending, refusal
from cdisc.transport.json_values import Values

_Tables = Callable[[Records], Iterator[pa.Table]]


@dataclasses.dataclass(frozen=True, slots=True)
class JsonFile:
    """A Dataset-JSON file: its dataset, and what the file says beside it."""

    dataset: Dataset
    about: About


def read_dataset_json(path: Path) -> JsonFile:
    """Return the dataset of a Dataset-JSON file: ``.json``, ``.ndjson`` or ``.dsjc``.

    Empty text becomes null, as everywhere here. A date, datetime or time becomes that
    kind if its target is ``integer`` (a date alone is midnight of that day), and is text
    otherwise. Class and structure are empty: the file does not hold them.

    Args:
        path: The file; its suffix says the form. Compressed is zlib, or gzip.

    Raises:
        RawDataError: The file is no such file, breaks the rules of the standard, or
            holds what a `Dataset` cannot; every finding of the header, or of the values.

    Source:
        Dataset-JSON v1.1; Representing Dataset-JSON as NDJSON; Compressed Dataset-JSON v1.1.
    """
    pending = Pending(path)
    header, tables = _opened(pending, lined=path.suffix.lower() != ".json")
    check_header(header)
    columns = tuple(column_from(one) for one in header["columns"])
    _check_kinds(header)
    values = Values(columns)
    count = 0
    for table in tables(Records(columns)):
        count += len(table) if columns else 0
        if count > header["records"]:
            break
        values.add(table)
    if count != header["records"] and columns:
        more = "more than " if count > header["records"] else ""
        fact = f'"{path.name}" holds {more}{min(count, header["records"]):,} records'
        said = f'"records": {header["records"]:,}'
        raise RawDataError([Diagnostic("DSJ005", fact, expected=said, dataset=header["name"])])
    check_header(header)  # some attributes may stand after the records
    return JsonFile(_dataset(header, columns, values), about_of(header))


def _opened(pending: Pending, *, lined: bool) -> tuple[dict[str, Any], _Tables]:
    if lined:
        return first_line(pending), partial(lines, pending)
    header, start = members(pending)
    if start is None:
        return header, lambda _records: iter(())
    if lacks_needed(header):  # an unusual order: in one piece
        header, values = object_of(pending)
        return header, lambda records: iter([records.from_values(values, 1)])
    pending.data = pending.data[start:]

    def tables(records: Records) -> Iterator[pa.Table]:
        yield from rows(pending, records)
        for name, value in rest(pending).items():
            if name in header:
                raise refusal("DSJ001", f'"{name}" stands twice')
            header[name] = value

    return header, tables


def _check_kinds(header: dict[str, Any]) -> None:
    findings = [
        Diagnostic(
            "DSJ007",
            f'"{one["name"]}" is of dataType boolean, which a dataset here has no place for',
            dataset=header["name"],
            variable=one["name"],
        )
        for one in header["columns"]
        if one["dataType"] == "boolean"
    ]
    if findings:
        raise RawDataError(findings)


def _dataset(header: dict[str, Any], columns: tuple[Column, ...], values: Values) -> Dataset:
    findings = values.findings(header["name"])
    if findings:
        raise RawDataError(findings)
    variables = tuple(
        one.variable(longest) for one, longest in zip(columns, values.longest, strict=True)
    )
    arrays = [
        pa.chunked_array(chunks, ARROW_TYPES[one.kind])
        for one, chunks in zip(columns, values.chunks, strict=True)
    ]
    return Dataset(
        name=header["name"],
        label=header["label"],
        class_name="",
        structure="",
        keys=keys_of(columns),
        variables=variables,
        table=pa.Table.from_arrays(arrays, names=[one.name for one in columns]),
    )
