"""What happens to each subject: treatment, relapse, crossover, death, end of study.

First every potential time is drawn, independently of the others; scripted subjects
replace draws; then `resolve` decides, without drawing, what comes to pass. Shape
(n,) per quantity, one element per screened subject; a day that does not come is
`NEVER`. Period 0 is the randomized treatment, period 1 the crossover treatment.
"""

import dataclasses
from typing import Literal

import numpy as np

from cdisc.simulate.model import (
    COMPLETED,
    DIED,
    FAILED,
    LOST,
    MODERATE,
    NEVER,
    SEVERE,
    WITHDREW,
    Array,
    Random,
    Words,
    later,
    per_arm,
    ranged,
    waiting,
)
from cdisc.simulate.people import People

Draws = dict[str, Array]
CROSS = "cross_"
Mode = Literal["random", "quota"]  # how it is decided who responds


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """The true course. Days are absolute; an event after `end` is `NEVER`."""

    infusion: tuple[Array, Array]  # per period
    first_dose: tuple[Array, Array]  # per period
    treatment: tuple[Array, Array]  # per period: 0 CAR-T, 1 chemotherapy + DLI, -1 none
    eligible: Array  # bool, may cross over at month 3
    relapse: Array
    death: Array
    end: Array
    reason: Array  # how participation ends, as in model.py
    cause: Array  # of death: 1 relapse, 2 infection, 3 GVHD, 5 organ toxicity, 0 none
    new_therapy: Array


class Responders:
    """Who responds to the randomized treatment, chosen by one uniform number per subject.

    At random each subject responds with the probability of the arm. By quota the share
    of the treated is that probability exactly, rounded to whole subjects, whatever the
    seed: of a block those with the smallest numbers respond, as many as bring the
    responders of all blocks so far to the share. The untreated respond at random: the
    script may treat them. The counts go on from block to block.
    """

    def __init__(self, mode: Mode) -> None:
        self._quota = mode == "quota"
        self._treated = [0, 0]  # per arm, in the blocks before

    def choose(self, chance: Array, share: list[float], arm: Array, treated: Array) -> Array:
        """Return 1 for who responds and 0 for who does not, shape (n,), and count the treated.

        Args:
            chance: One uniform number per subject, shape (n,).
            share: The share of responders of each arm.
            arm: 0 or 1 per subject; another value takes part in no quota.
            treated: Bool per subject: randomized and to be treated.
        """
        responds = chance < per_arm(share, arm)
        if not self._quota:
            return responds.astype(np.int64)
        for number, part in enumerate(share):
            ours = np.flatnonzero(treated & (arm == number))
            before = self._treated[number]
            after = before + len(ours)
            due = _whole(part * after) - _whole(part * before)
            responds[ours] = False
            responds[ours[np.argsort(chance[ours], kind="stable")[:due]]] = True
            self._treated[number] = after
        return responds.astype(np.int64)


def _whole(number: float) -> int:
    """Round to the nearest whole number, halves up."""
    return int(np.floor(number + 0.5))


def draw(
    random: tuple[Random, Random], model: Words, people: People, responders: Responders
) -> Draws:
    """Draw every potential time and choice of treatment and disease."""
    treatment, disease = random
    size, arm = len(people.arm), people.arm
    plan = model["treatment"]
    usual = _uniform(treatment, plan["cart_dose"]["usual"], size)
    low = _uniform(treatment, plan["cart_dose"]["low"], size)
    cells = np.where(treatment.random(size) < plan["cart_dose"]["share_low"], low, usual)
    donor = plan["dli_dose"]
    donor_cells = donor["median"] * np.exp(treatment.normal(0, donor["sd"], size))
    treated = (treatment.random(size) < per_arm(plan["treated"], arm)).astype(np.int64)
    draws = {
        "treated": treated,
        "prepared": treated.copy(),
        "wait": _by_arm(treatment, plan["wait"], arm),
        "stop": np.where(arm == 0, 5, 7),
        "dose": cells,
        "donor_dose": np.clip(donor_cells, *donor["range"]),
        "reissued": np.zeros(size, dtype=np.int64),
        "same_day": np.zeros(size, dtype=np.int64),
        "partial_death": np.zeros(size, dtype=np.int64),
        "sex_mismatch": np.zeros(size, dtype=np.int64),
        "scripted": np.zeros(size, dtype=np.int64),
        "repeat": np.full(size, NEVER),  # set only by the script: a repeated marrow
        "broken": np.full(size, -1),  # set only by the script: the criterion that is not met
    }
    draws |= {f"visit_{name}": np.full(size, -1) for name in model["visits"]}
    chance = disease.random(size)
    share = model["disease"]["responds"]
    known = people.in_study & (treated == 1)
    draws["responds"] = responders.choose(chance, share, arm, known)
    draws |= _disease(disease, model, arm)
    return draws


