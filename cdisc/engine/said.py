"""The method text of a variable, also where the standard implies the derivation."""

from collections.abc import Iterable

from cdisc.engine.program import Checked, DatasetPlan, EventPlan, VariablePlan
from cdisc.language import tree as t
from cdisc.language.english import English


def method_text(plan: DatasetPlan, variable: VariablePlan) -> str:
    """Return the derivation of a variable in English."""
    tree = variable.checked.expression.tree
    if isinstance(tree, t.Ref):
        kind = variable.checked.target(tree).kind
        if kind == "sequence":
            keys = ", ".join(plan.keys)
            return f"The number of the record within the subject, in the order of {keys}."
        if tree.qualifier == "winner":
            return _winner(plan, tree.name)
        if tree.qualifier == "param" and tree.name == "start":
            starts = (f"{one.code}: {one.block.start}" for one in plan.params)
            return f"The time origin of the parameter. {'; '.join(starts)}."
        if kind == "own":
            return f"Equals {tree.name}."
    return english_of(variable.checked, plan.name).sentence(tree)


def _winner(plan: DatasetPlan, name: str) -> str:
    meanings = {
        "date": "The date of the first event; without an event, the date of the last censoring.",
        "cnsr": "0 for an event, otherwise the number of the censoring.",
        "event": "The description of the event, or of the censoring, that was chosen.",
        "censoring": "The description of the censoring that was chosen.",
        "domain": "The dataset of the event or censoring that was chosen.",
        "variable": "The variable that holds the date that was chosen.",
        "sequence": "The sequence number of the record that was chosen, where its dataset has one.",
    }
    if name != "date":
        return meanings[name]
    events = {one.name: one for one in (*plan.events, *plan.censors)}
    parts = []
    for param in plan.params:
        first = _named(events, param.block.events)
        last = _named(events, param.block.censors)
        text = f"{param.code}: events {first}; censored at {last}"
        if param.block.stop_at:
            text += f"; nothing counts after {_named(events, param.block.stop_at)}"
        parts.append(text)
    return f"{meanings[name]} {'. '.join(parts)}."


def _named(events: dict[str, EventPlan], names: Iterable[str]) -> str:
    return ", ".join(_event(events[name]) for name in names)


def _event(event: EventPlan) -> str:
    checked, where = event.when, ""
    if checked is not None:
        said = english_of(checked, event.dataset).say(checked.expression.tree)
        where = f" where {said}"
    return f"{event.block.says} ({event.dataset}.{event.variable}{where})"


def english_of(checked: Checked, dataset: str) -> English:
    """Return the writer of English for an expression of a dataset."""

    def value_of(ref: t.Ref) -> str | None:
        target = checked.target(ref)
        return target.name if target.kind == "constant" else None

    return English(checked.uses, checked.scope, dataset, checked.types, value_of)
