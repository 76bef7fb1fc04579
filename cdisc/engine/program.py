"""A study as the engine runs it: every expression parsed, resolved and typed.

A `Program` is what remains when all words of the mapping files have been tied to
forms, fields, datasets and variables. Nothing in it needs data.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from cdisc.dataset import Kind
from cdisc.diagnostics import Diagnostic, Span
from cdisc.engine.lines import Line
from cdisc.engine.vocabulary import Vocabulary
from cdisc.language import tree as t
from cdisc.language.verb import Scope, Type, Use
from cdisc.record import kept, record
from cdisc.source import Loc
from cdisc.spec.dataset import EventBlock, MeltBlock, ParamBlock, SuppBlock
from cdisc.spec.load import LoadedDataset, LoadedStudy
from cdisc.spec.study import RawFormBlock
from cdisc.standard import DatasetStandard, VariableStandard

Stage = Literal["sdtm", "adam"]
Need: TypeAlias = tuple[str, str]
ROWS = "*"


@record()
class Target:
    """What a reference means.

    Attributes:
        kind: ``own`` variable of this dataset; ``row`` a value of the record's own
            source; ``other`` variable of another dataset; ``form`` field of another
            form; ``constant``; ``let`` a named condition; ``dataset`` or ``records``
            a whole dataset or form; ``sequence``; ``field`` a field of the form at hand;
            ``another`` variable of another record of this dataset, or those records.
        qualifier: Dataset or form.
        name: Variable, field or value.
        type: Type of the value.
        table: It is a column of a study table.
    """

    kind: Literal[
        "own", "row", "other", "form", "constant", "let", "dataset", "records", "sequence", "field",
        "another",
    ]  # fmt: skip
    qualifier: str
    name: str
    type: Type
    table: bool = False


@record()
class Checked:
    """An expression with what was found out about it."""

    expression: t.Expression
    type: Type
    types: Callable[[t.Node], Type]
    uses: dict[int, Use]
    meaning: Callable[[t.Ref], "Target | Diagnostic"]
    scope: Scope

    @kept
    def sound(self) -> bool:
        """Whether every reference, written or implied, means something."""
        return all(isinstance(self.meaning(ref), Target) for ref in self._references)

    def target(self, ref: t.Ref) -> Target:
        """Return what a reference of a sound expression means."""
        found = self.meaning(ref)
        assert isinstance(found, Target), found
        return found

    def refs(self) -> tuple[tuple[t.Ref, Target], ...]:
        """Return every reference with its meaning, those that verbs imply last."""
        return self._targets

    @kept
    def _targets(self) -> tuple[tuple[t.Ref, Target], ...]:
        return tuple((ref, self.target(ref)) for ref in self._references)

    @kept
    def _references(self) -> tuple[t.Ref, ...]:
        written = self.expression.references
        seen = {id(ref) for ref in written}
        given = (
            ref
            for use in self.uses.values()
            for value in use.given.values()
            for node in (value if isinstance(value, tuple) else (value,))
            if isinstance(node, t.Node)
            for ref in t.references(node)
            if id(ref) not in seen
        )
        implied = (
            ref
            for use in self.uses.values()
            if use.verb.implies is not None
            for ref in use.verb.implies(use, self.scope)
        )
        return (*written, *given, *implied)


@record()
class Relation:
    """What a line of ``relate:`` says.

    Attributes:
        dataset: The dataset whose file it is in.
        other: The dataset that it is related with.
        form: ``records``, ``groups`` or ``datasets``.
        own: Variable of the dataset with what they have in common.
        variable: The same of the other dataset.
        types: RELTYPE of both, for datasets.
        span: Place in the file.
        expression: The comparison as it was written.
    """

    dataset: str
    other: str
    form: str
    own: str
    variable: str
    types: tuple[str, ...]
    span: Span
    expression: t.Expression


@record()
class RowSource:
    """Where records come from: one source of possibly several stacked.

    Attributes:
        kind: ``form``, ``dataset`` or ``table`` one record each; ``melt`` one per test;
            ``params`` one per parameter; ``supp`` one per qualifier; ``group`` one per
            group of records of a dataset; ``relate`` those of relations.
        name: Form, dataset or study table.
        where: Condition on the source's records.
        melt: The table of a melt.
        span: Place in the file.
        where_at: Text of the condition, its place in the file and its first character.
        keep: Choice of one record among several, a `Flag`.
        keep_at: Its text, its place in the file and its first character.
        sets: Expressions that stand in place of the lines of variables for its records.
        sets_at: Their place in the file.
        condition: The condition as an expression that no text of the file is.
        by: Of a group, what its records agree in.
        expect: Of a group, the table of what is expected of it, or None.
        expected: Columns of that table that tell its rows apart.
        relations: What ``relate:`` of all files says.
    """

    kind: Literal["form", "dataset", "table", "melt", "params", "supp", "group", "relate"]
    name: str
    where: Checked | None
    span: Span
    melt: MeltBlock | None = None
    where_at: tuple[str, Loc, int] | None = None
    keep: Checked | None = None
    keep_at: tuple[str, Loc, int] | None = None
    sets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    sets_at: Loc = ()
    condition: t.Expression | None = None
    by: tuple[str, ...] = ()
    expect: str | None = None
    expected: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def tests(self) -> Mapping[str, tuple[str, ...]]:
        """The cells of each test of a melt by its code; none for other sources."""
        return (self.melt.tests.__pydantic_extra__ or {}) if self.melt else {}


@record()
class VariablePlan:
    """One variable to compute.

    Attributes:
        name: As in the dataset; ``supp:X`` for a supplemental qualifier.
        checked: Its expression.
        kind: How values are stored.
        type: Type in the language.
        needs: Variables (and rows) of this and other datasets to have first.
        setwise: Whether it looks at other records of its own dataset.
        standard: What the standard says of it, or None.
        line: The line of the file that says it.
        label: For people, at most 40 bytes.
    """

    name: str
    checked: Checked
    kind: Kind
    type: Type
    needs: frozenset[Need]
    setwise: bool
    standard: VariableStandard | None
    line: Line
    label: str


@record()
class EventPlan:
    """An event or censoring of a time-to-event dataset, tied to its dataset.

    `variable` is the one that its date comes from; None if it comes from several.
    """

    name: str
    block: EventBlock
    dataset: str
    date: Checked
    variable: str | None
    when: Checked | None
    sequence: str | None
    span: Span


@record()
class ParamPlan:
    """A time-to-event parameter."""

    code: str
    block: ParamBlock
    start: Checked
    where: Checked | None = None


@record()
class DatasetPlan:
    """One dataset to build."""

    name: str
    stage: Stage
    domain: str
    standard: DatasetStandard | None
    class_name: str
    sources: tuple[RowSource, ...]
    keys: tuple[str, ...]
    variables: dict[str, VariablePlan]
    order: tuple[str, ...]
    rows_needs: frozenset[Need]
    checks: tuple[Checked, ...] = ()
    events: tuple[EventPlan, ...] = ()
    censors: tuple[EventPlan, ...] = ()
    params: tuple[ParamPlan, ...] = ()
    parent: str | None = None
    sequence: str | None = None
    loaded: LoadedDataset | None = None
    submitted: bool = True
    of: str | None = None
    of_subjects: bool = True
    taken: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """The name that people know: of a stage, that of the dataset that it belongs to."""
        return self.of or self.name

    @property
    def qualifiers(self) -> dict[str, SuppBlock]:
        """What the file says of each supplemental qualifier."""
        return {
            name.removeprefix("supp:"): one.line.qualifier
            for name, one in self.variables.items()
            if one.line.qualifier is not None
        }

    @property
    def lines(self) -> dict[str, VariablePlan]:
        """The variables by name."""
        return self.variables


@record()
class FormPlan:
    """One raw form: its file, its fields, its subject."""

    name: str
    block: RawFormBlock
    number: int
    fields: tuple[str, ...] | None
    subject: Checked
    where: Checked | None
    span: Span


@record()
class Program:
    """A whole study, checked.

    `inbox` says that hidden columns hold every value that a verb looks up, too. `crf_pages`
    holds the pages of the annotated CRF by form and field, where they are known.
    """

    loaded: LoadedStudy
    vocabulary: Vocabulary
    subject: str
    forms: dict[str, FormPlan]
    usubjid: Checked
    datasets: dict[str, DatasetPlan]
    steps: tuple["Batch", ...]
    packages: tuple[str, ...] = ()
    inbox: bool = False
    crf_pages: Mapping[tuple[str, str], tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def pages(self, form: str, fields: tuple[str, ...]) -> tuple[str, ...]:
        """Return the pages of the annotated CRF with some fields, else those of their form."""
        known = (page for field in fields for page in self.crf_pages.get((form, field), ()))
        return tuple(dict.fromkeys(known)) or self.forms[form].block.page


@record()
class Batch:
    """Variables of one dataset that are computed together, in levels.

    `begins` says that the records of the dataset are made first.
    """

    dataset: str
    begins: bool
    levels: tuple[tuple[str, ...], ...]
