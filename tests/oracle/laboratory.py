"""LB of the demonstration study, written a second time: by hand from the mapping files."""

import re
import unicodedata
from decimal import Decimal

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    answered,
    before,
    first_known,
    iso_day,
    iso_of_vendor,
    looked_up,
    qualifiers,
    read_form,
    read_laboratory,
    recoded,
    sorted_by,
    tidied,
)
from tests.oracle.visits import with_visits

SPECIMENS = {"静脉血": "BLOOD", "Blood": "BLOOD", "血清": "SERUM", "S": "SERUM"} | {
    "血浆": "PLASMA", "1": "SERUM", "Serum": "SERUM", "2": "URINE",
}  # fmt: skip
# test: name, category, unit; then every code and name that stands for it
TESTS = {
    "WBC": ("Leukocytes", "HEMATOLOGY", "10^9/L", "WBC 白细胞计数 白细胞 LEU"),
    "NEUT": ("Neutrophils", "HEMATOLOGY", "10^9/L", "NEU# 中性粒细胞绝对值 ANC GR#"),
    "LYM": ("Lymphocytes", "HEMATOLOGY", "10^9/L", "LYM# 淋巴细胞绝对值"),
    "HGB": ("Hemoglobin", "HEMATOLOGY", "g/L", "HGB 血红蛋白 Hb"),
    "PLAT": ("Platelets", "HEMATOLOGY", "10^9/L", "PLT 血小板计数 血小板"),
    "ALT": ("Alanine Aminotransferase", "CHEMISTRY", "U/L", "ALT 谷丙转氨酶 GPT"),
    "AST": ("Aspartate Aminotransferase", "CHEMISTRY", "U/L", "AST 谷草转氨酶 GOT"),
    "BILI": ("Bilirubin", "CHEMISTRY", "umol/L", "TBIL 总胆红素"),
    "CREAT": ("Creatinine", "CHEMISTRY", "umol/L", "CREA 肌酐 Cr"),
    "K": ("Potassium", "CHEMISTRY", "mmol/L", "K+ 钾"),
    "ALP": ("Alkaline Phosphatase", "CHEMISTRY", "U/L", "ALP 碱性磷酸酶"),
    "LDH": ("Lactate Dehydrogenase", "CHEMISTRY", "U/L", "LDH 乳酸脱氢酶"),
    "UREAN": ("Urea Nitrogen", "CHEMISTRY", "mmol/L", "BUN 尿素氮"),
    "ALB": ("Albumin", "CHEMISTRY", "g/L", "ALB 白蛋白"),
    "SODIUM": ("Sodium", "CHEMISTRY", "mmol/L", "Na+ 钠"),
    "GLUC": ("Glucose", "CHEMISTRY", "mmol/L", "GLU 血糖"),
    "CRP": ("C Reactive Protein", "INFLAMMATION", "mg/L", "CRP C反应蛋白 hs-CRP 超敏C反应蛋白"),
    "FERRITIN": ("Ferritin", "INFLAMMATION", "ug/L", "FER 铁蛋白 SF"),
    "INTLK6": ("Interleukin 6", "INFLAMMATION", "ng/L", "IL-6 白介素6"),
    "IGG": ("Immunoglobulin G", "IMMUNOLOGY", "g/L", "IgG 免疫球蛋白G"),
    "BLAST": ("Blasts", "HEMATOLOGY", "%", "BLAST 原始细胞"),
    "URATE": ("Urate", "CHEMISTRY", "umol/L", "UA 尿酸"),
    "PCT": ("Procalcitonin", "INFLAMMATION", "ug/L", "PCT 降钙素原"),
    "FIBRINO": ("Fibrinogen", "COAGULATION", "g/L", "FIB 纤维蛋白原"),
    "INR": ("Prothrombin Intl. Normalized Ratio", "COAGULATION", "RATIO", "INR 国际标准化比值"),
    "HCG": ("Choriogonadotropin Beta", "PREGNANCY", "", "hCG β-HCG 妊娠试验"),
}
CODES = {word: code for code, test in TESTS.items() for word in test[3].split()}
CODES |= {"PB blast": "BLAST"}
# the hospital's own unit, where a result comes without one
OWN_UNITS = {
    "PK01": {
        "10^9/L": "WBC NEU# LYM# PLT", "g/L": "HGB ALB IgG FIB", "U/L": "ALT AST ALP LDH",
        "umol/L": "TBIL CREA UA", "mmol/L": "K+ BUN Na+ GLU", "mg/L": "CRP", "ug/L": "FER PCT",
        "ng/L": "IL-6", "%": "BLAST", "RATIO": "INR",
    },
    "PK02": {
        "10^6/L": "WBC ANC LYM#", "g/dL": "Hb ALB", "10^10/L": "PLT", "IU/L": "GPT GOT ALP LDH",
        "mg/dL": "TBIL Cr BUN GLU hs-CRP IgG UA FIB", "mEq/L": "K+ Na+", "ug/L": "SF PCT",
        "ng/L": "IL-6", "fraction of 1": "BLAST", "RATIO": "INR",
    },
    "PK03": {
        "10^9/L": "LEU GR# LYM# PLT", "g/L": "HGB ALB IgG FIB", "U/L": "ALT AST ALP LDH",
        "umol/L": "TBIL CREA UA", "mmol/L": "K+ BUN Na+ GLU", "mg/L": "CRP", "ug/L": "FER PCT",
        "ng/L": "IL-6", "%": "BLAST", "RATIO": "INR",
    },
}  # fmt: skip
SAME_UNIT = {
    "G/L": "10^9/L", "K/uL": "10^9/L", "10^3/uL": "10^9/L", "/uL": "10^6/L", "/mm3": "10^6/L",
    "cells/uL": "10^6/L", "10^4/uL": "10^10/L", "ug/mL": "mg/L", "ng/mL": "ug/L", "pg/mL": "ng/L",
    "fraction": "fraction of 1",
}  # fmt: skip
FACTORS = {
    ("10^6/L", "10^9/L"): "0.001", ("10^10/L", "10^9/L"): "10", ("g/dL", "g/L"): "10",
    ("mg/dL", "g/L"): "0.01", ("mg/dL", "mg/L"): "10", ("IU/L", "U/L"): "1",
    ("mEq/L", "mmol/L"): "1", ("fraction of 1", "%"): "100", ("ukat/L", "U/L"): "60",
}  # fmt: skip
MOLAR_FACTORS = {
    "BILI": "17.104",
    "CREAT": "88.42",
    "UREAN": "0.357",
    "GLUC": "0.0555",
    "URATE": "59.48",
}
HEMOLYZED = ("hemolysed", "标本溶血")


