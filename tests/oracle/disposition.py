"""DS of the demonstration study: milestones, ends of treatment and of participation."""

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    answered,
    first_known,
    iso_day,
    read_form,
    read_randomization,
    recoded,
    sorted_by,
    tidied,
)

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
CONSENTS = {"1": "INFORMED CONSENT", "2": "ASSENT", "3": "CROSSOVER CONSENT"} | {
    "Main": "INFORMED CONSENT", "Assent": "ASSENT", "Crossover": "CROSSOVER CONSENT",
}  # fmt: skip
ARMS = {"A": "CD19 CAR-T", "B": "CHEMOTHERAPY + DLI", "Chemotherapy + DLI": "CHEMOTHERAPY + DLI"}


def disposition(folder):
    """Every record but those of crossover, without epochs and days."""
    milestones = pd.concat(
        [consents(folder), eligible(folder), randomized(folder), decided(folder)]
    )
    milestones = milestones.assign(DSCAT="PROTOCOL MILESTONE")
    events = pd.concat([treated(folder), ended(folder)]).assign(DSCAT="DISPOSITION EVENT")
    ds = pd.concat([milestones, events], ignore_index=True).fillna("")
    ds["DSTERM"] = first_known(ds["DSTERM"], ds["DSDECOD"]).str.upper()
    return ds


def consents(folder):
    ic = read_form(folder, "IC")
    kind = answered(ic, "ICTYPE")
    assent = kind.isin(["2", "Assent"])
    return pd.DataFrame({
        "USUBJID": ic["USUBJID"],
        "DSREFID": tidied(ic["ICVER"]).str.upper(),
        "DSTERM": recoded(kind, CONSENTS) + " OBTAINED",
        "DSDECOD": np.where(assent, "INFORMED ASSENT OBTAINED", "INFORMED CONSENT OBTAINED"),
        "DSSTDTC": ic["ICDAT"].map(iso_day),
    })  # fmt: skip


def eligible(folder):
    ie = read_form(folder, "IE")
    ie = ie[answered(ie, "IEMET").isin(["1", "Yes"])]
    return pd.DataFrame({
        "USUBJID": ie["USUBJID"],
        "DSDECOD": "ELIGIBILITY CRITERIA MET",
        "EPOCH": "SCREENING",
        "DSSTDTC": ie["IEDAT"].map(iso_day),
    })  # fmt: skip


def randomized(folder):
    rand = read_randomization(folder)
    rand = rand[rand["CANCELLED"] != "1"]
    return pd.DataFrame({
        "USUBJID": rand["USUBJID"],
        "DSDECOD": "RANDOMIZED",
        "DSSTDTC": rand["RANDDTTM"],
    })  # fmt: skip


def decided(folder):
    """Month 3: who may cross over, and who wants to."""
    xo = read_form(folder, "XO")
    may = answered(xo, "XOELIG").isin(["1", "Yes"])
    wants = answered(xo, "XOCONS").isin(["1", "Yes"])
    return pd.DataFrame({
        "USUBJID": xo["USUBJID"],
        "DSTERM": np.select(
            [~may, wants],
            ["NOT ELIGIBLE FOR CROSSOVER", "ELIGIBLE FOR CROSSOVER, CONSENTED"],
            "ELIGIBLE FOR CROSSOVER, DECLINED",
        ),
        "DSDECOD": np.select(
            [~may, wants],
            ["ELIGIBILITY CRITERIA NOT MET", "OPTED TO CONTINUE INTO NEXT TRIAL ELEMENT"],
            "DECLINED TO CONTINUE INTO NEXT TRIAL ELEMENT",
        ),
        "DSSTDTC": xo["XODAT"].map(iso_day),
    })  # fmt: skip


def treated(folder):
    eot = read_form(folder, "EOT")
    return pd.DataFrame({
        "USUBJID": eot["USUBJID"],
        "DSTERM": first_known(tidied(eot["EOTSPEC"]), eot["EOTR_D"]),
        "DSDECOD": recoded(answered(eot, "EOTR"), ENDS_OF_TREATMENT),
        "DSSCAT": recoded(answered(eot, "EOTTRT"), ARMS),
        "DSSTDTC": eot["EOTDAT"].map(iso_day),
    })  # fmt: skip


def ended(folder):
    eos = read_form(folder, "EOS")
    return pd.DataFrame({
        "USUBJID": eos["USUBJID"],
        "DSTERM": first_known(tidied(eos["EOSSPEC"]), eos["EOSR_D"]),
        "DSDECOD": recoded(answered(eos, "EOSR"), ENDS_OF_STUDY),
        "DSSCAT": "STUDY PARTICIPATION",
        "DSSTDTC": eos["EOSDAT"].map(iso_day),
    })  # fmt: skip


def crossed_over(courses):
    """A milestone on the day of the first dose of the other treatment."""
    over = courses[courses["DOSED2"] != ""]
    to = {"CART": "CHEMOTHERAPY + DLI", "CHEMODLI": "CD19 CAR-T"}
    return pd.DataFrame({
        "USUBJID": over["USUBJID"],
        "DSTERM": "CROSSED OVER TO " + over["ARMCD"].map(to),
        "DSDECOD": "CROSSOVER",
        "DSCAT": "PROTOCOL MILESTONE",
        "DSSTDTC": over["DOSED2"],
    })  # fmt: skip


def last_participation(ds):
    """The last record of the end of participation, by subject."""
    records = sorted_by(ds[ds["DSSCAT"] == "STUDY PARTICIPATION"], ["DSSTDTC"])
    return records.groupby("USUBJID").last()
