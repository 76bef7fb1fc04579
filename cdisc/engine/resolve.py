"""Mapping files to a `Program`: every word tied to what it means, all mistakes at once."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from cdisc.dataset import Kind
from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine import rows as row_reader
from cdisc.engine.lines import Line, Lines, implied, implied_expression, nothing
from cdisc.engine.meaning import Meaning
from cdisc.engine.needs import is_setwise, needs_of
from cdisc.engine.order import order_batches
from cdisc.engine.program import (
    Batch,
    Checked,
    DatasetPlan,
    FormPlan,
    Program,
    RowSource,
    Stage,
    Target,
    VariablePlan,
)
from cdisc.engine.vocabulary import VariableScope, Vocabulary
from cdisc.errors import SpecError
from cdisc.functions import builtin_verbs
from cdisc.language import tree as t
from cdisc.language.parser import parse
from cdisc.language.types import Checker, article, fits, mend
from cdisc.language.verb import Type
from cdisc.spec import LoadedDataset, LoadedStudy
from cdisc.standard import DatasetStandard, VariableStandard, load_adam, load_sdtm

_KINDS: Mapping[Type, Kind] = {
    "text": "text",
    "dtc": "text",
    "literal": "text",
    "missing": "text",
    "boolean": "text",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
}


@dataclasses.dataclass
class Frame:
    """A dataset while it is being resolved."""

    name: str
    stage: Stage
    domain: str
    class_name: str
    standard: DatasetStandard | None
    keys: tuple[str, ...]
    lines: dict[str, Line]
    reader: Lines
    sources: tuple[RowSource, ...] = ()
    loaded: LoadedDataset | None = None
    parent: str | None = None


def resolve(loaded: LoadedStudy, fields: Mapping[str, Sequence[str]] | None = None) -> Program:
    """Resolve a study.

    Args:
        loaded: The mapping files.
        fields: Fields of each raw form, or None where the data are not at hand;
            then a field of any name is accepted.

    Raises:
        SpecError: SPEC001 to SPEC039: the mistakes of form that loading noted and
            those of the language, of all files together.
        StandardNotFoundError: A standard that the study pins is not carried.
    """
    return Resolver(loaded, fields).program()


class Resolver:
    """Holds what is known while a study is being resolved."""

    def __init__(self, loaded: LoadedStudy, fields: Mapping[str, Sequence[str]] | None) -> None:
        self.loaded, self.study = loaded, loaded.study
        self.verbs = builtin_verbs()
        self.vocabulary = Vocabulary(loaded)
        self.sdtm = load_sdtm(self.study.standards.sdtm.split(" ")[1])
        adam = self.study.standards.adam
        self.adam = load_adam(adam.split(" ")[1]) if adam else None
        self.fields = {name: fields.get(name) if fields else None for name in self.study.raw}
        self.problems: list[Diagnostic] = list(loaded.problems)
        self.lets = self._lets()
        self.constants = {"study.id": self.study.study.id}
        if self.study.study.cutoff:
            self.constants["study.cutoff"] = self.study.study.cutoff
        self.frames: dict[str, Frame] = {}
        self.plans: dict[tuple[str, str], VariablePlan] = {}
        self._open: set[tuple[str, str]] = set()

    def program(self) -> Program:
        """Resolve everything, or raise every problem."""
        for one in self.loaded.datasets:
            self._frame(one)
        self._check_lets()
        forms = {name: self._form(name, number) for number, name in enumerate(self.study.raw)}
        usubjid = self._usubjid()
        datasets = {}
        for frame in self.frames.values():
            for name in frame.lines:
                self.plan(frame.name, name)
            datasets[frame.name] = self._dataset(frame)
        batches = self._batches(datasets)
        if self.problems:
            raise SpecError(dict.fromkeys(self.problems))
        return Program(
            self.loaded, self.vocabulary, implied()["subject"], forms, usubjid, datasets, batches
        )

    def _batches(self, datasets: Mapping[str, DatasetPlan]) -> tuple[Batch, ...]:
        try:
            return order_batches(datasets)
        except SpecError as error:
            self.problems.extend(error.diagnostics)
            return ()

    # frames -----------------------------------------------------------------

    def _frame(self, one: LoadedDataset) -> None:
        model, stage = one.model, one.stage
        reader = Lines(one, self.verbs, self.problems)
        sources = tuple(row_reader.read_rows(self, one, reader))
        class_name, standard = self._class(one, sources)
        domain = model.dataset[:2] if stage == "sdtm" else model.dataset
        frame = Frame(
            model.dataset, stage, domain, class_name, standard, model.keys, {}, reader, sources, one
        )
        self.frames[frame.name] = frame
        language = implied()
        names = {
            name.replace("--", domain): text for name, text in language["implied"][stage].items()
        }
        more = [language["implied"]["TIME-TO-EVENT"]] if model.params else []
        frame.lines = reader.collect(lambda name: self._listed(frame, name), *more, names)
        if model.supp:
            self._supp_frame(frame, one)

    def _supp_frame(self, parent: Frame, one: LoadedDataset) -> None:
        name = f"SUPP{parent.name}"
        here = one.document.span(("supp",), key=True)
        names = implied()["implied"]["supp"]
        lines = {
            key: Line(key, implied_expression(text, here), implied=True)
            for key, text in names.items()
        }
        standard = self.sdtm.dataset(name)
        self.frames[name] = Frame(
            name,
            "sdtm",
            parent.domain,
            standard.class_name if standard else "RELATIONSHIP",
            standard,
            tuple(implied()["supp_keys"]),
            lines,
            parent.reader,
            (RowSource("supp", parent.name, None, here),),
            None,
            parent.name,
        )

    def _class(
        self, one: LoadedDataset, sources: Iterable[RowSource]
    ) -> tuple[str, DatasetStandard | None]:
        model = one.model
        if one.stage == "sdtm":
            standard = self.sdtm.dataset(model.dataset)
            if standard is None and not model.class_:
                names = self.sdtm.names()
                self.problems.append(
                    Diagnostic(
                        "SPEC031",
                        f"{self.sdtm.name} {self.sdtm.version} has no dataset {model.dataset}",
                        one.document.span(("dataset",)),
                        help=did_you_mean(model.dataset, names) or "give it a class: and a label:",
                    )
                )
            return (standard.class_name if standard else model.class_ or ""), standard
        if self.adam is None:
            self.problems.append(
                Diagnostic(
                    "SPEC032",
                    "the study names no ADaMIG",
                    one.document.span(("dataset",)),
                    help="add adam: ADaMIG 1.3 under standards: in study.yaml",
                )
            )
            return model.class_ or "", None
        class_name = model.class_ or self._adam_class(one, sources)
        known = self.adam.classes()
        if class_name not in known:
            self.problems.append(
                Diagnostic(
                    "SPEC033",
                    f'no class of ADaM is called "{class_name}"',
                    one.document.span(("class",)),
                    expected=", ".join(known),
                    help=did_you_mean(class_name, known),
                )
            )
            return class_name, None
        if model.params and class_name == "BASIC DATA STRUCTURE":
            class_name = "TIME-TO-EVENT"
        standard = self.adam.dataset(model.dataset, class_name)
        return class_name, standard

    def _adam_class(self, one: LoadedDataset, sources: Iterable[RowSource]) -> str:
        if one.model.params:
            return "TIME-TO-EVENT"
        if one.model.keys == (implied()["subject"],):
            return "SUBJECT LEVEL ANALYSIS DATASET"
        classes = {
            found.class_name for source in sources if (found := self.sdtm.dataset(source.name))
        }
        if classes & {"EVENTS", "INTERVENTIONS"}:
            return "OCCURRENCE DATA STRUCTURE"
        return "BASIC DATA STRUCTURE"

    def _listed(self, frame: Frame, name: str) -> bool:
        if frame.stage == "adam":
            return self.standard_of(frame, name) is not None
        return frame.standard is not None and frame.standard.variable(name) is not None

    def standard_of(self, frame: Frame, name: str) -> VariableStandard | None:
        """Return what the standard says of a variable of a dataset."""
        if frame.stage == "sdtm":
            known = frame.standard.class_name if frame.standard else frame.class_name
            return self.sdtm.variable(frame.name, name, class_name=known)
        if self.adam is None or frame.standard is None:
            return None
        return self.adam.variable(frame.class_name, name)

    # expressions --------------------------------------------------------------

    def meaning(self, frame: Frame) -> Meaning:
        """Return what references mean in the lines of a dataset."""
        columns = [
            column
            for source in frame.sources
            if source.melt
            for column in source.melt.tests.columns
        ]
        return Meaning(
            frame.name,
            frame.sources,
            "variables",
            self.fields,
            self._names(),
            self.type_of_variable,
            {**self.constants, "dataset.domain": frame.domain},
            tuple(self.lets),
            columns,
            self.loaded.unread,
        )

    def form_meaning(self, form: str, **constants: str) -> Meaning:
        """Return what references mean in a form's own expressions."""
        return Meaning(
            form,
            (),
            "fields",
            self.fields,
            self._names(),
            self.type_of_variable,
            {**self.constants, **constants},
            tuple(self.lets),
            (),
            self.loaded.unread,
        )

    def _names(self) -> Mapping[str, Sequence[str]]:
        return {frame.name: tuple(frame.lines) for frame in self.frames.values()}

    def check(
        self, expression: t.Expression, meaning: Meaning, scope: VariableScope, *wanted: Type
    ) -> Checked:
        """Type an expression; what does not fit is noted."""
        tree = t.substitute(expression.tree, self._let)
        expression = dataclasses.replace(expression, tree=tree)

        def target(ref: t.Ref) -> Target | Diagnostic:
            return meaning.of(ref, expression)

        def type_of_ref(ref: t.Ref) -> Type | Diagnostic:
            found = target(ref)
            return found.type if isinstance(found, Target) else found

        checker = Checker(expression, self.verbs, scope, type_of_ref)
        found = checker.type_of(tree)
        if not checker.problems and wanted and not fits(found, wanted):
            checker.problem(
                "SPEC014",
                f"{scope.target} is {article(wanted[0])}, but this is {article(found)}",
                help=mend(found, wanted[0]),
            )
        self.problems.extend(checker.problems)
        return Checked(expression, found, checker.type_of, checker.uses, target, scope)

    def _let(self, ref: t.Ref) -> t.Node | None:
        """Return the condition that a name of ``let:`` stands for."""
        if ref.qualifier is None and ref.name in self.lets:
            return t.placed(self.lets[ref.name].tree, ref)
        return None

    def _lets(self) -> dict[str, t.Expression]:
        found = {}
        document = self.loaded.document
        for name, text in self.study.let.items():
            try:
                found[name] = parse(
                    text,
                    lambda start, end, name=name: document.span_within(("let", name), start, end),  # type: ignore[misc]  # the loop's name is bound
                )
            except SpecError as error:
                self.problems.extend(error.diagnostics)
                found[name] = nothing(text, document.span(("let", name)))
        return found

    def _check_lets(self) -> None:
        """Check each condition once; one that is wrong says nothing where it is used.

        A condition may use those above it.
        """
        written, self.lets = self.lets, {}
        for name, expression in written.items():
            before = len(self.problems)
            scope = VariableScope(self.vocabulary, name, "boolean")
            meaning = Meaning(
                "",
                (),
                "variables",
                self.fields,
                self._names(),
                self.type_of_variable,
                self.constants,
                tuple(self.lets),
                (),
                self.loaded.unread,
            )
            checked = self.check(expression, meaning, scope, "boolean")
            wrong = len(self.problems) > before
            self.lets[name] = (
                nothing(expression.text, expression.span()) if wrong else checked.expression
            )

    # variables ----------------------------------------------------------------

    def type_of_variable(self, dataset: str, name: str) -> Type:
        """Return the declared type of a variable, else the type of its expression."""
        frame = self.frames[dataset]
        line = frame.lines[name]
        if (
            line.copied
            and line.copied[0] in self.frames
            and line.copied[1] in self.frames[line.copied[0]].lines
        ):
            return self.type_of_variable(*line.copied)
        declared = self.declared(frame, name)
        if declared:
            return declared
        if (dataset, name) in self._open:
            return "text"
        return self.plan(dataset, name).type

    def declared(self, frame: Frame, name: str) -> Type | None:
        """Return the type that the block or the standard gives a variable."""
        line = frame.lines[name]
        if line.supp:
            return "text"
        if line.block and line.block.type and line.block.type != "time":
            return line.block.type
        standard = self.standard_of(frame, name)
        if standard is None:
            return None
        if standard.type == "Char":
            is_time = (standard.described_value_domain or "").startswith("ISO 8601 datetime")
            return "dtc" if is_time or name.endswith("DTC") else "text"
        if frame.stage == "adam" and name.endswith(("DT", "DTM")):
            return "date" if name.endswith("DT") else "datetime"
        return "number"

    def plan(self, dataset: str, name: str) -> VariablePlan:
        """Check a variable's line, once."""
        if (dataset, name) not in self.plans:
            self._open.add((dataset, name))
            self.plans[dataset, name] = self._plan(self.frames[dataset], name)
            self._open.discard((dataset, name))
        return self.plans[dataset, name]

    def _plan(self, frame: Frame, name: str) -> VariablePlan:
        line, standard = frame.lines[name], self.standard_of(frame, name)
        declared = self.declared(frame, name)
        if line.copied:
            declared = None
        codelists = standard.codelists if standard else ()
        if line.block and line.block.codelist:
            codelists = (line.block.codelist,)
        scope = VariableScope(
            self.vocabulary,
            name.removeprefix("supp:"),
            declared or "text",
            codelists,
            implied()["references"] if frame.stage == "sdtm" else {},
            self._decoding(frame),
        )
        expression = line.expression
        if line.dictionary and declared == "number":
            tree = t.Step(name="num", operand=expression.tree, arguments=())
            expression = dataclasses.replace(expression, tree=tree)
        checked = self.check(
            expression, self.meaning(frame), scope, *([declared] if declared else ())
        )
        kind = declared or checked.type
        needs = needs_of(checked, self.frames, frame.name)
        setwise = checked.sound and is_setwise(checked, frame.name)
        if checked.type in ("literal", "missing") and not declared:
            kind = "text"
        return VariablePlan(
            name,
            checked,
            _KINDS[kind],
            kind,
            needs,
            setwise,
            standard,
            line,
            self.label(frame, line, standard),
        )

    def label(self, frame: Frame, line: Line, standard: VariableStandard | None) -> str:
        """Return the label: of the block, of the predecessor, or of the standard."""
        if line.block and line.block.label:
            return line.block.label
        if line.copied and line.copied[0] in self.frames:
            source = self.frames[line.copied[0]]
            if line.copied[1] in source.lines:
                return self.plan(source.name, line.copied[1]).label
        if standard and not standard.open_label:
            return standard.label
        if line.companion_of:
            return f"Imputation Flag of {line.companion_of}"
        if not line.supp:
            self.problems.append(
                Diagnostic(
                    "SPEC038",
                    f"{line.name} has no label in the standard",
                    line.expression.span(),
                    help=f"write a block: {line.name}: {{map: ..., label: ...}}",
                )
            )
        return line.name

    def _decoding(self, frame: Frame) -> dict[str, tuple[str, ...]]:
        table = frame.standard.variables if frame.standard else ()
        return {one.name: one.codelists for one in table if one.codelists}

    # datasets -----------------------------------------------------------------

    def _dataset(self, frame: Frame) -> DatasetPlan:
        names = [name for name in frame.lines if not name.startswith("supp:")]
        if frame.stage == "sdtm":
            order = self.sdtm.order(frame.name, names, class_name=frame.class_name)
        elif self.adam and frame.standard:
            order = self.adam.order(frame.class_name, names)
        else:
            order = names
        for index, key in enumerate(frame.keys):
            unknown = frame.standard is None and key == implied()["subject"]
            if key not in frame.lines and frame.loaded and not unknown:
                span = frame.loaded.document.span(("keys", index))
                self.problems.append(
                    Diagnostic(
                        "SPEC034",
                        f'key "{key}" is not a variable of {frame.name}',
                        span,
                        help=did_you_mean(key, frame.lines),
                    )
                )
        sequence = next(
            (
                found
                for template in implied()["sequence"]
                if (found := template.replace("--", frame.name[:2])) in names
                or (found := next((n for n in names if n.endswith("SEQ") and len(n) == 5), ""))
                in names
            ),
            None,  # noqa: PLR2004
        )
        plan = DatasetPlan(
            frame.name,
            frame.stage,
            frame.domain,
            frame.standard,
            frame.class_name,
            frame.sources,
            frame.keys,
            {name: self.plans[frame.name, name] for name in frame.lines},
            tuple(order),
            frozenset(),
            parent=frame.parent,
            sequence=sequence,
            loaded=frame.loaded,
        )
        return row_reader.complete(self, frame, plan)

    def _form(self, name: str, number: int) -> FormPlan:
        block, document = self.study.raw[name], self.loaded.document
        scope = VariableScope(self.vocabulary, f"{name}.subject", "text")

        def parsed(key: str, text: str, *wanted: Type) -> Checked | None:
            loc = ("raw", name, key)
            try:
                tree = parse(text, lambda start, end: document.span_within(loc, start, end))
            except SpecError as error:
                self.problems.extend(error.diagnostics)
                return None
            return self.check(tree, self.form_meaning(name), scope, *wanted)

        subject = parsed("subject", block.subject, "text")
        where = parsed("where", block.where, "boolean") if block.where else None
        known = self.fields[name]
        for field in block.not_used:
            if known is not None and field not in known:
                self.problems.append(
                    Diagnostic(
                        "SPEC019",
                        f'form {name} has no field "{field}"',
                        document.span(("raw", name, "not_used", field), key=True),
                        expected=", ".join(known),
                        help=did_you_mean(field, known),
                    )
                )
        return FormPlan(
            name,
            block,
            number,
            tuple(known) if known is not None else None,
            subject,
            where,
            document.span(("raw", name), key=True),  # type: ignore[arg-type]  # None is a problem already noted
        )

    def _usubjid(self) -> Checked:
        document = self.loaded.document
        loc = ("study", "usubjid")
        try:
            tree = parse(
                self.study.study.usubjid, lambda start, end: document.span_within(loc, start, end)
            )
        except SpecError as error:
            raise SpecError([*self.problems, *error.diagnostics]) from error
        scope = VariableScope(self.vocabulary, implied()["subject"], "text")
        meaning = dataclasses.replace(self.form_meaning("subject"), forms={"subject": ("subject",)})
        return self.check(tree, meaning, scope, "text")
