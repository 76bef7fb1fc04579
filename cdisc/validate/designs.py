"""Codes and texts that the trial design lists, in the datasets that use them."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import Column, pc
from cdisc.validate.conventions import Design
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts

_SEPARATOR = "\x1f"


def check_designs(facts: Facts, datasets: Sequence[Dataset]) -> list[Diagnostic]:
    """Find codes that the trial design does not list, or lists with another text.

    Missing codes and texts take no part; nor does a design that the study does not have.

    Args:
        facts: The dataset.
        datasets: All datasets of the study.

    Source:
        SDTMIG v3.4, section 7, Trial Design Model Datasets.
    """
    found = []
    for design in facts.conventions.designs:
        listed = next((one for one in datasets if one.name == design.dataset), None)
        if listed is None or facts.name == design.dataset:
            continue
        if not {design.code, design.text} <= set(listed.table.column_names):
            continue
        for code, text in design.used.items():
            if facts.has(code) and facts.dataset.variable(code).kind == _kind(listed, design.code):
                found += _codes(facts, design, listed, code)
                if facts.has(text):
                    found += _texts(facts, design, listed, (code, text))
    return found


def _kind(dataset: Dataset, name: str) -> str:
    return dataset.variable(name).kind


def _codes(facts: Facts, design: Design, listed: Dataset, code: str) -> list[Diagnostic]:
    if not design.complete:
        return []
    values = column(facts.dataset, code)
    known = _among(values, column(listed, design.code))
    absent = pc.and_(pc.invert(known), values.is_valid())
    if design.beyond:
        absent = pc.and_(absent, pc.invert(_among(values, pa.array(design.beyond, pa.string()))))
    fact = f'"{code}" has values that "{design.dataset}" does not list'
    wanted = f"values of {design.dataset}.{design.code}"
    return _finding(facts, ("SDTM041", code, fact, wanted), [values], absent)


def _texts(
    facts: Facts, design: Design, listed: Dataset, names: tuple[str, str]
) -> list[Diagnostic]:
    columns = [column(facts.dataset, one) for one in names]
    theirs = [column(listed, one) for one in (design.code, design.text)]
    known = _among(columns[0], theirs[0].filter(theirs[1].is_valid()))
    same = _among(_joined(columns), _joined(theirs))
    bad = pc.and_(pc.and_(known, columns[1].is_valid()), pc.invert(same))
    fact = f'"{names[1]}" has other texts for "{names[0]}" than "{design.dataset}"'
    wanted = f"{design.dataset}.{design.text} of the same {design.code}"
    return _finding(facts, ("SDTM042", names[1], fact, wanted), columns, bad)


def _finding(
    facts: Facts, said: tuple[str, str, str, str], columns: Sequence[Column], bad: Column
) -> list[Diagnostic]:
    code, variable, fact, expected = said
    records, lines = gather(columns, bad)
    if not records:
        return []
    return [
        Diagnostic(
            code,
            fact,
            found=lines,
            expected=expected,
            dataset=facts.name,
            variable=variable,
            records=records,
        )
    ]


def _among(values: Column, known: Any) -> Column:
    if isinstance(known, pa.ChunkedArray):
        known = known.combine_chunks()
    return pc.is_in(values, value_set=known)


def _joined(columns: Sequence[Column]) -> Column:
    texts = [one.cast(pa.string()) for one in columns]
    return pc.binary_join_element_wise(*texts, _SEPARATOR)
