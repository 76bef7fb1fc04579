"""Examinations at visits: vital signs, performance status, pregnancy tests."""

import numpy as np

from cdisc.simulate.course import CROSS, Course, Draws
from cdisc.simulate.model import ADULT, NEVER, Array, Random, Words, later, ranged
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, by_decimals, clock, numbers, texts
from cdisc.simulate.visits import Visits


def at(visits: Visits, model: Words, form: str) -> Records:
    """Return a record for each visit that fills in a form, with what the visit says."""
    names = [name for name, plan in model["visits"].items() if form in plan["forms"]]
    here = np.flatnonzero(visits.done & np.isin(visits.event, names))
    return {
        "subject": visits.subject[here],
        "event": visits.event[here],
        "sequence": visits.sequence[here],
        "saved": visits.day[here],
        "day": visits.day[here],
    }


def vital_signs(
    random: Random,
    words: Words,
    people: People,
    rows: Records,
    feverish: Array,
) -> Records:
    """One record per visit; the units of one site are its own.

    Args:
        random: Stream.
        words: Content of ``examination.yaml``.
        people: The screened subjects.
        rows: Of `at`.
        feverish: Bool per record: in the days of a cytokine release.
    """
    subject = rows["subject"]
    size, site = len(subject), people.site[subject]
    height = people.height[subject]
    first = np.isin(rows["event"], words["height"]["at"])
    drift = np.where(first, 0, random.normal(0, words["weight"]["walk"], size))
    weight = np.round(people.weight[subject] * np.exp(drift), 1)
    minute = random.integers(7 * 60, 17 * 60, size)
    tall, heavy = _in_units(height, words["height"], site), _in_units(weight, words["weight"], site)
    return rows | {
        "time": texts(minute, clock),
        "height": np.where(first, tall[0], "").astype(object),
        "height_unit": np.where(first, tall[1], "").astype(object),
        "weight": heavy[0],
        "weight_unit": heavy[1],
        **_temperatures(random, words, site, feverish),
        **_signs(random, words["signs"], people.age[subject]),
    }


def _in_units(value: Array, plan: Words, site: Array) -> tuple[Array, Array]:
    factor = np.array(plan["factor"], dtype=float)[site]
    decimals = np.array(plan["decimals"])[site]
    return by_decimals(value * factor, decimals), np.array(plan["units"], dtype=object)[site]


def _temperatures(random: Random, words: Words, site: Array, feverish: Array) -> Records:
    plan, size = words["temperature"], len(site)
    normal = random.normal(plan["mean"], plan["sd"], size)
    high = random.uniform(plan["fever"][0], plan["fever"][1], size)
    value = np.round(np.where(feverish, high, normal), 1)
    scale, shift = (np.array(plan[name], dtype=float)[site] for name in ("scale", "shift"))
    return {
        "temperature": numbers(value * scale + shift, 1),
        "temperature_unit": np.array(plan["units"], dtype=object)[site],
    }


def _signs(random: Random, plan: Words, age: Array) -> Records:
    young = np.maximum(ADULT - age, 0)
    signs: Records = {}
    for name, one in plan.items():
        drawn = random.normal(one["mean"], one["sd"], len(age)) + one["child"] * young
        signs[name] = numbers(np.clip(drawn, *one["range"]), 0)
    return signs


def feverish(course: Course, draws: Draws, rows: Records) -> Array:
    """Whether a record falls into the days of a cytokine release; shape of the records."""
    subject, day = rows["subject"], rows["day"]
    inside = np.zeros(len(subject), dtype=bool)
    for period, prefix in enumerate(("", CROSS)):
        begin = np.where(draws[prefix + "crs"] > 0, course.infusion[period], NEVER)
        start = later(begin, draws[prefix + "crs_onset"])[subject]
        inside |= (day >= start) & (day < start + draws[prefix + "crs_days"][subject])
    return inside


def performance(
    random: Random, words: Words, people: People, course: Course, rows: Records
) -> Records:
    """One record per visit: performance status, worse after relapse; a few not done."""
    plan, subject = words["performance"], rows["subject"]
    size = len(subject)
    baseline = random.choice(len(plan["share"]), len(people.arm), p=plan["share"])
    change = random.choice(np.array([-1, 0, 1]), size, p=plan["change"])
    first = np.r_[True, subject[1:] != subject[:-1]][:size]
    change = np.where(first, 0, change)
    worse = ranged(random, plan["after_relapse"], size)
    change = change + np.where(rows["day"] >= course.relapse[subject], worse, 0)
    status = np.clip(baseline[subject] + change, 0, plan["worst"])
    skipped = (random.random(size) < plan["not_done"]) & ~first
    return rows | {
        "day": np.where(skipped, NEVER, rows["day"]),
        "status": np.where(skipped, "", status.astype(str)).astype(object),
        "not_done": np.where(skipped, "1", "").astype(object),
    }


def pregnancy_tests(words: Words, model: Words, people: People, rows: Records) -> Records:
    """One record per visit of a female subject; not applicable outside childbearing age."""
    plan = words["pregnancy"]
    female = ~people.male[rows["subject"]]
    rows = {name: values[female] for name, values in rows.items()}
    subject = rows["subject"]
    low, high = model["baseline"]["childbearing_age"]
    fertile = (people.age[subject] >= low) & (people.age[subject] <= high)
    specimens = plan["specimen"]
    specimen = [specimens.get(one, specimens["other"]) for one in rows["event"]]
    written = np.array(plan["written"], dtype=object)[people.site[subject]]
    return rows | {
        "day": np.where(fertile, rows["day"], NEVER),
        "specimen": np.where(fertile, np.array(specimen, dtype=object), "").astype(object),
        "result": np.where(fertile, written, "").astype(object),
        "not_applicable": np.where(fertile, "0", "1").astype(object),
    }
