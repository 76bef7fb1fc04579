"""LB from long raw records to XPT: state rows per second, CPU and peak memory.

    python benchmarks/lb_pipeline.py --rows 1000000

Writes raw files and a small study to a temporary folder, then runs read, resolve,
run, describe and write as `cdisc build` does, and prints one line a phase.
"""

import argparse
import dataclasses
import datetime as dt
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from cdisc.engine.resolve import resolve
from cdisc.engine.run import run
from cdisc.raw import read_study
from cdisc.sdtm import build_sdtm
from cdisc.spec import load_study
from cdisc.transport import write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no time zones
STUDY = """
study: {id: BENCH, usubjid: "'BENCH-' + subject", cutoff: "2026-12-31"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  dm:  {file: dm.csv, subject: SUBJ}
  lab: {file: lab.csv, subject: SUBJ}
terms:
  LABUNIT:
    {10^9/L: 10^9/L, K/uL: 10^9/L, g/L: g/L, g/dL: g/dL, U/L: U/L, umol/L: umol/L, mg/dL: mg/dL}
tables:
  tests:
    columns: [CODE, TESTCD, CAT, SPEC, UNIT]
    rows:
      - [WBC, WBC, HEMATOLOGY, BLOOD, 10^9/L]
      - [HGB, HGB, HEMATOLOGY, BLOOD, g/L]
      - [PLT, PLAT, HEMATOLOGY, BLOOD, 10^9/L]
      - [ALT, ALT, CHEMISTRY, SERUM, U/L]
      - [CREA, CREAT, CHEMISTRY, SERUM, umol/L]
  visits:
    columns: [EVENT, VISITNUM, VISIT]
    rows:
      - [SCR, "1", SCREENING]
      - [D0, "2", DAY 0]
      - [D7, "3", DAY 7]
      - [M1, "4", MONTH 1]
      - [M3, "5", MONTH 3]
"""
DM = """
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID:   dm.SUBJ
  RFSTDTC:  dm.START | iso 'y-m-d'
  RFXSTDTC: copy RFSTDTC
  SITEID:   dm.SITE
  SEX:      dm.SEX | ct
  ARMCD:    const A
  ARM:      const A
  ACTARMCD: const A
  ACTARM:   const A
  COUNTRY:  const CHN
"""
LB = """
dataset: LB
rows: each lab where lab.STATUS <> 'X'
keys: [USUBJID, LBTESTCD, LBSPEC, LBDTC, LBREFID]
variables:
  LBREFID:  lab.SAMPLE
  LBTESTCD: lab.CODE | lookup tests TESTCD else error
  LBTEST:   LBTESTCD | decode LBTESTCD
  LBCAT:    lab.CODE | lookup tests CAT
  LBORRES:  lab.RESULT | halfwidth | squish
  LBORRESU: lab.UNIT | ct LABUNIT
  LBORNRLO: lab.REF | part 1 of '-'
  LBORNRHI: lab.REF | part 2 of '-'
  LBSTRESC: LBORRES | convert LBORRESU to LBSTRESU for LBTESTCD
  LBSTRESN: LBSTRESC | num
  LBSTRESU: lab.CODE | lookup tests UNIT
  LBSTNRLO: LBORNRLO | num | convert LBORRESU to LBSTRESU for LBTESTCD
  LBSTNRHI: LBORNRHI | num | convert LBORRESU to LBSTRESU for LBTESTCD
  LBNRIND:  range_flag(LBSTRESN, LBSTNRLO, LBSTNRHI)
  LBSPEC:   lab.CODE | lookup tests SPEC
  LBFAST:   lab.FAST | ct
  LBNAM:    lab.HOSP
  LBMETHOD: lab.METHOD | upper
  VISITNUM: lab.EVENT | lookup visits VISITNUM
  VISIT:    lab.EVENT | lookup visits VISIT
  LBLOBXFL: >-
    flag last where LBORRES is not missing and LBDTC on or before DM.RFXSTDTC
    by USUBJID LBTESTCD LBSPEC order LBDTC VISITNUM LBREFID
  LBDTC:    lab.COLLECTED | iso 'y/m/d H:M'
  LBDY:     study_day(LBDTC)
"""


