"""Verbs that stand for longer expressions, replaced by what they mean.

Such a verb is written once in the language itself: `chg` is a subtraction, `epoch` a
choice among the elements of the subject. Everything that reads trees (types, needs,
lineage, SQL) sees the longer expression; a person reads the verb.
"""

from typing import TypeGuard

from cdisc.diagnostics import Diagnostic, Span
from cdisc.language import tree as t
from cdisc.language.binding import bind, verb_of
from cdisc.language.verb import Scope, Verbs

_NOWHERE = Span("", 0, 0, 0, "")
_VERBS = (t.Call, t.Step)


class TooDeepError(Exception):
    """What a verb stands for has more levels than are read."""


def expand(tree: t.Node, verbs: Verbs, scope: Scope) -> t.Node:
    """Return a tree in which every verb that stands for more is a `tree.Meant`.

    A verb whose arguments do not fit stays as it is: whoever checks types tells why.

    Args:
        tree: Any expression.
        verbs: The verbs that there are.
        scope: The study, as verbs see it.

    Raises:
        TooDeepError: The longer expression has too many levels.
    """

    def meant(node: t.Node) -> t.Node:
        if not stands_for_more(node, verbs):
            return node
        use = bind(node, verbs, lambda _node: _NOWHERE)
        if isinstance(use, Diagnostic) or use.verb.expands is None:
            return node
        # what it means may hold further verbs of the kind
        longer = use.verb.expands(use, scope)
        if t.depth(longer) > t.DEEPEST:
            raise TooDeepError
        meaning = expand(t.standing_at(longer, node), verbs, scope)
        return t.Meant(written=node, meaning=meaning, start=node.start, end=node.end)

    more = any(stands_for_more(node, verbs) for node in tree.walk())
    return t.rewritten(tree, meant) if more else tree


def stands_for_more(node: t.Node, verbs: Verbs) -> TypeGuard[t.Call | t.Step]:
    """Say whether a node is a verb that stands for a longer expression."""
    if not isinstance(node, _VERBS):
        return False
    verb = verb_of(node, verbs)
    return verb is not None and verb.expands is not None
