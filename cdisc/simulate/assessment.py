"""Records of what the marrow, the blood and the rest of the body show of the disease.

Flow cytometry of the marrow and of the blood, morphology of the marrow, disease outside
the marrow, and what the investigator concludes. All of it tells the truth of `mrd`.
"""

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate.model import NEVER, Array, Random, Words, load, ranged
from cdisc.simulate.mrd import BLOOD, DRY, FLUID, OUTSIDE, Marrows, aspirate, attended
from cdisc.simulate.rendering import Records, numbers, texts
from cdisc.simulate.visits import Visits

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

_MARKED, _LOST, _B, _T, _CELLS = range(5)  # populations


def records(study: "Study") -> dict[str, Records]:
    """Return the record tables of the disease assessments, by name in forms.yaml."""
    marrows, words = aspirate(study), load("assessment")
    return {
        "flow_results": flow(study, words["flow"], words["counts"], marrows),
        "marrows": morphology(study.stream("mrd", "morphology"), words["marrow"], study, marrows),
        "sites_outside": outside(study.stream("mrd", "outside"), words["outside"], study),
        "responses": responses(study.stream("mrd", "responses"), words["response"], study, marrows),
    }


def at_visits(visits: Visits, rows: Array) -> Records:
    """Return the fields that every form of a visit has."""
    return {
        "subject": visits.subject[rows],
        "event": visits.event[rows],
        "sequence": visits.sequence[rows],
        "saved": visits.day[rows],
        "day": visits.day[rows],
    }


def percents(hundredths: Array, below: str) -> Array:
    """Say hundredths of a percent; 0 is below detection."""
    return texts(hundredths, lambda one: f"{one / 100:.2f}" if one else below)


def span(random: Random, limits: list[float], size: int) -> Array:
    """Draw numbers from a range."""
    low, high = limits
    return np.asarray(random.uniform(low, high, size))


def flow(study: "Study", words: Words, counts: Words, marrows: Marrows) -> Records:
    """One record per population that was counted, by subject, day and specimen."""
    random = study.stream("mrd", "flow")
    parts = [_marrow_cells(study, words, marrows), _fluid_cells(random, study, words)]
    parts.append(_blood_cells(random, study, counts))
    table = {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}
    order = np.lexsort(tuple(table[name] for name in ("population", "specimen", "day", "subject")))
    table = {name: values[order] for name, values in table.items()}
    return noted(study, words, _written(random, study, words, table))


def noted(study: "Study", words: Words, table: Records) -> Records:
    """Write some levels in another notation, and keep what was usual where it was changed.

    A positive level may be a fraction, a ratio, or carry its unit; a level below
    detection may be said in words. The results of the script are fractions.
    """
    plan, level = study.dirt["notations"], table["level"]
    random = study.stream("dirt", "notations")
    share, word = random.random(len(level)), random.integers(0, 1 << 16, len(level))
    limits = np.cumsum([plan[name] for name in ("fraction", "ratio", "percent")])
    way = (share[:, None] >= limits).sum(axis=1)
    way = np.where(level > 0, np.where(table["fraction"], 0, way), 3)
    silent = (level == 0) & (share < plan["words"])
    result, unit = table["result"], table["unit"]
    ways = [
        (texts(level, fraction), words["fraction_unit"]),
        (texts(level, lambda one: str(Fraction(max(one, 0), 10_000))), ""),
        (np.asarray(result + unit, dtype=object), ""),
        (result, unit),
    ]
    said = np.array(words["undetected"], dtype=object)[word % len(words["undetected"])]
    now = np.select([way == place for place in range(4)], [one for one, _ in ways])
    units = [np.broadcast_to(np.asarray(one, dtype=object), unit.shape) for _, one in ways]
    other = way < len(ways) - 1
    return table | {
        "result": np.where(silent, said, now).astype(object),
        "unit": np.select([way == place for place in range(4)], units),
        "notation_clean": np.where(other, result, "").astype(object),
        "notation_unit": np.where(other, unit, "").astype(object),
        "undetected_clean": np.where(silent, result, "").astype(object),
    }


