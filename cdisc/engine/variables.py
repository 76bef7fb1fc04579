"""The lines of the datasets to variables: type, label, codelists, needs."""

import dataclasses
import re
from collections.abc import Mapping

from cdisc.dataset import Kind
from cdisc.diagnostics import Diagnostic
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.expressions import Expressions
from cdisc.engine.lines import Line, implied
from cdisc.engine.needs import is_setwise, needs_of
from cdisc.engine.permitted import Rule, has_rules, permitted
from cdisc.engine.program import VariablePlan
from cdisc.engine.vocabulary import VariableScope
from cdisc.language import tree as t
from cdisc.language.verb import Type
from cdisc.standard import VariableStandard

_MOST_LABEL = 40
_KINDS: Mapping[Type, Kind] = {
    "text": "text",
    "dtc": "text",
    "literal": "text",
    "missing": "text",
    "boolean": "text",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
}


class Variables:
    """Resolves variables as they are asked for, each once.

    Args:
        draft: A study whose frames are all there.

    Attributes:
        expressions: Checks expressions that name these variables.
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.expressions = Expressions(draft, self.type_of)
        self._plans: dict[tuple[str, str], VariablePlan] = {}
        self._types: dict[tuple[str, str], Type | None] = {}
        self._open: set[tuple[str, str]] = set()
        self._reads: dict[str, Mapping[str, set[str]]] = {}
        self._codelists: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self.expressions.check_lets()

    def type_of(self, dataset: str, name: str) -> Type:
        """Return the declared type of a variable, else the type of its expression."""
        frame = self.draft.frames[dataset]
        copied = frame.lines[name].copied
        if copied and self.draft.has(*copied):
            return self.type_of(*copied)
        declared = self._declared(frame, name)
        if declared:
            return declared
        if (dataset, name) in self._open:
            return "text"
        return self.plan(dataset, name).type

    def plan(self, dataset: str, name: str) -> VariablePlan:
        """Return a variable of a dataset; its mistakes are noted once."""
        key = (dataset, name)
        if key not in self._plans:
            self._open.add(key)
            self._plans[key] = self._plan(self.draft.frames[dataset], name)
            self._open.discard(key)
        return self._plans[key]

    def _declared(self, frame: Frame, name: str) -> Type | None:
        """Return the type that the block or the standard gives a variable."""
        key = (frame.name, name)
        if key not in self._types:
            self._types[key] = self._declared_by(frame, frame.lines[name], name)
        return self._types[key]

    def _declared_by(self, frame: Frame, line: Line, name: str) -> Type | None:
        if line.supp:
            return "text"
        if line.block and line.block.type:
            return line.block.type
        standard = self.draft.standard_of(frame, name)
        if standard is None:
            return None
        if standard.type == "Char":
            is_time = (standard.described_value_domain or "").startswith("ISO 8601 datetime")
            return "dtc" if is_time or name.endswith("DTC") else "text"
        end = re.search("DTM$|DT$|TM$", name) if frame.stage == "adam" else None
        kinds: dict[str, Type] = {"M": "datetime", "T": "date"}
        if end is None:
            return "number"
        return kinds[end[0][-1]] if end[0].startswith("D") else "time"

    def _plan(self, frame: Frame, name: str) -> VariablePlan:
        line, standard = frame.lines[name], self.draft.standard_of(frame, name)
        declared = None if line.copied else self._declared(frame, name)
        scope = self._scope(frame, line, standard, declared)
        expression = line.expression
        taken = (line.dictionary or line.from_table) and isinstance(expression.tree, t.Ref)
        if taken and declared == "number":
            tree = t.Step(name="num", operand=expression.tree, arguments=())
            expression = dataclasses.replace(expression, tree=tree)
        checked = self.expressions.check(
            expression,
            self.expressions.meaning(frame.name),
            scope,
            *([declared] if declared else ()),
        )
        found: Type = "text" if checked.type in ("literal", "missing") else checked.type
        return VariablePlan(
            name,
            checked,
            _KINDS[declared or found],
            declared or found,
            needs_of(checked, self.draft.frames, frame.name),
            checked.sound and is_setwise(checked),
            standard,
            line,
            self._label(frame, line, standard),
        )

    def _scope(
        self, frame: Frame, line: Line, standard: VariableStandard | None, declared: Type | None
    ) -> VariableScope:
        meant = line.name.removeprefix("supp:")
        if line.label and line.companion_of:
            # what goes on elsewhere has the codelist and the terms of the variable
            meant = line.companion_of.removeprefix("supp:")
            standard = self.draft.standard_of(frame, line.companion_of)
        known = standard.codelists if standard else ()
        rules: tuple[Rule, ...] = ()
        if line.block and line.block.codelist:
            codelists: tuple[str, ...] = (line.block.codelist,)
        else:
            rules_apply = has_rules(frame.stage, frame.domain, meant)
            free = self._free(frame, meant) if rules_apply else frozenset()
            found = permitted(frame.stage, frame.domain, meant, known, free)
            codelists, rules = found.otherwise, () if line.supp else found.rules
        return VariableScope(
            self.draft.vocabulary,
            meant,
            declared or "text",
            codelists,
            rules,
            implied()["references"] if frame.stage == "sdtm" else {},
            self._decoding(frame),
        )

    def _free(self, frame: Frame, name: str) -> frozenset[str]:
        if frame.name not in self._reads:
            self._reads[frame.name] = _reads(frame)
        return _free(self._reads[frame.name], name)

    def _decoding(self, frame: Frame) -> Mapping[str, tuple[str, ...]]:
        """Return the codelists of the variables that the standard lists for a dataset."""
        if frame.name not in self._codelists:
            table = frame.standard.variables if frame.standard else ()
            self._codelists[frame.name] = {
                one.name: one.codelists for one in table if one.codelists
            }
        return self._codelists[frame.name]

    def _label(self, frame: Frame, line: Line, standard: VariableStandard | None) -> str:
        """Return the label: of the block, of the predecessor, or of the standard."""
        if line.block and line.block.label:
            return line.block.label
        if line.copied and self.draft.has(*line.copied):
            return self.plan(*line.copied).label
        if standard and not standard.open_label:
            return standard.label
        if line.label and line.companion_of:
            return self._numbered(frame, line, line.label)
        if line.qualifier:
            return line.qualifier.label
        if line.companion_of:
            return f"Imputation Flag of {line.companion_of}"
        if not line.supp and not line.work and frame.submitted:
            self.draft.problems.append(
                Diagnostic(
                    "SPEC038",
                    f"{line.name} has no label in the standard",
                    line.expression.span(),
                    help=f"write a block: {line.name}: {{map: ..., label: ...}}",
                )
            )
        return line.name

    def _numbered(self, frame: Frame, line: Line, template: str) -> str:
        """Return the label of a companion, made from that of the variable it belongs to."""
        assert line.companion_of is not None
        label = template.format(label=self.plan(frame.name, line.companion_of).label)
        if len(label.encode()) > _MOST_LABEL:
            name = line.name.removeprefix("supp:")
            self.draft.problems.append(
                Diagnostic(
                    "SPEC038",
                    f'the label of {name}, "{label}", is longer than {_MOST_LABEL} bytes',
                    line.expression.span(),
                    help=f"write {name} under supp: with a label of its own",
                )
            )
        return label


def _reads(frame: Frame) -> dict[str, set[str]]:
    """Return the variables of a dataset that each of its lines names."""
    return {
        line.name: {
            ref.name
            for ref in line.expression.references
            if ref.qualifier in (None, frame.name) and ref.name in frame.lines
        }
        for line in frame.lines.values()
        if not line.supp
    }


def _free(reads: Mapping[str, set[str]], name: str) -> frozenset[str]:
    """Return the variables of a dataset that do not follow from one of them.

    Only these may decide on its codelist: a term cannot wait for what waits for it.
    """
    bound = {name}
    grown = True
    while grown:
        more = {one for one, of in reads.items() if one not in bound and of & bound}
        bound |= more
        grown = bool(more)
    return frozenset(reads.keys() - bound)
