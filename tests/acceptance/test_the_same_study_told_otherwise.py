"""The same study told otherwise gives the same datasets: rows in another order, all dates later."""

import csv
import datetime as dt
import random
import re
import shutil

import pyarrow as pa
import pytest

from cdisc.pipeline import build_in_memory
from cdisc.resources import mappings_root
from cdisc.simulate import simulate
from tests.acceptance.conftest import SEED

pytestmark = pytest.mark.exhaustive

FORMS = {
    "LAB.csv": ("gb18030", ","),
    "LABREF.csv": ("gb18030", ","),
    "FLOW.csv": ("utf-8", ";"),
}
# After 28 years the calendar is the same: weekdays, lengths of months, leap years.
YEARS, DAYS = 28, 10227
FIRST = re.compile(r"(\d{4})(?=[-/]\d{1,2}[-/]\d)")
LAST = re.compile(r"(?<=[-.])(\d{4})(?= \d\d:\d\d$|$)")
COLLECTED = re.compile(r"(\d\d|UN)-([A-Z]{3})-\d{4}( \d\d:\d\d)?|\d{1,2}\.\d{1,2}\.\d{4}")
SERIAL = re.compile(r"(\d{5})(\.\d+)?")
WRITTEN = re.compile(r"(?<![\dA-Z])((?:19|20)\d\d)(?=-\d\d|---|\d{4}|$)")
HOLDING = ("LNKID", "ENTPT", "IDVARVAL", "TSVAL", "QVAL")  # may be or hold a date


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The raw folder of a small study, and the datasets that it gives."""
    folder = tmp_path_factory.mktemp("told")
    simulate(folder, subjects=12, seed=SEED)
    return folder / "raw", tables(mappings_root() / "SYN07441291", folder / "raw")


def tables(study, raw):
    """Return every dataset that is submitted, by name."""
    studies = build_in_memory(study, raw=raw).studies.values()
    return {one.name: one.table for study in studies for one in study.datasets}


def rewrite(raw, out, change):
    """Write all raw files anew, the records of each as `change` returns them."""
    for path in sorted(raw.rglob("*.csv")):
        usual = "utf-8-sig" if path.parent.name == "edc" else "utf-8"
        encoding, delimiter = FORMS.get(path.name, (usual, ","))
        with path.open(encoding=encoding, newline="") as lines:
            head, *rows = csv.reader(lines, delimiter=delimiter)
        to = out / path.relative_to(raw)
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("w", encoding=encoding, newline="") as lines:
            csv.writer(lines, delimiter=delimiter).writerows([head, *change(head, rows)])


def later(name, text):
    """Return a collected text 28 years later, where it is a date."""
    if SERIAL.fullmatch(text) and name in ("COLL_TM", "COLL_DATE"):
        return SERIAL.sub(lambda one: f"{int(one[1]) + DAYS}{one[2] or ''}", text)
    if COLLECTED.fullmatch(text.strip()):
        return LAST.sub(lambda one: str(int(one[1]) + YEARS), text)
    return FIRST.sub(lambda one: str(int(one[1]) + YEARS), text)


def said_later(text):
    """Return a text of a dataset with its year 28 years later."""
    return None if text is None else WRITTEN.sub(lambda one: str(int(one[1]) + YEARS), text)


def moved(name, column):
    """Return the values of a column as those of the study that was 28 years later."""
    values = column.to_pylist()
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        return [one and one + dt.timedelta(days=DAYS) for one in values]
    if name.endswith("DTC"):
        return [said_later(one) for one in values]
    return values


def test_the_order_of_the_raw_rows_does_not_matter(told, tmp_path):
    raw, expected = told
    shuffle = random.Random(1)  # noqa: S311  repeatable, and nobody's secret
    rewrite(raw, tmp_path, lambda _head, rows: shuffle.sample(rows, len(rows)))
    found = tables(mappings_root() / "SYN07441291", tmp_path)

    assert list(found) == list(expected)
    differing = [name for name in expected if not found[name].equals(expected[name])]
    assert differing == []


def test_a_study_28_years_later_has_the_same_days_and_durations(told, tmp_path):
    raw, expected = told
    rewrite(
        raw,
        tmp_path / "raw",
        lambda head, rows: [
            [later(name, text) for name, text in zip(head, row, strict=True)] for row in rows
        ],
    )
    study = tmp_path / "study"
    shutil.copytree(mappings_root() / "SYN07441291", study)
    text = (study / "study.yaml").read_text(encoding="utf-8")
    cutoff = "cutoff: 2029-01-31"
    assert cutoff in text
    text = text.replace(cutoff, f"cutoff: {2029 + YEARS}-01-31")
    (study / "study.yaml").write_text(text, encoding="utf-8")
    found = tables(study, tmp_path / "raw")

    assert list(found) == list(expected)
    dates = 0
    for dataset, table in expected.items():
        for name in table.column_names:
            values = moved(name, table.column(name))
            dates += values != table.column(name).to_pylist()
            there = found[dataset].column(name).to_pylist()
            if there != values:
                assert there == [said_later(one) for one in values], (dataset, name)
                assert name.endswith(HOLDING), (dataset, name)
    assert dates > 50
