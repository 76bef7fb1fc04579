"""Records of how the study is conducted: visits, crossover decisions, contacts, deviations.

What a site writes about its own work, as the words of ``conduct.yaml`` and the true
visits have it. Every record table is sorted by subject and day.
"""

from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate.model import DIED, LOST, NEVER, Array, Words, load
from cdisc.simulate.mrd import aspirate
from cdisc.simulate.rendering import Records, numbers, texts

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

_ALIVE, _DEAD, _UNKNOWN = "1", "2", "9"
_POSITIVE = 10  # hundredths of a percent


def records(study: "Study", adverse: Records) -> dict[str, Records]:
    """Return the record tables of these forms, by name in forms.yaml.

    Args:
        study: A study, or a block of one.
        adverse: Records of its adverse events, which comments refer to.
    """
    words = load("conduct")
    return {
        "visits": visits(study),
        "decisions": decisions(study, words["crossover"]),
        "contacts": contacts(study),
        "deviations": deviations(study, words["deviations"]),
        "comments": comments(study, words["comments"], adverse),
    }


def _text(values: Array) -> Array:
    return values.astype(str).astype(object)


def visits(study: "Study") -> Records:
    """One record per visit, also of those that were not done."""
    seen = study.visits
    return {
        "subject": seen.subject,
        "event": seen.event,
        "sequence": seen.sequence,
        "saved": np.where(seen.done, seen.day, seen.planned),
        "day": seen.day,
        "not_done": np.where(seen.done, "", "1").astype(object),
        "reason": seen.reason,
        "mode": np.where(seen.done, _text(seen.mode), "").astype(object),
    }


def decisions(study: "Study", words: Words) -> Records:
    """One record per visit at month 3: who may cross over, who does."""
    people, course, draws, seen = study.people, study.course, study.draws, study.visits
    rows = np.flatnonzero(seen.done & (seen.event == words["month"]))
    subject, day = seen.subject[rows], seen.day[rows]
    percent = np.full(len(seen.day), -1)
    marrows = aspirate(study)
    percent[marrows.visit[marrows.taken]] = marrows.reported[marrows.taken]
    found = percent[rows]
    relapsed = course.relapse[subject] <= day
    eligible = (found >= _POSITIVE) & ~relapsed
    consents = eligible & (draws["accepts"][subject] == 1) & course.eligible[subject]
    random = study.stream("visits", "decisions")
    why = np.array(words["declined"], dtype=object)
    why = why[random.integers(0, len(why), len(rows))]
    other = np.array(words["arms"], dtype=object)[1 - people.arm[subject]]
    below = np.where(found == 0, "<0.01", numbers(found / 100, 2))
    return {
        "subject": subject,
        "event": seen.event[rows],
        "sequence": seen.sequence[rows],
        "saved": day,
        "percent": np.where(found < 0, "", below).astype(object),
        "relapsed": np.where(relapsed, "1", "0").astype(object),
        "eligible": np.where(eligible, "1", "0").astype(object),
        "consents": np.where(eligible, np.where(consents, "1", "0"), "").astype(object),
        "day": day,
        "treatment": np.where(consents, other, "").astype(object),
        "reason": np.where(eligible & ~consents, why, "").astype(object),
    }


def contacts(study: "Study") -> Records:
    """One record per telephone contact, and the last state of every randomized subject."""
    course, seen, words = study.course, study.visits, study.model["visit_unscheduled"]
    last = np.isin(seen.event, study.model["last_visit"])
    rows = np.flatnonzero(last | (seen.reason == words["contact"]["says"]))
    subject = seen.subject[rows]
    ends = course.reason[subject]
    final = np.where(ends == DIED, _DEAD, np.where(ends == LOST, _UNKNOWN, _ALIVE))
    return {
        "subject": subject,
        "event": seen.event[rows],
        "sequence": seen.sequence[rows],
        "saved": seen.day[rows],
        "day": seen.day[rows],
        "status": np.where(last[rows], final, _ALIVE).astype(object),
        "mode": _text(seen.mode[rows]),
    }


