"""Which ISO 8601 texts are well formed, and between which instants each lies.

A date may be complete, cut on the right (``2026-05``) or have components left
out, each as a hyphen (``2026---14``: the month is unknown). Everything here
works on whole columns; a missing value stays missing.
"""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from cdisc.validate.columns import Column, pc

_DATETIME = (
    r"^(?P<year>\d{4}|-)(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}|-)"
    r"(?:T(?P<hour>\d{2}|-)(?::(?P<minute>\d{2}|-)(?::(?P<second>\d{2})(?P<fraction>\.\d+)?)?)?"
    r"(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?$"
)
_AMOUNT = r"\d+(?:[.,]\d+)?"
_DURATION = (
    rf"^-?P(?:{_AMOUNT}W|(?:{_AMOUNT}Y)?(?:{_AMOUNT}M)?(?:{_AMOUNT}D)?"
    rf"(?:T(?:{_AMOUNT}H)?(?:{_AMOUNT}M)?(?:{_AMOUNT}S)?)?)$"
)
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_HOUR_24 = 24
_SIXTY = 60
_FEBRUARY = 2
_LEAP_DAY = 29
_STEPS = (
    np.timedelta64(1, "D"),
    np.timedelta64(1, "h"),
    np.timedelta64(1, "m"),
    np.timedelta64(1, "s"),
)
_MICROSECOND = np.timedelta64(1, "us")

Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Instants = np.ndarray[tuple[int], np.dtype[np.datetime64]]


@dataclasses.dataclass(frozen=True, slots=True)
class Dates:
    """Texts read as dates, all arrays of shape (n,).

    Attributes:
        present: Not missing.
        formed: The text has the form of a date.
        real: The date and the time of day exist.
        complete: Year, month and day are known, and real.
        day: The date, datetime64[D]; NaT unless complete.
        earliest: First instant that the text may mean, datetime64[us]; NaT unless known.
        latest: Last instant that the text may mean, datetime64[us].
        zone: Offset from UTC as written, empty where none is.
    """

    present: Bools
    formed: Bools
    real: Bools
    complete: Bools
    day: Instants
    earliest: Instants
    latest: Instants
    zone: "np.ndarray[tuple[int], np.dtype[np.object_]]"


def read_dates(values: Column) -> Dates:
    """Read ISO 8601 dates and times, complete, partial or with parts left out.

    Args:
        values: Text, shape (n,); missing values are allowed.

    Returns:
        What is known of each text.

    Source:
        SDTMIG v3.4, sections 4.4.1 and 4.4.2.

    Example:
        >>> read = read_dates(pa.array(["2026-02-30", "2026---14", "2026-05", "14MAY2026"]))
        >>> read.formed.tolist(), read.real.tolist()
        ([True, True, True, False], [False, True, True, False])
    """
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    coded = array.dictionary_encode()
    texts, index = coded.dictionary, coded.indices
    once = _read(texts)
    present = np.asarray(index.is_valid())
    # A missing value takes the place of one more, empty text at the end.
    take = np.asarray(pc.fill_null(index, len(texts)))

    def spread(name: str, filler: object) -> Any:
        once_each = getattr(once, name)
        return np.append(once_each, np.array([filler], once_each.dtype))[take]

    return Dates(
        present=present,
        formed=spread("formed", filler=False),
        real=spread("real", filler=False),
        complete=spread("complete", filler=False),
        day=spread("day", "NaT"),
        earliest=spread("earliest", "NaT"),
        latest=spread("latest", "NaT"),
        zone=spread("zone", ""),
    )


