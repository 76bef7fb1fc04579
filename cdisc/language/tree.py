"""The typed tree of an expression: what every rendering starts from.

Each node knows the characters of the expression that it came from (`start`,
`end`); an `Expression` ties the tree to the line of the file, so that whatever is
found later points at the right column.
"""

import dataclasses
import operator
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar, get_args, get_origin

from cdisc.diagnostics import Span
from cdisc.record import changed, kept, record

Operator = Literal["+", "-", "*", "/"]
How = TypeVar("How")


@record(slots=True, kw_only=True)
class Node:
    """A part of an expression; `start` and `end` count characters of its text."""

    start: int = dataclasses.field(default=0, compare=False)
    end: int = dataclasses.field(default=0, compare=False)

    def children(self) -> list["Node"]:
        """Return the nodes directly below, in reading order."""
        return _BELOW[type(self)](self)

    def walk(self) -> list["Node"]:
        """Return this node and all nodes below it, each before its children."""
        found, waiting = list[Node](), list[Node]([self])
        while waiting:
            found.append(node := waiting.pop())
            if below := _BELOW[type(node)](node):
                below.reverse()
                waiting += below
        return found


_PLAIN = (str, str | None, int, bool, Operator)


class _Parts(dict[type[Node], tuple[str, ...]]):
    """The fields of a kind of node that may hold nodes; what is not compared is no part."""

    def __missing__(self, kind: type[Node]) -> tuple[str, ...]:
        fields = (one for one in dataclasses.fields(kind) if one.compare)
        self[kind] = tuple(one.name for one in fields if one.type not in _PLAIN)
        return self[kind]


_PARTS = _Parts()


class _Below(dict[type[Node], Callable[[Any], list[Node]]]):
    """What lists the nodes directly below one, compiled for each kind when it is first met."""

    def __missing__(self, kind: type[Node]) -> Callable[[Any], list[Node]]:
        fields = (one for one in dataclasses.fields(kind) if one.name in _PARTS[kind])
        listed = ", ".join(_listed(one.name, one.type) for one in fields)
        self[kind] = eval(f"lambda node: [{listed}]")  # noqa: S307  names of our own fields
        return self[kind]


def _listed(name: str, kind: Any) -> str:
    """Return the nodes that a field holds, as an item of a list that is written down."""
    if type(None) in get_args(kind):
        return f"*(() if node.{name} is None else (node.{name},))"
    return f"*node.{name}" if get_origin(kind) is tuple else f"node.{name}"


_BELOW = _Below()


@record(slots=True, kw_only=True)
class Text(Node):
    """A text in quotes; empty text is missing."""

    value: str


@record(slots=True, kw_only=True)
class Number(Node):
    """A number as it was typed."""

    value: str


@record(slots=True, kw_only=True)
class Word(Node):
    """A bare word among the arguments of a step: a name or an option."""

    value: str


@record(slots=True, kw_only=True)
class Const(Node):
    """``const X``: the same value for every record."""

    value: str


OTHER = "other"


@record(slots=True, kw_only=True)
class Ref(Node):
    """A reference: ``form.FIELD``, ``DATASET.VARIABLE``, or a bare ``NAME``."""

    qualifier: str | None
    name: str

    def is_other(self) -> bool:
        """Say whether it names another record of the same dataset: ``other.X``, ``other``."""
        return (self.qualifier or self.name) == OTHER

    def __str__(self) -> str:
        return f"{self.qualifier}.{self.name}" if self.qualifier else self.name


@record(slots=True, kw_only=True)
class Copy(Node):
    """``copy X``: the value of another variable, unchanged."""

    source: Ref


@record(slots=True, kw_only=True)
class Meant(Node):
    """A verb that stands for a longer expression: as it was written, and what it means.

    Types, needs, lineage and SQL are those of `meaning`; English is that of the verb.
    """

    written: "Call | Step" = dataclasses.field(compare=False)
    meaning: Node


@record(slots=True, kw_only=True)
class Arithmetic(Node):
    """Two operands joined by ``+ - * /``; ``+`` joins texts as well."""

    operator: Operator
    left: Node
    right: Node


@record(slots=True, kw_only=True)
class Minus(Node):
    """A number with its sign changed."""

    operand: Node


@record(slots=True, kw_only=True)
class Compare(Node):
    """A comparison; false where an operand is missing, except ``<>``, which is true."""

    operator: str
    left: Node
    right: Node


@record(slots=True, kw_only=True)
class Among(Node):
    """``X in (...)``, or its negation; ``not in`` is true where X is missing."""

    operand: Node
    items: tuple[Node, ...]
    negated: bool


@record(slots=True, kw_only=True)
class Missing(Node):
    """``X is missing``, or ``X is not missing``."""

    operand: Node
    negated: bool


@record(slots=True, kw_only=True)
class Not(Node):
    """The other truth value; there are two."""

    operand: Node


@record(slots=True, kw_only=True)
class And(Node):
    """All of the conditions."""

    operands: tuple[Node, ...]


@record(slots=True, kw_only=True)
class Or(Node):
    """At least one of the conditions."""

    operands: tuple[Node, ...]


@record(slots=True, kw_only=True)
class Branch(Node):
    """``when CONDITION then VALUE``."""

    condition: Node
    value: Node


@record(slots=True, kw_only=True)
class Case(Node):
    """The value of the first branch whose condition holds, else `default`, else missing."""

    branches: tuple[Branch, ...]
    default: Node | None


