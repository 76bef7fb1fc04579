"""Graft-versus-host disease, cytokine release, cytopenia and the other adverse events.

`draw` gives the potential toxicity of both periods; `happen` turns it, together with
infections and minor events, into one table of events of the observed course.
"""

import dataclasses

import numpy as np

from cdisc.simulate.course import CROSS, Course, Draws
from cdisc.simulate.model import FATAL, NEVER, SEVERE, Array, Random, Words, later, per_arm, ranged
from cdisc.simulate.people import People


@dataclasses.dataclass(frozen=True, slots=True)
class Events:
    """Adverse events, one element per event, ordered by subject and start."""

    subject: Array  # index into the screened subjects
    word: Array  # index into the catalogue of events
    start: Array  # day
    finish: Array  # day, NEVER while ongoing
    grade: Array  # 1 to 5
    period: Array  # 0, 1, or -1 before any dose
    chronic: Array  # bool: graded by severity


@dataclasses.dataclass(frozen=True, slots=True)
class Interval:
    """Severe cytopenia of one lineage in one period; shape (n,) each."""

    lineage: str
    start: Array
    finish: Array
    grade: Array


def catalogue(words: Words) -> list[Words]:
    """Return the events of the catalogue in one list; its order numbers them."""
    return [*words["known"].values(), *words["infections"], *words["others"]]


def draw(random: Random, model: Words, people: People) -> Draws:
    """Draw the potential toxicity of the first and of the crossover treatment."""
    draws: Draws = {}
    for prefix, arm in (("", people.arm), (CROSS, 1 - people.arm)):
        drawn = _period(random, model["toxicity"], arm)
        draws |= {prefix + name: values for name, values in drawn.items()}
    return draws


def _period(random: Random, plan: Words, arm: Array) -> Draws:
    size = len(arm)
    onset = plan["agvhd_onset"]

    def chance(share: Array | float) -> Array:
        return np.asarray(random.random(size) < share)

    acute = chance(per_arm(plan["agvhd"], arm))
    acute_severe = chance(per_arm(plan["agvhd_severe"], arm))
    crs = chance(per_arm(plan["crs"], arm))
    crs_grade = np.where(chance(plan["crs_severe"]), 3, ranged(random, [1, 2], size))
    icans = crs & chance(plan["icans"])
    draws = {
        "agvhd": np.where(acute, np.where(acute_severe, ranged(random, [3, 4], size), 2), 0),
        "agvhd_onset": onset["from"]
        + np.floor(random.gamma(onset["shape"], onset["scale"], size)).astype(np.int64),
        "cgvhd": np.where(
            chance(per_arm(plan["cgvhd"], arm)), np.where(chance(plan["cgvhd_severe"]), 3, 2), 0
        ),
        "cgvhd_onset": ranged(random, plan["cgvhd_onset"], size),
        "crs": np.where(crs, crs_grade, 0),
        "crs_onset": 1 + random.poisson(3, size),
        "crs_days": 3 + random.poisson(3, size),
        "late_transfusion": np.zeros(size, dtype=np.int64),  # set only by the script
        "icans": np.where(
            icans, np.where(chance(plan["icans_severe"]), 3, ranged(random, [1, 2], size)), 0
        ),
    }
    for name, lineage in plan["lineages"].items():
        median = per_arm(lineage["days"], arm)
        length = median * np.exp(random.normal(0, 1, size) * per_arm(lineage["sd"], arm))
        longer = np.where(draws["crs"] >= SEVERE, plan["prolonged_by_crs"], 1)
        severe = chance(per_arm(lineage["share"], arm))
        grade = np.where(chance(lineage["grade_four"]), 4, 3)
        draws[name] = np.where(severe, grade, 0)
        draws[name + "_days"] = np.maximum(np.round(length * longer), 2).astype(np.int64)
        draws[name + "_onset"] = ranged(random, [-2, 5], size)
        draws[name + "_again"] = np.full(size, NEVER)  # set only by the script: days between
        draws[name + "_again_days"] = np.zeros(size, dtype=np.int64)
    return draws


def intervals(model: Words, course: Course, draws: Draws) -> list[list[Interval]]:
    """Return per period the severe intervals of every lineage, cut at the end of study.

    First one interval per lineage, then one more per lineage: the second fall.
    """
    found = []
    for period, prefix in enumerate(("", CROSS)):
        begin = course.infusion[period]
        lineages = []
        for name in model["toxicity"]["lineages"]:
            start = later(begin, draws[prefix + name + "_onset"])
            length = draws[prefix + name + "_days"]
            lineages.append(_interval(name, start, length, course, draws[prefix + name]))
        for one in list(lineages):
            start = later(one.finish, draws[prefix + one.lineage + "_again"])
            length = draws[prefix + one.lineage + "_again_days"]
            lineages.append(_interval(one.lineage, start, length, course, one.grade))
        found.append(lineages)
    return found


