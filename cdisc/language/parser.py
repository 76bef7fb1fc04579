"""Text of an expression to its tree; mistakes become diagnostics."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.language import tables
from cdisc.language import tree as t
from cdisc.language.reader import Place, Reader, UnreadableError


@cache
def _reader() -> Reader:
    return Reader(tables.tables(), _Builder())


@lru_cache(maxsize=4096)  # many variables are written alike; nodes do not change
def _tree(text: str) -> tuple[t.Node, int]:
    tree: t.Node = _reader().read(text)
    return tree, t.depth(tree)


def parse(text: str, locate: Callable[[int, int], Span]) -> t.Expression:
    """Parse one expression.

    Args:
        text: The expression, on one line or folded over several.
        locate: Gives the place in the file of the characters ``start:end`` of `text`.

    Raises:
        SpecError: SPEC010, with the column at which the text stops making sense; SPEC011, it
            has too many levels.
    """
    try:
        tree, depth = _tree(text)
    except UnreadableError as error:
        from cdisc.language.refusal import refusal  # noqa: PLC0415  Lark explains, at its leisure

        raise refusal(text, locate) from error
    if depth > t.DEEPEST:
        raise SpecError([too_deep(locate(0, len(text)))])
    return t.Expression(text, tree, locate)


def too_deep(span: Span) -> Diagnostic:
    """Return the mistake that an expression has more levels than are read."""
    return Diagnostic(
        "SPEC011",
        f"the expression has more than {t.DEEPEST} levels",
        span,
        help="make a part of it a variable of its own, under work:",
    )


def _clauses(clauses: tuple[tuple[str, Any], ...], at: Place) -> dict[str, Any]:
    """Return the clauses of an aggregate by name, with its place."""
    return {**dict(clauses), **at}


def _compare(operator: str) -> Callable[..., t.Node]:
    def build(_self: object, at: Place, left: t.Node, right: t.Node) -> t.Node:
        return t.Compare(operator=operator, left=left, right=right, **at)

    return build


def _arithmetic(operator: t.Operator) -> Callable[..., t.Node]:
    def build(_self: object, at: Place, left: t.Node, right: t.Node) -> t.Node:
        return t.Arithmetic(operator=operator, left=left, right=right, **at)

    return build


class _Builder:
    """Parts of a rule of the grammar to a node of the tree; one method per rule."""

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

    def start(self, _at: Place, tree: t.Node) -> t.Node:
        return tree

    def group(self, _at: Place, tree: t.Node) -> t.Node:
        return tree

    def text(self, at: Place, token: str) -> t.Node:
        return t.Text(value=token[1:-1].replace("''", "'"), **at)

    def number(self, at: Place, token: str) -> t.Node:
        return t.Number(value=token, **at)

    def word(self, at: Place, token: str) -> t.Node:
        return t.Word(value=token, **at)

    def name(self, at: Place, token: str) -> t.Node:
        return t.Ref(qualifier=None, name=token, **at)

    def qualified(self, at: Place, token: str) -> t.Node:
        qualifier, _, name = token.partition(".")
        return t.Ref(qualifier=qualifier, name=name, **at)

    def const(self, at: Place, value: t.Text | t.Number | t.Word) -> t.Node:
        return t.Const(value=value.value, **at)

    def copy(self, at: Place, source: t.Ref) -> t.Node:
        return t.Copy(source=source, **at)

    def step(self, at: Place, name: str, *arguments: t.Node) -> t.Node:
        return t.Step(name=name, operand=t.Text(value=""), arguments=arguments, **at)

    def piped(self, at: Place, operand: t.Node, step: t.Step) -> t.Node:
        return t.Step(
            name=step.name,
            operand=operand,
            arguments=step.arguments,
            name_start=step.start,
            **at,
        )

    def branch(self, at: Place, condition: t.Node, value: t.Node) -> t.Node:
        return t.Branch(condition=condition, value=value, **at)

    def case(self, at: Place, *parts: Any) -> t.Node:
        branches = tuple(part for part in parts if isinstance(part, t.Branch))
        default = None if isinstance(parts[-1], t.Branch) else parts[-1]
        return t.Case(branches=branches, default=default, **at)

    def disjunction(self, at: Place, *operands: t.Node) -> t.Node:
        return t.Or(operands=operands, **at)

    def conjunction(self, at: Place, *operands: t.Node) -> t.Node:
        return t.And(operands=operands, **at)

    def negation(self, at: Place, operand: t.Node) -> t.Node:
        return t.Not(operand=operand, **at)

    def compare(self, at: Place, left: t.Node, operator: str, right: t.Node) -> t.Node:
        return t.Compare(operator=operator, left=left, right=right, **at)

    def list(self, _at: Place, *items: t.Node) -> tuple[t.Node, ...]:
        return items

    def among(self, at: Place, operand: t.Node, items: tuple[t.Node, ...]) -> t.Node:
        return t.Among(operand=operand, items=items, negated=False, **at)

    def not_among(self, at: Place, operand: t.Node, items: tuple[t.Node, ...]) -> t.Node:
        return t.Among(operand=operand, items=items, negated=True, **at)

    def is_missing(self, at: Place, operand: t.Node) -> t.Node:
        return t.Missing(operand=operand, negated=False, **at)

    def is_not_missing(self, at: Place, operand: t.Node) -> t.Node:
        return t.Missing(operand=operand, negated=True, **at)

    def minus(self, at: Place, operand: t.Node) -> t.Node:
        return t.Minus(operand=operand, **at)

    def call(self, at: Place, name: str, *arguments: t.Node) -> t.Node:
        return t.Call(name=name, arguments=arguments, **at)

    def where(self, _at: Place, condition: t.Node) -> tuple[str, Any]:
        return "where", condition

    def by(self, _at: Place, *refs: t.Ref) -> tuple[str, Any]:
        return "by", refs

    def order(self, _at: Place, *orderings: t.Ordering) -> tuple[str, Any]:
        return "order", orderings

    def ordering(self, at: Place, ref: t.Ref, descending: str | None = None) -> t.Node:
        return t.Ordering(ref=ref, descending=descending is not None, **at)

    def aggregate(self, at: Place, kind: str, operand: t.Node, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind=kind, operand=operand, **_clauses(clauses, at))

    def flag(self, at: Place, kind: str, *clauses: tuple[str, Any]) -> t.Node:
        return t.Flag(kind=kind, **_clauses(clauses, at))

    def numbering(self, at: Place, _word: str, *clauses: tuple[str, Any]) -> t.Node:
        return t.Numbering(**_clauses(clauses, at))

    def count_records(self, at: Place, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind="count", operand=None, **_clauses(clauses, at))

    def count_dataset(self, at: Place, dataset: t.Ref, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind="count", operand=dataset, **_clauses(clauses, at))

    def any_dataset(self, at: Place, dataset: t.Ref, *clauses: tuple[str, Any]) -> t.Node:
        return t.Aggregate(kind="any", operand=dataset, **_clauses(clauses, at))
