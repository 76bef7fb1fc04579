"""`cdisc validate` on a package with a large LB: seconds, peak memory, records a second.

    python benchmarks/validate.py --rows 500000
    python benchmarks/validate.py --rows 500000 --json --core ../core/core.py

Another process writes a clean package of DM, SV and LB (34 variables) to a temporary folder;
this one reads, checks and runs every rule, as the command does. With --core the CDISC rules
engine judges the same package: seconds, processor time, and the memory of its largest process.
"""

import argparse
import datetime as dt
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cdisc.dataset import ARROW_TYPES, Dataset, Kind, Variable
from cdisc.review.judgement import judge
from cdisc.review.official import run_official
from cdisc.standard import load_sdtm
from cdisc.transport import write_xpt
from cdisc.validate.columns import pc

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no time zones
FIRST = np.datetime64("2026-01-05")
TESTS = (
    ("ALT", "Alanine Aminotransferase", "CHEMISTRY", "SERUM", "U/L", 10.0, 40.0),
    ("AST", "Aspartate Aminotransferase", "CHEMISTRY", "SERUM", "U/L", 10.0, 40.0),
    ("CREAT", "Creatinine", "CHEMISTRY", "SERUM", "umol/L", 60.0, 110.0),
    ("BILI", "Bilirubin", "CHEMISTRY", "SERUM", "umol/L", 3.0, 20.0),
    ("GLUC", "Glucose", "CHEMISTRY", "SERUM", "mmol/L", 4.0, 6.0),
    ("HGB", "Hemoglobin", "HEMATOLOGY", "BLOOD", "g/L", 120.0, 160.0),
    ("PLAT", "Platelets", "HEMATOLOGY", "BLOOD", "10^9/L", 150.0, 400.0),
    ("WBC", "Leukocytes", "HEMATOLOGY", "BLOOD", "10^9/L", 4.0, 10.0),
    ("NEUT", "Neutrophils", "HEMATOLOGY", "BLOOD", "10^9/L", 2.0, 7.0),
    ("LYM", "Lymphocytes", "HEMATOLOGY", "BLOOD", "10^9/L", 1.0, 4.0),
)
VISITS = 50


