"""Records of the forms that a site fills in: consent, eligibility, events, ends, death."""

import numpy as np

from cdisc.simulate.course import Course, Draws
from cdisc.simulate.model import (
    ADULT,
    DAY,
    DIED,
    FATAL,
    MODERATE,
    NEVER,
    SEVERE,
    THREATENING,
    WITHDREW,
    Array,
    Random,
    Words,
)
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, clock, texts
from cdisc.simulate.toxicity import Events, catalogue
from cdisc.simulate.visits import Visits

_ASSENT, _CROSSING = 2, 3  # types of consent
_CANCELLED = 9_000_000  # added to a cancelled number: more than there are subjects
_ADVERSE = 2  # end of treatment for an adverse event


def _everybody(people: People, event: str, saved: Array) -> Records:
    size = len(people.arm)
    return {
        "subject": np.arange(size),
        "event": np.full(size, event, dtype=object),
        "saved": saved,
    }


def _filled(size: int, text: str) -> Array:
    return np.full(size, text, dtype=object)


def demographics(model: Words, people: People) -> Records:
    """One record per screened subject."""
    low, high = model["baseline"]["childbearing_age"]
    fertile = (people.age >= low) & (people.age <= high)
    childbearing = np.where(people.male, "", np.where(fertile, "1", "0"))
    return _everybody(people, "SCR", people.consent) | {
        "birth": people.birth,
        "age": people.age,
        "sex": np.where(people.male, "1", "2").astype(object),
        "ethnic_group": people.ethnic_group.astype(object),
        "childbearing": childbearing.astype(object),
    }


def consents(model: Words, people: People, course: Course, draws: Draws, visits: Visits) -> Records:
    """The main consent, the assent of children from 8 years, the consent to cross over."""
    (deciding,) = (name for name, plan in model["visits"].items() if "decides" in plan)
    visit = visits.on(len(people.arm), deciding)
    crossing = course.eligible & (draws["accepts"] == 1) & (visit < NEVER)
    kinds = (
        ("1", people.consent, people.consent > 0),
        ("2", people.consent, (people.age >= model["assent_from"]) & (people.age < ADULT)),
        ("3", visit, crossing),
    )
    parts = []
    for kind, day, chosen in kinds:
        subject = np.flatnonzero(chosen)
        parts.append(np.stack([subject, day[subject], np.full(len(subject), int(kind))]))
    subject, day, kind = np.concatenate(parts, axis=1)
    order = np.lexsort((kind, subject))
    subject, day, kind = subject[order], day[order], kind[order]
    young = (people.age[subject] < ADULT) & (kind != _ASSENT)
    return {
        "subject": subject,
        "event": np.where(kind == _CROSSING, deciding, "SCR").astype(object),
        "saved": day,
        "type": kind.astype(str).astype(object),
        "day": day,
        "version": np.where(kind == _CROSSING, "X1.0", "V2.0").astype(object),
        "by": np.where(young, "2", "1").astype(object),
    }


def eligibility(random: Random, people: People, draws: Draws, words: Words) -> Records:
    """Criteria met, or for a screen failure the one criterion that is not.

    A subject who was randomized by mistake has an unmet criterion, although the form
    says that all are met.
    """
    size = len(people.arm)
    records = _everybody(people, "SCR", people.decided) | {
        "met": np.where(people.in_study, "1", "0").astype(object),
        "day": people.decided,
    }
    broken = np.where(people.in_study, draws["broken"], random.integers(1, 11, size))
    said = np.array([*words["criteria"], ""], dtype=object)
    records["comment"] = said[broken]
    for place in range(6):
        met = np.where(broken == place, "0", "1")
        records[f"inclusion_{place + 1}"] = met.astype(object)
    for place in range(5):
        violated = np.where(broken == 6 + place, "1", "0")
        records[f"exclusion_{place + 1}"] = violated.astype(object)
    return records


