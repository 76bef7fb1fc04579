"""A tree to the text that makes it: the canonical form of an expression.

`parse(printed(tree))` gives the tree again. Blanks are those of the reference; parentheses
stand where the grammar needs them, and where a reader does: round `and` within `or`, round
what `not` turns, round a choice that something stands behind.
"""

import re
from functools import singledispatch
from typing import Final

from cdisc.language import tree as t

# How tightly a kind of node binds, from a pipe to a single value.
PIPE, VALUE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, PRIMARY = range(10)

_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_LEVELS: Final[dict[type[t.Node], int]] = {
    t.Step: PIPE,
    t.Case: VALUE,
    t.Const: VALUE,
    t.Copy: VALUE,
    t.Aggregate: OR,
    t.Flag: OR,
    t.Numbering: OR,
    t.Or: OR,
    t.And: AND,
    t.Not: NOT,
    t.Compare: COMPARISON,
    t.Among: COMPARISON,
    t.Missing: COMPARISON,
    t.Minus: UNARY,
}


def printed(tree: t.Node) -> str:
    """Return the text of an expression, on one line.

    Args:
        tree: What `cdisc.language.parser.parse` gives; a verb that has been expanded is
            printed as it was written.

    Raises:
        TypeError: A kind of node that stands for no text of its own.

    Example:
        >>> from cdisc.language.parser import parse
        >>> printed(parse("when(A='x')then   B|upper", print).tree)
        "(when A = 'x' then B) | upper"
    """
    return _said(tree)


def branches(tree: t.Node) -> tuple[str, ...]:
    """Return the text of a choice in parts, each branch for a line of its own; else one part."""
    if not isinstance(tree, t.Case):
        return (printed(tree),)
    lines = tuple(_said(branch) for branch in tree.branches)
    return lines if tree.default is None else (*lines, f"else {_at(tree.default, SUM)}")


def quoted(text: str) -> str:
    """Return a text as it is written in an expression."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _level(node: t.Node) -> int:
    if isinstance(node, t.Meant):
        return _level(node.written)
    if isinstance(node, t.Arithmetic):
        return SUM if node.operator in "+-" else PRODUCT
    return _LEVELS.get(type(node), PRIMARY)


def _at(node: t.Node, level: int) -> str:
    """Return the text of a part of an expression, in parentheses if it binds less than `level`."""
    text = _said(node)
    return text if _level(node) >= level else f"({text})"


@singledispatch
def _said(node: t.Node) -> str:
    raise TypeError(f"{type(node).__name__} has no text of its own")


@_said.register
def _text(node: t.Text) -> str:
    return quoted(node.value)


@_said.register(t.Number)
@_said.register(t.Word)
def _value(node: t.Number | t.Word) -> str:
    return node.value


@_said.register
def _const(node: t.Const) -> str:
    plain = _WORD.fullmatch(node.value) or _NUMBER.fullmatch(node.value)
    return f"const {node.value if plain else quoted(node.value)}"


@_said.register
def _ref(node: t.Ref) -> str:
    return str(node)


@_said.register
def _copy(node: t.Copy) -> str:
    return f"copy {node.source}"


@_said.register
def _meant(node: t.Meant) -> str:
    return _said(node.written)


@_said.register
def _arithmetic(node: t.Arithmetic) -> str:
    level = _level(node)
    return f"{_at(node.left, level)} {node.operator} {_at(node.right, level + 1)}"


@_said.register
def _minus(node: t.Minus) -> str:
    return f"-{_at(node.operand, PRIMARY)}"


@_said.register
def _compare(node: t.Compare) -> str:
    return f"{_at(node.left, SUM)} {node.operator} {_at(node.right, SUM)}"


@_said.register
def _among(node: t.Among) -> str:
    word = "not in" if node.negated else "in"
    items = ", ".join(_said(item) for item in node.items)
    return f"{_at(node.operand, SUM)} {word} ({items})"


@_said.register
def _missing(node: t.Missing) -> str:
    return f"{_at(node.operand, SUM)} is {'not ' if node.negated else ''}missing"


@_said.register
def _not(node: t.Not) -> str:
    return f"not {_at(node.operand, PRIMARY)}"


@_said.register
def _and(node: t.And) -> str:
    return " and ".join(_at(one, NOT) for one in node.operands)


@_said.register
def _or(node: t.Or) -> str:
    return " or ".join(_at(one, NOT) for one in node.operands)


@_said.register
def _branch(node: t.Branch) -> str:
    return f"when {_at(node.condition, OR)} then {_at(node.value, SUM)}"


@_said.register
def _case(node: t.Case | t.BySource) -> str:
    return " ".join(branches(node))


@_said.register
def _call(node: t.Call) -> str:
    return f"{node.name}({', '.join(_said(one) for one in node.arguments)})"


@_said.register
def _step(node: t.Step) -> str:
    # a pipe behind a choice is for all of it, whichever branch it stands behind
    level = OR if isinstance(node.operand, t.Case) else PIPE
    words = " ".join((node.name, *(_argument(one) for one in node.arguments)))
    return f"{_at(node.operand, level)} | {words}"


def _argument(node: t.Node) -> str:
    """Return an argument of a step, where a bare name is a word and no reference."""
    plain = isinstance(node, t.Text | t.Number | t.Word)
    plain = plain or (isinstance(node, t.Ref) and node.qualifier is not None)
    return _said(node) if plain else f"({_said(node)})"


@_said.register
def _ordering(node: t.Ordering) -> str:
    return f"{node.ref} descending" if node.descending else str(node.ref)


@_said.register
def _aggregate(node: t.Aggregate) -> str:
    operand = "records" if node.operand is None else _at(node.operand, PRIMARY)
    return " ".join((node.kind, operand, *_clauses(node)))


@_said.register
def _flag(node: t.Flag) -> str:
    return " ".join(("flag", node.kind, *_clauses(node)))


@_said.register
def _numbering(node: t.Numbering) -> str:
    return " ".join(("number", *_clauses(node)))


def _clauses(node: t.Choice) -> tuple[str, ...]:
    found: list[str] = []
    if node.where is not None:
        # the clauses of a choice within the condition would take those of this one
        inner = isinstance(node.where, t.Choice)
        found += ["where", _at(node.where, PRIMARY if inner else OR)]
    if node.by:
        found += ["by", *(_said(one) for one in node.by)]
    if node.order:
        found += ["order", *(_said(one) for one in node.order)]
    return tuple(found)
