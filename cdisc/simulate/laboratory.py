"""Samples and results of the hospital laboratories, for a range of subjects.

One sample at every visit that has a panel; between visits blood counts are taken every
few days while neutrophils or platelets are severely low. A value lies inside its
toxicity band during an interval and outside it otherwise.
"""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate.course import Course
from cdisc.simulate.model import ADULT, DAY, NEVER, THREATENING, Array, Random, Words, ranged
from cdisc.simulate.people import People
from cdisc.simulate.rendering import Table, by_decimals, lis_day, rounded, texts
from cdisc.simulate.toxicity import Interval
from cdisc.simulate.visits import Visits

if TYPE_CHECKING:
    from cdisc.simulate.study import Study

OUTSIDE = 2  # a relapse outside the marrow


@dataclasses.dataclass(frozen=True, slots=True)
class Samples:
    """Blood samples; shape (n,), ordered by subject and day."""

    subject: Array
    day: Array
    minute: Array  # of the day
    visit: Array  # index of the visit, -1 unscheduled


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """Results; shape (n,), ordered by sample."""

    sample: Array  # index into the samples
    item: Array  # index into the items
    value: Array  # in the standard unit
    dialect: Array  # index of the hospital in whose unit it is written


def measured(study: "Study") -> tuple[Samples, Array, Array, Array]:
    """Return the samples of a block, and per result its sample, item and true value.

    The values are those of `results`; the same at every call.
    """
    random, model, words = study.stream("labs"), study.model, study.laboratory_words
    block = range(len(study.people.arm))
    samples = take(random, model, study.visits, study.course, study.severe, block)
    outside = study.draws["relapse_kind"] == OUTSIDE
    marrow = np.where(outside, NEVER, study.course.relapse)
    course = dataclasses.replace(study.course, relapse=marrow)
    return samples, *results(random, model, words, course, study.severe, samples)


def take(
    random: Random,
    model: Words,
    visits: Visits,
    course: Course,
    severe: list[list[Interval]],
    block: range,
) -> Samples:
    """Take the samples of the subjects of a block, at their visits and between them."""
    who = np.arange(block.start, block.stop)
    parts = [_at_visits(model, visits, block)]
    parts += [_unscheduled(random, model, lineages, who) for lineages in severe]
    subject, day, visit = np.concatenate(parts, axis=1)
    keep = day <= course.end[subject]
    subject, day, visit = subject[keep], day[keep], visit[keep]
    order = np.lexsort((visit < 0, day, subject))
    subject, day, visit = subject[order], day[order], visit[order]
    same = np.r_[False, (subject[1:] == subject[:-1]) & (day[1:] == day[:-1])][: len(subject)]
    subject, day, visit = subject[~same], day[~same], visit[~same]
    return Samples(subject, day, random.integers(390, 570, len(subject)), visit)


def _at_visits(model: Words, visits: Visits, block: range) -> Array:
    """One sample at every visit that has panels."""
    names = [name for name, visit in model["visits"].items() if visit["panels"]]
    place = {name: at for at, name in enumerate(model["visits"])}
    here = visits.done & np.isin(visits.event, names)
    here &= (visits.subject >= block.start) & (visits.subject < block.stop)
    at = np.array([place[event] for event in visits.event[here]], dtype=np.int64)
    return np.stack([visits.subject[here], visits.day[here], at])


def _unscheduled(random: Random, model: Words, lineages: list[Interval], who: Array) -> Array:
    plan = model["unscheduled"]
    counted = [one for one in lineages if one.lineage in ("neutrophils", "platelets")]
    start = np.minimum.reduce([one.start for one in counted])[who]
    finish = np.maximum.reduce([np.where(one.finish < NEVER, one.finish, 0) for one in counted])[
        who
    ]
    steps = np.cumsum(ranged(random, plan["every"], (len(who), plan["most"])), axis=1)
    day = start[:, None] + steps
    row, column = np.nonzero((day <= finish[:, None] + 4) & (start[:, None] < NEVER))
    return np.stack([who[row], day[row, column], np.full(len(row), -1)])


