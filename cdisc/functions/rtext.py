"""Names and texts as R code: the only place that quotes."""

import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._]*")
_WORDS = """
    if else repeat while function for next break in T F TRUE FALSE NULL Inf NaN NA NA_integer_
    NA_real_ NA_character_
"""
_RESERVED = frozenset(_WORDS.split())
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def text(value: str) -> str:
    r"""Return a text literal.

    Example:
        >>> print(text('say "no"'))
        "say \"no\""
    """
    return '"' + "".join(_ESCAPES.get(one, one) for one in value) + '"'


def texts(values: tuple[str, ...] | list[str]) -> str:
    """Return a vector of texts.

    Example:
        >>> print(texts(["UN", "UNK"]))
        c("UN", "UNK")
    """
    listed = ", ".join(text(one) for one in values)
    return listed if len(values) == 1 else f"c({listed})"


def name(value: str) -> str:
    """Return a name, between backticks where R would not take it bare.

    Example:
        >>> name("ae.AESTDAT"), name("1st")
        ('ae.AESTDAT', '`1st`')
    """
    plain = _PLAIN.fullmatch(value) and value not in _RESERVED
    return value if plain else "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`"
