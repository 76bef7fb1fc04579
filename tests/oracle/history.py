"""MH and CM of the demonstration study, written a second time: by hand from the mapping files."""

import numpy as np
import pandas as pd

from tests.oracle.collected import answered, folded, iso_day, looked_up, read_form, recoded, tidied
from tests.oracle.events import GRADES, YES_NO

SEVERITIES = {"0": "NONE", "None": "NONE", "1": "MILD", "2": "MODERATE", "3": "SEVERE"}
CATEGORIES = {
    "1": "PRIOR ANTI-LEUKEMIA THERAPY", "Prior anti-leukaemia": "PRIOR ANTI-LEUKEMIA THERAPY",
    "2": "CONCOMITANT MEDICATION", "Concomitant": "CONCOMITANT MEDICATION",
    "3": "IMMUNOSUPPRESSION", "4": "CRS/ICANS TREATMENT", "5": "NEW ANTI-LEUKEMIA THERAPY",
    "New anti-leukaemia therapy": "NEW ANTI-LEUKEMIA THERAPY", "6": "GVHD TREATMENT",
}  # fmt: skip
UNITS = {"毫克": "mg", "克": "g", "μg": "ug", "微克": "ug"} | {
    unit: unit for unit in ("mg", "g", "ug", "IU")
}
FREQUENCIES = {"qd": "QD", "bid": "BID", "st": "ONCE", "prn": "PRN"}
ROUTES = {
    "IV": "INTRAVENOUS", "iv drip": "INTRAVENOUS", "静滴": "INTRAVENOUS", "PO": "ORAL",
    "口服": "ORAL", "SC": "SUBCUTANEOUS", "皮下": "SUBCUTANEOUS",
}  # fmt: skip
ASKED_OF_DISEASE = (  # term, dictionary's text, category, event date type, question, date
    ("B-CELL ACUTE LYMPHOBLASTIC LEUKEMIA", "B precursor type acute leukaemia", "PRIMARY DIAGNOSIS", "DIAGNOSIS", "", "DXDAT"),  # noqa: E501
    ("RELAPSE OF LEUKEMIA BEFORE TRANSPLANT", "Acute lymphocytic leukaemia recurrent", "DISEASE RELAPSE HISTORY", "DISEASE RELAPSE", "PRERLP", "PRERLPDT"),  # noqa: E501
    ("MINIMAL RESIDUAL DISEASE AFTER TRANSPLANT", "Minimal residual disease", "MRD HISTORY", "", "", "MRDFIRST"),  # noqa: E501
)  # fmt: skip


def medical_history(folder, parts):
    dx, gvhd, log = (read_form(folder, name) for name in ("DX", "GVHDHX", "MH"))
    rows = [of_disease(dx, *asked) for asked in ASKED_OF_DISEASE]
    rows += [of_gvhd(gvhd, "Acute", "AGHX"), of_gvhd(gvhd, "Chronic", "CGHX")]
    ongoing = answered(log, "MHONGO")
    rows.append(
        pd.DataFrame({
            "USUBJID": log["USUBJID"],
            "MHSPID": log["ROWNO"],
            "MHTERM": tidied(log["MHTERM"]).str.upper(),
            "MHDECOD": tidied(log["MHCTX"]),
            "MHCAT": "GENERAL",
            "MHSTDTC": log["MHSTDAT"].map(iso_day),
            "MHENDTC": log["MHENDAT"].map(iso_day),
            "MHENRTPT": recoded(ongoing, {"0": "BEFORE", "No": "BEFORE", "1": "ONGOING", "Yes": "ONGOING"}),  # noqa: E501
        })
    )  # fmt: skip
    mh = pd.concat(rows, ignore_index=True).fillna("")
    mh["MHPRESP"] = np.where(mh["MHOCCUR"] != "", "Y", "")
    mh["MHENTPT"] = np.where(mh["MHENRTPT"] != "", "SCREENING", "")
    keys = ["USUBJID", "MHDECOD", "MHSTDTC", "MHTERM", "MHSPID"]
    return parts.finished(mh, "MH", keys, ["MHST", "MHEN"])


