"""Records of the treatment forms: lymphodepletion, cells, chemotherapy, donor cells.

Every function returns one record table, sorted by subject and start. Doses are
derived from the true dose and the weight or surface of the subject; the units in
which a site writes them differ.
"""

import numpy as np

from cdisc.simulate.course import Course, Draws
from cdisc.simulate.model import DAY, MODERATE, NEVER, Array, Random, Words, later, ranged
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, numbers

_START = 9 * 60 + 30


def lymphodepletion(random: Random, model: Words, people: People, course: Course) -> Records:
    """Two drugs on three days before the cells; a few doses are not given."""
    plan = model["treatment"]["lymphodepletion"]
    parts = []
    for period in (0, 1):
        chosen = np.flatnonzero(course.treatment[period] == 0)
        for step, offset in enumerate(plan["days"]):
            day = course.first_dose[period][chosen] + offset - plan["days"][0]
            for drug, amount in enumerate(plan["mg_per_m2"]):
                columns = [chosen, day, np.full(len(chosen), drug), np.full(len(chosen), amount)]
                parts.append(np.stack([*columns, np.full(len(chosen), 10 * period + step)]))
    subject, day, drug, amount, place = _sorted(np.concatenate(parts, axis=1), course)
    size = len(subject)
    gone = (random.random(size) < model["treatment"]["not_given"]) & (place % 10 > 0)
    start = day * DAY + _START + drug * 90 + random.integers(0, 30, size)
    surface = people.surface[subject]
    milligrams = np.round(amount * surface)
    grams = (people.site[subject] == 1) & (drug == 0)
    events = np.array(["DM5", "DM4", "DM3", "XDM5", "XDM4", "XDM3"], dtype=object)
    return {
        "subject": subject,
        "event": events[place % 10 + 3 * (place // 10)],
        "saved": day,
        "drug": (drug + 1).astype(str).astype(object),
        "start": np.where(gone, NEVER * DAY, start),
        "finish": np.where(gone, NEVER * DAY, start + 60),
        "dose": np.where(
            gone, "", np.where(grams, numbers(milligrams / 1000, 3), numbers(milligrams, 0))
        ).astype(object),
        "unit": np.where(gone, "", np.where(grams, "g", "mg")).astype(object),
        "surface": numbers(surface, 2),
        "not_done": np.where(gone, "1", "").astype(object),
        "reason": np.where(gone, "Fever", "").astype(object),
    }


def cell_infusions(
    random: Random, model: Words, people: People, course: Course, draws: Draws
) -> Records:
    """The infusion of CAR-T cells; one that was cancelled has a reason and no start."""
    parts = []
    for period in (0, 1):
        chosen = np.flatnonzero(course.treatment[period] == 0)
        day = course.infusion[period][chosen]
        planned = course.first_dose[period][chosen] + 5
        parts.append(np.stack([chosen, np.where(day < NEVER, day, planned), day, day * 0 + period]))
    subject, planned, day, period = _sorted(np.concatenate(parts, axis=1), course)
    given = day < NEVER
    start = np.where(given, day * DAY + 10 * 60 + random.integers(0, 240, len(day)), NEVER * DAY)
    weight = people.weight[subject]
    cells = draws["dose"][subject] * weight
    power = np.asarray(model["sites"]["cells_in_full"])[people.site[subject]] == 1
    as_power = np.array([_power(one) for one in cells], dtype=object)
    label = people.number[subject].astype(str).astype(object)
    return {
        "subject": subject,
        "event": np.where(period == 1, "XD0", "D0").astype(object),
        "saved": planned,
        "start": start,
        "finish": np.where(given, start + random.integers(12, 30, len(day)), NEVER * DAY),
        "lot": np.where(given, "CT-" + label + "-" + (period + 1).astype(str), "").astype(object),
        "dose": np.where(given, np.where(power, as_power, numbers(cells, 1)), "").astype(object),
        "unit": np.where(given, np.where(power, "cells", "10^6"), "").astype(object),
        "volume": np.where(given, numbers(20 + weight / 2, 0), "").astype(object),
        "weight": numbers(weight, 1),
        "interrupted": np.where(given, "0", "").astype(object),
        "reason": np.where(given, "", "Sepsis").astype(object),
    }


def _power(millions: float) -> str:
    mantissa, exponent = f"{millions * 1e6:.3E}".split("E")
    return f"{mantissa}E{int(exponent)}"


def cycles(random: Random, model: Words, course: Course, draws: Draws) -> Records:
    """Chemotherapy and donor cells: the first cycle, and up to two while not responding.

    Fields: ``subject``, ``period``, ``cycle``, ``before`` (day of chemotherapy) and
    ``day`` (day of the donor cells), both `NEVER` where it was not given.
    """
    parts = []
    shape = (2, len(course.end))
    gap = np.cumsum(ranged(random, model["treatment"]["cycle_days"], shape), axis=0)
    stop = np.minimum(course.end, course.relapse)
    for period in (0, 1):
        chosen = np.flatnonzero(course.treatment[period] == 1)
        day = course.infusion[period][chosen]
        before = course.first_dose[period][chosen]
        parts.append(np.stack([chosen, before, day, day * 0 + period, day * 0 + 1]))
    again = (course.treatment[0] == 1) & (draws["responds"] == 0) & (draws["agvhd"] < MODERATE)
    for cycle in (0, 1):
        day = later(course.infusion[0], gap[cycle])
        chosen = np.flatnonzero(again & (day < stop) & (course.infusion[0] < NEVER))
        chemotherapy, here = day[chosen] - 5, day[chosen]
        parts.append(np.stack([chosen, chemotherapy, here, here * 0, here * 0 + cycle + 2]))
    subject, before, day, period, cycle = _sorted(np.concatenate(parts, axis=1), course)
    return {"subject": subject, "before": before, "day": day, "period": period, "cycle": cycle}


def chemotherapy(random: Random, model: Words, people: People, given: Records) -> Records:
    """Two drugs per cycle, named and written as the site likes."""
    plan = model["treatment"]["chemotherapy"]
    names = np.array([["Methotrexate inj.", "MTX", "甲氨蝶呤"], ["Vincristine", "VCR", "长春新碱"]])
    size = len(given["subject"])
    subject, drug = np.repeat(given["subject"], 2), np.tile([0, 1], size)
    day = np.repeat(given["before"], 2)
    site, surface = people.site[subject], people.surface[subject]
    amount = np.array(plan["mg_per_m2"])[drug] * surface
    amount = np.minimum(amount, np.array(plan["cap_mg"])[drug])
    start = day * DAY + _START + drug * 20 + random.integers(0, 20, len(day))
    grams = (site == 1) & (drug == 0)
    routes = np.array(["IV", "iv drip", "静滴"], dtype=object)
    text = np.where(drug == 1, numbers(amount, 2), numbers(amount, 0))
    return {
        "subject": subject,
        "event": _dose_event(np.repeat(given["period"], 2), np.repeat(given["cycle"], 2), "DM5"),
        "saved": day,
        "drug": names[drug, site].astype(object),
        "usual": names[drug, 0].astype(object),
        "start": start,
        "finish": start + np.where(drug == 0, 360, 10),
        "dose": np.where(grams, numbers(np.round(amount) / 1000, 3), text).astype(object),
        "unit": np.where(grams, "g", np.array(["mg", "mg", "毫克"])[site]).astype(object),
        "route": routes[site],
        "surface": numbers(surface, 2),
        "cycle": np.repeat(given["cycle"], 2).astype(str).astype(object),
    }


def donor_infusions(random: Random, people: People, given: Records, draws: Draws) -> Records:
    """The donor cells of each cycle, in 10^8 or, at one site, in 10^9."""
    here = given["day"] < NEVER
    subject, day, period, cycle = (
        given[name][here] for name in ("subject", "day", "period", "cycle")
    )
    weight = people.weight[subject]
    total = draws["donor_dose"][subject] * weight / 10  # 10^8
    start = day * DAY + 14 * 60 + random.integers(0, 120, len(day))
    larger = people.site[subject] == 1
    return {
        "subject": subject,
        "event": _dose_event(period, cycle, "D0"),
        "saved": day,
        "start": start,
        "finish": start + random.integers(20, 60, len(day)),
        "cycle": cycle.astype(str).astype(object),
        "dose": np.where(larger, numbers(total / 10, 3), numbers(total, 2)).astype(object),
        "unit": np.where(larger, "10^9", "10^8").astype(object),
        "t_cells": numbers(draws["donor_dose"][subject] * 2.4, 1),
        "weight": numbers(weight, 1),
        "volume": numbers(60 + weight / 2, 0),
        "primed": random.choice(np.array(["1", "0"]), len(day)).astype(object),
    }


def _dose_event(period: Array, cycle: Array, name: str) -> Array:
    first = np.where(period == 1, "X" + name, name)
    return np.where(cycle > 1, "LOG", first).astype(object)


def _sorted(rows: Array, course: Course) -> Array:
    """Rows of (subject, day, ...) by subject and day, without days after the end."""
    rows = rows[:, rows[1] <= course.end[rows[0]]]
    return np.asarray(rows[:, np.lexsort((np.arange(rows.shape[1]), rows[1], rows[0]))])
