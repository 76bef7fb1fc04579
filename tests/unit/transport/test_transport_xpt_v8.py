"""Version 8: long names, labels and formats, and what both versions keep that others drop."""

import dataclasses
import datetime as dt

import pyarrow as pa
import pyreadstat
import pytest

from cdisc.dataset import Dataset, Variable
from cdisc.errors import OutputError, RawDataError
from cdisc.transport import check_xpt, read_xpt, stream_xpt, write_xpt

NAME = "A_name_of_thirty_two_bytes_of_it"
LIBRARY = (
    b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!000000000000000000000000000000  "
    b"SAS     SAS     SASLIB  9.4                                     09MAR26:07:05:01"
    b"09MAR26:07:05:01                                                                "
)
MEMBER = (
    b"HEADER RECORD*******MEMBV8  HEADER RECORD!!!!!!!000000000000000001600000000140  "
    b"HEADER RECORD*******DSCPTV8 HEADER RECORD!!!!!!!000000000000000000000000000000  "
    b"SAS     Adverse_Events_of_the_Study     SASDATA 9.4             09MAR26:07:05:01"
    b"09MAR26:07:05:01                Adverse Events                          CORR    "
)
NAMESTR = b"HEADER RECORD*******NAMSTV8 HEADER RECORD!!!!!!!000000000200000000000000000000  "
TERM = (
    b"\x00\x02" b"\x00\x00" b"\x00\x05" b"\x00\x01"
    b"A_name_o" + b" " * 40 + b"$       \x00\x05\x00\x00\x00\x00\x00\x00"
    b"$CHAR   \x00\x05\x00\x00" b"\x00\x00\x00\x00"
    b"A_name_of_thirty_two_bytes_of_it" b"\x00\x29" b"\x00\x01" b"\x00\x05"
) + b"\x00" * 14  # fmt: skip
NUMBER = (
    b"\x00\x01" b"\x00\x00" b"\x00\x08" b"\x00\x02"
    b"n       " + b"Number".ljust(40) + b"LONGFORM\x00\x09\x00\x02\x00\x00\x00\x00"
    b"        \x00\x00\x00\x00" b"\x00\x00\x00\x05"
    + b"n".ljust(32) + b"\x00\x06" b"\x00\x0c" b"\x00\x00" + b"\x00" * 14
)  # fmt: skip
LONG = (
    b"HEADER RECORD*******LABELV9 HEADER RECORD!!!!!!!2                               "
    b"\x00\x01\x00\x20\x00\x29\x00\x03\x00\x07" + NAME.encode("ascii") + b"x" * 41 + b"$5.$CHAR5."
    b"\x00\x02\x00\x01\x00\x06\x00\x0f\x00\x00" b"nNumberLONGFORMATED9.2"
)  # fmt: skip
COUNT = b"HEADER RECORD*******OBSV8   HEADER RECORD!!!!!!!              2                 "
DATA = (
    b"FEVER" b"\x41\x10\x00\x00\x00\x00\x00\x00"
    b"     " b"A\x00\x00\x00\x00\x00\x00\x00"
)  # fmt: skip


def padded(part):
    return part + b" " * (-len(part) % 80)


CONTENT = LIBRARY + MEMBER + NAMESTR + padded(TERM + NUMBER) + padded(LONG) + COUNT + padded(DATA)


@pytest.fixture
def events(dataset_of):
    dataset = dataset_of(
        (Variable(NAME, "x" * 41, "text", 5, "$5.", informat="$CHAR5."), ["FEVER", None]),
        (Variable("n", "Number", "number", 8, "LONGFORMATED9.2"), [1.0, None]),
        name="Adverse_Events_of_the_Study",
    )
    special = {"n": pa.array([None, ".A"])}
    return dataclasses.replace(dataset, special_missing=special, sas_type="CORR")


def as_read(dataset):
    special = {name: ways.to_pylist() for name, ways in dataset.special_missing.items()}
    return dataclasses.replace(dataset, special_missing={}), special


