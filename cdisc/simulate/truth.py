"""The true course, written from the latent layer and never from converted data."""

from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate.model import NEVER, Array, Words
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records, texts
from cdisc.simulate.toxicity import Interval

if TYPE_CHECKING:
    from cdisc.simulate.study import Study


def _said(codes: Array, words: dict[int, str]) -> Array:
    return texts(codes, lambda one: str(words[one]))


def subjects(study: "Study", known: Records, words: Words) -> Records:
    """Return one record per randomized subject, in order of randomization.

    Args:
        study: The true study.
        known: The facts of `endpoints.facts`.
        words: Words of the truth files.
    """
    people, course, draws = study.people, study.course, study.draws
    who = in_order(people)
    relapsed = np.where(course.relapse < NEVER, draws["relapse_kind"], 0)
    marker = np.where(relapsed > 0, _flag(draws["cd19_negative"] == 1), "")
    table = known | {
        "usubjid": usubjids(people, words),
        "number": texts(people.rank + 1, lambda one: f"R{one:05d}"),
        "arm": np.array(words["arms"], dtype=object)[people.arm],
        "treated": _flag(course.infusion[0] < NEVER),
        "first_dose": course.first_dose[0],
        "eligible": _flag(known["eligible"]),
        "cross_infusion": course.infusion[1],
        "end": course.end,
        "reason": _said(course.reason, words["reasons"]),
        "relapse_kind": _said(relapsed, words["relapses"] | {0: ""}),
        "cd19_negative": marker.astype(object),
        "cause": _said(course.cause, words["causes"]),
        "script": _script(people, study.script),
    }
    return {name: values[who] for name, values in table.items()}


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


def _flag(condition: Array) -> Array:
    return np.asarray(np.where(condition, "Y", "N"), dtype=object)


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
