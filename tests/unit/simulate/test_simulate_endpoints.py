import datetime as dt
import json

import numpy as np
import pytest

from cdisc.simulate import endpoints
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.study import live
from cdisc.simulate.summary import product_limit
from cdisc.simulate.truth import in_order

RULES = load("endpoints")


def iso(text):
    return dt.datetime.strptime(text.split(" ")[0] + "+0000", "%d-%b-%Y%z").date().isoformat()


def said(name, **days):
    """What an endpoint says of one subject who is randomized on day 0 and treated on day 10."""
    names = {
        fact
        for rule in RULES["endpoints"].values()
        for fact, _ in [*rule["events"], *rule.get("competing", []), *rule["censored"]]
    }
    known = dict.fromkeys([*names, "cross_dose", "new_therapy"], NEVER)
    known |= {"randomized": 0, "infusion": 10, "alive": 375, "disease": 300, "graft": 290}
    known |= {"free": 290} | days
    facts = {fact: np.array([value]) for fact, value in known.items()}
    table = endpoints.times(facts, RULES, np.array([0]))
    rows = np.flatnonzero(table["endpoint"] == name)
    if not len(rows):
        return None
    (row,) = rows
    return int(table["day"][row]), table["censored"][row], table["reason"][row]


@pytest.mark.parametrize(
    ("name", "days", "expected"),
    [
        ("OS", {}, (375, "1", "LAST KNOWN ALIVE")),
        ("OS", {"death": 200}, (200, "0", "DEATH")),
        ("DFS", {}, (300, "1", "LAST DISEASE ASSESSMENT")),
        ("DFS", {"disease": NEVER}, (0, "1", "RANDOMIZATION")),
        ("DFS", {"relapse": 80, "death": 80, "death_alone": NEVER}, (80, "0", "RELAPSE")),
        ("DFS", {"death": 90, "death_alone": 90}, (90, "0", "DEATH WITHOUT RELAPSE")),
        ("GRFS", {}, (290, "1", "LAST DATE FREE OF ALL COMPONENTS")),
        ("GRFS", {"free": NEVER}, (0, "1", "RANDOMIZATION")),
        ("GRFS", {"relapse": 55, "agvhd_three": 55}, (55, "0", "RELAPSE")),
        ("GRFS", {"relapse": 60, "agvhd_three": 55}, (55, "0", "ACUTE GVHD GRADE III-IV")),
        ("GRFS", {"cgvhd_moderate": 99}, (290, "1", "LAST DATE FREE OF ALL COMPONENTS")),
        ("GRFSM", {"cgvhd_moderate": 99}, (99, "0", "MODERATE-SEVERE CHRONIC GVHD")),
        ("GRFSC", {"cgvhd_systemic": 99}, (99, "0", "CHRONIC GVHD REQUIRING SYSTEMIC THERAPY")),
        ("TTRLPS", {"death": 90, "death_alone": 90}, (90, "2", "DEATH WITHOUT RELAPSE")),
        ("TTNRM", {"relapse": 80, "death": 80}, (80, "2", "RELAPSE")),
        ("TTNRM", {"death": 80, "death_alone": 80}, (80, "0", "DEATH WITHOUT RELAPSE")),
        ("TTREMD", {"relapse_marrow_only": 70}, (70, "2", "HEMATOLOGICAL RELAPSE")),
        ("TTREMD", {"relapse_outside": 70, "death": 70}, (70, "0", "EXTRAMEDULLARY RELAPSE")),
        ("TTRHEM", {"relapse_outside_only": 70, "death": 90}, (70, "2", "EXTRAMEDULLARY RELAPSE")),
        ("TAGV24", {"agvhd_two": 40, "relapse": 40}, (40, "0", "ACUTE GVHD GRADE II-IV")),
        ("TAGV24", {"agvhd_two": 41, "relapse": 40}, (40, "2", "RELAPSE")),
        ("TAGV24", {"graft": 4}, (10, "1", "LAST GVHD ASSESSMENT")),
        ("TAGV24", {"graft": NEVER}, (10, "1", "INDEX INFUSION")),
        ("TCGVSV", {"infusion": NEVER}, None),
        ("OSX", {"cross_dose": 120, "death": 200}, (120, "3", "CROSSOVER START")),
        ("OSX", {"cross_dose": 120, "death": 120}, (120, "3", "CROSSOVER START")),
        ("OSX", {"cross_dose": 120, "death": 119}, (119, "0", "DEATH")),
        ("TTRLPX", {"cross_dose": 120, "death_alone": 99}, (99, "2", "DEATH WITHOUT RELAPSE")),
        ("DFSX", {"cross_dose": 120}, (120, "3", "CROSSOVER START")),
        ("DFSN", {"new_therapy": 80, "relapse": 80}, (80, "0", "RELAPSE")),
        ("DFSN", {"new_therapy": 80, "relapse": 81}, (80, "4", "NEW ANTI-LEUKEMIA THERAPY")),
    ],
)
def test_the_rules_of_the_analysis_plan_decide(name, days, expected):
    assert said(name, **days) == expected


