"""What an ideal analysis says of each subject: facts, and endpoints as rules over them.

A fact is a day per subject, `NEVER` where there is none. The rules are data
(``endpoints.yaml``); what remains here is to take the earliest day and compare.
"""

from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate import graft, residue
from cdisc.simulate.course import CROSS
from cdisc.simulate.model import MODERATE, NEVER, SEVERE, Array, Words, later, load
from cdisc.simulate.mrd import OUTSIDE, aspirate, attended
from cdisc.simulate.rendering import Records
from cdisc.simulate.visits import onsets

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

_MARROW = 1  # kind of relapse; 3 is both
EVENT, CENSORED, COMPETING = "0", "1", "2"
_FIELDS = ("usubjid", "endpoint", "value", "start", "day", "days", "censored", "reason")
_POSITIVE = 10  # hundredths of a percent


def facts(study: "Study") -> Records:
    """Return the days that endpoints are made of, shape (n,) each; see ``endpoints.yaml``.

    ``eligible`` is no day: True where a subject may cross over.
    """
    people, course, draws = study.people, study.course, study.draws
    kind = draws["relapse_kind"]

    def relapse(chosen: Array) -> Array:
        return np.where(chosen, course.relapse, NEVER)

    disease, residual, examined = _last_assessments(study)
    both = np.where((disease < 0) | (examined < 0), -1, np.minimum(disease, examined))
    return {
        "randomized": people.randomization_day,
        "infusion": course.infusion[0],
        "cross_dose": course.first_dose[1],
        "relapse": course.relapse,
        "relapse_marrow": relapse(kind != OUTSIDE),
        "relapse_marrow_only": relapse(kind == _MARROW),
        "relapse_outside": relapse(kind != _MARROW),
        "relapse_outside_only": relapse(kind == OUTSIDE),
        "death": course.death,
        "death_alone": np.where(course.relapse <= course.death, NEVER, course.death),
        "new_therapy": course.new_therapy,
        **_graft(study),
        "alive": np.where(people.in_study, course.end, NEVER),
        "disease": _known(disease),
        "residual": _known(residual),
        "graft": _known(examined),
        "free": _known(both),
        "eligible": _eligible(study),
    }


def _eligible(study: "Study") -> Array:
    """True where the marrow of month 3 is positive and nothing has come back."""
    marrows = aspirate(study)
    row = residue.selected(study, marrows, load("mrd")["truth"]["windows"]["three"])
    eligible = np.zeros(len(row), dtype=bool)
    who = np.flatnonzero(row >= 0)
    level, day = marrows.reported[row[who]], marrows.day[row[who]]
    eligible[who] = (level >= _POSITIVE) & (study.course.relapse[who] > day)
    return eligible


def _known(day: Array) -> Array:
    return np.where(day < 0, NEVER, day)


def _last_assessments(study: "Study") -> tuple[Array, Array, Array]:
    """Last days from randomization of disease, residual disease and GVHD; -1 for none."""
    marrows, visits, people = aspirate(study), study.visits, study.people
    days = onsets(study.course, study.draws)
    rows = attended(visits, study.model, load("graft")["forms"]["examination"], days)
    taken = marrows.taken
    found = []
    for subject, day in (
        (marrows.subject, marrows.day),
        (marrows.subject[taken], marrows.day[taken]),
        (visits.subject[rows], visits.day[rows]),
    ):
        last = np.full(len(people.arm), -1)
        after = day >= people.randomization_day[subject]
        np.maximum.at(last, subject[after], day[after])
        found.append(last)
    return found[0], found[1], found[2]


