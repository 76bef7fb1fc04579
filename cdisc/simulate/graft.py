"""Graft-versus-host disease at each examination, its history, and the days of cytokine release.

The grades are those of the potential toxicity that came to pass; organs follow from
the grade, so that the parts always agree with the whole.
"""

from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate import history
from cdisc.simulate.assessment import at_visits
from cdisc.simulate.course import CROSS, Draws
from cdisc.simulate.model import (
    MODERATE,
    NEVER,
    SEVERE,
    THREATENING,
    Array,
    Random,
    Words,
    later,
    load,
)
from cdisc.simulate.mrd import attended
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Records
from cdisc.simulate.visits import onsets

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

_PERIODS = ("", CROSS)
_ORGANS = ("skin", "liver", "upper_gut", "lower_gut")
_SCORED = ("skin", "mouth", "eye", "gut", "liver", "lung", "joints", "genital")


def draw(random: Random, words: Words, people: People) -> Draws:
    """Draw whether chronic GVHD needs systemic therapy, and the GVHD of the past."""
    size, plan = len(people.arm), words["history"]
    draws = {
        f"{prefix}{name}": (random.random(size) < words["systemic"][kind]).astype(np.int64)
        for prefix in _PERIODS
        for name, kind in (("systemic_moderate", "moderate"), ("systemic_severe", "severe"))
    }
    acute, chronic = (words[name] for name in ("acute_grade", "chronic_severity"))
    past_acute = random.choice(np.array(acute["code"]), size, p=acute["share"])
    past_chronic = random.choice(np.array(chronic["code"]), size, p=chronic["share"])
    had = [random.random(size) < plan[name] for name in ("acute", "chronic")]
    left = had[1] & (random.random(size) < plan["mild_left"])
    controlled = (had[0] | had[1]) & (random.random(size) < plan["controlled"])
    return draws | {
        "past_acute": np.where(had[0], past_acute, 0),
        "past_chronic": np.where(had[1], past_chronic, 0),
        "gvhd_controlled": (controlled | left).astype(np.int64),
        "mild_left": left.astype(np.int64),
    }


def records(study: "Study") -> dict[str, Records]:
    """Return the record tables of these forms, by name in forms.yaml."""
    words = load("graft")
    return {
        "graft_examinations": examinations(study, words),
        "graft_histories": histories(study, words),
        "toxicity_days": toxicity_days(study, words),
    }


def systemic(draws: Draws, prefix: str) -> Array:
    """Return 1 where the chronic GVHD of a period needs systemic therapy."""
    severe = draws[f"{prefix}cgvhd"] >= SEVERE
    needs = np.where(severe, draws[f"{prefix}systemic_severe"], draws[f"{prefix}systemic_moderate"])
    return np.where(draws[f"{prefix}cgvhd"] >= MODERATE, needs, 0)


def states(study: "Study", subject: Array, day: Array) -> Records:
    """Return the grade of acute and the severity of chronic GVHD on days, with onsets.

    Args:
        study: The true study.
        subject: Index per row.
        day: Day per row.
    """
    words, draws, course = load("graft"), study.draws, study.course
    zero = np.zeros(len(subject), dtype=np.int64)
    state = {"acute": zero, "chronic": draws["mild_left"][subject].astype(np.int64)}
    began = _past(study)[1][subject]
    state |= {"acute_onset": zero + NEVER, "systemic": zero}
    state["chronic_onset"] = np.where(state["chronic"] > 0, began, NEVER)
    for period, prefix in enumerate(_PERIODS):
        grade = draws[prefix + "agvhd"][subject]
        onset = later(course.infusion[period], draws[prefix + "agvhd_onset"])[subject]
        plan = words["acute_days"]
        last = later(onset, plan["least"] + plan["per_grade"] * grade)
        settled = day > last - words["acute"]["settles"]
        now = np.where((day >= onset) & (day <= last), np.where(settled, 1, grade), 0)
        now = np.where(grade > 0, now, 0)
        state["acute_onset"] = np.where(now > state["acute"], onset, state["acute_onset"])
        state["acute"] = np.maximum(state["acute"], now)
        severity = draws[prefix + "cgvhd"][subject]
        onset = later(course.infusion[period], draws[prefix + "cgvhd_onset"])[subject]
        now = np.where(day >= onset, severity, 0)
        worse = now > state["chronic"]
        state["chronic_onset"] = np.where(worse, onset, state["chronic_onset"])
        state["chronic"] = np.maximum(state["chronic"], now)
        needs = np.where(now > 0, systemic(draws, prefix)[subject], 0)
        state["systemic"] = np.maximum(state["systemic"], needs)
    fatal = day == onsets(course, draws)[-1][subject]
    state["acute_onset"] = np.where(fatal & (state["acute"] < SEVERE), day, state["acute_onset"])
    state["acute"] = np.where(fatal, THREATENING, state["acute"])
    return state


def examinations(study: "Study", words: Words) -> Records:
    """One record per examination for GVHD: organs, overall grades, onsets."""
    random, visits = study.stream("gvhd", "examinations"), study.visits
    rows = attended(
        visits, study.model, words["forms"]["examination"], onsets(study.course, study.draws)
    )
    rows = rows[study.people.in_study[visits.subject[rows]]]
    subject, day = visits.subject[rows], visits.day[rows]
    state = states(study, subject, day)
    stages = _parts(random, words["stages"], state["acute"])
    scores = _parts(random, words["scores"], state["chronic"])
    asked = np.where(state["chronic"] > 0, state["systemic"].astype(str), "")
    return at_visits(visits, rows) | {
        **{f"acute_{name}": stages[:, place] for place, name in enumerate(_ORGANS)},
        **{f"chronic_{name}": scores[:, place] for place, name in enumerate(_SCORED)},
        "acute": _code(state["acute"]),
        "acute_onset": state["acute_onset"],
        "chronic": _code(state["chronic"]),
        "chronic_onset": state["chronic_onset"],
        "systemic": asked.astype(object),
    }


