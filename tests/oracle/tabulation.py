"""SDTM of the demonstration study, written a second time: by hand from the mapping files."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    STUDY,
    as_day,
    first_known,
    iso_day,
    iso_day_and_time,
    looked_up,
    numbered,
    per_subject,
    qualifiers,
    read_form,
    read_randomization,
    recoded,
    rounded,
    sorted_by,
    study_days,
    tidied,
)
from tests.oracle.laboratory import laboratory

INFUSIONS = ("CAR-T INFUSION", "DONOR LYMPHOCYTE INFUSION")
YES_NO = {"1": "Y", "Yes": "Y", "0": "N", "No": "N", "9": "U", "Unknown": "U"}
TREATMENTS = {
    "1": "CYCLOPHOSPHAMIDE",
    "2": "FLUDARABINE",
    "Methotrexate inj.": "METHOTREXATE",
    "MTX": "METHOTREXATE",
    "甲氨蝶呤": "METHOTREXATE",
    "VCR": "VINCRISTINE",
    "长春新碱": "VINCRISTINE",
    "CARTINF": "CD19 CAR-T CELLS",
    "DLI": "DONOR LYMPHOCYTES",
}
SOLUTION, SUSPENSION = "INJECTION, SOLUTION", "INJECTION, SUSPENSION"
# treatment: category, unit, form, frequency
HOW_GIVEN = {
    "CYCLOPHOSPHAMIDE": ("LYMPHODEPLETION", "mg/m2", SOLUTION, "QD"),
    "FLUDARABINE": ("LYMPHODEPLETION", "mg/m2", SOLUTION, "QD"),
    "METHOTREXATE": ("CHEMOTHERAPY", "mg/m2", SOLUTION, "ONCE"),
    "VINCRISTINE": ("CHEMOTHERAPY", "mg/m2", SOLUTION, "ONCE"),
    "CD19 CAR-T CELLS": (INFUSIONS[0], "10^6/kg", SUSPENSION, "ONCE"),
    "DONOR LYMPHOCYTES": (INFUSIONS[1], "10^7/kg", SUSPENSION, "ONCE"),
}
AMOUNTS = {
    "mg": "1", "毫克": "1", "g": "1000", "10^6": "1", "cells": "0.000001", "10^8": "10",
    "10^9": "100",
}  # fmt: skip
ENDS_OF_TREATMENT = {
    "1": "COMPLETED", "2": "ADVERSE EVENT", "3": "DISEASE RELAPSE", "4": "DEATH",
    "5": "TECHNICAL PROBLEMS", "Manufacturing failure": "TECHNICAL PROBLEMS",
    "6": "WITHDRAWAL BY SUBJECT", "7": "NEVER DOSED", "8": "OTHER",
}  # fmt: skip
ENDS_OF_STUDY = {
    "1": "COMPLETED", "2": "DEATH", "3": "LOST TO FOLLOW-UP", "4": "WITHDRAWAL BY SUBJECT",
    "5": "WITHDRAWAL BY PARENT/GUARDIAN", "6": "PHYSICIAN DECISION", "7": "SCREEN FAILURE",
    "8": "OTHER",
}  # fmt: skip
INTERESTS = {
    "1": "CYTOKINE RELEASE SYNDROME", "CRS": "CYTOKINE RELEASE SYNDROME", "2": "ICANS",
    "3": "ACUTE GVHD", "aGVHD": "ACUTE GVHD", "4": "CHRONIC GVHD", "cGVHD": "CHRONIC GVHD",
    "5": "INFECTION", "6": "CYTOPENIA",
}  # fmt: skip
GRADES = {
    text.format(roman=roman, digit=digit): digit
    for digit, roman in (("1", "I"), ("2", "II"), ("3", "III"), ("4", "IV"))
    for text in ("{digit}", "{roman}", "G{digit}", "{digit}级")
} | {"5": "5"}
CAUSALITY = {
    "1": "NOT RELATED", "2": "UNLIKELY", "3": "POSSIBLE", "4": "PROBABLE", "5": "DEFINITE",
}  # fmt: skip
ACTIONS = {
    "1": "DOSE NOT CHANGED", "2": "DOSE REDUCED", "3": "DRUG INTERRUPTED",
    "Interrupted": "DRUG INTERRUPTED", "4": "DRUG WITHDRAWN", "Withdrawn": "DRUG WITHDRAWN",
    "5": "NOT APPLICABLE", "9": "UNKNOWN",
}  # fmt: skip
OUTCOMES = {
    "1": "RECOVERED/RESOLVED", "Recovered": "RECOVERED/RESOLVED",
    "2": "RECOVERED/RESOLVED WITH SEQUELAE",
    "Recovered with sequelae": "RECOVERED/RESOLVED WITH SEQUELAE",
    "3": "RECOVERING/RESOLVING", "Recovering": "RECOVERING/RESOLVING",
    "4": "NOT RECOVERED/NOT RESOLVED", "Not recovered": "NOT RECOVERED/NOT RESOLVED",
    "5": "FATAL", "9": "UNKNOWN",
}  # fmt: skip


def tabulate(folder):
    """Every SDTM dataset by its name."""
    ex, infusions = exposure(folder)
    ds = disposition(folder)
    dm, suppdm = demographics(folder, ex, infusions, ds)
    reference = dm.set_index("USUBJID")["RFSTDTC"]
    for data, dates in ((ex, ("EXST", "EXEN")), (ds, ("DSST",))):
        for date in dates:
            data[f"{date}DY"] = study_days(data[f"{date}DTC"], looked_up(data.USUBJID, reference))
    ae, suppae = adverse_events(folder, reference, ds)
    lb, supplb = laboratory(folder, dm)
    ends = pd.concat(
        [
            data[["USUBJID", name]].set_axis(["USUBJID", "DTC"], axis=1)
            for data, name in (
                (ds, "DSSTDTC"),
                (ae, "AESTDTC"),
                (ae, "AEENDTC"),
                (ex, "EXENDTC"),
                (lb, "LBDTC"),
            )
        ],
        ignore_index=True,
    )
    dm["RFPENDTC"] = looked_up(dm.USUBJID, per_subject(ends.DTC, ends.USUBJID, "max"))
    return {
        "dm": dm, "ex": ex, "ds": ds, "ae": ae, "lb": lb,
        "suppdm": suppdm, "suppae": suppae, "supplb": supplb,
    }  # fmt: skip


def exposure(folder):
    """EX, and the first dose of those that are index infusions."""
    given = []
    for form, prefix, drugs, amount, size in (
        ("LD", "LD", ("LDDRUG", "LDDRUG_D"), "LDDOSE", "LDBSA"),
        ("CARTINF", "CI", ("FORM",), "CITOT", "CIWT"),
        ("CHEMO", "CH", ("CHDRUG",), "CHDOSE", "CHBSA"),
        ("DLI", "DL", ("FORM",), "DLMNC", "DLWT"),
    ):
        raw = read_form(folder, form)
        raw = raw[raw[f"{prefix}STDT"] != ""]
        given.append(
            pd.DataFrame({
                "USUBJID": raw["USUBJID"],
                "EXTRT": recoded(first_known(*(raw[drug] for drug in drugs)), TREATMENTS),
                "EXSCAT": raw["EVENT"].map(
                    lambda event: f"{'CROSSOVER' if event.startswith('X') else 'INITIAL'} TREATMENT"
                ),
                "EXLOT": raw["CILOT"] if form == "CARTINF" else "",
                "EXSTDTC": raw[f"{prefix}STDT"].map(iso_day_and_time),
                "EXENDTC": raw[f"{prefix}ENDT"].map(iso_day_and_time),
                "amount": raw[amount],
                "unit": raw[f"{amount}U"],
                "size": raw[size],
            })
        )  # fmt: skip
    ex = pd.concat(given, ignore_index=True)
    for place, name in enumerate(("EXCAT", "EXDOSU", "EXDOSFRM", "EXDOSFRQ")):
        ex[name] = ex["EXTRT"].map(lambda treatment, place=place: HOW_GIVEN[treatment][place])
    ex["EXDOSE"] = [
        dose(*row) for row in zip(ex["amount"], ex["unit"], ex["size"], ex["EXDOSU"], strict=True)
    ]
    crossover = ex["EXSCAT"] == "CROSSOVER TREATMENT"
    ex["EPOCH"] = np.where(crossover, "TREATMENT 2", "TREATMENT 1")
    ex = ex.assign(STUDYID=STUDY, DOMAIN="EX", EXROUTE="INTRAVENOUS")
    ex = ex.drop(columns=["amount", "unit", "size"])
    ex = numbered(ex, ["USUBJID", "EXTRT", "EXSTDTC"], "EXSEQ")
    infused = ex["EXCAT"].isin(INFUSIONS) & (ex["EXSCAT"] == "INITIAL TREATMENT")
    return ex, per_subject(ex["EXSTDTC"][infused], ex["USUBJID"], "min")


def dose(amount, unit, size, target):
    if not amount or not size:
        return np.nan
    value = Decimal(amount) * Decimal(AMOUNTS[unit]) / Decimal(size)
    return rounded(value, 1 if target == "mg/m2" else 2)


def disposition(folder):
    ic, ie, eot, eos = (read_form(folder, name) for name in ("IC", "IE", "EOT", "EOS"))
    rand = read_randomization(folder)
    ie = ie[ie["IEMET"] == "1"]
    rand = rand[rand["CANCELLED"] != "1"]
    kind = first_known(ic["ICTYPE"], ic["ICTYPE_D"])
    consents = pd.DataFrame({
        "USUBJID": ic["USUBJID"],
        "DSREFID": ic["ICVER"],
        "DSTERM": recoded(kind, {
            "1": "INFORMED CONSENT OBTAINED", "Main": "INFORMED CONSENT OBTAINED",
            "2": "ASSENT OBTAINED", "Assent": "ASSENT OBTAINED",
            "3": "CROSSOVER CONSENT OBTAINED", "Crossover": "CROSSOVER CONSENT OBTAINED",
        }),
        "DSDECOD": np.where(
            kind.isin(["2", "Assent"]), "INFORMED ASSENT OBTAINED", "INFORMED CONSENT OBTAINED"
        ),
        "DSSTDTC": ic["ICDAT"].map(iso_day),
    })  # fmt: skip
    eligible = pd.DataFrame({
        "USUBJID": ie["USUBJID"],
        "DSDECOD": "ELIGIBILITY CRITERIA MET",
        "DSSTDTC": ie["IEDAT"].map(iso_day),
    })  # fmt: skip
    randomized = pd.DataFrame({
        "USUBJID": rand["USUBJID"],
        "DSDECOD": "RANDOMIZED",
        "DSSTDTC": rand["RANDDTTM"],
    })  # fmt: skip
    treated = pd.DataFrame({
        "USUBJID": eot["USUBJID"],
        "DSTERM": first_known(eot["EOTSPEC"], eot["EOTR_D"]),
        "DSDECOD": recoded(first_known(eot["EOTR"], eot["EOTR_D"]), ENDS_OF_TREATMENT),
        "DSSCAT": recoded(
            first_known(eot["EOTTRT"], eot["EOTTRT_D"]),
            {"A": "CD19 CAR-T", "B": "CHEMOTHERAPY + DLI"},
        ),
        "DSSTDTC": eot["EOTDAT"].map(iso_day),
    })  # fmt: skip
    ended = pd.DataFrame({
        "USUBJID": eos["USUBJID"],
        "DSTERM": first_known(eos["EOSSPEC"], eos["EOSR_D"]),
        "DSDECOD": recoded(first_known(eos["EOSR"], eos["EOSR_D"]), ENDS_OF_STUDY),
        "DSSCAT": "STUDY PARTICIPATION",
        "DSSTDTC": eos["EOSDAT"].map(iso_day),
    })  # fmt: skip
    milestones = pd.concat([consents, eligible, randomized]).assign(DSCAT="PROTOCOL MILESTONE")
    events = pd.concat([treated, ended]).assign(DSCAT="DISPOSITION EVENT")
    ds = pd.concat([milestones, events], ignore_index=True).fillna("")
    ds["DSTERM"] = first_known(ds["DSTERM"], ds["DSDECOD"]).str.upper()
    ds = ds.assign(STUDYID=STUDY, DOMAIN="DS")
    return numbered(ds, ["USUBJID", "DSSTDTC", "DSDECOD", "DSSCAT"], "DSSEQ")


def demographics(folder, ex, infusions, ds):
    demo = read_form(folder, "DEMO")
    subject = demo["USUBJID"]
    last_seen = last_participation(ds)["DSSTDTC"]
    first_dose = per_subject(ex["EXSTDTC"], ex["USUBJID"], "min")
    last_dose = per_subject(ex["EXENDTC"], ex["USUBJID"], "max")
    ic = read_form(folder, "IC")
    consent = sorted_by(ic[ic["ICTYPE"] == "1"], ["ROWNO"]).groupby("USUBJID")["ICDAT"].first()
    death = sorted_by(read_form(folder, "DEATH"), ["ROWNO"])
    certified = death[death["DTHSRC"] == "2"].groupby("USUBJID")["DTHDAT"].first()
    reported = death.groupby("USUBJID")["DTHDAT"].first()
    rand = read_randomization(folder)
    rand = sorted_by(rand[rand["CANCELLED"] != "1"], ["RANDDTTM"]).groupby("USUBJID").first()

    dm = pd.DataFrame({"USUBJID": subject, "STUDYID": STUDY, "DOMAIN": "DM"})
    dm["SUBJID"] = demo["SUBJ"].str.split("-").str[1]
    dm["SITEID"] = demo["SITE"]
    dm["RFXSTDTC"] = looked_up(subject, first_dose)
    dm["RFXENDTC"] = looked_up(subject, last_dose)
    dm["RFSTDTC"] = first_known(looked_up(subject, infusions), dm["RFXSTDTC"])
    dm["RFENDTC"] = looked_up(subject, last_seen).where(dm["RFSTDTC"] != "", "")
    dm["RFICDTC"] = looked_up(subject, consent).map(iso_day)
    died = first_known(looked_up(subject, certified), looked_up(subject, reported))
    dm["DTHDTC"] = died.map(iso_day)
    dm["DTHFL"] = np.where(dm["DTHDTC"] != "", "Y", "")
    dm["BRTHDTC"] = demo["BRTHDAT"].map(iso_day)
    dm["AGE"] = [years(*pair) for pair in zip(dm["BRTHDTC"], dm["RFICDTC"], strict=True)]
    dm["SEX"] = recoded(
        first_known(demo["SEX"], demo["SEX_D"]), {"1": "M", "Male": "M", "2": "F", "Female": "F"}
    )
    dm = dm.assign(AGEU="YEARS", RACE="ASIAN", ETHNIC="NOT HISPANIC OR LATINO", COUNTRY="CHN")
    arms = {"CART": "CD19 CAR-T", "CHEMODLI": "Chemotherapy + DLI", "": ""}
    dm["ARMCD"] = looked_up(subject, rand["ARM_CD"]).map({"A": "CART", "B": "CHEMODLI", "": ""})
    dm["ACTARMCD"] = dm["ARMCD"].where(dm["RFXSTDTC"] != "", "")
    dm["ARM"], dm["ACTARM"] = dm["ARMCD"].map(arms), dm["ACTARMCD"].map(arms)
    dm["ARMNRS"] = np.select(
        [dm["ARMCD"] == "", dm["RFXSTDTC"] == ""], ["SCREEN FAILURE", "ASSIGNED, NOT TREATED"], ""
    )
    dm["ACTARMUD"] = ""
    potential = recoded(first_known(demo["CHILDPOT"], demo["CHILDPOT_D"]), YES_NO)
    supp = qualifiers(dm, "", "DM", [
        ("RANDNO", "Randomization Number", looked_up(subject, rand["RANDNO"]), "Collected", ""),
        ("CHILDPOT", "Childbearing Potential", potential, "Collected", ""),
        ("SYNTHFL", "Synthetic Data Flag", pd.Series("Y", dm.index), "Assigned", ""),
    ])  # fmt: skip
    return sorted_by(dm, ["USUBJID"]), supp


def last_participation(ds):
    """The last record of the end of participation, by subject."""
    ended = sorted_by(ds[ds["DSSCAT"] == "STUDY PARTICIPATION"], ["DSSTDTC"])
    return ended.groupby("USUBJID").last()


def years(birth, at):
    if not as_day(birth) or not as_day(at):
        return np.nan
    whole = int(at[:4]) - int(birth[:4])
    return float(whole - (at[5:10] < birth[5:10]))


def adverse_events(folder, reference, ds):
    raw = read_form(folder, "AE")
    raw = sorted_by(raw, ["SAVED_TS"]).drop_duplicates(["SUBJ", "ROWNO"])
    either = lambda name, text=None: first_known(raw[name], raw[text or f"{name}_D"])  # noqa: E731  read in every line below
    ae = pd.DataFrame({"USUBJID": raw["USUBJID"], "STUDYID": STUDY, "DOMAIN": "AE"})
    ae["AESPID"] = raw["ROWNO"]
    ae["AETERM"] = tidied(first_known(raw["AETERM_EN"], raw["AETERM"])).str.upper()
    ae["AEDECOD"] = tidied(raw["AEPT"])
    for licensed in ("AELLT", "AEHLT", "AEHLGT"):
        ae[licensed] = ""
    for licensed in ("AELLTCD", "AEPTCD", "AEHLTCD", "AEHLGTCD", "AEBDSYCD", "AESOCCD"):
        ae[licensed] = np.nan
    ae["AECAT"] = first_known(recoded(either("AESI"), INTERESTS), pd.Series("OTHER", ae.index))
    ae["AEBODSYS"] = ae["AESOC"] = tidied(raw["AESOC"])
    chronic = ae["AECAT"] == "CHRONIC GVHD"
    ae["AESEV"] = recoded(
        raw["AEGR"].where(chronic, ""),
        {"Mild": "MILD", "Moderate": "MODERATE", "Severe": "SEVERE"},
    )
    ae["AETOXGR"] = recoded(raw["AEGR"].where(~chronic, ""), GRADES)
    ae["AEACN"] = recoded(either("AEACN"), ACTIONS)
    ae["AEOUT"] = recoded(either("AEOUT"), OUTCOMES)
    for name, field in (
        ("AESER", "AESER"), ("AESCONG", "SCONG"), ("AESDISAB", "SDISAB"), ("AESDTH", "SDTH"),
        ("AESHOSP", "SHOSP"), ("AESLIFE", "SLIFE"), ("AESMIE", "SMIE"), ("AECONTRT", "AETRT"),
    ):  # fmt: skip
        ae[name] = recoded(either(field), YES_NO)
    causes = raw[["AERCAR", "AERLD", "AERCH", "AERDLI"]]
    ae["AEREL"] = np.select(
        [causes.isin(["3", "4", "5"]).any(axis=1), (causes != "").any(axis=1)],
        ["RELATED", "NOT RELATED"],
        "",
    )
    ae["AESTDTC"] = (raw["AESTDAT"] + " " + raw["AESTTIM"]).str.strip().map(iso_day_and_time)
    ae["AEENDTC"] = raw["AEENDAT"].map(iso_day)
    for date in ("AEST", "AEEN"):
        ae[f"{date}DY"] = study_days(ae[f"{date}DTC"], looked_up(ae["USUBJID"], reference))
    ongoing = either("AEONGO").isin(["1", "Yes"])
    ae["AEENRTPT"] = np.where(ongoing, "ONGOING", "")
    last_seen = looked_up(ae["USUBJID"], last_participation(ds)["DSSTDTC"])
    ae["AEENTPT"] = last_seen.where(ongoing, "")
    for name, field in (
        ("CT", "AERCAR"), ("LD", "AERLD"), ("CH", "AERCH"), ("DL", "AERDLI"),
    ):  # fmt: skip
        ae[f"cause {name}"] = recoded(either(field), CAUSALITY)
    # What sorts alike keeps the order of the file, not that in which the forms were saved.
    ae = ae.sort_index()
    ae = numbered(ae, ["USUBJID", "AEDECOD", "AESTDTC", "AETERM", "AESPID"], "AESEQ")
    grading = ae["AECAT"].map({
        "CYTOKINE RELEASE SYNDROME": "ASTCT 2019", "ICANS": "ASTCT 2019",
        "ACUTE GVHD": "MAGIC 2016", "CHRONIC GVHD": "NIH 2014",
    }).fillna("CTCAE V5.0")  # fmt: skip
    relations = [
        (f"AEREL{name}", f"Relationship to {cause}", ae[f"cause {name}"], "Collected", "INVESTIGATOR")  # noqa: E501  one line a qualifier
        for name, cause in (
            ("CT", "CAR-T Cells"), ("LD", "Lymphodepletion"), ("CH", "Chemotherapy"),
            ("DL", "Donor Lymphocytes"),
        )
    ]  # fmt: skip
    supp = qualifiers(
        ae, "AESEQ", "AE", [("AEGRSYS", "Grading System", grading, "Derived", ""), *relations]
    )
    return ae.drop(columns=[name for name in ae if name.startswith("cause ")]), supp
