"""Results to datasets: everything that define.xml and a transport file say of them.

Nothing is typed a second time: labels, roles and codelists come from the standard,
origins and methods from the expressions, lengths from the data.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Dataset, Dictionary, Kind, Method, Variable
from cdisc.engine.codelists import Codelists
from cdisc.engine.coding import pinned_version
from cdisc.engine.divided import division_of, with_subsets
from cdisc.engine.lines import implied
from cdisc.engine.origin import origin_of, qualifier_origin
from cdisc.engine.program import DatasetPlan, Program, VariablePlan
from cdisc.engine.run import Result
from cdisc.engine.said import method_text, records_text

FORMATS: dict[Kind, str | None] = {
    "text": None,
    "number": None,
    "date": "DATE9.",
    "datetime": "DATETIME20.",
    "time": "TIME8.",
}
_MOST_DIGITS = 12
_MOST_OBSERVED = 2000
_AT_ONCE = 1 << 17


def describe(program: Program, result: Result, name: str, *, standard: str) -> Dataset:
    """Return a dataset of a result with its metadata.

    Args:
        program: The study.
        result: What the run gave.
        name: Dataset name.
        standard: Key of the implementation guide among the study's standards.
    """
    return _Describer(program, result, program.datasets[name], standard).dataset()


@dataclasses.dataclass(frozen=True)
class _Describer:
    program: Program
    result: Result
    plan: DatasetPlan
    standard: str

    def dataset(self) -> Dataset:
        plan = self.plan
        model = plan.loaded.model if plan.loaded else None
        table = self.result.tables[plan.name]
        known = plan.standard
        label = (model.label if model else None) or (known.label if known else plan.name)
        structure = (model.structure if model else None) or (known.structure if known else None)
        class_name, subclass = self.class_names()
        remarks = (model.because if model else None, records_text(self.program, plan))
        return Dataset(
            name=plan.name,
            label=label,
            class_name=class_name,
            subclass=subclass,
            structure=structure or f"One record per {', '.join(plan.keys)}",
            keys=plan.keys,
            variables=tuple(self.variable(one, table.column(one)) for one in plan.order),
            table=table,
            sources=self.result.sources[plan.name],
            standard=self.standard,
            reference=not plan.of_subjects,
            repeating=plan.keys != (self.program.subject,),
            domain=plan.domain,
            comment=" ".join(one for one in remarks if one) or None,
            qualifiers=tuple(self.qualifiers()),
        )

    def qualifiers(self) -> Iterator[Variable]:
        """Say what is known of each qualifier of a dataset that supplements another."""
        parent = self.program.datasets.get(self.plan.parent or "")
        if parent is None:
            return
        for name in parent.qualifiers:
            plan = parent.variables[f"supp:{name}"]
            origin = qualifier_origin(self.program, parent, name)
            derived = origin is not None and origin.type == "Derived"
            yield Variable(
                name=name,
                label=plan.label,
                kind="text",
                length=1,
                origin=origin,
                method=_method(self.program, parent, plan) if derived else None,
            )

    def class_names(self) -> tuple[str, str | None]:
        known = self.plan.standard
        if known and known.subclass:
            return known.class_name, known.subclass
        return self.plan.class_name, None

    def variable(self, name: str, column: pa.ChunkedArray) -> Variable:
        plan = self.plan.variables[name]
        origin = origin_of(self.program, self.plan, plan)
        line, block, standard = plan.line, plan.line.block, plan.standard
        original = self.original(plan)
        codelists = Codelists(self.program, *original, self.result.tables[self.plan.name], name)
        subsets = codelists.subsets()
        class_name, _ = self.class_names()
        division = division_of(self.program, self.plan, name, class_name=class_name)
        if division is not None:
            division = with_subsets(division, subsets)
        integer, digits = _digits(column) if plan.kind == "number" else (False, None)
        return Variable(
            name=name,
            label=plan.label,
            kind=plan.kind,
            length=self.length(plan, column),
            format=(block.format if block else None) or FORMATS[plan.kind],
            role=standard.role if standard else None,
            core=standard.core if standard else None,
            origin=origin,
            method=_method(self.program, self.plan, plan) if origin.type == "Derived" else None,
            codelist=codelists.whole(_observed(column)),
            dictionary=self.dictionary(name, line.dictionary or original[1].line.dictionary),
            comment=(block.comment or block.because) if block else None,
            integer=integer,
            significant_digits=digits,
            standard=standard is not None,
            subsets=subsets,
            division=division,
        )

    def original(self, plan: VariablePlan) -> tuple[DatasetPlan, VariablePlan]:
        """Return the variable that a copy was taken from, at the end of the chain."""
        dataset = self.plan
        while plan.line.copied:
            name, variable = plan.line.copied
            dataset = self.program.datasets[name]
            plan = dataset.variables[variable]
        return dataset, plan

    def dictionary(self, variable: str, text: str | None) -> Dictionary | None:
        """Return the dictionary that the file names, or else that the standard implies."""
        if text is None:
            known = implied()["dictionaries"].get(variable)
            return Dictionary(*known) if known else None
        name, _, version = text.partition(" ")
        return Dictionary(name, version or pinned_version(self.program.loaded, name))

    def length(self, plan: VariablePlan, column: pa.ChunkedArray) -> int:
        if plan.kind != "text":
            return 8
        if plan.line.block and plan.line.block.length:
            return int(plan.line.block.length)
        longest = pc.max(pc.binary_length(column)).as_py()
        return max(1, longest or 1)


def _method(program: Program, dataset: DatasetPlan, plan: VariablePlan) -> Method:
    expression = " ".join(plan.checked.expression.text.split())
    return Method(method_text(dataset, plan, program), expression)


def _observed(column: pa.ChunkedArray) -> list[str] | None:
    """Return the distinct values as text, numbers as they are written; None if too many."""
    if not (pa.types.is_string(column.type) or pa.types.is_floating(column.type)):
        return []
    distinct = column.slice(0, 0).combine_chunks()
    for part in _parts(column):  # where all values differ, a few parts show it
        distinct = pc.unique(pa.chunked_array([distinct, pc.drop_null(part)]))
        if len(distinct) > _MOST_OBSERVED:
            return None
    values = sorted(distinct.to_pylist())
    return [f"{value:.15g}" if isinstance(value, float) else value for value in values]


def _digits(column: pa.ChunkedArray) -> tuple[bool, int | None]:
    """Say whether numbers are whole, and if not how many decimals they need."""
    most = max((_decimals(part.drop_null().to_numpy()) for part in _parts(column)), default=0)
    return most == 0, most or None


def _decimals(values: npt.NDArray[np.float64]) -> int:
    for digits in range(_MOST_DIGITS):
        if np.array_equal(np.round(values, digits), values):
            return digits
    return _MOST_DIGITS


def _parts(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Yield a column in parts that are small, however it is chunked."""
    for chunk in column.chunks:
        for at in range(0, len(chunk), _AT_ONCE):
            yield chunk.slice(at, _AT_ONCE)
