"""Text of an expression to its tree, with Lark; mistakes become diagnostics."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NoReturn, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.tree import Meta

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.language import tables
from cdisc.language import tree as t

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
def _lark() -> Lark:
    return tables.parser()


@lru_cache(maxsize=4096)  # many variables are written alike; nodes do not change
def _tree(text: str) -> t.Node:
    return _Builder().transform(_lark().parse(text))


def parse(text: str, locate: Callable[[int, int], Span]) -> t.Expression:
    """Parse one expression.

    Args:
        text: The expression, on one line or folded over several.
        locate: Gives the place in the file of the characters ``start:end`` of `text`.

    Raises:
        SpecError: SPEC010, with the column at which the text stops making sense.
    """
    try:
        tree = _tree(text)
    except UnexpectedInput as error:
        _refuse(text, locate, error)
    return t.Expression(text, tree, locate)


def _refuse(text: str, locate: Callable[[int, int], Span], error: UnexpectedInput) -> NoReturn:
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
    raise SpecError(
        [
            Diagnostic(
                code="SPEC010",
                fact=what,
                span=locate(at, at + length),
                expected=_expected(accepts),
                help=_help(text, at),
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
    word = re.match(r"\w*", text[at:])
    if word and word[0].lower() in _LOWER and word[0] not in _LOWER:
        return f"write {word[0].lower()} in lower case"
    if word and word[0].lower() == "null":
        return "write is missing, is not missing"
    return None


def _start(meta: Meta) -> dict[str, int]:
    if meta.empty:
        return {"start": 0, "end": 0}
    return {"start": meta.start_pos, "end": meta.end_pos}


def _clauses(clauses: tuple[tuple[str, Any], ...], meta: Meta) -> dict[str, Any]:
    """Return the clauses of an aggregate by name, with its place."""
    return {**dict(clauses), **_start(meta)}


def _compare(operator: str) -> Callable[..., t.Node]:
    def build(_self: object, meta: Meta, left: t.Node, right: t.Node) -> t.Node:
        return t.Compare(operator=operator, left=left, right=right, **_start(meta))

    return v_args(meta=True, inline=True)(build)


def _arithmetic(operator: t.Operator) -> Callable[..., t.Node]:
    def build(_self: object, meta: Meta, left: t.Node, right: t.Node) -> t.Node:
        return t.Arithmetic(operator=operator, left=left, right=right, **_start(meta))

    return v_args(meta=True, inline=True)(build)


@v_args(meta=True, inline=True)
class _Builder(Transformer[Token, t.Node]):
    """Lark tree to our tree; one method per rule of the grammar."""

    on_or_after = _compare("on or after")
    on_or_before = _compare("on or before")
    before = _compare("before")
    after = _compare("after")
    contains = _compare("contains")
    starts_with = _compare("starts with")
    ends_with = _compare("ends with")
    add = _arithmetic("+")
    subtract = _arithmetic("-")
    multiply = _arithmetic("*")
    divide = _arithmetic("/")

    def start(self, _meta: Meta, tree: t.Node) -> t.Node:
        return tree

    def group(self, _meta: Meta, tree: t.Node) -> t.Node:
        return tree

    def text(self, meta: Meta, token: Token) -> t.Node:
        return t.Text(value=token[1:-1].replace("''", "'"), **_start(meta))

    def number(self, meta: Meta, token: Token) -> t.Node:
        return t.Number(value=str(token), **_start(meta))

    def word(self, meta: Meta, token: Token) -> t.Node:
        return t.Word(value=str(token), **_start(meta))

    def name(self, meta: Meta, token: Token) -> t.Node:
        return t.Ref(qualifier=None, name=str(token), **_start(meta))

    def qualified(self, meta: Meta, token: Token) -> t.Node:
        qualifier, _, name = token.partition(".")
        return t.Ref(qualifier=qualifier, name=name, **_start(meta))

    def const(self, meta: Meta, value: t.Text | t.Number | t.Word) -> t.Node:
        return t.Const(value=value.value, **_start(meta))

    def copy(self, meta: Meta, source: t.Ref) -> t.Node:
        return t.Copy(source=source, **_start(meta))

    def step(self, meta: Meta, name: Token, *arguments: t.Node) -> t.Node:
        return t.Step(name=str(name), operand=t.Text(value=""), arguments=arguments, **_start(meta))

    def piped(self, meta: Meta, operand: t.Node, step: t.Step) -> t.Node:
        return t.Step(
            name=step.name,
            operand=operand,
            arguments=step.arguments,
            name_start=step.start,
            **_start(meta),
        )

    def branch(self, meta: Meta, condition: t.Node, value: t.Node) -> t.Node:
        return t.Branch(condition=condition, value=value, **_start(meta))

    def case(self, meta: Meta, *parts: Any) -> t.Node:
        branches = tuple(part for part in parts if isinstance(part, t.Branch))
        default = None if isinstance(parts[-1], t.Branch) else parts[-1]
        return t.Case(branches=branches, default=default, **_start(meta))

    def disjunction(self, meta: Meta, *operands: t.Node) -> t.Node:
        return t.Or(operands=operands, **_start(meta))

    def conjunction(self, meta: Meta, *operands: t.Node) -> t.Node:
        return t.And(operands=operands, **_start(meta))

    def negation(self, meta: Meta, operand: t.Node) -> t.Node:
        return t.Not(operand=operand, **_start(meta))

    def compare(self, meta: Meta, left: t.Node, operator: Token, right: t.Node) -> t.Node:
        return t.Compare(operator=str(operator), left=left, right=right, **_start(meta))

    def list(self, _meta: Meta, *items: t.Node) -> tuple[t.Node, ...]:
        return items

    def among(self, meta: Meta, operand: t.Node, items: tuple[t.Node, ...]) -> t.Node:
        return t.Among(operand=operand, items=items, negated=False, **_start(meta))

    def not_among(self, meta: Meta, operand: t.Node, items: tuple[t.Node, ...]) -> t.Node:
        return t.Among(operand=operand, items=items, negated=True, **_start(meta))

    def is_missing(self, meta: Meta, operand: t.Node) -> t.Node:
        return t.Missing(operand=operand, negated=False, **_start(meta))

    def is_not_missing(self, meta: Meta, operand: t.Node) -> t.Node:
        return t.Missing(operand=operand, negated=True, **_start(meta))

    def minus(self, meta: Meta, operand: t.Node) -> t.Node:
        return t.Minus(operand=operand, **_start(meta))

    def call(self, meta: Meta, name: Token, *arguments: t.Node | None) -> t.Node:
        given = tuple(one for one in arguments if one is not None)
        return t.Call(name=str(name), arguments=given, **_start(meta))

    def where(self, _meta: Meta, condition: t.Node) -> tuple[str, Any]:
        return "where", condition

    def by(self, _meta: Meta, *refs: t.Ref) -> tuple[str, Any]:
        return "by", refs

    def order(self, _meta: Meta, *orderings: t.Ordering) -> tuple[str, Any]:
        return "order", orderings

    def ordering(self, meta: Meta, ref: t.Ref, descending: Token | None = None) -> t.Node:
        return t.Ordering(ref=ref, descending=descending is not None, **_start(meta))

    def aggregate(
        self, meta: Meta, kind: Token, operand: t.Node, *clauses: tuple[str, Any]
    ) -> t.Node:
        return t.Aggregate(kind=str(kind), operand=operand, **_clauses(clauses, meta))

    def flag(self, meta: Meta, kind: Token, *clauses: tuple[str, Any]) -> t.Node:
        return t.Flag(kind=str(kind), **_clauses(clauses, meta))

    def numbering(self, meta: Meta, _word: Token, *clauses: tuple[str, Any]) -> t.Node:
        return t.Numbering(**_clauses(clauses, meta))

    def count_records(self, meta: Meta, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind="count", operand=None, **_clauses(clauses, meta))

    def count_dataset(self, meta: Meta, dataset: t.Ref, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind="count", operand=dataset, **_clauses(clauses, meta))

    def any_dataset(self, meta: Meta, dataset: t.Ref, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind="any", operand=dataset, **_clauses(clauses, meta))