def test_survival_of_the_leukaemia_trial_of_1963_is_the_published_one():
    # Freireich et al. 1963, 6-mercaptopurine: weeks in remission, + censored
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    counts = np.zeros((5, 40), dtype=int)
    np.add.at(counts[0], weeks, 1)
    np.add.at(counts[1], censored, 1)
    survival, incidence, other = product_limit(counts)
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {week: round(float(survival[week]), 3) for week in published} == published
    assert np.allclose(survival + incidence, 1)
    assert not other.any()


def test_incidences_of_competing_events_are_those_worked_out_by_hand():
    # four subjects: event on day 1, competing on day 2, censored on day 3, event on day 4
    counts = np.zeros((5, 6), dtype=int)
    counts[0, [1, 4]], counts[2, 2], counts[1, 3] = 1, 1, 1
    survival, incidence, other = product_limit(counts)
    assert np.allclose(survival, [1, 0.75, 0.5, 0.5, 0, 0])
    assert np.allclose(incidence, [0, 0.25, 0.25, 0.25, 0.75, 0.75])
    assert np.allclose(other, [0, 0, 0.25, 0.25, 0.25, 0.25])


def rows_of(simulated, script):
    (name,) = [r["USUBJID"] for r in simulated.rows("truth_subject") if r["SCRIPT"] == script]
    rows = [row for row in simulated.rows("truth_endpoint") if row["USUBJID"] == name]
    return {row["ENDPOINT"]: (row["EVENT"], row["REASON"]) for row in rows}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("E01", {"OS": ("1", "LAST KNOWN ALIVE"), "TAGV24": None}),
        ("E03", {"TTNRM": ("0", "DEATH WITHOUT RELAPSE"), "TAGV24": None}),
        ("E04", {"DFS": ("0", "RELAPSE"), "TTRLPS": ("0", "RELAPSE"), "TTNRM": ("2", "RELAPSE")}),
        ("E05", {"GRFS": ("0", "RELAPSE"), "TAGV34": ("0", "ACUTE GVHD GRADE III-IV")}),
        (
            "E07",
            {"TTREMD": ("0", "EXTRAMEDULLARY RELAPSE"), "TTRHEM": ("2", "EXTRAMEDULLARY RELAPSE")},
        ),
        (
            "E13",
            {
                "OS": ("0", "DEATH"),
                "OSX": ("3", "CROSSOVER START"),
                "DFSX": ("3", "CROSSOVER START"),
            },
        ),
        ("E14", {"GRFS": ("0", "ACUTE GVHD GRADE III-IV"), "GRFSX": ("3", "CROSSOVER START")}),
        (
            "E19",
            {
                "TCGVMS": ("0", "MODERATE-SEVERE CHRONIC GVHD"),
                "TCGVSV": ("1", "LAST GVHD ASSESSMENT"),
                "GRFS": ("1", "LAST DATE FREE OF ALL COMPONENTS"),
                "GRFSM": ("0", "MODERATE-SEVERE CHRONIC GVHD"),
            },
        ),
        (
            "E20",
            {
                "TAGV24": ("0", "ACUTE GVHD GRADE II-IV"),
                "TAGV34": ("1", "LAST GVHD ASSESSMENT"),
                "GRFS": ("1", "LAST DATE FREE OF ALL COMPONENTS"),
            },
        ),
    ],
)
def test_scripted_subjects_meet_the_rules_they_are_for(simulated, script, expected):
    rows = rows_of(simulated, script)
    assert {name: rows.get(name) for name in expected} == expected


