import csv
import datetime as dt
import itertools

import numpy as np
import pytest

from cdisc.simulate import simulate
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.study import live

MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"


def day(text):
    date, month, year = text.split(" ")[0].split("-")
    return f"{year}-{MONTHS.index(month) // 3 + 1:02d}-{date}"


def lis_day(text):
    return dt.date(*map(int, text.split(" ")[0].split("/"))).isoformat()


def scripted(simulated, name):
    (row,) = [row for row in simulated.rows("truth_subject") if row["SCRIPT"] == name]
    return row


def records(simulated, form, truth):
    return [row for row in simulated.rows(form) if row["SUBJ"] == truth["USUBJID"][-7:]]


def days_between(start, end):
    return (dt.date.fromisoformat(end) - dt.date.fromisoformat(start)).days


def test_arms_are_balanced_in_every_block_of_four(simulated):
    arms = [row["ARMCD"] for row in simulated.rows("truth_subject")]
    for start in range(0, 68, 4):
        assert sorted(arms[start : start + 4]) == ["CART", "CART", "CHEMODLI", "CHEMODLI"]
    assert sorted(arms[68:]) == ["CART", "CHEMODLI"]


def test_randomization_numbers_follow_time(simulated):
    dates = [row["RANDDT"] for row in simulated.rows("truth_subject")]
    assert dates == sorted(dates)


def test_nothing_happens_before_randomization_or_after_the_end(clean):
    truth = clean.truth()
    begin = {"AE": "AESTDAT", "LD": "LDSTDT", "CARTINF": "CISTDT", "CHEMO": "CHSTDT",
             "DLI": "DLSTDT", "EOT": "EOTDAT"}  # fmt: skip
    for form, field in begin.items():
        for row in clean.rows(form):
            if row[field]:
                subject = truth[row["SUBJ"]]
                assert subject["RANDDT"] <= day(row[field]) <= subject["EOSDT"]
    for row in clean.rows("AE"):
        if row["AEENDAT"]:
            assert day(row["AESTDAT"]) <= day(row["AEENDAT"]) <= truth[row["SUBJ"]]["EOSDT"]


def test_laboratory_samples_lie_between_consent_and_the_end_of_study(clean):
    consent = {row["SUBJ"]: day(row["ICDAT"]) for row in clean.rows("IC") if row["ICTYPE"] == "1"}
    end = {row["SUBJ"]: day(row["EOSDAT"]) for row in clean.rows("EOS")}
    sites = {"PK01": "01", "PK02": "02", "PK03": "03"}
    for row in clean.rows("LAB"):
        subject = f"{sites[row['HOSP']]}-{row['PATNO']}"
        assert consent[subject] <= lis_day(row["COLL_TM"]) <= end[subject]


def test_screening_failures_have_no_randomization_dose_event_or_death(clean):
    failed = {row["SUBJ"] for row in clean.rows("IE") if row["IEMET"] == "0"}
    assert len(failed) == 6
    for form in ("LD", "CARTINF", "CHEMO", "DLI", "AE", "EOT", "DEATH"):
        assert not failed & {row["SUBJ"] for row in clean.rows(form)}
    randomized = {f"{row['SUBJ_IW'][1:3]}-{row['SUBJ_IW'][3:]}" for row in clean.rows("RAND")}
    assert not failed & randomized
    assert {row["EOSR"] for row in clean.rows("EOS") if row["SUBJ"] in failed} == {"7"}
    assert not failed & set(clean.truth())


def test_survival_ends_with_death_or_is_censored_when_last_seen(simulated):
    truth = simulated.truth()
    for row in simulated.rows("truth_endpoint"):
        subject = truth[row["USUBJID"][-7:]]
        died = subject["DEATHDT"] != ""
        if row["ENDPOINT"] != "OS":
            continue
        assert row["START"] == subject["RANDDT"]
        assert row["DATE"] == (subject["DEATHDT"] or subject["LASTALIVE"])
        assert row["EVENT"] == ("0" if died else "1")
        assert row["REASON"] == ("DEATH" if died else "LAST KNOWN ALIVE")
        assert int(row["DAYS"]) == days_between(row["START"], row["DATE"]) + 1 >= 1


