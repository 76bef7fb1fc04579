"""Whatever stands in a file of datasets, it is read whole or refused with a named finding."""

import dataclasses
import datetime as dt

import pyarrow as pa
import pytest

from cdisc.dataset import Dataset, Variable
from cdisc.errors import CdiscError
from cdisc.transport import read_file, write_file, write_xpt
from tests.fuzzing import changed_packed, files

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  files of datasets know no time zone
DATASET = Dataset(
    "AE",
    "Adverse Events",
    "EVENTS",
    "One record per event",
    ("AETERM",),
    (
        Variable("AETERM", "Reported Term", "text", 7, "$7.", informat="$CHAR7."),
        Variable("AESEQ", "Sequence Number", "number", 8, "8.2", integer=True),
        Variable("AVAL", "Value", "number", 8),
        Variable("ASTDT", "Start", "date", 8, "DATE9."),
        Variable("ASTDTM", "Start", "datetime", 8, "DATETIME20."),
        Variable("ASTTM", "Start", "time", 8, "TIME8."),
    ),
    pa.table({
        "AETERM": ["Fever", None, "Rash"],
        "AESEQ": [1.0, 2.0, None],
        "AVAL": [0.1, None, -1e10],
        "ASTDT": pa.array([dt.date(2024, 2, 29), None, dt.date.max], pa.date32()),
        "ASTDTM": pa.array([None, dt.datetime(2024, 2, 29, 23, 59, 59), None], pa.timestamp("s")),  # noqa: DTZ001
        "ASTTM": pa.array([dt.time(0, 0), dt.time(23, 59, 59), None], pa.time32("s")),
    }),
)  # fmt: skip
LONG = dataclasses.replace(
    DATASET,
    variables=(
        dataclasses.replace(DATASET.variables[0], label="x" * 50, format="$LONGFORMAT7."),
        *DATASET.variables[1:],
    ),
    special_missing={"AVAL": pa.array([None, ".A", None])},
)


def seeds(suffix, folder):
    """Return the bytes of good files of a form."""
    path = folder / f"good{suffix}"
    if suffix == ".xpt":
        written = []
        for dataset, version in ((DATASET, 5), (LONG, 8)):
            write_xpt(dataset, path, created=CREATED, version=version)
            written.append(path.read_bytes())
        return [*written, written[0] + written[0][240:]]
    write_file(DATASET, path, created=CREATED)
    return [path.read_bytes()]


def told(path, encoding):
    """Read a file, and return why it is refused, or nothing."""
    try:
        datasets = read_file(path, encoding=encoding)
    except CdiscError as error:
        return error.diagnostics
    for dataset in datasets:
        dataset.table.validate(full=True)
        assert len(dataset.variables) == dataset.table.num_columns
    return ()


def run(suffix, count, folder):
    path = folder / f"file{suffix}"
    refused = 0
    good = seeds(suffix, folder)
    for number, content in enumerate(
        files(good, count, changed_packed if suffix == ".dsjc" else None)
    ):
        path.write_bytes(content)
        findings = told(path, "latin-1" if number % 5 else "utf-8")
        refused += bool(findings)
        assert all(one.to_text() for one in findings[:1] if number % 20 == 0)
    assert 0 < refused < count


SUFFIXES = (".xpt", ".json", ".ndjson", ".dsjc", ".parquet")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_changed_file_is_read_or_refused(suffix, tmp_path):
    run(suffix, 300, tmp_path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_two_hundred_thousand_changed_files_are_read_or_refused(suffix, tmp_path):
    run(suffix, 200_000, tmp_path)
