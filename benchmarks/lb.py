"""LB from long raw records to XPT: CPU seconds, peak memory, and where the time goes.

    python benchmarks/lb.py --rows 1000000
    python benchmarks/lb.py --rows 10000000 --raw parquet --memory 1GB --json

Another process writes raw files and a small study to a temporary folder; this one runs
read, resolve, run, describe and write as `cdisc build` does. The study derives units,
ranges, study days, the baseline flag, visits, epochs and sequence numbers. With
--memory the work is done in buckets of subjects, without it in one piece.
"""

import argparse
import dataclasses
import datetime as dt
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from cdisc.dataset import Dataset
from cdisc.engine.buckets import Buckets, number_of_buckets, run_in_buckets
from cdisc.engine.resolve import resolve
from cdisc.engine.run import Result, run
from cdisc.raw import read_study
from cdisc.raw.parts import store_study
from cdisc.sdtm import build_sdtm
from cdisc.spec import LoadedStudy, load_study
from cdisc.transport import stream_xpt, write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no time zones
STUDY = """
study: {id: BENCH, usubjid: "'BENCH-' + subject", cutoff: "2026-12-31"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  dm:  {file: dm.csv, subject: SUBJ}
  lab: {file: lab.FORMAT, subject: SUBJ}
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
  EPOCH:    >-
    when LBDY is missing then '' when LBDY < 1 then 'SCREENING'
    when LBDY <= 90 then 'TREATMENT' else 'FOLLOW-UP'
"""


_AT_ONCE = 1_000_000  # records that are made at once