def fraction(hundredths: int) -> str:
    """Write hundredths of a percent as a fraction of one, ``3.5E-3``."""
    digits, _, power = f"{max(hundredths, 0) / 10_000:.3E}".partition("E")
    return f"{digits.rstrip('0').rstrip('.')}E{int(power)}"


def _marrow_cells(study: "Study", words: Words, marrows: Marrows) -> Records:
    """Both abnormal populations; the second only after cells that aim at the marker."""
    course, taken = study.course, marrows.taken
    first, second = (one[marrows.subject] for one in course.infusion)
    aimed = (course.treatment[0][marrows.subject] == 0) & (marrows.day > first)
    aimed |= (course.treatment[1][marrows.subject] == 0) & (marrows.day > second)
    parts = []
    for population, chosen, level in (
        (_MARKED, taken, marrows.reported),
        (_LOST, taken & (aimed | marrows.relapsed), marrows.lost),
    ):
        comment = np.array(["", words["comment"]["dilute"], words["comment"]["dry"]], dtype=object)
        parts.append(
            {
                "subject": marrows.subject[chosen],
                "day": marrows.day[chosen],
                "specimen": np.where(marrows.quality[chosen] == DRY, BLOOD, 0),
                "population": np.full(int(chosen.sum()), population),
                "result": percents(level[chosen], words["below"]),
                "level": level[chosen],
                "comment": comment[marrows.quality[chosen] - 1],
                "fraction": (population == _MARKED) & _in_fractions(study, marrows)[chosen],
            }
        )
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}


def _in_fractions(study: "Study", marrows: Marrows) -> Array:
    """The marrow of month three of the subjects whom the script gives a fraction."""
    month = study.visits.event[marrows.visit] == load("mrd")["month_three"]
    return np.asarray(month & (study.draws["mrd_fraction"][marrows.subject] == 1))


def _fluid_cells(random: Random, study: "Study", words: Words) -> Records:
    """Cells in the cerebrospinal fluid on the day of a relapse there."""
    course, draws, plan = study.course, study.draws, load("mrd")
    here = (course.relapse < NEVER) & (draws["relapse_kind"] >= OUTSIDE)
    here &= draws["relapse_site"] == int(plan["site"]["fluid"])
    who = np.flatnonzero(here)
    level: Array = np.round(span(random, plan["fluid"], len(who)) * 100).astype(np.int64)
    lost = draws["cd19_negative"][who] == 1
    return {
        "subject": who,
        "day": course.relapse[who],
        "specimen": np.full(len(who), FLUID),
        "population": np.where(lost, _LOST, _MARKED),
        "result": percents(level, words["below"]),
        "level": level,
        "comment": np.full(len(who), "", dtype=object),
        "fraction": np.zeros(len(who), dtype=bool),
    }


def _blood_cells(random: Random, study: "Study", words: Words) -> Records:
    """Lymphocytes and infused cells in the blood of who is given such cells."""
    visits, course = study.visits, study.course
    rows = attended(visits, study.model, words["form"], [])
    crossed = course.treatment[1] == 0
    meant = (study.people.arm == 0)[visits.subject[rows]]
    meant |= crossed[visits.subject[rows]] & (visits.period[rows] == 1)
    rows = rows[meant]
    subject, day = visits.subject[rows], visits.day[rows]
    given = np.where(crossed, course.infusion[1], course.infusion[0])[subject]
    since = np.where(given < NEVER, day - given, -1)
    parts = []
    for population, said in (
        (_B, _b_cells(random, words["b_cells"], len(study.people.arm), subject, since)),
        (_T, numbers(_around(random, words["t_cells"], len(rows)), 0)),
        (_CELLS, _infused(random, words["car_cells"], since)),
    ):
        chosen = (since > 0) | np.full(len(rows), population != _CELLS)
        size = int(chosen.sum())
        parts.append(
            {
                "subject": subject[chosen],
                "day": day[chosen],
                "specimen": np.full(size, BLOOD),
                "population": np.full(size, population),
                "result": said[chosen],
                "level": np.full(size, -1),
                "comment": np.full(size, "", dtype=object),
                "fraction": np.zeros(size, dtype=bool),
            }
        )
    return {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}


