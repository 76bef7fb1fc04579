"""Comparisons of dates that may both be partial, and so may stay undecided."""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import Checked
from cdisc.engine.proof.places import Place, Study
from cdisc.language import tree as t

_ORDERS = ("before", "after", "on or before", "on or after")


class PartialDates:
    """Finds which dates of a study may be partial.

    Args:
        study: The study.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.program = study, study.program
        self._known: dict[tuple[str, str], bool] = {}

    def check(self, place: Place) -> Iterator[Diagnostic]:
        """Find comparisons between two dates that may both be partial.

        A comparison that stays undecided is false. Where a check asks that something is not
        so, that is what is meant, and nothing is said.
        """
        if not any(isinstance(node, t.Compare) for node in place.written):
            return
        for node in _compared(place.checked.expression.tree, negated=place.check):
            if all(self._may_be(place.checked, one) for one in (node.left, node.right)):
                yield Diagnostic(
                    "SPEC077",
                    f"{place.text(node)}: both dates may be partial",
                    place.span(node),
                    expected="a comparison that the parts of both do not decide is false",
                    help="impute one of them, or leave it so if false is what you mean",
                )

    def _may_be(self, checked: Checked, node: t.Node) -> bool:
        """Say whether a part of an expression may be a date that is not complete."""
        if checked.types(node) not in ("dtc", "text", "missing"):
            return False
        match node:
            case t.Ref():
                target = checked.target(node)
                there = target.qualifier in self.program.datasets
                return there and self._variable(target.qualifier, target.name)
            case t.Call() | t.Step():
                use = checked.uses.get(id(node))
                if use is not None and use.verb.partial is not None:
                    return use.verb.partial(use)
            case t.Branch():
                return self._may_be(checked, node.value)
            case t.Aggregate():
                return node.operand is not None and self._may_be(checked, node.operand)
        return any(self._may_be(checked, one) for one in node.children())

    def _variable(self, dataset: str, name: str) -> bool:
        key = (dataset, name)
        if key not in self._known:
            self._known[key] = False  # what needs itself adds nothing
            variable = self.program.datasets[dataset].variables.get(name)
            if variable is not None and self.study.sound(variable.checked):
                tree = variable.checked.expression.tree
                self._known[key] = self._may_be(variable.checked, tree)
        return self._known[key]


def _compared(node: t.Node, *, negated: bool) -> Iterator[t.Compare]:
    """Yield comparisons of dates; of a check, those that must hold for it to be met."""
    if isinstance(node, t.Compare) and node.operator in _ORDERS:
        yield node
    below = (node.written,) if isinstance(node, t.Meant) else tuple(node.children())
    for child in below:
        if not (negated and isinstance(node, t.Not)):
            yield from _compared(child, negated=negated)