def of_disease(dx, term, text, category, kind, question, date):
    occurred = recoded(answered(dx, question), YES_NO) if question else ""
    return pd.DataFrame({
        "USUBJID": dx["USUBJID"],
        "MHTERM": term,
        "MHDECOD": text,
        "MHCAT": category,
        "MHOCCUR": occurred,
        "MHEVDTYP": np.where(occurred == "Y", kind, "") if question else kind,
        "MHSTDTC": dx[date].map(iso_day),
    })  # fmt: skip


def of_gvhd(gvhd, kind, question):
    occurred = recoded(answered(gvhd, question), YES_NO)
    had = occurred == "Y"
    active = answered(gvhd, "GVACT").isin(["1", "2", "controlled", "uncontrolled"])
    rows = pd.DataFrame({
        "USUBJID": gvhd["USUBJID"],
        "MHTERM": f"{kind.upper()} GRAFT VERSUS HOST DISEASE",
        "MHDECOD": f"{kind} graft versus host disease",
        "MHCAT": "GVHD HISTORY",
        "MHOCCUR": occurred,
        "MHSTDTC": gvhd[f"{question}DT"].map(iso_day),
        "MHENRTPT": np.where(had, np.where(active, "ONGOING", "BEFORE"), ""),
    })  # fmt: skip
    if kind == "Acute":
        rows["MHTOXGR"] = recoded(answered(gvhd, "AGHXGR").where(had, ""), GRADES)
    else:
        rows["MHSEV"] = recoded(answered(gvhd, "CGHXSEV").where(had, ""), SEVERITIES)
    return rows


def medication(folder, parts):
    """CM; names of medicines are those of the coding file, which no mapping reads."""
    log, hsct = read_form(folder, "CM"), read_form(folder, "HSCT")
    coded = pd.read_csv(folder / "ext" / "CM_CODED.csv", dtype=object, encoding="utf-8-sig")
    coded = coded.set_index(coded["VERBATIM"].map(folded))
    written = tidied(log["CMTRT"])
    preferred, classes = (written.map(folded).map(coded[name]) for name in ("PREFERRED", "ATC"))
    going_on = answered(log, "CMONGO").isin(["1", "Yes"])
    of_log = pd.DataFrame({
        "USUBJID": log["USUBJID"],
        "CMSPID": log["ROWNO"],
        "CMLNKID": ("AE-" + log["CMAENO"]).where(log["CMAENO"] != "", ""),
        "CMTRT": written.str.upper().where(written.map(str.isascii), preferred),
        "CMDECOD": preferred,
        "CMCLAS": classes,
        "CMCAT": recoded(answered(log, "CMCAT"), CATEGORIES),
        "CMINDC": tidied(log["CMINDC"]).str.upper(),
        "CMDOSE": pd.to_numeric(log["CMDOSE"].replace("", np.nan)),
        "CMDOSU": recoded(log["CMDOSEU"], UNITS),
        "CMDOSFRQ": recoded(log["CMFREQ"], FREQUENCIES),
        "CMROUTE": recoded(log["CMROUTE"], ROUTES),
        "CMSTDTC": log["CMSTDAT"].map(iso_day),
        "CMENDTC": log["CMENDAT"].map(iso_day),
        "CMENRTPT": np.where(going_on, "ONGOING", ""),
        "CMENTPT": looked_up(log["USUBJID"], parts.ended).where(going_on, ""),
    })  # fmt: skip
    occurred = recoded(answered(hsct, "IMMSUP"), YES_NO)
    asked = pd.DataFrame({
        "USUBJID": hsct["USUBJID"],
        "CMTRT": "IMMUNOSUPPRESSIVE THERAPY",
        "CMDECOD": "IMMUNOSUPPRESSANTS",
        "CMCLAS": "IMMUNOSUPPRESSANTS",
        "CMCAT": "IMMUNOSUPPRESSION",
        "CMPRESP": "Y",
        "CMOCCUR": occurred,
        "CMENRTPT": np.where(occurred == "Y", "ONGOING", ""),
        "CMENTPT": np.where(occurred == "Y", "SCREENING", ""),
    })  # fmt: skip
    cm = pd.concat([of_log, asked], ignore_index=True)
    texts = [name for name in cm if name != "CMDOSE"]
    cm[texts] = cm[texts].fillna("")
    cm["EPOCH"] = parts.epoch(cm, "CMSTDTC")
    keys = ["USUBJID", "CMDECOD", "CMSTDTC", "CMTRT", "CMSPID"]
    return parts.finished(cm, "CM", keys, ["CMST", "CMEN"])