def write_raw(folder: Path, rows: int) -> None:
    """Write dm.csv and lab.csv; 250 results a subject."""
    random = np.random.default_rng(1)
    subjects = max(1, rows // 250)
    names = np.array([f"{n:06d}" for n in range(subjects)])
    starts = np.datetime64("2025-01-01") + random.integers(0, 300, subjects)
    dm = {
        "SUBJ": names,
        "START": starts.astype(str),
        "SITE": np.array(["01", "02"])[np.arange(subjects) % 2],
        "SEX": np.array(["M", "F"])[np.arange(subjects) % 2],
    }
    pa_csv.write_csv(pa.table(dm), folder / "dm.csv")
    who = np.arange(rows) // 250 % subjects
    test = np.arange(rows) % 5
    day = random.integers(-20, 200, rows)
    minute = random.integers(0, 1440, rows)
    dates = (starts[who] + day).astype(str)
    dates = np.char.replace(dates, "-", "/")
    times = np.array([f"{m // 60}:{m % 60:02d}" for m in range(1440)])[minute]
    value = np.round(random.lognormal(3, 0.7, rows), 1).astype(str)
    value[random.random(rows) < 0.02] = "<0.1"
    site = who % 2
    units = np.array(
        [["10^9/L", "g/L", "10^9/L", "U/L", "umol/L"], ["K/uL", "g/dL", "K/uL", "U/L", "mg/dL"]]
    )
    lab = {
        "SUBJ": names[who],
        "SAMPLE": np.char.add("S", np.arange(rows).astype(str)),
        "CODE": np.array(["WBC", "HGB", "PLT", "ALT", "CREA"])[test],
        "RESULT": value,
        "UNIT": units[site, test],
        "REF": np.array(["4-10", "120-160", "100-300", "0-40", "44-106"])[test],
        "STATUS": np.where(random.random(rows) < 0.01, "X", "F"),
        "FAST": np.array(["Y", "N", ""])[random.integers(0, 3, rows)],
        "HOSP": np.array(["PK01", "PK02"])[site],
        "METHOD": np.array(["flow", "impedance"])[test % 2],
        "EVENT": np.array(["SCR", "D0", "D7", "M1", "M3"])[np.arange(rows) // 5 % 5],
        "COLLECTED": np.char.add(np.char.add(dates, " "), times),
    }
    pa_csv.write_csv(pa.table(lab), folder / "lab.csv")


def write_study(folder: Path) -> None:
    """Write the mapping files."""
    (folder / "sdtm").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY)
    (folder / "sdtm" / "dm.yaml").write_text(DM)
    (folder / "sdtm" / "lb.yaml").write_text(LB)


@dataclasses.dataclass
class Clock:
    """Wall and CPU seconds of each phase."""

    phases: list[tuple[str, float, float]] = dataclasses.field(default_factory=list)
    wall: float = dataclasses.field(default_factory=time.perf_counter)
    cpu: float = dataclasses.field(default_factory=time.process_time)

    def phase(self, said: str) -> None:
        """Note that a phase is over."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.phases.append((said, wall - self.wall, cpu - self.cpu))
        self.wall, self.cpu = wall, cpu


def measure(folder: Path, threads: int | None, clock: Clock) -> tuple[int, int]:
    """Convert the raw files of a folder; return the records and the bytes of LB."""
    loaded = load_study(folder / "study")
    resolve(loaded)
    clock.phase("check")
    raw = read_study(loaded, folder)
    clock.phase("read CSV")
    program = resolve(loaded, {one.name: one.table.column_names for one in raw.forms})
    result = run(program, raw, threads=threads)
    clock.phase("run SQL")
    study = build_sdtm(program, result)
    clock.phase("describe")
    for dataset in study.datasets:
        write_xpt(dataset, folder / f"{dataset.name}.xpt", created=CREATED)
    clock.phase("write XPT")
    return study.dataset("LB").table.num_rows, (folder / "LB.xpt").stat().st_size


def peak_kib() -> int:
    """Return the most memory that the process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_raw(folder, arguments.rows)
        write_study(folder / "study")
        before, clock = peak_kib(), Clock()
        records, size = measure(folder, arguments.threads, clock)
    peak = peak_kib()
    wall, cpu = sum(one[1] for one in clock.phases), sum(one[2] for one in clock.phases)
    if arguments.json:
        print(json.dumps({"rows": arguments.rows, "wall": wall, "cpu": cpu, "peak_kib": peak}))
        return
    for said, seconds, used in (*clock.phases, ("all", wall, cpu)):
        print(f"{said:<10} {seconds:7.2f} s wall {used:7.2f} s CPU")
    print(f"{records:,} records, {size / 1e6:,.0f} MB XPT, {arguments.rows / wall:,.0f} rows/s")
    print(f"peak RSS {peak / 1024:,.0f} MiB ({before / 1024:,.0f} MiB before)")


if __name__ == "__main__":
    main()
