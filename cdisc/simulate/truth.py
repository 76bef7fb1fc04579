"""The true course, written from the latent layer and never from converted data."""

import numpy as np

from cdisc.simulate.course import Course, Draws
from cdisc.simulate.model import NEVER, Array, Words
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, texts
from cdisc.simulate.toxicity import Events, Interval


def _said(codes: Array, words: dict[int, str]) -> Array:
    return texts(codes, lambda one: str(words[one]))


def subjects(
    people: People, course: Course, draws: Draws, events: Events, words: Words, script: Words
) -> Records:
    """One record per randomized subject, in order of randomization."""
    who = in_order(people)
    identifiers = usubjids(people, words)
    graft = {
        name: _first(events, len(people.arm), words[f"{name}_word"], grade)
        for name, grade in (("agvhd", 2), ("cgvhd", 2))
    }
    severe = {name: _first(events, len(people.arm), words[f"{name}_word"], 3) for name in graft}
    relapsed = np.where(course.relapse < NEVER, draws["relapse_kind"], 0)
    table = {
        "usubjid": identifiers,
        "number": texts(people.rank + 1, lambda one: f"R{one:05d}"),
        "arm": np.array(words["arms"], dtype=object)[people.arm],
        "randomized": people.randomization_day,
        "treated": _flag(course.infusion[0] < NEVER),
        "first_dose": course.first_dose[0],
        "infusion": course.infusion[0],
        "eligible": _flag(course.eligible),
        "cross_dose": course.first_dose[1],
        "cross_infusion": course.infusion[1],
        "end": course.end,
        "reason": _said(course.reason, words["reasons"]),
        "relapse": course.relapse,
        "relapse_kind": _said(relapsed, words["relapses"] | {0: ""}),
        "cd19_negative": np.where(relapsed > 0, _flag(draws["cd19_negative"] == 1), "").astype(
            object
        ),
        "death": course.death,
        "cause": _said(course.cause, words["causes"]),
        "agvhd_two": graft["agvhd"],
        "agvhd_three": severe["agvhd"],
        "cgvhd_moderate": graft["cgvhd"],
        "cgvhd_severe": severe["cgvhd"],
        "new_therapy": course.new_therapy,
        "alive": course.end,
        "script": _script(people, script),
    }
    return {name: values[who] for name, values in table.items()}


def endpoints(people: People, course: Course, words: Words) -> Records:
    """Overall survival: death, or censored on the last day known alive."""
    who = in_order(people)
    died = course.death[who] < NEVER
    start, day = people.randomization_day[who], course.end[who]
    size = len(who)
    return {
        "usubjid": usubjids(people, words)[who],
        "endpoint": np.full(size, words["overall_survival"], dtype=object),
        "start": start,
        "day": day,
        "days": day - start + 1,
        "censored": _pick(died, "0", "1"),
        "reason": _pick(died, words["death"], words["alive"]),
    }


def intervals(people: People, severe: list[list[Interval]], words: Words) -> Records:
    """One record per severe cytopenia of a lineage, in order of subject."""
    rows, names = [], [one.lineage for one in severe[0]]
    for period, lineages in enumerate(severe):
        for place, one in enumerate(lineages):
            who = np.flatnonzero((one.start < NEVER) & people.in_study)
            same = np.full(len(who), 1)
            columns = [who, same * place, same * (period + 1)]
            rows.append(np.stack([*columns, one.start[who], one.finish[who], one.grade[who]]))
    table = np.concatenate(rows, axis=1)
    who, place, period, start, finish, grade = np.asarray(
        table[:, np.lexsort((table[3], table[1], table[0]))]
    )
    return {
        "usubjid": usubjids(people, words)[who],
        "lineage": np.array(names, dtype=object)[place],
        "period": period,
        "start": start,
        "finish": finish,
        "grade": grade,
    }


def in_order(people: People) -> Array:
    """Return the randomized subjects in order of randomization."""
    who = np.flatnonzero(people.in_study)
    return np.asarray(who[np.argsort(people.rank[who])])


def labels(people: People, sites: list[str]) -> Array:
    """Return the subject identifier of the EDC, site and number."""
    site = np.array(sites, dtype=object)[people.site]
    return np.asarray(site + "-" + texts(people.number, str))


def usubjids(people: People, words: Words) -> Array:
    """Return the unique subject identifier."""
    return np.asarray(words["prefix"] + labels(people, words["sites"]))


def _pick(condition: Array, yes: str, no: str) -> Array:
    return np.asarray(np.where(condition, yes, no), dtype=object)


def _flag(condition: Array) -> Array:
    return _pick(condition, "Y", "N")


def _first(events: Events, size: int, word: int, grade: int) -> Array:
    day = np.full(size, NEVER)
    chosen = (events.word == word) & (events.grade >= grade)
    np.minimum.at(day, events.subject[chosen], events.start[chosen])
    return day


def _script(people: People, script: Words) -> Array:
    said = np.full(len(people.arm), "", dtype=object)
    order = in_order(people)
    by_arm = [order[people.arm[order] == arm] for arm in (0, 1)]
    for name, line in script.items():
        members = by_arm["CD".index(line["who"][0])]
        place = int(line["who"][1:]) - 1
        if place < len(members):
            said[members[place]] = name
    return said
