"""Medicines beside the study treatment: before it, against its toxicity, after relapse.

Every group of medicines is a table of rows (subject, medicine, category, start,
finish, event, reason); a finish of `NEVER` goes on. The rows of all groups, ordered
by subject and start, are the form.
"""

import numpy as np

from cdisc.simulate.course import Course
from cdisc.simulate.history import Past
from cdisc.simulate.model import NEVER, SEVERE, Array, Random, Words, ranged
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records

_FIELDS = ("subject", "drug", "category", "start", "finish", "cause", "reason")


def medicines(
    random: Random,
    words: Words,
    people: People,
    past: Past,
    course: Course,
    adverse: Records,
) -> Records:
    """One record per medicine.

    Args:
        random: Stream of the medication.
        words: Content of ``medication.yaml``.
        people: Screened subjects, shape (n,).
        past: Their past.
        course: Their true course.
        adverse: Records of the adverse events, of which some are treated.
    """
    parts = [
        *_prior(words, people, past),
        *_suppression(random, words, people, past),
        *_prophylaxis(random, words, people, course),
        *_against_events(random, words, course, adverse),
        _new(random, words, course),
    ]
    rows = {name: np.concatenate([one[name] for one in parts]) for name in _FIELDS}
    order = np.lexsort((np.arange(len(rows["start"])), rows["start"], rows["subject"]))
    return {name: values[order] for name, values in rows.items()}


def _rows(
    words: Words, who: Array, drug: Array, category: str, days: tuple[Array, Array], reason: str
) -> Records:
    size = len(who)
    return {
        "subject": who,
        "drug": drug,
        "category": np.full(size, words["categories"][category], dtype=object),
        "start": days[0].astype(np.int64),
        "finish": days[1].astype(np.int64),
        "cause": np.zeros(size, dtype=np.int64),
        "reason": np.full(size, reason, dtype=object),
    }


def _number(words: Words, name: str) -> int:
    return list(words["drugs"]).index(name)


