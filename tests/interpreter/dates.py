"""Dates as the reference of the language means them: as far as they are known, from the left."""

import calendar
import datetime as dt
import re

MONTHS = "january february march april may june july august september october november december"
PARTS = ("year", "month", "day", "hour", "minute", "second")
_ISO = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2}))?)?)?)?)?", re.ASCII
)
_PIECE = re.compile(r"mmm|dd?|mm?|yyyy|yy?|HH?|MM?|SS?|.", re.ASCII)
_DIGITS = {
    "d": ("day", "1,2"), "dd": ("day", "2"), "m": ("month", "1,2"), "mm": ("month", "2"),
    "y": ("year", "4"), "yyyy": ("year", "4"), "yy": ("short", "2"), "H": ("hour", "1,2"),
    "HH": ("hour", "2"), "M": ("minute", "1,2"), "MM": ("minute", "2"), "S": ("second", "1,2"),
    "SS": ("second", "2"),
}  # fmt: skip


class Dtc(str):
    """An ISO 8601 text, which has an order of its own."""

    __slots__ = ()


def moment_first(dtc):
    """Return what puts dates in order: the earliest moment, then how much is known."""
    parts = known(dtc)
    return (*parts, *(0, 1, 1, 0, 0, 0)[len(parts) :]), len(parts)


def extreme(values, *, latest):
    """Return the earliest or the latest of values; of equal moments the most complete."""
    there = [one for one in values if one is not None]
    if not there or not all(isinstance(one, Dtc) for one in there):
        return (max if latest else min)(there, default=None)

    def place(one):
        moment, size = moment_first(one)
        return (moment, size if latest else -size, str(one))

    return (max if latest else min)(there, key=place)


def known(dtc):
    """Return what is known of an ISO 8601 text, from the left, up to the first hole."""
    if isinstance(dtc, dt.datetime):
        return (dtc.year, dtc.month, dtc.day, dtc.hour, dtc.minute, dtc.second)
    if isinstance(dtc, dt.date):
        return (dtc.year, dtc.month, dtc.day)
    found = _ISO.match(dtc)
    return tuple(int(one) for one in found.groups() if one is not None) if found else ()


def compare(operator, left, right):
    """Return whether one moment is before or after another, as far as both are known."""
    if left is None or right is None:
        return False
    if "after" in operator:
        left, right = right, left
    a, b = known(left), known(right)
    if not isinstance(left, str) and not isinstance(right, str) and len(a) != len(b):
        a, b = a[:3], b[:3]  # a date and a date with time are compared by day
    both = min(len(a), len(b))
    if a[:both] != b[:both]:
        return a[:both] < b[:both]
    if operator.startswith("on or"):
        return both >= 3
    return False


def date_of(value):
    """Return the date of a complete date, or None."""
    if value is None:
        return None
    parts = known(value)
    return dt.date(*parts[:3]) if len(parts) >= 3 else None


def study_day(day, start):
    """Return the day, counted from the first, which is 1; there is no day 0."""
    if day is None or start is None:
        return None
    days = (day - start).days
    return float(days + 1 if days >= 0 else days)


def age(birth, day):
    """Return completed years."""
    if birth is None or day is None:
        return None
    years = day.year - birth.year
    return float(years - 1 if (day.month, day.day) < (birth.month, birth.day) else years)


def in_month(year, month, day):
    """Return a day of a month, or the last of a month that is shorter."""
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def filled(parts, day, clock, highest):
    """Return the date, or date with time, that parts are filled to; None if too much is missing.

    Args:
        parts: What is known, from the left.
        day: Month and day to fill with, by what is missing.
        clock: Hour, minute and second to fill with, or None for a date alone.
        highest: Number of the highest part that may be filled.
    """
    here = len(parts)
    if here < highest or here == 0:
        return None
    if here >= 3:
        date = dt.date(*parts[:3])
    else:
        date = in_month(parts[0], *((parts[1], day["day"]) if here == 2 else day["month"]))
    if clock is None:
        return date
    time = (*parts[3:], *clock[here - 3 if here > 3 else 0 :])
    return dt.datetime(date.year, date.month, date.day, *time)  # noqa: DTZ001  no time zones


def days(word):
    """Return day of a month, and month and day of a year, that a word fills with."""
    known = {"first": (1, (1, 1)), "mid": (15, (6, 30)), "last": (31, (12, 31))}
    if word in known:
        return {"day": known[word][0], "month": known[word][1]}
    month, day = word.split("-")
    return {"day": int(day), "month": (int(month), int(day))}


def clocks(word):
    """Return the time that a word fills with."""
    known = {None: None, "first": (0, 0, 0), "last": (23, 59, 59)}
    return known[word] if word in known else tuple(int(one) for one in word.split(":"))


def limit(bound, *, time, end):
    """Return a bound as what it bounds: a date as the first or the last second of its day."""
    if bound is None:
        return None
    if not time:
        return dt.date(bound.year, bound.month, bound.day)
    if isinstance(bound, dt.datetime):
        return bound
    clock = (23, 59, 59) if end else (0, 0, 0)
    return dt.datetime(bound.year, bound.month, bound.day, *clock)  # noqa: DTZ001  no time zones


