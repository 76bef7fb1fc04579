"""Many rules over one study: rules that look at the same records share the pass over them.

A rule and a dataset make a job: a predicate over a frame. What can never hold, because a variable
is not there, is dropped without a look at the data. Predicates that ask of a record alone are
counted many at a time; those that hold records against each other are counted one by one over the
columns that they name. Only what was found is fetched, and only its failing records.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from cdisc.engine.database import working_on
from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Frame
from cdisc.validate.open_rules.frames import frames_of
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.passes import Job, finding
from cdisc.validate.open_rules.rule import Rule, UnknownConstructError
from cdisc.validate.open_rules.run import ABSENT, hindrance, predicate_of, shown_of
from cdisc.validate.open_rules.scope import tables_of
from cdisc.validate.open_rules.study import Study

Said: TypeAlias = Mapping[tuple[str, str], Mapping[str, tuple[str, frozenset[int]]]]
"""By rule and dataset: who said the same, of which variable (or of none), of which records."""

SHOWN = 5
_HITS = "__hits"
_NO_DEFINE = "no define.xml"
_VARIABLES = ("variable_name", "define_variable_name")  # records of a frame that are variables
_OF_RECORDS = frozenset(
    {"Record Data", "Value Check with Variable Metadata", "Value Check with Dataset Metadata"}
)


@dataclasses.dataclass(frozen=True)
class Hit:
    """What a rule found of one variable of one dataset.

    Attributes:
        rule: The rule.
        dataset: The dataset; ``STUDY`` for all of them.
        variable: The variable that it is about; or empty.
        records: How many records are concerned; 0 where it is not about records.
        subjects: How many subjects they belong to.
        first: Numbers of the first records.
        names: Names of the variables whose values are shown.
        values: Values, how many records have them, most frequent first.
        more: How many more different values there are.
    """

    rule: Rule
    dataset: str
    variable: str
    records: int
    subjects: int
    first: tuple[int, ...]
    names: tuple[str, ...]
    values: tuple[tuple[tuple[Any, ...], int], ...]
    more: int


@dataclasses.dataclass
class Run:
    """What came of many rules over a study.

    Attributes:
        hits: What they found, in the order of rules and datasets.
        ran: Rules that were run over a dataset at least.
        skipped: For each of the others, why it was not.
        repeated: What others had said of some of their records: rule, and who said it.
    """

    hits: list[Hit] = dataclasses.field(default_factory=list)
    ran: list[str] = dataclasses.field(default_factory=list)
    skipped: dict[str, str] = dataclasses.field(default_factory=dict)
    repeated: set[tuple[str, str]] = dataclasses.field(default_factory=set)


def run_all(rules: Iterable[Rule], study: Study, library: Library, said: Said | None = None) -> Run:
    """Run rules over a study.

    Args:
        rules: The rules that apply.
        study: Its datasets.
        library: Its standard.
        said: Records of which others have said the same; they are not reported again.
    """
    run = Run()
    jobs: list[Job] = []
    for rule in rules:
        try:
            found = list(_jobs(rule, study, library))
        except UnknownConstructError as error:
            run.skipped[rule.id] = str(error)
            continue
        if not found:
            run.skipped[rule.id] = _why(rule, study, library)
            continue
        run.ran.append(rule.id)
        jobs += (one for one in found if one.where is not None)
    finds = finding(jobs, study)
    for at, job in enumerate(jobs):
        if at in finds:
            with working_on(f"{job.rule.id} of {job.frame.dataset}"):
                _look(job, study, library.known["subject"])
                run.repeated |= _repeated(job, study, said or {})
                run.hits += _hits(job, study, library.known["subject"])
    return run


def _jobs(rule: Rule, study: Study, library: Library) -> Iterator[Job]:
    if why := hindrance(rule):
        raise UnknownConstructError(why)
    if "Define" in rule.type and not study.define:
        raise UnknownConstructError(_NO_DEFINE)
    tables = tables_of(rule, study, library)
    for frame in frames_of(rule, study, library, tables):
        yield Job(rule, frame, predicate_of(frame, rule.check))


def _why(rule: Rule, study: Study, library: Library) -> str:
    if not tables_of(rule, study, library):
        return "no dataset of those it is for"
    return "no dataset with all variables that it reads"


# what they find ------------------------------------------------------------------------


def _look(job: Job, study: Study, subject: str) -> None:
    """Make the table of the records that a job finds, with what is shown of them."""
    frame, rule = job.frame, job.rule
    by = [frame.named(one) for one in rule.grouping if rule.sensitivity == "Group"]
    each = _each(job)
    needed = [*shown_of(rule, frame), subject, *by, *([each] if each else [])]
    there = dict.fromkeys(one for one in needed if one in frame.columns)
    study.database.run(
        f"CREATE OR REPLACE TABLE {_HITS} AS WITH f AS ({frame.query}) "
        f"SELECT {', '.join(['__row', *map(quoted, there)])} FROM "
        f"(SELECT *, {job.where} AS __hit FROM f) WHERE __hit{_limited(rule, there, by)}"
    )


def _each(job: Job) -> str | None:
    """Return the column that names the variable that a record is about, where one does."""
    if job.rule.sensitivity == "Dataset":
        return None
    return next((one for one in _VARIABLES if one in job.frame.columns), None)


def _repeated(job: Job, study: Study, said: Said) -> set[tuple[str, str]]:
    """Take away the records of which others have said the same, and return who has."""
    found: set[tuple[str, str]] = set()
    each, names = _each(job), shown_of(job.rule, job.frame)
    more: list[tuple[str, frozenset[int]]] = []
    for other, (variable, rows) in said.get((job.rule.id, job.frame.dataset), {}).items():
        among = _AMONG
        if each:
            among = f"{_AMONG} AND {quoted(each)} = {text(variable)}"
        elif variable and variable not in names:
            continue
        with study.database.registered("_said", _numbers(rows)):
            if study.database.rows(f"SELECT 1 FROM {_HITS} WHERE {among} LIMIT 1"):
                found.add((job.rule.id, other))
                more.append((among, rows))
    for among, rows in more:
        with study.database.registered("_said", _numbers(rows)):
            study.database.run(f"DELETE FROM {_HITS} WHERE {among}")
    return found


_AMONG = "__row IN (SELECT r FROM _said)"


def _numbers(rows: Iterable[int]) -> pa.Table:
    return pa.table({"r": pa.array(sorted(rows), pa.int64())})


def _hits(job: Job, study: Study, subject: str) -> Iterator[Hit]:
    """Yield what a job found, variable by variable where its records are variables."""
    frame, rule, each = job.frame, job.rule, _each(job)
    names = tuple(shown_of(rule, frame))
    there = [one for one in names if one in frame.columns]
    of_records = rule.type in _OF_RECORDS and rule.sensitivity != "Dataset"
    about = quoted(each) if each else "''"
    for dataset, before, among in _parts(frame):
        rows = study.database.rows(f"SELECT {about} FROM {_HITS}{among} GROUP BY 1 ORDER BY 1")
        for (variable,) in rows:
            of_it = f"{quoted(each)} = {text(str(variable))}" if each else "true"
            where = f"{among} AND {of_it}" if among else f" WHERE {of_it}"
            found = _Found(study, where, of_records=of_records)
            values, more = found.values(there, names)
            counted = found.records(subject if subject in frame.columns else None)
            records, subjects, first = counted
            numbers = tuple(one - before for one in first)
            said = str(variable)
            yield Hit(rule, dataset, said, records, subjects, numbers, names, values, more)


def _parts(frame: Frame) -> Iterator[tuple[str, int, str]]:
    """Yield each part of a dataset: its name, the records before it, and the choice of its own."""
    if not frame.parts:
        yield frame.dataset, 0, ""
        return
    starts = sorted({0: frame.dataset, **dict(frame.parts)}.items())
    for at, (before, name) in enumerate(starts):
        until = "".join(f" AND __row <= {after}" for after, _name in starts[at + 1 : at + 2])
        yield name, before, f" WHERE __row > {before}{until}"


def _limited(rule: Rule, there: Iterable[str], by: Sequence[str]) -> str:
    """Return what leaves one record of a dataset, or of a group, where a finding is of these."""
    if rule.sensitivity == "Dataset":
        return " ORDER BY __row LIMIT 1"
    groups = [quoted(one) for one in by if one in there]
    if not groups:
        return ""
    return f" QUALIFY row_number() OVER (PARTITION BY {', '.join(groups)} ORDER BY __row) = 1"


@dataclasses.dataclass(frozen=True)
class _Found:
    """The failing records of a job, or those of one variable."""

    study: Study
    where: str
    of_records: bool

    def records(self, subject: str | None) -> tuple[int, int, tuple[int, ...]]:
        """Return how many records and subjects there are, and the first records."""
        if not self.of_records:
            return 0, 0, ()
        subjects = f"count(DISTINCT {quoted(subject)})" if subject else "0"
        number, persons, first = self.study.database.rows(
            f"SELECT count(DISTINCT __row), {subjects}, "
            f"(SELECT min(r, {SHOWN}) FROM (SELECT DISTINCT __row AS r FROM {_HITS}{self.where})) "
            f"FROM {_HITS}{self.where}"
        )[0]
        return number, persons, tuple(first or ())

    def values(
        self, there: Sequence[str], names: Sequence[str]
    ) -> tuple[tuple[tuple[tuple[Any, ...], int], ...], int]:
        """Return the most frequent values with their records, and how many more there are."""
        if not names:
            return (), 0
        shown = "".join(f"{quoted(one)}, " for one in there)
        rows = self.study.database.rows(
            f"SELECT *, count(*) OVER () FROM (SELECT {shown}count(*) AS __n, min(__row) AS "
            f"__first FROM {_HITS}{self.where} GROUP BY ALL) ORDER BY __n DESC, __first "
            f"LIMIT {SHOWN}"
        )
        found = []
        for row in rows:
            known = dict(zip(there, row, strict=False))
            found.append((tuple(known.get(name, ABSENT) for name in names), int(row[-3])))
        return tuple(found), (rows[0][-1] - len(rows) if rows else 0)