def hospital_results(folder, subjects):
    """The results that count: not cancelled, of subjects of the study, and once a sample."""
    raw = read_laboratory(folder)
    raw = raw[(raw["STATUS"] != "X") & raw["USUBJID"].isin(subjects)]
    raw = sorted_by(raw.reset_index(names="place"), ["STATUS"])
    raw = raw.drop_duplicates(["SAMPLE_ID", "ITEM_CODE", "ITEM_NAME"]).set_index("place")
    raw = raw.sort_index()
    return raw.assign(LBDTC=raw["COLL_TM"].map(iso_of_vendor))


def laboratory(folder, raw, parts):
    """LB, and what of it is supplemental."""
    lb = pd.DataFrame({"USUBJID": raw["USUBJID"], "LBDTC": raw["LBDTC"]})
    lb["LBREFID"] = raw["SAMPLE_ID"]
    lb["LBTESTCD"] = first_known(raw["ITEM_CODE"], raw["ITEM_NAME"]).map(CODES)
    results(lb, raw)
    lb["LBNAM"] = "HOSPITAL LABORATORY " + raw["HOSP"]
    lb["LBSPEC"] = recoded(raw["SPEC"], SPECIMENS)
    lb[["item", "status", "hospital"]] = raw[["ITEM_CODE", "STATUS", "HOSP"]]
    found = parts.visits.of_sample(lb["USUBJID"], lb["LBDTC"])
    with_visits(lb, found)
    lb = pd.concat([lb, pregnancy_tests(folder, parts), smears(folder, parts)], ignore_index=True)
    texts = lb.columns.difference(["VISITNUM", "VISITDY"])
    lb[texts] = lb[texts].fillna("")
    lb["LBTEST"] = lb["LBTESTCD"].map(lambda code: TESTS[code][0])
    lb["LBCAT"] = lb["LBTESTCD"].map(lambda code: TESTS[code][1])
    standard_results(lb)
    lb["EPOCH"] = parts.epoch(lb, "LBDTC")
    first_dose = looked_up(lb["USUBJID"], parts.subjects["RFXSTDTC"])
    early = np.array([before(*pair) for pair in zip(lb["LBDTC"], first_dose, strict=True)])
    there = lb["LBORRES"] != ""
    baseline = sorted_by(lb[there & early].reset_index(names="place"), ["LBDTC", "LBREFID"])
    baseline = baseline.drop_duplicates(["USUBJID", "LBTESTCD", "LBSPEC"], keep="last")
    lb["LBLOBXFL"] = np.where(lb.index.isin(baseline["place"]), "Y", "")
    lb = parts.finished(lb, "LB", ["USUBJID", "LBTESTCD", "LBSPEC", "LBDTC", "LBREFID"], ["LB"])
    supp = qualifiers(lb, "LBSEQ", "LB", [
        ("LBORTEST", "Test Code of the Laboratory", lb["item"], "Collected", ""),
        ("LBSTATUS", "Status of the Result", lb["status"], "Collected", ""),
        ("LBHOSP", "Hospital", lb["hospital"], "Collected", ""),
    ])  # fmt: skip
    return lb.drop(columns=["item", "status", "hospital"]), supp


