"""What each verb means, one function a verb; steps are given the words after their name."""

import datetime as dt
import decimal
import math
import re

from cdisc.language import tree as t
from tests.interpreter import dates

WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
DECIMAL = decimal.Context(prec=60)
INTRODUCING = ("date", "from", "time", "flag", "seconds", "not")
TWELVE = decimal.Decimal("0.000000000001")


class Words:
    """The words after a step's name: texts, numbers and names, and what some introduce."""

    def __init__(self, given):
        self.given = list(given)

    def plain(self, at):
        """Return a word as it was typed."""
        return getattr(self.given[at], "value", None)

    def until(self, *stops):
        """Return the texts up to one of some words."""
        texts = []
        for one in self.given:
            if isinstance(one, t.Word) and one.value in stops:
                break
            texts.append(one.value)
        return texts

    def after(self, *introducing):
        """Return the nodes behind a row of words, up to the end."""
        for at in range(len(self.given)):
            part = self.given[at : at + len(introducing)]
            if [getattr(one, "value", None) for one in part if isinstance(one, t.Word)] == list(
                introducing
            ):
                return self.given[at + len(introducing) :]
        return []

    def several(self, *introducing):
        """Return the nodes behind a row of words, up to the next word that introduces."""
        found = []
        for one in self.after(*introducing):
            if isinstance(one, t.Word) and one.value in INTRODUCING:
                break
            found.append(one)
        return found

    def text(self, *introducing):
        """Return the word behind a row of words, or None."""
        behind = self.after(*introducing)
        return behind[0].value if behind else None


def words(step):
    """Return the words of a step."""
    return Words(step.arguments)


def text_step(change):
    """Return a step that changes a text; what it leaves empty is missing."""

    def step(out, node, given):
        value = out.of(node.operand)
        return None if value is None else change(value, given) or None

    return step


def _squish(value, _given):
    return re.sub("[\\s\\x00-\\x1f\u00a0\u3000]+", " ", value, flags=re.ASCII).strip(" ")


def _halfwidth(value, _given):
    return re.sub("(?<=[0-9])\u3002(?=[0-9])", ".", value.translate(WIDE))


