"""Why a text is no expression: the place, what could stand there, and how to mend it.

Lark explains; what it says about its tables is said here in the words of the language.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, cast

from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.language import tables
from cdisc.source import IN_BRACES

if TYPE_CHECKING:
    from lark import Lark

_READABLE = {
    "$END": "the end of the line",
    "WORD": "a name",
    "QUALIFIED": "a reference such as form.FIELD",
    "STRING": "a text in single quotes",
    "NUMBER": "a number",
    "COMPARATOR": "= <> < <= > >=",
    "CHOICE": "first, last, min, max, sum or mean",
    "NUMBER_OF_RECORD": "number by ... order ...",
    "VBAR": '"|"',
    "LPAR": '"("',
    "RPAR": '")"',
    "COMMA": '","',
    "PLUS": '"+"',
    "MINUS": '"-"',
    "STAR": '"*"',
    "SLASH": '"/"',
}
_OTHER_WORDS = ("if", "case")
_LOWER = {
    *("when", "then", "else", "where", "by", "order", "and", "or", "not", "in", "is", "missing"),
    *("before", "after", "on", "contains", "starts", "ends", "with", "descending"),
}
_STARTS = {"WORD", "QUALIFIED", "STRING", "NUMBER", "LPAR", "CHOICE", "MINUS"}


@cache
def _lark() -> "Lark":
    return tables.lark()


def refusal(text: str, locate: Callable[[int, int], Span]) -> SpecError:
    """Return the mistake of a text that is no expression.

    Args:
        text: The text, which the grammar does not make.
        locate: Gives the place in the file of the characters ``start:end`` of `text`.
    """
    try:
        _lark().parse(text)
    except UnexpectedInput as error:
        return _explained(text, locate, error)
    raise AssertionError(text)


def _explained(text: str, locate: Callable[[int, int], Span], error: UnexpectedInput) -> SpecError:
    length = 1
    if isinstance(error, UnexpectedToken):
        token = error.token
        at, length = (len(text), 1) if token.type == "$END" else (token.start_pos or 0, len(token))
        what = "the line ends too early" if token.type == "$END" else f'"{token}" cannot stand here'
        accepts = set(error.accepts or error.expected)
    elif isinstance(error, UnexpectedCharacters):
        at = cast("int", error.pos_in_stream)
        what = "a double quote" if text[at] == '"' else f'"{text[at]}"'
        what += " cannot stand here"
        accepts = set(error.allowed or ())
    else:
        assert isinstance(error, UnexpectedEOF)
        at, what, accepts = len(text), "the line ends too early", set(error.expected)
    span = locate(at, at + length)
    return SpecError(
        [
            Diagnostic(
                code="SPEC010",
                fact=what,
                span=span,
                expected=_expected(accepts),
                help=_help(text, at) or _comma(text, span),
            )
        ]
    )


def _expected(accepts: set[str]) -> str:
    if accepts >= _STARTS:
        return "a value: a reference, a text in quotes, a number, a function or (...)"
    return ", ".join(sorted(_READABLE.get(name, name.lower()) for name in accepts))


def _help(text: str, at: int) -> str | None:
    if text.count("'") % 2:
        return "a quote is not closed; a quote inside a text is written twice"
    if {text[at : at + 2], text[max(at - 1, 0) : at + 1]} & {"==", "!="}:
        return "write = for equal and <> for not equal"
    if text[at : at + 1] == '"':
        return "write texts in single quotes"
    if text[:at].rstrip().lower().endswith(_OTHER_WORDS):
        return "a choice is written: when CONDITION then VALUE else VALUE"
    constant = re.search(r"\bconst\s+(\w+)\s+$", text[:at])
    if constant and re.match(r"\w", text[at:]):
        words = re.match(r"[\w ,/-]+", text[at:])
        said = f"{constant[1]} {words[0].strip()}" if words else constant[1]
        return f"a text of several words stands in quotes: const '{said}'"
    word = re.match(r"\w*", text[at:])
    if word and word[0].lower() in _LOWER and word[0] not in _LOWER:
        return f"write {word[0].lower()} in lower case"
    if word and word[0].lower() == "null":
        return "write is missing, is not missing"
    return None


def _comma(text: str, span: Span) -> str | None:
    """Say why a value within { } ends in the middle of an expression."""
    behind = span.text[span.column - 1 :].lstrip() if span.text else ""
    if text.count("(") > text.count(")") and behind.startswith(","):
        return IN_BRACES
    return None
