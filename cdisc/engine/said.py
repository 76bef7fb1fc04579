"""The method text of a variable, also where the standard implies the derivation."""

from collections.abc import Iterable, Iterator

from cdisc.engine.meaning import shown
from cdisc.engine.needs import aggregate_source, join_keys
from cdisc.engine.program import (
    Checked,
    DatasetPlan,
    EventPlan,
    ParamPlan,
    Program,
    RowSource,
    VariablePlan,
)
from cdisc.engine.winners import numbers
from cdisc.language import tree as t
from cdisc.language.english import English

_ROW = {
    "rows.subject": "the unique identifier of the subject",
    "test.code": "the code of the test",
    "param.code": "the code of the parameter",
    "param.label": "the label of the parameter",
    "param.order": "the number of the parameter in the order of the specification",
}


def method_text(plan: DatasetPlan, variable: VariablePlan, program: Program | None = None) -> str:
    """Return the derivation of a variable in English.

    Args:
        plan: The dataset.
        variable: Its variable.
        program: The study; then what is named and not submitted, a variable of ``work:``
            or of an intermediate dataset, is explained behind it.
    """
    said = {(plan.name, variable.name): _derivation(plan, variable, program)}
    waiting = [(plan, variable)]
    while waiting and program is not None:
        for name, other, one in _hidden(program, *waiting.pop(0)):
            if (other.name, one.name) not in said:
                text = _derivation(other, one, program)
                said[other.name, one.name] = f"{name} (not submitted): {text}"
                waiting.append((other, one))
    return " ".join([*said.values(), *_joins(plan, variable, program)])


def _joins(plan: DatasetPlan, variable: VariablePlan, program: Program | None) -> Iterator[str]:
    """Yield how the records of other datasets and forms are found, those of summaries aside."""
    if program is None or not variable.checked.sound:
        return
    checked = variable.checked
    within = {
        id(ref)
        for node in checked.expression.tree.walk()
        if isinstance(node, t.Aggregate) and (source := aggregate_source(node, checked))
        for ref in t.references(node)
        if ref.qualifier == source[1]
    }
    found: dict[str, str] = {}
    for ref, target in checked.refs():
        if id(ref) in within:
            continue
        name = target.qualifier
        if target.kind == "other":
            keys = join_keys(program.datasets, plan.name, name)
            if program.datasets[name].of_subjects:
                keys.insert(0, program.subject)
            found[name] = f"{program.datasets[name].shown} is joined by {' and '.join(keys)}."
        elif target.kind == "form":
            found[name] = f"The form {name} is joined by {program.subject}."
    for other, one in _stages_of(program, variable):
        found.update((text, text) for text in _joins(other, one, program))
    yield from dict.fromkeys(found.values())


def _stages_of(
    program: Program, variable: VariablePlan
) -> Iterator[tuple[DatasetPlan, VariablePlan]]:
    """Yield the variables of stages that a variable of the dataset itself is taken over from."""
    if not isinstance(variable.checked.expression.tree, t.BySource):
        return
    for _ref, target in variable.checked.refs():
        other = program.datasets.get(target.qualifier)
        if other is not None and other.of is not None and target.name not in other.taken:
            yield other, other.variables[target.name]


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
    for other, one in _stages_of(program, variable):
        yield from _hidden(program, other, one)


def _derivation(plan: DatasetPlan, variable: VariablePlan, program: Program | None = None) -> str:
    """Return the English of a variable by itself."""
    tree = variable.checked.expression.tree
    if not isinstance(tree, t.BySource):
        return _sentence(plan, variable, tree)
    first = program.datasets.get(plan.sources[0].name) if program is not None else None
    if program is not None and first is not None and first.of == plan.shown:
        return _over_stages(program, plan, variable, tree)
    pieces = dict(numbered(tree))
    parts = [
        f"On {_records_of(plan, number)}: {_lower(_sentence(plan, variable, one.value))}"
        for number, one in pieces.items()
    ]
    if len(pieces) < len(plan.sources):
        rest = _sentence(plan, variable, tree.default) if tree.default else "Missing."
        parts.append(f"On the others: {_lower(rest)}")
    return " ".join(parts)


def _over_stages(
    program: Program, plan: DatasetPlan, variable: VariablePlan, tree: t.BySource
) -> str:
    """Return the English of a variable that the blocks of ``records:`` give values."""
    pieces, parts = dict(numbered(tree)), []
    for number, source in enumerate(plan.sources[1:], start=1):
        made = program.datasets[source.name]
        if number in pieces and variable.name in made.taken:
            continue  # as on the records that it is made from
        text = "Missing."
        if number in pieces:
            text = _derivation(made, made.variables[variable.name], program)
        elif tree.default is not None:
            continue  # derived as on all records
        parts.append(f"On {_records_of(plan, number, program)}: {_lower(text)}")
    if 0 in pieces:
        base = program.datasets[plan.sources[0].name]
        rest = _derivation(base, base.variables[variable.name], program)
    else:
        rest = _sentence(plan, variable, tree.default) if tree.default else "Missing."
    return " ".join([*parts, f"On the others: {_lower(rest)}"]) if parts else rest