def _serial(value, _given):
    if not re.fullmatch(r" *[2-7][0-9]{4}(\.[0-9]+)? *", value):
        return value
    seconds = math.floor(float(value) * 86400 + 0.5)
    moment = dt.datetime(1899, 12, 30, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    if "." not in value:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"


def _part(value, given):
    parts = value.split(given.text("of"))
    number = int(given.plain(0))
    return parts[number - 1] if number <= len(parts) else None


def number_of(value):
    """Return the number that a text is, or None."""
    if value is None or not re.fullmatch(
        r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value, re.ASCII
    ):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def shortest(value):
    """Return the shortest text that reads back as the number; a moment as ISO 8601."""
    if value is None:
        return None
    if isinstance(value, dt.date):  # a datetime is a date
        return dates.Dtc(value.isoformat())
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(decimal.Decimal(repr(value)), "f") if abs(value) < 1e-3 else repr(value)


def rounded(value, digits):
    """Return a number rounded half away from zero, on its first twelve decimals."""
    if value is None or abs(value) >= 1e26:
        return value
    exact = decimal.Decimal(value).quantize(TWELVE, decimal.ROUND_HALF_UP, DECIMAL)
    place = decimal.Decimal(1).scaleb(-digits)
    return float(exact.quantize(place, decimal.ROUND_HALF_UP, DECIMAL))


def _map(out, node, given):
    value = out.of(node.operand)
    plain = [one.value for one in given.given]
    pairs = dict(zip(plain[0::3], plain[2::3], strict=True))
    other, none = pairs.pop("other", None), pairs.pop("none", None)
    return (none if value is None else pairs.get(value, other)) or None


def _lookup(out, node, given):
    key = out.of(node.operand)
    found = out.study.tables[given.plain(0)][given.plain(1)].get(key) if key else None
    return found or None


def _rank(out, node, given):
    listed, value = given.until("else"), out.of(node.operand)
    return float(listed.index(value) + 1) if value in listed else None


def _one_or_multiple(out, node):
    there = {value for one in node.arguments if (value := out.of(one)) is not None}
    return "MULTIPLE" if len(there) > 1 else next(iter(there), None)


def _iso(out, node, given):
    forms = given.until("unknown", "pivot", "else")
    unknown = []
    for one in given.after("unknown"):
        if isinstance(one, t.Word):
            break
        unknown.append(one.value)
    pivot = given.text("pivot")
    value = out.of(node.operand)
    return None if value is None else dates.iso(value, forms, unknown, pivot and int(pivot))


def _imputation(out, node, given):
    """Return the operand and what `impute` is told."""
    date, time = given.text("date"), given.text("time")
    highest = given.text("from") or ("hour" if time else "day")
    bounds = [
        (side, out.of(one))
        for side, word in (("lower", "before"), ("upper", "after"))
        for one in given.several("not", word)
    ]
    return out.of(node.operand), date, time, highest, bounds


def _flag(part):
    def step(out, node, given):
        told = _imputation(out, node, given)
        if dates.impute(*told) is None:
            return None
        found = dates.flag(told[0], part)
        return None if found == "S" and given.text("seconds") else found

    return step


STEPS = {
    "squish": text_step(_squish),
    "upper": text_step(lambda value, _given: value.upper()),
    "lower": text_step(lambda value, _given: value.lower()),
    "halfwidth": text_step(_halfwidth),
    "serial": text_step(_serial),
    "part": text_step(_part),
    "replace": text_step(lambda value, given: value.replace(given.plain(0), given.text("by"))),
    "num": lambda out, node, _given: number_of(out.of(node.operand)),
    "text": lambda out, node, _given: shortest(out.of(node.operand)),
    "round": lambda out, node, given: rounded(out.of(node.operand), int(given.plain(0))),
    "date": lambda out, node, _given: dates.date_of(out.of(node.operand)),
    "map": _map,
    "lookup": _lookup,
    "rank": _rank,
    "iso": _iso,
    "impute": lambda out, node, given: dates.impute(*_imputation(out, node, given)),
    "date_flag": _flag("date"),
    "time_flag": _flag("time"),
}


def _substr(out, node):
    value, start, length = (out.of(one) for one in node.arguments)
    if value is None or start is None or length is None:
        return None
    return value[int(start) - 1 : int(start) - 1 + int(length)] or None


def _coalesce(out, node):
    return next((one for one in map(out.of, node.arguments) if one is not None), None)


def _extreme(*, latest):
    return lambda out, node: dates.extreme(map(out.of, node.arguments), latest=latest)


def _study_day(out, node):
    start = node.arguments[1] if len(node.arguments) > 1 else t.Ref(qualifier="DM", name="RFSTDTC")
    return dates.study_day(dates.date_of(out.of(node.arguments[0])), dates.date_of(out.of(start)))


def _age(out, node):
    birth, day = (dates.date_of(out.of(one)) for one in node.arguments)
    return dates.age(birth, day)


def _range_flag(out, node):
    value, low, high = (out.of(one) for one in node.arguments)
    if value is None or (low is None and high is None):
        return None
    if low is not None and value < low:
        return "LOW"
    return "HIGH" if high is not None and value > high else "NORMAL"


def band_at(value, labels):
    """Return the place of the first band that a number falls into, from 1, or None."""
    for place, label in enumerate(labels, start=1):
        limit = re.fullmatch(r"(<=|>=|<|>)(\d+)", label)
        if limit:
            bound = float(limit[2])
            inside = {
                "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound
            }[limit[1]]  # fmt: skip
        else:
            low, open_end, high = re.fullmatch(r"(\d+)-(<?)(\d+)", label).groups()
            inside = float(low) <= value
            inside &= value < float(high) if open_end else value <= float(high)
        if inside:
            return place
    return None


def _bands(out, node):
    value = out.of(node.arguments[0])
    labels = [one.value for one in node.arguments[1:]]
    place = None if value is None else band_at(value, labels)
    return labels[place - 1] if place else None


def _band_number(out, node):
    value = out.of(node.arguments[0])
    place = None if value is None else band_at(value, [one.value for one in node.arguments[1:]])
    return float(place) if place else None


def _between(measure):
    def call(out, node):
        start, end, unit = node.arguments
        return measure(out.of(start), out.of(end), unit.value)

    return call


def _number(function):
    """Return a function of numbers; where there is no result that a double holds, missing."""

    def call(out, node):
        values = [out.of(one) for one in node.arguments]
        if None in values:
            return None
        try:
            result = function(*values)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return result if math.isfinite(result) else None

    return call


def _mean(out, node):
    there = [one for one in map(out.of, node.arguments) if one is not None]
    return sum(there) / len(there) if there else None


CALLS = {
    "substr": _substr,
    "coalesce": _coalesce,
    "one_or_multiple": _one_or_multiple,
    "earliest": _extreme(latest=False),
    "latest": _extreme(latest=True),
    "least": _extreme(latest=False),
    "greatest": _extreme(latest=True),
    "average": _mean,
    "abs": _number(abs),
    "sqrt": _number(math.sqrt),
    "power": _number(math.pow),
    "exp": _number(math.exp),
    "log": _number(math.log),
    "log10": _number(math.log10),
    "floor": _number(lambda x: float(math.floor(x))),
    "ceil": _number(lambda x: float(math.ceil(x))),
    "mod": _number(lambda x, y: x - y * math.trunc(x / y)),
    "date": lambda out, node: dates.date_of(out.of(node.arguments[0])),
    "study_day": _study_day,
    "age": _age,
    "duration": _between(dates.duration),
    "elapsed": _between(dates.elapsed),
    "completed": _between(dates.completed),
    "range_flag": _range_flag,
    "bands": _bands,
    "band_number": _band_number,
    "yn": lambda out, node: "Y" if out.of(node.arguments[0]) else "N",
}
