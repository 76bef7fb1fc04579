"""How long a define.xml of many datasets takes: built, written, read, checked.

Run: ``python benchmarks/define.py --datasets 60 --variables 40 --records 1000``
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from cdisc.dataset import (
    Codelist,
    Dataset,
    Division,
    Method,
    Origin,
    SdtmStudy,
    StandardUse,
    Term,
    Variable,
)
from define_xml import (
    build_define,
    check_define,
    read_define,
    render_define_html,
    write_define,
)

_STANDARDS = (
    StandardUse("SDTMIG", "SDTMIG", "IG", "3.4"),
    StandardUse("CT-SDTM", "CDISC/NCI", "CT", "2025-03-28", "SDTM"),
)
_TESTS = 50
Made = TypeVar("Made")


def study(datasets: int, variables: int, records: int) -> SdtmStudy:
    """Return a study of so many datasets, each with results of fifty tests."""
    made = tuple(_dataset(number, variables, records) for number in range(datasets))
    return SdtmStudy("BENCH", "BENCH", "A study of many datasets", "BENCH", _STANDARDS, made)


def _dataset(number: int, variables: int, records: int) -> Dataset:
    name = f"D{number:03}"
    terms = tuple(Term(f"TERM {at}", f"Decode {at}") for at in range(30))
    rows = np.arange(records)
    columns: dict[str, pa.Array] = {
        "SEQ": pa.array(rows.astype(float)),
        "TESTCD": pa.array([f"T{at % _TESTS:02}" for at in rows]),
        "RESULT": pa.array([f"{at % 97}.{at % 10}" for at in rows]),
    }
    known = [
        Variable("SEQ", "Sequence", "number", 8, integer=True, core="Req", origin=_derived()[0]),
        Variable("TESTCD", "Test", "text", 8, origin=Origin("Assigned", "Sponsor")),
        Variable("RESULT", "Result", "text", 8, division=Division("TESTCD"), origin=_collected()),
    ]
    for at in range(variables - len(known)):
        title = f"V{number:03}{at:03}"
        origin, method = _derived() if at % 2 else (_collected(), None)
        codelist = Codelist(title, title, terms) if at % 4 == 0 else None
        known.append(
            Variable(title, title, "text", 20, origin=origin, method=method, codelist=codelist)
        )
        columns[title] = pa.array([f"TERM {one % 30}" for one in rows])
    table = pa.table(columns)
    return Dataset(
        name, name, "FINDINGS", "One record per result", ("SEQ",), tuple(known), table,
        standard="SDTMIG", domain=name,
    )  # fmt: skip


def _collected() -> Origin:
    return Origin("Collected", "Investigator", ("12",))


def _derived() -> tuple[Origin, Method]:
    return Origin("Derived", "Sponsor"), Method("As the plan says, at some length.", "a + b")


def main() -> None:
    """Print the seconds of each step, waited and worked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--datasets", type=int, default=60)
    parser.add_argument("--variables", type=int, default=40)
    parser.add_argument("--records", type=int, default=1000)
    said = parser.parse_args()
    made = study(said.datasets, said.variables, said.records)
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    define = _timed("build", lambda: build_define(made, created=created, annotated_crf="acrf.pdf"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "define.xml"
        _timed("write", lambda: write_define(define, path))
        _timed("read", lambda: read_define(path))
        _timed("check", lambda: check_define(path, made.datasets))
        _timed("html", lambda: render_define_html(define))


def _timed(step: str, work: Callable[[], Made]) -> Made:
    start, spent = time.perf_counter(), time.process_time()
    made = work()
    wall, cpu = time.perf_counter() - start, time.process_time() - spent
    sys.stdout.write(f"{step:6} {wall:6.2f} s, {cpu:6.2f} s of processors\n")
    return made


if __name__ == "__main__":
    main()