def results(
    random: Random,
    model: Words,
    words: Words,
    course: Course,
    severe: list[list[Interval]],
    samples: Samples,
) -> tuple[Array, Array, Array]:
    """Return sample index, item index and true value in the standard unit, per result."""
    panels = [visit["panels"] for visit in model["visits"].values()] + [["blood"]]
    items = list(words["items"].values())
    has = np.array([[item["panel"] in panel for item in items] for panel in panels])
    sample, item = np.nonzero(has[samples.visit])
    median = np.array([one["median"] for one in items], dtype=float)[item]
    spread = np.array([one["sd"] for one in items], dtype=float)[item]
    value = median * np.exp(spread * random.normal(0, 1, len(item)))
    subject, day = samples.subject[sample], samples.day[sample]
    fever = _in_release(model, course, subject, day)
    raised = np.array([one.get("crs", 1) for one in items], dtype=float)[item]
    value = np.where(fever, value * raised, value)
    position = random.random(len(item))
    relapsed = day >= course.relapse[subject]
    for place, one in enumerate(items):
        if "relapsed" in one:
            least, most = one["relapsed"]
            here = relapsed & (item == place)
            value = np.where(here, least + position * (most - least), value)
    names = list(words["items"])
    for name, band in words["severe"].items():
        lineage = "neutrophils" if name == "wbc" else name
        here = item == names.index(name)
        grade = _grade(severe, lineage, subject, day)
        low = np.where(grade == THREATENING, band["four"][0], band["three"][0])
        high = np.where(grade == THREATENING, band["four"][1], band["three"][1])
        inside = low + position * (high - low)
        value = np.where(here, np.where(grade > 0, inside, np.maximum(value, band["rest"])), value)
    return sample, item, value


def _grade(severe: list[list[Interval]], lineage: str, subject: Array, day: Array) -> Array:
    grade = np.zeros(len(subject), dtype=np.int64)
    for lineages in severe:
        for one in lineages:
            if one.lineage == lineage:
                inside = (day >= one.start[subject]) & (day < one.finish[subject])
                grade = np.where(inside, one.grade[subject], grade)
    return grade


def _in_release(model: Words, course: Course, subject: Array, day: Array) -> Array:
    """The two weeks after cells, when markers of inflammation rise."""
    inside = np.zeros(len(subject), dtype=bool)
    for period in (0, 1):
        begin = np.where(course.treatment[period] == 0, course.infusion[period], NEVER)[subject]
        inside |= (day > begin) & (day <= begin + model["visits"]["D14"]["day"])
    return inside


def reported(study: "Study", samples: Samples, found: tuple[Array, Array, Array]) -> Array:
    """Return results as their hospitals round them, in the standard unit."""
    sample, item, value = found
    hospital = study.people.site[samples.subject[sample]]
    names, items = study.model["sites"]["hospital"], study.laboratory_words["items"].values()
    local = np.array([[one[name][3:] for name in names] for one in items], dtype=float)
    factor, decimals = local[item, hospital].T
    return np.asarray(rounded(value * factor, decimals) / factor)


def lowest(study: "Study", item: Array, subject: Array) -> Array:
    """Return the lower end of the reference range of each result, in the standard unit."""
    people = study.people
    child = (people.age[subject] < ADULT).astype(np.int64)
    ranges = _ranges(study.laboratory_words)
    return np.asarray(ranges[item, people.male[subject].astype(np.int64), child, 0])


def rendered(
    random: Random,
    model: Words,
    words: Words,
    people: People,
    samples: Samples,
    found: Results,
) -> Table:
    """Render results as the hospital writes them, in the unit of the dialect."""
    sample, item, value = found.sample, found.item, found.value
    subject = samples.subject[sample]
    hospital = people.site[subject]
    hospitals, items = model["sites"]["hospital"], list(words["items"].values())
    local = np.array([[one[name] for name in hospitals] for one in items], dtype=object)
    own, used = local[item, hospital], local[item, found.dialect]
    factor, decimals = used[:, 3].astype(float), used[:, 4].astype(int)
    child = (people.age < ADULT).astype(np.int64)
    limits = _ranges(words)[item, people.male[subject].astype(np.int64), child[subject]]
    low, high = limits[:, 0], limits[:, 1]
    flags = np.array([words["flags"][name] for name in hospitals], dtype=object)[hospital]
    sexes = np.array([words["sexes"][name] for name in hospitals], dtype=object)
    specimens = np.array([words["specimen"][one["spec"]] for one in items], dtype=object)
    minute = samples.day[sample] * DAY + samples.minute[sample]
    report = minute + random.integers(60, 300, len(sample))
    flag = np.where(value < low, flags[:, 0], np.where(value > high, flags[:, 1], ""))
    flag = np.where(value < low / 2, flags[:, 2], np.where(value > high * 2, flags[:, 3], flag))
    return {
        "hospital": np.array(hospitals, dtype=object)[hospital],
        "patient": texts(people.number[subject], str),
        "sample": _sample_ids(hospitals, people, samples)[sample],
        "collected": _lis_moments(minute),
        "reported": _lis_moments(report),
        "code": own[:, 0],
        "name": own[:, 1],
        "result": by_decimals(value * factor, decimals),
        "unit": used[:, 2],
        "flag": flag.astype(object),
        "reference": by_decimals(low * factor, decimals)
        + "--"
        + by_decimals(high * factor, decimals),
        "specimen": specimens[item, hospital],
        "status": np.full(len(sample), "F", dtype=object),
        "sex": sexes[hospital, people.male[subject].astype(np.int64)],
        "subject": subject,
        "usual": local[item, 0, 0],
        "unscheduled": (samples.visit[sample] < 0) & np.r_[True, sample[1:] != sample[:-1]],
    }