def _interval(name: str, start: Array, length: Array, course: Course, grade: Array) -> Interval:
    start = np.where((grade > 0) & (start <= course.end), start, NEVER)
    return Interval(name, start, later(start, length), grade)


def happen(
    random: Random, model: Words, words: Words, people: People, course: Course, draws: Draws
) -> Events:
    """Build the table of adverse events of the observed course."""
    names = list(words["known"])
    parts: list[tuple[str, int, Array, Array, Array]] = []
    for period, prefix in enumerate(("", CROSS)):
        begin = course.infusion[period]
        parts += _graft(names, period, prefix, begin, draws)
        for one in intervals(model, course, draws)[period]:
            parts.append((one.lineage, period, one.start, one.finish, one.grade))
    parts += _fatal(course)
    rows = [_rows(names.index(name), period, *columns) for name, period, *columns in parts]
    rows.append(_frequent(random, model, words, people, course))
    table = np.concatenate(rows, axis=1)
    subject, word, start, finish, grade, period = table
    keep = (start <= course.end[subject]) & (start >= people.randomization_day[subject])
    finish = np.where(finish >= course.end[subject], NEVER, finish)
    order = np.lexsort((word, start, subject))
    order = order[keep[order]]
    chronic = np.asarray(word == names.index("cgvhd"))
    return Events(
        subject[order],
        word[order],
        start[order],
        np.where(grade == FATAL, start, finish)[order],
        grade[order],
        period[order],
        chronic[order],
    )


def _graft(
    names: list[str], period: int, prefix: str, begin: Array, draws: Draws
) -> list[tuple[str, int, Array, Array, Array]]:
    crs = later(begin, draws[prefix + "crs_onset"])
    acute = later(begin, draws[prefix + "agvhd_onset"])
    chronic = later(begin, draws[prefix + "cgvhd_onset"])
    crs_days = draws[prefix + "crs_days"]
    parts = [
        ("crs", period, crs, later(crs, crs_days), draws[prefix + "crs"]),
        (
            "icans",
            period,
            later(crs, crs_days // 2),
            later(crs, crs_days + 2),
            draws[prefix + "icans"],
        ),
        (
            "agvhd",
            period,
            acute,
            later(acute, 20 + 10 * draws[prefix + "agvhd"]),
            draws[prefix + "agvhd"],
        ),
        ("cgvhd", period, chronic, np.full(len(begin), NEVER), draws[prefix + "cgvhd"]),
    ]
    return [part for part in parts if part[0] in names]


def _fatal(course: Course) -> list[tuple[str, int, Array, Array, Array]]:
    """The event of which a subject dies without relapse; it starts on that day."""
    parts = []
    for cause, name in ((2, "sepsis"), (3, "agvhd"), (5, "organ")):
        day = np.where(course.cause == cause, course.death, NEVER)
        parts.append((name, -2, day, day, np.full(len(day), 5)))
    return parts


def _rows(word: int, period: int, start: Array, finish: Array, grade: Array) -> Array:
    subject = np.flatnonzero((grade > 0) & (start < NEVER))
    count = len(subject)
    return np.stack(
        [
            subject,
            np.full(count, word),
            start[subject],
            finish[subject],
            grade[subject],
            np.full(count, period),
        ]
    ).astype(np.int64)


def _frequent(random: Random, model: Words, words: Words, people: People, course: Course) -> Array:
    """Infections and minor events at a constant rate while under observation."""
    plan = model["toxicity"]
    known = people.in_study
    days = np.where(known, course.end - people.randomization_day, 0)
    first = len(words["known"])
    kinds = (
        (first, len(words["infections"]), per_arm(plan["infection_per_year"], people.arm)),
        (first + len(words["infections"]), len(words["others"]), plan["other_per_year"]),
    )
    parts = []
    for base, choices, rate in kinds:
        count = random.poisson(rate * days / 365)
        subject = np.repeat(np.arange(len(count)), count)
        size = len(subject)
        start = people.randomization_day[subject] + np.floor(
            random.random(size) * (days[subject] + 1)
        ).astype(np.int64)
        severe = random.random(size) < plan["infection_severe"]
        mild = ranged(random, [1, 2], size)
        grade = np.where(severe & (base == first), 3, mild)
        finish = start + ranged(random, [1, 25], size)
        word = base + random.integers(0, choices, size)
        period = np.full(size, -2)
        parts.append(np.stack([subject, word, start, finish, grade, period]))
    return np.concatenate(parts, axis=1).astype(np.int64)