def _read(texts: Column) -> Dates:
    parts = pc.extract_regex(texts, _DATETIME)
    formed = np.asarray(
        pc.and_(parts.is_valid(), pc.invert(pc.match_substring_regex(texts, r"-$")))
    ).astype(bool)
    year, month, day, hour, minute, second = (
        _number(parts, name) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    real = formed & _exists(year, month, day) & _is_time(hour, minute, second)
    complete = real & (year >= 0) & (month >= 0) & (day >= 0)
    fraction = pc.struct_field(parts, "fraction")
    micro = pc.cast(pc.replace_with_mask(fraction, _blank(fraction), "0"), pa.float64())
    earliest, latest = _bounds(
        real, (year, month, day, hour, minute, second), np.asarray(pc.fill_null(micro, 0.0))
    )
    dates = np.where(complete, earliest, np.datetime64("NaT")).astype("datetime64[D]")
    zone = np.asarray(pc.fill_null(pc.struct_field(parts, "zone"), "").to_pylist(), dtype=object)
    return Dates(np.ones(len(texts), bool), formed, real, complete, dates, earliest, latest, zone)


def _blank(values: Column) -> Column:
    return pc.fill_null(pc.equal(values, ""), fill_value=False)


def _number(parts: pa.StructArray, name: str) -> Ints:
    """Return a component as a whole number, -1 where it is unknown or not written."""
    text = pc.struct_field(parts, name)
    unknown = pc.or_(_blank(text), pc.fill_null(pc.equal(text, "-"), fill_value=False))
    number = pc.cast(pc.replace_with_mask(text, unknown, "-1"), pa.int64())
    return np.asarray(pc.fill_null(number, -1))


def _exists(year: Ints, month: Ints, day: Ints) -> Bools:
    most = _DAYS[np.clip(month, 0, 12)]
    most = np.where(month < 0, 31, most)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)) | (year < 0)
    most = np.where((month == _FEBRUARY) & ~leap, _LEAP_DAY - 1, most)
    known_month = (month < 0) | ((month >= 1) & (month <= len(_DAYS) - 1))
    return known_month & ((day < 0) | ((day >= 1) & (day <= most)))


def _is_time(hour: Ints, minute: Ints, second: Ints) -> Bools:
    clock: Bools = (hour < _HOUR_24) & (minute < _SIXTY) & (second < _SIXTY)
    midnight: Bools = (hour == _HOUR_24) & (minute <= 0) & (second <= 0)
    return clock | midnight


def _bounds(
    real: Bools,
    parts: tuple[Ints, Ints, Ints, Ints, Ints, Ints],
    fraction: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> tuple[Instants, Instants]:
    """Return first and last instant; only components before the first gap count."""
    earliest = np.full(len(real), np.datetime64("NaT", "us"))
    latest = earliest.copy()
    known = real & (parts[0] >= 0)
    months = (parts[0] - 1970) * 12
    start = months.astype("datetime64[M]").astype("datetime64[us]")
    end = (months + 12).astype("datetime64[M]").astype("datetime64[us]")
    earliest[known], latest[known] = start[known], end[known]
    known &= parts[1] >= 0
    start = (months + parts[1] - 1).astype("datetime64[M]")
    earliest[known] = start.astype("datetime64[us]")[known]
    latest[known] = (start + 1).astype("datetime64[us]")[known]
    for amount, part, one in zip((parts[2] - 1, *parts[3:]), parts[2:], _STEPS, strict=True):
        known &= part >= 0
        earliest[known] += amount[known] * one
        latest[known] = earliest[known] + one
    exact = known & (fraction > 0)
    earliest[exact] += np.round(fraction[exact] * 1e6).astype("timedelta64[us]")
    latest[exact] = earliest[exact] + _MICROSECOND
    return earliest, latest - _MICROSECOND


def is_duration(values: Column) -> Bools:
    """Say which texts are ISO 8601 durations; missing is no.

    Source:
        SDTMIG v3.4, section 4.4.3, Intervals of Time and Use of Duration.

    Example:
        >>> is_duration(pa.array(["P3DT2H", "-PT15M", "P", "3 days"])).tolist()
        [True, True, False, False]
    """
    formed = pc.and_(
        pc.match_substring_regex(values, _DURATION),
        pc.match_substring_regex(values, r"[A-Z]\d|P\d"),
    )
    whole = pc.and_(formed, pc.invert(pc.match_substring_regex(values, r"T$")))
    return np.asarray(pc.fill_null(whole, fill_value=False)).astype(bool)


def is_interval(values: Column) -> Bools:
    """Say which texts are two dates, or a date and a duration, around a slash.

    Example:
        >>> is_interval(pa.array(["2026-01-01/2026-01-03", "P3D/2026-01", "P1D/P1D"])).tolist()
        [True, True, False]
    """
    parts = pc.extract_regex(values, r"^(?P<start>[^/]+)/(?P<end>[^/]+)$")
    ends = [pc.struct_field(parts, name) for name in ("start", "end")]
    dates = [read_dates(end).real for end in ends]
    durations = [is_duration(end) for end in ends]
    both = dates[0] & dates[1]
    return both | (dates[0] & durations[1]) | (durations[0] & dates[1])
