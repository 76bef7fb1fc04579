"""Keys are unique, and the number of a record counts its subject's records."""

import numpy as np
import pyarrow as pa

from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import Column, pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts


def check_keys(facts: Facts) -> list[Diagnostic]:
    """Find key variables that are absent, and records with the same key.

    Missing values are equal to each other.

    Source:
        SDTMIG v3.4, section 3.2.1.1, Primary Keys.
    """
    keys = facts.dataset.keys
    absent = [name for name in keys if not facts.has(name)]
    if absent:
        return [
            Diagnostic(
                facts.codes.key_absent,
                f'key variable "{name}" is absent',
                dataset=facts.name,
                variable=name,
            )
            for name in absent
        ]
    if not keys:
        return []
    columns = [column(facts.dataset, name) for name in keys]
    records, lines = gather(columns, repeated(columns))
    if not records:
        return []
    return [
        Diagnostic(
            facts.codes.key_not_unique,
            f"{records} records share a key with another",
            found=lines,
            expected=f"one record for each {', '.join(keys)}",
            dataset=facts.name,
            records=records,
        )
    ]


def repeated(columns: list[Column]) -> Column:
    """Return the mask of the records whose values occur more than once together."""
    if not columns or not len(columns[0]):
        return pa.array([], pa.bool_())
    group = group_numbers(columns)
    return pa.array(np.bincount(group)[group] > 1)


def group_numbers(columns: list[Column]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Number the distinct combinations of the columns; missing equals missing.

    Returns:
        Group of each record, from 0, int64, shape (n,).
    """
    group = np.zeros(len(columns[0]), np.int64)
    for values in columns:
        coded = values.combine_chunks().dictionary_encode(null_encoding="encode")
        codes = np.asarray(coded.indices).astype(np.int64)
        group = np.unique(group * (codes.max(initial=0) + 1) + codes, return_inverse=True)[1]
    return group


def check_sequence(facts: Facts) -> list[Diagnostic]:
    """Find record numbers that do not count, repeat, or leave gaps within a subject.

    Source:
        SDTMIG v3.4, section 2.2.3: --SEQ is unique for a subject within a domain.
    """
    rule = facts.conventions.sequence
    for (name,) in matching(facts.names, [rule.variable], facts.prefix):
        if facts.dataset.variable(name).kind == "number" and facts.dataset.table.num_rows:
            return _sequence(facts, name)
    return []


def _sequence(facts: Facts, name: str) -> list[Diagnostic]:
    values = column(facts.dataset, name)
    key = facts.conventions.sequence.within.get(name, facts.conventions.subject.key)
    owner = [column(facts.dataset, key)] if facts.has(key) else []
    within = facts.conventions.sequence.within.get(name, "subject")
    numbers = values.to_numpy()
    counting = (numbers >= 1) & (numbers == np.floor(numbers))
    # A missing required value is another check's finding.
    bad = pa.array(~counting & ~np.isnan(numbers))
    again = pc.and_(repeated([*owner, values]), values.is_valid())
    found = []
    records, lines = gather([values], bad)
    if records:
        found.append(
            Diagnostic(
                facts.codes.sequence_not_counting,
                f'"{name}" has values that are not whole numbers from 1',
                found=lines,
                expected="1, 2, 3 ...",
                records=records,
                dataset=facts.name,
                variable=name,
            )
        )
    records, lines = gather([*owner, values], again)
    if records:
        found.append(
            Diagnostic(
                facts.codes.sequence_not_unique,
                f'"{name}" repeats within a {within}',
                found=lines,
                expected=f"each {name} once for a {within}",
                records=records,
                dataset=facts.name,
                variable=name,
            )
        )
    if not found and facts.conventions.sequence.dense:
        found += _gaps(facts, name, owner, numbers)
    return found


def _gaps(
    facts: Facts,
    name: str,
    owner: list[Column],
    numbers: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> list[Diagnostic]:
    group = group_numbers(owner) if owner else np.zeros(len(numbers), np.int64)
    above = np.nan_to_num(numbers, nan=0.0) > np.bincount(group)[group]
    records, lines = gather([*owner, column(facts.dataset, name)], pa.array(above))
    if not records:
        return []
    return [
        Diagnostic(
            "SDTM030",
            f'"{name}" leaves numbers out',
            found=lines,
            expected="1 to the number of records of the subject",
            dataset=facts.name,
            variable=name,
            records=records,
        )
    ]
