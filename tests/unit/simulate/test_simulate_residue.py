import datetime as dt
import itertools
from fractions import Fraction

import numpy as np
import pytest

from cdisc.simulate import simulate
from cdisc.simulate.assessment import fraction, percents
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.mrd import DRY, aspirate, recurrences
from cdisc.simulate.study import live

MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
ABNORMAL = "CD19+ abnormal B"


def edc(text):
    date, month, year = text.split("-")
    return dt.date(int(year), MONTHS.index(month) // 3 + 1, int(date))


def dotted(text):
    return dt.date(*map(int, reversed(text.split("."))))


def iso(text):
    return dt.date.fromisoformat(text) if text else None


def percent(result):
    """The level in percent of a result of the flow laboratory without other defects."""
    text, unit = result["RESULT"], result["UNIT"]
    if text in ("<0.01", "ND", "未检出"):
        return 0.005
    if "/" in text:
        return float(Fraction(text) * 100)
    if unit == "/nucleated cells":
        return float(text) * 100
    return float(text.removesuffix("%"))


def samples(clean):
    """Day and percent of every marrow (or blood instead) per subject, out of the flow file."""
    found = {}
    for row in clean.rows("FLOW"):
        if row["POPULATION"] == ABNORMAL and row["SPECIMEN"] != "CSF":
            one = (dotted(row["COLL_DATE"]), percent(row), row["SPECIMEN"])
            found.setdefault(row["PATIENT"].replace("/", "-"), []).append(one)
    return found


def month_three(subject, taken, limit):
    """The primary endpoint in the words of the plan, from dates alone."""
    infused, randomized = iso(subject["INFDT"]), iso(subject["RANDDT"])
    dose, death, relapse = (iso(subject[name]) for name in ("TRTSDT", "DEATHDT", "RELAPSEDT"))
    anchor = infused or dose or randomized
    near = [
        (specimen != "BM", abs((day - anchor).days - 90), -day.toordinal(), day, level)
        for day, level, specimen in taken
        if 75 <= (day - anchor).days <= 105
    ]
    chosen = min(near, default=None)
    end = (infused or randomized) + dt.timedelta(105)
    day = chosen[3] if chosen else None
    if death and death <= end and (day is None or day > death):
        return "N", "DEATH BEFORE MONTH 3", death
    if relapse and relapse <= (day or end):
        return "N", "RELAPSE BEFORE MONTH 3", relapse
    others = [iso(subject[name]) for name in ("NEWTXDT", "XODT") if subject[name]]
    if day and others and min(others) < day:
        return "N", "NEW THERAPY BEFORE MONTH 3", min(others)
    if not infused:
        return "N", "NOT TREATED", None
    if day is None:
        return "N", "NOT ASSESSED", None
    return ("Y", "NEGATIVE", day) if chosen[4] < limit - 1e-9 else ("N", "POSITIVE", day)


@pytest.mark.parametrize(("endpoint", "limit"), [("MRD3NEG", 0.1), ("MRD3N01", 0.01)])
def test_the_answer_at_month_three_follows_from_the_raw_file_for_everybody(clean, endpoint, limit):
    truth, taken = clean.truth(), samples(clean)
    rows = [row for row in clean.rows("truth_endpoint") if row["ENDPOINT"] == endpoint]
    assert len(rows) == 70
    for row in rows:
        name = row["USUBJID"][-7:]
        said = (row["VALUE"], row["REASON"], iso(row["DATE"]))
        assert said == month_three(truth[name], taken.get(name, []), limit)


def scripted(clean, name):
    (row,) = [row for row in clean.rows("truth_subject") if row["SCRIPT"].startswith(name)]
    return row


def answers(clean, name):
    subject = scripted(clean, name)
    return {
        row["ENDPOINT"]: row
        for row in clean.rows("truth_endpoint")
        if row["USUBJID"] == subject["USUBJID"]
    }


@pytest.mark.parametrize(
    ("script", "primary", "deeper", "marrows"),
    [
        ("E06", "RELAPSE BEFORE MONTH 3", "RELAPSE BEFORE MONTH 3", {63: "<0.01"}),
        ("E07", "RELAPSE BEFORE MONTH 3", "RELAPSE BEFORE MONTH 3", {81: "<0.01"}),
        ("E08", "NOT ASSESSED", "NOT ASSESSED", {110: "<0.01"}),
        ("E09", "NEGATIVE", "POSITIVE", {85: "0.15", 97: "0.03"}),
        ("E10", "NEGATIVE", "POSITIVE", {}),
        ("E11", "POSITIVE", "POSITIVE", {}),
        ("E12", "POSITIVE", "POSITIVE", {}),
        ("E01", "NOT TREATED", "NOT TREATED", {}),
        ("E03", "DEATH BEFORE MONTH 3", "DEATH BEFORE MONTH 3", {}),
        ("Q23", "NOT ASSESSED", "NOT ASSESSED", {113: "<0.01"}),
    ],
)
def test_the_scripted_month_three_is_as_written(clean, script, primary, deeper, marrows):
    said = answers(clean, script)
    assert said["MRD3NEG"]["REASON"] == primary
    assert said["MRD3N01"]["REASON"] == deeper
    subject = scripted(clean, script)
    start = iso(subject["INFDT"] or subject["RANDDT"])
    found = {
        (iso(row["DATE"]) - start).days + 1: row["REPORTED"]
        for row in clean.rows("truth_mrd")
        if row["USUBJID"] == subject["USUBJID"]
    }
    assert marrows.items() <= found.items()


@pytest.mark.parametrize(("script", "result"), [("E10", "0.05"), ("E11", "0.10"), ("E12", "0.12")])
def test_the_primary_marrow_of_a_script_is_reported_to_the_hundredth(clean, script, result):
    subject = scripted(clean, script)
    (row,) = [
        row
        for row in clean.rows("truth_mrd")
        if row["USUBJID"] == subject["USUBJID"] and row["ISPRIMARY"] == "Y"
    ]
    assert (row["VISIT_TRUE"], row["REPORTED"]) == ("M3", result)


def test_one_script_reports_a_fraction(simulated):
    subject = scripted(simulated, "E12")
    day = iso(answers(simulated, "E12")["MRD3NEG"]["DATE"])
    rows = [
        row
        for row in simulated.rows("FLOW")
        if row["PATIENT"] == subject["USUBJID"][-7:].replace("-", "/")
        and row["COLL_DATE"] == day.strftime("%d.%m.%Y")
        and row["POPULATION"] == ABNORMAL
    ]
    assert [(row["RESULT"], row["UNIT"]) for row in rows] == [("1.2E-3", "/nucleated cells")]


def test_the_flow_file_holds_every_true_sample_with_its_level(clean):
    told = {
        (row["USUBJID"][-7:], iso(row["DATE"])): row["REPORTED"] for row in clean.rows("truth_mrd")
    }
    found = {
        (name, day): "<0.01" if level == 0.005 else f"{level:.2f}"
        for name, taken in samples(clean).items()
        for day, level, _ in taken
    }
    assert found == told


def test_the_truth_is_on_the_side_of_the_threshold_where_the_report_is(clean):
    for row in clean.rows("truth_mrd"):
        level = float(row["MRDPCT"])
        if row["REPORTED"] == "<0.01":
            assert level < 0.01
        else:
            assert (level >= 0.1) == (float(row["REPORTED"]) >= 0.1)
            assert abs(level - float(row["REPORTED"])) <= 0.0051 + 1e-9


def test_first_negativity_is_seen_after_treatment_and_before_relapse_and_crossover(clean):
    truth, taken = clean.truth(), samples(clean)
    for row in clean.rows("truth_endpoint"):
        if row["ENDPOINT"] != "MRDNEG1":
            continue
        subject = truth[row["USUBJID"][-7:]]
        stops = [iso(subject[name]) for name in ("RELAPSEDT", "NEWTXDT", "XODT") if subject[name]]
        dose = iso(subject["TRTSDT"])
        days = [
            day
            for day, level, _ in taken.get(row["USUBJID"][-7:], [])
            if dose and dose < day < min(stops, default=dt.date.max) and level < 0.1
        ]
        assert iso(row["DATE"]) == min(days, default=None)
        assert row["VALUE"] == ("Y" if days else "N")


def test_time_to_negativity_is_counted_from_the_infusion_of_the_infused(clean):
    truth = clean.truth()
    rows = {
        row["USUBJID"][-7:]: row
        for row in clean.rows("truth_endpoint")
        if row["ENDPOINT"] == "TTMRDN"
    }
    assert set(rows) == {name for name, subject in truth.items() if subject["INFDT"]}
    for name, row in rows.items():
        subject = truth[name]
        assert row["START"] == subject["INFDT"]
        assert int(row["DAYS"]) == (iso(row["DATE"]) - iso(row["START"])).days + 1 >= 1
        expected = {
            "MRD NEGATIVITY": "0", "LAST MRD ASSESSMENT": "1", "INDEX INFUSION": "1",
            "RELAPSE": "2", "DEATH": "2", "CROSSOVER START": "3",
            "NEW ANTI-LEUKEMIA THERAPY": "4",
        }  # fmt: skip
        assert row["EVENT"] == expected[row["REASON"]]
        field = {"RELAPSE": "RELAPSEDT", "DEATH": "DEATHDT", "CROSSOVER START": "XODT"}
        if row["REASON"] in field:
            assert row["DATE"] == subject[field[row["REASON"]]]


def until(cases, start):
    """The first of the cases that has a day."""
    return next((day, code) for day, code in cases if day) if start else None


def test_both_times_follow_from_the_raw_file_for_everybody(clean):
    taken, said = samples(clean), {}
    for row in clean.rows("truth_endpoint"):
        said[row["USUBJID"][-7:], row["ENDPOINT"]] = row
    for name, subject in clean.truth().items():
        fields = ("INFDT", "RELAPSEDT", "DEATHDT", "NEWTXDT", "XODT", "RANDDT")
        infused, relapse, death, therapy, cross, randomized = (
            iso(subject[field]) for field in fields
        )
        first = iso(said[name, "MRDNEG1"]["DATE"])
        back = iso(said[name, "MRDPOS1"]["DATE"])
        rival = min(filter(None, (relapse, death)), default=None)
        stop = min(filter(None, (therapy, cross)), default=None)
        last = max((day for day, *_ in taken.get(name, []) if day >= randomized), default=None)
        before = rival if rival and (stop is None or rival <= stop) else None
        code = "4" if therapy and therapy == stop else "3"
        cases = [(first, "0"), (before, "2"), (stop, code), (last, "1"), (infused, "1")]
        found = said.get((name, "TTMRDN"))
        told = found and (iso(found["DATE"]), found["EVENT"])
        assert told == until(cases, infused)
        cases = [(back, "0"), (rival, "2"), (last, "1"), (first, "1")]
        found = said.get((name, "TTMRDP"))
        told = found and (iso(found["DATE"]), found["EVENT"])
        assert told == until(cases, first)


def test_time_to_positivity_starts_with_negativity(clean):
    said = {}
    for row in clean.rows("truth_endpoint"):
        said.setdefault(row["ENDPOINT"], {})[row["USUBJID"]] = row
    starts = {name: row["DATE"] for name, row in said["MRDNEG1"].items() if row["VALUE"] == "Y"}
    assert {name: row["START"] for name, row in said["TTMRDP"].items()} == starts
    for name, row in said["MRDPOS1"].items():
        event = said["TTMRDP"].get(name, {"EVENT": ""})["EVENT"] == "0"
        assert event == (row["VALUE"] == "Y")


def test_every_relapse_is_told_once_on_its_day(clean):
    truth = clean.truth()
    told = {}
    for row in clean.rows("RESP"):
        if row["RLP"] == "1":
            assert row["SUBJ"] not in told
            told[row["SUBJ"]] = row
    assert set(told) == {name for name, row in truth.items() if row["RELAPSEDT"]}
    types = {"1": "HEMATOLOGICAL", "2": "EXTRAMEDULLARY", "3": "COMBINED"}
    for name, row in told.items():
        subject = truth[name]
        assert edc(row["RSDAT"]) == edc(row["RLPDAT"]) == iso(subject["RELAPSEDT"])
        assert types[row["RLPTYP"]] == subject["RELAPSETYPE"]
        assert row["CD19ST"] == {"Y": "2", "N": "1"}[subject["CD19NEG"]]
        assert ("1" in row["RLPSITE"]) == (row["RLPTYP"] != "2")


def test_a_relapse_in_the_marrow_fills_it_and_one_outside_does_not(clean):
    truth = clean.truth()
    for row in clean.rows("BM"):
        subject = truth[row["SUBJ"]]
        relapse = iso(subject["RELAPSEDT"])
        if not row["BMBLAST"]:
            continue
        ill = relapse and edc(row["BMDAT"]) >= relapse
        full = bool(ill) and subject["RELAPSETYPE"] != "EXTRAMEDULLARY"
        assert (float(row["BMBLAST"]) >= 6) == full


def test_disease_outside_the_marrow_is_positive_from_its_relapse_on(clean):
    truth, seen = clean.truth(), set()
    for row in clean.rows("EMD"):
        subject = truth[row["SUBJ"]]
        relapse = iso(subject["RELAPSEDT"])
        outside = subject["RELAPSETYPE"] in ("EXTRAMEDULLARY", "COMBINED")
        if row["EMRES"] == "1":
            assert outside
            assert edc(row["EMDAT"]) >= relapse
            seen.add(row["SUBJ"])
    assert seen == {
        name for name, row in truth.items() if row["RELAPSETYPE"] in ("EXTRAMEDULLARY", "COMBINED")
    }


def test_the_scripted_relapse_of_the_nervous_system_is_in_its_fluid(clean):
    subject = scripted(clean, "E07")
    patient = subject["USUBJID"][-7:].replace("-", "/")
    (row,) = [
        row for row in clean.rows("FLOW") if row["PATIENT"] == patient and row["SPECIMEN"] == "CSF"
    ]
    assert dotted(row["COLL_DATE"]) == iso(subject["RELAPSEDT"])
    assert 2 <= percent(row) <= 20


def test_no_marrow_is_examined_before_consent_or_after_the_end(clean):
    truth = clean.truth()
    for name, taken in samples(clean).items():
        assert max(day for day, _, _ in taken) <= iso(truth[name]["EOSDT"])
        assert min(day for day, _, _ in taken) <= iso(truth[name]["RANDDT"])


def test_a_marrow_that_was_not_taken_has_no_flow_and_no_findings(clean):
    found = samples(clean)
    for row in clean.rows("BM"):
        if row["BMND"] == "1":
            assert row["BMDAT"] == row["BMQUAL"] == row["BMBLAST"] == row["PBBLAST"] == ""
        elif row["BMQUAL"] == "3":
            assert (row["BMBLAST"], row["BMCELL"]) == ("", "")
            (specimen,) = [
                specimen for day, _, specimen in found[row["SUBJ"]] if day == edc(row["BMDAT"])
            ]
            assert specimen == "PB"


def test_samples_are_numbered_per_subject(clean):
    rows = clean.rows("FLOW")
    for patient, mine in itertools.groupby(rows, key=lambda row: row["PATIENT"]):
        names = [name for name, _ in itertools.groupby(row["ACCESSION"] for row in mine)]
        stem = "FC" + patient.replace("/", "")
        assert names == [f"{stem}-{place:02d}" for place in range(1, len(names) + 1)]


def test_a_month_that_the_site_mislabels_is_logged_for_both_forms(simulated):
    lines = [line for line in simulated.rows("truth_dirt") if line["DEFECT"] == "Q23"]
    for form, date in (("RESP", "RSDAT"), ("BM", "BMDAT")):
        file, _ = simulated.file(form)
        rows = simulated.rows(form)
        found = [rows[int(line["ROW"]) - 1] for line in lines if line["FILE"] == file]
        truth = simulated.truth()
        assert len(found) == 2
        for row in found:
            late = edc(row[date]) - iso(truth[row["SUBJ"]]["INFDT"])
            assert row["EVENT"] == "M3"
            assert 106 <= late.days <= 136


def test_another_notation_says_the_level_that_the_log_tells(simulated):
    file, _ = simulated.file("FLOW")
    rows, ways = simulated.rows("FLOW"), set()
    for line in (line for line in simulated.rows("truth_dirt") if line["FILE"] == file):
        row = rows[int(line["ROW"]) - 1]
        if (line["DEFECT"], line["FIELD"]) == ("Q21", "RESULT"):
            assert percent(row) == pytest.approx(float(line["CLEAN"]), rel=1e-9)
            assert line["EXPECTED"] == line["CLEAN"]
            ways.add((row["UNIT"], "/" in row["RESULT"], "%" in row["RESULT"]))
        if line["DEFECT"] == "Q22":
            assert row["RESULT"] in ("ND", "未检出")
            assert (line["CLEAN"], line["EXPECTED"]) == ("<0.01", "<0.01")
    assert ways == {
        ("/nucleated cells", False, False), ("", True, False), ("", False, True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hundredths", "text"), [(1, "1E-4"), (12, "1.2E-3"), (350, "3.5E-2"), (4233, "4.233E-1")]
)
def test_a_fraction_is_written_without_empty_digits(hundredths, text):
    assert fraction(hundredths) == text


def test_percents_have_two_decimals_or_are_below_detection():
    assert list(percents(np.array([0, 1, 10, 4233]), "<0.01")) == ["<0.01", "0.01", "0.10", "42.33"]


@pytest.fixture(scope="module")
def many():
    study = live(1000, 5)
    return study, aspirate(study)


def at_month_three(study, marrows):
    """Rows of the month 3 marrows of the infused who have not relapsed and were not scripted."""
    course, draws, subject = study.course, study.draws, marrows.subject
    rows = (study.visits.event[marrows.visit] == "M3") & marrows.taken
    rows &= (course.infusion[0] < NEVER)[subject] & (course.relapse[subject] > marrows.day)
    return np.flatnonzero(rows & (draws["scripted"][subject] == 0))


def test_who_responds_is_negative_at_month_three_and_nobody_else(many):
    study, marrows = many
    rows = at_month_three(study, marrows)
    clear = marrows.reported[rows] < 10
    responds = study.draws["responds"][marrows.subject[rows]] == 1
    assert len(rows) > 600
    early = marrows.day[rows] - study.course.infusion[0][marrows.subject[rows]] < 75
    assert (clear == responds)[~early].all()


def test_one_responder_in_ten_keeps_a_low_level_above_detection(many):
    study, marrows = many
    rows = at_month_three(study, marrows)
    rows = rows[marrows.reported[rows] < 10]
    share = (marrows.reported[rows] > 0).mean()
    assert abs(share - 0.10) < 4 * np.sqrt(0.09 / len(rows))


def test_the_baseline_is_between_the_threshold_and_five_percent(many):
    study, marrows = many
    rows = (study.visits.event[marrows.visit] == "SCR") & (
        study.draws["scripted"][marrows.subject] == 0
    )
    level = marrows.percent[rows]
    assert level.min() >= 0.1
    assert level.max() < 5
    assert 0.5 < np.median(level) < 0.75


def test_disease_comes_back_only_after_the_window_of_month_three(many):
    study, _ = many
    back, infusion = recurrences(study), study.course.infusion[0]
    returned = (back < NEVER) & (infusion < NEVER)
    assert returned.any()
    assert (back - infusion)[returned].min() >= load("mrd")["recurrence"]["not_before"]


def test_two_marrows_in_a_hundred_are_dry(many):
    study, marrows = many
    usual = marrows.taken & ~marrows.relapsed
    usual &= study.draws["scripted"][marrows.subject] == 0
    count = int(usual.sum())
    assert abs((marrows.quality[usual] == DRY).mean() - 0.02) < 4 * np.sqrt(0.02 / count)


def test_a_study_of_one_subject_has_its_files(tmp_path, folder):
    simulate(tmp_path, subjects=1, seed=3)
    assert len({row["PATIENT"] for row in folder(tmp_path).rows("FLOW")}) == 1