def write_raw(folder: Path, rows: int, written: str) -> None:
    """Write dm.csv and the laboratory records, 250 results a subject."""
    random = np.random.default_rng(1)
    subjects = max(1, rows // 250)
    starts = np.datetime64("2025-01-01") + random.integers(0, 300, subjects)
    dm = {
        "SUBJ": np.array([f"{n:06d}" for n in range(subjects)]),
        "START": starts.astype(str),
        "SITE": np.array(["01", "02"])[np.arange(subjects) % 2],
        "SEX": np.array(["M", "F"])[np.arange(subjects) % 2],
    }
    pa_csv.write_csv(pa.table(dm), folder / "dm.csv")
    path = folder / f"lab.{written}"
    tables = (
        laboratory(random, dm["SUBJ"], starts, np.arange(at, min(at + _AT_ONCE, rows)))
        for at in range(0, rows, _AT_ONCE)
    )
    first = next(tables)
    open_writer = pa_csv.CSVWriter if written == "csv" else pq.ParquetWriter
    with open_writer(path, first.schema) as writer:
        for table in (first, *tables):
            writer.write_table(table)


def laboratory(
    random: np.random.Generator, names: np.ndarray, starts: np.ndarray, at: np.ndarray
) -> pa.Table:
    """Return laboratory records by their places in the file."""
    rows = len(at)
    who = at // 250 % len(names)
    test = at % 5
    day = random.integers(-20, 200, rows)
    minute = random.integers(0, 1440, rows)
    dates = np.char.replace((starts[who] + day).astype(str), "-", "/")
    times = np.array([f"{m // 60}:{m % 60:02d}" for m in range(1440)])[minute]
    value = np.round(random.lognormal(3, 0.7, rows), 1).astype(str)
    value[random.random(rows) < 0.02] = "<0.1"
    site = who % 2
    units = np.array(
        [["10^9/L", "g/L", "10^9/L", "U/L", "umol/L"], ["K/uL", "g/dL", "K/uL", "U/L", "mg/dL"]]
    )
    return pa.table({
        "SUBJ": names[who],
        "SAMPLE": np.char.add("S", at.astype(str)),
        "CODE": np.array(["WBC", "HGB", "PLT", "ALT", "CREA"])[test],
        "RESULT": value,
        "UNIT": units[site, test],
        "REF": np.array(["4-10", "120-160", "100-300", "0-40", "44-106"])[test],
        "STATUS": np.where(random.random(rows) < 0.01, "X", "F"),
        "FAST": np.array(["Y", "N", ""])[random.integers(0, 3, rows)],
        "HOSP": np.array(["PK01", "PK02"])[site],
        "METHOD": np.array(["flow", "impedance"])[test % 2],
        "EVENT": np.array(["SCR", "D0", "D7", "M1", "M3"])[at // 5 % 5],
        "COLLECTED": np.char.add(np.char.add(dates, " "), times),
    })  # fmt: skip


def write_study(folder: Path, written: str) -> None:
    """Write the mapping files."""
    (folder / "sdtm").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY.replace("FORMAT", written))
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

    def total(self) -> tuple[float, float]:
        """Return wall and CPU seconds of all phases."""
        return sum(one[1] for one in self.phases), sum(one[2] for one in self.phases)


def measure(
    folder: Path, clock: Clock, threads: int | None, memory: int | None, number: int | None
) -> tuple[int, int]:
    """Convert the raw files of a folder; return the records and the bytes of LB."""
    loaded = load_study(folder / "study")
    resolve(loaded)
    clock.phase("check")
    made = in_buckets if memory or number else in_one_piece
    datasets = made(loaded, folder, clock, threads, memory, number)
    records = 0
    for dataset in datasets:
        records = dataset.table.num_rows
        path = folder / f"{dataset.name}.xpt"
        if isinstance(dataset.table, pa.Table):
            write_xpt(dataset, path, created=CREATED)
            continue
        with stream_xpt(dataset, path, created=CREATED) as file:
            for batch in dataset.table.to_batches():
                file.add(batch)
    clock.phase("write XPT")
    return records, (folder / "LB.xpt").stat().st_size


def in_one_piece(
    loaded: LoadedStudy,
    folder: Path,
    clock: Clock,
    threads: int | None,
    _memory: int | None,
    _number: int | None,
) -> Iterator[Dataset]:
    """Make the datasets in memory."""
    raw = read_study(loaded, folder)
    clock.phase("read")
    program = resolve(loaded, {one.name: one.table.column_names for one in raw.forms})
    result = run(program, raw, threads=threads)
    clock.phase("run SQL")
    return described(program, result, clock)


def in_buckets(
    loaded: LoadedStudy,
    folder: Path,
    clock: Clock,
    threads: int | None,
    memory: int | None,
    number: int | None,
) -> Iterator[Dataset]:
    """Make the datasets in buckets of subjects, on disk."""
    raw = store_study(loaded, folder, folder / "forms", lambda _said: None)
    clock.phase("read")
    program = resolve(loaded, {one.name: one.table.column_names for one in raw.forms})
    number = number or number_of_buckets(raw, memory or 0)
    result = run_in_buckets(program, raw, Buckets(folder / "work", number, threads=threads))
    clock.phase("run SQL")
    return described(program, result, clock)


def described(program: object, result: Result, clock: Clock) -> Iterator[Dataset]:
    """Return the datasets with their metadata."""
    study = build_sdtm(program, result)
    clock.phase("describe")
    yield from study.datasets


def peak_mib() -> float:
    """Return the most memory that the process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def size(text: str) -> int:
    """Return the bytes of a size such as 2GB."""
    from cdisc.engine.buckets import bytes_of

    return bytes_of(text)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--raw", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--memory", type=size, default=None)
    parser.add_argument("--buckets", type=int, default=None)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = multiprocessing.get_context("spawn")
        maker = context.Process(target=write_raw, args=(folder, asked.rows, asked.raw))
        maker.start()
        maker.join()
        write_study(folder / "study", asked.raw)
        before, clock = peak_mib(), Clock()
        records, written = measure(folder, clock, asked.threads, asked.memory, asked.buckets)
    wall, cpu = clock.total()
    if asked.json:
        phases = {said: {"wall": one, "cpu": two} for said, one, two in clock.phases}
        print(
            json.dumps(
                {
                    "rows": asked.rows,
                    "raw": asked.raw,
                    "records": records,
                    "wall_s": wall,
                    "cpu_s": cpu,
                    "peak_mib": peak_mib(),
                    "peak_mib_before": before,
                    "xpt_bytes": written,
                    "phases": phases,
                }
            )
        )
        return
    for said, seconds, used in (*clock.phases, ("all", wall, cpu)):
        print(f"{said:<10} {seconds:7.2f} s wall {used:7.2f} s CPU")
    print(f"{records:,} records, {written / 1e6:,.0f} MB XPT, {asked.rows / wall:,.0f} rows/s")
    print(f"peak RSS {peak_mib():,.0f} MiB ({before:,.0f} MiB before)")


if __name__ == "__main__":
    main()