def piece_text(plan: DatasetPlan, variable: VariablePlan, node: t.Node) -> str:
    """Return the English of one piece of an expression, by itself."""
    return _sentence(plan, variable, node)


def _lower(text: str) -> str:
    """Return a sentence as it goes on behind a colon."""
    return text[0].lower() + text[1:] if text[:2].istitle() else text


def numbered(tree: t.BySource) -> Iterator[tuple[int, t.Branch]]:
    """Yield the pieces of an expression with the indices of their row sources."""
    for branch in tree.branches:
        assert isinstance(branch.condition, t.Compare)
        assert isinstance(branch.condition.right, t.Number)
        yield int(branch.condition.right.value) - 1, branch


def _records_of(plan: DatasetPlan, number: int, program: Program | None = None) -> str:
    """Return which records come from a row source: by what they are, else by where they are from.

    What they are is what no other source sets their keys to, such as a parameter.
    """
    every = range(len(plan.sources))
    own = _constants(plan, number, program)
    others = [_constants(plan, other, program) for other in every if other != number]
    if own and own not in others:
        return f"records where {' and '.join(own)}"
    source = plan.sources[number]
    if program is not None and plan.loaded is not None and plan.loaded.model.records:
        name = plan.loaded.model.records[number - 1].name
        return f"further records ({name or number})"
    tests = "the tests of " if source.kind == "melt" else ""
    text = f"records of {tests}{source.name}"
    if source.where is not None:
        said = english_of(source.where, source.name).say(source.where.expression.tree)
        text += f" where {said}"
    return text


def records_text(program: Program, plan: DatasetPlan) -> str | None:
    """Return how the blocks of ``records:`` make further records, or None if there are none."""
    if plan.of is not None or plan.loaded is None or not plan.loaded.model.records:
        return None
    parts = []
    for number, source in enumerate(plan.sources[1:], start=1):
        made = program.datasets[source.name]
        text = _upper(f"{_records_of(plan, number, program)}: {_one_for(made.sources[0], plan)}")
        if source.where is not None:
            named = source.where.expression.tree
            assert isinstance(named, t.Ref)  # a stage holds its condition as a variable
            when = made.variables[named.name].checked
            condition = english_of(when, plan.name).say(when.expression.tree)
            text += f", if {condition}"
        parts.append(f"{text}.")
    return " ".join(parts)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _one_for(source: RowSource, plan: DatasetPlan) -> str:
    """Return what a block of ``records:`` makes one record for."""
    if source.keep is not None:
        chosen = english_of(source.keep, plan.name).say(source.keep.expression.tree)
        what = chosen.removeprefix("'Y' on ").partition(";")[0]
    elif source.by:
        names = list(source.by)
        if source.expect:
            names.append(f"{' and '.join(source.expected)} of the table {source.expect}")
        what = f"each {' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)}"
    else:
        what = "each record"
    if source.where is not None:
        condition = english_of(source.where, plan.name).say(source.where.expression.tree)
        words = "of the records " if source.by else ", among the records " if source.keep else ""
        what += f"{'' if source.keep else ' '}{words}where {condition}"
    unmatched = ", unless there is such a record" if source.expect else ""
    return f"one for {what}{unmatched}"


def _constants(plan: DatasetPlan, number: int, program: Program | None) -> list[str]:
    """Return the constants that the records of a row source have, those of keys if there are."""
    found = {}
    for name, variable in plan.variables.items():
        tree = variable.checked.expression.tree
        piece = dict(numbered(tree)).get(number) if isinstance(tree, t.BySource) else None
        value = piece.value if piece is not None else None
        made = program.datasets.get(plan.sources[number].name) if program is not None else None
        if isinstance(value, t.Ref) and made is not None and made.of is not None:
            value = made.variables[name].checked.expression.tree
        if isinstance(value, t.Text | t.Const) and value.value:
            found[name] = f"{name} equals '{value.value}'"
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
            return f"The time origin of the parameter. {'; '.join(_starts(plan))}."
        if kind == "own":
            return f"Equals {tree.name}."
    return english_of(variable.checked, plan.shown, whole=not plan.of_subjects).sentence(tree)


def _starts(plan: DatasetPlan) -> Iterator[str]:
    """Yield the time origin of each parameter, and who has the parameter."""
    for one in plan.params:
        text = f"{one.code}: {one.block.start}"
        if one.where is not None:
            source = plan.sources[0].name
            said = english_of(one.where, source).say(one.where.expression.tree)
            text += f", where {said}"
        yield text


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
        if ref.qualifier == "new":
            return f"{ref.name} of the new record"
        if target.qualifier != shown(target.qualifier):
            return ref.name if ref.qualifier else shown(ref.name)
        if target.type == "boolean":
            return f"{ref} holds"
        if target.kind == "row":
            of_test = f"the {ref.name} of the test" if ref.qualifier == "test" else None
            return _ROW.get(str(ref), of_test)
        return target.name if target.kind == "constant" else None

    english = English(checked.uses, checked.scope, dataset, checked.types, value_of)
    english.of_subject = " of all subjects" if whole else english.of_subject
    return english
