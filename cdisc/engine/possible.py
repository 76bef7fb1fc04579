"""The values that an expression can be seen to give, before any data."""

from collections.abc import Iterator

from cdisc.engine.program import VariablePlan
from cdisc.language import tree as t


def possible(variable: VariablePlan) -> tuple[tuple[str, str | None], ...]:
    """Return every value that an expression is seen to give, with decodes."""
    return tuple(dict.fromkeys(_possible(variable, variable.checked.expression.tree)))


def _possible(variable: VariablePlan, node: t.Node) -> Iterator[tuple[str, str | None]]:
    match node:
        case t.Text(value=value) | t.Const(value=value):
            if value:
                yield value, None
        case t.Case():
            for branch in node.branches:
                yield from _possible(variable, branch.value)
            if node.default is not None:
                yield from _possible(variable, node.default)
        case t.Flag():
            yield "Y", None
        case t.Call() | t.Step():
            use = variable.checked.uses[id(node)]
            if use.verb.values is not None:
                yield from use.verb.values(use, variable.checked.scope)
