"""When each subject was seen: planned visits with jitter, missed ones, unscheduled ones.

Every visit that was due before the end of participation is here, done or not. On the
day of a relapse and of every onset of GVHD of grade II (moderate) or more there is a
visit, so that what happens is observed on the day it happens: a planned visit whose
forms cover it, or else an unscheduled one. What is assessed at a visit follows from
its event (`forms` in model.yaml) and, for unscheduled ones, from what happens that day.
"""

import dataclasses

import numpy as np

from cdisc.simulate.course import CROSS, Course, Draws
from cdisc.simulate.model import (
    DIED,
    LOST,
    MODERATE,
    NEVER,
    Array,
    Random,
    Words,
    later,
    ranged,
)
from cdisc.simulate.people import People

IN_PERSON, TELEPHONE = 1, 2
_GRAFT = 3  # cause of death
_TEXT, _NUMBER = ("event", "reason"), ("subject", "planned", "day", "mode", "period")

Rows = dict[str, Array]
Lives = tuple[People, Course, Draws]


@dataclasses.dataclass(frozen=True, slots=True)
class Visits:
    """Visits, one element each, by subject and then day; one not done by its planned day."""

    subject: Array  # index into the screened subjects of the block
    event: Array  # text
    sequence: Array  # 1, or 1 to n for unscheduled visits of a subject
    planned: Array  # day, NEVER for an unscheduled visit
    day: Array  # when it took place, NEVER when it was not done
    mode: Array  # 1 in person, 2 telephone, 3 video
    reason: Array  # why not done or why unscheduled, else empty
    period: Array  # 0, or 1 for visits of the crossover treatment

    @property
    def done(self) -> Array:
        """True where the visit took place."""
        return np.asarray(self.day < NEVER)

    def on(self, size: int, event: str) -> Array:
        """Return per subject (shape `size`) the day of an event, NEVER where it was not."""
        day = np.full(size, NEVER)
        here = self.done & (self.event == event) & (self.sequence == 1)
        day[self.subject[here]] = self.day[here]
        return day


def schedule(random: Random, model: Words, people: People, course: Course, draws: Draws) -> Visits:
    """Return the visits of all screened subjects.

    Args:
        random: Stream of the visits.
        model: Content of ``model.yaml``.
        people: Screened subjects, shape (n,).
        course: Their true course.
        draws: With ``scripted`` (1: regular visits), ``repeat`` (day of a repeated
            marrow) and ``visit_<event>`` (days from the anchor, -1 as drawn, `NEVER`
            missed), which scripts set.
    """
    lives = (people, course, draws)
    anchors = {one: _anchors(people, course, one) for one in (0, 1)}
    parts = []
    for name, plan in model["visits"].items():
        anchor = anchors[plan.get("period", 0)][plan["anchor"]]
        rows = _planned(random, model, lives, name, anchor)
        parts.append(rows)
        if "decides" in plan:
            day = np.full(len(people.arm), NEVER)
            day[rows["subject"]] = rows["day"]
            crossing = course.eligible & (draws["accepts"] == 1)
            anchors[1]["decision"] = np.where(crossing, day, NEVER)
    parts.append(_unscheduled(model, lives, parts))
    return _ordered(parts, model["visit_unscheduled"]["event"])


def _anchors(people: People, course: Course, period: int) -> dict[str, Array]:
    start, infusion = people.randomization_day, course.infusion[period]
    dosed = later(course.first_dose[period], np.full(len(start), 5))
    return {
        "consent": people.consent,
        "randomization": start,
        "dose": np.minimum(infusion, dosed),
        "infusion": infusion,
        "follow_up": np.where(infusion < NEVER, infusion, start),
        "end": np.where(people.in_study, course.end, NEVER),
    }


def _planned(random: Random, model: Words, lives: Lives, name: str, anchor: Array) -> Rows:
    """One planned visit of all subjects for whom it came due."""
    people, course, draws = lives
    plan, odd = model["visits"][name], model["visit_irregular"]
    size = len(anchor)
    offset = plan["day"] if "day" in plan else ranged(random, plan["days"], size)
    planned = later(anchor, np.full(size, offset) if "day" in plan else offset)
    moved = _moved(random, plan, odd, size)
    firm = course.eligible if "decides" in plan else np.zeros(size, dtype=bool)
    steady = (draws["scripted"] == 1) | firm
    jitter = np.where(steady, moved["inside"], moved["jitter"])
    if "last" in plan:
        jitter = -np.abs(jitter)
    day = later(planned, np.where(firm, -np.abs(jitter), jitter))
    day = np.where(day > course.end, planned, day)
    day = np.where(moved["missed"] & ~steady, NEVER, day)
    script = draws[f"visit_{name}"]
    day = np.where(script >= 0, later(anchor, script), day)
    due = (planned <= course.end) & (anchor < NEVER)
    due &= (people.arm == plan["arm"]) if "arm" in plan else True
    due &= (day < course.relapse) if plan["anchor"] == "decision" else True
    return _rows(np.flatnonzero(due), name, plan, (planned, day), (odd, moved["why"], course))


