import dataclasses
import datetime as dt

import pyarrow as pa
import pytest

from cdisc.errors import OutputError
from cdisc.transport import read_xpt, stream_xpt, write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no time zone


@pytest.fixture
def labs(dataset_of, text, number):
    return dataset_of(
        (text("LBTEST", 8), ["Glucose", None, "ALT", "", "AST"]),
        (number("LBSTRESN"), [5.5, None, -1e70, 0.0, 3.0]),
        name="LB",
        label="Laboratory",
    )


def without_records(dataset):
    return dataclasses.replace(dataset, table=dataset.table.slice(0, 0))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_tables_one_after_another_make_the_bytes_of_all_together(labs, tmp_path, size):
    write_xpt(labs, tmp_path / "whole.xpt", created=CREATED)
    with stream_xpt(without_records(labs), tmp_path / "lb.xpt", created=CREATED) as file:
        for start in range(0, 5, size):
            file.add(labs.table.slice(start, size))
        file.add(labs.table.slice(0, 0))
    assert (tmp_path / "lb.xpt").read_bytes() == (tmp_path / "whole.xpt").read_bytes()
    assert (file.records, file.findings) == (5, ())


def test_record_batches_are_taken_too(labs, tmp_path):
    with stream_xpt(without_records(labs), tmp_path / "lb.xpt", created=CREATED) as file:
        for batch in labs.table.to_batches():
            file.add(batch)
    assert read_xpt(tmp_path / "lb.xpt").table["LBSTRESN"].to_pylist() == [
        5.5, None, -1e70, 0.0, 3.0,
    ]  # fmt: skip


def test_no_table_at_all_makes_a_file_without_records(labs, tmp_path):
    with stream_xpt(without_records(labs), tmp_path / "lb.xpt", created=CREATED):
        pass
    assert read_xpt(tmp_path / "lb.xpt").table.num_rows == 0


def test_all_that_cannot_be_held_is_told_at_the_end_and_there_is_no_file(labs, tmp_path):
    odd = pa.table({"LBTEST": ["Hemoglobin", "µ"], "LBSTRESN": [1e76, 1.0]})
    with (
        pytest.raises(OutputError) as caught,
        stream_xpt(without_records(labs), tmp_path / "lb.xpt", created=CREATED) as file,
    ):
        file.add(labs.table)
        file.add(odd)
        file.add(odd)
    assert [(one.code, one.variable, one.found) for one in caught.value.diagnostics] == [
        ("XPT007", "LBTEST", ("record 6: 'Hemoglobin'",)),
        ("XPT008", "LBTEST", ("record 7: 'µ'",)),
        ("XPT010", "LBSTRESN", ("record 6: 1e+76",)),
    ]
    assert [one.records for one in caught.value.diagnostics] == [2, 2, 2]
    assert list(tmp_path.iterdir()) == []


def test_a_description_that_cannot_be_held_is_told_with_the_values(dataset_of, text, tmp_path):
    about = dataset_of((text("lbtest", 8), []))
    with (
        pytest.raises(OutputError) as caught,
        stream_xpt(about, tmp_path / "lb.xpt", created=CREATED) as file,
    ):
        file.add(pa.table({"lbtest": ["Hemoglobin"]}))
    assert [one.code for one in caught.value.diagnostics] == ["XPT002", "XPT007"]


def test_an_error_of_the_caller_leaves_what_was_there(labs, tmp_path):
    path = tmp_path / "lb.xpt"
    path.write_bytes(b"before")
    with (
        pytest.raises(KeyError),
        stream_xpt(without_records(labs), path, created=CREATED) as file,
    ):
        file.add(labs.table)
        raise KeyError
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_other_columns_are_a_mistake_of_the_program(labs, tmp_path):
    with (
        pytest.raises(ValueError, match="LB: columns"),
        stream_xpt(without_records(labs), tmp_path / "lb.xpt", created=CREATED) as file,
    ):
        file.add(labs.table.select(["LBSTRESN", "LBTEST"]))


def test_an_encoding_that_cannot_be_used_is_refused(labs, tmp_path):
    with (
        pytest.raises(OutputError) as caught,
        stream_xpt(labs, tmp_path / "lb.xpt", created=CREATED, encoding="utf-16"),
    ):
        pass
    assert [one.code for one in caught.value.diagnostics] == ["XPT017"]