def test_a_file_of_version_8_has_the_bytes_of_its_record_layout(events, created, tmp_path):
    write_xpt(events, tmp_path / "ae.xpt", created=created, version=8)
    assert (tmp_path / "ae.xpt").read_bytes() == CONTENT


def test_a_file_of_version_8_is_read(events, tmp_path):
    (tmp_path / "ae.xpt").write_bytes(CONTENT)
    assert as_read(read_xpt(tmp_path / "ae.xpt")) == as_read(events)


def test_records_that_come_one_by_one_are_counted(events, created, tmp_path):
    with stream_xpt(events, tmp_path / "ae.xpt", created=created, version=8) as file:
        for at in range(2):
            file.add(events.table.slice(at, 1), {"n": events.special_missing["n"].slice(at, 1)})
    assert (tmp_path / "ae.xpt").read_bytes() == CONTENT


@pytest.mark.witness
def test_an_outside_reader_reads_version_8_back(events, created, tmp_path):
    write_xpt(events, tmp_path / "ae.xpt", created=created, version=8)
    frame, meta = pyreadstat.read_xport(tmp_path / "ae.xpt")
    assert meta.table_name == "Adverse_Events_of_the_Study"
    assert meta.column_names_to_labels == {NAME: "x" * 41, "n": "Number"}
    assert meta.original_variable_types["n"] == "LONGFORMATED9.2"
    assert frame[NAME].tolist() == ["FEVER", ""]
    assert frame["n"].fillna(-1).tolist() == [1.0, -1]


@pytest.mark.witness
def test_version_8_of_another_writer_is_read(tmp_path):
    frame = pytest.importorskip("pandas").DataFrame({"Long_name_of_A": ["x", ""], "N": [1.5, None]})
    path = tmp_path / "other.xpt"
    pyreadstat.write_xport(
        frame, path, file_format_version=8, table_name="A_LONG_NAME", column_labels=["Q" * 80, "b"]
    )
    dataset = read_xpt(path)
    assert [(one.name, one.label) for one in dataset.variables] == [
        ("Long_name_of_A", "Q" * 80), ("N", "b"),
    ]  # fmt: skip
    assert (dataset.name, dataset.table.to_pydict()) == (
        "A_LONG_NAME", {"Long_name_of_A": ["x", None], "N": [1.5, None]},
    )  # fmt: skip


def test_what_version_8_holds_version_5_does_not(events):
    assert [(one.code, one.variable) for one in check_xpt(events)] == [
        ("XPT001", None), ("XPT002", NAME), ("XPT005", NAME), ("XPT002", "n"), ("XPT012", "n"),
    ]  # fmt: skip
    assert check_xpt(events, version=8) == ()


def test_version_8_has_limits_too(dataset_of, text, number):
    dataset = dataset_of(
        (text("A" * 33, 32768, "x" * 257, f"${'F' * 32}5."), []),
        (number("N"), []),
        (number("n"), []),
        name="A b",
    )
    assert [one.code for one in check_xpt(dataset, version=8)] == [
        "XPT001", "XPT003", "XPT002", "XPT005", "XPT006", "XPT012",
    ]  # fmt: skip