def truth(study: "Study", names: Array) -> Records:
    """Return the true grades at each examination.

    Args:
        study: The true study.
        names: Unique identifier per screened subject.
    """
    table = examinations(study, load("graft"))
    kept = ("event", "day", "acute", "acute_onset", "chronic", "chronic_onset", "systemic")
    return {"usubjid": names[table["subject"]]} | {name: table[name] for name in kept}


def _code(grade: Array) -> Array:
    return grade.astype(str).astype(object)


def _parts(random: Random, patterns: list[list[list[int]]], grade: Array) -> Array:
    """Choose for each row one of the patterns of its grade; shape (n, parts)."""
    share = random.random(len(grade))
    chosen = np.zeros((len(grade), len(patterns[0][0])), dtype=np.int64)
    for place, choices in enumerate(patterns):
        here = grade == place
        pick = np.floor(share[here] * len(choices)).astype(np.int64)
        chosen[here] = np.array(choices)[pick]
    return chosen.astype(str).astype(object)


def _past(study: "Study") -> tuple[Array, Array]:
    """Days on which the acute and the chronic GVHD of the past began; `NEVER` without."""
    words, people, draws = load("graft"), study.people, study.draws
    transplant = history.remember(study.stream("history"), load("history"), people).transplant
    random = study.stream("gvhd", "past")
    days = []
    for name, had in (("acute_after", "past_acute"), ("chronic_after", "past_chronic")):
        low, high = words[name]
        share = random.uniform(low, high, len(people.arm))
        day = transplant + np.ceil(share * (people.consent - transplant)).astype(np.int64)
        days.append(np.where(draws[had] > 0, day, NEVER))
    return days[0], days[1]


def histories(study: "Study", words: Words) -> Records:
    """The GVHD before the study, of every randomized subject."""
    visits, draws = study.visits, study.draws
    rows = attended(visits, study.model, words["forms"]["history"], [])
    rows = rows[study.people.in_study[visits.subject[rows]]]
    subject = visits.subject[rows]
    acute, chronic = _past(study)
    had = [draws[name][subject] for name in ("past_acute", "past_chronic")]
    return at_visits(visits, rows) | {
        "acute": _code((had[0] > 0).astype(np.int64)),
        "grade": np.where(had[0] > 0, had[0].astype(str), "").astype(object),
        "acute_onset": acute[subject],
        "chronic": _code((had[1] > 0).astype(np.int64)),
        "severity": np.where(had[1] > 0, had[1].astype(str), "").astype(object),
        "chronic_onset": chronic[subject],
        "active": _code(draws["gvhd_controlled"][subject]),
    }


def toxicity_days(study: "Study", words: Words) -> Records:
    """One record per day after each infusion of cells: grades and their parts."""
    random, course = study.stream("gvhd", "toxicity_days"), study.course
    parts = []
    for period in (0, 1):
        who = np.flatnonzero((course.treatment[period] == 0) & (course.infusion[period] < NEVER))
        day = course.infusion[period][who][:, None] + np.arange(words["days"] + 1)
        subject = np.broadcast_to(who[:, None], day.shape)
        here = day <= course.end[who][:, None]
        if period == 0:
            here &= day < course.first_dose[1][who][:, None]
        grades = _daily(study.draws, _PERIODS[period], subject[here], day[here], course.infusion)
        parts.append(
            {
                "subject": subject[here],
                "day": day[here],
                "release": grades[0],
                "brain": grades[1],
            }
        )
    table = {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}
    order = np.lexsort((table["day"], table["subject"]))
    subject, day, release, brain = (values[order] for values in table.values())
    size = len(subject)
    low, high = np.array(words["consciousness"])[brain].T.reshape(2, size)
    score = low + np.floor(random.random(size) * (high - low + 1)).astype(np.int64)
    return {
        "subject": subject,
        "event": np.full(size, "LOG", dtype=object),
        "saved": day,
        "day": day,
        "release": _code(release),
        "fever": _code((release > 0).astype(np.int64)),
        "pressure": _code(np.array(words["pressure"])[release]),
        "oxygen": _code(np.array(words["oxygen"])[release]),
        "brain": _code(brain),
        "score": _code(score),
    }


def _daily(
    draws: Draws, prefix: str, subject: Array, day: Array, infusion: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Grades of cytokine release and neurotoxicity: up to the worst, then down again."""
    begin = later(infusion[1 if prefix else 0], draws[prefix + "crs_onset"])[subject]
    days, worst = draws[prefix + "crs_days"][subject], draws[prefix + "crs"][subject]
    release = _course(day - begin, days, worst)
    brain = _course(day - begin - days // 2, days + 2 - days // 2, draws[prefix + "icans"][subject])
    return release, brain


def _course(since: Array, days: Array, worst: Array) -> Array:
    """Grade since the onset: the worst after a third of the days, grade 1 at both ends."""
    top = days // 3
    rise = 1 + since
    fall = np.maximum(days - since, 1)
    grade = np.where(since == top, worst, np.where(since < top, rise, fall))
    grade = np.where((since >= 0) & (since <= days), np.minimum(grade, worst), 0)
    return np.where(worst > 0, grade, 0)
