import datetime as dt
import itertools
import math

import numpy as np
import pytest

from cdisc.simulate.model import NEVER
from cdisc.simulate.study import live
from cdisc.simulate.visits import onsets


@pytest.fixture(scope="module")
def study():
    return live(1000, 3)


def planned_months(study):
    months = [name for name, plan in study.model["visits"].items() if "month" in plan]
    usual = (study.draws["scripted"] == 0) & ~study.course.eligible
    return np.isin(study.visits.event, months) & usual[study.visits.subject]


def within(share, expected, size):
    return abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / size)


def day(text):
    return dt.datetime.strptime(text.split(" ")[0] + "+0000", "%d-%b-%Y%z").date().isoformat()


def after(start, days):
    return (dt.date.fromisoformat(start) + dt.timedelta(days)).isoformat()


def scripted(simulated, name):
    (row,) = [row for row in simulated.rows("truth_subject") if row["SCRIPT"] == name]
    return row


def visits_of(simulated, subject):
    label = subject["USUBJID"][-7:]
    return {
        row["EVENT"]: day(row["VISDAT"])
        for row in simulated.rows("VISIT")
        if row["SUBJ"] == label and row["VISDAT"] and row["EVENT"] != "UNS"
    }


def test_three_percent_of_the_month_visits_are_missed_and_say_why(study):
    here = planned_months(study)
    missed = here & ~study.visits.done
    assert within(missed.sum() / here.sum(), 0.03, here.sum())
    assert (study.visits.reason[missed] != "").all()
    assert study.visits.done[~planned_months(study)].mean() > 0.995


def test_four_percent_of_the_month_visits_lie_outside_their_window(study):
    visits = study.visits
    here = planned_months(study) & visits.done
    window = np.array([study.model["visits"][one]["window"] for one in visits.event[here]])
    outside = np.abs(visits.day - visits.planned)[here] > window
    assert within(outside.mean(), 0.04, here.sum())


def test_planned_visits_of_a_period_keep_their_order_and_end_with_participation(study):
    visits = study.visits
    for period in (0, 1):
        here = visits.done & (visits.planned < NEVER) & (visits.period == period)
        order = np.lexsort((visits.planned[here], visits.subject[here]))
        subject, seen = visits.subject[here][order], visits.day[here][order]
        same = subject[1:] == subject[:-1]
        assert (np.diff(seen)[same] >= 0).all()
    assert (visits.day <= study.course.end[visits.subject])[visits.done].all()


def test_every_relapse_and_every_onset_of_gvhd_is_seen_on_its_day(study):
    visits, course = study.visits, study.course
    plans = study.model["visits"]
    days = [(course.relapse, "RESP"), *((one, "GVHD") for one in onsets(course, study.draws))]
    for when, form in days:
        known = np.flatnonzero((when <= course.end) & (when < NEVER) & study.people.in_study)
        assert len(known) > 0
        fits = np.array([one == "UNS" or form in plans[one]["forms"] for one in visits.event])
        fits &= visits.day == when[visits.subject]
        assert set(known) <= set(visits.subject[fits])


def test_unscheduled_visits_of_a_subject_are_numbered_by_day(study):
    visits = study.visits
    here = visits.event == "UNS"
    rows = zip(visits.subject[here], visits.day[here], visits.sequence[here], strict=True)
    for _, group in itertools.groupby(rows, key=lambda row: row[0]):
        days, numbers = zip(*[(day, number) for _, day, number in group], strict=True)
        assert numbers == tuple(range(1, len(days) + 1))
        assert list(days) == sorted(set(days))


def test_the_visits_of_the_months_count_from_randomization_without_an_infusion(clean):
    subject = scripted(clean, "E01")
    seen = visits_of(clean, subject)
    assert after(subject["RANDDT"], 90 - 7) <= seen["M3"] <= after(subject["RANDDT"], 90 + 7)
    assert after(subject["RANDDT"], 365 - 14) <= seen["M12"] <= after(subject["RANDDT"], 365)
    assert "D0" not in seen


def test_the_visits_of_the_months_count_from_the_first_infusion_after_crossing_over(clean):
    subject = scripted(clean, "E13")
    seen, first = visits_of(clean, subject), subject["INFDT"]
    assert after(first, 182 - 7) <= seen["M6"] <= after(first, 182 + 7)
    assert seen["XD0"] == subject["XOINFDT"]
    assert seen["XDM5"] == subject["XODT"] == after(subject["XOINFDT"], -5)
    assert seen["M3"] < seen["XAPH"] < seen["XDM5"]


