"""ADSL of the demonstration study, and overall survival, from the SDTM of the same hand."""

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    STUDY,
    answered,
    as_day,
    before,
    days_after,
    iso_day,
    iso_of_vendor,
    looked_up,
    per_subject,
    read_flow,
    read_form,
    recoded,
    sorted_by,
)
from tests.oracle.disposition import last_participation
from tests.oracle.doses import INFUSIONS
from tests.oracle.tabulation import certified_first

COPIED = [
    "STUDYID", "USUBJID", "SUBJID", "SITEID", "AGE", "AGEU", "SEX", "RACE", "ETHNIC", "COUNTRY",
    "ARM", "ARMCD", "ACTARM", "ACTARMCD", "DTHFL",
]  # fmt: skip
KEPT = [
    "STUDYID", "USUBJID", "TRT01P", "TRT01A", "AGEGR1", "SEX", "ITTFL", "SAFFL", "INFFL", "XOFL",
]  # fmt: skip
OTHER = {"CD19 CAR-T": "Chemotherapy + DLI", "Chemotherapy + DLI": "CD19 CAR-T", "": ""}
NUMBERS = {"CD19 CAR-T": 1.0, "Chemotherapy + DLI": 2.0, "": np.nan}
CAUSES = {
    "1": "LEUKEMIA RELAPSE", "2": "INFECTION", "3": "GVHD", "4": "CRS/ICANS", "5": "ORGAN TOXICITY",
    "8": "OTHER", "Leukemia relapse": "LEUKEMIA RELAPSE", "Infection": "INFECTION",
}  # fmt: skip
CUTOFF = "2029-01-31"


def analyse(folder, sdtm):
    adsl = subjects(folder, sdtm)
    return {"adsl": adsl, "adtte": survival(adsl)}


def subjects(folder, sdtm):
    dm, ex, ds = (sdtm[name] for name in ("dm", "ex", "ds"))
    adsl = dm[dm["ARMCD"] != ""].reset_index(drop=True)
    consent, death = adsl["RFICDTC"], adsl["DTHDTC"]
    adsl = adsl[COPIED].copy()
    who = adsl["USUBJID"]

    def day(data, name, choose, where=None):
        kept = data if where is None else data[where]
        return looked_up(who, per_subject(kept[name], kept["USUBJID"], choose)).map(as_day)

    group = np.digitize(adsl["AGE"], [18, 40, 60])
    adsl["AGEGR1"] = np.array(["<18", "18-39", "40-59", ">=60"], dtype=object)[group]
    adsl["AGEGR1N"] = group + 1.0
    adsl["RFICDT"] = consent.map(as_day)
    adsl["RANDDT"] = day(ds, "DSSTDTC", "min", ds["DSDECOD"] == "RANDOMIZED")
    crossover = ex["EXSCAT"] == "CROSSOVER TREATMENT"
    infusion = ex["EXCAT"].isin(INFUSIONS)
    first = per_subject(ex["EXSTDTC"][infusion & ~crossover], ex["USUBJID"], "min")
    infused = looked_up(who, first)
    adsl["INFDT"] = infused.map(as_day)
    # A minute that is known begins with its first second.
    adsl["INFDTM"] = infused.map(lambda text: f"{text}:00" if text else "")
    adsl["XOINFDT"] = day(ex, "EXSTDTC", "min", infusion & crossover)
    for start, end, doses in (
        ("TRTSDT", "TRTEDT", None),
        ("TR01SDT", "TR01EDT", ~crossover),
        ("TR02SDT", "TR02EDT", crossover),
    ):
        adsl[start] = day(ex, "EXSTDTC", "min", doses)
        adsl[end] = day(ex, "EXENDTC", "max", doses)
    treatments(adsl)
    adsl["RANDFL"] = adsl["ITTFL"] = yes(adsl["RANDDT"] != "")
    adsl["SAFFL"] = yes(who.isin(ex["USUBJID"]))
    adsl["INFFL"] = yes(adsl["INFDT"] != "")
    adsl["XOFL"] = yes(adsl["TR02SDT"] != "")
    adsl["XODT"] = adsl["TR02SDT"]
    ends(adsl, ds)
    periods(adsl)
    last_seen = looked_up(who, last_contact(folder, sdtm))
    died(adsl, death, last_seen, folder)
    dead_before = (adsl["DTHDT"] != "") & ((last_seen == "") | (adsl["DTHDT"] < last_seen))
    adsl["LSTALVDT"] = last_seen.where(~dead_before, adsl["DTHDT"])
    adsl["DCUTDT"] = CUTOFF
    transplants(adsl, folder)
    signs_at_baseline(adsl, sdtm["vs"])
    return adsl


def yes(condition):
    return np.where(condition, "Y", "N")


