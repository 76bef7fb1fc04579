"""Write N laboratory-like records of 30 variables (24 text, 6 numeric) as XPT version 5.

    python benchmarks/xpt_write.py [--rows N] [--pyreadstat]

Reports records per second, CPU-seconds and peak memory of the check, of writing
and of reading back, and the ratio to a plain write of the same bytes.
"""

import argparse
import datetime as dt
import resource
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


def measure(title: str, rows: int, action: Callable[[], object]) -> float:
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = rows / cpu if cpu else float("inf")
    print(f"{title:24s} {cpu:7.2f} CPU-s {wall:7.2f} s {rate:12,.0f} records/CPU-s {peak:6.0f} MB")
    return cpu


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the XPT writer.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pyreadstat", action="store_true", help="time it too, on at most 100,000")
    arguments = parser.parse_args()
    rows: int = arguments.rows
    with tempfile.TemporaryDirectory() as folder:
        dataset = laboratory(rows)
        path = Path(folder) / "lb.xpt"
        measure("(before)", rows, lambda: None)
        measure("check_xpt", rows, lambda: check_xpt(dataset))
        ours = measure(
            "write_xpt (with check)", rows, lambda: write_xpt(dataset, path, created=CREATED)
        )
        plain = plain_write(rows, path)
        size = path.stat().st_size / 1e6
        print(f"{size:,.0f} MB, {ours / max(plain, 1e-3):.1f} x the plain write")
        measure("read_xpt", rows, lambda: read_xpt(path))
        if arguments.pyreadstat:
            compare(dataset, min(rows, 100_000), path)


def plain_write(rows: int, path: Path) -> float:
    content = path.read_bytes()
    return measure("plain write", rows, lambda: path.with_name("plain").write_bytes(content))


def compare(dataset: Dataset, rows: int, path: Path) -> None:
    import pyreadstat

    part = Dataset("LB", "", "", "", (), dataset.variables, dataset.table.slice(0, rows))
    frame = part.to_pandas()
    ours = measure("ours, shorter", rows, lambda: write_xpt(part, path, created=CREATED))
    other = measure(
        "pyreadstat, shorter",
        rows,
        lambda: pyreadstat.write_xport(frame, path, file_format_version=5, table_name="LB"),
    )
    print(f"pyreadstat takes {other / ours:.0f} x our CPU")


if __name__ == "__main__":
    main()
