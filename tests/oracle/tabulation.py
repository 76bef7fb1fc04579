"""SDTM of the demonstration study, written a second time: by hand from the mapping files."""

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    STUDY,
    answered,
    as_day,
    first_known,
    iso_day,
    iso_day_and_time,
    iso_of_vendor,
    looked_up,
    numbered,
    per_subject,
    qualifiers,
    read_flow,
    read_form,
    read_randomization,
    recoded,
    sorted_by,
    study_days,
)
from tests.oracle.course import Epochs, courses, elements
from tests.oracle.disposition import crossed_over, disposition, last_participation
from tests.oracle.doses import first_infusions, given_doses, planned_doses
from tests.oracle.events import adverse_events
from tests.oracle.history import medical_history, medication
from tests.oracle.laboratory import hospital_results, laboratory
from tests.oracle.signs import vital_signs
from tests.oracle.visits import Visits, with_visits

YES_NO = {"1": "Y", "Yes": "Y", "0": "N", "No": "N", "9": "U", "Unknown": "U"}
ARMS = {"CART": "CD19 CAR-T", "CHEMODLI": "Chemotherapy + DLI", "": ""}


def tabulate(folder):
    """The SDTM datasets that were derived twice, by their names."""
    ec, ds = planned_doses(folder), disposition(folder)
    dm, suppdm = demographics(folder, ec, ds)
    subjects, reference = dm["USUBJID"], dm.set_index("USUBJID")["RFSTDTC"]
    course = courses(folder, subjects, dm["ARMCD"], ec, ds)
    se = elements(course, dm.set_index("USUBJID")["RFICDTC"])
    epochs, lab, flow = Epochs(se), hospital_results(folder, subjects), days_of_flow(folder)
    known = flow[flow["USUBJID"].isin(subjects)]
    days = [*zip(lab["USUBJID"], lab["LBDTC"].str[:10], strict=True)]
    days += [*zip(known["USUBJID"], known["DAY"].str[:10], strict=True)]
    visits = Visits(folder, [place for place in days if place[1]], ec)
    parts = Parts(dm, reference, epochs, visits, ds)
    ds = pd.concat([ds, crossed_over(course)], ignore_index=True).fillna("")
    ds["EPOCH"] = first_known(ds["EPOCH"], parts.epoch(ds, "DSSTDTC"))
    ds = parts.finished(ds, "DS", ["USUBJID", "DSSTDTC", "DSDECOD", "DSSCAT"], ["DSST"])
    ec, ex = doses(ec, parts)
    ae, suppae = adverse_events(folder, parts)
    lb, supplb = laboratory(folder, lab, parts)
    sv = visits.dataset(reference).assign(STUDYID=STUDY, DOMAIN="SV")
    sv = sv.sort_values(["USUBJID", "VISITNUM"], kind="stable").reset_index(drop=True)
    data = {
        "dm": dm, "se": parts.finished(se, "SE", ["USUBJID", "SESTDTC"], ["SEST", "SEEN"]),
        "sv": sv.assign(SVEPCHGI=""), "ds": ds, "ec": ec, "ex": ex, "ae": ae, "lb": lb,
        "vs": vital_signs(folder, parts),
        "cm": medication(folder, parts), "mh": medical_history(folder, parts),
        "suppdm": suppdm, "suppae": suppae, "supplb": supplb,
    }  # fmt: skip
    last_days(folder, dm, data)
    return data


class Parts:
    """What records of several datasets take from the subject: reference day, epoch, visit."""

    def __init__(self, dm, reference, epochs, visits, ds):
        self.subjects = dm.set_index("USUBJID")
        self.reference, self.epochs, self.visits = reference, epochs, visits
        self.ended = last_participation(ds)["DSSTDTC"]

    def epoch(self, data, date):
        return pd.Series(self.epochs(data["USUBJID"], data[date]), index=data.index, dtype=object)

    def finished(self, data, domain, keys, dates):
        """Study days of its dates, what is the same on all records, and --SEQ."""
        for date in dates:
            reference = looked_up(data["USUBJID"], self.reference)
            data[f"{date}DY"] = study_days(data[f"{date}DTC"], reference)
        data = data.assign(STUDYID=STUDY, DOMAIN=domain)
        return numbered(data, keys, f"{domain}SEQ")


def doses(ec, parts):
    """EC and EX: a dose belongs to the visit of its form, or to that of its day."""
    at = parts.visits.of_event(ec["USUBJID"], ec["EVENT"], ec["EVSEQ"])
    on = parts.visits.on_day(ec["USUBJID"], ec["ECSTDTC"])
    with_visits(
        ec, [one if one[0] else other for one, other in zip(at, on, strict=True)], days=False
    )
    ec["EPOCH"] = parts.epoch(ec, "ECSTDTC")
    ec["sort"] = ec["VISITNUM"].map("{:08.2f}".format)
    ec = parts.finished(ec, "EC", ["USUBJID", "ECTRT", "ECSTDTC", "sort"], ["ECST", "ECEN"])
    ex = given_doses(ec)
    ex = parts.finished(ex, "EX", ["USUBJID", "EXTRT", "EXSTDTC"], [])
    inner = [
        "code",
        "unit of protocol",
        "EVENT",
        "EVSEQ",
        "amount",
        "unit",
        "size",
        "cycle",
        "route",
    ]
    return ec.drop(columns=[*inner, "not given", "sort"]), ex


def days_of_flow(folder):
    flow = read_flow(folder)
    return flow.assign(DAY=flow["COLL_DATE"].map(iso_of_vendor))