def _moved(random: Random, plan: Words, odd: Words, size: int) -> Rows:
    """Jitter within the window and beyond it, and who misses the visit and why."""
    window = plan.get("window", 0)
    inside = ranged(random, [-window, window], size)
    far = (window + ranged(random, odd["outside"]["beyond"], size)) * np.where(
        random.random(size) < 0.5,  # noqa: PLR2004  too early as often as too late
        -1,
        1,
    )
    share = random.random(size)
    month = "month" in plan
    outside = month & (share < odd["outside"]["share"])
    return {
        "inside": inside,
        "jitter": np.where(outside, far, inside),
        "missed": month & (share > 1 - odd["missed"]),
        "why": random.integers(0, len(odd["reasons"]), size),
    }


def _rows(
    who: Array,
    name: str,
    plan: Words,
    days: tuple[Array, Array],
    words: tuple[Words, Array, Course],
) -> Rows:
    planned, day = (one[who] for one in days)
    odd, why, course = words
    absent = day >= NEVER
    reasons = np.array(odd["reasons"], dtype=object)
    called = (plan["anchor"] == "end") & np.isin(course.reason[who], [DIED, LOST])
    return {
        "subject": who,
        "event": np.full(len(who), name, dtype=object),
        "planned": planned,
        "day": day,
        "mode": np.where(called, TELEPHONE, IN_PERSON),
        "reason": np.where(absent, reasons[why[who]], "").astype(object),
        "period": np.full(len(who), plan.get("period", 0)),
    }


def _unscheduled(model: Words, lives: Lives, planned: list[Rows]) -> Rows:
    """Visits on days of a relapse, an onset of GVHD, a repeated marrow or a contact."""
    people, course, draws = lives
    words = model["visit_unscheduled"]
    found: list[tuple[str, Array]] = [
        ("repeat", later(course.infusion[0], draws["repeat"])),
        ("relapse", course.relapse),
    ]
    found += [("graft", day) for day in onsets(course, draws)]
    found += [("contact", day) for day in _contacts(words["contact"], lives, planned)]
    taken = np.empty(0, dtype=np.int64)
    parts = []
    for why, day in found:
        needed = set(words[why]["forms"])
        covered = [
            _key(rows["subject"], rows["day"])
            for rows, plan in zip(planned, model["visits"].values(), strict=True)
            if needed <= set(plan["forms"])
        ]
        seen = (day <= course.end) if needed else (day < course.end)
        who = np.flatnonzero(seen & (day < NEVER) & people.in_study)
        key = _key(who, day[who])
        new = ~np.isin(key, np.concatenate([taken, *covered]))
        who, taken = who[new], np.concatenate([taken, key])
        parts.append(
            {
                "subject": who,
                "event": np.full(len(who), words["event"], dtype=object),
                "planned": np.full(len(who), NEVER),
                "day": day[who],
                "mode": np.full(len(who), words[why].get("mode", IN_PERSON)),
                "reason": np.full(len(who), words[why]["says"], dtype=object),
                "period": (course.first_dose[1][who] <= day[who]).astype(np.int64),
            }
        )
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}


def _contacts(plan: Words, lives: Lives, planned: list[Rows]) -> list[Array]:
    """Days on which the site asks by telephone: once in the year, and after a missed visit."""
    people, course, _ = lives
    size = len(people.arm)
    days = [later(_anchors(people, course, 0)["follow_up"], np.full(size, plan["day"]))]
    for rows in planned:
        missed = rows["day"] >= NEVER
        if missed.any():
            day = np.full(size, NEVER)
            day[rows["subject"][missed]] = rows["planned"][missed] + plan["after_missed"]
            days.append(day)
    return days


def onsets(course: Course, draws: Draws) -> list[Array]:
    """Days of the onset of GVHD of grade II or moderate and more, and of fatal GVHD.

    One array per kind (acute, chronic) and period, then the fatal one; shape (n,)
    each, `NEVER` where there is none. A day may lie after the end of participation.
    """
    days = []
    for kind in ("agvhd", "cgvhd"):
        for period, prefix in enumerate(("", CROSS)):
            graded = draws[prefix + kind] >= MODERATE
            onset = later(course.infusion[period], draws[f"{prefix}{kind}_onset"])
            days.append(np.where(graded, onset, NEVER))
    return [*days, np.where(course.cause == _GRAFT, course.death, NEVER)]


def _key(subject: Array, day: Array) -> Array:
    return np.asarray(subject.astype(np.int64) * (2 * NEVER) + day)


def _ordered(parts: list[Rows], again: str) -> Visits:
    rows = {name: np.concatenate([one[name] for one in parts]) for name in _TEXT + _NUMBER}
    moment = np.where(rows["day"] < NEVER, rows["day"], rows["planned"])
    order = np.lexsort((np.arange(len(moment)), moment, rows["subject"]))
    rows = {name: values[order] for name, values in rows.items()}
    repeated = rows["event"] == again
    count = np.cumsum(repeated)
    first = np.searchsorted(rows["subject"], rows["subject"])
    before = np.r_[0, count][first]
    return Visits(sequence=np.where(repeated, count - before, 1), **rows)
