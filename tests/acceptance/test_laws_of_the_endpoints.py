"""What must hold of the endpoints of any subjects, whatever is true of them."""

import collections
import json

import pytest

EVENT, COMPETING = "0", "2"


@pytest.fixture(scope="session")
def times(built):
    """The records of ADTTE by parameter and subject."""
    found = collections.defaultdict(dict)
    for one in built.dataset("adtte"):
        assert one["USUBJID"] not in found[one["PARAMCD"]]
        found[one["PARAMCD"]][one["USUBJID"]] = one
    return found


def those(records, *numbers):
    """Return the subjects whose CNSR is one of some numbers."""
    return {subject for subject, one in records.items() if one["CNSR"] in numbers}


def incidence(records, day):
    """Return the shares free of all, with the event and with a competing event, by the day.

    Product-limit and cumulative incidence, subject by subject.
    """
    free, with_event, with_other = 1.0, 0.0, 0.0
    days = sorted({int(one["AVAL"]) for one in records if int(one["AVAL"]) <= day})
    for at in days:
        risk = sum(int(one["AVAL"]) >= at for one in records)
        here = [one["CNSR"] for one in records if int(one["AVAL"]) == at]
        with_event += free * here.count(EVENT) / risk
        with_other += free * here.count(COMPETING) / risk
        free *= 1 - (here.count(EVENT) + here.count(COMPETING)) / risk
    return free, with_event, with_other


def test_arms_have_as_many_subjects_as_were_randomized_one_to_one(built):
    arms = collections.Counter(one["ARMCD"] for one in built.dataset("adsl"))

    assert arms == {"CART": built.subjects // 2, "CHEMODLI": built.subjects // 2}


def test_whoever_has_a_dfs_event_has_a_grfs_event_no_later_and_dies_no_earlier(times):
    for subject in those(times["DFS"], EVENT):
        grfs, dfs, os = (times[name][subject] for name in ("GRFS", "DFS", "OS"))
        assert grfs["CNSR"] == EVENT
        assert grfs["ADT"] <= dfs["ADT"] <= os["ADT"], subject


def test_whoever_is_censored_in_grfs_is_censored_in_dfs_no_earlier(times):
    for subject, grfs in times["GRFS"].items():
        if grfs["CNSR"] != EVENT:
            assert times["DFS"][subject]["CNSR"] != EVENT
            assert grfs["ADT"] <= times["DFS"][subject]["ADT"], subject


def test_relapse_and_mortality_without_it_share_the_dfs_events(times):
    relapsed, died = those(times["TTRLPS"], EVENT), those(times["TTNRM"], EVENT)

    assert relapsed | died == those(times["DFS"], EVENT)
    assert relapsed & died == set()
    assert those(times["TTRLPS"], COMPETING) == died
    assert those(times["TTNRM"], COMPETING) == relapsed


def test_time_runs_from_the_start_and_only_death_is_a_known_end(built, times):
    adsl = {one["USUBJID"]: one for one in built.dataset("adsl")}
    for subject, one in times["OS"].items():
        dead = adsl[subject]["DTHDT"] != ""
        assert (one["CNSR"] == EVENT) is dead
        assert one["ADT"] == adsl[subject]["DTHDT" if dead else "LSTALVDT"]


@pytest.mark.parametrize(
    ("code", "base"), [("OSX", "OS"), ("DFSX", "DFS"), ("GRFSX", "GRFS"), ("TTRLPX", "TTRLPS")]
)
def test_a_time_to_crossover_is_the_other_one_unless_the_subject_crossed_over(
    built, times, code, base
):
    second = {one["USUBJID"]: one["TR02SDT"] for one in built.dataset("adsl")}
    for subject, one in times[code].items():
        other = times[base][subject]
        if one["CNSR"] == "3":  # even if nothing was assessed after the crossover
            assert (one["XOFL"], one["ADT"]) == ("Y", second[subject])
            assert other["CNSR"] != EVENT or one["ADT"] <= other["ADT"]
        else:
            assert (one["CNSR"], one["ADT"]) == (other["CNSR"], other["ADT"]), subject


@pytest.mark.parametrize("day", [90, 183, 365])
def test_what_is_free_of_disease_and_the_incidences_of_both_ends_are_one(times, day):
    for arm in ("CD19 CAR-T", "Chemotherapy + DLI"):
        dfs, relapse = (
            [one for one in times[name].values() if one["TRT01P"] == arm]
            for name in ("DFS", "TTRLPS")
        )
        free, relapsed, died = incidence(relapse, day)
        assert free + relapsed + died == pytest.approx(1, abs=1e-12)
        assert incidence(dfs, day)[0] == pytest.approx(free, abs=1e-12)


def test_shares_at_six_and_twelve_months_are_those_of_the_truth(built, times):
    truth = json.loads((built.truth / "truth_summary.json").read_text(encoding="utf-8"))
    arms = {"CART": "CD19 CAR-T", "CHEMODLI": "Chemotherapy + DLI"}
    for code, arm in arms.items():
        for name, said in truth["arms"][code]["endpoints"].items():
            records = [one for one in times[name].values() if one["TRT01P"] == arm]
            assert len(records) == said["n"]
            for day in (183, 365):
                shares = said[f"day_{day}"]
                expected = (shares["free_of_all"], shares["incidence"], shares["competing"])
                assert incidence(records, day) == pytest.approx(expected, abs=1e-9), (name, arm)
