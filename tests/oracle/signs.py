"""VS of the demonstration study, written a second time: by hand from the mapping files."""

from decimal import Decimal

import numpy as np
import pandas as pd

from tests.oracle.collected import (
    before,
    iso_day,
    iso_day_and_time,
    looked_up,
    on_or_before,
    read_form,
    rounded,
)
from tests.oracle.visits import with_visits

# test: name, fields of the result and of its unit or the unit, unit of the study
TESTS = {
    "HEIGHT": ("Height", "HEIGHT", "HEIGHTU", "cm"),
    "WEIGHT": ("Weight", "WEIGHT", "WEIGHTU", "kg"),
    "TEMP": ("Temperature", "TEMP", "TEMPU", "C"),
    "SYSBP": ("Systolic Blood Pressure", "SYSBP", "mmHg", "mmHg"),
    "DIABP": ("Diastolic Blood Pressure", "DIABP", "mmHg", "mmHg"),
    "PULSE": ("Pulse Rate", "PULSE", "beats/min", "beats/min"),
    "RESP": ("Respiratory Rate", "RESP", "breaths/min", "breaths/min"),
    "OXYSAT": ("Oxygen Saturation", "SPO2", "%", "%"),
    "BSA": ("Body Surface Area", "", "", "m2"),
}
FACTORS = {"m": "100", "g": "0.001", "JIN": "0.5"}


def vital_signs(folder, parts):
    raw = read_form(folder, "VS")
    measured = [of_test(raw, code, *test) for code, test in TESTS.items() if code != "BSA"]
    vs = pd.concat([*measured, surfaces(folder)], ignore_index=True)
    done = (vs["result"] != "") & (vs["result"] != "not done")
    vs["VSTEST"] = vs["VSTESTCD"].map(lambda code: TESTS[code][0])
    vs["VSORRES"], vs["VSORRESU"] = vs["result"].where(done, ""), vs["unit"].where(done, "")
    vs["VSSTRESN"] = [standard(*pair) for pair in zip(vs["VSORRES"], vs["VSORRESU"], strict=True)]
    vs["VSSTRESC"] = vs["VSSTRESN"].map(lambda value: "" if np.isnan(value) else f"{value:.15g}")
    vs["VSSTRESU"] = vs["VSTESTCD"].map(lambda code: TESTS[code][3]).where(done, "")
    vs["VSSTAT"] = np.where(done, "", "NOT DONE")
    at = parts.visits.of_event(vs["USUBJID"], vs["EVENT"], vs["EVSEQ"])
    on = parts.visits.on_day(vs["USUBJID"], vs["VSDTC"])
    with_visits(vs, [one if one[0] else other for one, other in zip(at, on, strict=True)])
    vs["EPOCH"] = parts.epoch(vs, "VSDTC")
    vs["sort"] = vs["VISITNUM"].map("{:08.2f}".format)
    vs["VSLOBXFL"] = baseline(vs[done], parts)
    vs["VSLOBXFL"] = vs["VSLOBXFL"].fillna("")
    vs = parts.finished(vs, "VS", ["USUBJID", "VSTESTCD", "VSDTC", "sort"], ["VS"])
    return vs.drop(columns=["result", "unit", "EVENT", "EVSEQ", "sort"])


def of_test(raw, code, _name, field, unit, _standard):
    asked = raw if code != "HEIGHT" else raw[raw["HEIGHT"] != ""]
    return pd.DataFrame({
        "USUBJID": asked["USUBJID"],
        "EVENT": asked["EVENT"],
        "EVSEQ": asked["EVSEQ"],
        "VSTESTCD": code,
        "VSDTC": (asked["VSDAT"] + " " + asked["VSTIM"]).str.strip().map(iso_day_and_time),
        "result": asked[field],
        "unit": asked[unit].replace("斤", "JIN") if unit in asked else unit,
    })  # fmt: skip


def surfaces(folder):
    """Body surface is that with which the doses of a day were calculated, once a day."""
    found = []
    for form, prefix, key in (
        ("LD", "LD", ["SUBJ", "EVENT"]),
        ("CHEMO", "CH", ["SUBJ", "EVENT", "CHCYC"]),
    ):
        raw = read_form(folder, form)
        raw = raw[(raw[f"{prefix}BSA"] != "") & (raw[f"{prefix}STDT"] != "")]
        raw = raw.sort_values("ROWNO", kind="stable").drop_duplicates(key)
        found.append(
            pd.DataFrame({
                "USUBJID": raw["USUBJID"],
                "EVENT": raw["EVENT"],
                "EVSEQ": raw["EVSEQ"],
                "VSTESTCD": "BSA",
                "VSDTC": raw[f"{prefix}STDT"].str.split(" ").str[0].map(iso_day),
                "result": raw[f"{prefix}BSA"],
                "unit": "m2",
            })
        )  # fmt: skip
    return pd.concat(found)


def standard(text, unit):
    if not text:
        return np.nan
    if unit == "F":
        return rounded((Decimal(text) - 32) * 5 / 9, 1)
    return float(Decimal(text) * Decimal(FACTORS.get(unit, "1")))


def baseline(done, parts):
    """The last before the first dose; the surface, on its day."""
    doses = looked_up(done["USUBJID"], parts.subjects["RFXSTDTC"])
    early = [
        on_or_before(day, dose) if code == "BSA" else before(day, dose)
        for code, day, dose in zip(done["VSTESTCD"], done["VSDTC"], doses, strict=True)
    ]
    last = done[early].sort_values(["VSDTC", "VISITNUM"], kind="stable")
    last = last.drop_duplicates(["USUBJID", "VSTESTCD"], keep="last")
    return pd.Series("Y", index=last.index)