def demographics(folder, ec, ds):
    demo = read_form(folder, "DEMO")
    subject = demo["USUBJID"]
    given = ec[ec["ECOCCUR"] == "Y"]
    first_dose = given.groupby("USUBJID")["ECSTDTC"].min()
    last_dose = per_subject(given["ECENDTC"], given["USUBJID"], "max")
    ic = read_form(folder, "IC")
    ic = ic[answered(ic, "ICTYPE").isin(["1", "Main"])]
    consent = sorted_by(ic, ["ROWNO"]).groupby("USUBJID")["ICDAT"].first()
    rand = read_randomization(folder)
    rand = rand[rand["CANCELLED"] != "1"].set_index("USUBJID")
    dm = pd.DataFrame({"USUBJID": subject, "STUDYID": STUDY, "DOMAIN": "DM"})
    dm["SUBJID"], dm["SITEID"] = demo["SUBJ"].str[3:], demo["SITE"]
    dm["RFXSTDTC"], dm["RFXENDTC"] = looked_up(subject, first_dose), looked_up(subject, last_dose)
    infused = looked_up(subject, first_infusions(ec, "INITIAL TREATMENT"))
    dm["RFSTDTC"] = first_known(infused, dm["RFXSTDTC"])
    ended = looked_up(subject, last_participation(ds)["DSSTDTC"])
    dm["RFENDTC"] = ended.where(dm["RFSTDTC"] != "", "")
    dm["RFICDTC"] = looked_up(subject, consent).map(iso_day)
    dm["DTHDTC"] = looked_up(subject, certified_first(folder).set_index("USUBJID")["DTHDAT"]).map(
        iso_day
    )
    dm["DTHFL"] = np.where(dm["DTHDTC"] != "", "Y", "")
    dm["BRTHDTC"] = demo["BRTHDAT"].map(iso_day)
    dm["AGE"] = [years(*pair) for pair in zip(dm["BRTHDTC"], dm["RFICDTC"], strict=True)]
    dm["SEX"] = recoded(answered(demo, "SEX"), {"1": "M", "Male": "M", "2": "F", "Female": "F"})
    dm = dm.assign(AGEU="YEARS", RACE="ASIAN", ETHNIC="NOT HISPANIC OR LATINO", COUNTRY="CHN")
    dm["ARMCD"] = looked_up(subject, rand["ARM_CD"]).map({"A": "CART", "B": "CHEMODLI", "": ""})
    dm["ACTARMCD"] = dm["ARMCD"].where(dm["RFXSTDTC"] != "", "")
    dm["ARM"], dm["ACTARM"] = dm["ARMCD"].map(ARMS), dm["ACTARMCD"].map(ARMS)
    dm["ARMNRS"] = np.select(
        [dm["ARMCD"] == "", dm["RFXSTDTC"] == ""], ["SCREEN FAILURE", "ASSIGNED, NOT TREATED"], ""
    )
    dm["ACTARMUD"] = ""
    supp = qualifiers(dm, "", "DM", [
        ("RANDNO", "Randomization Number", looked_up(subject, rand["RANDNO"]), "Collected", ""),
        ("CHILDPOT", "Childbearing Potential", recoded(answered(demo, "CHILDPOT"), YES_NO), "Collected", ""),  # noqa: E501
        ("SYNTHFL", "Synthetic Data Flag", pd.Series("Y", dm.index), "Assigned", ""),
    ])  # fmt: skip
    return sorted_by(dm, ["USUBJID"]), supp


def certified_first(folder):
    """One report of each death: the certificate comes before other sources."""
    death = sorted_by(read_form(folder, "DEATH"), ["ROWNO"])
    certified = answered(death, "DTHSRC").isin(["2", "Death certificate"])
    death = death.assign(order=~certified).sort_values("order", kind="stable")
    return death.drop_duplicates("USUBJID")


def years(birth, at):
    if not as_day(birth) or not as_day(at):
        return np.nan
    whole = int(at[:4]) - int(birth[:4])
    return float(whole - (at[5:10] < birth[5:10]))


def last_days(folder, dm, data):
    """RFPENDTC: the latest of all days on which a subject was seen."""
    surv, eos, hsct, aph, emd, proc = (
        read_form(folder, name) for name in ("SURV", "EOS", "HSCT", "APH", "EMD", "PROC")
    )
    aph = aph[answered(aph, "APWHO").isin(["1", "Subject"])]
    emd = emd[answered(emd, "EMMETH").isin(["2", "3", "MRI", "CT"])]
    collected = [
        (surv, "SVDAT"), (eos, "LASTALV"), (hsct, "HSCTDAT"), (emd, "EMDAT"), (proc, "PRSTDAT"),
        (proc, "PRENDAT"),
    ]  # fmt: skip
    days = [one[["USUBJID"]].assign(day=one[name].map(iso_day)) for one, name in collected]
    days += [
        aph[["USUBJID"]].assign(day=(aph["APDAT"] + " " + aph[time]).map(iso_day_and_time))
        for time in ("APSTTM", "APENTM")
    ]
    for name, dates in (
        ("ds", ["DSSTDTC"]), ("sv", ["SVENDTC"]), ("ae", ["AESTDTC", "AEENDTC"]),
        ("ex", ["EXENDTC"]), ("cm", ["CMSTDTC", "CMENDTC"]), ("lb", ["LBDTC"]),
    ):  # fmt: skip
        days += [data[name][["USUBJID"]].assign(day=data[name][date]) for date in dates]
    every = pd.concat(days, ignore_index=True)
    dm["RFPENDTC"] = looked_up(dm["USUBJID"], per_subject(every["day"], every["USUBJID"], "max"))
