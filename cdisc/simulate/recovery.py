"""How long severe cytopenia lasted, as the samples show it.

From the true grades on the days of samples: the first severe sample of the first
treatment, and the first sample after it from which no lineage in question is severe
and none becomes so within a week. A count shortly after a transfusion is no
recovery. Death is a competing event; crossover and the last sample censor.
"""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate import laboratory
from cdisc.simulate.course import Course
from cdisc.simulate.model import NEVER, SEVERE, Array, Words, load
from cdisc.simulate.procedures import Transfusions
from cdisc.simulate.rendering import Records

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

_FAR = 4 * NEVER  # between the days of two subjects
RECOVERED, LAST, DEAD, CROSSED = 0, 1, 2, 3


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """Samples with blood counts; shape (n,), by subject and day."""

    subject: Array
    day: Array
    grade: dict[str, Array]  # by lineage


def count(study: "Study") -> Counts:
    """Return the true blood counts of a block as grades 0 to 4 of the reported values."""
    plan, names = load("recovery"), list(study.laboratory_words["items"])
    samples, *found = laboratory.measured(study)
    sample, item, _ = found
    value = laboratory.reported(study, samples, (sample, item, found[2]))
    grades = {}
    for name, limits in plan["below"].items():
        here = item == names.index(name)
        subject = samples.subject[sample[here]]
        steps = [laboratory.lowest(study, item[here], subject), *limits]
        grade = np.zeros(len(samples.subject), dtype=np.int64)
        grade[sample[here]] = np.max(
            [np.where(value[here] < limit, place, 0) for place, limit in enumerate(steps, 1)],
            axis=0,
        )
        grades[name] = grade
    return Counts(samples.subject, samples.day, grades)


def grades(study: "Study", usubjids: Array, counts: Counts) -> Records:
    """One record per sample of the randomized subjects: the grade of each lineage."""
    known = study.people.in_study[counts.subject]
    values = {"usubjid": usubjids[counts.subject], "day": counts.day, **counts.grade}
    return {name: one[known] for name, one in values.items()}


def endpoints(study: "Study", usubjids: Array, counts: Counts, given: Transfusions) -> Records:
    """One record per randomized subject and duration, as `durations`."""
    kinds = list(load("procedures")["kinds"])
    rows = durations(load("recovery"), kinds, study.course, counts, given)
    return rows | {
        "usubjid": usubjids[rows["subject"]],
        "value": np.full(len(rows["subject"]), "", dtype=object),
        "days": rows["days"].astype(str).astype(object),
    }


def durations(
    plan: Words, kinds: list[str], course: Course, counts: Counts, given: Transfusions
) -> Records:
    """One record per subject and duration, for subjects with a severe sample.

    Args:
        plan: Content of ``recovery.yaml``.
        kinds: Names of the kinds of transfusions.
        course: The true course.
        counts: The samples and their true grades.
        given: The transfusions.
    """
    parts = []
    limit = np.minimum(
        course.end, np.where(course.first_dose[1] < NEVER, course.first_dose[1] - 1, NEVER)
    )
    first = course.first_dose[0][counts.subject]
    inside = (counts.day >= first) & (counts.day <= limit[counts.subject])
    raised = {
        name: _raised(counts, given, kinds.index(one["kind"]), one["days"])
        for name, one in plan["transfusions"].items()
    }
    for name, lineages in plan["durations"].items():
        grade = np.maximum.reduce([counts.grade[one] for one in lineages])
        masked = np.zeros(len(grade), dtype=bool)
        for one in lineages:
            masked |= raised.get(one, False)
        found = _one(counts, grade, masked, inside, plan["days"])
        parts.append(_ended(name, found, course, limit, plan["reasons"]))
    rows = {one: np.concatenate([part[one] for part in parts]) for one in parts[0]}
    order = np.argsort(rows["subject"], kind="stable")
    return {one: values[order] for one, values in rows.items()}


def _raised(counts: Counts, given: Transfusions, kind: int, days: int) -> Array:
    """Whether a count is taken within some days after a transfusion."""
    here = given.kind == kind
    moments = np.sort(given.subject[here] * _FAR + given.day[here])
    key = counts.subject * _FAR + counts.day
    before = np.r_[-_FAR, moments][np.searchsorted(moments, key, side="right")]
    return np.asarray(key - before <= days)


def _one(
    counts: Counts, grade: Array, masked: Array, inside: Array, days: int
) -> tuple[Array, Array, Array, Array]:
    """Subjects with onset, and day of onset, of recovery and of the last sample."""
    severe = grade >= SEVERE
    key = counts.subject * _FAR + counts.day
    coming = np.where(severe, key, np.iinfo(np.int64).max)
    coming = np.minimum.accumulate(coming[::-1])[::-1]
    again = np.r_[coming[1:], np.iinfo(np.int64).max][: len(key)] - key <= days
    size = int(counts.subject.max(initial=-1)) + 1
    onset, recovery = np.full(size, NEVER), np.full(size, NEVER)
    last = np.zeros(size, dtype=np.int64)
    begins = severe & inside
    np.minimum.at(onset, counts.subject[begins], counts.day[begins])
    ends = inside & ~severe & ~again & ~masked & (counts.day > onset[counts.subject])
    np.minimum.at(recovery, counts.subject[ends], counts.day[ends])
    np.maximum.at(last, counts.subject[inside], counts.day[inside])
    who = np.flatnonzero(onset < NEVER)
    return who, onset[who], recovery[who], last[who]


def _ended(
    name: str,
    found: tuple[Array, Array, Array, Array],
    course: Course,
    limit: Array,
    reasons: list[str],
) -> Records:
    who, onset, recovery, last = found
    death = course.death[who]
    crossed = limit[who] < course.end[who]
    end = np.select(
        [recovery < NEVER, (death < NEVER) & ~crossed, crossed],
        [RECOVERED, DEAD, CROSSED],
        LAST,
    )
    day = np.choose(end, [recovery, last, death, limit[who]])
    return {
        "subject": who,
        "endpoint": np.full(len(who), name, dtype=object),
        "start": onset,
        "day": day,
        "days": day - onset + 1,
        "censored": end.astype(str).astype(object),
        "reason": np.array(reasons, dtype=object)[end],
    }
