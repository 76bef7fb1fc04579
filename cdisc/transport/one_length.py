"""One length for a text variable in all datasets of a study.

Datasets are merged by variables of the same name; programs that do so cut texts where one
of them is shorter. FDA wants the length of the longest value, the same in all datasets.
"""

import dataclasses
from collections.abc import Iterable, Sequence

import pyarrow.compute as pc

from cdisc.dataset import Dataset, Variable
from cdisc.transport.xpt_text import encoded, normalised_encoding, pieces


def longest_texts(dataset: Dataset, encoding: str = "ascii") -> dict[str, int]:
    """Return the bytes of the longest value of each text variable, 1 if there is none.

    Args:
        dataset: Any number of records.
        encoding: Encoding in which texts are written; must hold them all.

    Raises:
        UnicodeEncodeError: A value is not in the encoding.
    """
    codec = normalised_encoding(encoding) or encoding
    found = {}
    for variable in dataset.variables:
        if variable.kind == "text":
            sizes = [
                pc.max(pc.binary_length(encoded(part, codec))).as_py() or 1
                for _, part in pieces(dataset.table.column(variable.name))
            ]
            found[variable.name] = max(sizes, default=1)
    return found


def lengths_of_all(lengths: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the most that any of several datasets needs, by the name of the variable.

    Example:
        >>> lengths_of_all([{"USUBJID": 11, "AETERM": 40}, {"USUBJID": 9}])
        {'USUBJID': 11, 'AETERM': 40}
    """
    most: dict[str, int] = {}
    for one in lengths:
        for name, length in one.items():
            most[name] = max(length, most.get(name, 1))
    return most


def declared_lengths(variables: Iterable[Variable]) -> dict[str, int]:
    """Return the lengths that text variables have, by name."""
    return {one.name: one.length for one in variables if one.kind == "text"}


def with_lengths(dataset: Dataset, lengths: dict[str, int]) -> Dataset:
    """Return the dataset with these lengths of its text variables."""
    variables = tuple(
        dataclasses.replace(one, length=lengths[one.name])
        if one.kind == "text" and one.name in lengths
        else one
        for one in dataset.variables
    )
    return dataclasses.replace(dataset, variables=variables)


def with_one_length(datasets: Sequence[Dataset], *, encoding: str | None = None) -> list[Dataset]:
    """Return datasets whose text variables of one name have one length.

    Args:
        datasets: Those of a study.
        encoding: Measure the values in this encoding, and take the longest; None takes the
            longest of the lengths that the variables have.

    Raises:
        UnicodeEncodeError: A value is not in the encoding.

    Source:
        FDA Study Data Technical Conformance Guide, section 3.3.2 (dataset column length).
    """
    most = lengths_of_all(
        declared_lengths(one.variables) if encoding is None else longest_texts(one, encoding)
        for one in datasets
    )
    return [with_lengths(one, most) for one in datasets]
