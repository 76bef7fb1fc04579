"""The truth about residual disease: every sample, and the endpoints that rest on them.

Written by comparing days of the latent course, in the words of the analysis plan; it
shares nothing with the derivations of the toolkit that it is there to check.
"""

from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate.model import NEVER, Array, Words, load
from cdisc.simulate.mrd import DRY, Marrows
from cdisc.simulate.rendering import Records, texts
from cdisc.simulate.truth import in_order, usubjids

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

_EVENT, _CENSORED, _COMPETING, _CROSSED, _THERAPY = range(5)
_NOT_ONE = -1  # no answer


def samples(study: "Study", words: Words, marrows: Marrows) -> Records:
    """One record per sample that was examined for residual disease, marrow or else blood."""
    plan, rows = load("mrd")["truth"], np.flatnonzero(marrows.taken)
    chosen = np.zeros(len(marrows.day), dtype=bool)
    first = selected(study, marrows, plan["windows"]["three"])
    chosen[first[first >= 0]] = True
    specimen = np.array(plan["specimens"], dtype=object)
    dry = (marrows.quality[rows] == DRY).astype(np.int64)
    return {
        "usubjid": usubjids(study.people, words)[marrows.subject[rows]],
        "day": marrows.day[rows],
        "visit": study.visits.event[marrows.visit[rows]],
        "specimen": specimen[dry],
        "percent": np.char.mod("%.6f", marrows.percent[rows]).astype(object),
        "reported": texts(
            marrows.reported[rows], lambda one: f"{one / 100:.2f}" if one else "<0.01"
        ),
        "primary": np.where(chosen[rows], "Y", "N").astype(object),
    }


def selected(study: "Study", marrows: Marrows, window: list[int]) -> Array:
    """Return per subject the marrow that stands for an analysis window, -1 for none.

    Marrow before blood, then nearest to the target, then the later one.

    Args:
        study: The true study.
        marrows: Of `aspirate`.
        window: First, last and target day; the day of the infusion is day 1.
    """
    first, last, target = window
    infusion, dose = study.course.infusion[0], study.course.first_dose[0]
    start = np.where(dose < NEVER, dose, study.people.randomization_day)
    anchor = np.where(infusion < NEVER, infusion, start)[marrows.subject]
    day = marrows.day - anchor + 1
    able = marrows.taken & (day >= first) & (day <= last)
    dry = marrows.quality == DRY
    order = np.lexsort((-day, np.abs(day - target), dry, ~able, marrows.subject))
    subject = marrows.subject[order]
    leading = np.r_[True, subject[1:] != subject[:-1]][: len(order)]
    found = np.full(len(study.people.arm), -1)
    found[subject[leading]] = np.where(able[order[leading]], order[leading], -1)
    return found


def endpoints(study: "Study", words: Words, marrows: Marrows) -> Records:
    """One record per randomized subject and endpoint of residual disease."""
    plan = load("mrd")["truth"]
    negative, back = _firsts(study, marrows)
    parts = [
        _month_three(study, plan, marrows, plan["primary"], 10),
        _month_three(study, plan, marrows, plan["deeper"], 1),
        _month_twelve(study, plan, marrows),
        _dated(plan["first_negative"], negative),
        _dated(plan["back"], back),
        _until_negative(study, plan, marrows, negative),
        _until_back(study, plan, marrows, (negative, back)),
    ]
    who, names = in_order(study.people), usubjids(study.people, words)
    rows = [_finished(part, who, names) for part in parts]
    return {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}


def _finished(part: Records, who: Array, names: Array) -> Records:
    """Keep the randomized subjects to whom the endpoint applies, and count the days."""
    who = who[part["applies"][who]]
    part = {name: values[who] for name, values in part.items()}
    timed = (part["start"] < NEVER) & (part["day"] < NEVER)
    days = np.where(timed, part["day"] - part["start"] + 1, -1)
    return {
        "usubjid": names[who],
        "endpoint": part["endpoint"],
        "value": part["value"],
        "start": part["start"],
        "day": part["day"],
        "days": texts(days, lambda one: str(one) if one > 0 else ""),
        "censored": texts(part["censored"], lambda one: str(one) if one >= 0 else ""),
        "reason": part["reason"],
    }