def test_the_forms_tell_the_death_of_the_truth(clean):
    truth = clean.truth()
    died = {subject for subject, row in truth.items() if row["DEATHDT"]}
    assert {row["SUBJ"] for row in clean.rows("DEATH")} == died
    ends = clean.by_subject("EOS")
    for subject in died:
        assert ends[subject]["EOSR"] == "2"
        assert day(ends[subject]["EOSDAT"]) == truth[subject]["DEATHDT"]
    fatal = {row["SUBJ"] for row in clean.rows("AE") if row["AEOUT"] == "5"}
    assert fatal == {
        subject for subject in died if truth[subject]["DEATHCAUSE"] != "LEUKEMIA RELAPSE"
    }


def test_the_first_dose_and_the_infusion_of_the_forms_are_those_of_the_truth(clean):
    doses, infusions = {}, {}
    for form, field, infusion in (
        ("LD", "LDSTDT", False), ("CHEMO", "CHSTDT", False),
        ("CARTINF", "CISTDT", True), ("DLI", "DLSTDT", True),
    ):  # fmt: skip
        for row in clean.rows(form):
            if row[field]:
                doses.setdefault(row["SUBJ"], []).append(day(row[field]))
            if row[field] and infusion:
                infusions.setdefault(row["SUBJ"], []).append(day(row[field]))
    for subject, row in clean.truth().items():
        assert row["TRTSDT"] == min(doses.get(subject, [""]))
        assert row["INFDT"] == min(infusions.get(subject, [""]))


def test_only_eligible_subjects_cross_over_and_to_the_other_treatment(clean):
    truth = clean.truth()
    crossed = {subject for subject, row in truth.items() if row["XOINFDT"]}
    assert crossed
    assert all(truth[subject]["XOELIG"] == "Y" for subject in crossed)
    to_cells = {row["SUBJ"] for row in clean.rows("CARTINF") if row["EVENT"] == "XD0"}
    to_donor = {row["SUBJ"] for row in clean.rows("DLI") if row["EVENT"] == "XD0"}
    assert to_cells | to_donor == crossed
    assert {truth[subject]["ARMCD"] for subject in to_cells} == {"CHEMODLI"}
    assert {truth[subject]["ARMCD"] for subject in to_donor} <= {"CART"}


def test_doses_per_kilogram_lie_in_the_range_of_the_design(clean):
    for row in clean.rows("CARTINF"):
        if row["CITOT"]:
            millions = float(row["CITOT"]) / (1e6 if row["CITOTU"] == "cells" else 1)
            assert 0.49 < millions / float(row["CIWT"]) < 1.06
    for row in clean.rows("DLI"):
        total = float(row["DLMNC"]) * {"10^8": 10, "10^9": 100}[row["DLMNCU"]]
        assert 4.9 < total / float(row["DLWT"]) < 15.1


def test_cyclophosphamide_is_given_per_surface(clean):
    for row in clean.rows("LD"):
        if row["LDDRUG"] == "1" and row["LDDOSE"]:
            milligrams = float(row["LDDOSE"]) * {"mg": 1, "g": 1000}[row["LDDOSEU"]]
            assert milligrams / float(row["LDBSA"]) == pytest.approx(300, abs=1)


def test_severe_neutropenia_shows_in_the_counts(clean):
    sites = {"PK01": "01", "PK02": "02", "PK03": "03"}
    severe = [row for row in clean.rows("truth_tox") if row["LINEAGE"] == "neutrophils"]
    intervals = {}
    for row in severe:
        intervals.setdefault(row["USUBJID"][-7:], []).append((row["ONSET"], row["END"]))
    inside = 0
    for row in clean.rows("LAB"):
        if row["ITEM_NAME"] != "中性粒细胞绝对值":
            continue
        count = float(row["RESULT"]) / (1000 if row["UNIT"] == "/uL" else 1)
        drawn = lis_day(row["COLL_TM"])
        within = any(
            start <= drawn < end
            for start, end in intervals.get(f"{sites[row['HOSP']]}-{row['PATNO']}", [])
        )
        assert (count < 1.0) == within
        inside += within
    assert inside > 100