def test_every_blank_record_of_version_8_is_kept(dataset_of, text, created, tmp_path):
    dataset = dataset_of((text("A", 3), [None, "x", None, None, None]))
    write_xpt(dataset, tmp_path / "ae.xpt", created=created, version=8)
    assert read_xpt(tmp_path / "ae.xpt").table["A"].to_pylist() == [None, "x", None, None, None]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (b"!              2 ", b"!              9 ",
         ("XPT032", "the file ends within its 9 records")),
        (b"!              2 ", b"!     2147483648 ",
         ("XPT032", "the file ends within its 2,147,483,648 records")),
        (b"!              2 ", b"!             -2 ",
         ("XPT033", "no observation header at byte 1,200")),
        (b"!              2 ", b"!              0 ", ("XPT033", "no member header at byte 1,280")),
        (b"LABELV9 HEADER RECORD!!!!!!!2", b"LABELV9 HEADER RECORD!!!!!!!x",
         ("XPT034", "a section of long labels without a number of entries")),
        (b"LABELV9 HEADER RECORD!!!!!!!2", b"LABELV9 HEADER RECORD!!!!!!!99999999",
         ("XPT034", "a section of long labels that is cut off")),
        (b"\x00\x02\x00\x01\x00\x06\x00\x0f", b"\x00\x03\x00\x01\x00\x06\x00\x0f",
         ("XPT034", "a section of long labels of variable 3, which there is not")),
        (b"\x00\x02\x00\x01\x00\x06\x00\x0f", b"\x00\x02\x00\x01\xff\xff\x00\x0f",
         ("XPT034", "a section of long labels that is cut off")),
        (b"LONGFORMATED9.2", b"LONG.ORMATED9.2",
         ("XPT034", 'a section of long labels with the format "LONG.ORMATED9.2", which cannot be')),
        (b"xxxxxxxx", b"xxxx\xffxxx", ("XPT035", "a long label or format is not in ascii")),
        (b"0000000002000000", b"0000999999000000",
         ("XPT032", "the file ends within its 999,999 variables")),
    ],
)  # fmt: skip
def test_a_damaged_file_of_version_8_is_refused(tmp_path, old, new, finding):
    assert old in CONTENT
    (tmp_path / "ae.xpt").write_bytes(CONTENT.replace(old, new.ljust(len(old)), 1)[: len(CONTENT)])
    with pytest.raises(RawDataError) as caught:
        read_xpt(tmp_path / "ae.xpt")
    assert [(one.code, one.fact) for one in caught.value.diagnostics] == [finding]


@pytest.mark.parametrize("version", [5, 8])
def test_special_missing_values_informats_and_type_go_both_ways(
    dataset_of, text, created, tmp_path, version
):
    ways = [None, "._", *(f".{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), None]
    dataset = dataset_of(
        (text("T", 3), ["x"] * 29),
        (Variable("N", "", "number", 8, informat="COMMA10.2"), [1.0, *[None] * 28]),
        (Variable("D", "", "date", 8, "DATE9.", informat="DATE9."), [None] * 28 + [dt.date.max]),
    )
    dataset = dataclasses.replace(
        dataset,
        special_missing={"N": pa.array(ways), "D": pa.chunked_array([[".Z"], [None] * 28])},
        sas_type="EST",
    )
    write_xpt(dataset, tmp_path / "ae.xpt", created=created, version=version)
    assert as_read(read_xpt(tmp_path / "ae.xpt")) == as_read(dataset)


def test_special_missing_values_that_cannot_be_are_named(
    dataset_of, text, number, created, tmp_path
):
    dataset = dataset_of((text("T", 3), ["x", None]), (number("N"), [1.0, None]))
    dataset = dataclasses.replace(
        dataset,
        special_missing={"T": pa.array([None, ".A"]), "N": pa.array([".B", ".a"])},
        sas_type="a type",
    )
    with pytest.raises(OutputError) as caught:
        write_xpt(dataset, tmp_path / "ae.xpt", created=created)
    assert [(one.code, one.variable, one.found) for one in caught.value.diagnostics] == [
        ("XPT021", "T", ("record 2: '.A'",)),
        ("XPT021", "N", ("record 1: '.B'", "record 2: '.a'")),
        ("XPT023", None, ()),
    ]


def test_special_missing_values_of_other_records_are_a_mistake_of_the_program(dataset_of, number):
    dataset = dataset_of((number("N"), [1.0]))
    with pytest.raises(ValueError, match="special missing values of N"):
        dataclasses.replace(dataset, special_missing={"N": pa.array([".A", None])})
    with pytest.raises(ValueError, match="special missing values of M"):
        dataclasses.replace(dataset, special_missing={"M": pa.array([".A"])})


@pytest.mark.parametrize(
    ("informat", "kind"), [("$5.", "number"), ("DATE9.", "text"), ("DATE", "date")]
)
def test_an_informat_that_cannot_be_is_an_error(dataset_of, informat, kind):
    dataset: Dataset = dataset_of((Variable("N", "", kind, 8, informat=informat), []))
    assert [one.code for one in check_xpt(dataset) if one.severity == "error"] == ["XPT012"]
