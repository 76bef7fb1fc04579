"""What a study derives within subject: it may be made subject by subject, in buckets.

Nearly every line of a study looks at records of the subject at hand and of nobody else.
Trial design looks at no subject at all, and is made again for every bucket. What looks
across subjects (a group without the subject, a step that is a study's own program) is named,
with the line; a study that has such a line is made in one piece.
"""

from collections.abc import Iterator

from cdisc.diagnostics import Span
from cdisc.engine.needs import aggregate_source
from cdisc.engine.program import Checked, DatasetPlan, Program, Target
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


def is_reference(plan: DatasetPlan) -> bool:
    """Say whether a dataset has no subjects, so that it is the same in every bucket."""
    return not plan.of_subjects


def _across(program: Program, plan: DatasetPlan) -> Iterator[Across]:
    if plan.of_subjects and program.subject not in plan.keys:
        span = plan.sources[0].span
        yield Across(plan.name, f"its keys do not name {program.subject}", span)
    for variable in plan.variables.values():
        if variable.line.step is not None:
            said = f"{variable.name} is written by a step"
            yield Across(plan.name, said, variable.checked.expression.span())
    for checked in _expressions(plan):
        yield from _looks(program, plan, checked)


def _expressions(plan: DatasetPlan) -> Iterator[Checked]:
    for source in plan.sources:
        yield from (one for one in (source.where, source.keep) if one is not None)
    yield from (variable.checked for variable in plan.variables.values())
    yield from plan.checks
    for event in (*plan.events, *plan.censors):
        yield from (one for one in (event.date, event.when) if one is not None)
    for param in plan.params:
        yield from (one for one in (param.start, param.where) if one is not None)


def _looks(program: Program, plan: DatasetPlan, checked: Checked) -> Iterator[Across]:
    span = checked.expression.span()
    for node in checked.expression.choices:
        by = {ref.name for ref in node.by}
        source = aggregate_source(node, checked) if isinstance(node, t.Aggregate) else None
        if source is None and by and program.subject not in by:
            yield Across(plan.name, f"records are grouped without {program.subject}", span)
        elif source is not None and not _joined(program, plan, source[1]):
            yield Across(plan.name, f"all records of {source[1]} are looked at", span)
    if not plan.of_subjects:
        for _ref, target in checked.refs():
            if _collected(program, target):
                yield Across(plan.name, f"{target.qualifier} is looked at without a subject", span)


def _joined(program: Program, plan: DatasetPlan, name: str) -> bool:
    """Say whether what is chosen among is of the subject at hand, or has no subjects."""
    other = program.datasets.get(name)
    return plan.of_subjects or (other is not None and not other.of_subjects)


def _collected(program: Program, target: Target) -> bool:
    if target.qualifier in program.forms:
        return True
    other = program.datasets.get(target.qualifier)
    return other is not None and other.of_subjects and target.kind in ("other", "row", "dataset")