def test_unscheduled_counts_follow_a_severe_interval(clean):
    samples = {
        (row["HOSP"], row["PATNO"], row["SAMPLE_ID"]): lis_day(row["COLL_TM"])
        for row in clean.rows("LAB")
    }
    per_subject = {}
    for (hospital, patient, _), drawn in samples.items():
        per_subject.setdefault((hospital, patient), []).append(drawn)
    gaps = [
        days_between(one, two)
        for days in per_subject.values()
        for one, two in itertools.pairwise(sorted(days))
    ]
    assert min(gaps) >= 1
    assert sum(gap in (3, 4) for gap in gaps) > 100


def test_flags_tell_below_from_above(clean):
    below, above = {"L", "LL", "↓"}, {"H", "HH", "↑"}
    for row in clean.rows("LAB"):
        low, high = map(float, row["REF"].split("--"))
        if float(row["RESULT"]) < low:
            assert row["FLAG"] in below
        if float(row["RESULT"]) > high:
            assert row["FLAG"] in above


def test_the_manufacturing_failure_is_never_dosed(simulated):
    subject = scripted(simulated, "E01")
    assert (subject["TREATED"], subject["TRTSDT"], subject["EOSREAS"]) == ("N", "", "COMPLETED")
    assert records(simulated, "LD", subject) == []
    assert records(simulated, "CARTINF", subject) == []
    assert [row["EOTR"] for row in records(simulated, "EOT", subject)] == ["5"]


def test_a_subject_withdraws_before_treatment(simulated):
    subject = scripted(simulated, "E02")
    assert days_between(subject["RANDDT"], subject["EOSDT"]) == 4
    assert subject["EOSREAS"] == "WITHDRAWAL BY SUBJECT"
    assert records(simulated, "CHEMO", subject) == []


def test_lymphodepletion_without_infusion_and_death_nineteen_days_later(simulated):
    subject = scripted(simulated, "E03")
    assert subject["TRTSDT"] != ""
    assert subject["INFDT"] == ""
    (infusion,) = records(simulated, "CARTINF", subject)
    assert (infusion["CISTDT"], infusion["CIRSN"]) == ("", "Sepsis")
    assert days_between(subject["TRTSDT"], subject["DEATHDT"]) == 5 + 19
    assert subject["DEATHCAUSE"] == "INFECTION"


def test_relapse_and_death_on_one_day(simulated):
    subject = scripted(simulated, "E04")
    assert subject["RELAPSEDT"] == subject["DEATHDT"] != ""


def test_an_early_cd19_negative_relapse(simulated):
    subject = scripted(simulated, "E06")
    assert days_between(subject["INFDT"], subject["RELAPSEDT"]) == 62
    assert subject["CD19NEG"] == "Y"


def test_crossover_relapse_and_death(simulated):
    subject = scripted(simulated, "E13")
    assert subject["INFDT"] < subject["XODT"] < subject["XOINFDT"] < subject["RELAPSEDT"]
    assert days_between(subject["XOINFDT"], subject["RELAPSEDT"]) == 150
    assert days_between(subject["RELAPSEDT"], subject["DEATHDT"]) == 40


def test_an_eligible_subject_declines_and_another_relapses_first(simulated):
    declined, relapsed = scripted(simulated, "E15"), scripted(simulated, "E16")
    assert (declined["XOELIG"], declined["XODT"]) == ("Y", "")
    assert (relapsed["XOELIG"], relapsed["XODT"]) == ("Y", "")
    consents = {
        name: [row["ICTYPE"] for row in records(simulated, "IC", subject)]
        for name, subject in (("declined", declined), ("relapsed", relapsed))
    }
    assert "3" not in consents["declined"]
    assert "3" in consents["relapsed"]


