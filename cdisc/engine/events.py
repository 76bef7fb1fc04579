"""The events, censorings and parameters of a time-to-event dataset, tied to their variables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.draft import Frame
from cdisc.engine.lines import implied
from cdisc.engine.needs import needs_of
from cdisc.engine.program import ROWS, Checked, EventPlan, Need, ParamPlan
from cdisc.engine.variables import Variables
from cdisc.engine.vocabulary import VariableScope
from cdisc.language import tree as t
from cdisc.language.verb import Type
from cdisc.source import Loc
from cdisc.spec.dataset import EventBlock, ParamBlock

_ROLES = {
    "events": "event",
    "censors": "censoring",
    "competing": "event",
    "stop_at": "event or censoring",
}
_DATES: tuple[Type, ...] = ("date", "dtc", "datetime")


class EventReader:
    """Reads the events and parameters of a dataset file.

    Args:
        variables: Those of the study.
        frame: The dataset.
        needs: Takes what the records of the dataset need.
    """

    def __init__(self, variables: Variables, frame: Frame, needs: set[Need]) -> None:
        self.variables, self.draft, self.frame = variables, variables.draft, frame
        self.needs = needs

    def events(self, block: Literal["events", "censors"]) -> Iterator[EventPlan]:
        """Yield the events of a block; what does not name a date is noted."""
        if self.frame.loaded is None:
            return
        model = self.frame.loaded.model
        for name, event in (model.events if block == "events" else model.censors).items():
            plan = self._event(name, event, (block, name))
            if plan is not None:
                yield plan

    def params(self) -> Iterator[ParamPlan]:
        """Yield the parameters; what names no event is noted."""
        if self.frame.loaded is None or not self.frame.sources:
            return
        source = self.frame.sources[0].name
        for code, param in self.frame.loaded.model.params.items():
            self._check_names(code, param)
            start = self._checked(
                param.start, ("params", code, "start"), source, f"start of {code}", "date"
            )
            where = None
            if param.where:
                said = f"where of {code}"
                where = self._checked(
                    param.where, ("params", code, "where"), source, said, "boolean"
                )
            if start is not None:
                yield ParamPlan(code, param, start, where)

    def _dataset(self, tree: t.Node, event: EventBlock, loc: Loc) -> str | None:
        """Return the dataset whose records are dated, which is named first, or note its absence."""
        named = [ref.qualifier for ref in t.references(tree) if ref.qualifier]
        if any(name in self.draft.loaded.unread for name in named):
            return None
        found = next((name for name in named if name in self.draft.frames), None)
        if found is None:
            assert self.frame.loaded is not None
            self.draft.problems.append(
                Diagnostic(
                    "SPEC017",
                    f'"{event.date}" is not a variable of a dataset',
                    self.frame.loaded.document.span(loc),
                    expected="DATASET.VARIABLE that holds a date, or an expression that names one",
                )
            )
        return found

    def _event(self, name: str, event: EventBlock, loc: Loc) -> EventPlan | None:
        assert self.frame.loaded is not None
        parsed = self.frame.reader.expression(event.date, (*loc, "date"))
        dataset = self._dataset(parsed.tree, event, (*loc, "date")) if parsed else None
        if parsed is None or dataset is None:
            return None
        date = self._check(parsed, dataset, name, *_DATES)
        when = None
        if event.when:
            when = self._checked(
                event.when, (*loc, "when"), dataset, name, "boolean", summaries=True
            )
        lines = self.draft.frames[dataset].lines
        sequence = _sequence(lines)
        self.needs.add((dataset, ROWS))
        if sequence:
            self.needs.add((dataset, sequence))
        span = self.frame.loaded.document.span((*loc, "date"))
        variables = (
            {target.name for _ref, target in date.refs() if target.kind == "own"}
            if date.sound
            else set()
        )
        variable = variables.pop() if len(variables) == 1 else None
        return EventPlan(name, event, dataset, date, variable, when, sequence, span)

    def _checked(
        self,
        text: str,
        loc: Loc,
        dataset: str,
        said: str,
        wanted: Literal["boolean", "date"],
        *,
        summaries: bool = False,
    ) -> Checked | None:
        expression = self.frame.reader.expression(text, loc)
        if expression is None:
            return None
        return self._check(expression, dataset, said, wanted, summaries=summaries)

    def _check(
        self,
        expression: t.Expression,
        dataset: str,
        said: str,
        *wanted: Type,
        summaries: bool = False,
    ) -> Checked:
        expressions = self.variables.expressions
        scope = VariableScope(self.draft.vocabulary, said, wanted[0])
        checked = expressions.check_of_record(
            expression,
            expressions.meaning(dataset),
            scope,
            *wanted,
            summaries=summaries,
        )
        self.needs |= needs_of(checked, self.draft.frames, dataset)
        return checked

    def _check_names(self, code: str, param: ParamBlock) -> None:
        """Note every name of a parameter that stands for no event or censoring."""
        assert self.frame.loaded is not None
        model = self.frame.loaded.model
        blocks: tuple[tuple[str, tuple[str, ...], Mapping[str, EventBlock]], ...] = (
            ("events", param.events, model.events),
            ("censors", param.censors, model.censors),
            ("competing", param.competing, model.events),
            ("stop_at", param.stop_at, model.events),
        )
        for block, names, known in blocks:
            for index, name in enumerate(names):
                if name not in known and not (block == "stop_at" and name in model.censors):
                    self.draft.problems.append(
                        Diagnostic(
                            "SPEC037",
                            f'no {_ROLES[block]} is called "{name}"',
                            self.frame.loaded.document.span(("params", code, block, index)),
                            expected=", ".join(known),
                            help=did_you_mean(name, known),
                        )
                    )


def _sequence(names: Collection[str]) -> str | None:
    """Return the variable that numbers the records of a dataset of events, or None.

    A longer name, which says the number of a record of another dataset, is not one.
    """
    templates: Sequence[str] = implied()["sequence"]
    length = max(len(one) for one in templates)
    numbers = [one for one in names if one.endswith("SEQ") and len(one) <= length]
    return min(numbers, key=lambda one: one not in templates, default=None)
