"""Branches that are never reached, and conditions that say nothing or cannot hold."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.proof.holdings import Holding, Holdings, listed
from cdisc.engine.proof.places import Place
from cdisc.engine.proof.terms import allowed
from cdisc.engine.proof.worlds import Worlds
from cdisc.language import tree as t

_CONDITIONS = (t.And, t.Or, t.Not, t.Compare, t.Among, t.Missing)
_DECIDING = (t.Case, *_CONDITIONS)


def check_conditions(place: Place, holdings: Holdings) -> Iterator[Diagnostic]:
    """Find branches that are never reached and conditions that are always or never true."""
    if not any(isinstance(node, _DECIDING) for node in place.written):
        return
    never = list(_impossible(place, holdings))
    yield from (finding for finding, _node in never)
    looked_at = {id(node) for _finding, node in never}
    for node in place.written:
        if isinstance(node, t.Case):
            yield from _branches(place, holdings, node, looked_at)
    for condition in _outermost(place.checked.expression.tree):
        yield from _constant(place, holdings, condition, looked_at)


def _outermost(node: t.Node, *, within: bool = False) -> Iterator[t.Node]:
    """Yield the conditions that are no part of another one."""
    if isinstance(node, _CONDITIONS) and not within:
        yield node
    below = (node.written,) if isinstance(node, t.Meant) else node.children()
    for child in below:
        yield from _outermost(child, within=isinstance(node, t.And | t.Or | t.Not))


def _worlds(place: Place, holdings: Holdings, conditions: Sequence[t.Node]) -> Worlds:
    checked = place.checked
    return Worlds(conditions, checked.types, lambda node: holdings.of(checked, node, place.plan))


def _branches(
    place: Place, holdings: Holdings, case: t.Case, looked_at: set[int]
) -> Iterator[Diagnostic]:
    """Yield the branches of a choice that the ones before them leave nothing for."""
    conditions = [branch.condition for branch in case.branches]
    if _holds_any(conditions, looked_at):
        return
    worlds = _worlds(place, holdings, conditions)
    if not worlds.every:
        return
    left = worlds.every
    truths: list[tuple[t.Node, int]] = []
    for branch in case.branches:
        here = worlds.truth(branch.condition)
        if here and not here & left:
            takers = (one for one, truth in truths if not here & ~truth)
            yield _unreached(place, branch, next(takers, None))
        left &= ~here
        truths.append((branch.condition, here))
    if case.default is not None and not left:
        yield Diagnostic(
            "SPEC070",
            f"else {place.text(case.default)} is never reached",
            place.span(case.default),
            expected="the branches before it take all records",
            help="remove it, or correct the conditions",
        )


def _holds_any(conditions: Iterable[t.Node], looked_at: set[int]) -> bool:
    return bool(looked_at) and any(
        id(node) in looked_at for one in conditions for node in one.walk()
    )


def _unreached(place: Place, branch: t.Branch, taker: t.Node | None) -> Diagnostic:
    before = f"the branch of {place.text(taker)} takes" if taker else "those before it take"
    return Diagnostic(
        "SPEC070",
        f"the branch of {place.text(branch.condition)} is never reached",
        place.span(branch.condition),
        expected=f"{before} all its records",
        help="remove it, put it first, or correct the conditions",
    )


def _constant(
    place: Place, holdings: Holdings, condition: t.Node, looked_at: set[int]
) -> Iterator[Diagnostic]:
    """Yield a condition that is always true or never, or the parts of it that are."""
    if _holds_any([condition], looked_at):
        return
    worlds = _worlds(place, holdings, [condition])
    truth = worlds.truth(condition) if worlds.every else None
    if worlds.every and truth in (0, worlds.every):
        yield Diagnostic(
            "SPEC071",
            f"{place.text(condition)} is {'always' if truth else 'never'} true",
            place.span(condition),
            expected=_reason(place, holdings, condition),
            help="correct the condition, or remove what it decides",
        )
        return
    if isinstance(condition, t.And | t.Or | t.Not):
        for child in condition.children():
            yield from _constant(place, holdings, child, looked_at)


def _reason(place: Place, holdings: Holdings, condition: t.Node) -> str | None:
    """Return what the values can be that a condition is about, where that is known."""
    reasons: list[str] = []
    for node in condition.walk():
        if isinstance(node, t.Ref | t.Step | t.Call):
            holding = holdings.of(place.checked, node, place.plan)
            if holding.texts is not None and len(reasons) < 1:
                reasons.append(f"{place.text(node)} is {_said(holding)}")
    return reasons[0] if reasons else None


def _said(holding: Holding) -> str:
    texts = listed(holding.texts or ())
    if not texts:
        return "always missing"
    return f"{texts}, or missing" if holding.missing else f"{texts}, and never missing"


def _impossible(place: Place, holdings: Holdings) -> Iterator[tuple[Diagnostic, t.Node]]:
    """Yield comparisons with a text that the value can never be."""
    for node in place.written:
        said = partial(_never, place, holdings)
        if isinstance(node, t.Compare) and node.operator in ("=", "<>"):
            yield from said(node, node.left, (node.right,))
            yield from said(node, node.right, (node.left,))
        elif isinstance(node, t.Among):
            yield from said(node, node.operand, node.items)


def _never(
    place: Place, holdings: Holdings, node: t.Node, subject: t.Node, items: Sequence[t.Node]
) -> Iterator[tuple[Diagnostic, t.Node]]:
    texts = [item for item in items if isinstance(item, t.Text) and item.value]
    if not texts or place.checked.types(subject) not in ("text", "literal"):
        return
    values, reason = _possible(place, holdings, subject)
    if not values:
        return  # open, or always missing, which is said once
    for item in texts:
        if item.value not in values:
            yield (
                Diagnostic(
                    "SPEC075",
                    f'{place.text(subject)} is never "{item.value}"',
                    place.span(item),
                    expected=f"{listed(values)} ({reason})",
                    help=did_you_mean(item.value, values),
                ),
                node,
            )


def _possible(
    place: Place, holdings: Holdings, subject: t.Node
) -> tuple[frozenset[str], str | None]:
    """Return what a value can be, and how that is known; nothing where it is open."""
    holding = holdings.of(place.checked, subject, place.plan)
    if holding.texts is not None:
        return holding.texts, "what its line gives"
    if isinstance(subject, t.Ref):
        target = place.checked.target(subject)
        plan = holdings.program.datasets.get(target.qualifier)
        variable = plan.variables.get(target.name) if plan else None
        if variable is not None:
            found = allowed(holdings.program, variable)
            if found is not None:
                return found.values, found.name
    return frozenset(), None