def _graft(study: "Study") -> Records:
    """First onsets of GVHD by grade, within participation."""
    course, draws = study.course, study.draws
    names = ("agvhd_two", "agvhd_three", "cgvhd_moderate", "cgvhd_severe", "cgvhd_systemic")
    first = {name: np.full(len(course.end), NEVER) for name in names}
    found = [("agvhd_two", onsets(course, draws)[-1]), ("agvhd_three", onsets(course, draws)[-1])]
    for period, prefix in enumerate(("", CROSS)):
        infusion, acute, chronic = (
            course.infusion[period],
            draws[prefix + "agvhd"],
            draws[prefix + "cgvhd"],
        )
        begin = later(infusion, draws[prefix + "agvhd_onset"])
        found.append(("agvhd_two", np.where(acute >= MODERATE, begin, NEVER)))
        found.append(("agvhd_three", np.where(acute >= SEVERE, begin, NEVER)))
        begin = later(infusion, draws[prefix + "cgvhd_onset"])
        treated = graft.systemic(draws, prefix) == 1
        found.append(("cgvhd_moderate", np.where(chronic >= MODERATE, begin, NEVER)))
        found.append(("cgvhd_severe", np.where(chronic >= SEVERE, begin, NEVER)))
        found.append(("cgvhd_systemic", np.where(treated, begin, NEVER)))
    for name, day in found:
        first[name] = np.minimum(first[name], np.where(day <= course.end, day, NEVER))
    return first


def times(known: Records, words: Words, who: Array) -> Records:
    """Return one record per subject and endpoint.

    Args:
        known: The facts.
        words: Content of ``endpoints.yaml``.
        who: Indices of the randomized subjects.
    """
    parts = [_time(known, rule, name, who) for name, rule in words["endpoints"].items()]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _time(known: Records, rule: Words, name: str, who: Array) -> Records:
    who = who[known[rule["start"]][who] < NEVER]
    start = known[rule["start"]][who]
    day, said = _earliest(known, rule["events"], who)
    other, named = _earliest(known, rule.get("competing", []), who)
    before = other < day
    day, said = np.where(before, other, day), np.where(before, named, said)
    number = np.where(before, COMPETING, EVENT).astype(object)
    if "until" in rule:
        until = rule["until"]
        limit = known[until["fact"]][who]
        cut = (limit < NEVER) & ((day > limit) | ((day == limit) & ("same_day" not in until)))
        day, said = np.where(cut, limit, day), np.where(cut, until["says"], said)
        number = np.where(cut, until["number"], number)
    last, why = _first(known, rule["censored"], who)
    open_ = day >= NEVER
    day, said = np.where(open_, last, day), np.where(open_, why, said)
    return {
        "subject": who,
        "endpoint": np.full(len(who), name, dtype=object),
        "value": np.full(len(who), "", dtype=object),
        "start": start,
        "day": np.maximum(day, start),
        "censored": np.where(open_, CENSORED, number).astype(object),
        "reason": said.astype(object),
    }


def _earliest(known: Records, choices: list[list[str]], who: Array) -> tuple[Array, Array]:
    day, said = np.full(len(who), NEVER), np.full(len(who), "", dtype=object)
    for fact, name in choices:
        here = known[fact][who] < day
        day, said = np.where(here, known[fact][who], day), np.where(here, name, said)
    return day, said


def _first(known: Records, choices: list[list[str]], who: Array) -> tuple[Array, Array]:
    """The first of the facts that a subject has, whenever it was."""
    day, said = np.full(len(who), NEVER), np.full(len(who), "", dtype=object)
    for fact, name in choices:
        here = (day >= NEVER) & (known[fact][who] < NEVER)
        day, said = np.where(here, known[fact][who], day), np.where(here, name, said)
    return day, said


def named(table: Records, usubjid: Array) -> Records:
    """Give endpoint records with ``subject`` (index) their identifiers and days."""
    here = (table["day"] < NEVER) & (table["start"] < NEVER)
    days = (table["day"] - table["start"] + 1).astype(str).astype(object)
    return table | {
        "usubjid": usubjid[table["subject"]],
        "days": np.where(here, days, "").astype(object),
    }


def joined(usubjids: Array, parts: list[Records]) -> Records:
    """Join endpoint records by subject, and then in the order of the parts.

    Args:
        usubjids: Identifiers in the order in which subjects are to come.
        parts: Records with ``usubjid``, ``endpoint``, ``value`` (Y, N or empty),
            ``start``, ``day`` (`NEVER` for none), ``days``, ``censored``, ``reason``.
    """
    table = {name: np.concatenate([part[name] for part in parts]) for name in _FIELDS}
    by_name = np.argsort(usubjids)
    place = by_name[np.searchsorted(usubjids, table["usubjid"], sorter=by_name)]
    order = np.lexsort((np.arange(len(place)), place))
    return {name: values[order] for name, values in table.items()}
