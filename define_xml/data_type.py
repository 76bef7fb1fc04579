"""Data types of Define-XML: which one describes a variable, and whether a stated one fits.

The type of ISO 8601 text is found from the values themselves: every distinct value has
a shape, and a type is the set of shapes that it admits.

Source:
    Define-XML 2.1 and ODM 1.3.2, data types of ItemDef.
"""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Variable

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_SECONDS = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
_PART = "([0-9]{2}|-)"
_GAP_DATE = f"([0-9]{{4}}|-)-{_PART}(-{_PART})?"
_GAP_TIME = rf"T{_PART}(:{_PART}(:([0-9]{{2}}(\.[0-9]+)?|-))?)?{_ZONE}"
_DURATION = r"[+-]?P(T?[0-9]+(\.[0-9]+)?[YMWDHS])+"

# Order matters: a value takes the first shape that it matches.
_SHAPES = {
    "date": _DATE,
    "datetime": f"{_DATE}T{_SECONDS}{_ZONE}",
    "date part": r"[0-9]{4}(-[0-9]{2})?",
    "datetime part": f"{_DATE}T[0-9]{{2}}(:[0-9]{{2}})?{_ZONE}",
    "time": f"{_SECONDS}{_ZONE}",
    "time part": f"[0-9]{{2}}(:[0-9]{{2}})?{_ZONE}",
    "duration": _DURATION,
    "interval": "[^/]+/[^/]+",
    "gap": f"{_GAP_DATE}({_GAP_TIME})?",
}
_PARTIAL_DATE = frozenset({"date", "date part"})
_PARTIAL_DATETIME = _PARTIAL_DATE | {"datetime", "datetime part"}

# Narrowest first: the first that admits every shape describes the values.
_ADMITS: dict[str, frozenset[str]] = {
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime"}),
    "time": frozenset({"time"}),
    "partialDate": _PARTIAL_DATE,
    "partialTime": frozenset({"time", "time part"}),
    "partialDatetime": _PARTIAL_DATETIME,
    "incompleteDatetime": _PARTIAL_DATETIME | {"gap"},
    "durationDatetime": frozenset({"duration"}),
    "intervalDatetime": frozenset({"interval"}),
}
_MOST_DIGITS = 17
_TEXT = frozenset({"text", "string"})
_WRITTEN = {
    "integer": r"^[+-]?[0-9]+$",
    "float": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$",
}
_FLOAT = frozenset({"float", "double"})

# The --DTC, --DUR ... templates of the SDTM model hold ISO 8601 text; the type of a
# variable without values is that of its template.
_ISO_8601 = re.compile(r".+(?P<date>DTC)|.+(DUR|ELTM|LINT|STINT|ENINT)")
_DURATIONS = ("durationDatetime", "intervalDatetime")
_DATES = tuple(name for name in _ADMITS if name not in _DURATIONS)


def compute_data_type(variable: Variable, column: "pa.ChunkedArray[Any]") -> str:
    """Return the narrowest Define-XML data type of a variable.

    Args:
        variable: The variable; the suffix of its name tells ISO 8601 text from other text.
        column: Its values, of the type of `variable.kind`; missing values take no part.

    Returns:
        ``integer`` or ``float`` for what a transport file stores as a number, dates
        included; the narrowest date, time or duration type for ISO 8601 text; ``text`` for
        other text and for ISO 8601 text of unlike kinds. Without values, ``datetime`` or
        ``durationDatetime``.
    """
    if variable.kind != "text":
        whole = variable.kind != "number" or variable.integer
        return "integer" if whole else "float"
    template = _ISO_8601.fullmatch(variable.name)
    if template is None:
        return "text"
    candidates = _DATES if template["date"] else _DURATIONS
    found = shapes(column)
    if not found:
        return "datetime" if template["date"] else "durationDatetime"
    return next((name for name in candidates if found <= _ADMITS[name]), "text")


def fits(data_type: str, variable: Variable, column: "pa.ChunkedArray[Any]") -> bool:
    """Say whether a stated data type holds for every value; missing values fit always."""
    if variable.kind != "text":
        if data_type in _FLOAT:
            return True
        whole = variable.kind != "number" or significant_digits(column) == 0
        return data_type == "integer" and whole
    if data_type in _TEXT:
        return True
    return data_type in _ADMITS and shapes(column) <= _ADMITS[data_type]


def fits_as_written(data_type: str, variable: Variable, column: "pa.ChunkedArray[Any]") -> bool:
    """Say whether a data type holds for the values of one test; their text may be numbers."""
    if variable.kind != "text" or data_type not in _WRITTEN:
        return fits(data_type, variable, column)
    values = pc.unique(column.drop_null())
    return bool(pc.all(pc.match_substring_regex(values, _WRITTEN[data_type])).as_py())


def shapes(column: "pa.ChunkedArray[Any]") -> frozenset[str]:
    """Return the shapes of ISO 8601 that the values of a text column have, or ``other``."""
    values = pc.unique(column.drop_null())
    found = set()
    for name, pattern in _SHAPES.items():
        matches = pc.match_substring_regex(values, f"^({pattern})$")
        if pc.any(matches).as_py():
            found.add(name)
            values = values.filter(pc.invert(matches))
    if len(values):
        found.add("other")
    return frozenset(found)


def significant_digits(column: "pa.ChunkedArray[Any]") -> int:
    """Return the most digits after the decimal point that a number needs, 0 to 17.

    Missing values take no part; without values the answer is 0.
    """
    found = decimals(column.drop_null().to_numpy())
    return int(found.max(initial=0))


def decimals(values: Any) -> Any:
    """Return the digits after the decimal point that each number needs, 0 to 17.

    What is not finite needs none.
    """
    found = np.zeros(len(values), dtype=np.int64)
    left = np.flatnonzero(np.isfinite(values))
    for digits in range(_MOST_DIGITS):
        left = left[np.round(values[left], digits) != values[left]]
        if not len(left):
            break
        found[left] = digits + 1
    return found