@record(slots=True, kw_only=True)
class BySource(Case):
    """The value by the source that a record comes from; the whole of an expression.

    Each condition compares ``rows.source`` with the number of a row source.
    """


@record(slots=True, kw_only=True)
class Call(Node):
    """A verb written as a function: ``study_day(AESTDTC)``."""

    name: str
    arguments: tuple[Node, ...]


@record(slots=True, kw_only=True)
class Step(Node):
    """A verb written after a pipe: ``... | iso 'm/d/y'``."""

    name: str
    operand: Node
    arguments: tuple[Node, ...]
    name_start: int = dataclasses.field(default=0, compare=False)

    def words(self) -> Word:
        """Return the step itself, without its operand: for places only."""
        return Word(value=self.name, start=self.name_start, end=self.end)


@record(slots=True, kw_only=True)
class Ordering(Node):
    """One item of ``order``."""

    ref: Ref
    descending: bool


@record(slots=True, kw_only=True)
class Aggregate(Node):
    """A choice or a summary over records.

    ``first X where C by A B order D E``; also last, min, max, sum, mean, count, any.
    `operand` is None for ``count records``, a bare dataset for ``any`` and ``count``;
    it names ``other`` for other records of the same dataset.
    """

    kind: str
    operand: Node | None
    where: Node | None = None
    by: tuple[Ref, ...] = ()
    order: tuple[Ordering, ...] = ()


@record(slots=True, kw_only=True)
class Flag(Node):
    """``flag last where C by A B order D``: 'Y' on exactly one record of each group."""

    CHOICES: ClassVar[tuple[str, ...]] = ("first", "last")
    kind: str
    where: Node | None = None
    by: tuple[Ref, ...] = ()
    order: tuple[Ordering, ...] = ()


@record(slots=True, kw_only=True)
class Numbering(Node):
    """``number where C by A B order C D``: 1, 2, 3 ... within each group."""

    where: Node | None = None
    by: tuple[Ref, ...] = ()
    order: tuple[Ordering, ...] = ()


Choice: TypeAlias = Aggregate | Flag | Numbering  # what looks at more records than the one at hand
_CHOICES = (Aggregate, Flag, Numbering)
_VERBS = (Call, Step)


@record()
class Expression:
    """A tree with its text and the place where it was written."""

    text: str
    tree: Node
    locate: Callable[[int, int], Span]

    @kept
    def nodes(self) -> tuple[Node, ...]:
        """Every node of the tree, each before its children."""
        return tuple(self.tree.walk())

    @kept
    def references(self) -> tuple[Ref, ...]:
        """Every reference of the tree, in reading order."""
        return tuple(node for node in self.nodes if isinstance(node, Ref))

    @kept
    def verbs(self) -> tuple[Call | Step, ...]:
        """Every verb of the tree, in reading order."""
        return tuple(node for node in self.nodes if isinstance(node, _VERBS))

    @kept
    def choices(self) -> tuple[Choice, ...]:
        """Every choice and summary of the tree."""
        return tuple(node for node in self.nodes if isinstance(node, _CHOICES))

    def span(self, node: Node | None = None) -> Span:
        """Return the place of a node, or of the whole expression."""
        return self.locate(node.start, node.end) if node else self.locate(0, len(self.text))


DEEPEST = 100  # levels of an expression; what reads trees goes down level by level


def depth(tree: Node) -> int:
    """Return how many levels a tree has."""
    levels, level = 0, [tree]
    while level:
        levels += 1
        level = [child for node in level for child in node.children()]
    return levels


def references(tree: Node) -> list[Ref]:
    """Return every reference below a node, in reading order."""
    return [node for node in tree.walk() if isinstance(node, Ref)]


def substitute(tree: Node, replace: Callable[[Ref], Node | None]) -> Node:
    """Return the tree with some references replaced; the rest is shared."""
    if isinstance(tree, Ref):
        return replace(tree) or tree
    return over(tree, substitute, replace)


def placed(tree: Node, at: Node) -> Node:
    """Return the tree with every node at the place of another: where a name stood for it."""
    return over(tree, placed, at, start=at.start, end=at.end)


def standing_at(tree: Node, at: Node) -> Node:
    """Return a tree whose made-up nodes, which have no place of their own, stand at another.

    What is the same node in several places stays so: it is typed and tied to its meaning once.
    """
    done: dict[int, Node] = {}

    def stand(node: Node, at: Node) -> Node:
        found = done.get(id(node))
        if found is None:
            place = {} if node.end else {"start": at.start, "end": at.end}
            found = done[id(node)] = over(node, stand, at, **place)
        return found

    return stand(tree, at)


def rewritten(tree: Node, change: Callable[[Node], Node]) -> Node:
    """Return the tree with every node changed, children before the nodes that hold them."""
    return change(over(tree, rewritten, change))


def over(tree: Node, change: Callable[[Any, How], Node], how: How, /, **changes: object) -> Node:
    """Return a node with other nodes below it, and what else changes; itself if nothing does.

    Args:
        tree: The node.
        change: Gives what stands in place of a node below it, which may be the node itself.
        how: What `change` gets beside the node.
        **changes: Values of other fields.
    """
    for name in _PARTS[type(tree)]:
        part = getattr(tree, name)
        if isinstance(part, tuple):
            items = [change(one, how) for one in part]
            if any(map(operator.is_not, items, part)):
                changes[name] = tuple(items)
        elif part is not None and (new := change(part, how)) is not part:
            changes[name] = new
    return changed(tree, **changes) if changes else tree