def main() -> None:
    """Write the package, judge it, print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--core", type=Path, default=None)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        package = Path(made)
        maker = multiprocessing.get_context("spawn").Process(
            target=write_package, args=(package, asked.rows)
        )
        maker.start()
        maker.join()
        if maker.exitcode:
            raise SystemExit(maker.exitcode)
        begun, cpu = time.perf_counter(), time.process_time()
        judged = judge(package, threads=asked.threads)
        seconds = time.perf_counter() - begun
        costs = {
            "rows": asked.rows,
            "rules": judged.rules,
            "findings": len(judged.findings),
            "seconds": round(seconds, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "rows_per_second": round(asked.rows / seconds),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
        if asked.core is not None:
            begun, before = time.perf_counter(), _of_others()
            found = run_official(asked.core, package, judged.standards)
            costs |= {
                "core_findings": len(found),
                "core_seconds": round(time.perf_counter() - begun, 2),
                "core_cpu_seconds": round(_of_others() - before, 2),
                "core_peak_mb": round(
                    resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
                ),
            }
    if asked.json:
        print(json.dumps(costs))
    else:
        print("\n".join(f"{name:16} {value:,}" for name, value in costs.items()))


def _of_others() -> float:
    """Return the processor time of the processes that this one has started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_package(folder: Path, rows: int) -> None:
    """Write DM, SV and LB with that many records in LB."""
    subjects = max(1, rows // (VISITS * len(TESTS)))
    ids = np.array([f"BENCH-{number:05}" for number in range(1, subjects + 1)])
    for name, columns in {
        "DM": _dm(ids), "SV": _sv(ids), "LB": _lb(ids)
    }.items():  # fmt: skip
        write_xpt(_dataset(name, columns), folder / f"{name.lower()}.xpt", created=CREATED)


def _dm(ids: np.ndarray) -> dict[str, Any]:
    day = str(FIRST)
    return {
        "STUDYID": "BENCH", "DOMAIN": "DM", "USUBJID": ids,
        "SUBJID": [one.removeprefix("BENCH-") for one in ids],
        "RFSTDTC": day, "RFENDTC": "2027-01-05", "RFXSTDTC": day, "RFXENDTC": "2027-01-05",
        "RFICDTC": day, "RFPENDTC": "2027-01-05", "DTHDTC": None, "DTHFL": None, "SITEID": "01",
        "AGE": 50.0, "AGEU": "YEARS", "SEX": "F", "RACE": "ASIAN", "ETHNIC": None, "ARMCD": "A",
        "ARM": "Arm A", "ACTARMCD": "A", "ACTARM": "Arm A", "ARMNRS": None, "ACTARMUD": None,
        "COUNTRY": "CHN",
    }  # fmt: skip


def _sv(ids: np.ndarray) -> dict[str, Any]:
    visits = np.tile(np.arange(1, VISITS + 1), len(ids))
    days = (FIRST + (visits - 1) * 7).astype(str)
    return {
        "STUDYID": "BENCH", "DOMAIN": "SV", "USUBJID": np.repeat(ids, VISITS),
        "VISITNUM": visits.astype(float), "VISIT": np.char.add("VISIT ", visits.astype(str)),
        "SVSTDTC": days, "SVENDTC": days,
        "SVSTDY": ((visits - 1) * 7 + 1).astype(float),
        "SVENDY": ((visits - 1) * 7 + 1).astype(float),
    }  # fmt: skip


def _lb(ids: np.ndarray) -> dict[str, Any]:
    own = VISITS * len(TESTS)
    test = np.tile(np.arange(len(TESTS)), len(ids) * VISITS)
    visit = np.tile(np.repeat(np.arange(1, VISITS + 1), len(TESTS)), len(ids))
    low, high = (np.array([one[at] for one in TESTS])[test] for at in (5, 6))
    value = np.round(low + (high - low) * np.random.default_rng(1).uniform(-0.2, 1.2, len(test)), 1)
    shown = value.astype(str)
    kind = [np.array([one[at] for one in TESTS])[test] for at in range(5)]
    flag = np.where(visit == 1, "Y", "")
    mark = np.select([value < low, value > high], ["LOW", "HIGH"], "NORMAL")
    return {
        "STUDYID": "BENCH", "DOMAIN": "LB", "USUBJID": np.repeat(ids, own),
        "LBSEQ": np.tile(np.arange(1, own + 1), len(ids)).astype(float),
        "LBREFID": np.char.add("R", visit.astype(str)), "LBTESTCD": kind[0], "LBTEST": kind[1],
        "LBCAT": kind[2], "LBSCAT": None, "LBORRES": shown, "LBORRESU": kind[4],
        "LBORNRLO": low.astype(str), "LBORNRHI": high.astype(str), "LBSTRESC": shown,
        "LBSTRESN": value, "LBSTRESU": kind[4], "LBSTNRLO": low, "LBSTNRHI": high,
        "LBNRIND": mark, "LBSTAT": None, "LBREASND": None, "LBNAM": "CENTRAL LAB",
        "LBSPEC": kind[3], "LBMETHOD": None, "LBLOBXFL": flag, "LBBLFL": flag, "LBFAST": None,
        "LBDRVFL": None, "LBTOX": None, "LBTOXGR": None, "VISITNUM": visit.astype(float),
        "VISIT": np.char.add("VISIT ", visit.astype(str)),
        "LBDTC": np.char.add((FIRST + (visit - 1) * 7).astype(str), "T08:30"),
        "LBDY": ((visit - 1) * 7 + 1).astype(float),
    }  # fmt: skip


def _dataset(name: str, columns: dict[str, Any]) -> Dataset:
    guide = load_sdtm("3.4")
    published = guide.dataset(name)
    assert published is not None, name
    size = len(columns["USUBJID"])
    variables, arrays = [], []
    for one, values in columns.items():
        known = guide.variable(name, one, class_name=published.class_name)
        assert known is not None, one
        kind: Kind = "number" if known.type == "Num" else "text"
        given = [values] * size if values is None or isinstance(values, str | float) else values
        array = pa.array(given, ARROW_TYPES[kind], from_pandas=True)
        longest = 8
        if kind == "text":
            array = pc.if_else(pc.equal(array, ""), None, array)
            longest = pc.max(pc.binary_length(array)).as_py() or 1
        variables.append(Variable(one, known.label, kind, longest))
        arrays.append(array)
    table = pa.table(arrays, names=list(columns))
    return Dataset(name, published.label, published.class_name, "", (), tuple(variables), table)


if __name__ == "__main__":
    main()
