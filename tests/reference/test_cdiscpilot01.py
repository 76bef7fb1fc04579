"""The CDISC pilot study from its raw data, against the data sets that were submitted.

The raw data and the answers are not part of the repository: they lie in
``shared/reference`` beside the checkout, or these tests are skipped. Every difference
that is left is counted here and explained in ``docs/reference.md``.
"""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from cdisc.resources import mappings_root

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
STUDY = "CDISCPILOT01"
DATASETS = Path("m5") / "datasets" / STUDY.lower()
AE_KEYS = ["USUBJID", "AEDTC", "AESTDY", "AEDECOD", "AELLT", "AEENDTC", "AEOUT"]
VS_KEYS = ["USUBJID", "VSTESTCD", "VISITNUM", "VSTPTNUM"]

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(
        not REFERENCE.is_dir(), reason="the pilot's raw data are not beside the checkout"
    ),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    from cdisc.pipeline import build

    folder = tmp_path_factory.mktemp("pilot")
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    build(mappings_root() / STUDY, raw=REFERENCE / "raw", out=folder, created=created)
    return folder


def xpt(out, name):
    """Return the file of a built data set."""
    stage = Path("analysis/adam/datasets" if name.startswith("AD") else "tabulations/sdtm")
    return out / DATASETS / stage / f"{name.lower()}.xpt"


def built(out, name):
    """Return a built data set as any reader of XPT sees it: dates are SAS numbers."""
    frame, _ = pyreadstat.read_xport(xpt(out, name), disable_datetime_conversion=True)
    return frame


def answer_file(name):
    """Return the file of a submitted data set."""
    return REFERENCE / ("adam" if name.startswith("AD") else "sdtm") / f"{name.lower()}.csv"


def answer(name):
    """Return a submitted data set, all text."""
    return pd.read_csv(answer_file(name), dtype=str, keep_default_na=False)


def sas_number(text):
    """Return the numbers that texts stand for: plain, or SAS days or seconds of ISO 8601."""
    number = pd.to_numeric(text, errors="coerce")
    epoch = pd.Timestamp("1960-01-01")
    day = pd.to_datetime(text.where(text.str.len() == 10), format="%Y-%m-%d", errors="coerce")
    second = pd.to_datetime(
        text.where(text.str.len() == 19), format="%Y-%m-%dT%H:%M:%S", errors="coerce"
    )
    return number.fillna((day - epoch).dt.days).fillna((second - epoch).dt.total_seconds())


def cells(frame):
    """Return the data set with one text a cell: missing is empty, numbers to nine decimals."""
    columns = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            columns[name] = column.map("{:.9f}".format).where(column.notna(), "")
        else:
            columns[name] = column.fillna("").str.rstrip()
    return pd.DataFrame(columns)


def comparable(answers, frame):
    """Return both data sets as cells; an answer is read as a number where ours is one."""
    answers = answers.copy()
    for name in answers.columns.intersection(frame.columns):
        if pd.api.types.is_numeric_dtype(frame[name]):
            number = sas_number(answers[name])
            assert (number.isna() == (answers[name] == "")).all(), f"{name} is not a number"
            answers[name] = number
    return cells(answers), cells(frame)


def differences(answers, frame, keys):
    """Return unequal cells by variable, and how many records only one side has."""
    left, right = comparable(answers, frame)
    assert not left.duplicated(keys).any()
    assert not right.duplicated(keys).any()
    both = left.merge(right, on=keys, how="outer", suffixes=("", " built"), indicator=True)
    paired = both[both["_merge"] == "both"]
    found = {
        name: int((paired[name] != paired[f"{name} built"]).sum()) if name in right else len(paired)
        for name in left
        if name not in keys
    }
    only = both["_merge"].value_counts()
    return (
        {name: count for name, count in found.items() if count},
        int(only["left_only"]),
        int(only["right_only"]),
    )