def treatments(adsl):
    crossed = adsl["TR02SDT"] != ""
    for planned_or_actual, arm in (("P", "ARM"), ("A", "ACTARM")):
        first, second = f"TRT01{planned_or_actual}", f"TRT02{planned_or_actual}"
        adsl[first], adsl[second] = adsl[arm], adsl[arm].map(OTHER).where(crossed, "")
        adsl[f"{first}N"], adsl[f"{second}N"] = adsl[first].map(NUMBERS), adsl[second].map(NUMBERS)
    adsl["TRTSEQP"] = adsl["TRT01P"]
    both = (adsl["TRT01A"] != "") & (adsl["TRT02A"] != "")
    sequence = adsl["TRT01A"] + " -> " + adsl["TRT02A"]
    adsl["TRTSEQA"] = adsl["TRT01A"].where(adsl["TRT02A"] == "", sequence.where(both, ""))


def ends(adsl, ds):
    """How the study ended for each subject, and the treatment to which it was assigned."""
    who = adsl["USUBJID"]
    ended = last_participation(ds)
    reason = looked_up(who, ended["DSDECOD"])
    adsl["EOSSTT"], adsl["DCSREAS"] = status(reason), reason.where(reason != "COMPLETED", "")
    adsl["EOSDT"] = looked_up(who, ended["DSSTDTC"]).map(as_day)
    treatment = sorted_by(ds[ds["DSCAT"] == "DISPOSITION EVENT"], ["DSSTDTC"])
    assigned = treatment["USUBJID"].map(dict(zip(who, adsl["TRT01P"].str.upper(), strict=True)))
    last = treatment[treatment["DSSCAT"] == assigned].groupby("USUBJID")["DSDECOD"].last()
    reason = looked_up(who, last)
    adsl["EOTSTT"], adsl["DCTREAS"] = status(reason), reason.where(reason != "COMPLETED", "")


def status(reason):
    return np.select(
        [reason == "", reason == "COMPLETED"], ["ONGOING", "COMPLETED"], "DISCONTINUED"
    )


def periods(adsl):
    """A period of treatment lasts until the day before the next, or to the end."""
    treated, crossed = adsl["TRTSDT"] != "", adsl["TR02SDT"] != ""
    end = np.minimum(adsl["EOSDT"].replace("", CUTOFF), CUTOFF)
    before_next = adsl["TR02SDT"].map(lambda day: days_after(day, -1)).where(crossed, end)
    adsl["AP01SDT"], adsl["AP01EDT"] = (
        adsl["TRTSDT"],
        np.minimum(before_next, end).where(treated, ""),
    )
    adsl["AP02SDT"], adsl["AP02EDT"] = adsl["TR02SDT"], end.where(crossed, "")


def died(adsl, death, last_seen, folder):
    # Only the day may be filled: the first of the month, but not before the last contact.
    first = death.map(lambda text: as_day(text + "-01" if len(text) == 7 else text))
    later = np.maximum(first, last_seen.map(lambda day: days_after(day, 1)))
    adsl["DTHDT"] = first.where(death.str.len() != 7, later)
    adsl["DTHDTF"] = np.where(death.str.len() == 7, "D", "")
    reported = certified_first(folder)
    adsl["DTHCAUS"] = looked_up(
        adsl["USUBJID"], recoded(answered(reported, "COD"), CAUSES).set_axis(reported["USUBJID"])
    )


def last_contact(folder, sdtm):
    """The last complete day, to the cut-off, on which something is known of a subject."""
    forms = {
        name: read_form(folder, name)
        for name in ("BM", "RESP", "EMD", "ECOG", "GVHD", "GVHDHX", "TOXDAY", "SURV", "EOS")
    }
    resp, surv = forms["RESP"], forms["SURV"]
    resp["relapse"] = resp["RLPDAT"].where(answered(resp, "RLP").isin(["1", "Yes"]), "")
    forms["SURV"] = surv[answered(surv, "SVSTAT").isin(["1", "Alive"])]
    flow = read_flow(folder)
    seen = [flow[["USUBJID"]].assign(day=flow["COLL_DATE"].map(iso_of_vendor))]
    for form, field in (
        ("BM", "BMDAT"), ("RESP", "RSDAT"), ("RESP", "relapse"), ("EMD", "EMDAT"),
        ("ECOG", "ECDAT"), ("GVHD", "GVDAT"), ("GVHDHX", "AGHXDT"), ("GVHDHX", "CGHXDT"),
        ("TOXDAY", "TDDAT"), ("SURV", "SVDAT"), ("EOS", "LASTALV"),
    ):  # fmt: skip
        seen.append(forms[form][["USUBJID"]].assign(day=forms[form][field].map(iso_day)))
    ds = sdtm["ds"]
    for data, name in (
        (sdtm["sv"], "SVENDTC"), (sdtm["lb"], "LBDTC"), (sdtm["vs"], "VSDTC"),
        (sdtm["ex"], "EXENDTC"), (sdtm["ae"], "AESTDTC"), (sdtm["ae"], "AEENDTC"),
        (sdtm["cm"], "CMSTDTC"), (ds[ds["DSDECOD"] != "DEATH"], "DSSTDTC"),
    ):  # fmt: skip
        seen.append(data[["USUBJID"]].assign(day=data[name]))
    every = pd.concat(seen, ignore_index=True)
    every["day"] = every["day"].map(as_day)
    every = every[every["day"] <= CUTOFF]
    return per_subject(every["day"], every["USUBJID"], "max")


