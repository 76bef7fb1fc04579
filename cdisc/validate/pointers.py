"""Records that point at records of another dataset: qualifiers, comments, relations."""

import dataclasses

import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import Column, Mask, pc
from cdisc.validate.conventions import Pointer
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts, has_text
from cdisc.validate.keys import repeated

_SEPARATOR = "\x1f"
_EXACT = 2.0**53


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """One distinct pair of domain and variable that records point by."""

    domain: str
    variable: str | None
    mask: Mask


def check_pointers(facts: Facts, datasets: tuple[Dataset, ...]) -> list[Diagnostic]:
    """Find pointers to a dataset, a variable or a record that does not exist.

    Args:
        facts: The dataset.
        datasets: All datasets of the study.

    Source:
        SDTMIG v3.4, sections 8.1 to 8.4.
    """
    pointer = facts.conventions.pointer
    if pointer is None or not all(
        facts.has_text(name) for name in (pointer.domain, pointer.variable, pointer.value)
    ):
        return []
    found = []
    for place in _places(facts, pointer):
        parents = [one for one in datasets if place.domain in {one.domain, one.name}]
        parents = [one for one in parents if one.name != facts.name]
        holders = [
            one
            for one in parents
            if place.variable is None or place.variable in one.table.column_names
        ]
        if not parents:
            fact = f'points at the domain "{place.domain}", which the study does not have'
            found += _finding(facts, ("SDTM034", pointer.domain, fact), place.mask)
        elif not holders:
            fact = f'points at "{place.domain}.{place.variable}", which does not exist'
            found += _finding(facts, ("SDTM035", pointer.variable, fact), place.mask)
        else:
            fact = f'points at records of "{place.domain}" that do not exist'
            bad = _dangling(facts, pointer, place, holders)
            found += _finding(facts, ("SDTM036", pointer.value, fact), bad)
    return found


def _places(facts: Facts, pointer: Pointer) -> list[_Place]:
    domains = column(facts.dataset, pointer.domain)
    variables = column(facts.dataset, pointer.variable)
    pairs = (
        pa.table([domains, variables], names=["domain", "variable"])
        .group_by(["domain", "variable"], use_threads=False)
        .aggregate([])
        .to_pylist()
    )
    places = []
    for pair in pairs:
        domain, variable = pair["domain"], pair["variable"]
        if domain is None:
            continue
        same = variables.is_null() if variable is None else pc.equal(variables, variable)
        places.append(_Place(domain, variable, pc.and_kleene(pc.equal(domains, domain), same)))
    return places


def _finding(facts: Facts, said: tuple[str, str, str], mask: Mask) -> list[Diagnostic]:
    pointer = facts.conventions.pointer
    assert pointer is not None  # check_pointers has looked
    code, variable, fact = said
    names = [facts.conventions.subject.key, pointer.domain, pointer.variable, pointer.value]
    shown = [name for name in names if facts.has(name)]
    records, lines = gather([column(facts.dataset, name) for name in shown], mask)
    if not records:
        return []
    return [
        Diagnostic(
            code,
            f'"{facts.name}" {fact}',
            found=lines,
            expected=f"shown: {', '.join(shown)}",
            dataset=facts.name,
            variable=variable,
            records=records,
        )
    ]


def _dangling(facts: Facts, pointer: Pointer, place: _Place, parents: list[Dataset]) -> Column:
    key = facts.conventions.subject.key
    values = column(facts.dataset, pointer.value)
    by_subject = facts.has_text(key) and all(has_text(one, key) for one in parents)
    owners = column(facts.dataset, key) if by_subject else None
    # Without a value the relation is between whole datasets, or by subject alone.
    mask = place.mask
    if place.variable is None or owners is None:
        here = owners if place.variable is None else values
    else:
        here = _join(owners, values)
    if here is None:
        return pc.and_(mask, pa.scalar(value=False))
    there = pa.chunked_array(
        [
            chunk
            for one in parents
            for chunk in _there(one, key if by_subject else None, place.variable).chunks
        ],
        pa.string(),
    )
    if place.variable is None and facts.has(pointer.value):
        there = pc.drop_null(there)
    absent = pc.invert(pc.is_in(here, value_set=there.combine_chunks().drop_null()))
    whole = values.is_null() if not facts.has(pointer.name) and place.variable else None
    bad = pc.and_kleene(mask, absent)
    return bad if whole is None else pc.and_not(bad, whole)


def _there(parent: Dataset, key: str | None, variable: str | None) -> Column:
    owners = column(parent, key) if key is not None else None
    if variable is None:
        return owners if owners is not None else pa.chunked_array([], pa.string())
    values = column(parent, variable)
    if not pa.types.is_string(values.type):
        values = _as_text(values)
    return values if owners is None else _join(owners, values)


def _as_text(values: pa.ChunkedArray) -> Column:
    """Write whole numbers without a point, as a pointer does."""
    if pa.types.is_floating(values.type):
        whole = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), _EXACT))
        if pc.all(whole).as_py():
            values = pc.cast(values, pa.int64())
    return pc.cast(values, pa.string())


def _join(owners: Column, values: pa.ChunkedArray) -> Column:
    text = values if pa.types.is_string(values.type) else _as_text(values)
    return pc.binary_join_element_wise(owners, pc.fill_null(text, ""), _SEPARATOR)


def check_qualifiers(facts: Facts) -> list[Diagnostic]:
    """Find qualifiers that a record has twice.

    Source:
        SDTMIG v3.4, section 8.4.1: each QNAM once for a parent record.
    """
    pointer = facts.conventions.pointer
    subject = facts.conventions.subject.key
    if pointer is None or not facts.has(pointer.name):
        return []
    names = [subject, pointer.domain, pointer.variable, pointer.value, pointer.name]
    names = [name for name in names if facts.has(name)]
    columns = [column(facts.dataset, name) for name in names]
    records, lines = gather(columns, repeated(columns))
    if not records:
        return []
    return [
        Diagnostic(
            "SDTM037",
            f'a parent record has the same "{pointer.name}" more than once',
            found=lines,
            expected=f"one record for each {', '.join(names)}",
            dataset=facts.name,
            variable=pointer.name,
            records=records,
        )
    ]
