"""LB of the demonstration study, written a second time: by hand from the mapping files."""

import re
import unicodedata
from decimal import Decimal

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    STUDY,
    before,
    first_known,
    iso_laboratory,
    looked_up,
    numbered,
    qualifiers,
    read_laboratory,
    recoded,
    sorted_by,
    study_days,
)

SPECIMENS = {"静脉血": "BLOOD", "Blood": "BLOOD", "血清": "SERUM", "S": "SERUM"}
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
}
# the hospital's own unit, where a result comes without one
OWN_UNITS = {
    "PK01": {
        "10^9/L": "WBC NEU# LYM# PLT", "g/L": "HGB ALB IgG", "U/L": "ALT AST ALP LDH",
        "umol/L": "TBIL CREA", "mmol/L": "K+ BUN Na+ GLU", "mg/L": "CRP", "ug/L": "FER",
        "ng/L": "IL-6",
    },
    "PK02": {
        "10^6/L": "WBC ANC LYM#", "g/dL": "Hb ALB", "10^10/L": "PLT", "IU/L": "GPT GOT ALP LDH",
        "mg/dL": "TBIL Cr BUN GLU hs-CRP IgG", "mEq/L": "K+ Na+", "ug/L": "SF", "ng/L": "IL-6",
    },
    "PK03": {
        "10^9/L": "LEU GR# LYM# PLT", "g/L": "HGB ALB IgG", "U/L": "ALT AST ALP LDH",
        "umol/L": "TBIL CREA", "mmol/L": "K+ BUN Na+ GLU", "mg/L": "CRP", "ug/L": "FER",
        "ng/L": "IL-6",
    },
}  # fmt: skip
SAME_UNIT = {
    "G/L": "10^9/L", "K/uL": "10^9/L", "10^3/uL": "10^9/L", "/uL": "10^6/L", "/mm3": "10^6/L",
    "cells/uL": "10^6/L", "10^4/uL": "10^10/L", "ug/mL": "mg/L", "ng/mL": "ug/L", "pg/mL": "ng/L",
}  # fmt: skip
FACTORS = {
    ("10^6/L", "10^9/L"): "0.001", ("10^10/L", "10^9/L"): "10", ("g/dL", "g/L"): "10",
    ("mg/dL", "g/L"): "0.01", ("mg/dL", "mg/L"): "10", ("IU/L", "U/L"): "1",
    ("mEq/L", "mmol/L"): "1",
}  # fmt: skip
MOLAR_FACTORS = {"BILI": "17.104", "CREAT": "88.42", "UREAN": "0.357", "GLUC": "0.0555"}
HEMOLYZED = ("hemolysed", "标本溶血")


def laboratory(folder, dm):
    raw = read_laboratory(folder)
    raw = raw[(raw["STATUS"] != "X") & raw["USUBJID"].isin(dm["USUBJID"])]
    raw = sorted_by(raw.reset_index(names="place"), ["STATUS"])
    raw = raw.drop_duplicates(["SAMPLE_ID", "ITEM_CODE", "ITEM_NAME"]).set_index("place")
    raw = raw.sort_index()
    lb = pd.DataFrame({"USUBJID": raw["USUBJID"], "STUDYID": STUDY, "DOMAIN": "LB"})
    lb["LBREFID"] = raw["SAMPLE_ID"]
    codes = {word: code for code, test in TESTS.items() for word in test[3].split()}
    lb["LBTESTCD"] = first_known(raw["ITEM_CODE"], raw["ITEM_NAME"]).map(codes)
    lb["LBTEST"] = lb["LBTESTCD"].map(lambda code: TESTS[code][0])
    lb["LBCAT"] = lb["LBTESTCD"].map(lambda code: TESTS[code][1])
    results(lb, raw)
    standard_results(lb)
    lb["LBNAM"] = "HOSPITAL LABORATORY " + raw["HOSP"]
    lb["LBSPEC"] = recoded(raw["SPEC"], SPECIMENS)
    lb["LBDTC"] = raw["COLL_TM"].map(iso_laboratory)
    subjects = dm.set_index("USUBJID")
    lb["VISITNUM"] = float("nan")  # visits are not part of this version
    lb["LBDY"] = study_days(lb["LBDTC"], looked_up(lb["USUBJID"], subjects["RFSTDTC"]))
    first_dose = looked_up(lb["USUBJID"], subjects["RFXSTDTC"])
    early = np.array([before(*pair) for pair in zip(lb["LBDTC"], first_dose, strict=True)])
    there = lb["LBORRES"] != ""
    baseline = sorted_by(lb[there & early].reset_index(), ["LBDTC", "LBREFID"])
    baseline = baseline.drop_duplicates(["USUBJID", "LBTESTCD", "LBSPEC"], keep="last")
    lb["LBLOBXFL"] = np.where(lb.index.isin(baseline["place"]), "Y", "")
    lb[["item", "status", "hospital"]] = raw[["ITEM_CODE", "STATUS", "HOSP"]]
    lb = numbered(lb, ["USUBJID", "LBTESTCD", "LBSPEC", "LBDTC", "LBREFID"], "LBSEQ")
    supp = qualifiers(lb, "LBSEQ", "LB", [
        ("LBORTEST", "Test Code of the Laboratory", lb["item"], "Collected", ""),
        ("LBSTATUS", "Status of the Result", lb["status"], "Collected", ""),
        ("LBHOSP", "Hospital", lb["hospital"], "Collected", ""),
    ])  # fmt: skip
    return lb.drop(columns=["item", "status", "hospital"]), supp


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
        (hospital, item): unit
        for hospital, units in OWN_UNITS.items()
        for unit, items in units.items()
        for item in items.split()
    }
    lb["LBORRESU"] = [
        SAME_UNIT.get(unit, unit) if unit else own.get((hospital, item), "")
        for unit, hospital, item in zip(raw["UNIT"], raw["HOSP"], raw["ITEM_CODE"], strict=True)
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
    for low_or_high in ("LO", "HI"):
        lb[f"LBSTNR{low_or_high}"] = [
            number_of(converted(*pair))
            for pair in zip(lb[f"LBORNR{low_or_high}"], factors, strict=True)
        ]
    lb["LBSTRESN"] = lb["LBSTRESC"].map(number_of)
    value, low, high = lb["LBSTRESN"], lb["LBSTNRLO"], lb["LBSTNRHI"]
    lb["LBNRIND"] = np.select(
        [value.isna() | (low.isna() & high.isna()), value < low, value > high],
        ["", "LOW", "HIGH"],
        "NORMAL",
    )


def plain_result(text):
    """Full-width digits as ASCII, the ideographic stop as a point, without the mark behind."""
    text = re.sub(r"(?<=\d)[。．](?=\d)", ".", unicodedata.normalize("NFKC", text))
    return " ".join(text.replace("*", "").split())


def factor(test, unit, target):
    if unit in ("", target):
        return Decimal(1) if unit else None
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