def randomizations(people: People, draws: Draws) -> Records:
    """One record per number given out, in order of time; a cancelled number was replaced."""
    order = np.flatnonzero(people.in_study)
    order = order[np.argsort(people.rank[order])]
    again = order[draws["reissued"][order] == 1]
    subject = np.r_[order, again]
    cancelled = np.r_[np.zeros(len(order)), np.ones(len(again))]
    moment = people.randomized[subject] - cancelled.astype(np.int64) * 45
    place = np.lexsort((cancelled, moment))
    subject, cancelled, moment = subject[place], cancelled[place], moment[place]
    number = np.where(cancelled == 1, _CANCELLED, 0) + people.rank[subject] + 1
    return {
        "subject": subject,
        "number": texts(number, lambda one: f"R{one:05d}"),
        "moment": moment,
        "arm": np.where(people.arm[subject] == 0, "A", "B").astype(object),
        "block": (people.rank[subject] // 4 + 1).astype(str).astype(object),
        "cancelled": cancelled.astype(np.int64).astype(str).astype(object),
    }


def adverse_events(
    random: Random, model: Words, words: Words, people: People, course: Course, events: Events
) -> Records:
    """One record per event; sites other than the first type Chinese and a translation."""
    kinds = catalogue(words)
    size, subject = len(events.subject), events.subject
    choice = random.integers(0, 12, size)
    english = np.array(
        [kinds[word]["english"][pick % len(kinds[word]["english"])] for word, pick in zip(
            events.word, choice, strict=True)],
        dtype=object,
    )  # fmt: skip
    plain = np.asarray(model["sites"]["ordinary_letters"])[people.site[subject]] == 1
    by_word = {
        name: np.array([kind[name] for kind in kinds], dtype=object)[events.word]
        for name in ("term", "soc", "special", "agent", "chinese")
    }
    timed = (by_word["special"] == "1") | (by_word["special"] == "2")
    minute = random.integers(0, DAY, size)
    severity = np.where(events.grade >= SEVERE, "Severe", "Moderate")
    return {
        "subject": subject,
        "event": _filled(size, "LOG"),
        "saved": events.start,
        "verbatim": np.where(plain, english, by_word["chinese"]).astype(object),
        "translation": np.where(plain, "", english).astype(object),
        "term": by_word["term"],
        "soc": by_word["soc"],
        "day": events.start,
        "time": np.where(timed, texts(minute, clock), "").astype(object),
        "finish": events.finish,
        "grade": np.where(events.chronic, severity, events.grade.astype(str)).astype(object),
        "special": by_word["special"],
        **_seriousness(random, model["event_shares"], events, by_word["special"]),
        **_relatedness(random, course, events, by_word["agent"]),
    }


def _yes(condition: Array) -> Array:
    return np.where(condition, "1", "0").astype(object)


def _seriousness(random: Random, shares: Words, events: Events, special: Array) -> Records:
    size = len(events.subject)
    fatal, threatening = events.grade == FATAL, events.grade == THREATENING
    hospital = (events.grade == SEVERE) & (random.random(size) < shares["hospital"])
    ongoing = (events.finish >= NEVER) & ~fatal
    sequelae = random.random(size) < shares["sequelae"]
    outcome = np.where(sequelae, "2", "1")
    recovering = np.where(random.random(size) < shares["recovering"], "3", "4")
    always = np.isin(special, shares["always_treated"]) & (events.grade >= MODERATE)
    outcome = np.where(ongoing, recovering, outcome)
    return {
        "ongoing": _yes(ongoing),
        "serious": _yes(fatal | threatening | hospital),
        "fatal": _yes(fatal),
        "threatening": _yes(threatening),
        "hospital": _yes(hospital),
        "never": _filled(size, "0"),
        "outcome": np.where(fatal, "5", outcome).astype(object),
        "action": np.where(random.random(size) < shares["action"], "1", "5").astype(object),
        "treated": _yes((random.random(size) < shares["treated"]) | always),
    }


def _relatedness(random: Random, course: Course, events: Events, agent: Array) -> Records:
    """Causality per agent; who did not receive an agent has no answer for it."""
    size = len(events.subject)
    answer = random.choice(np.array(["3", "4"]), size)
    received = [
        [
            (course.treatment[period] == which)[events.subject]
            & (course.first_dose[period][events.subject] <= events.start)
            for period in (0, 1)
        ]
        for which in (0, 1)
    ]
    car_t, control = (one[0] | one[1] for one in received)

    def related(exposed: Array, kind: str) -> Array:
        text = np.where((agent == kind) & exposed, answer, "1")
        return np.where(exposed, text, "").astype(object)

    return {
        "by_cells": related(car_t, "cells"),
        "by_depletion": related(car_t, "drugs"),
        "by_chemotherapy": related(control, "drugs"),
        "by_donor_cells": related(control, "cells"),
    }


def coded_terms(words: Words) -> Records:
    """One record per text that a coder has seen, with its preferred term and class."""
    rows = []
    for kind in catalogue(words):
        typed = [*kind["english"], kind["chinese"]]
        rows += [(text, kind["term"], kind["term"], kind["soc"]) for text in typed]
    rows = sorted(set(rows))
    columns = np.array(rows, dtype=object).T
    return dict(zip(("verbatim", "lowest", "term", "soc"), columns, strict=True))


def ends_of_treatment(
    people: People, course: Course, draws: Draws, last_dose: tuple[Array, Array]
) -> Records:
    """One record per treatment assigned or crossed to: why and when it ended."""
    parts = []
    for period in (0, 1):
        arm = people.arm if period == 0 else 1 - people.arm
        dosed = course.first_dose[period] < NEVER
        chosen = np.flatnonzero(people.in_study & (dosed | (period == 0)))
        last, end = last_dose[period][chosen], course.end[chosen]
        infused = course.infusion[period][chosen] < NEVER
        undosed = np.minimum(people.randomization_day[chosen] + 20, end)
        cancelled = np.minimum(course.first_dose[period][chosen] + 4, end)
        died = (course.death[chosen] < NEVER) & ~infused & dosed[chosen]
        stopped = np.where(died & (draws["stop"][chosen] > _ADVERSE), 4, draws["stop"][chosen])
        reason = np.where(infused, 1, stopped)
        day = np.where(infused, last, np.where(dosed[chosen], cancelled, undosed))
        parts.append(np.stack([chosen, day, reason, arm[chosen], chosen * 0 + period]))
    subject, day, reason, arm, period = np.concatenate(parts, axis=1)
    order = np.lexsort((period, subject))
    return {
        "subject": subject[order],
        "event": _filled(len(order), "LOG"),
        "saved": day[order],
        "treatment": np.where(arm[order] == 0, "A", "B").astype(object),
        "day": day[order],
        "reason": reason[order].astype(str).astype(object),
        "specify": _filled(len(order), ""),
    }


def ends_of_study(random: Random, people: People, course: Course, words: Words) -> Records:
    """One record per screened subject: how participation ended."""
    child = (people.age < ADULT) & (course.reason == WITHDREW)
    reason = np.where(child, 5, course.reason)
    return _everybody(people, "EOS", course.end) | {
        "day": course.end,
        "reason": reason.astype(str).astype(object),
        "specify": _specified(random, words["endings"], reason),
        "alive": np.where(course.reason == DIED, NEVER, course.end),
    }


def _specified(random: Random, endings: Words, reason: Array) -> Array:
    said = _filled(len(reason), "")
    for code, choices in endings.items():
        here = np.flatnonzero(reason == code)
        options = np.array(choices, dtype=object)
        said[here] = options[random.integers(0, len(options), len(here))]
    return said


def deaths(people: People, course: Course, draws: Draws) -> Records:
    """One record per death, and a second from the certificate where the first is partial."""
    died = np.flatnonzero((course.death < NEVER) & people.in_study)
    subject = np.repeat(died, 1 + draws["partial_death"][died])
    second = np.r_[False, subject[1:] == subject[:-1]][: len(subject)]
    size = len(subject)
    autopsy = np.where(course.cause[subject] == 1, "0", "9")
    return {
        "subject": subject,
        "event": _filled(size, "EOS"),
        "saved": course.death[subject],
        "day": course.death[subject],
        "source": np.where(second, "2", "1").astype(object),
        "cause": course.cause[subject].astype(str).astype(object),
        "specify": _filled(size, ""),
        "autopsy": autopsy.astype(object),
        "partial": (draws["partial_death"][subject] == 1) & ~second,
    }
