"""The method text of a variable, also where the standard implies the derivation."""

from collections.abc import Iterable, Iterator

from cdisc.engine.program import (
    Checked,
    DatasetPlan,
    EventPlan,
    ParamPlan,
    Program,
    VariablePlan,
)
from cdisc.engine.winners import numbers
from cdisc.language import tree as t
from cdisc.language.english import English


def method_text(plan: DatasetPlan, variable: VariablePlan, program: Program | None = None) -> str:
    """Return the derivation of a variable in English.

    Args:
        plan: The dataset.
        variable: Its variable.
        program: The study; then what is named and not submitted, a variable of ``work:``
            or of an intermediate dataset, is explained behind it.
    """
    said = {(plan.name, variable.name): _derivation(plan, variable)}
    waiting = [(plan, variable)]
    while waiting and program is not None:
        for name, other, one in _hidden(program, *waiting.pop(0)):
            if (other.name, one.name) not in said:
                text = _derivation(other, one)
                said[other.name, one.name] = f"{name} (not submitted): {text}"
                waiting.append((other, one))
    return " ".join(said.values())


def _hidden(
    program: Program, plan: DatasetPlan, variable: VariablePlan
) -> Iterator[tuple[str, DatasetPlan, VariablePlan]]:
    """Yield what a variable reads and nobody submits, by its name."""
    for _ref, target in variable.checked.refs():
        other = program.datasets.get(target.qualifier)
        if other is None or target.name not in other.variables:
            continue
        one = other.variables[target.name]
        if one.line.work or not (other.submitted or other.of):
            own = other.shown == plan.shown
            yield (one.name if own else f"{other.shown}.{one.name}"), other, one


def _derivation(plan: DatasetPlan, variable: VariablePlan) -> str:
    """Return the English of a variable by itself."""
    tree = variable.checked.expression.tree
    if not isinstance(tree, t.BySource):
        return _sentence(plan, variable, tree)
    pieces = dict(numbered(tree))
    parts = [
        f"On {_records_of(plan, number)}: {_lower(_sentence(plan, variable, one.value))}"
        for number, one in pieces.items()
    ]
    if len(pieces) < len(plan.sources):
        rest = _sentence(plan, variable, tree.default) if tree.default else "Missing."
        parts.append(f"On the others: {_lower(rest)}")
    return " ".join(parts)


def _lower(text: str) -> str:
    """Return a sentence as it goes on behind a colon."""
    return text[0].lower() + text[1:] if text[:2].istitle() else text


def numbered(tree: t.BySource) -> Iterator[tuple[int, t.Branch]]:
    """Yield the pieces of an expression with the indices of their row sources."""
    for branch in tree.branches:
        assert isinstance(branch.condition, t.Compare)
        assert isinstance(branch.condition.right, t.Number)
        yield int(branch.condition.right.value) - 1, branch


def _records_of(plan: DatasetPlan, number: int) -> str:
    """Return which records come from a row source: by what they are, else by where they are from.

    What they are is what no other source sets their keys to, such as a parameter.
    """
    own = _constants(plan, number)
    others = [_constants(plan, other) for other in range(len(plan.sources)) if other != number]
    if own and own not in others:
        return f"records where {' and '.join(own)}"
    source = plan.sources[number]
    tests = "the tests of " if source.kind == "melt" else ""
    text = f"records of {tests}{source.name}"
    if source.where is not None:
        said = english_of(source.where, source.name).say(source.where.expression.tree)
        text += f" where {said}"
    return text


def _constants(plan: DatasetPlan, number: int) -> list[str]:
    """Return the constants that the records of a row source have, those of keys if there are."""
    found = {}
    for name, variable in plan.variables.items():
        tree = variable.checked.expression.tree
        value = dict(numbered(tree)).get(number) if isinstance(tree, t.BySource) else None
        if value is not None and isinstance(value.value, t.Text | t.Const) and value.value.value:
            found[name] = f"{name} equals '{value.value.value}'"
    return [found[name] for name in plan.keys if name in found] or list(found.values())


