"""EC and EX of the demonstration study: what was given, and the same in units of the protocol."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    answered,
    first_known,
    iso_day_and_time,
    read_form,
    recoded,
    rounded,
    tidied,
)

INFUSIONS = ("CAR-T INFUSION", "DONOR LYMPHOCYTE INFUSION")
TREATMENTS = {
    "1": "CYCLOPHOSPHAMIDE",
    "2": "FLUDARABINE",
    "Methotrexate inj.": "METHOTREXATE",
    "Methotrexate": "METHOTREXATE",
    "MTX": "METHOTREXATE",
    "甲氨蝶呤": "METHOTREXATE",
    "Vincristine": "VINCRISTINE",
    "VCR": "VINCRISTINE",
    "长春新碱": "VINCRISTINE",
    "CARTINF": "CD19 CAR-T CELLS",
    "DLI": "DONOR LYMPHOCYTES",
}
SOLUTION, SUSPENSION = "INJECTION, SOLUTION", "INJECTION, SUSPENSION"
# treatment: short code, category, unit of the protocol, form, frequency
HOW_GIVEN = {
    "CYCLOPHOSPHAMIDE": ("CTX", "LYMPHODEPLETION", "mg/m2", SOLUTION, "QD"),
    "FLUDARABINE": ("FLU", "LYMPHODEPLETION", "mg/m2", SOLUTION, "QD"),
    "METHOTREXATE": ("MTX", "CHEMOTHERAPY", "mg/m2", SOLUTION, "ONCE"),
    "VINCRISTINE": ("VCR", "CHEMOTHERAPY", "mg/m2", SOLUTION, "ONCE"),
    "CD19 CAR-T CELLS": ("CART", INFUSIONS[0], "10^6/kg", SUSPENSION, "ONCE"),
    "DONOR LYMPHOCYTES": ("DLI", INFUSIONS[1], "10^7/kg", SUSPENSION, "ONCE"),
}
MILLIONS, MILLIARDS = "10^6 Therapeutic Cells", "10^9 Therapeutic Cells"
# as sites write it: how many of which unit
AMOUNTS = {
    "mg": ("1", "mg"),
    "毫克": ("1", "mg"),
    "g": ("1", "g"),
    "10^6": ("1", MILLIONS),
    "cells": ("0.000001", MILLIONS),
    "10^8": ("0.1", MILLIARDS),
    "10^9": ("1", MILLIARDS),
}
# how many mg, 10^6 CAR-T cells or 10^7 donor cells a unit is
OF_PROTOCOL = {"mg": "1", "g": "1000", MILLIONS: "1", MILLIARDS: "100"}
FORMS = (  # form, prefix of its fields, drug, amount, size of the subject, and other fields
    ("LD", "LD", "LDDRUG", "LDDOSE", "LDBSA", {"ECREASOC": "LDRSN"}),
    ("CARTINF", "CI", "FORM", "CITOT", "CIWT", {"ECREASOC": "CIRSN", "ECLOT": "CILOT", "ECVAMT": "CIVOL"}),  # noqa: E501  one line a form
    ("CHEMO", "CH", "CHDRUG", "CHDOSE", "CHBSA", {"cycle": "CHCYC", "route": "CHROUTE"}),
    ("DLI", "DL", "FORM", "DLMNC", "DLWT", {"cycle": "DLCYC", "ECVAMT": "DLVOL"}),
)  # fmt: skip


def planned_doses(folder):
    """Every record of a form of doses, without visits, epochs and days."""
    ec = pd.concat([of_form(folder, *form) for form in FORMS], ignore_index=True).fillna("")
    for place, name in enumerate(("code", "ECCAT", "unit of protocol", "ECDOSFRM", "ECDOSFRQ")):
        ec[name] = ec["ECTRT"].map(lambda drug, place=place: HOW_GIVEN[drug][place])
    crossover = ec["EVENT"].str.startswith("X")
    ec["ECSCAT"] = np.where(crossover, "CROSSOVER TREATMENT", "INITIAL TREATMENT")
    cycle = np.where(crossover, "CROSSOVER CYCLE ", "CYCLE ") + ec["cycle"]
    ec["ECGRPID"] = np.where(ec["cycle"] != "", cycle, "")
    given = (ec["ECSTDTC"] != "") & ~ec["not given"]
    ec["ECPRESP"], ec["ECOCCUR"] = "Y", np.where(given, "Y", "N")
    ec["ECREASOC"] = tidied(ec["ECREASOC"]).str.upper().where(~given, "")
    ec["ECROUTE"] = "INTRAVENOUS"
    ec["ECVAMT"] = pd.to_numeric(ec["ECVAMT"].replace("", np.nan))
    ec["ECVAMTU"] = np.where(ec["ECVAMT"].notna(), "mL", "")
    known = ec["amount"] != ""
    ec["ECDOSE"] = [
        rounded(Decimal(amount) * Decimal(AMOUNTS[unit][0]), 6) if amount else np.nan
        for amount, unit in zip(ec["amount"], ec["unit"], strict=True)
    ]
    ec["ECDOSU"] = ec["unit"].where(known, "").map(lambda unit: AMOUNTS[unit][1] if unit else "")
    day = ec["ECSTDTC"].str[:10].str.replace("-", "")
    order = ec.sort_values("ECSTDTC", kind="stable")
    nth = order.groupby(["USUBJID", "ECTRT", day[order.index]]).cumcount() + 1
    link = ec["code"] + "-" + day + "-" + nth.astype(str)
    ec["ECLNKID"] = link.where(day != "", "")
    return ec


def of_form(folder, form, prefix, drug, amount, size, others):
    raw = read_form(folder, form)
    written = answered(raw, drug) if drug == "LDDRUG" else raw[drug]
    ec = pd.DataFrame({
        "USUBJID": raw["USUBJID"],
        "EVENT": raw["EVENT"],
        "EVSEQ": raw["EVSEQ"],
        "ECTRT": recoded(tidied(written), TREATMENTS),
        "ECSTDTC": raw[f"{prefix}STDT"].map(iso_day_and_time),
        "ECENDTC": raw[f"{prefix}ENDT"].map(iso_day_and_time),
        "amount": raw[amount],
        "unit": raw[f"{amount}U"],
        "size": raw[size],
        "not given": first_known(raw["LDND"], raw["LDND_D"]) != "" if form == "LD" else False,
    })  # fmt: skip
    for name, field in others.items():
        ec[name] = raw[field]
    return ec


def given_doses(ec):
    """EX of EC, both with what the other forms have told of the days."""
    given = ec[ec["ECOCCUR"] == "Y"].reset_index(drop=True)
    names = [name for name in given if name.startswith("EC")] + ["USUBJID", "VISITNUM", "VISIT"]
    ex = given[[*names, "EPOCH", "STUDYID"]].rename(
        columns=lambda name: f"EX{name[2:]}" if name.startswith("EC") else name
    )
    ex = ex.drop(columns=["EXPRESP", "EXOCCUR", "EXREASOC", "EXVAMT", "EXVAMTU", "EXSEQ"])
    ex["EXDOSU"] = given["unit of protocol"]
    ex["EXDOSE"] = [
        dose(*row)
        for row in zip(given["ECDOSE"], given["ECDOSU"], given["size"], ex["EXDOSU"], strict=True)
    ]
    return ex.assign(DOMAIN="EX")


def dose(amount, unit, size, target):
    if np.isnan(amount) or not size:
        return np.nan
    value = Decimal(str(amount)) * Decimal(OF_PROTOCOL[unit]) / Decimal(size)
    return rounded(value, 1 if target == "mg/m2" else 2)


def first_infusions(ec, subcategory):
    """The first infusion of cells of each subject."""
    infused = ec["ECCAT"].isin(INFUSIONS) & (ec["ECSCAT"] == subcategory) & (ec["ECOCCUR"] == "Y")
    return ec[infused].groupby("USUBJID")["ECSTDTC"].min()


def first_doses(ec, subcategory):
    given = (ec["ECSCAT"] == subcategory) & (ec["ECOCCUR"] == "Y")
    return ec[given].groupby("USUBJID")["ECSTDTC"].min()
