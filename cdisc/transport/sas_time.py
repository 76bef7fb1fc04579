"""SAS counts days and seconds from 1960-01-01, Arrow from 1970-01-01."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import ARROW_TYPES, Kind

DAYS: Final = 3653
"""Days from 1960-01-01 to 1970-01-01."""

SECONDS: Final = DAYS * 86_400

_INTEGERS: Final[dict[Kind, tuple[pa.DataType, int]]] = {
    "date": (pa.int32(), DAYS),
    "datetime": (pa.int64(), SECONDS),
    "time": (pa.int32(), 0),
}
_RANGES: Final[dict[Kind, tuple[float, float]]] = {
    "date": (-(2.0**31), 2.0**31 - 1),
    "datetime": (-(2.0**53), 2.0**53),
    "time": (0.0, 86_399.0),
}


def seconds_or_days(values: pa.Array) -> npt.NDArray[np.float64]:
    """Return numbers as they are, dates and times as SAS counts them; missing as any number.

    Example:
        >>> seconds_or_days(pa.array([0, -3653], pa.date32())).tolist()
        [3653.0, 0.0]
    """
    shift = 0
    for kind, (integer, days_or_seconds) in _INTEGERS.items():
        if values.type == ARROW_TYPES[kind]:
            values, shift = values.cast(integer), days_or_seconds
    plain = pc.fill_null(values, 0) if values.null_count else values
    numbers: npt.NDArray[np.float64] = plain.to_numpy(zero_copy_only=False).astype(np.float64)
    return numbers + shift if shift else numbers


def as_kind(numbers: pa.ChunkedArray, kind: Kind) -> pa.ChunkedArray | None:
    """Return SAS numbers as Arrow dates or times, or None if that would lose something.

    A SAS date may have a fraction, a time may be longer than a day: such a
    column cannot be a date or a time here.
    """
    integer, shift = _INTEGERS[kind]
    least, most = _RANGES[kind]
    parts = []
    for chunk in numbers.chunks:
        values = pc.fill_null(chunk, shift).to_numpy(zero_copy_only=False) - shift
        if not ((values == np.floor(values)) & (values >= least) & (values <= most)).all():
            return None
        whole = pa.array(
            values.astype(np.int64), integer, mask=chunk.is_null().to_numpy(zero_copy_only=False)
        )
        parts.append(whole.cast(ARROW_TYPES[kind]))
    return pa.chunked_array(parts, ARROW_TYPES[kind])