def pregnancy_tests(folder, parts):
    raw = read_form(folder, "PREG")
    raw = raw[raw["PGRES"] != ""]
    words = tidied(raw["PGRES"]).replace({"阴性": "NEGATIVE", "阳性": "POSITIVE"})
    lb = pd.DataFrame({
        "USUBJID": raw["USUBJID"],
        "LBTESTCD": "HCG",
        "LBDTC": raw["PGDAT"].map(iso_day),
        "LBORRES": words.str.split(" ").str[0],
        "LBORRESU": np.where(words.str.endswith("mIU/mL"), "IU/L", ""),
        "LBSPEC": recoded(answered(raw, "PGSPEC"), SPECIMENS),
    })  # fmt: skip
    with_visits(lb, parts.visits.of_event(raw["USUBJID"], raw["EVENT"], raw["EVSEQ"]))
    return lb


def smears(folder, parts):
    """Blasts in blood, counted under the microscope on the day of the marrow."""
    raw = read_form(folder, "BM")
    raw = raw[raw["PBBLAST"] != ""]
    lb = pd.DataFrame({
        "USUBJID": raw["USUBJID"],
        "LBTESTCD": "BLAST",
        "LBDTC": raw["BMDAT"].map(iso_day),
        "LBORRES": raw["PBBLAST"],
        "LBORRESU": "%",
        "LBSPEC": "BLOOD",
        "LBMETHOD": "LIGHT MICROSCOPY",
    })  # fmt: skip
    with_visits(lb, parts.visits.of_event(raw["USUBJID"], raw["EVENT"], raw["EVSEQ"]))
    return lb


