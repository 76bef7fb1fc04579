"""ADaM of the demonstration study, written a second time, from the SDTM of the same hand."""

import numpy as np
import pandas as pd

from tests.oracle.collected import STUDY, as_day, looked_up, per_subject, sorted_by
from tests.oracle.tabulation import INFUSIONS, last_participation

COPIED = [
    "STUDYID",
    "USUBJID",
    "SUBJID",
    "SITEID",
    "AGE",
    "AGEU",
    "SEX",
    "RACE",
    "ETHNIC",
    "COUNTRY",
    "ARM",
    "ARMCD",
    "ACTARM",
    "ACTARMCD",
    "DTHFL",
]
KEPT = [
    "STUDYID",
    "USUBJID",
    "TRT01P",
    "TRT01A",
    "AGEGR1",
    "SEX",
    "ITTFL",
    "SAFFL",
    "INFFL",
    "XOFL",
]
OTHER = {"CD19 CAR-T": "Chemotherapy + DLI", "Chemotherapy + DLI": "CD19 CAR-T", "": ""}
NUMBERS = {"CD19 CAR-T": 1.0, "Chemotherapy + DLI": 2.0, "": np.nan}


def analyse(sdtm):
    adsl = subjects(sdtm)
    return {"adsl": adsl, "adtte": survival(adsl)}


def subjects(sdtm):
    dm, ex, ds, ae, lb = (sdtm[name] for name in ("dm", "ex", "ds", "ae", "lb"))
    adsl = dm[dm["ARMCD"] != ""].reset_index(drop=True)
    consent, death = adsl["RFICDTC"], adsl["DTHDTC"]
    adsl = adsl[COPIED].copy()
    who = adsl["USUBJID"]

    def day(data, name, choose, where=None):
        kept = data if where is None else data[where]
        return looked_up(who, per_subject(kept[name], kept["USUBJID"], choose)).map(as_day)

    def yes(condition):
        return np.where(condition, "Y", "N")

    group = np.digitize(adsl["AGE"], [18, 40, 60])
    adsl["AGEGR1"] = np.array(["<18", "18-39", "40-59", ">=60"], dtype=object)[group]
    adsl["AGEGR1N"] = group + 1.0
    adsl["RFICDT"] = consent.map(as_day)
    adsl["RANDDT"] = day(ds, "DSSTDTC", "min", ds["DSDECOD"] == "RANDOMIZED")
    crossover = ex["EXSCAT"] == "CROSSOVER TREATMENT"
    infusion = ex["EXCAT"].isin(INFUSIONS)
    adsl["INFDT"] = day(ex, "EXSTDTC", "min", infusion & ~crossover)
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
    end_of_study(adsl, ds)
    # Only the day may be filled: a month is the first of that month, a year alone is no date.
    adsl["DTHDT"] = death.map(lambda text: as_day(text + "-01" if len(text) == 7 else text))
    adsl["DTHDTF"] = np.where(death.str.len() == 7, "D", "")
    fatal = ae[ae["AEOUT"] == "FATAL"].sort_values(["AESTDTC", "AESEQ"])
    adsl["DTHCAUS"] = looked_up(who, fatal.groupby("USUBJID")["AEDECOD"].first())
    adsl["LSTALVDT"] = last_alive(who, adsl["DTHDT"], {
        "AESTDTC": ae[ae["AESTDY"].notna()], "AEENDTC": ae[ae["AEENDY"].notna()], "LBDTC": lb,
        "EXENDTC": ex, "DSSTDTC": ds[ds["DSDECOD"] != "DEATH"],
    })  # fmt: skip
    adsl["DCUTDT"] = "2029-01-31"
    return adsl


def treatments(adsl):
    crossed = adsl["TR02SDT"] != ""
    for planned_or_actual, arm in (("P", "ARM"), ("A", "ACTARM")):
        adsl[f"TRT01{planned_or_actual}"] = adsl[arm]
        adsl[f"TRT01{planned_or_actual}N"] = adsl[arm].map(NUMBERS)
        adsl[f"TRT02{planned_or_actual}"] = adsl[arm].map(OTHER).where(crossed, "")
    adsl["TRTSEQP"] = adsl["TRT01P"]
    both = (adsl["TRT01A"] != "") & (adsl["TRT02A"] != "")
    sequence = adsl["TRT01A"] + " -> " + adsl["TRT02A"]
    adsl["TRTSEQA"] = adsl["TRT01A"].where(adsl["TRT02A"] == "", sequence.where(both, ""))


def end_of_study(adsl, ds):
    ended = last_participation(ds)
    reason = looked_up(adsl["USUBJID"], ended["DSDECOD"])
    adsl["EOSSTT"] = np.select(
        [reason == "", reason == "COMPLETED"], ["ONGOING", "COMPLETED"], "DISCONTINUED"
    )
    adsl["EOSDT"] = looked_up(adsl["USUBJID"], ended["DSSTDTC"]).map(as_day)
    left = last_participation(ds[ds["DSDECOD"] != "COMPLETED"])
    adsl["DCSREAS"] = looked_up(adsl["USUBJID"], left["DSDECOD"])


def last_alive(who, death, sources):
    seen = pd.concat(
        [
            data[["USUBJID", name]].set_axis(["USUBJID", "day"], axis=1)
            for name, data in sources.items()
        ],
        ignore_index=True,
    )
    last = looked_up(who, per_subject(seen["day"].map(as_day), seen["USUBJID"], "max"))
    dead_before = (death != "") & ((last == "") | (death < last))
    return last.where(~dead_before, death)


def survival(adsl):
    tte = adsl[adsl["ITTFL"] == "Y"].reset_index(drop=True)
    died = (tte["DTHFL"] == "Y") & (tte["DTHDT"] != "")
    # The later of the two censorings; on one day the first that is named, LSTALVDT.
    alive = (tte["LSTALVDT"] != "") & (tte["LSTALVDT"] >= tte["RANDDT"])
    which = [died, alive]
    result = tte[KEPT].assign(
        PARAMCD="OS",
        PARAM="Overall Survival (days)",
        PARAMN=1.0,
        PARCAT1="EFFICACY",
        STARTDT=tte["RANDDT"],
        ADT=np.select(which, [tte["DTHDT"], tte["LSTALVDT"]], tte["RANDDT"]),
        CNSR=np.where(died, 0.0, 1.0),
        EVNTDESC=np.select(which, ["DEATH", "LAST KNOWN ALIVE"], "RANDOMIZATION"),
        CNSDTDSC=np.select(which, ["", "LAST KNOWN ALIVE"], "RANDOMIZATION"),
        SRCDOM="ADSL",
        SRCVAR=np.select(which, ["DTHDT", "LSTALVDT"], "RANDDT"),
        SRCSEQ=np.nan,
    )
    days = pd.to_datetime(result["ADT"]) - pd.to_datetime(result["STARTDT"])
    result["AVAL"] = days.dt.days + 1.0
    assert (result["STUDYID"] == STUDY).all()
    return sorted_by(result, ["USUBJID", "PARAMCD"])