def _around(random: Random, plan: Words, size: int) -> Array:
    return np.asarray(plan["median"] * np.exp(plan["sd"] * random.normal(0, 1, size)))


def _b_cells(random: Random, plan: Words, people: int, subject: Array, since: Array) -> Array:
    until = ranged(random, plan["until"], people)[subject]
    none = (since >= plan["from"]) & (since < until)
    few = ranged(random, plan["aplasia"], len(subject))
    return numbers(np.where(none, few, _around(random, plan, len(subject))), 0)


def _infused(random: Random, plan: Words, since: Array) -> Array:
    """Cells per microlitre: a rise to the top, then halving."""
    rise = np.clip(since / plan["top"], 0.05, 1) ** 2
    fall = 0.5 ** (np.clip(since - plan["top"], 0, 3650) / plan["half_life"])
    noise = np.exp(plan["sd"] * random.normal(0, 1, len(since)))
    cells = plan["peak"] * rise * fall * noise
    return np.where(cells < plan["least"], plan["below"], numbers(cells, 1)).astype(object)


def _written(random: Random, study: "Study", words: Words, table: Records) -> Records:
    """Number the samples, and say the panel and the conclusion of the laboratory."""
    subject, size = table["subject"], len(table["subject"])
    kinds = list(zip(*words["populations"], strict=True))
    population, panel, gate, markers, unit = (np.array(one, dtype=object) for one in kinds)
    which = table["population"]
    sample = (subject * NEVER + table["day"]) * 3 + table["specimen"]
    new = np.r_[True, sample[1:] != sample[:-1]][:size]
    count = np.cumsum(new)
    before = np.r_[0, count][np.searchsorted(subject, subject)]
    pick = ranged(random, [0, 2], size)
    said = [np.array(words[name], dtype=object)[pick] for name in ("positive", "negative")]
    interpreted = np.where(table["level"] > 0, said[0], said[1])
    events = ranged(random, words["events"], size)
    site = np.array(study.model["sites"]["site"], dtype=object)[study.people.site[subject]]
    number = study.people.number[subject]
    label = site + "/" + texts(number, str)
    place = texts(count - before, lambda one: f"-{one:02d}")
    return table | {
        "patient": label,
        "accession": words["accession"] + site + texts(number, str) + place,
        "specimen": np.array(words["specimens"], dtype=object)[table["specimen"]],
        "panel": panel[which],
        "events": events[count - 1].astype(str).astype(object) if size else events,
        "population": population[which],
        "gate": gate[which],
        "markers": markers[which],
        "unit": unit[which],
        "interpretation": np.where(which <= _LOST, interpreted, "").astype(object),
    }


def morphology(random: Random, words: Words, study: "Study", marrows: Marrows) -> Records:
    """One record per marrow that was due."""
    size, taken = len(marrows.day), marrows.taken
    wet = taken & (marrows.quality != DRY)
    early = marrows.day - study.course.infusion[0][marrows.subject]
    early_on = (early > 0) & (early < words["early_until"])
    share = random.random(size)
    cells = np.zeros(size, dtype=np.int64)
    for name, chosen in (("usual", ~early_on), ("early", early_on), ("relapse", marrows.relapsed)):
        limits = np.cumsum(words["share"][name])[:-1]
        cells = np.where(chosen, (share[:, None] >= limits).sum(axis=1), cells)
    usual = span(random, words["usual"], size)
    level = np.maximum(marrows.reported, marrows.lost) / 100
    full = np.clip(level * span(random, words["relapse"], size), words["least"], 95.0)
    blast = np.where(marrows.relapsed, full, usual)
    blood = np.where(marrows.relapsed, blast * words["blood"] * random.random(size), 0.0)
    kinds = np.array(words["cellularity"], dtype=object)
    return at_visits(study.visits, marrows.visit) | {
        "mislabelled": mislabelled(study, marrows),
        "day": np.where(taken, marrows.day, NEVER),
        "not_done": np.where(taken, "", "1").astype(object),
        "quality": np.where(taken, marrows.quality.astype(str), "").astype(object),
        "cellularity": np.where(wet, kinds[cells], "").astype(object),
        "blasts": np.where(wet, numbers(blast, 1), "").astype(object),
        "blood_blasts": np.where(taken, numbers(blood, 1), "").astype(object),
    }