def _uniform(random: Random, limits: list[float], size: int) -> Array:
    return random.uniform(limits[0], limits[1], size)


def _by_arm(random: Random, limits: list[list[int]], arm: Array) -> Array:
    both = [ranged(random, pair, len(arm)) for pair in limits]
    return np.where(arm == 1, both[1], both[0])


def _disease(random: Random, model: Words, arm: Array) -> Draws:
    size, plan, cross = len(arm), model["disease"], model["crossover"]
    kind = plan["relapse_kind"]
    cause = plan["non_relapse_cause"]
    return {
        "recurrence_unit": random.exponential(1.0, size),
        "relapse_unit": random.exponential(1.0, size),
        "silent": (random.random(size) < plan["silent"]).astype(np.int64),
        "lag": waiting(random, 1 / plan["recurrence_to_relapse"], size),
        "relapse": np.full(size, -1),  # set only by the script: days from the infusion
        "relapse_kind": random.choice(np.array(kind["code"]), size, p=kind["share"]),
        "cd19_negative": (random.random(size) < per_arm(plan["cd19_negative"], arm)).astype(
            np.int64
        ),
        "relapse_to_death": waiting(random, 1 / plan["death_after_relapse"], size),
        "new_therapy": np.where(
            random.random(size) < plan["new_therapy"]["share"],
            ranged(random, plan["new_therapy"]["days"], size),
            NEVER,
        ),
        "mortality": waiting(random, per_arm(plan["non_relapse_hazard"], arm), size),
        "mortality_unit": random.exponential(1.0, size),
        "cause": random.choice(np.array(cause["code"]).astype(np.int64), size, p=cause["share"]),
        "dropout": waiting(random, plan["dropout_hazard"], size),
        "lost": (random.random(size) < plan["lost_share"]).astype(np.int64),
        "accepts": (random.random(size) < cross["accepts"]).astype(np.int64),
        "cross_delay": _by_arm(random, [cross["delay"][1], cross["delay"][0]], arm),
        "cross_responds": (random.random(size) < per_arm(cross["responds"], 1 - arm)).astype(
            np.int64
        ),
        "cross_relapse_unit": random.exponential(1.0, size),
        "cross_relapse": np.full(size, -1),
    }


def resolve(model: Words, people: People, draws: Draws) -> Course:
    """Decide from the draws what happens, in the order of section 6.3 of the design."""
    day = people.randomization_day
    treated, known = draws["treated"] == 1, people.in_study
    planned = later(day, draws["wait"])
    infusion = np.where(treated & known, planned, NEVER)
    dosed = (draws["prepared"] == 1) | (draws["treated"] == 1)  # whoever is infused was prepared
    prepared = np.where(dosed & known, planned - 5, NEVER)
    anchor = np.where(infusion < NEVER, infusion, day)
    relapse = later(anchor, first_relapse(model, people, draws))
    mortality = _mortality(model, people, draws, (day, infusion))
    dropout = later(day, draws["dropout"])
    horizon = later(anchor, np.full(len(day), model["follow_up_days"]))
    free = np.minimum(np.minimum(relapse, mortality), np.minimum(dropout, horizon))
    month_three = later(infusion, np.full(len(day), model["month_three"]))
    eligible = (draws["responds"] == 0) & (month_three < free)
    crossing = later(month_three, draws["cross_delay"])
    crossed = eligible & (draws["accepts"] == 1) & (crossing < free)
    crossing = np.where(crossed, crossing, NEVER)
    relapse = np.where(crossed, later(crossing, cross_relapse(model, people, draws)), relapse)
    return _settle(
        people,
        draws,
        (infusion, crossing),
        (prepared, np.where(crossed, crossing - 5, NEVER)),
        (eligible, relapse, mortality, dropout, horizon),
    )