def test_disease_free_survival_is_what_the_forms_say(clean):
    """Worked out from the raw forms alone, by the words of the analysis plan."""
    death, relapse, assessed = {}, {}, {}
    for row in clean.rows("DEATH"):
        if not row["DTHDAT"].startswith("UN-"):
            death[row["SUBJ"]] = iso(row["DTHDAT"])
    for row in clean.rows("RESP"):
        subject = row["SUBJ"]
        assessed.setdefault(subject, set()).add(iso(row["RSDAT"]))
        if row["RLP"] == "1":
            date = iso(row["RLPDAT"])
            relapse[subject] = min(relapse.get(subject, date), date)
    truth = clean.truth()
    rows = [row for row in clean.rows("truth_endpoint") if row["ENDPOINT"] == "DFS"]
    assert len(rows) == 70
    for row in rows:
        subject = row["USUBJID"][-7:]
        start = truth[subject]["RANDDT"]
        events = [one[subject] for one in (relapse, death) if subject in one]
        seen = [one for one in assessed.get(subject, ()) if one >= start]
        assert row["START"] == start
        assert row["DATE"] == (min(events) if events else max(seen, default=start))
        assert row["EVENT"] == ("0" if events else "1")


def test_severe_gvhd_is_what_the_examinations_say(clean):
    first = {}
    for row in clean.rows("GVHD"):
        for field, least, name in (
            ("AGGRADE", 2, "AG24DT"), ("AGGRADE", 3, "AG34DT"),
            ("CGSEV", 2, "CGMSDT"), ("CGSEV", 3, "CGSVDT"),
        ):  # fmt: skip
            if row[field] and int(row[field]) >= least:
                onset = iso(row["AGONDT" if field == "AGGRADE" else "CGONDT"])
                key = row["SUBJ"], name
                first[key] = min(first.get(key, onset), onset)
        if row["CGSYS"] == "1":
            key = row["SUBJ"], "CGSTDT"
            first[key] = min(first.get(key, "9"), iso(row["GVDAT"]))
    for subject, row in clean.truth().items():
        for name in ("AG24DT", "AG34DT", "CGMSDT", "CGSVDT", "CGSTDT"):
            assert row[name] == first.get((subject, name), ""), (subject, name)


def test_endpoints_of_a_thousand_subjects_agree_with_each_other():
    study = live(1000, 11)
    known = endpoints.facts(study)
    table = endpoints.times(known, RULES, in_order(study.people))
    size = len(study.people.arm)
    day, code = {}, {}
    for name in RULES["endpoints"]:
        here = table["endpoint"] == name
        day[name], code[name] = np.full(size, -1), np.full(size, "", dtype=object)
        day[name][table["subject"][here]] = table["day"][here]
        code[name][table["subject"][here]] = table["censored"][here]
    assert (table["day"] >= table["start"]).all()
    failed = code["DFS"] == "0"
    assert (code["GRFS"][failed] == "0").all()
    assert (day["GRFS"] <= day["DFS"])[failed].all()
    assert (day["DFS"] <= day["OS"]).all()
    free = code["GRFS"] == "1"
    assert (code["DFS"][free] == "1").all()
    assert (day["GRFS"] <= day["DFS"])[free].all()
    events = {name: int((code[name] == "0").sum()) for name in ("TTNRM", "TTRLPS", "DFS")}
    assert events["TTNRM"] + events["TTRLPS"] == events["DFS"]
    assert ((code["TTRLPS"] == "2") == (code["TTNRM"] == "0")).all()


def test_the_summary_counts_what_the_truth_files_say(simulated):
    text = (simulated.path / "truth" / "truth_summary.json").read_text(encoding="utf-8")
    content = json.loads(text)
    arm = {row["USUBJID"]: row["ARMCD"] for row in simulated.rows("truth_subject")}
    assert (content["subjects"], content["seed"]) == (70, 7441291)
    rows = simulated.rows("truth_endpoint")
    for name, one in content["arms"].items():
        assert one["n"] == 35
        answers = [row["VALUE"] for row in rows
                   if row["ENDPOINT"] == "MRD3NEG" and arm[row["USUBJID"]] == name]  # fmt: skip
        assert (len(answers), answers.count("Y")) == (35, one["responders"])
        for endpoint, counts in one["endpoints"].items():
            codes = [row["EVENT"] for row in rows
                     if row["ENDPOINT"] == endpoint and arm[row["USUBJID"]] == name]  # fmt: skip
            assert counts["n"] == len(codes)
            assert (counts["events"], counts["competing"]) == (codes.count("0"), codes.count("2"))


def test_the_chi_square_is_that_of_the_two_by_two_table(simulated):
    text = (simulated.path / "truth" / "truth_summary.json").read_text(encoding="utf-8")
    content = json.loads(text)
    yes, other = (one["responders"] for one in content["arms"].values())
    no, rest = 35 - yes, 35 - other
    by_hand = 70 * (yes * rest - no * other) ** 2 / (35 * 35 * (yes + other) * (no + rest))
    assert content["chi_square"]["statistic"] == pytest.approx(by_hand, abs=1e-9)
    assert 0 < content["chi_square"]["p"] < 1
