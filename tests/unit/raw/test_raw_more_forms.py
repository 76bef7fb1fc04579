"""Old workbooks, Dataset-JSON, and transport files with several datasets or of version 8."""

import datetime as dt

import pyarrow as pa
import pytest
import xlwt

from cdisc.dataset import Dataset, Variable
from cdisc.errors import RawDataError
from cdisc.raw import RawFormSource, read_raw
from cdisc.transport import write_file, write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  files of datasets know no time zone
LABS = Dataset(
    "LB",
    "",
    "",
    "",
    (),
    (
        Variable("TEST", "Test", "text", 8),
        Variable("RESULT", "Result", "number", 8),
        Variable("DAY", "Day", "date", 8, "DATE9."),
    ),
    pa.table({
        "TEST": ["ALT", None],
        "RESULT": [5.5, None],
        "DAY": pa.array([None, dt.date(2024, 2, 29)], pa.date32()),
    }),
)  # fmt: skip


def read(folder, file, **options):
    (form,) = read_raw({"f": RawFormSource(file, **options)}, folder).forms
    return form


def refused(folder, file, **options):
    with pytest.raises(RawDataError) as caught:
        read(folder, file, **options)
    return [(one.code, one.fact) for one in caught.value.diagnostics]


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".dsjc"])
def test_dataset_json_is_a_form_of_texts(tmp_path, suffix):
    write_file(LABS, tmp_path / f"lb{suffix}", created=CREATED)
    form = read(tmp_path, f"lb{suffix}", missing=("ALT",))
    assert form.table.to_pydict() == {
        "TEST": [None, None], "RESULT": ["5.5", None], "DAY": [None, "2024-02-29"],
    }  # fmt: skip
    assert form.rows.to_pylist() == [1, 2]


def test_dataset_json_that_is_none_is_refused(tmp_path):
    (tmp_path / "lb.json").write_text("{", encoding="utf-8")
    ((code, fact),) = refused(tmp_path, "lb.json")
    assert code == "DSJ001"
    assert fact.startswith('"lb.json" cannot be read: ')


@pytest.fixture
def library(tmp_path):
    contents = []
    for name in ("AE", "LB"):
        one = Dataset(name, "", "", "", (), LABS.variables, LABS.table)
        write_xpt(one, tmp_path / "one.xpt", created=CREATED)
        contents.append((tmp_path / "one.xpt").read_bytes())
    (tmp_path / "all.xpt").write_bytes(contents[0] + contents[1][240:])
    return tmp_path


def test_a_dataset_of_a_transport_file_with_several_is_chosen(library):
    assert read(library, "all.xpt", member="LB").table["TEST"].to_pylist() == ["ALT", None]


def test_a_dataset_that_is_not_chosen_or_not_there_is_refused(library):
    assert refused(library, "all.xpt") == [
        ("XPT037", '"all.xpt" cannot be read: holds 2 datasets, and none is chosen')
    ]
    assert refused(library, "all.xpt", member="EX") == [
        ("XPT037", '"all.xpt" cannot be read: has no dataset "EX"')
    ]
    assert refused(library, "x.csv", member="EX")[0][0] == "RAW018"


def test_a_transport_file_of_version_8_is_a_form(tmp_path):
    write_xpt(LABS, tmp_path / "lb.xpt", created=CREATED, version=8)
    assert read(tmp_path, "lb.xpt").table["RESULT"].to_pylist() == ["5.5", None]


@pytest.fixture
def old_workbook(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Lab")
    day, two = xlwt.easyxf(num_format_str="yyyy-mm-dd"), xlwt.easyxf(num_format_str="0.00")
    for column, name in enumerate(("TEST", "RESULT", "DAY", "DONE")):
        sheet.write(0, column, name)
    sheet.write(1, 0, "ALT")
    sheet.write(1, 1, 5.1, two)
    sheet.write(1, 2, dt.date(2024, 2, 29), day)
    sheet.write(1, 3, True)  # noqa: FBT003  a value
    sheet.write(3, 0, "_x0041_é")
    sheet.write(3, 1, 1000000)
    sheet.row(3).hidden = True
    book.add_sheet("Empty")
    book.save(str(tmp_path / "lab.xls"))
    return tmp_path


def test_a_sheet_of_an_old_workbook_is_read_as_it_is_shown(old_workbook):
    form = read(old_workbook, "lab.xls", sheet="Lab")
    assert form.table.to_pydict() == {
        "TEST": ["ALT", "_x0041_é"],
        "RESULT": ["5.10", "1000000"],
        "DAY": ["2024-02-29", None],
        "DONE": ["TRUE", None],
    }
    assert form.rows.to_pylist() == [2, 4]
    assert [(one.code, one.found) for one in form.notes] == [
        ("RAW023", ("1 hidden row with values: 4",))
    ]


def test_an_old_workbook_says_what_is_wrong(old_workbook):
    assert [code for code, _ in refused(old_workbook, "lab.xls")] == ["RAW022"]
    assert [code for code, _ in refused(old_workbook, "lab.xls", sheet="Empty")] == ["RAW021"]
    content = (old_workbook / "lab.xls").read_bytes()
    (old_workbook / "cut.xls").write_bytes(content[:700])
    assert [code for code, _ in refused(old_workbook, "cut.xls")] == ["RAW021"]
