"""Write and read N laboratory-like records of 30 variables (24 text, 6 numeric) as XPT version 5.

    python benchmarks/xpt.py [--rows N] [--json] [--slow-rows N] [--rounds N]

Takes turns with pyreadstat, with nbase-converter and R's haven where they are installed, and
with a plain write of the same bytes; each of them forced to the disk under a new name. Tells
the least CPU-seconds (user and system, all threads) of the rounds, records a CPU-second, and
how often ours goes into theirs. pyreadstat takes a minute for a million records, so it has
fewer of them (--slow-rows) unless more are asked for; its rate is what is compared.
"""

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from cdisc.dataset import Dataset, Variable
from cdisc.transport import check_xpt, read_xpt, write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no time zone
LENGTHS = (12, 2, 20, 8, 40, 12, 10, 10, 10, 1, 1, 1, 8, 40, 12, 20, 20, 5, 5, 16, 10, 4, 4, 2)


def laboratory(rows: int) -> Dataset:
    """Return records with the shape of LB: constants, ids, few-valued and free text."""
    random = np.random.default_rng(20260101)

    def few(count: int, size: int) -> pa.Array:
        words = [f"{n:02d} WORD {'X' * (n % size)}"[: 1 + (n * 7) % size] for n in range(count)]
        words = [word.rstrip() + "." if word.endswith(" ") else word for word in words]
        words = [word[:size] for word in words]
        return pa.array(words).take(pa.array(random.integers(0, count, rows)))

    def numbered(prefix: str, high: int, width: int) -> pa.Array:
        texts = pa.array([f"{prefix}{n:0{width}d}" for n in range(high)])
        return texts.take(pa.array(np.sort(random.integers(0, high, rows))))

    def sparse(values: pa.Array, share: float) -> pa.Array:
        return pa.array(
            values.to_numpy(zero_copy_only=False), pa.string(), mask=random.random(rows) < share
        )

    columns: dict[str, pa.Array] = {
        "T00": pa.array(["STUDY-000001"]).take(pa.array(np.zeros(rows, dtype=np.int64))),
        "T01": pa.array(["LB"]).take(pa.array(np.zeros(rows, dtype=np.int64))),
        "T02": numbered("STUDY-000001-", 5000, 7),
    }
    for at in range(3, 24):
        size = LENGTHS[at]
        column = numbered("20", 9999, 8) if size == 10 else few(40, size)
        columns[f"T{at:02d}"] = sparse(column, 0.7) if at % 5 == 0 else column
    for at in range(6):
        values = random.normal(100, 30, rows) if at % 2 else np.arange(rows, dtype=np.float64)
        columns[f"N{at:02d}"] = pa.array(values, mask=random.random(rows) < 0.1 * (at % 3))
    variables = tuple(
        Variable(name, f"Variable {name}", "text", LENGTHS[int(name[1:])])
        if name.startswith("T")
        else Variable(name, f"Variable {name}", "number", 8)
        for name in columns
    )
    return Dataset("LB", "Laboratory", "", "", (), variables, pa.table(columns))


R_HAVEN = """
arguments <- commandArgs(TRUE)
if (!requireNamespace("haven", quietly = TRUE)) quit(status = 3)
spent <- function(action) { begun <- proc.time(); action(); sum((proc.time() - begun)[1:2]) }
frame <- haven::read_xpt(arguments[1])
cat(spent(function() haven::write_xpt(frame, arguments[2], version = 5, name = "LB")), "\\n")
cat(spent(function() haven::read_xpt(arguments[2])), "\\n")
"""


def cpu_seconds(action: Callable[[], object]) -> float:
    begun = time.process_time()
    action()
    return time.process_time() - begun


