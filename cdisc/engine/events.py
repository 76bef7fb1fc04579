"""The events, censorings and parameters of a time-to-event dataset, tied to their variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.draft import Frame
from cdisc.engine.needs import needs_of
from cdisc.engine.program import ROWS, Checked, EventPlan, Need, ParamPlan
from cdisc.engine.variables import Variables
from cdisc.engine.vocabulary import VariableScope
from cdisc.source import Loc
from cdisc.spec.dataset import EventBlock, ParamBlock

_ROLES = {"events": "event", "censors": "censoring", "stop_at": "event or censoring"}
_DATASET_VARIABLE = re.compile(r"(\w+)\.(\w+)")
_DATES = ("date", "dtc", "datetime")


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
            loc: Loc = (block, name)
            found = self._dated(event, (*loc, "date"))
            if found is not None:
                yield self._event(name, event, loc, *found)

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
            if start is not None:
                yield ParamPlan(code, param, start)

    def _dated(self, event: EventBlock, loc: Loc) -> tuple[str, str] | None:
        """Return the dataset and the variable of a date, or note that there is none."""
        assert self.frame.loaded is not None
        match = _DATASET_VARIABLE.fullmatch(event.date)
        if match and match[1] in self.draft.loaded.unread:
            return None
        span = self.frame.loaded.document.span(loc)
        if not match or not self.draft.has(match[1], match[2]):
            self.draft.problems.append(
                Diagnostic(
                    "SPEC017",
                    f'"{event.date}" is not a variable of a dataset',
                    span,
                    expected="DATASET.VARIABLE that holds a date",
                )
            )
            return None
        if self.variables.type_of(match[1], match[2]) not in _DATES:
            self.draft.problems.append(
                Diagnostic(
                    "SPEC014",
                    f'"{event.date}" is not a date',
                    span,
                    help="name the variable that holds the date",
                )
            )
        return match[1], match[2]

    def _event(
        self, name: str, event: EventBlock, loc: Loc, dataset: str, variable: str
    ) -> EventPlan:
        assert self.frame.loaded is not None
        when = None
        if event.when:
            when = self._checked(event.when, (*loc, "when"), dataset, name, "boolean")
        lines = self.draft.frames[dataset].lines
        sequence = next((one for one in lines if one.endswith("SEQ")), None)
        self.needs |= {(dataset, ROWS), (dataset, variable)}
        if sequence:
            self.needs.add((dataset, sequence))
        span = self.frame.loaded.document.span((*loc, "date"))
        return EventPlan(name, event, dataset, variable, when, sequence, span)

    def _checked(
        self, text: str, loc: Loc, dataset: str, said: str, wanted: Literal["boolean", "date"]
    ) -> Checked | None:
        expression = self.frame.reader.expression(text, loc)
        if expression is None:
            return None
        expressions = self.variables.expressions
        scope = VariableScope(self.draft.vocabulary, said, wanted)
        checked = expressions.check_of_record(
            expression, expressions.meaning(dataset), scope, wanted
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
