"""Cells before the infusion: apheresis of the subject or the donor, and the product."""

import numpy as np

from cdisc.simulate.course import Course, Draws
from cdisc.simulate.model import NEVER, Array, Random, Words
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, clock, numbers, texts
from cdisc.simulate.visits import Visits

_FAILURE = 5  # end of treatment: manufacturing failure


def aphereses(random: Random, words: Words, course: Course, visits: Visits) -> Records:
    """One record per collection: from the subject for its own cells, else from the donor."""
    plan = words["apheresis"]
    parts = []
    for donor, names in enumerate((plan["subject"], plan["donor"])):
        here = visits.done & np.isin(visits.event, names)
        if donor:
            treatment = np.where(
                visits.period == 1, *(one[visits.subject] for one in _given(course))
            )
            here &= treatment == 1
        chosen = np.flatnonzero(here)
        parts.append(np.stack([chosen, np.full(len(chosen), donor + 1)]))
    place, who = np.concatenate(parts, axis=1)
    order = np.argsort(place, kind="stable")
    place, who = place[order], who[order]
    size = len(place)
    start = random.integers(8 * 60, 11 * 60, size)
    return {
        "subject": visits.subject[place],
        "event": visits.event[place],
        "sequence": visits.sequence[place],
        "saved": visits.day[place],
        "day": visits.day[place],
        "start": texts(start, clock),
        "finish": texts(start + random.integers(150, 300, size), clock),
        "who": who.astype(str).astype(object),
        "volume": numbers(random.uniform(plan["volume"][0], plan["volume"][1], size), 0),
        "mononuclear": numbers(
            random.uniform(plan["mononuclear"][0], plan["mononuclear"][1], size), 2
        ),
        "insufficient": np.where(random.random(size) < plan["insufficient"], "1", "0").astype(
            object
        ),
    }


def _given(course: Course) -> tuple[Array, Array]:
    """Treatment of the crossover and of the first period."""
    return course.treatment[1], course.treatment[0]


def products(
    random: Random, words: Words, people: People, course: Course, draws: Draws, visits: Visits
) -> Records:
    """One record per product that was made of a subject's own cells."""
    plan, size = words["product"], len(people.arm)
    parts = []
    for period, name in enumerate(words["apheresis"]["subject"]):
        collected = visits.on(size, name)
        chosen = np.flatnonzero(collected < NEVER)
        first = course.first_dose[period][chosen]
        parts.append(np.stack([chosen, collected[chosen], first, np.full(len(chosen), period)]))
    subject, collected, first, period = np.concatenate(parts, axis=1)
    order = np.lexsort((period, subject))
    subject, collected, first, period = (one[order] for one in (subject, collected, first, period))
    failed = (draws["treated"][subject] == 0) & (draws["stop"][subject] == _FAILURE) & (period == 0)
    start = collected + 1
    released = np.where(first < NEVER, first - 1, start + plan["days"])
    known = released <= course.end[subject]
    low = draws["dose"][subject] < plan["target"]
    result = np.where(
        failed, plan["results"][2], np.where(low, plan["results"][1], plan["results"][0])
    )
    cells = draws["dose"][subject] * people.weight[subject]
    yielded = np.where(
        failed,
        random.uniform(plan["failed"][0], plan["failed"][1], len(subject)),
        random.uniform(plan["surplus"][0], plan["surplus"][1], len(subject)),
    )
    label = texts(people.number[subject], str)
    return {
        "subject": subject[known],
        "lot": ("CT-" + label + "-" + (period + 1).astype(str)).astype(object)[known],
        "start": start[known],
        "released": released[known],
        "result": result[known].astype(object),
        "viability": numbers(
            random.uniform(plan["viability"][0], plan["viability"][1], len(subject)), 1
        )[known],
        "positive": numbers(
            random.uniform(plan["positive"][0], plan["positive"][1], len(subject)), 1
        )[known],
        "cells": numbers(cells * yielded, 1)[known],
    }
