"""What a rule is, what it becomes for one dataset, and what it finds."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

from cdisc.diagnostics import Span
from cdisc.engine.level import Level

Grade = Literal["reject", "error", "warning", "notice"]
GRADES: tuple[Grade, ...] = ("reject", "error", "warning", "notice")
Status = Literal["", "new", "gone", "changed", "same"]


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """On which datasets, and for which of their variables, a rule holds.

    Attributes:
        stage: ``sdtm`` or ``adam``.
        classes: Classes of datasets; any if there are none.
        datasets: Names, with ``*`` for any text; any if there are none.
        besides: Names on which it does not hold.
        each: Templates of variables; the rule holds for each one that fits.
        absent: Variables that the dataset must not have for the rule to hold.
    """

    stage: str
    classes: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its file says it.

    Attributes:
        code: Its id.
        severity: How grave it is that a record breaks it.
        scope: Where it holds.
        when: Condition of the records that it is about; empty for all.
        check: Condition that these records meet.
        message: What is wrong with a record that does not, with ``{VARIABLE}`` for values.
        source: Where the standard says so.
        span: Place of the rule.
        show: Variables whose values are shown; those of the condition if there are none.
        like: Codes of checks that say the same; where one does, the rule is silent.
        good: Datasets, each a list of records, that keep the rule.
        bad: Datasets that break it.
    """

    code: str
    severity: Grade
    scope: Scope
    when: str
    check: str
    message: str
    source: str
    span: Span
    show: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    good: Mapping[str, Sequence[Mapping[str, str]]] = dataclasses.field(default_factory=dict)
    bad: Mapping[str, Sequence[Mapping[str, str]]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Predicate:
    """A rule tied to one dataset: SQL that is true for the records that break it.

    Whoever has SQL over the records of a dataset (alias ``b``) and the joins that it needs
    may make one, wherever the rule was written.

    Attributes:
        code: Id of the rule.
        severity: Its severity.
        dataset: Name of the dataset.
        variable: The variable that it is about, or None.
        sql: Condition that is true for a bad record.
        level: Takes the joins and small tables; shared by all predicates of one pass.
        outputs: Variables whose values are shown.
        message: What is wrong, in words of the dataset.
        expected: What a record must meet.
        source: Where the standard says so.
    """

    code: str
    severity: Grade
    dataset: str
    variable: str | None
    sql: str
    level: Level
    outputs: tuple[str, ...]
    message: str
    expected: str
    source: str


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in one dataset, all records of one cause together.

    Attributes:
        code: Id of the rule.
        severity: How grave it is.
        message: What is wrong.
        dataset: The dataset, or empty for the whole package.
        variable: The variable, or empty.
        records: How many records are concerned; 0 where it is not about records.
        subjects: How many subjects they belong to.
        first: Numbers of the first records, from 1.
        keys: Keys of the first record, as texts such as ``USUBJID 01-001``.
        values: Values that were found, most frequent first, each with its records.
        expected: The allowed values, or the rule.
        help: What to do.
        source: Where the standard says so.
        place: Line of the mapping that made the values, where it is known.
        fields: Fields of forms that they come from, where they are known.
        pages: Pages of the annotated form that they come from, where they are known.
        explained: Why the finding stays.
        status: What became of it since the run before.
        engine: Who found it.
        numbers: Numbers of the rules of authorities that it puts into practice.
        also: Ids of rules of another origin that say the same of the same records.
    """

    code: str
    severity: Grade
    message: str
    dataset: str = ""
    variable: str = ""
    records: int = 0
    subjects: int = 0
    first: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    expected: str = ""
    help: str = ""
    source: str = ""
    place: str = ""
    fields: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    explained: str = ""
    status: Status = ""
    engine: str = "cdisc"
    numbers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What the finding is, whatever the number of records: rule, place, cause."""
        return f"{self.code}/{self.dataset}/{self.variable}/{self.message}"