@pytest.mark.parametrize(
    ("name", "keys", "unequal", "lacking", "beyond"),
    [
        ("EX", ["USUBJID", "EXSEQ"], {}, 0, 0),
        ("DS", ["USUBJID", "DSSEQ"], {"DSSPID": 850}, 0, 0),
        ("DM", ["USUBJID"], {"RFPENDTC": 76}, 0, 0),
        (
            "AE",
            AE_KEYS,
            {"AESEQ": 102, "AESPID": 600, "AELLTCD": 594, "AESOCCD": 594, "AESTDTC": 9},
            0,
            0,
        ),
        ("VS", VS_KEYS, {"VSSEQ": 64}, 0, 1),
        (
            "ADSL",
            ["USUBJID"],
            {"RFPENDTC": 76, "DTHDOM": 2, "LSTALVDT": 12, "DTHCAUS": 2, "DTHCGR1": 2},
            0,
            0,
        ),
    ],
)
def test_the_data_set_equals_the_submitted_one_but_for_the_differences_that_are_explained(
    out, name, keys, unequal, lacking, beyond
):
    assert differences(answer(name), built(out, name), keys) == (unequal, lacking, beyond)


@pytest.mark.witness
@pytest.mark.parametrize(
    ("name", "keys", "rate"),
    [
        ("EX", ["USUBJID", "EXSEQ"], "1"),
        ("DS", ["USUBJID", "DSSEQ"], "0.9090"),
        ("DM", ["USUBJID"], "0.9908"),
        ("AE", AE_KEYS, "0.8869"),
        ("VS", VS_KEYS, "0.9997"),
        ("ADSL", ["USUBJID"], "0.9943"),
    ],
)
def test_an_outside_comparison_finds_the_same_agreement(out, name, keys, rate):
    command = [sys.executable, REFERENCE / "compare.py", answer_file(name), xpt(out, name)]
    options = ["--keys", ",".join(keys), "--min-rate", rate, "--quiet"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_events_known_to_the_month_only_lose_their_treatment_emergence(out):
    flags = built(out, "SUPPAE").groupby("QNAM")["QVAL"].value_counts().to_dict()
    assert answer("SUPPAE")["QVAL"].value_counts().to_dict() == {"Y": 558, "N": 42}
    assert flags == {("AETRTEM", "Y"): 556, ("AETRTEM", "N"): 44}


def test_the_dermatologic_query_finds_its_events(out):
    adae = built(out, "ADAE")
    assert (adae["TRTEMFL"] == "Y").sum() == 556
    assert adae["CQ01NAM"].value_counts().to_dict() == {"": 343, "DERMATOLOGIC EVENTS": 257}
    assert (adae["AOCC01FL"] == "Y").sum() == 73


def test_time_to_death_and_to_the_first_dermatologic_event_have_these_events_and_days(out):
    adtte = built(out, "ADTTE")
    found = adtte.groupby(["PARAMCD", "CNSR"])["AVAL"].agg(["count", "min", "median", "max"])
    assert found.to_dict("index") == {
        ("DEATH", 0.0): {"count": 3, "min": 12.0, "median": 61.0, "max": 175.0},
        ("DEATH", 1.0): {"count": 251, "min": 1.0, "median": 140.0, "max": 213.0},
        ("TTDE", 0.0): {"count": 73, "min": 1.0, "median": 22.0, "max": 107.0},
        ("TTDE", 1.0): {"count": 181, "min": 1.0, "median": 139.0, "max": 211.0},
    }


def test_each_time_to_event_names_the_record_that_decided(out):
    adtte = built(out, "ADTTE")
    sources = adtte.groupby(["PARAMCD", "CNSR", "EVNTDESC", "SRCDOM", "SRCVAR"]).size().to_dict()
    assert sources == {
        ("DEATH", 0.0, "Death", "ADSL", "DTHDT"): 3,
        ("DEATH", 1.0, "Last Known Alive", "ADSL", "LSTALVDT"): 249,
        ("DEATH", 1.0, "Randomization", "ADSL", "RANDDT"): 2,
        ("TTDE", 0.0, "Dermatologic Event", "ADAE", "ASTDT"): 73,
        ("TTDE", 1.0, "Study Completion Date", "ADSL", "RFENDT"): 181,
    }
