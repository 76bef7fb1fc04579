"""From records of days, numbers and codes to the texts that a file holds.

A record table is a mapping from field to array of shape (n,); a rendered table is
a mapping from column name to an object array of texts, the empty text for missing.
"""

from collections.abc import Callable

import numpy as np

from cdisc.simulate.model import DAY, NEVER, Array, Words

Records = dict[str, Array]
Table = dict[str, Array]

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def texts(values: Array, say: Callable[[int], str]) -> Array:
    """Say each distinct whole number once and spread the texts; missing days are empty."""
    distinct, place = np.unique(values, return_inverse=True)
    said = np.array([say(int(one)) for one in distinct], dtype=object)
    if not len(said):
        return np.empty(0, dtype=object)
    return np.asarray(said[place.reshape(values.shape)])


def iso_day(day: int) -> str:
    """Return ISO 8601 text of a day; the empty text for a day that never comes."""
    return "" if day >= NEVER else str(np.datetime64(day, "D"))


def edc_day(day: int) -> str:
    """Return the date as the EDC prints it, ``09-MAY-2026``."""
    if day >= NEVER:
        return ""
    year, month, date = iso_day(day).split("-")
    return f"{date}-{_MONTHS[int(month) - 1]}-{year}"


def lis_day(day: int) -> str:
    """Return the date as the hospital prints it, ``2026/5/9``."""
    year, month, date = iso_day(day).split("-")
    return f"{year}/{int(month)}/{int(date)}"


def dotted_day(day: int) -> str:
    """Return the date as the flow laboratory prints it, ``09.05.2026``."""
    if day >= NEVER:
        return ""
    year, month, date = iso_day(day).split("-")
    return f"{date}.{month}.{year}"


def clock(minute: int) -> str:
    """Return the time of day as ``07:05``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def moments(minutes: Array, say_day: Callable[[int], str], between: str = " ") -> Array:
    """Render minutes since 1970 as date and time; missing where the day never comes."""
    day = texts(np.minimum(minutes // DAY, NEVER), say_day)
    time = texts(minutes % DAY, clock)
    return np.where(minutes >= NEVER * DAY, "", day + between + time).astype(object)


def numbers(values: Array, decimals: int) -> Array:
    """Render numbers with so many decimals, halves away from zero."""
    power = 10**decimals
    scaled = np.round(rounded(np.asarray(values, dtype=float), decimals) * power)
    return texts(scaled.astype(np.int64), lambda one: _decimal(one, decimals))


def _decimal(scaled: int, decimals: int) -> str:
    sign, whole = "-" * (scaled < 0), abs(scaled)
    power: int = 10**decimals
    tail = f".{whole % power:0{decimals}d}" if decimals else ""
    return f"{sign}{whole // power}{tail}"


def rounded(values: Array, decimals: Array | int) -> Array:
    """Round to so many decimals, halves away from zero."""
    power = 10.0**decimals
    return np.copysign(np.floor(np.abs(values) * power + 0.5 + 1e-9) / power, values)


def by_decimals(values: Array, decimals: Array) -> Array:
    """Render each number with its own count of decimals."""
    said = np.empty(len(values), dtype=object)
    for count in np.unique(decimals):
        here = decimals == count
        said[here] = numbers(values[here], int(count))
    return said


def render(records: Records, columns: Words, codelists: Words) -> Table:
    """Render a record table as the columns of a form say."""
    table: Table = {}
    for name, (field, kind, *argument) in columns.items():
        values = records[field]
        if kind == "code":
            codes = values.astype(object)
            terms = codelists[argument[0]]
            table[name] = codes
            table[f"{name}_D"] = decoded(codes, terms)
        else:
            table[name] = _KINDS[kind](values)
    return table


def decoded(codes: Array, terms: Words) -> Array:
    """Return the decode of each code, empty for an empty code."""
    return np.array([terms[code] if code else "" for code in codes], dtype=object)


def system_columns(records: Records, form: str, words: Words, ids: Words) -> Table:
    """Return the columns that the EDC puts before those of every form.

    Args:
        records: Table with ``subject`` and ``event``; sorted by subject.
        form: Name of the form.
        words: Names of the system columns.
        ids: ``study``, and per screened subject ``site``, ``label`` and ``saved`` (day).
    """
    subject = records["subject"]
    size = len(subject)
    row = _within(subject)
    saved = (records["saved"] + 1) * DAY + 8 * 60 + (subject * 37 + row * 11) % 540
    values = {
        "study": np.full(size, ids["study"], dtype=object),
        "site": ids["site"][subject],
        "subject": ids["label"][subject],
        "event": records["event"].astype(object),
        "sequence": texts(records.get("sequence", np.ones(size, dtype=np.int64)), str),
        "form": np.full(size, form, dtype=object),
        "row": texts(row, str),
        "saved": moments(saved, edc_day),
    }
    return {words[name]: value for name, value in values.items()}


def _within(subject: Array) -> Array:
    """Number the records of each subject from 1; `subject` is sorted."""
    if not len(subject):
        return np.empty(0, dtype=np.int64)
    first = np.flatnonzero(np.r_[True, subject[1:] != subject[:-1]])
    count = np.diff(np.r_[first, len(subject)])
    return np.asarray(np.arange(len(subject)) - np.repeat(first, count) + 1)


def _as_text(values: Array) -> Array:
    if values.dtype == object:
        return values
    return values.astype(str).astype(object)


_KINDS: dict[str, Callable[[Array], Array]] = {
    "text": _as_text,
    "date": lambda values: texts(values, edc_day),
    "dotted": lambda values: texts(values, dotted_day),
    "day": lambda values: texts(values, iso_day),
    "moment": lambda values: moments(values, edc_day),
    "iso": lambda values: moments(values, iso_day, "T"),
}