def transplants(adsl, folder):
    """What was collected of the transplant and of the leukemia, once a subject."""
    hsct, dx, gvhd = (read_form(folder, name) for name in ("HSCT", "DX", "GVHDHX"))

    def of(form, name, terms):
        values = recoded(answered(form, name), terms).set_axis(form["USUBJID"])
        return looked_up(adsl["USUBJID"], values)

    done = looked_up(adsl["USUBJID"], hsct.set_index("USUBJID")["HSCTDAT"])
    adsl["HSCTDT"] = done.map(iso_day).map(as_day)
    days = pd.to_datetime(adsl["RANDDT"]) - pd.to_datetime(adsl["HSCTDT"].replace("", None))
    adsl["HSCTMO"] = (days.dt.days / 30.4375).round(1)
    adsl["GRAFTSRC"] = of(
        hsct, "GRAFT", {"1": "PBSC", "2": "BM", "3": "BM+PBSC", "4": "CORD BLOOD"}
    )
    adsl["DONORGR1"] = of(hsct, "DONOR", {
        "1": "HLA-MATCHED SIBLING", "2": "MATCHED UNRELATED", "3": "HAPLOIDENTICAL RELATED",
        "4": "CORD BLOOD",
    })  # fmt: skip
    adsl["CRSTATBL"] = of(hsct, "CRSTAT", {"1": "CR1", "2": "CR2", "3": ">=CR3"})
    adsl["CYTORISK"] = of(dx, "CYTO", {"1": "STANDARD", "2": "HIGH", "9": "UNKNOWN"})
    had = (answered(gvhd, "AGHX").isin(["1", "Yes"])) | (answered(gvhd, "CGHX").isin(["1", "Yes"]))
    adsl["GVHDHXFL"] = yes(adsl["USUBJID"].isin(gvhd["USUBJID"][had]))


def signs_at_baseline(adsl, vs):
    """Before the first dose; who was not treated, to the day of randomization."""
    days = dict(zip(adsl["USUBJID"], zip(adsl["TRTSDT"], adsl["RANDDT"], strict=True), strict=True))
    vs = vs[vs["VSSTRESN"].notna() & vs["USUBJID"].isin(days)]
    early = [
        flag == "Y" or (not days[who][0] and not before(days[who][1], day[:10]))
        for who, day, flag in zip(vs["USUBJID"], vs["VSDTC"], vs["VSLOBXFL"], strict=True)
    ]
    last = vs[early].sort_values("VSDTC", kind="stable").groupby(["USUBJID", "VSTESTCD"]).last()
    for name, test in (("WTBL", "WEIGHT"), ("HTBL", "HEIGHT"), ("BSABL", "BSA")):
        adsl[name] = adsl["USUBJID"].map(last["VSSTRESN"].xs(test, level="VSTESTCD"))


def survival(adsl):
    tte = adsl[adsl["ITTFL"] == "Y"].reset_index(drop=True)
    dead = (tte["DTHFL"] == "Y") & (tte["DTHDT"] != "")
    # The later of the two censorings; on one day the first that is named, LSTALVDT.
    alive = (tte["LSTALVDT"] != "") & (tte["LSTALVDT"] >= tte["RANDDT"])
    which = [dead, alive]
    result = tte[KEPT].assign(
        PARAMCD="OS",
        PARAM="Overall Survival (days)",
        PARAMN=1.0,
        PARCAT1="EFFICACY",
        STARTDT=tte["RANDDT"],
        ADT=np.select(which, [tte["DTHDT"], tte["LSTALVDT"]], tte["RANDDT"]),
        CNSR=np.where(dead, 0.0, 1.0),
        EVNTDESC=np.select(which, ["DEATH", "LAST KNOWN ALIVE"], "RANDOMIZATION"),
        CNSDTDSC=np.select(which, ["", "LAST KNOWN ALIVE"], "RANDOMIZATION"),
    )
    days = pd.to_datetime(result["ADT"]) - pd.to_datetime(result["STARTDT"])
    result["AVAL"] = days.dt.days + 1.0
    assert (result["STUDYID"] == STUDY).all()
    return sorted_by(result, ["USUBJID", "PARAMCD"])
