"""Who responds: each by chance, or as many as the quota of the arm says."""

import json

import numpy as np
import pytest

from cdisc.simulate import simulate
from cdisc.simulate.course import Responders
from cdisc.simulate.study import lives

SHARE = [0.9, 0.6]


def test_the_share_of_the_treated_responds_and_those_with_the_smallest_numbers_do():
    # first arm: 5 treated, 4.5 is 5; second: 4 treated, 2.4 is 2, those of 0.1 and 0.95 stay out
    arm = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])
    chance = np.array([0.99, 0.98, 0.97, 0.96, 0.95, 0.99, 0.95, 0.98, 0.1])
    chosen = Responders("quota").choose(chance, SHARE, arm, np.full(9, True))  # noqa: FBT003
    assert chosen.tolist() == [1, 1, 1, 1, 1, 0, 1, 0, 1]


def test_the_quota_is_of_all_blocks_together():
    # 5 and then 10 treated: 4.5 is 5, 9.0 is 9, so that of the second five 4 respond
    responders, treated = Responders("quota"), np.full(5, True)  # noqa: FBT003
    chance = np.array([0.5, 0.1, 0.2, 0.3, 0.4])
    first = responders.choose(chance, SHARE, np.zeros(5, dtype=int), treated)
    second = responders.choose(chance, SHARE, np.zeros(5, dtype=int), treated)
    assert (first.tolist(), second.tolist()) == ([1, 1, 1, 1, 1], [0, 1, 1, 1, 1])


def test_the_untreated_respond_by_chance_and_take_no_place():
    arm, chance = np.zeros(4, dtype=int), np.array([0.0, 0.91, 0.99, 0.98])
    treated = np.array([False, False, True, True])
    chosen = Responders("quota").choose(chance, SHARE, arm, treated)  # 1.8 of two are 2
    assert chosen.tolist() == [1, 0, 1, 1]


def test_by_chance_each_responds_whose_number_is_below_the_probability():
    arm, chance = np.array([0, 0, 1, 1]), np.array([0.89, 0.9, 0.59, 0.6])
    chosen = Responders("random").choose(chance, SHARE, arm, np.full(4, True))  # noqa: FBT003
    assert chosen.tolist() == [1, 0, 1, 0]


def test_every_block_of_a_study_keeps_its_share_and_nothing_else_is_drawn_otherwise():
    by_chance, by_quota = list(lives(3000, 5, "random")), list(lives(3000, 5, "quota"))
    for one, other in zip(by_chance[1:], by_quota[1:], strict=True):  # no script in these
        differ = {name for name in one.draws if (one.draws[name] != other.draws[name]).any()}
        assert differ == {"responds"}
        for arm, share in enumerate(SHARE):
            treated = other.people.in_study & (other.people.arm == arm)
            treated &= other.draws["treated"] == 1
            assert other.draws["responds"][treated].sum() == pytest.approx(
                share * treated.sum(), abs=1
            )


def test_the_summary_of_the_truth_says_the_mode(tmp_path):
    for mode in ("random", "quota"):
        simulate(tmp_path / mode, subjects=4, mode=mode)
        text = (tmp_path / mode / "truth" / "truth_summary.json").read_text(encoding="utf-8")
        assert json.loads(text)["mode"] == mode
