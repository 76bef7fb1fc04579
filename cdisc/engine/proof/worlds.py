"""Conditions under every combination of values that they can tell apart.

What a condition looks at takes part with the values that make a difference: each text or
number that it is compared with, one that is none of them, and missing. What cannot be
looked into, such as a comparison of two dates, may be true or false. So more combinations
are tried than there can be, and what holds in all of them holds.

Each combination is a bit of a number; the truth of a condition is the number of those bits
in which it is true, so that `and`, `or` and `not` are those of numbers.
"""

import itertools
import operator as op
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache, reduce
from typing import Final, TypeAlias

from cdisc.engine.proof.holdings import Holding
from cdisc.language import tree as t
from cdisc.language.verb import Type

Value: TypeAlias = str | Fraction | bool | None

_OTHER: Final = "\0other"  # a text that no literal is
_MOST = 1 << 16
_MOST_TEXTS = 24
_ORDERS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "<": op.lt,
    ">": op.gt,
    "<=": op.le,
    ">=": op.ge,
}
_TURNED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


class Worlds:
    """All combinations of values that some conditions tell apart.

    Args:
        conditions: The conditions.
        type_of: Type of a node.
        holding: What a value can be.

    Attributes:
        every: All combinations, one bit each; 0 where they are too many to try.
    """

    def __init__(
        self,
        conditions: Iterable[t.Node],
        type_of: Callable[[t.Node], Type],
        holding: Callable[[t.Node], Holding],
    ) -> None:
        self.type_of, self.holding = type_of, holding
        self._literals: dict[t.Node, set[str | Fraction]] = {}
        self._free: dict[t.Node, None] = {}
        for condition in conditions:
            self._look(condition)
        self._bits: dict[t.Node, dict[Value, int]] = {}
        self.every = self._count()

    def _count(self) -> int:
        choices: dict[t.Node, Sequence[Value]] = {
            subject: self._values(subject, literals) for subject, literals in self._literals.items()
        }
        choices |= dict.fromkeys(self._free, (False, True))
        total = reduce(op.mul, (len(values) for values in choices.values()), 1)
        if total > _MOST:
            return 0
        every, step = (1 << total) - 1, 1
        for subject, values in choices.items():
            period = step * len(values)
            first = _repeated((1 << step) - 1, period, every)
            self._bits[subject] = {value: first << at * step for at, value in enumerate(values)}
            step = period
        return every

    def truth(self, node: t.Node) -> int:
        """Return the combinations in which a condition is true."""
        match node:
            case t.Meant():
                return self.truth(node.meaning)
            case t.And():
                return reduce(op.and_, map(self.truth, node.operands))
            case t.Or():
                return reduce(op.or_, map(self.truth, node.operands))
            case t.Not():
                return self.every & ~self.truth(node.operand)
        return self._told_truth(node)

    def _told_truth(self, node: t.Node) -> int:
        told = self._told(node)
        if told is None:
            return self._bits[node][True]
        subject, operator, literals = told
        bits = self._bits[subject]
        order = _ORDERS.get(operator)
        if order is None:
            found = reduce(op.or_, (bits[one] for one in literals if one in bits), 0)
            return self.every & ~found if operator == "<>" else found
        (limit,) = literals
        return reduce(op.or_, (b for v, b in bits.items() if _fits(order, v, limit)), 0)

    def _look(self, node: t.Node) -> None:
        """Note what a condition looks at."""
        match node:
            case t.Meant():
                self._look(node.meaning)
            case t.And() | t.Or():
                for one in node.operands:
                    self._look(one)
            case t.Not():
                self._look(node.operand)
            case _:
                told = self._told(node)
                if told is None:
                    self._free[node] = None
                else:
                    known = self._literals.setdefault(told[0], set())
                    known.update(one for one in told[2] if one is not None)

    def _told(self, node: t.Node) -> tuple[t.Node, str, tuple[str | Fraction | None, ...]] | None:
        """Return what a comparison with literals compares: value, ``=``, literals.

        None stands for missing among the literals. ``<>`` is the negation of ``=``.
        """
        match node:
            case t.Missing():
                return _bare(node.operand), "<>" if node.negated else "=", (None,)
            case t.Among() if self._is_told(node.operand):
                items = tuple(one for item in node.items if (one := _literal(item)) is not None)
                return _bare(node.operand), "<>" if node.negated else "=", items
            case t.Compare() if node.operator in _TURNED:
                return self._compared(node)
        return None

    def _compared(
        self, node: t.Compare
    ) -> tuple[t.Node, str, tuple[str | Fraction | None, ...]] | None:
        for subject, other, operator in (
            (node.left, node.right, node.operator),
            (node.right, node.left, _TURNED[node.operator]),
        ):
            literal = _literal(other)
            if literal is None or not self._is_told(subject):
                continue
            if isinstance(literal, Fraction) or operator not in _ORDERS:
                return _bare(subject), operator, (literal,)
        return None  # the order of texts is not looked into

    def _is_told(self, subject: t.Node) -> bool:
        return self.type_of(subject) in ("text", "literal", "number")

    def _values(self, subject: t.Node, literals: set[str | Fraction]) -> Sequence[Value]:
        numbers = sorted(one for one in literals if isinstance(one, Fraction))
        kind = self.type_of(subject)
        if numbers or kind == "number":
            return (*_around(numbers), None)  # what a number can be is not known
        holding = self.holding(subject)
        missing: tuple[Value, ...] = (None,) if holding.missing else ()
        texts = {one for one in literals if isinstance(one, str)}
        if holding.texts is None or kind not in ("text", "literal", "missing"):
            return (*sorted(texts), _OTHER, *missing)
        if len(holding.texts) <= _MOST_TEXTS:
            return (*sorted(holding.texts), *missing)
        more = (_OTHER,) if holding.texts - texts else ()
        return (*sorted(texts & holding.texts), *more, *missing)


def _repeated(bits: int, period: int, every: int) -> int:
    """Return bits again and again, as far as there are combinations."""
    while period < every.bit_length():
        bits |= bits << period
        period *= 2
    return bits & every


def _fits(order: Callable[[Fraction, Fraction], bool], value: Value, limit: Value) -> bool:
    return isinstance(value, Fraction) and isinstance(limit, Fraction) and order(value, limit)


def _bare(node: t.Node) -> t.Node:
    """Return what a verb stands for, so that both ways to write a value are the same value."""
    return _bare(node.meaning) if isinstance(node, t.Meant) else node


def _around(numbers: Sequence[Fraction]) -> list[Fraction]:
    """Return numbers with one below them, one above and one between each two."""
    if not numbers:
        return [Fraction(0)]
    between = [(a + b) / 2 for a, b in itertools.pairwise(numbers)]
    return sorted([numbers[0] - 1, *numbers, *between, numbers[-1] + 1])


def _literal(node: t.Node) -> str | Fraction | None:
    match node:
        case t.Text(value=value):
            return value or None
        case t.Number(value=value):
            return _number(value)
        case t.Minus(operand=t.Number(value=value)):
            return -_number(value)
    return None


@cache
def _number(text: str) -> Fraction:
    return Fraction(text)