def results(lb, raw):
    """What was reported, in the unit of the hospital."""
    not_done = raw["RESULT"].isin(["not done", "ND", *HEMOLYZED])
    hemolyzed = raw["RESULT"].isin(HEMOLYZED)
    lb["LBSTAT"] = np.where(not_done, "NOT DONE", "")
    lb["LBREASND"] = np.where(hemolyzed, "SPECIMEN HEMOLYZED", "")
    lb["LBSPCCND"] = np.where(hemolyzed, "HEMOLYZED", "")
    lb["LBORRES"] = raw["RESULT"].where(~not_done, "").map(plain_result)
    there = lb["LBORRES"] != ""
    own = {
        (hospital, CODES[item]): unit
        for hospital, units in OWN_UNITS.items()
        for unit, items in units.items()
        for item in items.split()
    }
    lb["LBORRESU"] = [
        SAME_UNIT.get(unit, unit) if unit else own[hospital, test]
        for unit, hospital, test in zip(raw["UNIT"], raw["HOSP"], lb["LBTESTCD"], strict=True)
    ]
    lb["LBORRESU"] = lb["LBORRESU"].where(there, "")
    limits = raw["REF"].where(there, "").str.split("--")
    lb["LBORNRLO"] = limits.str[0].fillna("")
    lb["LBORNRHI"] = limits.str[1].fillna("")


def standard_results(lb):
    """The same in the unit of the study, with the range and on which side of it."""
    there = lb["LBORRES"] != ""
    target = lb["LBTESTCD"].map(lambda code: TESTS[code][2])
    lb["LBSTRESU"] = target.where(there, "")
    factors = [factor(*row) for row in zip(lb["LBTESTCD"], lb["LBORRESU"], target, strict=True)]
    lb["LBSTRESC"] = [converted(*pair) for pair in zip(lb["LBORRES"], factors, strict=True)]
    pregnancy = lb["LBTESTCD"] == "HCG"
    positive = lb["LBORRES"].str.upper().str.startswith("POS")
    lb.loc[pregnancy, "LBSTRESC"] = np.where(positive[pregnancy], "POSITIVE", "NEGATIVE")
    for low_or_high in ("LO", "HI"):
        lb[f"LBSTNR{low_or_high}"] = [
            number_of(converted(*pair))
            for pair in zip(lb[f"LBORNR{low_or_high}"], factors, strict=True)
        ]
    lb["LBSTRESN"] = lb["LBSTRESC"].map(number_of)
    lb["LBNRIND"] = [
        indicator(*row) for row in zip(lb["LBSTRESC"], lb["LBSTNRLO"], lb["LBSTNRHI"], strict=True)
    ]


def indicator(text, low, high):
    """On which side of the range all lies that a result may stand for; no result is negative."""
    sign, value = text[:1] if text[:1] in ("<", ">") else "", number_of(text.lstrip("<>="))
    if np.isnan(value) or (np.isnan(low) and np.isnan(high)):
        return ""
    least, most = (0.0 if sign == "<" else value), (np.inf if sign == ">" else value)
    # What is below its own limit, or above it, never reaches the limit.
    if most < low or (sign == "<" and most == low > 0):
        return "LOW"
    if least > high or (sign == ">" and least == high):
        return "HIGH"
    return "" if least < low or most > high else "NORMAL"


def plain_result(text):
    """Full-width digits as ASCII, the ideographic stop as a point, without the mark behind."""
    text = re.sub(r"(?<=\d)[。．](?=\d)", ".", unicodedata.normalize("NFKC", text))
    return " ".join(text.replace("*", "").split())


def factor(test, unit, target):
    if not unit or not target:
        return None
    if unit == target:
        return Decimal(1)
    if unit == "mg/dL" and test in MOLAR_FACTORS:
        return Decimal(MOLAR_FACTORS[test])
    return Decimal(FACTORS[unit, target])


def converted(text, by):
    """The text itself where nothing changes, else the product without trailing zeros."""
    if not text or by is None:
        return ""
    sign, number = re.fullmatch(r"([<>]=?)?([\d.]+)", text).groups()
    if by == 1:
        return text
    return f"{sign or ''}{(Decimal(number) * by).normalize():f}"


def number_of(text):
    return float(text) if re.fullmatch(r"[\d.]+", text) else np.nan
