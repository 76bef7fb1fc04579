import datetime as dt

import numpy as np
import pytest

from cdisc.simulate import charts, examination, history
from cdisc.simulate.misprints import REWRITES, expected
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.records import of_forms
from cdisc.simulate.study import live

MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"


def edc(text):
    date, month, year = text.split(" ")[0].split("-")
    return dt.date(int(year), MONTHS.index(month) // 3 + 1, int(date))


def iso(text):
    return dt.date.fromisoformat(text)


@pytest.fixture(scope="module")
def many():
    study = live(1000, 11)
    words = load("history")
    return study, history.remember(study.stream("history"), words, study.people)


def near(share, observed, wanted):
    """Within four standard errors of the wanted share."""
    return abs(observed - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / share)


def test_history_runs_from_birth_to_diagnosis_transplant_recurrence_and_consent(many):
    study, past = many
    people = study.people
    assert (people.birth < past.diagnosis).all()
    assert (past.diagnosis < past.transplant).all()
    assert (past.transplant < past.recurrence).all()
    assert (past.recurrence < people.consent).all()
    again = past.relapse < NEVER
    assert (past.relapse[again] > past.diagnosis[again]).all()
    assert (past.relapse[again] < past.transplant[again]).all()
    assert np.array_equal(again, past.remission != "1")


def test_history_has_the_shares_of_the_design(many):
    _, past = many
    size = len(past.donor)
    assert near(size, (past.donor == "3").mean(), 0.70)
    assert near(size, (past.donor == "1").mean(), 0.20)
    assert near(size, (past.remission == "1").mean(), 0.70)
    assert np.array_equal(past.donor == "4", past.graft == "4")


def test_prior_therapy_ends_before_the_transplant_and_other_illness_begins_before_consent(clean):
    transplant = {row["SUBJ"]: edc(row["HSCTDAT"]) for row in clean.rows("HSCT")}
    consent = {row["SUBJ"]: edc(row["ICDAT"]) for row in clean.rows("IC") if row["ICTYPE"] == "1"}
    prior = [row for row in clean.rows("CM") if row["CMCAT"] == "1"]
    assert {row["SUBJ"] for row in prior} == set(clean.truth())
    for row in prior:
        assert edc(row["CMSTDAT"]) <= edc(row["CMENDAT"]) < transplant[row["SUBJ"]]
    for row in clean.rows("MH"):
        assert edc(row["MHSTDAT"]) <= consent[row["SUBJ"]]
        assert (row["MHENDAT"] == "") == (row["MHONGO"] == "1")


def test_immunosuppression_goes_on_where_the_transplant_form_says_so(clean):
    going = {
        row["SUBJ"] for row in clean.rows("CM") if row["CMCAT"] == "3" and row["CMONGO"] == "1"
    }
    said = {row["SUBJ"] for row in clean.rows("HSCT") if row["IMMSUP"] == "1"}
    assert going == said & set(clean.truth())
    assert going


def test_new_therapy_begins_on_its_true_day(clean):
    told = {}
    for row in clean.rows("CM"):
        if row["CMCAT"] == "5":
            told[row["SUBJ"]] = edc(row["CMSTDAT"]).isoformat()
    true = {subject: row["NEWTXDT"] for subject, row in clean.truth().items() if row["NEWTXDT"]}
    assert told == true
    second = [row for row in clean.rows("PROC") if row["PRCAT"] == "4"]
    assert all(edc(row["PRSTDAT"]).isoformat() > true[row["SUBJ"]] for row in second)


def test_treatment_of_an_event_names_its_row_and_every_graft_disease_is_treated(clean):
    events = {(row["SUBJ"], row["ROWNO"]): row for row in clean.rows("AE")}
    treated = set()
    for row in clean.rows("CM"):
        if row["CMAENO"]:
            event = events[row["SUBJ"], row["CMAENO"]]
            treated.add((row["SUBJ"], row["CMAENO"]))
            assert event["AETRT"] == "1"
            assert row["CMINDC"] == event["AEPT"]
            assert edc(event["AESTDAT"]) <= edc(row["CMSTDAT"])
            wanted = {"1": "4", "2": "4", "3": "6", "4": "6"}.get(event["AESI"], "2")
            assert row["CMCAT"] == wanted
    assert treated == {key for key, row in events.items() if row["AETRT"] == "1"}
    graft = [key for key, row in events.items() if row["AESI"] in ("3", "4")]
    assert graft
    assert set(graft) <= treated


def test_every_medicine_that_was_typed_has_a_preferred_name(clean):
    coded = {row["VERBATIM"]: row["PREFERRED"] for row in clean.rows("CM_CODED")}
    assert {row["CMTRT"] for row in clean.rows("CM")} <= set(coded)
    sites = {row["SITE"]: row["CMTRT"].isascii() for row in clean.rows("CM")}
    assert sites == {"01": True, "02": False, "03": False}
    assert {row["CMDECOD"] for row in clean.rows("CM")} == {""}


def test_examinations_take_place_on_the_days_of_their_visits(clean):
    visits = {
        (row["SUBJ"], row["EVENT"], row["EVSEQ"]): row["VISDAT"] for row in clean.rows("VISIT")
    }
    fields = {"VS": "VSDAT", "ECOG": "ECDAT", "PREG": "PGDAT", "APH": "APDAT"}
    for form, field in fields.items():
        rows = [row for row in clean.rows(form) if row[field]]
        assert rows
        for row in rows:
            assert visits[row["SUBJ"], row["EVENT"], row["EVSEQ"]] == row[field], form


def test_the_weight_at_screening_is_that_of_the_dose_in_the_unit_of_the_site(clean):
    factor = {"kg": 1, "斤": 0.5}
    screened = {
        row["SUBJ"]: float(row["WEIGHT"]) * factor[row["WEIGHTU"]]
        for row in clean.rows("VS")
        if row["EVENT"] == "SCR"
    }
    infused = clean.rows("CARTINF") + clean.rows("DLI")
    for row in infused:
        assert screened[row["SUBJ"]] == pytest.approx(float(row.get("CIWT") or row["DLWT"]))
    units = {(row["SITE"], row["WEIGHTU"], row["TEMPU"]) for row in clean.rows("VS")}
    assert units == {("01", "kg", "C"), ("02", "斤", "F"), ("03", "kg", "C")}


def test_temperature_is_high_in_the_days_of_a_cytokine_release_only():
    study = live(300, 5)
    signs = of_forms(study)["vital_signs"]
    hot = examination.feverish(study.course, study.draws, signs)
    value = signs["temperature"].astype(float)
    value = np.where(signs["temperature_unit"] == "F", (value - 32) / 1.8, value)
    assert hot.sum() > 20
    assert (value[hot] >= 38).all()
    assert (value[~hot] < 38).all()


def test_only_females_are_tested_for_pregnancy_and_none_is_pregnant(clean):
    sex = {row["SUBJ"]: row["SEX"] for row in clean.rows("DEMO")}
    fertile = {row["SUBJ"]: row["CHILDPOT"] for row in clean.rows("DEMO")}
    rows = clean.rows("PREG")
    assert {sex[row["SUBJ"]] for row in rows} == {"2"}
    for row in rows:
        assert (row["PGRES"] != "") == (row["PGNA"] == "0") == (fertile[row["SUBJ"]] == "1")
    assert {row["PGRES"] for row in rows} <= {"", "Neg", "阴性", "<1.2 mIU/mL"}


def test_a_product_is_made_after_its_collection_and_before_its_infusion(clean):
    products = {row["LOTNO"] + row["SUBJ"][:2]: row for row in clean.rows("MFG")}
    infused = [row for row in clean.rows("CARTINF") if row["CILOT"]]
    assert infused
    for row in infused:
        made = products[row["CILOT"] + row["SITE"]]
        assert made["SUBJ"] == row["SUBJ"].replace("-", "_")
        assert made["RELRES"] != "Fail"
        assert iso(made["MFGSTART"]) < iso(made["RELDAT"]) < edc(row["CISTDT"])
    collected = {row["SUBJ"] for row in clean.rows("APH") if row["APWHO"] == "1"}
    assert {row["SUBJ"].replace("_", "-") for row in products.values()} <= collected


def test_the_scripted_failure_of_manufacturing_and_the_low_product_are_told(clean):
    script = {row["SCRIPT"]: row["USUBJID"][-7:] for row in clean.rows("truth_subject")}
    result = {row["SUBJ"].replace("_", "-"): row["RELRES"] for row in clean.rows("MFG")}
    assert result[script["E01"]] == "Fail"
    assert result[script["E23"]] == "Out of spec"


def test_the_first_sample_of_one_subject_has_the_other_sex(clean):
    site = {"PK01": "01", "PK02": "02", "PK03": "03"}
    sex = {row["SUBJ"]: row["SEX"] for row in clean.rows("DEMO")}
    code = {"男": "1", "女": "2", "M": "1", "F": "2"}
    wrong = set()
    for row in clean.rows("LAB"):
        subject = f"{site[row['HOSP']]}-{row['PATNO']}"
        if code[row["SEX"]] != sex[subject]:
            wrong.add((subject, row["SAMPLE_ID"]))
    assert len(wrong) == 1
    controls = [row for row in clean.rows("truth_subject") if row["ARMCD"] == "CHEMODLI"]
    assert {subject for subject, _ in wrong} == {controls[1]["USUBJID"][-7:]}


def test_blasts_are_in_the_blood_after_a_relapse_of_the_marrow_only(clean):
    site = {"PK01": "01", "PK02": "02", "PK03": "03"}
    truth = clean.truth()
    seen = False
    for row in clean.rows("LAB"):
        if row["ITEM_NAME"] == "原始细胞":
            subject = truth.get(f"{site[row['HOSP']]}-{row['PATNO']}", {"RELAPSEDT": ""})
            day = dt.date(*map(int, row["COLL_TM"].split(" ")[0].split("/")))
            relapsed = subject["RELAPSEDT"] and iso(subject["RELAPSEDT"]) <= day
            relapsed = relapsed and subject["RELAPSETYPE"] != "EXTRAMEDULLARY"
            assert (float(row["RESULT"]) > 0) == bool(relapsed)
            seen = seen or bool(relapsed)
    assert seen


def test_the_range_of_a_result_is_that_of_its_hospital_sex_and_age(clean):
    site = {"PK01": "01", "PK02": "02", "PK03": "03"}
    age = {row["SUBJ"]: int(row["AGE_RAW"]) for row in clean.rows("DEMO")}
    sex = {row["SUBJ"]: row["SEX"] for row in clean.rows("DEMO")}
    code = {"男": "1", "女": "2", "M": "1", "F": "2"}
    ranges = {}
    for row in clean.rows("LABREF"):
        ranges.setdefault((row["HOSP"], row["ITEM_CODE"]), []).append(row)
    for row in clean.rows("LAB"):
        subject = f"{site[row['HOSP']]}-{row['PATNO']}"
        (one,) = [
            one
            for one in ranges[row["HOSP"], row["ITEM_CODE"]]
            if int(one["AGELO"]) <= age[subject] <= int(one["AGEHI"])
            and one["SEX"] in ("", *[sign for sign in code if code[sign] == sex[subject]])
        ]
        if row["UNIT"] == one["UNIT"]:
            assert row["REF"] == f"{one['LOW']}--{one['HIGH']}"


def test_the_charts_are_the_same_at_every_call():
    study = live(12, 9)
    one, two = charts.transfusions(study), charts.transfusions(study)
    assert np.array_equal(one.day, two.day)
    first, second = of_forms(study), of_forms(study)
    for name in first:
        for field, values in first[name].items():
            assert np.array_equal(values, second[name][field]), (name, field)


@pytest.mark.parametrize(
    ("kind", "how", "clean", "pick", "dirty", "read"),
    [
        ("date", "partial_date", "09-MAY-2026", 5, "UN-MAY-2026", "2026-05"),
        ("date", "partial_date", "09-MAY-2026", 0, "UN-UNK-2026", "2026"),
        ("date", "month_unknown", "14-MAY-2026", 0, "14-UNK-2026", "2026---14"),
        ("moment", "other_date", "2026/5/9 7:05", 1, "2026-05-09 07:05", "2026-05-09T07:05"),
        ("moment", "other_date", "2026/5/9 12:00", 4, "46151.50000", "2026-05-09T12:00"),
        ("moment", "date_only", "2026/5/9 7:05", 0, "2026/5/9", "2026-05-09"),
        ("moment", "midnight", "2026/5/1 7:05", 0, "2026/4/30 24:00", "2026-05-01T00:00"),
        ("number", "marked", "12.3", 0, "12.3*", "12.3"),
        ("number", "marked", "12.3", 1, "１２.３", "12.3"),
        ("number", "marked", "0.8", 2, "0。8", "0.8"),
        ("number", "marked", "0.5", 3, "<0.5", "<0.5"),
        ("absent", "words", "5.1", 0, "not done", "NOT DONE"),
        ("absent", "words", "5.1", 3, "标本溶血", "HEMOLYZED"),
        ("clean", "grade_words", "3", 1, "3级", "3"),
        ("clean", "signs", "PLT <=20", 0, "PLT ≤20", "PLT <=20"),
        ("clean", "signs", "ug", 0, "μg", "ug"),
        ("kept", "slip", "38.6", 0, "386", "386"),
        ("kept", "slip", "245", 0, "2450", "2450"),
        ("clean", "blank", "1", 0, "", "1"),
    ],
)
def test_what_a_misprint_writes_and_what_must_be_read(kind, how, clean, pick, dirty, read):
    assert REWRITES[how](clean, clean, pick) == dirty
    assert expected(kind, clean, dirty) == read


def test_the_log_says_what_must_be_read_of_partial_dates_and_moments(simulated):
    lines = simulated.rows("truth_dirt")
    partial = [line for line in lines if line["DEFECT"] in ("Q01", "Q02")]
    for line in partial:
        if line["DIRTY"].startswith("UN-"):
            assert edc(line["CLEAN"]).isoformat().startswith(line["EXPECTED"])
    moments = [line for line in lines if line["DEFECT"] in ("Q03", "Q27") and "LAB" in line["FILE"]]
    for line in moments:
        day, _, time = line["CLEAN"].partition(" ")
        wanted = dt.date(*map(int, day.split("/"))).isoformat()
        assert line["EXPECTED"][:10] == wanted
        if line["DEFECT"] == "Q03":
            assert line["EXPECTED"][11:] == time.zfill(5)


def test_an_event_reported_twice_has_another_grade_and_the_same_days(simulated):
    rows = simulated.rows("AE")
    numbers = [int(line["ROW"]) for line in simulated.rows("truth_dirt") if line["DEFECT"] == "Q20"]
    assert len(numbers) == 3
    for number in numbers:
        again, first = rows[number - 1], rows[number - 2]
        assert again["AEGR"] != first["AEGR"]
        same = ("SUBJ", "AEPT", "AESTDAT", "AEENDAT")
        assert [again[name] for name in same] == [first[name] for name in same]


def test_numbers_and_units_change_together(simulated):
    rows = simulated.rows("VS")
    lines = [line for line in simulated.rows("truth_dirt")
             if line["DEFECT"] == "Q04" and line["FIELD"] == "WEIGHT"]  # fmt: skip
    assert lines
    for line in lines:
        assert float(line["DIRTY"]) == pytest.approx(float(line["CLEAN"]) * 1000)
        assert rows[int(line["ROW"]) - 1]["WEIGHTU"] == "g"