def mislabelled(study: "Study", marrows: Marrows) -> Array:
    """True where a marrow that the site calls month three lies in the window of the next."""
    plan = load("mrd")
    month = study.visits.event[marrows.visit] == plan["month_three"]
    since = marrows.day - study.course.infusion[0][marrows.subject]
    return np.asarray(month & (since > plan["truth"]["late"]) & (since < NEVER))


def outside(random: Random, words: Words, study: "Study") -> Records:
    """Two records per examination for disease outside the marrow: fluid, and body."""
    visits, course, draws = study.visits, study.course, study.draws
    beyond = np.where(draws["relapse_kind"] >= OUTSIDE, course.relapse, NEVER)
    rows = attended(visits, study.model, words["form"], [beyond])
    rows = np.repeat(rows[study.people.in_study[visits.subject[rows]]], 2)
    base = at_visits(visits, rows)
    subject, size = base["subject"], len(rows)
    body = np.arange(size) % 2 == 1
    site = draws["relapse_site"][subject].astype(str)
    plan, found = words["routine"], words["found"]
    ill = (beyond[subject] <= base["day"]) & ((site == plan["fluid"][1]) == ~body)
    male = study.people.male[subject]
    usual = [np.where(male, plan["male"][place], plan["body"][place]) for place in (0, 1)]
    usual = [np.where(body, usual[place], plan["fluid"][place]) for place in (0, 1)]
    method = np.array([found[one] for one in site], dtype=object)
    unsure = random.random(size) < words["equivocal"]
    return base | {
        "method": np.where(ill, method, usual[0]).astype(object),
        "site": np.where(ill, site, usual[1]).astype(object),
        "result": np.where(ill, "1", np.where(unsure, "9", "0")).astype(object),
        "comment": np.where(ill, words["comment"], "").astype(object),
    }


def responses(random: Random, words: Words, study: "Study", marrows: Marrows) -> Records:
    """What the investigator concludes at each assessment after randomization."""
    course, draws = study.course, study.draws
    subject, day = marrows.subject, marrows.day
    later_on = np.flatnonzero(day >= study.people.randomization_day[subject])
    said = np.where(_came_back(marrows, later_on), "3", "2")
    subject, day = subject[later_on], day[later_on]
    level = np.maximum(marrows.reported, marrows.lost)[later_on]
    clear = level < round(load("mrd")["positive"] * 100)
    judged = np.where(marrows.taken[later_on], np.where(clear, "1", said), "9")
    plan = words["incomplete"]
    partly = random.random(len(day)) < plan["share"]
    partly &= day - course.infusion[0][subject] < plan["until"]
    relapse, kind = course.relapse[subject], draws["relapse_kind"][subject]
    now = day == relapse
    site = draws["relapse_site"][subject].astype(str).astype(object)
    places = np.where(kind == 1, "1", np.where(kind == OUTSIDE, site, "1;" + site))
    overall = np.where(marrows.relapsed[later_on], "3", np.where(partly, "2", "1"))
    marker = np.where(draws["cd19_negative"][subject] == 1, "2", "1")
    return at_visits(study.visits, marrows.visit[later_on]) | {
        "mislabelled": mislabelled(study, marrows)[later_on],
        "overall": overall.astype(object),
        "residual": judged.astype(object),
        "relapse": np.where(now, "1", "0").astype(object),
        "kind": np.where(now, kind.astype(str), "").astype(object),
        "places": np.where(now, places, "").astype(object),
        "date": np.where(now, relapse, NEVER),
        "marker": np.where(now, marker, "").astype(object),
    }


def _came_back(marrows: Marrows, rows: Array) -> Array:
    """True where an earlier marrow of the subject, of these rows, was clear."""
    subject = marrows.subject[rows]
    limit = round(load("mrd")["positive"] * 100)
    clear = marrows.taken[rows] & (np.maximum(marrows.reported, marrows.lost)[rows] < limit)
    count = np.cumsum(clear)
    before = np.r_[0, count][np.searchsorted(subject, subject)]
    return np.asarray(count - clear - before > 0)
