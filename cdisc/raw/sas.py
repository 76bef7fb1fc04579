"""SAS data files (``.sas7bdat``), and formats catalogs that decode them."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from cdisc.diagnostics import Diagnostic
from cdisc.raw.delivery import Delivery
from cdisc.raw.fields import Read, form_of
from cdisc.raw.parquet import damaged
from cdisc.raw.sas_texts import SasNumbers
from cdisc.raw.source import RawFormSource

Labels = Mapping[Any, str]
_CHUNK = 200_000
_DECODED = "_D"
_REFUSED = (
    *(pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError, MemoryError),
    UserWarning,  # a field that is named twice, and would be given another name
)


class _Texts:
    """The texts of one field, gathered part by part."""

    def __init__(self) -> None:
        self.parts: list[pa.StringArray] = []

    def column(self) -> pa.ChunkedArray:
        return pc.utf8_rtrim(pa.chunked_array(self.parts, pa.string()), characters=" ")


def read_sas(
    path: Path, delivery: Delivery, source: RawFormSource, catalog: Path | None = None
) -> Read:
    """Read a SAS data file.

    Text loses its trailing blanks. Numbers are written shortest; dates, datetimes and
    times, as the format of a field says, in ISO 8601. A special missing value stays, as
    ``.A``. With a catalog, a field whose format it knows has its decoded text beside it,
    under its name and ``_D``; a code that the format does not list has none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            labels = _labels(catalog, source)
            columns, formats = _columns(path, source)
    except _REFUSED as error:
        return None, [damaged("SAS file", error, delivery)]
    texts: list[tuple[str, pa.ChunkedArray]] = []
    notes: list[Diagnostic] = []
    for name, values in columns.items():
        column = values.column()
        texts.append((name, column))
        known = labels.get(_key(formats.get(name)))
        if known:
            texts.append((f"{name}{_DECODED}", _decoded(column, known)))
        if isinstance(values, SasNumbers):
            notes += values.notes(delivery)
    return form_of(texts, delivery, rows=1, strip=source.strip, missing=source.missing, notes=notes)


def _labels(catalog: Path | None, source: RawFormSource) -> dict[str, Labels]:
    if catalog is None:
        return {}
    _, about = pyreadstat.read_sas7bcat(catalog, encoding=source.encoding)
    return {_key(name): labels for name, labels in about.value_labels.items()}


def _key(written: str | None) -> str:
    """Return the name of a format: without width and decimals, upper case."""
    return (written or "").upper().split(".")[0].rstrip("0123456789")


def _decoded(column: pa.ChunkedArray, labels: Labels) -> pa.ChunkedArray:
    codes = [_code(code) for code in labels]
    places = pc.index_in(column, value_set=pa.array(codes, pa.string()))
    return pc.take(pa.array(list(labels.values()), pa.string()), places)


def _code(code: object) -> str:
    """Return a code of the catalog as the column holds it."""
    if isinstance(code, float):
        return str(int(code)) if code.is_integer() else repr(code)
    return str(code)


def _columns(
    path: Path, source: RawFormSource
) -> tuple[dict[str, _Texts | SasNumbers], dict[str, str | None]]:
    columns: dict[str, _Texts | SasNumbers] = {}
    start = 0
    while True:
        values, about = _rows(path, source, start)
        formats = dict(about.original_variable_types)
        if not columns:
            kinds = about.readstat_variable_types
            columns = {
                name: _Texts() if kinds[name] == "string" else SasNumbers(name, formats[name])
                for name in about.column_names
            }
        for name, column in columns.items():
            _add(column, values[name])
        read = len(next(iter(values.values()), ()))
        start += read
        if read < _CHUNK:
            return columns, formats


def _rows(path: Path, source: RawFormSource, start: int) -> tuple[dict[str, Any], Any]:
    """Return some records by column, and what the file says of itself.

    Raises:
        ValueError: The library stumbles over what the file says.
    """
    try:
        values, about = pyreadstat.read_sas7bdat(
            path,
            disable_datetime_conversion=True,
            user_missing=True,
            output_format="dict",
            encoding=source.encoding,
            row_offset=start,
            row_limit=_CHUNK,
        )
    except (TypeError, KeyError, IndexError, AttributeError) as error:  # of names that are none
        raise ValueError("it describes fields that cannot be") from error
    if None in about.column_names:
        raise ValueError("it describes fields without a name")
    return values, about


def _add(column: _Texts | SasNumbers, values: Sequence[Any]) -> None:
    if isinstance(column, _Texts):
        column.parts.append(pa.array(values, pa.string()))
        return
    try:
        numbers = pa.array(values, pa.float64(), from_pandas=True)
        special = None
    except (pa.ArrowException, TypeError):
        # a special missing value comes as its letter, among numbers
        letters = [f".{one.upper()}" if isinstance(one, str) else None for one in values]
        special = pa.array(letters, pa.string())
        numbers = pa.array([None if isinstance(one, str) else one for one in values], pa.float64())
    column.add(np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64), special)
