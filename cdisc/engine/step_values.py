"""What a step gives, as the columns of a dataset: each value fits its type, or it is an error."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.language.verb import Type

_DTC = r"^(-|\d{4})(-(-|\d{2})(-(-|\d{2})(T(-|\d{2})(:(-|\d{2})(:\d{2}(\.\d+)?)?)?)?)?)?$"


class StepError(SpecError):
    """A step that cannot go on."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__([diagnostic])


def taken(column: pa.Array | pa.ChunkedArray, kind: Type, said: str, span: Span) -> pa.Array:
    """Return a column of a step as the engine stores it.

    Args:
        column: What the step gave; null is missing.
        kind: Type of the variable.
        said: Names the step and the variable.
        span: Place of the step.

    Returns:
        text and dtc as string, empty text missing; number as double; date; datetime; time.

    Raises:
        StepError: SPEC064, a value does not fit.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_null(column.type):
        return column.cast(STORED[kind])
    wrong = _TAKERS[kind](column)
    if isinstance(wrong, str):
        fact = f"{said} does not fit its type"
        expected = _EXPECTED[kind]
        raise StepError(Diagnostic("SPEC064", fact, span, found=(wrong,), expected=expected))
    return wrong


def _text(column: pa.Array) -> pa.Array | str:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return f"values of type {column.type}"
    column = column.cast(pa.string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _dtc(column: pa.Array) -> pa.Array | str:
    texts = _text(column)
    if isinstance(texts, str):
        return texts
    return _first(texts, pc.invert(pc.match_substring_regex(texts, _DTC))) or texts


def _number(column: pa.Array) -> pa.Array | str:
    numeric = pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal
    if not any(one(column.type) for one in numeric):
        return f"values of type {column.type}"
    numbers = column.cast(pa.float64(), safe=not pa.types.is_decimal(column.type))
    numbers = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    return _first(numbers, pc.invert(pc.is_finite(numbers))) or numbers


def _date(column: pa.Array) -> pa.Array | str:
    if pa.types.is_timestamp(column.type) and column.type.tz is None:
        days = column.cast(pa.date32(), safe=False)
        partly = pc.not_equal(days.cast(column.type), column)
        return _first(column, partly) or days
    if not pa.types.is_date(column.type):
        return f"values of type {column.type}"
    return column.cast(pa.date32())


def _datetime(column: pa.Array) -> pa.Array | str:
    if not pa.types.is_timestamp(column.type) or column.type.tz is not None:
        return f"values of type {column.type}"
    whole = column.cast(pa.timestamp("s"), safe=False)
    return _first(column, pc.not_equal(whole.cast(column.type), column)) or whole.cast(
        pa.timestamp("us")
    )


def _time(column: pa.Array) -> pa.Array | str:
    if not pa.types.is_time(column.type):
        return f"values of type {column.type}"
    whole = column.cast(pa.time32("s"), safe=False)
    return _first(column, pc.not_equal(whole.cast(column.type), column)) or whole.cast(
        pa.time64("us")
    )


def _first(column: pa.Array, wrong: pa.Array) -> str:
    """Return the first value that is wrong; nothing if there is none."""
    marked = np.flatnonzero(pc.fill_null(wrong, fill_value=False).to_numpy(zero_copy_only=False))
    return f"{column[int(marked[0])].as_py()!r}" if len(marked) else ""


_TAKERS: Mapping[Type, Callable[[pa.Array], "pa.Array | str"]] = {
    "text": _text,
    "dtc": _dtc,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
}
STORED: Mapping[Type, pa.DataType] = {
    "text": pa.string(),
    "dtc": pa.string(),
    "number": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "time": pa.time64("us"),
}
_EXPECTED: Mapping[Type, str] = {
    "text": "text, missing as None",
    "dtc": "ISO 8601 text, missing as None",
    "number": "finite numbers, missing as NaN",
    "date": "dates without a time, missing as NaT",
    "datetime": "dates with times to the second, without a zone, missing as NaT",
    "time": "times of day to the second, as datetime.time, missing as None",
}
