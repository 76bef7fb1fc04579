import datetime as dt
from collections import defaultdict

import numpy as np
import pytest

from cdisc.simulate import charts, recovery
from cdisc.simulate.course import Course
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.procedures import Transfusions
from cdisc.simulate.recovery import Counts
from cdisc.simulate.study import live

SITES = {"PK01": "01", "PK02": "02", "PK03": "03"}
MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
LINEAGES = {"HTDNEU": ["NEUT"], "HTDPLT": ["PLAT"], "HTDHGB": ["HGB"],
            "HTD34": ["NEUT", "PLAT", "HGB"]}  # fmt: skip
ITEMS = {
    "NEU#": ("NEUT", 0.5, 1.0), "ANC": ("NEUT", 0.5, 1.0), "GR#": ("NEUT", 0.5, 1.0),
    "PLT": ("PLAT", 25, 50), "HGB": ("HGB", 0, 80), "Hb": ("HGB", 0, 80),
}  # fmt: skip
FACTORS = {"10^9/L": 1, "/uL": 0.001, "K/uL": 1, "10^4/uL": 10, "g/L": 1, "g/dL": 10}


def edc(text):
    date, month, year = text.split("-")
    return dt.date(int(year), MONTHS.index(month) // 3 + 1, int(date))


def lis(text):
    return dt.date(*map(int, text.split(" ")[0].split("/")))


def grades_of_the_results(clean):
    """Subject to day to lineage to grade (0 below 3), read from the hospital file."""
    found = defaultdict(lambda: defaultdict(dict))
    for row in clean.rows("LAB"):
        if row["ITEM_CODE"] in ITEMS:
            lineage, four, three = ITEMS[row["ITEM_CODE"]]
            value = round(float(row["RESULT"]) * FACTORS[row["UNIT"]], 6)
            grade = 4 if value < four else 3 if value < three else 0
            subject = f"{SITES[row['HOSP']]}-{row['PATNO']}"
            found[subject][lis(row["COLL_TM"])][lineage] = grade
    return found


def transfusions_of_the_form(clean):
    found = defaultdict(lambda: {"PLAT": [], "HGB": [], "NEUT": []})
    for row in clean.rows("PROC"):
        if row["PRCAT"] == "1":
            lineage = "PLAT" if row["PRINDC"].startswith("PLT") else "HGB"
            found[row["SUBJ"]][lineage].append(edc(row["PRSTDAT"]))
    return found


def day(text):
    return dt.date.fromisoformat(text) if text else None


def naive(truth, days, given, lineages):
    """The rule of the analysis plan, one subject and one day after another."""
    crossing, end = day(truth["XODT"]), day(truth["EOSDT"])
    limit = crossing - dt.timedelta(1) if crossing else end
    start = day(truth["TRTSDT"])
    if start is None:
        return None
    first = [one for one in sorted(days) if start <= one <= limit]
    worst = {one: max(days[one][lineage] for lineage in lineages) for one in days}
    onset = next((one for one in first if worst[one] >= 3), None)
    if onset is None:
        return None
    for one in first:
        raised = any(
            0 <= (one - other).days <= {"PLAT": 3, "HGB": 7, "NEUT": -1}[lineage]
            for lineage in lineages
            for other in given[lineage]
        )
        again = any(worst[other] >= 3 for other in days if 0 < (other - one).days <= 7)
        if one > onset and worst[one] < 3 and not raised and not again:
            return onset, one, "0"
    if truth["DEATHDT"] and not crossing:
        return onset, day(truth["DEATHDT"]), "2"
    return (onset, limit, "3") if crossing else (onset, first[-1], "1")


@pytest.mark.parametrize("endpoint", LINEAGES)
def test_durations_are_those_of_the_results_and_transfusions_written(clean, endpoint):
    results, given = grades_of_the_results(clean), transfusions_of_the_form(clean)
    expected = {}
    for subject, truth in clean.truth().items():
        found = naive(truth, results[subject], given[subject], LINEAGES[endpoint])
        if found:
            expected[truth["USUBJID"]] = found
    told = {
        row["USUBJID"]: (day(row["START"]), day(row["DATE"]), row["EVENT"])
        for row in clean.rows("truth_endpoint")
        if row["ENDPOINT"] == endpoint
    }
    assert told == expected
    assert len(told) > 10
    rows = [row for row in clean.rows("truth_endpoint") if row["ENDPOINT"] == endpoint]
    for row in rows:
        assert int(row["DAYS"]) == (day(row["DATE"]) - day(row["START"])).days + 1


def test_severe_grades_of_samples_are_those_of_the_results_written(clean):
    results = grades_of_the_results(clean)
    told = clean.rows("truth_grade")
    assert len(told) > 1000
    for row in told:
        written = results[row["USUBJID"][-7:]][day(row["DATE"])]
        for lineage in ("NEUT", "PLAT", "HGB"):
            grade = int(row[lineage])
            assert (grade if grade >= 3 else 0) == written[lineage]


def test_a_second_fall_within_a_week_and_a_transfusion_delay_the_recovery(clean):
    (truth,) = [row for row in clean.rows("truth_subject") if row["SCRIPT"] == "E24"]
    infusion = day(truth["INFDT"])
    told = {
        row["ENDPOINT"]: row
        for row in clean.rows("truth_endpoint")
        if row["USUBJID"] == truth["USUBJID"] and row["ENDPOINT"].startswith("HTD")
    }
    assert set(told) == {"HTD34", "HTDNEU", "HTDPLT"}
    neutrophils = {
        (day(row["DATE"]) - infusion).days: int(row["NEUT"])
        for row in clean.rows("truth_grade")
        if row["USUBJID"] == truth["USUBJID"]
    }
    assert all(neutrophils[one] == 4 for one in neutrophils if 0 <= one < 11 or 15 <= one < 20)
    between = [one for one in neutrophils if 11 <= one < 15]
    assert between
    assert all(neutrophils[one] < 3 for one in between)
    recovery_day = (day(told["HTDNEU"]["DATE"]) - infusion).days
    assert recovery_day == min(one for one in neutrophils if one >= 20)
    platelets = (day(told["HTDPLT"]["DATE"]) - infusion).days
    assert platelets == min(one for one in neutrophils if one > 24)
    given = transfusions_of_the_form(clean)[truth["USUBJID"][-7:]]["PLAT"]
    assert {19, 21} <= {(one - infusion).days for one in given}
    assert told["HTD34"]["EVENT"] == "0"
    assert told["HTD34"]["DATE"] == told["HTDPLT"]["DATE"]


def counted(*samples):
    """Counts of one lineage from (subject, day, grade)."""
    subject, days, grade = np.array(samples).T
    return Counts(subject, days, {"neutrophils": grade, "platelets": grade * 0})


def course_of(size, **days):
    fixed = np.full(size, NEVER)
    values = {
        "infusion": (fixed, fixed), "first_dose": (fixed * 0, fixed),
        "treatment": (fixed * 0, fixed * 0 - 1), "eligible": fixed < 0, "relapse": fixed,
        "death": fixed, "end": fixed * 0 + 100, "reason": fixed, "cause": fixed,
        "new_therapy": fixed,
    } | days  # fmt: skip
    return Course(**values)


PLAN = {
    "durations": {"X": ["neutrophils"]},
    "days": 7,
    "transfusions": {"neutrophils": {"kind": "bag", "days": 3}},
    "reasons": ["recovered", "last", "dead", "crossed"],
}


def ended(course, counts, transfused=()):
    subject = np.array([one for one, _ in transfused], dtype=np.int64)
    days = np.array([one for _, one in transfused], dtype=np.int64)
    given = Transfusions(subject, days, np.zeros(len(days), dtype=np.int64))
    rows = recovery.durations(PLAN, ["bag"], course, counts, given)
    return list(zip(*(rows[name].tolist() for name in ("subject", "start", "day", "reason")),
                    strict=True))  # fmt: skip


def test_a_recovery_needs_a_week_without_another_fall():
    counts = counted((0, 10, 3), (0, 20, 2), (0, 27, 4), (0, 30, 1), (0, 38, 3), (0, 50, 0))
    assert ended(course_of(1), counts) == [(0, 10, 30, "recovered")]


def test_the_fall_of_the_next_subject_is_no_second_fall():
    counts = counted((0, 10, 3), (0, 20, 2), (1, 21, 4), (1, 26, 0))
    assert ended(course_of(2), counts) == [(0, 10, 20, "recovered"), (1, 21, 26, "recovered")]


@pytest.mark.parametrize(("transfusion", "day"), [(16, 20), (17, 25), (18, 25), (20, 25), (21, 20)])
def test_a_count_up_to_three_days_after_a_transfusion_is_no_recovery(transfusion, day):
    counts = counted((0, 10, 4), (0, 20, 0), (0, 25, 0))
    assert ended(course_of(1), counts, [(0, transfusion)]) == [(0, 10, day, "recovered")]


def test_without_recovery_death_competes_and_crossover_and_the_last_sample_censor():
    counts = counted(*[(one, day, 3) for one in range(3) for day in (10, 40)])
    death = np.array([60, NEVER, NEVER])
    crossing = np.array([NEVER, 50, NEVER])
    course = course_of(
        3, death=death, end=np.array([60, 100, 100]), first_dose=(np.zeros(3, int), crossing)
    )
    assert ended(course, counts) == [
        (0, 10, 60, "dead"),
        (1, 10, 49, "crossed"),
        (2, 10, 40, "last"),
    ]


def test_samples_before_the_first_dose_and_after_crossover_do_not_begin_a_duration():
    counts = counted((0, 3, 4), (0, 60, 4), (0, 70, 0))
    course = course_of(1, first_dose=(np.array([5]), np.array([50])))
    assert ended(course, counts) == []


def test_transfusions_are_given_while_counts_are_severely_low():
    study = live(400, 3)
    given = charts.transfusions(study)
    kinds = list(load("procedures")["kinds"])
    assert len(given.day) > 200
    scripted = study.draws["late_transfusion"][given.subject] == 1
    for lineage, kind in (("platelets", "platelets"), ("haemoglobin", "red_cells")):
        here = (given.kind == kinds.index(kind)) & ~scripted
        low = np.zeros(here.sum(), dtype=bool)
        for period in study.severe:
            for one in period:
                if one.lineage == lineage:
                    start, finish = one.start[given.subject[here]], one.finish[given.subject[here]]
                    low |= (start <= given.day[here]) & (given.day[here] < finish)
        assert low.all()