def deviations(study: "Study", words: Words) -> Records:
    """One record per deviation from the protocol."""
    people, course, draws, seen = study.people, study.course, study.draws, study.visits
    random = study.stream("visits", "deviations")
    size, plans = len(people.arm), study.model["visits"]
    window = np.array([plans.get(one, {}).get("window", NEVER) for one in seen.event])
    decides = np.array(["decides" in plans.get(one, {}) for one in seen.event], dtype=bool)
    past = np.where(seen.done & (seen.planned < NEVER), np.abs(seen.day - seen.planned), 0)
    past = np.where(past > window, past - window, 0)
    far = past > words["far"]["over"]
    first = course.first_dose[0]
    dose = np.round(draws["dose"], 2)
    cells = [(course.treatment[one] == 0) & (course.infusion[one] < NEVER) for one in (0, 1)]
    given = np.where(cells[0], course.infusion[0], course.infusion[1])
    low = (cells[0] | cells[1]) & (dose < words["dose"]["below"])
    bridged = (
        (people.arm == 0) & (first < NEVER) & (random.random(size) < _share(words, "bridging"))
    )
    bridged &= draws["scripted"] == 0
    omitted = people.in_study & (random.random(size) < _share(words, "omitted"))
    wrong = people.in_study & (draws["broken"] >= 0)
    who = np.arange(size)
    parts = [
        _found(words["eligibility"], who[wrong], people.randomization_day[wrong]),
        _found(words["bridging"], who[bridged], first[bridged] - 2),
        _found(words["dose"], who[low], given[low], numbers(dose[low], 2)),
        _found(words["omitted"], who[omitted], people.randomization_day[omitted]),
    ]
    for name, here in (("far", far), ("window", (past > 0) & ~far)):
        fills = (seen.event[here], _text(past[here]))
        parts.append(_found(words[name], seen.subject[here], seen.day[here], *fills))
    here = decides & ~seen.done
    parts.append(_found(words["missed"], seen.subject[here], seen.planned[here], seen.event[here]))
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((table["category"].astype(str), table["day"], table["subject"]))
    return {name: values[order] for name, values in table.items()}


def _share(words: Words, name: str) -> float:
    return float(words[name]["share"])


def _found(plan: Words, subject: Array, day: Array, *fills: Array) -> Records:
    size = len(subject)
    said = [plan["says"].format(*one) for one in zip(*fills, strict=True)]
    return {
        "subject": subject,
        "event": np.full(size, "LOG", dtype=object),
        "saved": day,
        "term": np.array(said if fills else [plan["says"]] * size, dtype=object),
        "category": np.full(size, plan["category"], dtype=object),
        "major": np.full(size, plan["major"], dtype=object),
        "day": day,
    }


def comments(study: "Study", words: Words, adverse: Records) -> Records:
    """Some comments per subject; one on an adverse event names the row of the event."""
    random = study.stream("visits", "comments")
    people, course = study.people, study.course
    count = np.where(people.in_study, random.poisson(words["per_subject"], len(people.arm)), 0)
    subject = np.repeat(np.arange(len(count)), count)
    size = len(subject)
    form, text = (np.array(one, dtype=object) for one in zip(*words["texts"], strict=True))
    pick = random.integers(0, len(form), size)
    start = people.randomization_day[subject]
    share = random.random(size)
    day = start + np.floor(share * (course.end[subject] - start + 1)).astype(np.int64)
    events = np.bincount(adverse["subject"], minlength=len(count))[subject]
    row = np.floor(random.random(size) * events).astype(np.int64) + 1
    on_event = (form[pick] == words["numbered"]) & (events > 0)
    form = np.where((form[pick] == words["numbered"]) & (events == 0), "", form[pick])
    order = np.lexsort((day, subject))
    return {
        "subject": subject[order],
        "event": np.full(size, "LOG", dtype=object),
        "saved": day[order],
        "form": form[order].astype(object),
        "row": np.where(on_event, texts(row, str), "").astype(object)[order],
        "text": text[pick][order],
        "day": day[order],
    }
