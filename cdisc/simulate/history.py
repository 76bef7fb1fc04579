"""What lies before the study: the disease, the transplant, other illness.

`remember` draws the past of every screened subject once; the forms only tell it.
"""

import dataclasses

import numpy as np

from cdisc.simulate.model import NEVER, Array, Random, Words, ranged
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, numbers


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """The past of the screened subjects; shape (n,) each, days or codes."""

    diagnosis: Array
    transplant: Array
    relapse: Array  # before the transplant, NEVER without
    recurrence: Array  # day on which residual disease was found after the transplant
    remission: Array  # code: which one at the transplant
    lines: Array  # of therapy before the transplant
    donor: Array  # code
    graft: Array  # code
    suppressed: Array  # bool: immunosuppression goes on at screening


def remember(random: Random, words: Words, people: People) -> Past:
    """Draw the past: diagnosis, perhaps relapse, transplant, recurrence, consent."""
    size = len(people.arm)
    plan = words["transplant"]
    gap = np.exp(random.normal(np.log(plan["median"]), plan["sd"], size))
    gap = np.round(np.clip(gap, *plan["range"])).astype(np.int64)
    transplant = np.maximum(people.decided - gap, people.birth + plan["age"])
    before = ranged(random, words["diagnosis"]["before"], size)
    diagnosis = np.maximum(transplant - before, people.birth + words["diagnosis"]["age"])
    remission = _picked(random, words["remission"], size)
    share = _between(random, words["relapse_between"], size)
    between = diagnosis + np.round(share * (transplant - diagnosis)).astype(np.int64)
    since = transplant + words["recurrence_after"]
    recurrence = since + np.floor(random.random(size) * (people.consent - since)).astype(np.int64)
    donor = _picked(random, words["donor"], size)
    graft = _picked(random, words["graft"], size)
    cord = donor == words["donor"]["cord"]
    return Past(
        diagnosis=diagnosis,
        transplant=transplant,
        relapse=np.where(remission == words["remission"]["code"][0], NEVER, between),
        recurrence=recurrence,
        remission=remission,
        lines=remission.astype(np.int64) + random.integers(0, 2, size),
        donor=donor,
        graft=np.where(cord, words["graft"]["cord"], graft).astype(object),
        suppressed=random.random(size) < words["suppressed"],
    )


def _picked(random: Random, plan: Words, size: int) -> Array:
    return random.choice(np.array(plan["code"], dtype=object), size, p=plan["share"])


def _between(random: Random, limits: list[float], size: int) -> Array:
    return random.uniform(limits[0], limits[1], size)


def _everybody(people: People) -> Records:
    size = len(people.arm)
    return {
        "subject": np.arange(size),
        "event": np.full(size, "SCR", dtype=object),
        "saved": people.consent,
    }


def diseases(random: Random, words: Words, people: People, past: Past) -> Records:
    """One record per screened subject: the leukaemia until consent."""
    size = len(people.arm)
    again = past.relapse < NEVER
    return _everybody(people) | {
        "diagnosis": past.diagnosis,
        "no_fusion": _picked(random, words["no_fusion"], size),
        "risk": _picked(random, words["cytogenetic_risk"], size),
        "lines": past.lines.astype(str).astype(object),
        "relapsed": np.where(again, "1", "0").astype(object),
        "relapse": past.relapse,
        "recurrence": past.recurrence,
    }


def transplants(random: Random, words: Words, people: People, past: Past) -> Records:
    """One record per screened subject: the transplant before the study."""
    size = len(people.arm)
    limits = np.array([words["match"][one] for one in past.donor]).reshape(size, 2)
    match = random.integers(limits[:, 0], limits[:, 1], size, endpoint=True)
    return _everybody(people) | {
        "day": past.transplant,
        "graft": past.graft,
        "donor": past.donor,
        "match": (match.astype(str).astype(object) + "/10").astype(object),
        "conditioning": _picked(random, words["conditioning"], size),
        "remission": past.remission,
        "mononuclear": numbers(_between(random, words["mononuclear"], size), 2),
        "progenitors": numbers(_between(random, words["progenitors"], size), 2),
        "suppressed": np.where(past.suppressed, "1", "0").astype(object),
    }


def illnesses(random: Random, words: Words, people: People) -> Records:
    """Other illness of the randomized subjects, up to consent."""
    plan, conditions = words["illnesses"], np.array(words["conditions"], dtype=object)
    size = len(people.arm)
    count = np.minimum(random.poisson(plan["mean"], size), plan["most"])
    count = np.where(people.in_study, count, 0)
    order = np.argsort(random.random((size, len(conditions))), axis=1)[:, : plan["most"]]
    subject, place = np.nonzero(np.arange(plan["most"]) < count[:, None])
    size = len(subject)
    before = ranged(random, plan["before"], size)
    start = np.maximum(people.consent[subject] - before, people.birth[subject])
    finish = start + np.floor(random.random(size) * (people.consent[subject] - start))
    ongoing = random.random(size) < plan["ongoing"]
    kind = order[subject, place]
    return {
        "subject": subject,
        "event": np.full(size, "LOG", dtype=object),
        "saved": people.consent[subject],
        "term": conditions[kind, 0],
        "start": start,
        "ongoing": np.where(ongoing, "1", "0").astype(object),
        "finish": np.where(ongoing, NEVER, finish).astype(np.int64),
        "coded": conditions[kind, 1],
    }
