"""The ``rows:``, ``events:``, ``params:`` and ``checks:`` of a dataset file."""

import dataclasses
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.lines import Lines
from cdisc.engine.meaning import Meaning, no_source
from cdisc.engine.needs import needs_of
from cdisc.engine.program import ROWS, Checked, DatasetPlan, EventPlan, Need, ParamPlan, RowSource
from cdisc.engine.vocabulary import VariableScope
from cdisc.source import Loc
from cdisc.spec import LoadedDataset
from cdisc.spec.dataset import EventBlock

if TYPE_CHECKING:
    from cdisc.engine.resolve import Frame, Resolver

_ROWS = re.compile(
    r"(?P<params>params\s+for\s+)?each\s+(?P<name>\w+)"
    r"(?:\s+where\s+(?P<where>.+?))?(?:\s+(?P<keep>keep\s+(?:first|last)\b.+))?",
    re.DOTALL,
)
_KEEP = "keep"
_ROLES = {"events": "event", "censors": "censoring", "stop_at": "event or censoring"}
_DATASET_VARIABLE = re.compile(r"(\w+)\.(\w+)")


def read_rows(resolver: "Resolver", one: LoadedDataset, reader: Lines) -> Iterator[RowSource]:
    """Yield the row sources of a file; conditions are checked later, by `complete`."""
    written = one.document.value
    single = not isinstance(written, dict) or not isinstance(written.get("rows"), list)
    for index, entry in enumerate(one.model.rows):
        loc: Loc = ("rows",) if single else ("rows", index)
        span = one.document.span(loc)
        if isinstance(entry, str):
            match = _ROWS.fullmatch(entry.strip())
            if match is None:
                resolver.problems.append(
                    Diagnostic(
                        "SPEC035",
                        f'"{entry}" does not say where records come from',
                        span,
                        expected="each FORM, each DATASET, or params for each DATASET; then where ...",
                    )
                )
                continue
            name = match["name"]
            _known(resolver, name, one, loc, entry.index(name))
            where, keep = (
                (match[part], loc, match.start(part)) if match[part] else None
                for part in ("where", "keep")
            )
            kind = (
                "params" if match["params"] else "form" if name in resolver.study.raw else "dataset"
            )
            yield RowSource(kind, name, None, span, where_at=where, keep_at=keep)  # type: ignore[arg-type]  # one of the literals
        else:
            _known(resolver, entry.melt, one, (*loc, "melt"), 0)
            where = (entry.where, (*loc, "where"), 0) if entry.where else None
            yield RowSource("melt", entry.melt, None, span, entry, where)
            _check_tests(resolver, entry.melt, one, loc)


def _known(resolver: "Resolver", name: str, one: LoadedDataset, loc: Loc, at: int) -> None:
    datasets = [other.model.dataset for other in resolver.loaded.datasets]
    names = [*resolver.study.raw, *datasets, *(f"SUPP{name}" for name in datasets)]
    if name not in names and name not in resolver.loaded.unread:
        span = one.document.span_within(loc, at, at + len(name))
        mistake = no_source(name, resolver.study.raw, datasets)
        resolver.problems.append(dataclasses.replace(mistake, span=span))


def _check_tests(resolver: "Resolver", form: str, one: LoadedDataset, loc: Loc) -> None:
    source = one.model.rows[int(loc[-1]) if isinstance(loc[-1], int) else 0]
    assert not isinstance(source, str)
    fields = resolver.fields.get(form)
    for code, cells in (source.tests.__pydantic_extra__ or {}).items():
        at: Loc = (*loc, "tests", code)
        if len(cells) != len(source.tests.columns):
            resolver.problems.append(
                Diagnostic(
                    "SPEC036",
                    f"{code} has {len(cells)} of {len(source.tests.columns)} cells",
                    one.document.span(at),
                    expected=", ".join(source.tests.columns),
                )
            )
        if fields is not None and cells[0] not in fields:
            resolver.problems.append(
                Diagnostic(
                    "SPEC019",
                    f'form {form} has no field "{cells[0]}"',
                    one.document.span((*at, 0)),
                    expected=", ".join(fields),
                    help=did_you_mean(cells[0], fields),
                )
            )


def complete(resolver: "Resolver", frame: "Frame", plan: DatasetPlan) -> DatasetPlan:
    """Check conditions, events, parameters and checks, and say what the records need."""
    needs: set[Need] = set()
    sources = []
    for source in plan.sources:
        checked = _where(resolver, source, frame)
        keep = _keep(resolver, source, frame)
        sources.append(dataclasses.replace(source, where=checked, keep=keep))
        if source.name in resolver.frames:
            needs.add((source.name, ROWS))
        for one in (checked, keep):
            if one:
                needs |= needs_of(one, resolver.frames, source.name)
        if source.kind == "supp" and source.name in resolver.frames:
            lines = resolver.frames[source.name].lines
            needs |= {(source.name, name) for name in lines if name.startswith("supp:")}
            needs |= {(source.name, name) for name in lines if name.endswith("SEQ")}
    if frame.stage == "adam":
        needs |= _read_from_sdtm(resolver, plan)
    events = tuple(_events(resolver, frame, "events", needs))
    censors = tuple(_events(resolver, frame, "censors", needs))
    params = tuple(_params(resolver, frame, needs))
    return dataclasses.replace(
        plan,
        sources=tuple(sources),
        rows_needs=frozenset(needs),
        checks=tuple(_checks(resolver, frame)),
        events=events,
        censors=censors,
        params=params,
    )


