"""Which forms of dates fit the texts of a field, in the words of the step ``iso``."""

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_UNKNOWN: Final = ("UN", "UNK", "NK", "XX", "UU")
_DAY: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_NAMED: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_PARTS: Final = {
    "yyyy": r"(?:18|19|20)[0-9]{2}",
    "y": r"[0-9]{4}",
    "mmm": _NAMED,
    "mm": r"(?:0[1-9]|1[0-2])",
    "m": _MONTH,
    "dd": r"(?:0[1-9]|[12][0-9]|3[01])",
    "d": _DAY,
    "H": r"(?:[01]?[0-9]|2[0-4])",
    "M": r"[0-5][0-9]",
    "S": r"[0-5][0-9]",
}
_PIECE: Final = re.compile(r"yyyy|mmm|mm|dd|[ymdHMS]|.")
_DATES: Final = (
    *("y-m-d", "d-mmm-y", "d mmm y", "ddmmmyyyy", "d/mmm/y", "mmm d, y", "yyyymmdd"),
    *("d/m/y", "m/d/y", "d.m.y", "d-m-y", "m-d-y", "y/m/d"),
)
_SHORT: Final = ("mmm-y", "mmm y", "y-m", "m/y", "y")
_TIMES: Final = ("H:M:S", "H:M")
_FORMS: Final = (
    *_DATES,
    *(f"{date}{between}{time}" for date in _DATES for between in (" ", "T") for time in _TIMES),
    *_TIMES,
    *_SHORT,
)
_ENOUGH: Final = 0.8
"""A field of which so many different texts are dates is one of dates."""

_MOST: Final = 4
_LOOKED_AT: Final = 1000
"""A form that none of so many different texts has is not looked for in the others."""


def date_forms(texts: pa.StringArray) -> tuple[tuple[str, ...], int]:
    """Return the forms that the texts have, the commonest first, and how many have none.

    Where two forms fit the same texts (``d/m/y`` and ``m/d/y``), both are named. A form
    with ``unknown 'UN'`` fits only if such a word stands for a part. Nothing is named
    unless most texts are dates.

    Args:
        texts: Different texts of a field, none null.

    Example:
        >>> date_forms(pa.array(["3-May-2026", "UN-May-2026", "2026"]))
        (("d-mmm-y unknown 'UN'", 'y'), 0)
    """
    rest, forms = pc.utf8_trim_whitespace(texts), []
    first = rest.slice(0, _LOOKED_AT)
    likely = [form for form in _FORMS if len(_unfit(first, form, ())) < len(first)]
    if not likely:
        return (), len(texts)
    for _ in range(_MOST):
        best = max(len(rest) - len(_unfit(rest, form, ())) for form in likely)
        if not best:
            break
        equal = [form for form in likely if len(rest) - len(_unfit(rest, form, ())) == best]
        with_unknown, words = _with_unknown(rest, equal[0])
        same = [form for form in equal if _unfit(rest, form, words).equals(with_unknown)]
        forms.append(" or ".join(same[:2]) + _said(words))
        rest = with_unknown
    fitted = len(texts) - len(rest)
    first_is_part = bool(forms) and forms[0] in {"y", "y-m"}
    if fitted < _ENOUGH * len(texts) or first_is_part:
        return (), len(texts)
    return tuple(forms), len(rest)


def _said(words: Sequence[str]) -> str:
    return f" unknown {' '.join(repr(word) for word in words)}" if words else ""


def _with_unknown(texts: pa.StringArray, form: str) -> tuple[pa.StringArray, tuple[str, ...]]:
    """Return the texts that do not fit, and the words that stand for parts of those that do."""
    rest = _unfit(texts, form, ())
    words: tuple[str, ...] = ()
    for word in _UNKNOWN:
        less = _unfit(rest, form, (*words, word))
        if len(less) < len(rest):
            rest, words = less, (*words, word)
    return rest, words


def _unfit(texts: pa.StringArray, form: str, words: Sequence[str]) -> pa.StringArray:
    other = "".join(f"|{word}" for word in words)
    pieces = (
        f"(?:{_PARTS[piece]}{other})" if piece in _PARTS else re.escape(piece)
        for piece in _PIECE.findall(form)
    )
    fits = pc.match_substring_regex(texts, f"(?i)^{''.join(pieces)}$")
    return pc.filter(texts, pc.invert(fits))
