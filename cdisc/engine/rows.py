"""What makes the records of a dataset: conditions, choices and checks, with their needs."""

import dataclasses
from collections.abc import Iterator

from cdisc.engine.draft import Frame
from cdisc.engine.events import EventReader
from cdisc.engine.needs import needs_of
from cdisc.engine.program import ROWS, Checked, DatasetPlan, Need, RowSource
from cdisc.engine.qualifiers import pointers
from cdisc.engine.relate import needs_of_relations
from cdisc.engine.variables import Variables
from cdisc.engine.vocabulary import VariableScope
from cdisc.language import tree as t
from cdisc.language.verb import Type

_KEEP = "keep"


def complete(variables: Variables, frame: Frame, plan: DatasetPlan) -> DatasetPlan:
    """Return a dataset with its conditions, events, parameters and checks.

    Args:
        variables: Those of the study.
        frame: The dataset while it is being resolved.
        plan: The same with its variables.
    """
    needs: set[Need] = set()
    sources = []
    for source in plan.sources:
        _check_relations(variables, source)
        where, keep = _where(variables, frame, source), _keep(variables, frame, source)
        sources.append(dataclasses.replace(source, where=where, keep=keep))
        needs.update(_needs_of_source(variables, source, (where, keep)))
        if keep is not None:
            needs.update((source.name, name) for name in frame.taken)
    if frame.stage == "adam":
        needs |= _read_from_sdtm(variables, plan)
    reader = EventReader(variables, frame, needs)
    return dataclasses.replace(
        plan,
        sources=tuple(sources),
        events=tuple(reader.events("events")) if frame.events else (),
        censors=tuple(reader.events("censors")) if frame.events else (),
        params=tuple(reader.params()) if frame.events else (),
        checks=tuple(_checks(variables, frame)),
        rows_needs=frozenset(needs),
    )


def _needs_of_source(
    variables: Variables, source: RowSource, conditions: tuple[Checked | None, ...]
) -> Iterator[Need]:
    frames = variables.draft.frames
    for checked in conditions:
        if checked:
            yield from needs_of(checked, frames, source.name)
    yield from ((source.name, name) for name in (*source.by, *source.expected))
    yield from needs_of_relations(source, frames)
    if source.name in frames:
        yield source.name, ROWS
        if source.kind == "supp":
            for name in frames[source.name].lines:
                if name.startswith("supp:") or name.endswith("SEQ"):
                    yield source.name, name
            yield from ((source.name, name) for name in pointers(frames[source.name]))


def _check_relations(variables: Variables, source: RowSource) -> None:
    """Check that what relations compare is there, and of one type."""
    for one in source.relations:
        scope = VariableScope(variables.draft.vocabulary, f"{one.dataset} relation", "boolean")
        expressions = variables.expressions
        meaning = expressions.meaning(one.dataset)
        expressions.check(one.expression, meaning, scope, "boolean")


def _read_from_sdtm(variables: Variables, plan: DatasetPlan) -> set[Need]:
    """Return what an analysis dataset takes from the tabulation records that it follows."""
    followed = {source.name for source in plan.sources}
    return {
        need
        for variable in plan.variables.values()
        for need in variable.needs
        if need[0] in followed and variables.draft.frames[need[0]].stage == "sdtm"
    }


def _where(variables: Variables, frame: Frame, source: RowSource) -> Checked | None:
    expression = source.condition
    if source.where_at is not None:
        text, loc, offset = source.where_at
        expression = frame.reader.expression(text, loc, offset)
    return _checked(variables, frame, source, expression, "boolean")


def _keep(variables: Variables, frame: Frame, source: RowSource) -> Checked | None:
    """Check ``keep first by A order B``, which is written as a flag is."""
    if source.keep_at is None:
        return None
    text, loc, offset = source.keep_at
    expression = frame.reader.expression(f"flag{text.removeprefix(_KEEP)}", loc, offset)
    return _checked(variables, frame, source, expression)


def _checked(
    variables: Variables,
    frame: Frame,
    source: RowSource,
    expression: t.Expression | None,
    *wanted: Type,
) -> Checked | None:
    if expression is None:
        return None
    expressions = variables.expressions
    kind = wanted[0] if wanted else "text"
    scope = VariableScope(variables.draft.vocabulary, f"{frame.shown} rows", kind)
    meaning = expressions.meaning(source.name)
    if wanted:
        return expressions.check_of_record(expression, meaning, scope, wanted[0], summaries=True)
    return expressions.check(expression, meaning, scope)


def _checks(variables: Variables, frame: Frame) -> Iterator[Checked]:
    if frame.loaded is None or frame.of is not None:
        return
    expressions = variables.expressions
    scope = VariableScope(variables.draft.vocabulary, f"{frame.name} check", "boolean")
    for index, text in enumerate(frame.loaded.model.checks):
        expression = frame.reader.expression(text, ("checks", index))
        if expression is not None:
            meaning = expressions.meaning(frame.name)
            yield expressions.check(expression, meaning, scope, "boolean")