def to_disk(path: Path) -> None:
    """Force a file that another program wrote to the disk, as ours is."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


class Race:
    """What is timed, and the best of its rounds."""

    def __init__(self, folder: Path, dataset: Dataset, slow: int) -> None:
        self.folder = folder
        self.dataset = dataset
        self.rows = dataset.table.num_rows
        self.slow = dataset.table.slice(0, min(slow, self.rows))
        self.best: dict[str, tuple[float, int]] = {}

    def took(self, what: str, seconds: float, rows: int) -> None:
        known = self.best.get(what, (seconds, rows))
        self.best[what] = (min(known[0], seconds), rows)

    def round(self) -> None:
        ours, plain = self.folder / "ours.xpt", self.folder / "plain.xpt"
        ours.unlink(missing_ok=True)
        self.took("check", cpu_seconds(lambda: check_xpt(self.dataset)), self.rows)
        written = cpu_seconds(lambda: write_xpt(self.dataset, ours, created=CREATED))
        self.took("write", written, self.rows)
        content = ours.read_bytes()
        plain.unlink(missing_ok=True)
        self.took("plain write", cpu_seconds(lambda: plain_write(plain, content)), self.rows)
        content = b""  # 300 MB that reading can use
        self.took("read", cpu_seconds(lambda: read_xpt(ours)), self.rows)
        self.nbase(ours)

    def nbase(self, ours: Path) -> None:
        try:
            import nbase_converter
        except ImportError:
            return
        path = self.folder / "nbase.xpt"
        path.unlink(missing_ok=True)

        def write() -> None:
            nbase_converter.write_dataset(
                self.dataset.table, path, target_format="xpt5", table_name="LB", use_threads=False
            )
            to_disk(path)

        self.took("nbase-converter write", cpu_seconds(write), self.rows)
        read = cpu_seconds(
            lambda: nbase_converter.read_dataset(ours, output="arrow", use_threads=False)
        )
        self.took("nbase-converter read", read, self.rows)

    def pyreadstat(self) -> None:
        import pyreadstat

        about = self.dataset
        part = Dataset("LB", "", "", "", (), about.variables, self.slow)
        frame, path = part.to_pandas(), self.folder / "slow.xpt"

        def write() -> None:
            pyreadstat.write_xport(frame, path, file_format_version=5, table_name="LB")
            to_disk(path)

        self.took("pyreadstat write", cpu_seconds(write), len(frame))
        read = cpu_seconds(lambda: pyreadstat.read_xport(path))
        self.took("pyreadstat read", read, len(frame))

    def haven(self) -> None:
        rscript = shutil.which("Rscript")
        if rscript is None:
            return
        paths = [str(self.folder / "ours.xpt"), str(self.folder / "haven.xpt")]
        done = subprocess.run(
            [rscript, "-e", R_HAVEN, *paths], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            for what, seconds in zip(("write", "read"), done.stdout.split(), strict=True):
                self.took(f"haven {what}", float(seconds), self.rows)

    def figures(self) -> dict[str, object]:
        rates = {what: rows / seconds for what, (seconds, rows) in self.best.items()}
        return {
            "rows": self.rows,
            "bytes": (self.folder / "ours.xpt").stat().st_size,
            "slow_rows": self.slow.num_rows,
            "cpu_seconds": {what: round(seconds, 3) for what, (seconds, _) in self.best.items()},
            "rows_per_cpu_second": {what: round(rate) for what, rate in rates.items()},
            "ours_faster_by": {
                what: round(rates[what.rsplit(" ", 1)[1]] / rate, 2)
                for what, rate in rates.items()
                if " " in what
            },
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "load": [round(one, 2) for one in os.getloadavg()],
            "absent": [
                one for one in ("nbase-converter", "haven") if f"{one} write" not in self.best
            ],
        }


def plain_write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the XPT writer and reader.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--slow-rows", type=int, default=100_000, help="records for pyreadstat")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        race = Race(Path(folder), laboratory(arguments.rows), arguments.slow_rows)
        for _ in range(arguments.rounds):
            race.round()
        race.haven()
        race.pyreadstat()
        figures = race.figures()
    if arguments.json:
        json.dump(figures, sys.stdout)
        print()
        return
    cpu, rates, faster = (
        figures[name] for name in ("cpu_seconds", "rows_per_cpu_second", "ours_faster_by")
    )
    for what in rates:
        ratio = f"ours is faster by {faster[what]:.2f}" if what in faster else ""
        print(f"{what:24s} {cpu[what]:8.2f} CPU-s {rates[what]:12,} records/CPU-s  {ratio}")
    print(f"{figures['bytes']:,} bytes, peak {figures['peak_mb']:,} MB, load {figures['load']}")


if __name__ == "__main__":
    main()
