import datetime as dt

import numpy as np
import pytest

from cdisc.simulate.graft import states, systemic
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.study import live
from cdisc.simulate.visits import onsets

MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
STAGES = ("AGSKIN", "AGLIV", "AGUGI", "AGLGI")
SCORES = ("CGSKIN", "CGMOUTH", "CGEYE", "CGGI", "CGLIV", "CGLUNG", "CGJNT", "CGGEN")


def edc(text):
    date, month, year = text.split("-")
    return dt.date(int(year), MONTHS.index(month) // 3 + 1, int(date))


def iso(text):
    return dt.date.fromisoformat(text) if text else None


def magic(skin, liver, upper, lower):
    """The overall grade of acute GVHD by MAGIC (2016)."""
    if skin == 4 or liver == 4 or lower == 4:
        return 4
    if liver in (2, 3) or lower in (2, 3):
        return 3
    if skin == 3 or liver == 1 or upper == 1 or lower == 1:
        return 2
    return 1 if skin in (1, 2) else 0


def nih(scores):
    """The global severity of chronic GVHD by NIH (2014)."""
    lung, others = scores[5], scores[:5] + scores[6:]
    organs = sum(one > 0 for one in scores)
    if max(others) == 3 or lung >= 2:
        return 3
    if max(others) == 2 or lung == 1 or organs >= 3:
        return 2
    return 1 if organs else 0


def scripted(simulated, name):
    (row,) = [row for row in simulated.rows("truth_subject") if row["SCRIPT"] == name]
    return row


def test_the_overall_grades_follow_from_the_organs(clean):
    seen = set()
    for row in clean.rows("GVHD"):
        grade = magic(*(int(row[name]) for name in STAGES))
        severity = nih([int(row[name]) for name in SCORES])
        assert (int(row["AGGRADE"]), int(row["CGSEV"])) == (grade, severity)
        seen |= {("acute", grade), ("chronic", severity)}
    assert {("acute", 2), ("acute", 3), ("chronic", 2)} <= seen


def test_every_pattern_of_organs_has_its_grade():
    words = load("graft")
    for grade, patterns in enumerate(words["stages"]):
        assert {magic(*one) for one in patterns} == {grade}
    for severity, patterns in enumerate(words["scores"]):
        assert {nih(one) for one in patterns} == {severity}


def test_an_onset_is_given_with_every_grade_and_lies_before_the_examination(clean):
    for row in clean.rows("GVHD"):
        for grade, onset in (("AGGRADE", "AGONDT"), ("CGSEV", "CGONDT")):
            assert (row[grade] == "0") == (row[onset] == "")
            if row[onset]:
                assert edc(row[onset]) <= edc(row["GVDAT"])
        assert (row["CGSYS"] == "") == (row["CGSEV"] == "0")


@pytest.mark.parametrize(
    ("field", "grade", "onset", "least"),
    [
        ("AG24DT", "AGGRADE", "AGONDT", 2),
        ("AG34DT", "AGGRADE", "AGONDT", 3),
        ("CGMSDT", "CGSEV", "CGONDT", 2),
        ("CGSVDT", "CGSEV", "CGONDT", 3),
    ],
)
def test_the_first_onset_of_a_grade_is_that_of_the_truth(clean, field, grade, onset, least):
    first = {}
    for row in clean.rows("GVHD"):
        if int(row[grade]) >= least:
            first[row["SUBJ"]] = min(edc(row[onset]), first.get(row["SUBJ"], dt.date.max))
    assert first == {name: iso(row[field]) for name, row in clean.truth().items() if row[field]}


def test_an_onset_is_seen_on_its_day(clean):
    seen = {(row["SUBJ"], edc(row["GVDAT"])) for row in clean.rows("GVHD")}
    for name, row in clean.truth().items():
        for field in ("AG24DT", "AG34DT", "CGMSDT", "CGSVDT"):
            if row[field]:
                assert (name, iso(row[field])) in seen


@pytest.mark.parametrize(
    ("script", "field", "days"),
    [("E05", "AG34DT", 45), ("E19", "CGMSDT", 150), ("E20", "AG24DT", 30)],
)
def test_scripted_gvhd_begins_on_its_day(simulated, script, field, days):
    row = scripted(simulated, script)
    assert (iso(row[field]) - iso(row["INFDT"])).days == days


def test_the_scripted_moderate_and_grade_two_are_no_worse(simulated):
    moderate, second = scripted(simulated, "E19"), scripted(simulated, "E20")
    assert (moderate["CGSVDT"], moderate["AG24DT"]) == ("", "")
    assert (second["AG34DT"], second["CGMSDT"]) == ("", "")
    rows = [row for row in simulated.rows("GVHD") if row["SUBJ"] == moderate["USUBJID"][-7:]]
    assert {row["CGSYS"] for row in rows if row["CGSEV_D"] == "Moderate"} == {"0"}


def test_relapse_and_gvhd_of_the_script_are_seen_on_one_day(clean):
    row = scripted(clean, "E05")
    name, day = row["USUBJID"][-7:], iso(row["RELAPSEDT"])
    assert row["AG34DT"] == row["RELAPSEDT"]
    (grade,) = [
        one["AGGRADE"]
        for one in clean.rows("GVHD")
        if one["SUBJ"] == name and edc(one["GVDAT"]) == day
    ]
    (relapse,) = [
        one["RLP"] for one in clean.rows("RESP") if one["SUBJ"] == name and edc(one["RSDAT"]) == day
    ]
    assert (grade, relapse) == ("3", "1")


def test_the_truth_of_gvhd_is_what_the_form_says(clean):
    told = [
        (row["USUBJID"][-7:], row["DATE"], row["AGGRADE"], row["CGSEV"], row["CGSYS"])
        for row in clean.rows("truth_gvhd")
    ]
    assert told == [
        (row["SUBJ"], edc(row["GVDAT"]).isoformat(), row["AGGRADE"], row["CGSEV"], row["CGSYS"])
        for row in clean.rows("GVHD")
    ]


def test_past_gvhd_lies_between_transplant_and_screening(clean):
    transplants = {row["SUBJ"]: edc(row["HSCTDAT"]) for row in clean.rows("HSCT")}
    consents = {row["SUBJ"]: edc(row["ICDAT"]) for row in clean.rows("IC") if row["ICTYPE"] == "1"}
    rows = clean.rows("GVHDHX")
    assert {row["SUBJ"] for row in rows} == set(clean.truth())
    for row in rows:
        for had, grade, onset in (("AGHX", "AGHXGR", "AGHXDT"), ("CGHX", "CGHXSEV", "CGHXDT")):
            assert (row[had] == "1") == (row[onset] != "") == (row[grade] != "")
            if row[onset]:
                assert transplants[row["SUBJ"]] < edc(row[onset]) <= consents[row["SUBJ"]]


def test_days_of_toxicity_go_from_the_infusion_of_cells_to_day_28_or_the_end(clean):
    truth, days = clean.truth(), {}
    for row in clean.rows("TOXDAY"):
        days.setdefault(row["SUBJ"], []).append(edc(row["TDDAT"]))
    infused = {
        name: iso(row["INFDT"] if row["ARMCD"] == "CART" else row["XOINFDT"])
        for name, row in truth.items()
    }
    assert set(days) == {name for name, day in infused.items() if day}
    for name, dates in days.items():
        last = min(infused[name] + dt.timedelta(28), iso(truth[name]["EOSDT"]))
        count = (last - infused[name]).days + 1
        assert dates == [infused[name] + dt.timedelta(step) for step in range(count)]


def test_the_worst_day_has_the_grade_of_the_adverse_event(clean):
    worst = {}
    for row in clean.rows("TOXDAY"):
        for field, term in (("CRSGR", "1"), ("ICEGR", "2")):
            key = row["SUBJ"], term
            worst[key] = max(worst.get(key, 0), int(row[field]))
    events = {}
    for row in clean.rows("AE"):
        key = row["SUBJ"], row["AESI"]
        if key[1] in ("1", "2"):
            events[key] = max(events.get(key, 0), int(row["AEGR"]))
    assert {key: grade for key, grade in worst.items() if grade} == events


def test_the_parts_of_a_day_agree_with_its_grade(clean):
    for row in clean.rows("TOXDAY"):
        grade, brain, score = (int(row[name]) for name in ("CRSGR", "ICEGR", "ICESC"))
        assert (row["FEVER"] == "1") == (grade > 0)
        assert (int(row["HYPOT"]), int(row["HYPOX"])) == [
            (0, 0), (0, 0), (1, 1), (2, 2), (3, 4),
        ][grade]  # fmt: skip
        low, high = [(10, 10), (7, 9), (3, 6), (0, 2), (0, 0)][brain]
        assert low <= score <= high


def test_the_scripted_release_reaches_grade_four(clean):
    name = scripted(clean, "E18")["USUBJID"][-7:]
    rows = [row for row in clean.rows("TOXDAY") if row["SUBJ"] == name]
    assert max(row["CRSGR"] for row in rows) == "4"


@pytest.fixture(scope="module")
def study():
    return live(1000, 11)


def test_an_episode_of_acute_gvhd_settles_and_ends(study):
    draws, infusion = study.draws, study.course.infusion[0]
    once = (draws["agvhd"] == 2) & (infusion < NEVER)
    once &= (study.course.infusion[1] == NEVER) & (study.course.cause != 3)
    who = np.flatnonzero(once)
    onset = infusion[who] + draws["agvhd_onset"][who]
    grades = [
        set(states(study, who, onset + days)["acute"].tolist()) for days in (-1, 0, 30, 31, 40, 41)
    ]
    assert len(who) > 50
    assert grades == [{0}, {2}, {2}, {1}, {1}, {0}]


def test_severe_chronic_gvhd_always_needs_systemic_therapy_and_moderate_often(study):
    needs, severity = systemic(study.draws, ""), study.draws["cgvhd"]
    assert set(needs[severity == 3]) == {1}
    assert set(needs[severity == 0]) == {0}
    moderate = needs[severity == 2]
    assert abs(moderate.mean() - 0.6) < 4 * np.sqrt(0.24 / len(moderate))


def test_a_death_of_gvhd_is_of_grade_four_on_its_day(study):
    day = onsets(study.course, study.draws)[-1]
    who = np.flatnonzero(day < NEVER)
    state = states(study, who, day[who])
    assert len(who) > 0
    assert set(state["acute"]) == {4}
    assert (state["acute_onset"] <= day[who]).all()