def _answers(endpoint: str, value: Array, day: Array, reason: Array) -> Records:
    """An endpoint that is an answer, not a time."""
    size = len(value)
    return {
        "endpoint": np.full(size, endpoint, dtype=object),
        "value": value.astype(object),
        "start": np.full(size, NEVER),
        "day": day,
        "censored": np.full(size, _NOT_ONE),
        "reason": reason.astype(object),
        "applies": np.ones(size, dtype=bool),
    }


def _times(endpoint: str, start: Array, day: Array, censored: Array, reason: Array) -> Records:
    size = len(day)
    return {
        "endpoint": np.full(size, endpoint, dtype=object),
        "value": np.full(size, "", dtype=object),
        "start": start,
        "day": np.maximum(day, start),
        "censored": censored,
        "reason": reason.astype(object),
        "applies": start < NEVER,
    }


def _of(marrows: Marrows, row: Array) -> tuple[Array, Array]:
    """Day and level of the chosen marrow of each subject; `NEVER` and 0 without one."""
    if not len(marrows.day):
        return np.full(len(row), NEVER), np.zeros(len(row), dtype=np.int64)
    day = np.where(row >= 0, marrows.day[row], NEVER)
    return day, np.where(row >= 0, marrows.reported[row], 0)


def _month_three(
    study: "Study", plan: Words, marrows: Marrows, endpoint: str, limit: int
) -> Records:
    """The seven cases in their order; the first that holds decides."""
    course, people = study.course, study.people
    day, level = _of(marrows, selected(study, marrows, plan["windows"]["three"]))
    infused = course.infusion[0] < NEVER
    end = np.where(infused, course.infusion[0], people.randomization_day) + plan["late"]
    until = np.where(day < NEVER, day, end)
    therapy = np.minimum(course.new_therapy, course.first_dose[1])
    cases = [
        ((course.death <= end) & (day > course.death), course.death),
        (course.relapse <= until, course.relapse),
        ((therapy < day) & (day < NEVER), therapy),
        (~infused, np.full(len(day), NEVER)),
        (day >= NEVER, day),
        (level < limit, day),
        (level >= limit, day),
    ]
    case = np.argmax([holds for holds, _ in cases], axis=0)
    when = np.choose(case, [one for _, one in cases])
    value = np.where(case == len(cases) - 2, "Y", "N")
    return _answers(endpoint, value, when, np.array(plan["reasons"], dtype=object)[case])


def _month_twelve(study: "Study", plan: Words, marrows: Marrows) -> Records:
    course = study.course
    day, level = _of(marrows, selected(study, marrows, plan["windows"]["twelve"]))
    cases = [
        (course.relapse < NEVER) & (course.relapse <= day),
        (course.death < NEVER) & (course.death <= day),
        day >= NEVER,
        level < 10,  # noqa: PLR2004  hundredths of a percent
        np.ones(len(day), dtype=bool),
    ]
    case = np.argmax(cases, axis=0)
    value = np.array(["", "", "", "N", "Y"], dtype=object)[case]
    when = np.choose(case, [course.relapse, course.death, day, day, day])
    reason = np.array(plan["late_reasons"], dtype=object)[case]
    return _answers(plan["late_positive"], value, when, reason)


