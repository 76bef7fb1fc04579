"""Pages of the annotated CRF for the origins of variables, by the lineage of their fields.

An origin knows the forms that its own line names. What is collected may come by work
variables, tests of a melt and datasets that are not submitted: here each variable, each
of its tests and each qualifier gets the pages of the fields that it holds.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from cdisc.acrf.lineage import Carried
from cdisc.acrf.pages import Pages
from cdisc.dataset import Dataset, Origin, OriginSource, Study, Variable
from cdisc.engine.program import Program
from cdisc.record import record

AnyStudy = TypeVar("AnyStudy", bound=Study)
Key = tuple[str, str, bool]


@record()
class Collected:
    """Where the values of a variable were collected.

    Attributes:
        pages: Pages of all of them.
        by_value: Pages of those of each test.
        source: Who collected them, if it was one and the same.
    """

    pages: tuple[str, ...]
    by_value: Mapping[str, tuple[str, ...]]
    source: OriginSource | None


def collected_by(
    program: Program, carried: Sequence[Carried], pages: Pages
) -> dict[Key, Collected]:
    """Return where values were collected, by dataset, variable and whether it is a qualifier.

    Args:
        program: The study.
        carried: Which variable holds which field.
        pages: Pages of the fields.
    """
    of_test: dict[tuple[str, tuple[str, str] | None], set[int]] = defaultdict(set)
    for one in carried:
        of_test[one.form, one.where] |= set(pages.get((one.form, one.field), ()))
    held: dict[Key, list[Carried]] = defaultdict(list)
    for one in carried:
        held[one.dataset, one.variable, one.qualifier].append(one)
    found = {}
    for key, some in held.items():
        by_value: dict[str, set[int]] = defaultdict(set)
        every: set[int] = set()
        for one in some:
            # a text in place of a field, such as a unit, stands where its result does
            here = set(pages.get((one.form, one.field), ())) or of_test[one.form, one.where]
            every |= here
            if one.where is not None:
                by_value[one.where[1]] |= here
        sources = {program.forms[one.form].block.source for one in some}
        found[key] = Collected(
            _texts(every),
            {value: _texts(numbers) for value, numbers in by_value.items()},
            sources.pop() if len(sources) == 1 else None,
        )
    return found


def with_crf_pages(study: AnyStudy, collected: Mapping[Key, Collected]) -> AnyStudy:
    """Return a study whose collected variables know their pages.

    Args:
        study: The tabulation datasets.
        collected: As `collected_by` returns it.
    """
    return dataclasses.replace(
        study, datasets=tuple(_dataset(one, collected) for one in study.datasets)
    )


def _dataset(dataset: Dataset, collected: Mapping[Key, Collected]) -> Dataset:
    parent = dataset.domain or dataset.name
    return dataclasses.replace(
        dataset,
        variables=tuple(
            _variable(one, collected.get((dataset.name, one.name, False)))
            for one in dataset.variables
        ),
        qualifiers=tuple(
            _variable(one, collected.get((parent, one.name, True))) for one in dataset.qualifiers
        ),
    )


def _variable(variable: Variable, known: Collected | None) -> Variable:
    if known is None:
        return variable
    division = variable.division
    if division is not None:
        values = tuple(
            dataclasses.replace(
                one, origin=_origin(one.origin, known.by_value.get(one.of, ()), known.source)
            )
            for one in division.values
        )
        division = dataclasses.replace(division, values=values)
    origin = _origin(variable.origin, known.pages, known.source)
    return dataclasses.replace(variable, origin=origin, division=division)


def _origin(
    origin: Origin | None, pages: tuple[str, ...], source: OriginSource | None
) -> Origin | None:
    if origin is None or origin.type != "Collected":
        return origin
    return dataclasses.replace(origin, pages=pages or origin.pages, source=source or origin.source)


def _texts(pages: set[int]) -> tuple[str, ...]:
    return tuple(str(page) for page in sorted(pages))
