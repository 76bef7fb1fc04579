"""Which variable holds what a field of a form collects, read from the mapping that runs.

A variable of a submitted tabulation dataset carries a field if its line names the
field, itself or through work variables and datasets that are not submitted. What a
record's source says in place of a line, and the tests of a melt, are read source by
source, so that a field of one test is told from that of another.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from cdisc.acrf.reading import ASKS, TAKES, Reading, Way, constant, of_source
from cdisc.engine.origin import origin_of, qualifier_origin
from cdisc.engine.program import DatasetPlan, Program, RowSource, VariablePlan
from cdisc.language import tree as t
from cdisc.record import record

_SUPP = "supp:"
_TOPIC = "Topic"
_COLLECTED = "Collected"
_QUALIFIER = "Record Qualifier"
# a field that no line takes, makes something of or asks: it decides what a record holds, or
# only that there is one
_DECIDES, _CHOOSES = 3, 4


@record()
class Carried:
    """A variable that holds what a field collects.

    Attributes:
        form: Alias of the raw form.
        field: Its field.
        dataset: The submitted dataset; the parent of a supplemental qualifier.
        variable: Its variable, or the supplemental qualifier.
        qualifier: Whether it is one.
        where: Variable and value of the records that the field makes, or nothing.
        value: What it holds if the field is filled in, where that is always the same.
        collected: Whether its origin (Define-XML 2.1) is Collected.
        certain: Whether `field` is one; a cell of a melt may be a text, such as a unit.
    """

    form: str
    field: str
    dataset: str
    variable: str
    qualifier: bool
    where: tuple[str, str] | None
    value: str | None
    collected: bool
    certain: bool = True


def carried_fields(program: Program) -> tuple[Carried, ...]:
    """Return what becomes of each field, in the order of datasets, variables and sources.

    Of a field that variables take, those that are made of it or only ask it are left
    out. A field that nothing takes is said to be in what is made of it, else in what
    asks it; one that only chooses records, in what those records always hold.

    Args:
        program: The study.
    """
    plans = [_Plan(program, plan) for plan in _submitted(program)]
    found = [one for plan in plans for one in (*plan.variables(), *plan.conditions())]
    best: dict[tuple[str, str], int] = {}
    for way, one in found:
        key = (one.form, one.field)
        best[key] = min(way, best.get(key, way))
    kept = [one for way, one in found if way == best[one.form, one.field]]
    always = {(one.form, one.field, one.dataset, one.variable) for one in kept if not one.where}
    return tuple(
        dict.fromkeys(
            one
            for one in kept
            if not one.where or (one.form, one.field, one.dataset, one.variable) not in always
        )
    )


def _submitted(program: Program) -> Iterator[DatasetPlan]:
    for plan in program.datasets.values():
        if plan.stage == "sdtm" and plan.submitted and plan.parent is None:
            yield plan


@record()
class _Field:
    """A field as a variable reads it: of which test, and how."""

    form: str
    name: str
    codes: tuple[str, ...]
    way: Way
    certain: bool = True


class _Plan:
    """Reads the lines of one dataset."""

    def __init__(self, program: Program, plan: DatasetPlan) -> None:
        self.program = program
        self.plan = plan

    @cached_property
    def topic(self) -> VariablePlan | None:
        """The variable that says what a record is about."""
        for name, one in self.plan.variables.items():
            if one.standard is not None and one.standard.role == _TOPIC and _SUPP not in name:
                return one
        return None

    @cached_property
    def constants(self) -> list[dict[str, str]]:
        """What variables always are on the records of each source."""
        return [
            {
                name: value
                for name, one in self.plan.variables.items()
                if (value := constant(of_source(one.checked.expression.tree, at)))
            }
            for at in range(len(self.plan.sources))
        ]

    def variables(self) -> Iterator[tuple[int, Carried]]:
        """Yield what each submitted variable carries, and how it reads it."""
        for name, variable in self.plan.variables.items():
            if variable.line.work or variable.line.no_data:
                continue
            collected = self._is_collected(name, variable)
            for at in range(len(self.plan.sources)):
                for one in dict.fromkeys(self.fields(variable, at)):
                    for code in one.codes or (None,):
                        where = self._where(name, at, code)
                        yield one.way, self._carried(one, name, where, None, collected)

    def conditions(self) -> Iterator[tuple[int, Carried]]:
        """Yield what fields that choose records lead to: the constants of their source."""
        for at, source in enumerate(self.plan.sources):
            refs = source.where.refs() if source.where is not None else ()
            asked = [
                _Field(target.qualifier, target.name, (), ASKS)
                for _ref, target in refs
                if target.qualifier in self.program.forms
            ]
            for field in asked:
                for name, value in self._said(at, source).items():
                    where = self._where(name, at, None)
                    way = _DECIDES if where else _CHOOSES
                    yield way, self._carried(field, name, where, value, collected=False)

    def _said(self, at: int, source: RowSource) -> dict[str, str]:
        """Return what the records of a source always are: its qualifiers, else its topic."""
        said = {name: one for name, one in self.constants[at].items() if name in source.sets}
        roles = {
            name: one.standard.role if one.standard else None
            for name, one in self.plan.variables.items()
        }
        qualified = {name: one for name, one in said.items() if roles[name] == _QUALIFIER}
        return qualified or {name: one for name, one in said.items() if roles[name] == _TOPIC}

    def _is_collected(self, name: str, variable: VariablePlan) -> bool:
        if name.startswith(_SUPP):
            origin = qualifier_origin(self.program, self.plan, name.removeprefix(_SUPP))
        else:
            origin = origin_of(self.program, self.plan, variable)
        return origin is not None and origin.type == _COLLECTED

    def _carried(
        self,
        field: _Field,
        name: str,
        where: tuple[str, str] | None,
        value: str | None,
        collected: bool,  # noqa: FBT001  one of the attributes of what is made here
    ) -> Carried:
        return Carried(
            form=field.form,
            field=field.name,
            dataset=self.plan.shown,
            variable=name.removeprefix(_SUPP),
            qualifier=name.startswith(_SUPP),
            where=where,
            value=value,
            collected=collected,
            certain=field.certain,
        )

    def _where(self, name: str, at: int, code: str | None) -> tuple[str, str] | None:
        """Return the topic of the records of a source, if it is always the same there."""
        if self.topic is None or name == self.topic.name:
            return None
        value = code or self.constants[at].get(self.topic.name)
        return (self.topic.name, value) if value else None

    def fields(
        self, variable: VariablePlan, at: int, way: Way = TAKES, seen: tuple[str, ...] = ()
    ) -> Iterator[_Field]:
        """Yield the fields that a variable reads on the records of a source."""
        topic = self.topic.name if self.topic else None
        reading = Reading(variable.checked, self.constants[at], topic)
        source = self.plan.sources[at]
        tree = of_source(variable.checked.expression.tree, at)
        # what is said to be collected, and is a variable of another dataset, is where that is
        said = variable.line.block.origin if variable.line.block else None
        copied = isinstance(tree, t.Ref) and said == _COLLECTED
        for read in reading.reads(tree, way):
            target = variable.checked.target(read.ref)
            if target.qualifier in self.program.forms:
                # a line that names several forms reads that of the record
                if target.kind != "row" or target.qualifier == source.name:
                    yield _Field(target.qualifier, target.name, read.codes, read.way)
            elif target.qualifier == "test" and source.melt is not None:
                yield from _cells(source, target.name, read.way)
            elif target.kind == "own" and target.name not in seen:
                other = self.plan.variables.get(target.name)
                if other is not None and (other.line.work or not self.plan.submitted):
                    below = self.fields(other, at, read.way, (*seen, target.name))
                    yield from _of_codes(below, read.codes)
            elif (target.qualifier == source.name or copied) and not seen:
                below = self._below(target.qualifier, target.name, read.way, submitted=copied)
                yield from _of_codes(below, read.codes)

    def _below(self, dataset: str, name: str, way: Way, *, submitted: bool) -> Iterator[_Field]:
        """Yield what a variable of a dataset reads that is not submitted itself, or copied."""
        plan = self.program.datasets.get(dataset)
        variable = plan.variables.get(name) if plan else None
        if plan is not None and variable is not None and (submitted or not plan.submitted):
            below = _Plan(self.program, plan)
            for at in range(len(plan.sources)):
                yield from below.fields(variable, at, way)


def _of_codes(fields: Iterator[_Field], codes: tuple[str, ...]) -> Iterator[_Field]:
    for one in fields:
        yield _Field(one.form, one.name, one.codes or codes, one.way, one.certain)


def _cells(source: RowSource, column: str, way: Way) -> Iterator[_Field]:
    """Yield the cells of a column of a melt with their tests; a cell is a field, or a text."""
    assert source.melt is not None
    columns: Sequence[str] = source.melt.tests.columns
    tests: Mapping[str, tuple[str, ...]] = source.tests
    if column in columns:
        at = columns.index(column)
        for code, cells in tests.items():
            if at < len(cells) and cells[at]:
                yield _Field(source.name, cells[at], (code,), way, certain=at == 0)