def _firsts(study: "Study", marrows: Marrows) -> tuple[Array, Array]:
    """Days of the first negative sample after treatment and of the first positive after it."""
    course, subject, day = study.course, marrows.subject, marrows.day
    stop = np.minimum(np.minimum(course.relapse, course.new_therapy), course.first_dose[1])
    clear = marrows.taken & (marrows.reported < 10)  # noqa: PLR2004  hundredths of a percent
    after = (day > course.first_dose[0][subject]) & (course.first_dose[0][subject] < NEVER)
    negative = _earliest(study, marrows, clear & after & (day < stop[subject]))
    positive = marrows.taken & (marrows.reported >= 10)  # noqa: PLR2004  the same threshold
    again = positive & (day > negative[subject]) & (day < course.relapse[subject])
    return negative, _earliest(study, marrows, again)


def _earliest(study: "Study", marrows: Marrows, chosen: Array) -> Array:
    first = np.full(len(study.people.arm), NEVER)
    np.minimum.at(first, marrows.subject[chosen], marrows.day[chosen])
    return first


def _dated(endpoint: str, day: Array) -> Records:
    value = np.where(day < NEVER, "Y", "N")
    return _answers(endpoint, value, day, np.full(len(day), "", dtype=object))


def _last(study: "Study", marrows: Marrows) -> Array:
    """The day of the last sample after randomization, -1 without."""
    last = np.full(len(study.people.arm), -1)
    chosen = marrows.taken & (marrows.day >= study.people.randomization_day[marrows.subject])
    np.maximum.at(last, marrows.subject[chosen], marrows.day[chosen])
    return last


def _competing(study: "Study", plan: Words) -> tuple[Array, Array]:
    """Day and name of relapse or death, whichever comes first; relapse on the same day."""
    course, names = study.course, plan["events"]
    relapsed = course.relapse <= course.death
    day = np.minimum(course.relapse, course.death)
    return day, np.where(relapsed, names["relapse"], names["death"]).astype(object)


def _until_negative(study: "Study", plan: Words, marrows: Marrows, negative: Array) -> Records:
    """Negativity; relapse or death compete until another therapy ends the observation."""
    course, stops = study.course, plan["stops"]
    start, last = course.infusion[0], _last(study, marrows)
    rival, name = _competing(study, plan)
    stop = np.minimum(course.new_therapy, course.first_dose[1])
    therapy = course.new_therapy <= course.first_dose[1]
    cases = [
        ((negative < NEVER) & (negative <= rival), negative, _EVENT, plan["events"]["negative"]),
        ((rival < NEVER) & (rival <= stop), rival, _COMPETING, name),
        ((stop < NEVER) & therapy, stop, _THERAPY, stops["therapy"]),
        (stop < NEVER, stop, _CROSSED, stops["cross"]),
        (last >= 0, last, _CENSORED, stops["last"]),
        (last < 0, start, _CENSORED, stops["infusion"]),
    ]
    return _decided(plan["until_negative"], start, cases)


def _until_back(
    study: "Study", plan: Words, marrows: Marrows, firsts: tuple[Array, Array]
) -> Records:
    """Positivity again, counted from the first negative sample."""
    start, back = firsts
    stops, last = plan["stops"], _last(study, marrows)
    rival, name = _competing(study, plan)
    cases = [
        ((back < NEVER) & (back <= rival), back, _EVENT, plan["events"]["back"]),
        (rival < NEVER, rival, _COMPETING, name),
        (last >= 0, last, _CENSORED, stops["last"]),
        (last < 0, start, _CENSORED, stops["first"]),
    ]
    return _decided(plan["until_back"], start, cases)


def _decided(
    endpoint: str, start: Array, cases: list[tuple[Array, Array, int, str | Array]]
) -> Records:
    """Take day, code and words of the first case that holds."""
    size = len(start)
    case = np.argmax([holds for holds, _, _, _ in cases], axis=0)
    day = np.choose(case, [one for _, one, _, _ in cases])
    code = np.array([one for _, _, one, _ in cases])[case]
    said = np.stack([np.broadcast_to(np.asarray(one, dtype=object), (size,)) for *_, one in cases])
    return _times(endpoint, start, day, code, said[case, np.arange(size)])
