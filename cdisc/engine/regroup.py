"""The expressions of ``records:``: summaries in them run over the records of the group.

``mean AVAL`` in such an expression is the mean over the records that the new one is made
from; ``new.ADT`` is a variable of the new record. Both are said in the language as it is:
a summary over another dataset, the stage before, of the records that agree in ``by``.
"""

import dataclasses

from cdisc.engine.draft import Draft, Frame
from cdisc.engine.lines import Line, parse_at
from cdisc.engine.vocabulary import VariableScope
from cdisc.language import tree as t
from cdisc.language.expansion import expand
from cdisc.language.formula import formula_head
from cdisc.record import record


@record()
class Regroup:
    """Rewrites the expressions of one block.

    Attributes:
        draft: The study.
        frame: The dataset.
        before: The stage whose records the new ones are made from.
        by: What groups them.
        where: Condition on them, or None.
    """

    draft: Draft
    frame: Frame
    before: str
    by: tuple[str, ...]
    where: t.Node | None

    def line(self, line: Line) -> Line:
        """Return a line whose summaries run over the records of the group."""
        tree = t.rewritten(self._named(line.expression.tree), self._spelled)
        expression = dataclasses.replace(line.expression, tree=self._outside(tree, line.name))
        return dataclasses.replace(line, expression=expression, implied=False)

    def is_summarised(self, tree: t.Node) -> bool:
        """Say whether an expression asks for what the records of the group have in common."""
        return any(
            not one.by and (one.operand is None or not self._is_elsewhere(one.operand))
            for one in _summaries(plain(self.draft, tree))
        )

    def _named(self, tree: t.Node) -> t.Node:
        """Return a tree with the conditions that its names stand for, if those are summaries."""
        said = named(self.draft, tree)
        return said if _summaries(said) - _summaries(tree) else tree

    def _spelled(self, node: t.Node) -> t.Node:
        """Return what a function stands for, if that is a summary of the group."""
        if not isinstance(node, t.Call | t.Step):
            return node
        meant = plain(self.draft, node)
        more = _summaries(meant) - _summaries(node)
        if not any(one.operand is None or not self._is_elsewhere(one.operand) for one in more):
            return node
        return t.rewritten(meant, lambda one: one.meaning if isinstance(one, t.Meant) else one)

    def _outside(self, node: t.Node, name: str) -> t.Node:
        """Return an expression of the new record; its own variable is the one it was."""

        def change(one: t.Node) -> t.Node:
            return self._summary(one) if isinstance(one, t.Aggregate) else one

        taken = {name} if not self.by or name in self.by else set()
        inside = {
            id(ref) for one in node.walk() if isinstance(one, t.Choice) for ref in t.references(one)
        }

        def was(ref: t.Ref) -> t.Ref | None:
            own = ref.qualifier is None and ref.name in taken and id(ref) not in inside
            return self._existing(ref) if own else None

        return t.rewritten(t.substitute(node, was), change)

    def _summary(self, node: t.Aggregate) -> t.Node:
        place = {"start": node.start, "end": node.end}
        operand: t.Node
        if node.operand is None:
            operand = t.Ref(qualifier=None, name=self.before, **place)
        elif self._is_elsewhere(node.operand):
            return node
        else:
            operand = self._inside(node.operand)
        conditions = []
        if self.where is not None:
            conditions.append(t.placed(self._inside(self.where), node))
        if node.where is not None:
            conditions.append(self._inside(node.where))
        where = t.And(operands=tuple(conditions), **place) if len(conditions) > 1 else None
        return dataclasses.replace(
            node,
            operand=operand,
            where=where or next(iter(conditions), None),
            by=node.by or tuple(t.Ref(qualifier=None, name=one, **place) for one in self.by),
            order=tuple(
                dataclasses.replace(one, ref=self._existing(one.ref) or one.ref)
                for one in node.order
            ),
        )

    def _is_elsewhere(self, operand: t.Node) -> bool:
        """Say whether a summary runs over another dataset or form."""
        others = {*self.draft.frames, *self.draft.study.raw, t.OTHER}
        return any(
            (ref.qualifier or ref.name) in others
            for ref in t.references(operand)
            if ref.qualifier is not None or ref.name not in self.frame.lines
        )

    def _inside(self, node: t.Node) -> t.Node:
        return t.substitute(node, self._existing)

    def _existing(self, ref: t.Ref) -> t.Ref | None:
        """Return the variable of an existing record that a bare name means."""
        if ref.qualifier is None and ref.name in self.frame.lines:
            return dataclasses.replace(ref, qualifier=self.before)
        return None


def plain(draft: Draft, tree: t.Node) -> t.Node:
    """Return a tree with what its names and verbs stand for; what is wrong stays as it is."""
    scope = VariableScope(draft.vocabulary, "", "text")
    return expand(named(draft, tree), draft.verbs, scope)


def named(draft: Draft, tree: t.Node) -> t.Node:
    """Return a tree with the conditions of ``let:`` that its names stand for."""

    def stands_for(ref: t.Ref) -> t.Node | None:
        text = draft.study.let.get(ref.name)
        if ref.qualifier is not None or text is None or formula_head(ref.name):
            return None
        found = parse_at(draft.loaded.document, text, ("let", ref.name), [])
        return t.placed(found.tree, ref) if found else None

    for _depth in draft.study.let:
        before, tree = tree, t.substitute(tree, stands_for)
        if tree is before:
            break
    return tree


def _summaries(tree: t.Node) -> set[t.Aggregate]:
    return {node for node in tree.walk() if isinstance(node, t.Aggregate)}
