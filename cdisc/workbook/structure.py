"""What a study says before there are data: its datasets with all metadata and no record.

Labels, types, origins, methods and codelists follow from the mapping. What data alone
decide is absent: lengths, terms that occur, which records have values of their own.
"""

import dataclasses
from collections.abc import Mapping

import pyarrow as pa

from cdisc.adam import build_adam
from cdisc.dataset import ARROW_TYPES, Codelist, Dataset, Study, Term, Variable
from cdisc.engine.program import Program, Stage
from cdisc.engine.run import Result
from cdisc.sdtm import build_sdtm
from cdisc.standard import CodelistStandard

_MOST_TERMS = 100  # of a codelist that is listed whole


def structures(program: Program) -> Mapping[Stage, Study]:
    """Return the datasets of each stage without records.

    Args:
        program: The study.

    Returns:
        Studies whose variables have the codelists that the standard or the mapping names:
        with all terms where these are few, with one term without a value where they are many.
    """
    plans = {name: plan for name, plan in program.datasets.items() if plan.submitted}
    tables = {
        name: pa.table(
            {one: pa.chunked_array([], ARROW_TYPES[plan.variables[one].kind]) for one in plan.order}
        )
        for name, plan in plans.items()
    }
    sources = {name: pa.chunked_array([], pa.int64()) for name in plans}
    result = Result(tables, sources, (), (), {})
    sdtm, adam = build_sdtm(program, result), build_adam(program, result)
    found: dict[Stage, Study] = {"sdtm": sdtm} if sdtm.datasets else {}
    if adam is not None:
        found["adam"] = adam
    return {stage: _with_terms(study, program) for stage, study in found.items()}


def _with_terms(study: Study, program: Program) -> Study:
    datasets = tuple(_dataset(one, program) for one in study.datasets)
    return dataclasses.replace(study, datasets=datasets)


def _dataset(dataset: Dataset, program: Program) -> Dataset:
    variables = tuple(_variable(one, program) for one in dataset.variables)
    return dataclasses.replace(dataset, variables=variables)


def _variable(variable: Variable, program: Program) -> Variable:
    codelist = variable.codelist
    if codelist is None or codelist.terms or codelist.code is None:
        return variable
    found = (one.codelist(codelist.code) for one in program.vocabulary.terminologies)
    published = next((one for one in found if one), None)
    return dataclasses.replace(variable, codelist=_listed(codelist, published))


def _listed(codelist: Codelist, published: CodelistStandard | None) -> Codelist | None:
    if published is None or codelist.kind != "text":
        return None
    terms = tuple(Term(one.value, None, one.code) for one in published.terms)
    few = terms if len(terms) <= _MOST_TERMS else (Term(""),)
    return dataclasses.replace(codelist, terms=few)
