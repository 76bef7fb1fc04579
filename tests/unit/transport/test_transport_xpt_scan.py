import dataclasses
import datetime as dt

import pyarrow as pa
import pytest

from cdisc.dataset import Variable
from cdisc.errors import RawDataError
from cdisc.transport import read_xpt, scan_xpt, stream_xpt, write_xpt

ROWS = 150_000


@pytest.fixture
def labs(dataset_of, text, number):
    days = pa.array([None, dt.date(2024, 2, 29), None] * (ROWS // 3), pa.date32())
    dataset = dataset_of(
        (text("LBTEST", 8), ["ALT", None, "é"] * (ROWS // 3)),
        (number("LBSTRESN"), [float(at) if at % 3 else None for at in range(ROWS)]),
        (Variable("LBDT", "", "date", 8, "DATE9."), days),
        name="LB",
    )
    ways = pa.array([".A" if at == ROWS - 3 else None for at in range(ROWS)])
    return dataclasses.replace(dataset, special_missing={"LBSTRESN": ways}, sas_type="CORR")


@pytest.mark.parametrize("version", [5, 8])
def test_a_file_read_in_parts_and_written_in_parts_is_the_same_file(
    labs, created, tmp_path, version
):
    one, other = tmp_path / "one.xpt", tmp_path / "other.xpt"
    write_xpt(labs, one, created=created, encoding="utf-8", version=version)
    (scan,) = scan_xpt(one, encoding="utf-8")
    counts = []
    with stream_xpt(scan.about, other, created=created, encoding="utf-8", version=version) as file:
        for table, special in scan.tables():
            counts.append(table.num_rows)
            file.add(table, special)
    assert other.read_bytes() == one.read_bytes()
    assert sum(counts) == ROWS
    assert len(counts) > 2


def test_parts_hold_what_the_whole_does_and_dates_as_the_file_holds_them(labs, created, tmp_path):
    write_xpt(labs, tmp_path / "lb.xpt", created=created, encoding="utf-8")
    (scan,) = scan_xpt(tmp_path / "lb.xpt", encoding="utf-8")
    tables = pa.concat_tables(table for table, _ in scan.tables())
    whole = read_xpt(tmp_path / "lb.xpt", encoding="utf-8").table
    assert tables.select(["LBTEST", "LBSTRESN"]) == whole.select(["LBTEST", "LBSTRESN"])
    assert tables["LBDT"][:3].to_pylist() == [None, 23435.0, None]
    assert [(one.kind, one.format) for one in scan.about.variables] == [
        ("text", None), ("number", None), ("number", "DATE9."),
    ]  # fmt: skip
    assert (scan.about.name, scan.about.sas_type, scan.about.table.num_rows) == ("LB", "CORR", 0)


def test_values_that_cannot_be_read_are_named_with_their_records(labs, created, tmp_path):
    write_xpt(labs, tmp_path / "lb.xpt", created=created, encoding="utf-8")
    (scan,) = scan_xpt(tmp_path / "lb.xpt")
    with pytest.raises(RawDataError) as caught:
        list(scan.tables())
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.variable, finding.found) == (
        "XPT035", "LBTEST", (r"record 3: b'\xc3\xa9'",),
    )  # fmt: skip
