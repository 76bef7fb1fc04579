"""What Dataset-JSON cannot hold, found before the first byte is written."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport.json_about import check_header
from cdisc.transport.json_values import LARGEST_INTEGER

_DAYS: Final = (-719_162, 2_932_896)
"""Of 0001-01-01 and 9999-12-31, from 1970-01-01: ISO 8601 has four digits of a year."""

_SECONDS: Final = (_DAYS[0] * 86_400, _DAYS[1] * 86_400 + 86_399)


def check_dataset_json(dataset: Dataset, header: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """Return everything about `dataset` that Dataset-JSON cannot hold.

    Args:
        dataset: The dataset; column types as in `cdisc.dataset.ARROW_TYPES`.
        header: The attributes of the file, without records.

    Raises:
        TypeError: A column of the table has another type than its kind says.
    """
    findings = [*_header_findings(dataset, header)]
    for variable, values in zip(dataset.variables, dataset.table.columns, strict=True):
        if values.type != ARROW_TYPES[variable.kind]:
            raise TypeError(f"{dataset.name}.{variable.name} is {values.type}")
        findings += _value_findings(dataset.name, variable, values)
    return tuple(findings)


def _header_findings(dataset: Dataset, header: dict[str, Any]) -> Iterator[Diagnostic]:
    names = {one.name for one in dataset.variables}
    for key in dataset.keys:
        if key not in names:
            yield Diagnostic("DSJ010", f'the key "{key}" is no variable', dataset=dataset.name)
    try:
        check_header(header)
    except RawDataError as error:
        for one in error.diagnostics:
            yield Diagnostic(
                "DSJ010", one.fact, found=one.found, expected=one.expected, dataset=dataset.name
            )
    for text in _texts(dataset):
        try:
            text.encode()
        except UnicodeEncodeError:
            fact = f"{text!r} holds half a character (a lone surrogate)"
            yield Diagnostic("DSJ010", fact, dataset=dataset.name)


def _texts(dataset: Dataset) -> Iterator[str]:
    yield from (dataset.name, dataset.label)
    for variable in dataset.variables:
        yield from (variable.name, variable.label, variable.format or "")


def _value_findings(
    dataset: str, variable: Variable, values: pa.ChunkedArray
) -> Iterator[Diagnostic]:
    good, expected = _good(variable, values)
    if good is None or pc.all(good).as_py() is not False:
        return
    bad = pc.invert(pc.fill_null(good, fill_value=True))
    place = pc.index(bad, pa.scalar(value=True)).as_py()
    yield Diagnostic(
        "DSJ009",
        f"record {place + 1:,} has a value that Dataset-JSON cannot hold",
        found=(_shown(values[place]),),
        expected=expected,
        dataset=dataset,
        variable=variable.name,
        records=pc.sum(bad).as_py(),
    )


def _shown(value: pa.Scalar) -> str:
    plain = value.cast(pa.float64() if pa.types.is_floating(value.type) else _integer(value.type))
    return str(plain.as_py())


def _integer(stored: pa.DataType) -> pa.DataType:
    return pa.int32() if stored.bit_width == 32 else pa.int64()  # noqa: PLR2004  bits of a date


def _good(variable: Variable, values: pa.ChunkedArray) -> tuple[pa.ChunkedArray | None, str]:
    if variable.kind == "date":
        return _within(values.cast(pa.int32()), _DAYS), "years 1 to 9999"
    if variable.kind == "datetime":
        return _within(values.cast(pa.int64()), _SECONDS), "years 1 to 9999"
    if variable.kind != "number":
        return None, ""
    finite = pc.is_finite(values)
    if not variable.integer:
        return finite, "a finite number"
    small = pc.less_equal(pc.abs(values), float(LARGEST_INTEGER))
    whole = pc.and_(pc.and_(finite, small), pc.equal(pc.floor(values), values))
    return whole, "a whole number of at most 2 to the power of 53"


def _within(numbers: pa.ChunkedArray, least_and_most: tuple[int, int]) -> pa.ChunkedArray:
    least, most = least_and_most
    return pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most))