def test_crossing_over_is_decided_and_consented_at_month_three(clean):
    consents = {row["SUBJ"]: row for row in clean.rows("IC") if row["ICTYPE"] == "3"}
    seen = {row["SUBJ"]: row for row in clean.rows("VISIT") if row["EVENT"] == "M3"}
    rows = {row["SUBJ"]: row for row in clean.rows("XO")}
    agreed = {subject for subject, row in rows.items() if row["XOCONS"] == "1"}
    assert agreed == set(consents)
    for subject in agreed:
        assert consents[subject]["ICDAT"] == rows[subject]["XODAT"] == seen[subject]["VISDAT"]
    declined = scripted(clean, "E15")["USUBJID"][-7:]
    assert (rows[declined]["XOELIG"], rows[declined]["XOCONS"]) == ("1", "0")
    assert rows[declined]["XORSN"] != ""
    relapsed = scripted(clean, "E16")
    assert relapsed["USUBJID"][-7:] in agreed
    assert (relapsed["XOELIG"], relapsed["XODT"]) == ("Y", "")


def test_only_positive_marrow_without_relapse_is_eligible_to_cross_over(clean):
    for row in clean.rows("XO"):
        positive = row["XOMRD"] not in {"", "<0.01"} and float(row["XOMRD"]) >= 0.1
        assert row["XOELIG"] == ("1" if positive and row["XORLP"] == "0" else "0")


def test_a_visit_that_was_not_done_has_no_date_and_no_mode(clean):
    rows = [row for row in clean.rows("VISIT") if row["VISND"] == "1"]
    assert len(rows) > 5
    for row in rows:
        assert (row["VISDAT"], row["VISMODE"], row["VISND_D"]) == ("", "", "Not done")
        assert row["VISRSN"] != ""


def test_the_lost_subject_was_seen_last_by_telephone_then_marrow_then_gvhd(simulated):
    subject = scripted(simulated, "E17")
    assert subject["EOSREAS"] == "LOST TO FOLLOW-UP"
    assert subject["LASTALIVE"] == after(subject["RANDDT"], 160)
    assert subject["LASTDA"] == subject["LASTMRD"] == after(subject["INFDT"], 130)
    assert subject["LASTALIVE"] > subject["LASTDA"] > subject["LASTGV"]
    label = subject["USUBJID"][-7:]
    states = [row["SVSTAT"] for row in simulated.rows("SURV") if row["SUBJ"] == label]
    assert states[-1] == "9"


def test_survival_contacts_agree_with_deaths(clean):
    dead = {row["SUBJ"]: row["DTHDAT"] for row in clean.rows("DEATH") if row["DTHSRC"] == "1"}
    partial = {subject for subject, date in dead.items() if date.startswith("UN-")}
    said = {row["SUBJ"]: row["SVDAT"] for row in clean.rows("SURV") if row["SVSTAT"] == "2"}
    assert said.keys() == dead.keys()
    assert all(said[one] == dead[one] for one in dead.keys() - partial)


def test_a_subject_randomized_by_mistake_has_an_unmet_criterion_and_a_major_deviation(clean):
    subject = scripted(clean, "E22")
    label = subject["USUBJID"][-7:]
    (row,) = [row for row in clean.rows("IE") if row["SUBJ"] == label]
    assert (row["IEMET"], row["INCL03"]) == ("1", "0")
    assert [row[f"INCL0{place}"] for place in (1, 2, 4, 5, 6)] == ["1"] * 5
    (deviation,) = [
        row for row in clean.rows("DEV") if row["SUBJ"] == label and row["DVCAT"] == "1"
    ]
    assert (deviation["DVMAJ"], day(deviation["DVDAT"])) == ("1", subject["RANDDT"])


def test_a_missed_month_three_is_a_major_deviation(clean):
    missed = {
        row["SUBJ"] for row in clean.rows("VISIT") if row["EVENT"] == "M3" and row["VISND"] == "1"
    }
    rows = {row["SUBJ"]: row for row in clean.rows("DEV") if row["DVCAT"] == "5"}
    assert set(rows) == missed
    assert {row["DVMAJ"] for row in rows.values()} == {"1"}


def test_a_comment_on_an_event_names_a_row_that_exists(clean):
    events = {(row["SUBJ"], row["ROWNO"]) for row in clean.rows("AE")}
    rows = clean.rows("COMM")
    named = [(row["SUBJ"], row["COROW"]) for row in rows if row["COFORM"] == "AE"]
    assert len(named) > 5
    assert set(named) <= events
    assert max(len(row["COTEXT"]) for row in rows) > 200
