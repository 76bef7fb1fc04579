"""AE of the demonstration study, written a second time: by hand from the mapping files."""

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    answered,
    first_known,
    iso_day,
    iso_day_and_time,
    looked_up,
    qualifiers,
    read_form,
    recoded,
    sorted_by,
    tidied,
)

YES_NO = {"1": "Y", "Yes": "Y", "0": "N", "No": "N", "9": "U", "Unknown": "U"}
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


def adverse_events(folder, parts):
    raw = read_form(folder, "AE")
    alike = ["SUBJ", "ROWNO", "AEGR", "AESTDAT", "AEENDAT"]
    raw = sorted_by(raw, ["SAVED_TS"]).drop_duplicates(alike)
    either = lambda name: answered(raw, name)  # noqa: E731  read in every line below
    ae = pd.DataFrame({"USUBJID": raw["USUBJID"]})
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
    ae["EPOCH"] = parts.epoch(ae, "AESTDTC")
    ongoing = either("AEONGO").isin(["1", "Yes"])
    ae["AEENRTPT"] = np.where(ongoing, "ONGOING", "")
    last_seen = looked_up(ae["USUBJID"], parts.ended)
    ae["AEENTPT"] = last_seen.where(ongoing, "")
    for name, field in (
        ("CT", "AERCAR"), ("LD", "AERLD"), ("CH", "AERCH"), ("DL", "AERDLI"),
    ):  # fmt: skip
        ae[f"cause {name}"] = recoded(either(field), CAUSALITY)
    # What sorts alike keeps the order of the file, not that in which the forms were saved.
    ae = ae.sort_index()
    # One event that was reported twice, with two grades, is two records with a link each.
    twice = ae.sort_values(["AETOXGR", "AEENDTC"], kind="stable")
    nth = twice.groupby(["USUBJID", "AESPID"]).cumcount().sort_index()
    ae["AELNKID"] = "AE-" + ae["AESPID"] + nth.map(lambda n: f"-{n + 1}" if n else "")
    keys = ["USUBJID", "AEDECOD", "AESTDTC", "AETERM", "AESPID", "AETOXGR"]
    ae = parts.finished(ae, "AE", keys, ["AEST", "AEEN"])
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
