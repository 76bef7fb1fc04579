import datetime as dt
import math

import pyarrow as pa
import pyreadstat
import pytest

from cdisc.dataset import Variable
from cdisc.errors import OutputError
from cdisc.transport import write_xpt

pytestmark = pytest.mark.witness


def read_back(path, encoding=None):
    frame, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True, encoding=encoding)
    return {name: frame[name].tolist() for name in frame.columns}, meta


@pytest.fixture
def subjects(dataset_of):
    return dataset_of(
        (Variable("USUBJID", "Unique Subject Identifier", "text", 11, "$11."),
         ["01-701-1015", "01-701-1023", "01-701-1028", "01-701-1033"]),
        (Variable("ARM", "Arm", "text", 20), [" Placebo", None, "X" * 20, "a b  c"]),
        (Variable("AGE", "Age", "number", 8, "8.2"), [63.0, None, -0.1, 1e-70]),
        (Variable("RFSTDT", "Start", "date", 8, "DATE9."),
         [dt.date(1960, 1, 1), dt.date(1959, 12, 31), None, dt.date(2014, 2, 28)]),
        (Variable("RFSTDTM", "Start", "datetime", 8, "DATETIME20."),
         [dt.datetime(1960, 1, 1), None, dt.datetime(1959, 12, 31, 23, 59, 59),  # noqa: DTZ001
          dt.datetime(2014, 2, 28, 12, 30, 15)]),  # noqa: DTZ001
        (Variable("RFSTTM", "Start", "time", 8, "TIME8."),
         [dt.time(0, 0), dt.time(23, 59, 59), None, dt.time(7, 5, 1)]),
        (Variable("NOTE", "Note", "text", 1), [None] * 4),
        name="DM", label="Demographics",
    )  # fmt: skip


def test_an_outside_reader_reads_every_value_back(subjects, created, tmp_path):
    write_xpt(subjects, tmp_path / "dm.xpt", created=created)
    values, _ = read_back(tmp_path / "dm.xpt")
    assert math.isnan(values["AGE"].pop(1))
    assert math.isnan(values["RFSTDT"].pop(2))
    assert math.isnan(values["RFSTDTM"].pop(1))
    assert math.isnan(values["RFSTTM"].pop(2))
    assert values == {
        "USUBJID": ["01-701-1015", "01-701-1023", "01-701-1028", "01-701-1033"],
        "ARM": [" Placebo", "", "X" * 20, "a b  c"],
        "AGE": [63.0, -0.1, 1e-70],
        "RFSTDT": [0.0, -1.0, 19782.0],  # 54 years, 14 leap days, 58 days
        "RFSTDTM": [0.0, -1.0, 19782 * 86400 + 45015.0],
        "RFSTTM": [0.0, 86399.0, 25501.0],
        "NOTE": ["", "", "", ""],
    }


def test_an_outside_reader_reads_the_metadata_back(subjects, created, tmp_path):
    write_xpt(subjects, tmp_path / "dm.xpt", created=created)
    _, meta = read_back(tmp_path / "dm.xpt")
    assert (meta.table_name, meta.file_label) == ("DM", "Demographics")
    assert meta.creation_time == meta.modification_time == created
    assert meta.column_labels == [one.label for one in subjects.variables]
    assert list(meta.variable_storage_width.values()) == [11, 20, 8, 8, 8, 8, 1]
    assert list(meta.original_variable_types.values()) == [
        "$11", None, "8.2", "DATE9", "DATETIME20", "TIME8", None,
    ]  # fmt: skip


def test_an_outside_reader_reads_text_of_several_bytes(dataset_of, text, created, tmp_path):
    words = ["头痛", "µg/mL", None, "≥ 5 °C", "plain"]
    for encoding, reader in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
        write_xpt(
            dataset_of((text(length=12), words)), tmp_path / "u.xpt", created=created,
            encoding=encoding,
        )  # fmt: skip
        values, _ = read_back(tmp_path / "u.xpt", reader)
        assert values == {"AETERM": ["头痛", "µg/mL", "", "≥ 5 °C", "plain"]}