def _read_from_sdtm(resolver: "Resolver", plan: DatasetPlan) -> set[Need]:
    """Return the variables that an analysis dataset takes from the tabulation records it follows."""
    return {
        need
        for variable in plan.variables.values()
        for need in variable.needs
        if any(need[0] == source.name for source in plan.sources)
        and resolver.frames[need[0]].stage == "sdtm"
    }


def _where(resolver: "Resolver", source: RowSource, frame: "Frame"):  # type: ignore[no-untyped-def]
    if source.where_at is None:
        return None
    text, loc, offset = source.where_at
    expression = frame.reader.expression(text, loc, offset)
    if expression is None:
        return None
    form = source.name in resolver.study.raw
    meaning = (
        resolver.form_meaning(source.name) if form else _dataset_meaning(resolver, source.name)
    )
    scope = VariableScope(resolver.vocabulary, f"{frame.name} rows", "boolean")
    return resolver.check(expression, meaning, scope, "boolean")


def _keep(resolver: "Resolver", source: RowSource, frame: "Frame") -> Checked | None:
    """Check ``keep first by A order B``, which is written as a flag is."""
    if source.keep_at is None:
        return None
    text, loc, offset = source.keep_at
    expression = frame.reader.expression(f"flag{text.removeprefix(_KEEP)}", loc, offset)
    if expression is None:
        return None
    form = source.name in resolver.study.raw
    meaning = (
        resolver.form_meaning(source.name) if form else _dataset_meaning(resolver, source.name)
    )
    scope = VariableScope(resolver.vocabulary, f"{frame.name} rows", "text")
    return resolver.check(expression, meaning, scope)


def _dataset_meaning(resolver: "Resolver", name: str) -> Meaning:
    return (
        resolver.meaning(resolver.frames[name])
        if name in resolver.frames
        else resolver.form_meaning(name)
    )


def _events(
    resolver: "Resolver", frame: "Frame", block: str, needs: set[Need]
) -> Iterator[EventPlan]:
    if frame.loaded is None:
        return
    entries: dict[str, EventBlock] = getattr(frame.loaded.model, block)
    for name, event in entries.items():
        loc: Loc = (block, name)
        match = _DATASET_VARIABLE.fullmatch(event.date)
        span = frame.loaded.document.span((*loc, "date"))
        if match and match[1] in resolver.loaded.unread:
            continue
        known = (
            match and match[1] in resolver.frames and match[2] in resolver.frames[match[1]].lines
        )
        if not match or not known:
            resolver.problems.append(
                Diagnostic(
                    "SPEC017",
                    f'"{event.date}" is not a variable of a dataset',
                    span,
                    expected="DATASET.VARIABLE that holds a date",
                )
            )
            continue
        dataset, variable = match[1], match[2]
        if resolver.type_of_variable(dataset, variable) not in ("date", "dtc", "datetime"):
            resolver.problems.append(
                Diagnostic(
                    "SPEC014",
                    f'"{event.date}" is not a date',
                    span,
                    help="name the variable that holds the date",
                )
            )
        when = None
        if event.when:
            expression = frame.reader.expression(event.when, (*loc, "when"))
            if expression:
                scope = VariableScope(resolver.vocabulary, name, "boolean")
                when = resolver.check(
                    expression, _dataset_meaning(resolver, dataset), scope, "boolean"
                )
                needs |= needs_of(when, resolver.frames, dataset)
        sequence = next((n for n in resolver.frames[dataset].lines if n.endswith("SEQ")), None)
        needs |= {(dataset, ROWS), (dataset, variable)}
        if sequence:
            needs.add((dataset, sequence))
        yield EventPlan(name, event, dataset, variable, when, sequence, span)


def _params(resolver: "Resolver", frame: "Frame", needs: set[Need]) -> Iterator[ParamPlan]:
    if frame.loaded is None or not frame.sources:
        return
    model, document = frame.loaded.model, frame.loaded.document
    source = frame.sources[0].name
    for code, param in model.params.items():
        for block, known in (
            ("events", model.events),
            ("censors", model.censors),
            ("stop_at", model.events),
        ):
            for index, name in enumerate(getattr(param, block)):
                if name not in known and not (block == "stop_at" and name in model.censors):
                    resolver.problems.append(
                        Diagnostic(
                            "SPEC037",
                            f'no {_ROLES[block]} is called "{name}"',
                            document.span(("params", code, block, index)),
                            expected=", ".join(known),
                            help=did_you_mean(name, known),
                        )
                    )
        expression = frame.reader.expression(param.start, ("params", code, "start"))
        if expression is None:
            continue
        scope = VariableScope(resolver.vocabulary, f"start of {code}", "date")
        checked = resolver.check(expression, _dataset_meaning(resolver, source), scope, "date")
        needs |= needs_of(checked, resolver.frames, source)
        yield ParamPlan(code, param, checked)


def _checks(resolver: "Resolver", frame: "Frame"):  # type: ignore[no-untyped-def]
    if frame.loaded is None:
        return
    for index, text in enumerate(frame.loaded.model.checks):
        expression = frame.reader.expression(text, ("checks", index))
        if expression is not None:
            scope = VariableScope(resolver.vocabulary, f"{frame.name} check", "boolean")
            yield resolver.check(expression, resolver.meaning(frame), scope, "boolean")
