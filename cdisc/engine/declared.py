"""``define.yaml`` tied to the study: every dataset, variable and document that it names exists.

A condition of an analysis is of the mapping language, and no more than a where clause of
define.xml can say: comparisons of variables with values, joined by ``and``.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from cdisc.declared import (
    AnalysisData,
    AnalysisProgram,
    AnalysisResult,
    Check,
    Comparator,
    Declared,
    Display,
    Document,
    DocumentUse,
    Planned,
    Remark,
)
from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.program import DatasetPlan, Program, Stage
from cdisc.engine.vocabulary import Vocabulary
from cdisc.errors import SpecError
from cdisc.language import tree as t
from cdisc.language.parser import parse
from cdisc.source import Loc
from cdisc.spec import define as spec
from cdisc.spec.load import LoadedStudy
from cdisc.standard import load_sdtm

_COMPARATORS: Mapping[str, Comparator] = {
    "=": "EQ", "<>": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE",
}  # fmt: skip
_PARTS = 2  # DATASET.VARIABLE


def declared_of(program: Program, stage: Stage) -> Declared:
    """Return what ``define.yaml`` says of one package; nothing where there is no such file."""
    loaded, version = program.loaded.define, program.loaded.study.standards.define
    unknown = _unknown_to_the_guide(program) if stage == "sdtm" else frozenset()
    if loaded is None:
        return Declared(version=version, nonstandard=unknown)
    model = loaded.model
    names = {name for name, plan in program.datasets.items() if plan.stage == stage}
    kept = {name: one for name, one in model.documents.items() if one.package in (stage, "both")}
    return Declared(
        originator=model.originator,
        documents=tuple(
            Document(name, one.file, one.title, one.role) for name, one in kept.items()
        ),
        remarks={
            place: _remark(one)
            for place, one in model.comments.items()
            if place in standard_keys(program.loaded) or place.split(".")[0] in names
        },
        methods={
            place: _uses(one)
            for place, one in model.methods.items()
            if place.split(".")[0] in names
        },
        ranks=model.ranks,
        displays=tuple(_displays(loaded)) if stage == "adam" else (),
        planned=tuple(_planned(program.loaded)) if stage == "sdtm" else (),
        nonstandard=unknown | names.intersection(model.nonstandard),
        version=version,
        folder=program.loaded.folder / "documents",
    )


def _unknown_to_the_guide(program: Program) -> frozenset[str]:
    """Return the tabulation datasets that are not in the guide, such as domains of the sponsor."""
    plans = (one for one in program.datasets.values() if one.stage == "sdtm")
    return frozenset(one.name for one in plans if one.standard is None and one.submitted)


def _planned(loaded: LoadedStudy) -> Iterator[Planned]:
    """Yield the datasets that are planned and have no data, as the standard describes them."""
    assert loaded.define
    standard = load_sdtm(loaded.study.standards.sdtm.split(" ")[1])
    for name, because in loaded.define.model.planned.items():
        known = standard.dataset(name)
        assert known
        structure = known.structure or f"One record per {name}"
        yield Planned(name, known.label, known.class_name, structure, because)


def standard_keys(loaded: LoadedStudy) -> tuple[str, ...]:
    """Return the keys of the standards that the study follows."""
    pinned = loaded.study.standards
    found = [pinned.sdtm.split(" ")[0], "CT-SDTM"]
    if pinned.adam:
        found.append(pinned.adam.split(" ")[0])
    if pinned.adamct:
        found.append("CT-ADAM")
    if pinned.definect:
        found.append("CT-DEFINE-XML")
    return tuple(found)


def declared_mistakes(
    loaded: LoadedStudy, datasets: Mapping[str, DatasetPlan], vocabulary: Vocabulary
) -> tuple[Diagnostic, ...]:
    """Return every name of ``define.yaml`` that stands for nothing, and what cannot be said.

    Args:
        loaded: The mapping files.
        datasets: The datasets of the study.
        vocabulary: The codelists of the study.
    """
    if loaded.define is None:
        return ()
    return tuple(_Mistakes(loaded.define, loaded, datasets, vocabulary).all())


def _remark(block: spec.RemarkBlock) -> Remark:
    return Remark(block.text, _uses(block.documents))


def _uses(documents: Mapping[str, tuple[str, ...]]) -> tuple[DocumentUse, ...]:
    return tuple(
        DocumentUse(name, () if pages == (spec.WHOLE,) else pages)
        for name, pages in documents.items()
    )


def _displays(loaded: spec.LoadedDefine) -> Iterator[Display]:
    for name, block in loaded.model.displays.items():
        results = tuple(
            _result(loaded, one, ("displays", name, "results", at))
            for at, one in enumerate(block.results)
        )
        yield Display(name, block.title, results, _uses(block.documents))


def _result(loaded: spec.LoadedDefine, block: spec.ResultBlock, loc: Loc) -> AnalysisResult:
    dataset, _, variable = (block.parameter or "").partition(".")
    program = block.program
    return AnalysisResult(
        title=block.title,
        reason=block.reason,
        purpose=block.purpose,
        data=tuple(
            AnalysisData(
                name,
                one.variables,
                _checks(loaded, one.where, (*loc, "data", name, "where")),
            )
            for name, one in block.data.items()
        ),
        parameter=(dataset, variable) if variable else None,
        joined=block.joined,
        documentation=_remark(block.documentation) if block.documentation else None,
        program=AnalysisProgram(program.language, program.code, _uses(program.documents))
        if program
        else None,
    )


def _checks(loaded: spec.LoadedDefine, text: str | None, loc: Loc) -> tuple[Check, ...]:
    """Return the checks of a condition.

    Raises:
        SpecError: It is not of the language, or more than checks of values.
    """
    if text is None:
        return ()
    expression = parse(text, lambda start, end: loaded.document.span_within(loc, start, end))
    nodes = expression.tree.operands if isinstance(expression.tree, t.And) else (expression.tree,)
    return tuple(_check(expression, node) for node in nodes)


def _check(expression: t.Expression, node: t.Node) -> Check:
    match node:
        case t.Compare(operator=operator, left=t.Ref(qualifier=None, name=name), right=right):
            if isinstance(right, t.Text | t.Number) and operator in _COMPARATORS:
                return Check(name, _COMPARATORS[operator], (right.value,))
        case t.Among(operand=t.Ref(qualifier=None, name=name), items=items):
            values = tuple(one.value for one in items if isinstance(one, t.Text | t.Number))
            if len(values) == len(items):
                return Check(name, "NOTIN" if node.negated else "IN", values)
    fact = "a condition of an analysis compares variables of its dataset with values"
    raise SpecError([Diagnostic("SPEC121", fact, expression.span(node))])


@dataclasses.dataclass
class _Mistakes:
    """Looks up every name of ``define.yaml``."""

    loaded: spec.LoadedDefine
    study: LoadedStudy
    datasets: Mapping[str, DatasetPlan]
    vocabulary: Vocabulary

    def all(self) -> Iterator[Diagnostic]:
        model = self.loaded.model
        for place, remark in model.comments.items():
            if place not in standard_keys(self.study):
                yield from self.place(place, ("comments", place))
            yield from self.documents(remark.documents, ("comments", place, "documents"))
        for place, uses in model.methods.items():
            yield from self.place(place, ("methods", place))
            yield from self.documents(uses, ("methods", place))
        for at, name in enumerate(model.nonstandard):
            yield from self.place(name, ("nonstandard", at), key=False)
        yield from self.planned()
        yield from self.ranks()
        for name, display in model.displays.items():
            yield from self.documents(display.documents, ("displays", name, "documents"))
            for at, result in enumerate(display.results):
                yield from self.result(result, ("displays", name, "results", at))

    def planned(self) -> Iterator[Diagnostic]:
        """Find planned datasets that the standard does not describe, or that are there."""
        standard = load_sdtm(self.study.study.standards.sdtm.split(" ")[1])
        for name in self.loaded.model.planned:
            loc = ("planned", name)
            if standard.dataset(name) is None:
                fact = f'the standard has no dataset "{name}" that could be planned'
                yield self._unknown("SPEC018", fact, name, standard.names(), loc, key=True)
            elif name in self.datasets:
                fact = f'dataset "{name}" is said to have no data, and has a file of its own'
                yield Diagnostic("SPEC122", fact, self.loaded.document.span(loc, key=True))

    def ranks(self) -> Iterator[Diagnostic]:
        """Find ranks of codelists that nobody knows: terms of the study, of CDISC, or made here."""
        own = {*self.study.terms}
        own |= {name for one in self.datasets.values() for name in one.variables}
        for name in self.loaded.model.ranks:
            published = self.vocabulary.codelist(name)
            if name in own or (published and published.submission_value == name):
                continue
            fact = f'there is no codelist "{name}" to rank'
            help_ = did_you_mean(name, [*self.study.terms, *self._published()])
            if published:
                help_ = f'write its short name: "{published.submission_value}"'
            span = self.loaded.document.span(("ranks", name), key=True)
            yield Diagnostic("SPEC021", fact, span, help=help_)

    def _published(self) -> Iterator[str]:
        for release in self.vocabulary.terminologies:
            for code in release.codes():
                if found := release.codelist(code):
                    yield found.submission_value

    def result(self, block: spec.ResultBlock, loc: Loc) -> Iterator[Diagnostic]:
        if block.parameter is not None:
            yield from self.place(block.parameter, (*loc, "parameter"), key=False)
        for name, data in block.data.items():
            place = (*loc, "data", name)
            found = list(self.place(name, place))
            yield from found
            if not found:
                for at, variable in enumerate(data.variables):
                    one = (*place, "variables", at)
                    yield from self.variable(name, variable, one)
                yield from self.condition(name, data.where, (*place, "where"))
        if block.documentation:
            inside = (*loc, "documentation", "documents")
            yield from self.documents(block.documentation.documents, inside)
        if block.program:
            yield from self.documents(block.program.documents, (*loc, "program", "documents"))

    def condition(self, dataset: str, text: str | None, loc: Loc) -> Iterator[Diagnostic]:
        try:
            checks = _checks(self.loaded, text, loc)
        except SpecError as error:
            yield from error.diagnostics
            return
        for one in checks:
            yield from self.variable(dataset, one.variable, loc)

    def place(self, place: str, loc: Loc, *, key: bool = True) -> Iterator[Diagnostic]:
        """Look up a dataset, or a variable of one."""
        parts = place.split(".")
        submitted = {name for name, plan in self.datasets.items() if plan.submitted}
        if parts[0] not in submitted:
            fact = f'the study has no dataset "{parts[0]}"'
            yield self._unknown("SPEC018", fact, parts[0], submitted, loc, key=key)
        elif len(parts) >= _PARTS:
            yield from self.variable(parts[0], parts[1], loc, key=key)

    def variable(
        self, dataset: str, name: str, loc: Loc, *, key: bool = False
    ) -> Iterator[Diagnostic]:
        known = self.datasets[dataset].order
        if name not in known:
            fact = f'{dataset} has no variable "{name}"'
            yield self._unknown("SPEC017", fact, name, known, loc, key=key)

    def documents(self, uses: Mapping[str, object], loc: Loc) -> Iterator[Diagnostic]:
        known = self.loaded.model.documents
        for name in uses:
            if name not in known:
                fact = f'define.yaml has no document "{name}"'
                yield self._unknown("SPEC120", fact, name, known, (*loc, name), key=True)

    def _unknown(
        self, code: str, fact: str, name: str, known: Iterable[str], loc: Loc, *, key: bool
    ) -> Diagnostic:
        return Diagnostic(
            code,
            fact,
            self.loaded.document.span(loc, key=key),
            help=did_you_mean(name, list(known)),
        )