def _sentence(plan: DatasetPlan, variable: VariablePlan, tree: t.Node) -> str:
    """Return the English of an expression of a variable."""
    if isinstance(tree, t.Ref):
        kind = variable.checked.target(tree).kind
        if kind == "sequence":
            keys = ", ".join(plan.keys)
            whole = "subject" if plan.of_subjects else "dataset"
            return f"The number of the record within the {whole}, in the order of {keys}."
        if tree.qualifier == "winner":
            return _winner(plan, tree.name)
        if tree.qualifier == "param" and tree.name == "start":
            starts = (f"{one.code}: {one.block.start}" for one in plan.params)
            return f"The time origin of the parameter. {'; '.join(starts)}."
        if kind == "own":
            return f"Equals {tree.name}."
    return english_of(variable.checked, plan.shown, whole=not plan.of_subjects).sentence(tree)


def _winner(plan: DatasetPlan, name: str) -> str:
    """Return what is taken of the event or censoring that a parameter chooses."""
    meanings = {
        "date": "The date of the first event",
        "cnsr": "0 for an event",
        "event": "The description of the event or censoring that was chosen",
        "censoring": "The description of the censoring that was chosen; missing for an event",
        "domain": "The dataset of the event or censoring that was chosen",
        "variable": "The variable that holds the date that was chosen",
        "sequence": "The sequence number of the record that was chosen, where its dataset has one",
    }
    competing = any(one.block.competing for one in plan.params)
    if name == "cnsr":
        parts = [_numbered(plan, one) for one in plan.params]
        return f"{meanings[name]}, otherwise the number of the censoring. {'. '.join(parts)}."
    text = meanings[name]
    if competing and name != "date":
        text = text.replace("event or censoring", "event, competing event or censoring")
        text = text.replace("of the censoring", "of the competing event or censoring")
    if name != "date":
        return f"{text}."
    either = " or competing event" if competing else ""
    text += f"{either}; without one, the date of the last censoring. "
    text += "Of several on one day, the one named first is taken"
    text += ", an event before a competing event. " if competing else ". "
    return text + ". ".join(_dated(plan, one) for one in plan.params) + "."


def _dated(plan: DatasetPlan, param: ParamPlan) -> str:
    events = {one.name: one for one in (*plan.events, *plan.censors)}
    block = param.block
    text = f"{param.code}: events {_named(events, block.events)}"
    if block.competing:
        text += f"; competing events {_named(events, block.competing)}"
    text += f"; censored at {_named(events, block.censors)}"
    if block.stop_at:
        stop = _named(events, block.stop_at)
        text += f"; nothing counts after the first of {stop}, and a later censoring is dated then"
    return text


def _numbered(plan: DatasetPlan, param: ParamPlan) -> str:
    says = {one.name: one.block.says for one in (*plan.events, *plan.censors)}
    parts = [f"{cnsr} {says[name]}" for name, cnsr in numbers(plan, param) if cnsr != "0"]
    return f"{param.code}: {', '.join(parts)}"


def _named(events: dict[str, EventPlan], names: Iterable[str]) -> str:
    return ", ".join(_event(events[name]) for name in names)


def _event(event: EventPlan) -> str:
    date = english_of(event.date, event.dataset).say(event.date.expression.tree)
    checked, where = event.when, ""
    if checked is not None:
        said = english_of(checked, event.dataset).say(checked.expression.tree)
        where = f" where {said}"
    return f"{event.block.says} ({date}{where})"


def english_of(checked: Checked, dataset: str, *, whole: bool = False) -> English:
    """Return the writer of English for an expression of a dataset.

    Args:
        checked: The expression.
        dataset: The dataset.
        whole: Its records belong to no subject, so that it summarises all subjects.
    """

    def value_of(ref: t.Ref) -> str | None:
        target = checked.target(ref)
        if target.type == "boolean":
            return f"{ref} holds"
        return target.name if target.kind == "constant" else None

    english = English(checked.uses, checked.scope, dataset, checked.types, value_of)
    english.of_subject = " of all subjects" if whole else english.of_subject
    return english