def misread_sex(model: Words, words: Words, people: People, records: Table, who: Array) -> Table:
    """Write the other sex on the first sample of some subjects.

    Args:
        model: Content of ``model.yaml``.
        words: Content of ``laboratory.yaml``.
        people: The screened subjects.
        records: Rendered results.
        who: Bool per screened subject.

    Returns:
        ``sex``, and ``sex_clean``: the right one where it is wrong, else empty.
    """
    sexes = np.array([words["sexes"][name] for name in model["sites"]["hospital"]], dtype=object)
    subject = records["subject"]
    first = np.searchsorted(subject, subject)
    wrong = who[subject] & (records["sample"] == records["sample"][first])
    other = sexes[people.site[subject], 1 - people.male[subject].astype(np.int64)]
    return {
        "sex": np.where(wrong, other, records["sex"]).astype(object),
        "sex_clean": np.where(wrong, records["sex"], "").astype(object),
    }


def _ranges(words: Words) -> Array:
    """Reference ranges in the standard unit; shape (items, 2 sexes, child or not, 2 ends)."""
    table = np.empty((len(words["items"]), 2, 2, 2))
    for place, item in enumerate(words["items"].values()):
        table[place] = item["low"], item["high"]
        table[place, 1] = item.get("male", [item["low"], item["high"]])
        if "child" in item:
            table[place, :, 1] = item["child"]
    return table


def units(model: Words, words: Words, hospital: Array, item: Array) -> Array:
    """Return the unit that a hospital uses for an item."""
    table = [
        [one[name][2] for name in model["sites"]["hospital"]] for one in words["items"].values()
    ]
    return np.asarray(np.array(table, dtype=object)[item, hospital])


def _sample_ids(hospitals: list[str], people: People, samples: Samples) -> Array:
    subject = samples.subject
    first = np.searchsorted(subject, subject, side="left")
    serial = people.number[subject] * 1000 + np.arange(len(subject)) - first + 1
    prefix = np.array(hospitals, dtype=object)[people.site[subject]]
    return np.asarray(prefix + texts(serial, lambda one: f"-{one:09d}"))


def _lis_moments(minutes: Array) -> Array:
    day = texts(minutes // DAY, lis_day)
    time = texts(minutes % DAY, lambda one: f"{one // 60}:{one % 60:02d}")
    return np.asarray(day + " " + time)


def reference_ranges(model: Words, words: Words) -> Table:
    """The range of each item in the unit of each hospital, by sex or age where it differs."""
    rows = []
    for hospital in model["sites"]["hospital"]:
        female, male = words["sexes"][hospital]
        for item in words["items"].values():
            code, _, unit, factor, decimals = item[hospital]
            usual = [item["low"], item["high"]]
            cases = [("", "0", "120", usual)]
            if "male" in item:
                cases = [(male, "0", "120", item["male"]), (female, "0", "120", usual)]
            if "child" in item:
                cases = [("", "0", "17", item["child"]), ("", "18", "120", usual)]
            for sex, youngest, oldest, ends in cases:
                low, high = (f"{end * factor:.{decimals}f}" for end in ends)
                row = (hospital, code, sex, youngest, oldest, low, high, unit, "2020/1/1", "")
                rows.append(row)
    names = ("hospital", "code", "sex", "age_low", "age_high", "low", "high", "unit")
    columns = np.array(rows, dtype=object).T
    return dict(zip((*names, "valid_from", "valid_to"), columns, strict=True))
