"""The residual disease: how much there truly is on each day, and which marrows show it.

A responder falls below detection, perhaps to a low level above it, and may come back
before relapse; who does not respond wanders above the threshold; a relapse fills the
marrow, unless it is outside the marrow or has lost the marker that is counted.
"""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate.course import Draws, cross_relapse, first_relapse
from cdisc.simulate.model import NEVER, Array, Random, Words, later, load
from cdisc.simulate.people import People
from cdisc.simulate.visits import Visits

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

MARROW, BLOOD, FLUID = 0, 1, 2  # specimens
OUTSIDE = 2  # kind of a relapse that leaves the marrow alone
DILUTE, DRY = 2, 3  # quality


@dataclasses.dataclass(frozen=True, slots=True)
class Marrows:
    """Examinations of the marrow that were due; shape (n,) each, by subject and day."""

    visit: Array  # index into the visits
    subject: Array  # index into the screened subjects
    day: Array
    taken: Array  # bool
    quality: Array  # 1 adequate, 2 haemodilute, 3 dry: blood is examined instead
    percent: Array  # true abnormal cells that carry the marker, of nucleated cells
    reported: Array  # the same in hundredths of a percent, 0 below detection
    lost: Array  # hundredths of a percent: abnormal cells without the marker
    relapsed: Array  # bool: in relapse in the marrow


def draw(random: Random, words: Words, people: People) -> Draws:
    """Draw the level at the baseline and how the response will look."""
    arm, size = people.arm, len(people.arm)
    plan, site = words["baseline"], words["site"]
    level = random.normal(np.log10(plan["median"]), plan["sd"], size)
    low, high = np.log10(plan["range"])
    again = random.uniform(low, high, size)
    level = np.where((level < low) | (level > high), again, level)
    limits = np.cumsum(np.array(words["first_negative"]), axis=1)[np.clip(arm, 0, 1)]
    where = random.choice(np.array(site["code"]), size, p=site["share"])
    where = np.where((where == site["male_only"]) & ~people.male, site["instead"], where)
    return {
        "mrd_baseline": np.round(10**level, 2),
        "mrd_first": (random.random(size)[:, None] >= limits[:, :-1]).sum(axis=1),
        "mrd_grey": (random.random(size) < words["grey"]).astype(np.int64),
        "relapse_site": where.astype(np.int64),
        "mrd_month_three": np.full(size, -1.0),  # these only by the script: percent, -1 as drawn
        "mrd_repeat": np.full(size, -1.0),
        "mrd_fraction": np.zeros(size, dtype=np.int64),
    }


def attended(visits: Visits, model: Words, form: str, also: list[Array]) -> Array:
    """Return the indices of the visits at which a form is filled in.

    Args:
        visits: The visits of all subjects.
        model: Content of ``model.yaml``.
        form: Name of the form.
        also: Per subject days, `NEVER` for none, on which it is filled in besides, if
            a visit takes place.
    """
    events = [name for name, plan in model["visits"].items() if form in plan["forms"]]
    due = np.isin(visits.event, events)
    for day in also:
        due |= visits.day == day[visits.subject]
    rows = np.flatnonzero(due & visits.done)
    key = visits.subject[rows] * (2 * NEVER) + visits.day[rows]
    _, first = np.unique(key, return_index=True)
    return np.asarray(rows[np.sort(first)])


def aspirate(study: "Study") -> Marrows:
    """Examine the marrows of all randomized subjects."""
    words, visits, course = load("mrd"), study.visits, study.course
    random = study.stream("mrd", "marrow")
    repeat = later(course.infusion[0], study.draws["repeat"])
    rows = attended(visits, study.model, words["form"], [course.relapse, repeat])
    rows = rows[study.people.in_study[visits.subject[rows]]]
    subject, day, event = visits.subject[rows], visits.day[rows], visits.event[rows]
    kind = study.draws["relapse_kind"][subject]
    relapsed = (course.relapse[subject] <= day) & (kind != OUTSIDE)
    lost = relapsed & (study.draws["cd19_negative"][subject] == 1)
    percent = _levels(random, words, study, subject, day)
    full = _between(random, words["relapse"], len(rows))
    deep = _between(random, words["deep"], len(rows))
    percent = np.where(relapsed, np.where(lost, deep, full), percent)
    scripted = study.draws["mrd_month_three"][subject]
    percent = np.where((event == words["month_three"]) & (scripted >= 0), scripted, percent)
    scripted = study.draws["mrd_repeat"][subject]
    percent = np.where((day == repeat[subject]) & (scripted >= 0), scripted, percent)
    plan = words["not_done"]
    gone = (random.random(len(rows)) < plan["share"]) & np.isin(event, plan["events"])
    gone &= study.draws["scripted"][subject] == 0
    share, quality = random.random(len(rows)), words["quality"]
    share = np.where((study.draws["scripted"][subject] == 1) | relapsed, 1.0, share)
    dilute = share < quality["dry"] + quality["dilute"]
    return Marrows(
        visit=rows,
        subject=subject,
        day=day,
        taken=~gone,
        quality=np.where(share < quality["dry"], DRY, np.where(dilute, DILUTE, 1)),
        percent=percent,
        reported=_hundredths(words, percent),
        lost=np.where(lost, _hundredths(words, full), 0),
        relapsed=relapsed,
    )


