"""What the checks look for, read from ``specs/validation.yaml``.

The file names variables by template, so that no check does: ``--`` stands for
the two letters of the domain, ``*`` for any text, the same within one entry.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from cdisc.engine.lines import read_specs


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """Which dataset holds one record per subject, and where the reference date is."""

    dataset: str
    key: str
    start: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Numbering:
    """The number of a record within its subject; `dense` when it must be 1..n.

    `within` names, by number, the variable within whose values it counts instead.
    """

    variable: str
    dense: bool
    within: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """A study day and the date that it counts."""

    day: str
    date: str


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """A start and an end; not one where the dataset has the variable `unless`."""

    start: str
    end: str
    unless: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """Two variables that say the same, one-to-one, perhaps within a third.

    Where the text is `shared`, several codes may have it; a code still has one text.
    """

    code: str
    text: str
    within: str | None = None
    shared: str = "no"


@dataclasses.dataclass(frozen=True, slots=True)
class Design:
    """What a dataset of the trial design lists, and the variables that use it.

    Attributes:
        dataset: The dataset.
        code: Its variable of codes.
        text: Its variable of texts.
        used: Variables of other datasets: code to text.
        complete: Whether it lists every code that may occur.
        beyond: Codes that may occur all the same.
    """

    dataset: str
    code: str
    text: str
    used: Mapping[str, str]
    complete: bool
    beyond: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Coded:
    """A value and the code of its term, where `reference` is one of `names`."""

    value: str
    code: str
    reference: str
    names: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """The most bytes that a value may have."""

    variable: str
    bytes: int
    exceptions: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """The permitted values of flags."""

    variable: str
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Imputation:
    """A flag that may stand only where one of the variables does."""

    flag: str
    of: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Pointer:
    """The variables by which a record points at records of another dataset."""

    domain: str
    variable: str
    value: str
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Conventions:
    """Everything that the checks of one kind of study look for."""

    subject: Subject
    sequence: Numbering
    identifier: str | None = None
    days: tuple[Day, ...] = ()
    periods: tuple[Period, ...] = ()
    pairs: tuple[Pair, ...] = ()
    designs: tuple[Design, ...] = ()
    coded: tuple[Coded, ...] = ()
    short_codes: tuple[str, ...] = ()
    continued: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    pointer: Pointer | None = None
    flags: tuple[Flag, ...] = ()
    counts: tuple[str, ...] = ()
    imputation: tuple[Imputation, ...] = ()
    besides: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    partial_dates: tuple[str, ...] = ()


@cache
def load_conventions(kind: str) -> Conventions:
    """Read the conventions of ``sdtm`` or ``adam`` from ``specs/validation.yaml``.

    Raises:
        KeyError: The file has no such part.
    """
    return _conventions(read_specs("validation.yaml")[kind])


def _conventions(part: Mapping[str, Any]) -> Conventions:
    sequence = part["sequence"]
    pointer = part.get("pointer")
    return Conventions(
        subject=Subject(**part["subject"]),
        sequence=Numbering(
            sequence["variable"],
            dense=sequence["dense"] == "yes",
            within=sequence.get("within", {}),
        ),
        continued=tuple(part.get("continued", ())),
        identifier=part.get("identifier"),
        days=tuple(Day(**one) for one in part.get("days", ())),
        periods=tuple(Period(**one) for one in part.get("periods", ())),
        pairs=tuple(Pair(**one) for one in part.get("pairs", ())),
        designs=tuple(_design(one) for one in part.get("designs", ())),
        coded=tuple(
            Coded(one["value"], one["code"], one["reference"], tuple(one["names"]))
            for one in part.get("coded", ())
        ),
        short_codes=tuple(part.get("short_codes", ())),
        besides=part.get("besides", {}),
        partial_dates=tuple(part.get("partial_dates", ())),
        limits=tuple(
            Limit(one["variable"], int(one["bytes"]), tuple(one.get("except", ())))
            for one in part.get("limits", ())
        ),
        pointer=Pointer(**pointer) if pointer else None,
        flags=tuple(Flag(one["variable"], tuple(one["values"])) for one in part.get("flags", ())),
        counts=tuple(part.get("counts", ())),
        imputation=tuple(
            Imputation(one["flag"], tuple(one["of"])) for one in part.get("imputation", ())
        ),
    )


def _design(one: Mapping[str, Any]) -> Design:
    return Design(
        one["dataset"],
        one["code"],
        one["text"],
        one["used"],
        complete=one["complete"] == "yes",
        beyond=tuple(one.get("beyond", ())),
    )


def matching(
    names: Sequence[str], templates: Sequence[str], prefix: str | None
) -> Iterator[tuple[str, ...]]:
    """Yield the variables that fill all templates of an entry, in the order of `names`.

    Args:
        names: Variables of the dataset.
        templates: One or more templates; ``*`` stands for the same text in all.
        prefix: What ``--`` stands for, or None where the dataset has no domain.

    Example:
        >>> list(matching(["TRTSDT", "TRTEDT", "ADT"], ["*SDT", "*EDT"], None))
        [('TRTSDT', 'TRTEDT')]
    """
    if any("--" in template for template in templates):
        if prefix is None:
            return
        templates = [template.replace("--", prefix) for template in templates]
    pattern = re.compile(re.escape(templates[0]).replace(r"\*", "(.+)"))
    present = set(names)
    for name in names:
        found = pattern.fullmatch(name)
        if found is None:
            continue
        filled = tuple(
            template.replace("*", found[1]) if "*" in template else template
            for template in templates
        )
        if present.issuperset(filled):
            yield filled
