"""What a study derives within subject: it may be made subject by subject, in buckets.

Nearly every line of a study looks at records of the subject at hand and of nobody else.
Trial design looks at no subject at all, and is made again for every bucket. What looks
across subjects (a group without the subject, a step that is a study's own program) is named,
with the line; a study that has such a line is made in one piece.
"""

from collections.abc import Iterator, Sequence

from cdisc.diagnostics import Span
from cdisc.engine.needs import aggregate_source
from cdisc.engine.program import Checked, DatasetPlan, Program, RowSource, Target
from cdisc.language import tree as t
from cdisc.record import record


@record()
class Across:
    """A line that looks across subjects."""

    dataset: str
    said: str
    span: Span


def across_subjects(program: Program) -> tuple[Across, ...]:
    """Return the lines of a study that look across subjects; none of most studies.

    Args:
        program: The resolved study.
    """
    return tuple(one for plan in program.datasets.values() for one in _across(program, plan))


def made_whole(program: Program) -> frozenset[str]:
    """Return the datasets that look across subjects, and all that need them."""
    needs = {name: needed_by(plan) for name, plan in program.datasets.items()}
    whole = {one.dataset for one in across_subjects(program)}
    while True:
        more = {name for name, needed in needs.items() if needed & whole} - whole
        if not more:
            return frozenset(whole)
        whole |= more


def needed_by(plan: DatasetPlan) -> frozenset[str]:
    """Return the other datasets that must be there for a dataset."""
    needs = [plan.rows_needs, *(variable.needs for variable in plan.variables.values())]
    found = {name for one in needs for name, _variable in one}
    found |= {target.qualifier for one in plan.checks for _ref, target in one.refs()}
    return frozenset(found - {plan.name})


def forms_of(program: Program, plan: DatasetPlan) -> frozenset[str]:
    """Return the forms that a dataset reads."""
    found = {source.name for source in plan.sources}
    for _source, checked in _expressions(plan):
        found |= {target.qualifier for _ref, target in checked.refs()}
    return frozenset(found & set(program.forms))


def _across(program: Program, plan: DatasetPlan) -> Iterator[Across]:
    span = plan.sources[0].span
    if plan.of_subjects and plan.of is None:
        if program.subject not in plan.keys:
            yield Across(plan.name, f"its keys do not name {program.subject}", span)
        elif not is_subject(program, plan):
            yield Across(plan.name, f"{program.subject} is not that of its records", span)
    for variable in plan.variables.values():
        if variable.line.step is not None:
            said = f"{variable.name} is written by a step"
            yield Across(plan.name, said, variable.checked.expression.span())
    for source, checked in _expressions(plan):
        yield from _looks(program, plan, checked, [source] if source else plan.sources)


def is_subject(program: Program, plan: DatasetPlan) -> bool:
    """Say whether the subject of a dataset is taken over from its source, as it is."""
    variable = plan.variables.get(program.subject)
    if variable is None or variable.checked.uses or variable.checked.expression.choices:
        return False
    names = {(program.subject, False), ("subject", True), ("source", True)}
    targets = (target for _ref, target in variable.checked.refs())
    return all((one.name, one.qualifier == "rows") in names for one in targets)


def _expressions(plan: DatasetPlan) -> Iterator[tuple[RowSource | None, Checked]]:
    """Yield every expression of a dataset, and the row source whose records alone it sees."""
    for source in plan.sources:
        yield from ((source, one) for one in (source.where, source.keep) if one is not None)
    others = [*(variable.checked for variable in plan.variables.values()), *plan.checks]
    for event in (*plan.events, *plan.censors):
        others += [one for one in (event.date, event.when) if one is not None]
    for param in plan.params:
        others += [one for one in (param.start, param.where) if one is not None]
    yield from ((None, one) for one in others)


def _looks(
    program: Program, plan: DatasetPlan, checked: Checked, sources: Sequence[RowSource]
) -> Iterator[Across]:
    span = checked.expression.span()
    for node in checked.expression.choices:
        by = {ref.name for ref in node.by}
        source = aggregate_source(node, checked) if isinstance(node, t.Aggregate) else None
        if source is None and by and not _of_subject(program, sources, by):
            yield Across(plan.name, f"records are grouped without {program.subject}", span)
        elif source is not None and not _joined(program, plan, source[1]):
            yield Across(plan.name, f"all records of {source[1]} are looked at", span)
    if not plan.of_subjects:
        for _ref, target in checked.refs():
            if _collected(program, target):
                yield Across(plan.name, f"{target.qualifier} is looked at without a subject", span)


def _of_subject(program: Program, sources: Sequence[RowSource], by: set[str]) -> bool:
    """Say whether records that agree in some variables are of one subject."""
    if program.subject in by:
        return True
    forms = [program.forms.get(source.name) for source in sources]
    fields = [{ref.name for ref, _target in one.subject.refs()} if one else None for one in forms]
    return all(one and one <= by for one in fields)


def _joined(program: Program, plan: DatasetPlan, name: str) -> bool:
    """Say whether what is chosen among is of the subject at hand, or has no subjects."""
    other = program.datasets.get(name)
    return plan.of_subjects or (other is not None and not other.of_subjects)


def _collected(program: Program, target: Target) -> bool:
    if target.qualifier in program.forms:
        return True
    other = program.datasets.get(target.qualifier)
    return other is not None and other.of_subjects and target.kind in ("other", "row", "dataset")
