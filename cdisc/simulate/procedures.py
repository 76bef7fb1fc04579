"""Procedures beside the study treatment: transfusions, imaging, punctures, transplants.

Transfusions are part of the truth: a count that a transfusion raised is no recovery.
"""

import dataclasses

import numpy as np

from cdisc.simulate.course import Course, Draws
from cdisc.simulate.model import NEVER, SEVERE, Array, Random, Words, later, ranged
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records
from cdisc.simulate.toxicity import Interval


@dataclasses.dataclass(frozen=True, slots=True)
class Transfusions:
    """Transfusions, one element each."""

    subject: Array
    day: Array
    kind: Array  # index into the kinds of procedures.yaml


def transfuse(
    random: Random, words: Words, course: Course, draws: Draws, severe: list[list[Interval]]
) -> Transfusions:
    """Draw the transfusions during severe intervals, and the scripted ones at their end."""
    kinds = list(words["kinds"])
    parts = []
    for period, lineages in enumerate(severe):
        for plan in words["transfusions"]:
            number = kinds.index(plan["procedure"])
            same = [one for one in lineages if one.lineage == plan["lineage"]]
            parts += [_during(random, plan, one, number) for one in same]
        late = words["late"]
        number = kinds.index(late["procedure"])
        end = next(one.finish for one in lineages if one.lineage == late["lineage"])
        for offset in late["days"] if period == 0 else []:
            who = np.flatnonzero((draws["late_transfusion"] == 1) & (end < NEVER))
            parts.append(np.stack([who, end[who] + offset, np.full(len(who), number)]))
    rows = np.unique(np.concatenate(parts, axis=1), axis=1)
    subject, day, kind = rows[:, rows[1] <= course.end[rows[0]]]
    return Transfusions(subject, day, kind)


def _during(random: Random, plan: Words, severe: Interval, number: int) -> Array:
    size = len(severe.start)
    share = np.array(plan["share"])[np.clip(severe.grade - SEVERE, 0, 1)]
    needed = random.random(size) < share
    first = severe.start + ranged(random, plan["after"], size)
    steps = np.cumsum(ranged(random, plan["every"], (size, plan["most"])), axis=1)
    day = np.concatenate([first[:, None], first[:, None] + steps], axis=1)
    inside = (day < severe.finish[:, None]) & (severe.start < NEVER)[:, None] & needed[:, None]
    who, column = np.nonzero(inside)
    return np.stack([who, day[who, column], np.full(len(who), number)])


def procedures(
    random: Random,
    words: Words,
    people: People,
    course: Course,
    given: Transfusions,
    adverse: Records,
) -> Records:
    """One record per procedure, by subject and day."""
    kinds, size = list(words["kinds"]), len(people.arm)
    first = np.where(course.first_dose[0] < NEVER, course.first_dose[0], NEVER)
    catheter, again = words["catheter"], words["transplant"]
    line = later(first, -ranged(random, catheter["before"], size))
    line = np.where(random.random(size) < catheter["share"], line, NEVER)
    graft = later(course.new_therapy, ranged(random, again["after"], size))
    graft = np.where(random.random(size) < again["share"], graft, NEVER)
    parts = [np.stack([given.subject, given.day, given.kind])]
    for name, day in (("catheter", line), ("transplant", graft)):
        who = np.flatnonzero(day <= course.end)
        parts.append(np.stack([who, day[who], np.full(len(who), kinds.index(name))]))
    for term, name in words["for_events"].items():
        here = adverse["term"] == term
        who, day = adverse["subject"][here], adverse["day"][here]
        parts.append(np.stack([who, day, np.full(len(who), kinds.index(name))]))
    rows = np.unique(np.concatenate(parts, axis=1).astype(np.int64), axis=1)
    subject, day, kind = rows
    texts = words["kinds"].values()
    names = np.array([one["name"] for one in texts], dtype=object)
    return {
        "subject": subject,
        "event": np.full(len(subject), "LOG", dtype=object),
        "saved": day,
        "name": names[kind, people.site[subject]],
        "indication": np.array([one["indication"] for one in texts], dtype=object)[kind],
        "start": day,
        "finish": day,
        "category": np.array([one["category"] for one in texts], dtype=object)[kind],
    }