def impute(dtc, date, time, highest, bounds):
    """Return a partial date made complete within its period.

    Args:
        dtc: The date as far as it is known, or None.
        date: Word that says how parts of the date are filled, or None.
        time: The same of the time; None makes a date.
        highest: The highest part that may be filled.
        bounds: Side, ``lower`` or ``upper``, and value of each bound.
    """
    parts = known(dtc) if dtc else ()
    level = PARTS.index(highest)
    result = filled(parts, days(date or "first"), clocks(time), level)
    timed = time is not None
    earliest = filled(parts, days("first"), (0, 0, 0) if timed else None, level)
    latest = filled(parts, days("last"), (23, 59, 59) if timed else None, level)
    for side, bound in bounds:
        wanted = limit(bound, time=timed, end=side == "upper")
        if wanted is None or (earliest is None and highest != "year"):
            continue
        if earliest is None:
            result = wanted if result is None else (max if side == "lower" else min)(result, wanted)
        elif earliest <= wanted <= latest:
            result = (max if side == "lower" else min)(result, wanted)
    return result


def flag(dtc, part):
    """Return the highest part of the date or the time that has to be filled."""
    here = len(known(dtc)) if dtc else 0
    if part == "date":
        return {0: "Y", 1: "M", 2: "D"}.get(here)
    return {4: "M", 5: "S", 6: None}.get(here, "H")


# durations --------------------------------------------------------------------------

LENGTH = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
SECONDS = {"hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


def duration(start, end, unit):
    """Return the time between two dates with both counted."""
    between = study_day(date_of(end), date_of(start))
    return None if between is None else between / LENGTH[unit]


def moment(value):
    """Return a moment that is known at least to the minute."""
    if value is None or isinstance(value, dt.datetime):
        return value
    parts = known(value)
    return dt.datetime(*parts) if len(parts) >= 5 else None  # noqa: DTZ001  no time zones


def elapsed(start, end, unit):
    """Return the time that has passed between two dates, or between two times."""
    if unit in SECONDS:
        start, end = moment(start), moment(end)
        if start is None or end is None:
            return None
        return (end - start).total_seconds() / SECONDS[unit]
    start, end = date_of(start), date_of(end)
    return None if start is None or end is None else (end - start).days / LENGTH[unit]


def completed(start, end, unit):
    """Return completed units of the calendar."""
    start, end = date_of(start), date_of(end)
    if start is None or end is None:
        return None
    if end < start:
        return -completed(end, start, unit) or 0.0
    if unit in ("days", "weeks"):
        return float((end - start).days // int(LENGTH[unit]))
    months = 12 * (end.year - start.year) + end.month - start.month - (end.day < start.day)
    return float(months if unit == "months" else months // 12)


# collected dates -----------------------------------------------------------------


def _pattern(form, unknown):
    pattern, names = "", []
    other = "".join(f"|{re.escape(one)}" for one in unknown)
    for piece in _PIECE.findall(form):
        if piece == "mmm":
            months = "|".join(f"{one[:3]}(?:{one[3:]})?" for one in MONTHS.split())
            names.append("month")
            pattern += f"({months}|sept{other})"
        elif piece in _DIGITS:
            name, digits = _DIGITS[piece]
            names.append(name)
            pattern += rf"(\d{{{digits}}}{other})"
        else:
            pattern += r"\s+" if piece == " " else re.escape(piece)
    return re.compile(rf"\s*{pattern}\s*", re.IGNORECASE | re.ASCII), names


def _number(name, text, pivot):
    if name == "month" and text[:1].isalpha():
        names = [one[:3] for one in MONTHS.split()]
        return names.index(text[:3].lower()) + 1 if text[:3].lower() in names else None
    if not text.isdecimal():
        return None
    if name == "short":
        return pivot + (int(text) - pivot) % 100
    return int(text)


def read(text, forms, unknown, pivot=None):
    """Return the parts of a collected text by the first form that it has, or None."""
    for form in forms:
        pattern, names = _pattern(form, unknown)
        found = pattern.fullmatch(text)
        if found:
            tokens = {one.lower() for one in unknown}
            return {
                "year" if name == "short" else name: None
                if part.lower() in tokens
                else _number(name, part, pivot)
                for name, part in zip(names, found.groups(), strict=True)
            }
    if text.strip().lower() in {one.lower() for one in unknown}:
        return {}
    return None


def possible(parts):
    """Return whether there is such a day and such a time."""
    month, day = parts.get("month"), parts.get("day")
    if month is not None and not 1 <= month <= 12:
        return False
    if day is not None:
        year = parts.get("year") or 2000
        longest = 31 if month is None else calendar.monthrange(year, month)[1]
        if not 1 <= day <= longest:
            return False
    if parts.get("hour") == 24:
        return not parts.get("minute") and not parts.get("second")
    return all(
        parts.get(name) is None or parts[name] <= most
        for name, most in (("hour", 23), ("minute", 59), ("second", 59))
    )


def written(parts):
    """Return parts as ISO 8601, each in its place, a hyphen for one that is not known."""
    if parts.get("hour") == 24:
        day = dt.date(parts["year"], parts["month"], parts["day"]) + dt.timedelta(days=1)
        return f"{day}T00:00"
    shown = [
        None if parts.get(name) is None else f"{parts[name]:0{4 if name == 'year' else 2}}"
        for name in PARTS
    ]
    if all(one is None for one in shown):
        return None
    date, time = shown[:3], shown[3:]
    if all(one is None for one in time):
        while date[-1] is None:
            date.pop()
        return "-".join(one or "-" for one in date)
    while time[-1] is None:
        time.pop()
    return "-".join(one or "-" for one in date) + "T" + ":".join(one or "-" for one in time)


def iso(text, forms, unknown, pivot=None):
    """Return a collected text as ISO 8601, or None if no form fits or there is no such day."""
    parts = read(text, forms, unknown, pivot)
    made = written(parts) if parts is not None and possible(parts) else None
    return None if made is None else Dtc(made)