def test_fatal_sepsis_after_severe_cytokine_release(simulated):
    subject = scripted(simulated, "E18")
    assert days_between(subject["INFDT"], subject["DEATHDT"]) == 45
    events = records(simulated, "AE", subject)
    assert any(row["AEPT"] == "Cytokine release syndrome" and row["SLIFE"] == "1" for row in events)
    (fatal,) = [row for row in events if row["AEGR"] == "5"]
    assert fatal["AEPT"] == "Sepsis"


def test_the_youngest_and_the_oldest_subject(simulated):
    ages = simulated.by_subject("DEMO")
    assert ages[scripted(simulated, "E21a")["USUBJID"][-7:]]["AGE_RAW"] == "3"
    assert ages[scripted(simulated, "E21b")["USUBJID"][-7:]]["AGE_RAW"] == "79"


def test_a_product_below_target(simulated):
    (row,) = records(simulated, "CARTINF", scripted(simulated, "E23"))
    millions = float(row["CITOT"]) / (1e6 if row["CITOTU"] == "cells" else 1)
    assert round(millions / float(row["CIWT"]), 2) == 0.62


def test_age_is_that_of_the_dates(clean):
    consent = {row["SUBJ"]: day(row["ICDAT"]) for row in clean.rows("IC") if row["ICTYPE"] == "1"}
    for row in clean.rows("DEMO"):
        birth, then = day(row["BRTHDAT"]), consent[row["SUBJ"]]
        age = int(then[:4]) - int(birth[:4]) - (then[5:] < birth[5:])
        assert row["AGE_RAW"] == str(age)


def test_every_scripted_draw_exists():
    study = live(4, 1)
    names = {name for line in load("script").values() for name in line["set"]}
    assert names <= {*study.draws, "age"}


@pytest.fixture(scope="module")
def large():
    return live(6000, 20)


def test_survival_and_relapse_are_those_of_the_calibration(large):
    people, course = large.people, large.course
    start = people.randomization_day
    for arm, survival, relapses, crossed in ((0, 0.85, 7.6, 1.8), (1, 0.74, 11.6, 6.9)):
        here = people.arm == arm
        dead = (course.death < NEVER) & (course.death - start <= 365)
        assert 1 - dead[here].mean() == pytest.approx(survival, abs=0.025)
        assert 35 * (course.relapse < NEVER)[here].mean() == pytest.approx(relapses, abs=1.2)
        assert 35 * (course.infusion[1] < NEVER)[here].mean() == pytest.approx(crossed, abs=0.8)


def test_relapse_raises_death_and_severe_gvhd_raises_death_without_relapse(large):
    course, draws, known = large.course, large.draws, large.people.in_study
    died, relapsed = course.death < NEVER, course.relapse < NEVER
    assert died[known & relapsed].mean() > 5 * died[known & ~relapsed].mean()
    severe = (draws["agvhd"] >= 3) & (draws["treated"] == 1)
    alone = died & ~relapsed
    assert alone[known & severe].mean() > 2 * alone[known & ~severe].mean()


def test_a_severe_release_of_cytokines_prolongs_neutropenia(large):
    days, crs = large.draws["neutrophils_days"], large.draws["crs"]
    first = large.people.arm == 0
    assert np.median(days[first & (crs >= 3)]) > 1.5 * np.median(days[first & (crs < 3)])


def test_nobody_is_dosed_after_the_end_or_crosses_after_relapse(large):
    course = large.course
    for period in (0, 1):
        given = course.infusion[period] < NEVER
        assert (course.infusion[period] <= course.end)[given].all()
    crossed = course.infusion[1] < NEVER
    assert (course.relapse > course.infusion[1])[crossed].all()
    assert course.eligible[crossed].all()


def test_whoever_is_infused_was_dosed_five_days_before_whatever_the_seed(tmp_path):
    # of seed 4 a scripted subject was drawn as not treated, and its script says otherwise
    simulate(tmp_path, subjects=70, seed=4)
    with (tmp_path / "truth" / "truth_subject.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["INFDT"]]

    days = {
        dt.date.fromisoformat(row["INFDT"]) - dt.date.fromisoformat(row["TRTSDT"]) for row in rows
    }
    assert days == {dt.timedelta(days=5)}