def _settle(
    people: People,
    draws: Draws,
    infusion: tuple[Array, Array],
    first_dose: tuple[Array, Array],
    potential: tuple[Array, Array, Array, Array, Array],
) -> Course:
    eligible, relapse, mortality, dropout, horizon = potential
    known = people.in_study
    death = np.minimum(mortality, later(relapse, draws["relapse_to_death"]))
    end = np.minimum(np.minimum(horizon, dropout), death)
    end = np.where(known, end, people.decided)
    death = np.where(known & (death <= end), death, NEVER)
    erased = (relapse >= death) & (draws["same_day"] == 0)
    relapse = np.where((relapse > end) | erased | ~known, NEVER, relapse)
    died, quitted = death < NEVER, dropout < horizon
    reason = np.where(quitted, np.where(draws["lost"] == 1, LOST, WITHDREW), COMPLETED)
    reason = np.where(died, DIED, reason)
    therapy = later(relapse, draws["new_therapy"])
    dosed = tuple(np.where(one <= end, one, NEVER) for one in first_dose)
    given = tuple(np.where(one <= end, one, NEVER) for one in infusion)
    treatment = tuple(
        np.where(dosed[period] < NEVER, people.arm if period == 0 else 1 - people.arm, -1)
        for period in (0, 1)
    )
    return Course(
        infusion=(given[0], given[1]),
        first_dose=(dosed[0], dosed[1]),
        treatment=(treatment[0], treatment[1]),
        eligible=eligible,
        relapse=relapse,
        death=death,
        end=end,
        reason=np.where(known, reason, FAILED),
        cause=np.where(died, np.where(relapse < NEVER, 1, draws["cause"]), 0),
        new_therapy=np.where(therapy <= end, therapy, NEVER),
    )


def first_relapse(model: Words, people: People, draws: Draws) -> Array:
    """Days from the infusion (or randomization) to relapse under the first treatment."""
    plan = model["disease"]
    protected = (draws["agvhd"] >= MODERATE) | (draws["cgvhd"] >= 1)
    ratio = np.where(protected & (draws["treated"] == 1), plan["graft_versus_leukaemia"], 1.0)
    hazard = per_arm(plan["recurrence_hazard"], people.arm) * ratio
    recurrence = plan["recurrence_from"] + np.ceil(draws["recurrence_unit"] / hazard)
    responding = np.where(draws["silent"] == 1, recurrence, recurrence + draws["lag"])
    wait = draws["relapse_unit"] / (plan["relapse_hazard_not_responding"] * ratio)
    failing = plan["relapse_from"] + np.ceil(wait)
    responds = (draws["responds"] == 1) & (draws["treated"] == 1)
    drawn = np.where(responds, responding, failing)
    return _scripted(draws["relapse"], drawn)


def cross_relapse(model: Words, people: People, draws: Draws) -> Array:
    """Days from the crossover infusion to relapse."""
    plan = model["disease"]
    hazard = per_arm(plan["recurrence_hazard"], 1 - people.arm)
    hazard = np.where(draws["cross_responds"] == 1, hazard, plan["relapse_hazard_not_responding"])
    begin = np.where(draws["cross_responds"] == 1, plan["recurrence_from"], plan["relapse_from"])
    return _scripted(draws["cross_relapse"], begin + np.ceil(draws["cross_relapse_unit"] / hazard))


def _scripted(script: Array, drawn: Array) -> Array:
    return np.where(script >= 0, script, np.minimum(drawn, NEVER)).astype(np.int64)


def _mortality(model: Words, people: People, draws: Draws, days: tuple[Array, Array]) -> Array:
    """Non-relapse death; severe acute GVHD multiplies its hazard for some months."""
    day, infusion = days
    plan = model["disease"]
    hazard = per_arm(plan["non_relapse_hazard"], people.arm)
    extra = np.ceil(
        draws["mortality_unit"] / (hazard * (plan["severe_gvhd_multiplier"] - 1))
    ).astype(np.int64)
    hit = (
        (draws["agvhd"] >= SEVERE)
        & (extra <= plan["severe_gvhd_days"])
        & (draws["mortality"] < NEVER)
    )
    begin = later(infusion, draws["agvhd_onset"])
    return np.minimum(later(day, draws["mortality"]), np.where(hit, later(begin, extra), NEVER))
