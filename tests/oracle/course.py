"""SE of the demonstration study, and the epoch of a day: from one element to the next."""

import pandas as pd

from tests.oracle.collected import (
    answered,
    days_after,
    first_known,
    iso_day,
    looked_up,
    on_or_before,
    per_subject,
    read_form,
    sorted_by,
)
from tests.oracle.disposition import last_participation
from tests.oracle.doses import first_doses, first_infusions

INITIAL, CROSSOVER = "INITIAL TREATMENT", "CROSSOVER TREATMENT"
# arm: code, name and epoch of its elements in their order
PATHS = {
    "CART": ("SCRN", "MFG", "LD", "CART", "CHEMO", "DLI", "FU"),
    "CHEMODLI": ("SCRN", "PREP", "CHEMO", "DLI", "MFG", "LD", "CART", "FU"),
}
ELEMENTS = {
    "SCRN": "Screening",
    "MFG": "Leukapheresis and Manufacturing",
    "PREP": "Donor Lymphocyte Preparation",
    "LD": "Lymphodepletion",
    "CART": "CAR-T Infusion and Evaluation",
    "CHEMO": "Chemotherapy",
    "DLI": "DLI and Evaluation",
    "FU": "Follow-up",
}
EPOCHS = {1: "SCREENING", 2: "BASELINE", 3: "TREATMENT 1", 4: "TREATMENT 1"}


def courses(folder, subjects, arms, ec, ds):
    """For each subject the days that end one element and begin the next, '' where there is none."""
    c = pd.DataFrame({"USUBJID": subjects, "ARMCD": arms})
    of = lambda found: looked_up(c["USUBJID"], found)  # noqa: E731  read in every line below
    c["RANDOM"] = of(ds[ds["DSDECOD"] == "RANDOMIZED"].groupby("USUBJID")["DSSTDTC"].min())
    for number, period in ((1, INITIAL), (2, CROSSOVER)):
        c[f"DOSED{number}"] = of(first_doses(ec, period))
        c[f"INFUSED{number}"] = of(first_infusions(ec, period))
    c["ENDED"] = of(last_participation(ds)["DSSTDTC"])
    ends = ds[(ds["DSCAT"] == "DISPOSITION EVENT") & (ds["DSSCAT"] != "STUDY PARTICIPATION")]
    c["STOPPED"] = of(per_subject(ends["DSSTDTC"], ends["USUBJID"], "min"))
    xo, resp = read_form(folder, "XO"), read_form(folder, "RESP")
    c["DECIDED"] = of(per_subject(xo["XODAT"].map(iso_day), xo["USUBJID"], "max"))
    month_3 = resp[resp["EVENT"] == "M3"].groupby("USUBJID")["RSDAT"].first().map(iso_day)
    relapsed = resp[answered(resp, "RLP").isin(["1", "Yes"])]
    days = first_known(relapsed["RLPDAT"], relapsed["RSDAT"]).map(iso_day)
    c["MONTH3"] = of(month_3)
    c["RELAPSED"] = of(per_subject(days, relapsed["USUBJID"], "min"))
    return c.assign(**pd.DataFrame([turns(*row) for row in c.itertuples(index=False)]))


def turns(
    _subject,
    arm,
    _random,
    _dosed1,
    infused1,
    dosed2,
    infused2,
    ended,
    stopped,
    decided,
    month3,
    relapsed,
):
    """When treatment 1, treatment 2 and treatment as a whole were left."""
    seen1 = days_after(month3, 1) or days_after(infused1[:10], 97)
    seen2 = days_after(infused2[:10], 97)
    failed1 = days_after(relapsed, 1) if infused1 and relapsed >= infused1[:10] else ""
    failed2 = days_after(relapsed, 1) if dosed2 and relapsed >= dosed2[:10] else ""
    crossed = ""
    if dosed2:
        crossed = dosed2 if arm == "CART" else max(decided, seen1)
    left1 = crossed or earliest(seen1 if infused1 else stopped, failed1, ended)
    left2 = earliest(seen2, failed2, ended) if dosed2 else ""
    return {"CROSSED": crossed, "LEFT1": left1, "LEFT2": left2, "LEFT": left2 or left1}


def earliest(*days):
    return min((day for day in days if day), default="")


def elements(course, consent):
    """SE: an element has no gap to the next one."""
    records = []
    for one in course.itertuples(index=False):
        arm, to = one.ARMCD or "CART", one.ARMCD == "CHEMODLI"
        steps = [(1, consent[one.USUBJID], one.RANDOM or one.ENDED)]
        if one.RANDOM:
            steps.append((2, one.RANDOM, one.DOSED1 or one.LEFT1))
        if one.DOSED1:
            steps.append((3, one.DOSED1, one.INFUSED1 or one.LEFT1))
        if one.INFUSED1:
            steps.append((4, one.INFUSED1, one.LEFT1))
        if one.DOSED2:
            steps += [(5, one.CROSSED, one.DOSED2)] if to else []
            steps.append((5 + to, one.DOSED2, one.INFUSED2 or one.LEFT2))
        if one.INFUSED2:
            steps.append((6 + to, one.INFUSED2, one.LEFT2))
        if one.ENDED and one.LEFT and one.LEFT[:10] < one.ENDED[:10]:
            steps.append((7 + to, one.LEFT, one.ENDED))
        for order, start, end in steps:
            code = PATHS[arm][order - 1]
            epoch = "FOLLOW-UP" if code == "FU" else EPOCHS.get(order, "TREATMENT 2")
            records.append((one.USUBJID, float(order), code, ELEMENTS[code], epoch, start, end))
    names = ["USUBJID", "TAETORD", "ETCD", "ELEMENT", "EPOCH", "SESTDTC", "SEENDTC"]
    return sorted_by(pd.DataFrame(records, columns=names), ["USUBJID", "SESTDTC"])


class Epochs:
    """The epoch of a day of a subject; a day of two elements belongs to the later one."""

    def __init__(self, se):
        self.of_subject = {
            subject: list(zip(one["SESTDTC"], one["SEENDTC"], one["EPOCH"], strict=True))
            for subject, one in se.groupby("USUBJID")
        }

    def __call__(self, subjects, dates):
        return [self.one(*pair) for pair in zip(subjects, dates, strict=True)]

    def one(self, subject, date):
        found = [
            epoch
            for start, end, epoch in self.of_subject.get(subject, ())
            if on_or_before(start, date) and (not end or on_or_before(date, end))
        ]
        return found[-1] if found else ""
