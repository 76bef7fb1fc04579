"""Who takes part: consent, randomization in permuted blocks, and baseline.

Every array has one element per screened subject, in the order of consent.
Subjects who fail screening have no arm (-1) and are never randomized.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

from cdisc.simulate.model import DAY, NEVER, Array, Random, Words, day_number, ranged


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """The screened subjects; shape (n,) each. Days and minutes are whole numbers."""

    site: Array  # index of the site
    number: Array  # number within the site, from 1001
    consent: Array  # day
    decided: Array  # day of the decision on eligibility
    randomized: Array  # minute, NEVER * DAY for screen failures
    rank: Array  # order of randomization from 0, -1 for screen failures
    arm: Array  # 0, 1, or -1
    age: Array  # completed years at consent
    birth: Array  # day
    male: Array  # bool
    ethnic_group: Array  # code
    height: Array  # cm
    weight: Array  # kg

    @property
    def randomization_day(self) -> Array:
        """The day of randomization, `NEVER` for screen failures."""
        return np.asarray(np.minimum(self.randomized // DAY, NEVER))

    @property
    def in_study(self) -> Array:
        """True for randomized subjects."""
        return np.asarray(self.arm >= 0)

    @property
    def surface(self) -> Array:
        """Body surface area in m2 by Mosteller, to two decimals."""
        return np.round(np.sqrt(self.height * self.weight / 3600), 2)


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """A part of the subjects of a study: those who consent in a slice of the accrual."""

    number: int  # from 0
    first: int  # rank of its first randomized subject
    subjects: int  # how many are randomized
    failures: int  # how many fail screening
    accrual: tuple[int, int]  # days since the first consent, without the second
    numbers: tuple[int, ...]  # per site the number of its first subject


def blocks(model: Words, subjects: int) -> Iterator[Block]:
    """Cut a study into blocks; numbers of subjects are those of a study of one block."""
    size, days = model["subjects_per_block"], model["accrual_days"]
    numbers = (model["first_number"],) * len(model["sites"]["site"])
    for number, first in enumerate(range(0, subjects, size)):
        end = min(first + size, subjects)
        failures = _failures(model, end) - _failures(model, first)
        start, stop = first * days // subjects, end * days // subjects
        accrual = (start, max(stop, start + 1))
        yield Block(number, first, end - first, failures, accrual, numbers)


def _failures(model: Words, subjects: int) -> int:
    return int(np.floor(subjects * model["screen_failures_per_subject"] + 0.5))


def enrol(random: Random, baseline: Random, model: Words, block: Block, script: Words) -> People:
    """Draw the screened subjects of a block."""
    subjects, failures = block.subjects, block.failures
    size = subjects + failures
    first = day_number(model["first_consent"])
    consent = np.sort(first + random.integers(*block.accrual, size))
    decided = consent + ranged(random, model["screening_days"], size)
    minute = decided * DAY + random.integers(8 * 60, 17 * 60, size)
    failed = np.zeros(size, dtype=bool)
    failed[random.permutation(size)[:failures]] = True
    randomized = np.where(failed, NEVER * DAY, minute)
    rank = np.full(size, -1)
    order = np.argsort(randomized, kind="stable")[:subjects]
    rank[order] = block.first + np.arange(subjects)
    arm = np.full(size, -1)
    arm[order] = _blocks(random, subjects, model["block"])
    site = random.choice(len(model["sites"]["share"]), size, p=model["sites"]["share"])
    age = _age(baseline, model["baseline"], size)
    apply_script({"age": age}, arm, rank, script)
    male = baseline.random(size) < model["baseline"]["male"]
    height, weight = _growth(baseline, model["baseline"], age)
    group = model["baseline"]["ethnic_group"]
    return People(
        site=site,
        number=_numbers(site, block.numbers),
        consent=consent,
        decided=decided,
        randomized=randomized,
        rank=rank,
        arm=arm,
        age=age,
        birth=_birth(consent, age, baseline.integers(0, 360, size)),
        male=male,
        ethnic_group=baseline.choice(np.array(group["code"]), size, p=group["share"]),
        height=height,
        weight=weight,
    )


def apply_script(draws: dict[str, Array], arm: Array, rank: Array, script: Words) -> None:
    """Overwrite the named draws of the scripted subjects who exist."""
    by_arm = [_in_order(rank, arm == which) for which in (0, 1)]
    for line in script.values():
        members = by_arm["CD".index(line["who"][0])]
        place = int(line["who"][1:]) - 1
        if place >= len(members):
            continue
        for name, value in line["set"].items():
            if name in draws:
                draws[name][members[place]] = NEVER if value == "never" else value
        if "scripted" in draws:
            draws["scripted"][members[place]] = 1


def _in_order(rank: Array, chosen: Array) -> Array:
    where = np.flatnonzero(chosen)
    return np.asarray(where[np.argsort(rank[where])])


def _blocks(random: Random, subjects: int, block: int) -> Array:
    """Arms in permuted blocks; a rest of two is a block of its own."""
    whole = np.tile(np.arange(block) % 2, (subjects // block, 1))
    arms = random.permuted(whole, axis=1).ravel()
    rest = subjects - len(arms)
    last = np.arange(rest + rest % 2) % 2
    return np.concatenate([arms, random.permutation(last)[:rest]])


def _numbers(site: Array, first: tuple[int, ...]) -> Array:
    number = np.zeros(len(site), dtype=np.int64)
    for one, start in enumerate(first):
        here = site == one
        number[here] = start + np.arange(int(here.sum()))
    return number


def _age(random: Random, baseline: Words, size: int) -> Array:
    young = random.random(size) < baseline["children"]["share"]
    adults = baseline["adults"]
    grown = np.round(random.normal(adults["mean"], adults["sd"], size)).astype(np.int64)
    lowest, highest = adults["age"]
    again = ranged(random, [lowest, 2 * adults["mean"] - lowest], size)
    grown = np.where((grown < lowest) | (grown > highest), again, grown)
    return np.where(young, ranged(random, baseline["children"]["age"], size), grown)


def _growth(random: Random, baseline: Words, age: Array) -> tuple[Array, Array]:
    growth = baseline["growth"]
    height = np.interp(age, growth["age"], growth["height"])
    weight = np.interp(age, growth["age"], growth["weight"])
    height = height * np.exp(random.normal(0, baseline["height_sd"], len(age)))
    weight = weight * np.exp(random.normal(0, baseline["weight_sd"], len(age)))
    return np.round(height, 1), np.round(weight, 1)


def _birth(consent: Array, age: Array, since_birthday: Array) -> Array:
    """The day of birth of who has completed `age` years on the day of consent."""
    birthday = (consent - since_birthday).astype("datetime64[D]")
    month = birthday.astype("datetime64[M]")
    within = np.minimum((birthday - month).astype(np.int64), 27)
    birth = (month - 12 * age).astype("datetime64[D]") + within
    return np.asarray(birth.astype(np.int64))
