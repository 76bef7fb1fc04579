"""Typed columns of Arrow to text, whole columns at once: nothing rounded, nothing guessed.

Numbers are written shortest, so that reading them gives the same number again, and
without an exponent. Dates and times are ISO 8601. What has no text of which one can
be sure (lists, bytes, infinite numbers) is refused.
"""

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Doubles = npt.NDArray[np.float64]

_SECONDS = 60
_MINUTES = 60


class NoTextError(ValueError):
    """A column holds values that have no text; the message says which kind."""


def text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values as text; null stays null, and NaN becomes it.

    Raises:
        NoTextError: The type, or a value, has no text.

    Example:
        >>> text_of(pa.chunked_array([[1.0, 0.1, None, 1e20]])).to_pylist()
        ['1', '0.1', None, '100000000000000000000']
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_of(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_floating(kind):
        return _numbers(column.cast(pa.float64()))
    if pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return _plain(column.cast(pa.string()))
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_time(kind):
        return _without_zeros(column.cast(pa.string()))
    if pa.types.is_timestamp(kind):
        return _moments(column)
    raise NoTextError(f"values of the type {kind}")


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pc.any(pc.is_inf(column)).as_py():
        raise NoTextError("infinite numbers")
    known = pc.if_else(pc.is_nan(column), None, column)
    # 0 + -0 is 0: the sign of nothing is no value
    return _plain(pc.add(known, 0.0).cast(pa.string()))


def _plain(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers without exponents; few have one, so they are written one by one."""
    odd = pc.match_substring_regex(texts, "[eE]")
    if not pc.any(odd).as_py():
        return texts
    distinct = pc.unique(pc.filter(texts, odd))
    written = pa.array([f"{Decimal(one):f}" for one in distinct.to_pylist()], pa.string())
    return pc.coalesce(pc.take(written, pc.index_in(texts, value_set=distinct)), texts)


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    zoned = column.type.tz is not None
    plain = column.cast(pa.timestamp(column.type.unit))
    texts = _without_zeros(pc.strftime(plain, format="%Y-%m-%dT%H:%M:%S"))
    return pc.binary_join_element_wise(texts, "Z", "") if zoned else texts


def _without_zeros(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return times without zeros at the end of a fraction of a second."""
    shorter = pc.replace_substring_regex(texts, pattern=r"(\.[0-9]*?)0+$", replacement=r"\1")
    return pc.replace_substring_regex(shorter, pattern=r"\.$", replacement="")


def days_since(origin: str, days: Doubles) -> pa.StringArray:
    """Return dates as ISO text; null where a number is no whole day of years 1 to 9999."""
    start = np.datetime64(origin, "D")
    with np.errstate(invalid="ignore"):
        low, high = (float((np.datetime64(one, "D") - start).astype(int)) for one in _LIMITS)
        fits = (days == np.floor(days)) & (days >= low) & (days <= high)
        whole = np.where(fits, days, 0).astype(np.int64)
    dates = (start + whole.astype("timedelta64[D]")).astype("datetime64[D]")
    return pc.if_else(pa.array(fits), pa.array(dates).cast(pa.string()), None)


def seconds_since(origin: str, seconds: Doubles) -> pa.StringArray:
    """Return datetimes as ISO text, to the microsecond; null where that is not all of it."""
    start = np.datetime64(origin, "us")
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = (
            (np.datetime64(one, "us") - start).astype(np.int64) / 1e6
            for one in (_LIMITS[0], f"{_LIMITS[1]}T23:59:59")
        )
        near = (seconds >= low) & (seconds <= high)
        whole = np.round(np.where(near, seconds, 0) * 1e6)
        fits = near & (whole / 1e6 == np.where(near, seconds, 0))
    moments = start + whole.astype(np.int64).astype("timedelta64[us]")
    texts = pc.strftime(pa.array(moments, pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%S")
    return pc.if_else(pa.array(fits), _without_zeros(texts), None)


def time_of_day(seconds: Doubles) -> pa.StringArray:
    """Return times as HH:MM:SS, hours beyond a day too; null for what is negative."""
    with np.errstate(invalid="ignore"):
        near = (seconds >= 0) & (seconds < 1e9)  # noqa: PLR2004  thirty years of seconds
        known = np.where(near, seconds, 0)
        micros = np.round(known * 1e6).astype(np.int64)
        fits = near & (micros / 1e6 == known)
    whole, fraction = np.divmod(micros, 1_000_000)
    minutes, second = np.divmod(whole, _SECONDS)
    hour, minute = np.divmod(minutes, _MINUTES)
    ends = pc.binary_join_element_wise(_padded(second, 2), _padded(fraction, 6), ".")
    texts = pc.binary_join_element_wise(_padded(hour, 2), _padded(minute, 2), ends, ":")
    return pc.if_else(pa.array(fits), _without_zeros(texts), None)


def _padded(numbers: npt.NDArray[np.int64], width: int) -> pa.StringArray:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")


_LIMITS = ("0001-01-01", "9999-12-31")