def test_an_outside_reader_reads_more_records_than_one_chunk(
    dataset_of, text, number, created, tmp_path
):
    count = 100_003
    codes = pa.array([f"V{n % 977}" * (1 + n % 3) for n in range(count)])
    notes = pa.array(["X" * (n % 201) or None for n in range(count)])
    numbers = pa.array([None if n % 7 == 0 else n / 3 for n in range(count)])
    dataset = dataset_of((text("CODE", 12), codes), (number(), numbers), (text("NOTE", 200), notes))
    write_xpt(dataset, tmp_path / "big.xpt", created=created)
    values, _ = read_back(tmp_path / "big.xpt")
    assert values["CODE"] == codes.to_pylist()
    assert values["NOTE"] == notes.fill_null("").to_pylist()
    assert [None if math.isnan(one) else one for one in values["AESEQ"]] == numbers.to_pylist()


def test_two_writes_give_the_same_bytes(subjects, created, tmp_path):
    for name in ("first.xpt", "second.xpt"):
        write_xpt(subjects, tmp_path / name, created=created)
    assert (tmp_path / "first.xpt").read_bytes() == (tmp_path / "second.xpt").read_bytes()


def test_the_chunks_of_the_table_leave_no_trace(dataset_of, text, number, created, tmp_path):
    terms = pa.array(["SKIPPED", "FEVER", None, "RASH", "NAUSEA", "OTHER"])
    steps = pa.array([9.0, 1.0, None, 2.5, 3.0, 4.0])
    whole = dataset_of((text(), terms.slice(1).to_pylist()), (number(), steps.slice(1).to_pylist()))
    parted = dataset_of(
        (text(), pa.chunked_array([terms.slice(1, 2), terms.slice(3, 0), terms.slice(3)])),
        (number(), pa.chunked_array([steps.slice(1, 1), steps.slice(2)])),
    )
    coded = dataset_of((text(), terms.slice(1).dictionary_encode()), (number(), steps.slice(1)))
    for name, dataset in {"whole": whole, "parted": parted, "coded": coded}.items():
        write_xpt(dataset, tmp_path / name, created=created)
    assert (tmp_path / "parted").read_bytes() == (tmp_path / "whole").read_bytes()
    assert (tmp_path / "coded").read_bytes() == (tmp_path / "whole").read_bytes()


def test_bytes_under_a_missing_value_do_not_leave(dataset_of, text, created, tmp_path):
    hidden = pa.StringArray.from_buffers(
        2, pa.py_buffer(b"\0\0\0\0\6\0\0\0\7\0\0\0"), pa.py_buffer(b"SECRETA"),
        pa.py_buffer(b"\2"), 1,
    )  # fmt: skip
    write_xpt(dataset_of((text(), hidden)), tmp_path / "h.xpt", created=created)
    assert (tmp_path / "h.xpt").read_bytes()[-80:] == b" " * 8 + b"A".ljust(72)


def test_a_refused_dataset_leaves_the_previous_file(dataset_of, text, created, tmp_path):
    path = tmp_path / "ae.xpt"
    path.write_bytes(b"before")
    with pytest.raises(OutputError) as caught:
        write_xpt(dataset_of((text(), ["µ"]), (text("LONG"), ["X" * 9])), path, created=created)
    assert [one.code for one in caught.value.diagnostics] == ["XPT007", "XPT008"]
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["ae.xpt"]


def test_a_warning_does_not_stop_the_writing(dataset_of, text, created, tmp_path):
    write_xpt(dataset_of((text(), ["A  "])), tmp_path / "ae.xpt", created=created)
    assert read_back(tmp_path / "ae.xpt")[0] == {"AETERM": ["A"]}


def test_a_folder_that_is_not_there_is_an_output_error(dataset_of, created, tmp_path):
    with pytest.raises(OutputError) as caught:
        write_xpt(dataset_of(), tmp_path / "none" / "ae.xpt", created=created)
    assert [(one.code, one.fact) for one in caught.value.diagnostics] == [
        ("XPT018", 'cannot write "ae.xpt": No such file or directory')
    ]


def test_a_name_that_is_taken_by_a_folder_leaves_nothing_behind(dataset_of, created, tmp_path):
    (tmp_path / "ae.xpt").mkdir()
    with pytest.raises(OutputError) as caught:
        write_xpt(dataset_of(), tmp_path / "ae.xpt", created=created)
    assert [one.code for one in caught.value.diagnostics] == ["XPT018"]
    assert [one.name for one in tmp_path.iterdir()] == ["ae.xpt"]
