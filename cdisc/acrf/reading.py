"""How an expression reads what it names: takes it, makes something of it, or asks it.

``coalesce(ae.AESER, ae.AESER_D) | ct YESNO`` takes both fields; ``age(demo.BIRTH, ...)``
makes something of one; ``when ld.LDND is missing then ...`` asks one. Branches that a
source of records never reaches are left out, for there the variable that is asked is
always the same; so is what records are sorted by, which is in no value.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from cdisc.engine.program import Checked
from cdisc.language import tree as t
from cdisc.record import record

Way = Literal[0, 1, 2]
TAKES: Way = 0
MAKES: Way = 1
ASKS: Way = 2

_CONDITIONS = (t.Compare, t.Among, t.Missing, t.Not, t.And, t.Or)
_ONE_OF_ALL = frozenset({"first", "last"})


@record()
class Read:
    """A reference that an expression reads.

    Attributes:
        ref: The reference.
        way: How it is read.
        codes: Values of the topic for which it is read; empty for all.
    """

    ref: t.Ref
    way: Way
    codes: tuple[str, ...] = ()


class Reading:
    """Reads the expressions of one variable on the records of one source.

    Args:
        checked: The expression of the variable.
        constants: What variables of the dataset always are on these records.
        topic: The variable that says what a record is about, or None.
    """

    def __init__(self, checked: Checked, constants: Mapping[str, str], topic: str | None) -> None:
        self._checked = checked
        self._constants = constants
        self._topic = topic

    def reads(
        self, node: t.Node | None, way: Way = TAKES, codes: tuple[str, ...] = ()
    ) -> Iterator[Read]:
        """Yield every reference of a part of the expression, in reading order."""
        match node:
            case None:
                return
            case t.Ref():
                yield Read(node, way, codes)
            case t.Case():
                yield from self._case(node, way, codes)
            case t.Aggregate():
                of_one = node.kind in _ONE_OF_ALL
                yield from self.reads(node.operand, way if of_one else _worse(way, MAKES), codes)
                yield from self._asked((node.where,), codes)
            case t.Flag() | t.Numbering():
                yield from self._asked((node.where,), codes)
            case t.Step():
                yield from self.reads(node.operand, self._after(node, way), codes)
                yield from self._asked(node.arguments, codes)
            case _:
                after = ASKS if isinstance(node, _CONDITIONS) else self._after(node, way)
                for child in node.children():
                    yield from self.reads(child, after, codes)

    def _after(self, node: t.Node, way: Way) -> Way:
        """Return how what stands below a node is read."""
        if isinstance(node, t.Step | t.Call):
            use = self._checked.uses.get(id(node))
            return _worse(way, MAKES) if use is not None and use.verb.effect == "derives" else way
        if isinstance(node, t.Arithmetic):
            joins = node.operator == "+" and self._checked.types(node) == "text"
            return way if joins else _worse(way, MAKES)
        return _worse(way, MAKES) if isinstance(node, t.Meant | t.Minus) else way

    def _asked(self, nodes: tuple[t.Node | None, ...], codes: tuple[str, ...]) -> Iterator[Read]:
        for node in nodes:
            yield from self.reads(node, ASKS, codes)

    def _case(self, case: t.Case, way: Way, codes: tuple[str, ...]) -> Iterator[Read]:
        for branch in case.branches:
            wanted = _wanted(branch.condition)
            known = {name: self._constants[name] for name in wanted if name in self._constants}
            if any(value not in wanted[name] for name, value in known.items()):
                continue
            of_topic = wanted.get(self._topic or "", ())
            yield from self.reads(branch.condition, ASKS, of_topic or codes)
            yield from self.reads(branch.value, way, of_topic or codes)
            if known and len(known) == len(wanted) and _only_equal(branch.condition):
                return  # it holds on all of these records
        yield from self.reads(case.default, way, codes)


def of_source(tree: t.Node, at: int) -> t.Node | None:
    """Return the part of an expression that makes the values of a source of records.

    Args:
        tree: The expression of a variable.
        at: Index of the source.
    """
    if not isinstance(tree, t.BySource):
        return tree
    for branch in tree.branches:
        assert isinstance(branch.condition, t.Compare)
        assert isinstance(branch.condition.right, t.Number)
        if int(branch.condition.right.value) == at + 1:
            return branch.value
    return tree.default


def constant(node: t.Node | None) -> str | None:
    """Return the text that an expression always is, or None."""
    return node.value if isinstance(node, t.Const | t.Text) and node.value else None


def _worse(one: Way, other: Way) -> Way:
    return max(one, other)


def _wanted(condition: t.Node) -> dict[str, tuple[str, ...]]:
    """Return what variables of the dataset must be for a condition to hold."""
    match condition:
        case t.Compare(operator="=", left=t.Ref(qualifier=None) as ref, right=t.Text() as text):
            return {ref.name: (text.value,)}
        case t.Among(operand=t.Ref(qualifier=None) as ref, negated=False):
            texts = [one.value for one in condition.items if isinstance(one, t.Text)]
            return {ref.name: tuple(texts)} if len(texts) == len(condition.items) else {}
        case t.And():
            return {k: v for one in condition.operands for k, v in _wanted(one).items()}
    return {}


def _only_equal(condition: t.Node) -> bool:
    """Say whether nothing but what is wanted is asked."""
    parts = condition.operands if isinstance(condition, t.And) else (condition,)
    return all(_wanted(one) for one in parts)