def _between(random: Random, limits: list[float], size: int) -> Array:
    """Draw from a range whose logarithm is uniform."""
    low, high = np.log(limits)
    return np.asarray(np.exp(random.uniform(low, high, size)))


def _hundredths(words: Words, percent: Array) -> Array:
    """Round to hundredths of a percent, on the side of the thresholds where the level is."""
    rounded = np.floor(percent * 100 + 0.5 + 1e-9).astype(np.int64)
    threshold = round(words["positive"] * 100)
    positive = percent >= words["positive"] - 1e-9
    rounded = np.where(positive, np.maximum(rounded, threshold), rounded)
    rounded = np.where(~positive, np.clip(rounded, 1, threshold - 1), rounded)
    return np.where(percent < words["detection"], 0, rounded)


def _levels(random: Random, words: Words, study: "Study", subject: Array, day: Array) -> Array:
    """True percent of abnormal cells in a marrow without relapse."""
    draws, course, size = study.draws, study.course, len(subject)
    first, second = (one[subject] for one in course.infusion)
    infused, crossed = day > first, day >= second
    since = day - np.where(crossed, second, first)
    baseline = np.log10(draws["mrd_baseline"][subject])
    walk = _walk(subject, random.normal(0, words["step"], size))
    wander = _reflected(baseline - words["drop"] * infused + walk, words)
    at_start = day < study.people.randomization_day[subject]
    failing = np.where(at_start, draws["mrd_baseline"][subject], 10**wander)
    begin = np.array(words["negative_from"])[draws["mrd_first"][subject]]
    begin = np.where(crossed, words["cross_negative_from"], begin)
    responds = np.where(crossed, draws["cross_responds"][subject], draws["responds"][subject])
    negative = infused & (responds == 1) & (since >= begin)
    deep, low = (_between(random, words[name], size) for name in ("deep", "low"))
    level = np.where(draws["mrd_grey"][subject] == 1, low, deep)
    level = np.where(negative, level, failing)
    plan, back = words["recurrence"], recurrences(study)[subject]
    days = np.clip(day - back, 0, NEVER)
    rising = _between(random, plan["level"], size) * 2.0 ** np.minimum(days / plan["doubling"], 60)
    return np.where(negative & (day >= back), np.minimum(rising, plan["highest"]), level)


def _reflected(logarithm: Array, words: Words) -> Array:
    """Turn back what wanders beyond the threshold or the highest level."""
    low, high = np.log10(words["positive"]), np.log10(words["highest"])
    inside = high - np.abs(high - logarithm)
    return np.asarray(np.clip(low + np.abs(inside - low), low, high))


def recurrences(study: "Study") -> Array:
    """Return the day from which a responder has detectable disease again; shape (n,)."""
    plan, draws, course = load("mrd")["recurrence"], study.draws, study.course
    model, people = study.model, study.people
    silent = draws["silent"] == 1
    lead = np.where(silent, 0, draws["lag"])
    waits = (first_relapse(model, people, draws), cross_relapse(model, people, draws))
    found = []
    for infusion, wait, least in zip(
        course.infusion, waits, (plan["not_before"], plan["cross"]), strict=True
    ):
        back = np.maximum(wait - np.minimum(lead, wait), least)
        found.append(later(infusion, np.where(wait >= NEVER, NEVER, back)))
    back = np.where(course.infusion[1] < NEVER, found[1], found[0])
    return np.where(silent & (draws["relapse_kind"] == OUTSIDE), NEVER, back)


def _walk(subject: Array, step: Array) -> Array:
    """Sum the steps of each subject in the order of its rows."""
    total = np.cumsum(step)
    first = np.searchsorted(subject, subject)
    return np.asarray(total - np.r_[0.0, total][first])