def _prior(words: Words, people: People, past: Past) -> list[Records]:
    """The lines of therapy, one after another from the diagnosis to the transplant."""
    plan = words["prior"]
    step = (past.transplant - past.diagnosis - 20) // past.lines
    parts = []
    for place, names in enumerate(plan["lines"]):
        who = np.flatnonzero(people.in_study & (past.lines > place))
        start = past.diagnosis[who] + 3 + place * step[who]
        finish = start + np.maximum(step[who] * 7 // 10, 1)
        for name in names:
            drug = np.full(len(who), _number(words, name))
            parts.append(_rows(words, who, drug, "prior", (start, finish), plan["indication"]))
    return parts


def _suppression(random: Random, words: Words, people: People, past: Past) -> list[Records]:
    """Prophylaxis of GVHD from the transplant on; for some it goes on at screening."""
    plan, known = words["suppression"], people.in_study
    numbers = np.array([_number(words, name) for name in plan["drugs"]])
    drug = random.choice(numbers, len(known))
    share = random.random(len(known))
    who = np.flatnonzero(known)
    start = past.transplant[who] - 1
    room = np.minimum(people.consent[who] - 5 - start, 270)
    finish = start + 10 + np.floor(share[who] * (room - 10))
    finish = np.where(past.suppressed[who], NEVER, finish)
    first = _rows(words, who, drug[who], "suppression", (start, finish), plan["indication"])
    days = ranged(random, plan["days"], len(known))
    who = np.flatnonzero(known & (past.donor == plan["donor"]))
    start = past.transplant[who] + 1
    finish = np.minimum(start + days[who], people.consent[who] - 1)
    drug = np.full(len(who), _number(words, plan["second"]))
    return [first, _rows(words, who, drug, "suppression", (start, finish), plan["indication"])]


def _prophylaxis(random: Random, words: Words, people: People, course: Course) -> list[Records]:
    """Prophylaxis of infection around the study treatment."""
    plan, size = words["prophylaxis"], len(people.arm)
    parts = []
    for name, share in plan["drugs"].items():
        taken = (random.random(size) < share) & people.in_study
        before = ranged(random, plan["before"], size)
        days = ranged(random, plan["days"], size)
        on = random.random(size) < words["goes_on"]
        first = course.first_dose[0]
        begin = np.where(first < NEVER, first - before, people.randomization_day + before)
        begin = np.maximum(begin, people.consent)
        who = np.flatnonzero(taken & (begin <= course.end))
        finish = begin[who] + days[who]
        finish = np.where((finish >= course.end[who]) & on[who], NEVER, finish)
        finish = np.where(finish < NEVER, np.minimum(finish, course.end[who]), NEVER)
        drug = np.full(len(who), _number(words, name))
        spent = (begin[who], finish)
        parts.append(_rows(words, who, drug, "concomitant", spent, plan["indication"]))
    return parts


def _against_events(
    random: Random, words: Words, course: Course, adverse: Records
) -> list[Records]:
    """What treated adverse events were treated with; the row of the event is named."""
    size = len(adverse["subject"])
    row = np.arange(size) - np.searchsorted(adverse["subject"], adverse["subject"]) + 1
    terms, kind = np.unique(adverse["term"].astype(str), return_inverse=True)
    choices = [words["treats"].get(one, words["otherwise"]) for one in terms]
    category = np.array([words["categories"][one[0]] for one in choices], dtype=object)
    delay, longer = random.integers(0, 2, size), ranged(random, words["after_event"], size)
    severe = np.isin(adverse["grade"], [str(one) for one in range(SEVERE, 6)] + ["Severe"])
    treated = adverse["treated"] == "1"
    parts = []
    for place in (1, 2):
        drug = np.array([_number(words, one[place]) for one in choices], dtype=np.int64)
        twice = np.array([one[1] != one[2] for one in choices], dtype=bool)
        chosen = np.flatnonzero(treated & ((place == 1) | (severe & twice[kind])))
        who = adverse["subject"][chosen]
        last = course.end[who]
        start = np.minimum(adverse["day"][chosen] + delay[chosen] * (place - 1), last)
        finish = adverse["finish"][chosen]
        finish = np.where(finish < NEVER, np.minimum(finish + longer[chosen], last), NEVER)
        parts.append(
            {
                "subject": who,
                "drug": drug[kind[chosen]],
                "category": category[kind[chosen]],
                "start": start,
                "finish": np.maximum(finish, start),
                "cause": row[chosen],
                "reason": adverse["term"][chosen],
            }
        )
    return parts


def _new(random: Random, words: Words, course: Course) -> Records:
    """The new therapy after relapse begins on its true day."""
    plan, size = words["new"], len(course.end)
    drug = random.choice(np.array([_number(words, one) for one in plan["drugs"]]), size)
    days = ranged(random, plan["days"], size)
    who = np.flatnonzero(course.new_therapy < NEVER)
    start = course.new_therapy[who]
    finish = np.where(start + days[who] > course.end[who], NEVER, start + days[who])
    return _rows(words, who, drug[who], "new", (start, finish), plan["indication"])


def written(random: Random, words: Words, model: Words, people: People, rows: Records) -> Records:
    """Write medicines as the sites do: names, units and routes of their own."""
    drugs = list(words["drugs"].values())
    subject, drug = rows["subject"], rows["drug"]
    size, site = len(subject), people.site[subject]
    pick = random.integers(0, 2, size)
    names = [[one["english"][0], one["english"][-1], one["chinese"]] for one in drugs]
    plain = np.asarray(model["sites"]["ordinary_letters"])[site] == 1
    dose = np.array([one["dose"] for one in drugs], dtype=object)[drug]
    unit = np.array([words["units"][one["dose"][1]] for one in drugs], dtype=object)
    route = np.array([words["routes"][one["dose"][2]] for one in drugs], dtype=object)
    ongoing = rows["finish"] >= NEVER
    cause = rows["cause"].astype(str).astype(object)
    return rows | {
        "saved": np.maximum(rows["start"], people.consent[subject]),
        "event": np.full(size, "LOG", dtype=object),
        "verbatim": np.array(names, dtype=object)[drug, np.where(plain, pick, 2)],
        "name": np.full(size, "", dtype=object),
        "usual": np.array([one["name"] for one in drugs], dtype=object)[drug],
        "cause": np.where(rows["cause"] > 0, cause, "").astype(object),
        "dose": dose[:, 0],
        "unit": unit[drug, site],
        "route": route[drug, site],
        "frequency": dose[:, 3],
        "ongoing": np.where(ongoing, "1", "0").astype(object),
    }


def coded_medicines(words: Words) -> Records:
    """One record per text that a coder has seen, with its preferred name and class."""
    rows = []
    for one in words["drugs"].values():
        rows += [(text, one["name"], one["class"]) for text in [*one["english"], one["chinese"]]]
    columns = np.array(sorted(set(rows)), dtype=object).T
    return dict(zip(("verbatim", "name", "class"), columns, strict=True))
