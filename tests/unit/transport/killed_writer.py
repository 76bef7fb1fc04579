"""Write a file in children that are killed at random moments; tell what stood there afterwards.

Run as a program: ``killed_writer.py FOLDER SUFFIX TIMES``. Prints for each kill ``nothing``,
``before``, ``whole`` or ``part``: what was under the name of the file.
"""

import datetime as dt
import os
import random
import signal
import sys
import time
from pathlib import Path

import pyarrow as pa

from cdisc.dataset import Dataset, Variable
from cdisc.transport import write_file

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  files of datasets know no time zone
BEFORE = b"what was there"
ROWS = 20_000


def dataset():
    columns = {f"T{at}": pa.array([f"{n:0{at + 1}d}"[: at + 1] for n in range(ROWS)])
               for at in range(9)}  # fmt: skip
    columns["N"] = pa.array(range(ROWS), pa.float64())
    variables = [Variable(name, "", "text", at + 1) for at, name in enumerate(list(columns)[:-1])]
    return Dataset(
        "LB", "", "", "", (), (*variables, Variable("N", "", "number", 8)), pa.table(columns)
    )


def what_stands(path, whole):
    if not path.exists():
        return "nothing"
    content = path.read_bytes()
    return {BEFORE: "before", whole: "whole"}.get(content, "part")


def main(folder, suffix, times):
    held, path = dataset(), folder / f"lb{suffix}"
    begun = time.perf_counter()
    write_file(held, path, created=CREATED)
    took = time.perf_counter() - begun
    whole = path.read_bytes()
    chance = random.Random(20260101)  # noqa: S311  no secret
    for number in range(times):
        path.unlink(missing_ok=True)
        if number % 2:
            path.write_bytes(BEFORE)
        child = os.fork()
        if child == 0:
            write_file(held, path, created=CREATED)
            os._exit(0)
        time.sleep(chance.random() * 2 * took)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.stdout.write(what_stands(path, whole) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
