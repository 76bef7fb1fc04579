import dataclasses
import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdisc.dataset import (
    Codelist,
    Comparison,
    Dataset,
    Dictionary,
    Method,
    Origin,
    Subset,
    Term,
    Variable,
)
from cdisc.errors import CdiscError, OutputError, RawDataError
from cdisc.transport import (
    About,
    convert_file,
    files_of,
    read_dataset_json,
    read_file,
    read_parquet,
    write_dataset_json,
    write_file,
    write_parquet,
)


@pytest.fixture
def labs():
    terms = Codelist("NY", "No Yes", (Term("Y", "Yes", "C1", extended=True),), "C2", "CT")
    variables = (
        Variable(
            "LBTEST", "Test", "text", 20, role="Topic", core="Req",
            origin=Origin("Collected", "Vendor", ("1", "2")), codelist=terms,
            dictionary=Dictionary("LOINC", "2.7"), comment="c",
            subsets=(Subset((Comparison("A", ("b",), negated=True),), terms, 3),),
        ),
        Variable("LBSTRESN", "Result", "number", 8, "8.2", method=Method("t", "e"),
                 significant_digits=2, standard=False),
        Variable("ADT", "Date", "date", 8, "DATE9."),
        Variable("ADTM", "Datetime", "datetime", 8, "DATETIME20."),
        Variable("ATM", "Time", "time", 8, "TIME8."),
    )  # fmt: skip
    table = pa.table({
        "LBTEST": pa.array(['a "b", c', None, "é"]),
        "LBSTRESN": pa.array([0.1, None, 1e300]),
        "ADT": pa.array([dt.date(2026, 1, 31), None, dt.date(1, 1, 1)], pa.date32()),
        "ADTM": pa.array([dt.datetime(2026, 1, 31, 1, 2, 3), None, None], pa.timestamp("s")),  # noqa: DTZ001  no zone
        "ATM": pa.array([dt.time(1, 2, 3), None, None], pa.time32("s")),
    })  # fmt: skip
    return Dataset(
        "LB", "Labs", "FINDINGS", "One record per test", ("LBTEST",), variables, table, "SUB",
        standard="SDTMIG", reference=True, repeating=False, domain="LB", comment="d",
        qualifiers=variables[:1],
    )  # fmt: skip


def codes(error):
    return [one.code for one in error.value.diagnostics]


def test_parquet_keeps_everything_that_a_dataset_says(labs, tmp_path):
    write_parquet(labs, tmp_path / "lb.parquet")

    assert read_parquet(tmp_path / "lb.parquet") == labs


def test_parquet_of_the_same_dataset_is_the_same_bytes(labs, tmp_path):
    cut = pa.concat_tables([labs.table.slice(0, 1), labs.table.slice(1)])

    write_parquet(labs, tmp_path / "a.parquet")
    write_parquet(dataclasses.replace(labs, table=cut), tmp_path / "b.parquet")

    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_any_program_sees_label_and_format_of_a_parquet_column(labs, tmp_path):
    write_parquet(labs, tmp_path / "lb.parquet")

    field = pq.read_schema(tmp_path / "lb.parquet").field("LBSTRESN")
    assert field.metadata[b"label"] == b"Result"
    assert field.metadata[b"format"] == b"8.2"


def test_parquet_of_another_program_becomes_a_dataset_by_its_types(tmp_path):
    table = pa.table({
        "A": pa.array(["x", ""]).dictionary_encode(),
        "N": pa.array([1, 2**53], pa.int64()),
        "T": pa.array([0, 1000], pa.timestamp("ms")),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "adsl.parquet")

    dataset = read_parquet(tmp_path / "adsl.parquet")

    assert dataset.name == "ADSL"
    assert [(one.name, one.kind, one.length) for one in dataset.variables] == [
        ("A", "text", 1), ("N", "number", 8), ("T", "datetime", 8),
    ]  # fmt: skip
    assert dataset.table.to_pydict() == {
        "A": ["x", None],
        "N": [1.0, 2.0**53],
        "T": [dt.datetime(1970, 1, 1), dt.datetime(1970, 1, 1, 0, 0, 1)],  # noqa: DTZ001  no zone
    }


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**53 + 1]),
        pa.array([1], pa.timestamp("us")),
        pa.array([0], pa.timestamp("s", tz="UTC")),
        pa.array([b"x"]),
        pa.array([True]),
        pa.array([[1]]),
    ],
    ids=str,
)
def test_a_parquet_value_without_an_exact_place_is_refused(values, tmp_path):
    pq.write_table(pa.table({"X": values}), tmp_path / "x.parquet")

    with pytest.raises(RawDataError) as error:
        read_parquet(tmp_path / "x.parquet")

    assert codes(error) == ["FILE004"]


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1", b"hello" * 9])
def test_a_damaged_parquet_file_is_refused(data, tmp_path):
    (tmp_path / "x.parquet").write_bytes(data)

    with pytest.raises(RawDataError) as error:
        read_parquet(tmp_path / "x.parquet")

    assert codes(error) == ["FILE004"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1}', "[" * 9999, '{"variables": [1]}'])
def test_metadata_that_do_not_fit_their_columns_are_refused(text, tmp_path):
    table = pa.table({"X": ["a"]}).replace_schema_metadata({"cdisc.dataset": text})
    pq.write_table(table, tmp_path / "x.parquet")

    with pytest.raises(RawDataError) as error:
        read_parquet(tmp_path / "x.parquet")

    assert codes(error) == ["FILE005"]


def test_csv_has_what_people_read(labs, created, tmp_path):
    write_file(labs, tmp_path / "lb.csv", created=created)

    assert (tmp_path / "lb.csv").read_text(encoding="utf-8") == (
        '"LBTEST","LBSTRESN","ADT","ADTM","ATM"\n'
        '"a ""b"", c",0.1,2026-01-31,"2026-01-31T01:02:03",01:02:03\n'
        ",,,,\n"
        '"é",1e+300,0001-01-01,,\n'
    )


@pytest.mark.parametrize("first", [".xpt", ".json", ".ndjson", ".dsjc", ".parquet"])
@pytest.mark.parametrize("second", [".xpt", ".json", ".ndjson", ".dsjc", ".parquet"])
def test_there_and_back_is_the_same_dataset(
    first, second, text, number, dataset_of, created, tmp_path
):
    dataset = dataset_of(
        (text(length=9), ["a", None, "b"]),
        (number("AVAL", sas_format="8.2"), [0.5, None, 1e10]),
        (number("ADT", kind="date", sas_format="DATE9."), [dt.date(2026, 1, 31), None, None]),
    )
    write_file(dataset, tmp_path / f"a{first}", created=created)

    convert_file(tmp_path / f"a{first}", tmp_path / f"b{second}", created=created)
    convert_file(tmp_path / f"b{second}", tmp_path / f"c{first}", created=created)

    assert read_file(tmp_path / f"c{first}") == (dataset,)
    assert (tmp_path / f"c{first}").read_bytes() == (tmp_path / f"a{first}").read_bytes()


def test_what_a_json_file_says_of_itself_goes_with_it(labs, created, tmp_path):
    about = About(study_oid="S", metadata_ref="define.xml")
    write_dataset_json(labs, tmp_path / "lb.json", created=created, about=about)

    convert_file(tmp_path / "lb.json", tmp_path / "lb.dsjc", created=created)

    assert read_dataset_json(tmp_path / "lb.dsjc").about == about


@pytest.mark.parametrize(
    ("source", "target", "error", "code"),
    [
        ("a.sas7bdat", "b.json", RawDataError, "FILE001"),
        ("a.csv", "b.json", RawDataError, "FILE001"),
        ("a.json", "b.txt", OutputError, "FILE001"),
        ("a.json", "b.json", RawDataError, "FILE002"),
        ("a.parquet", "b.json", RawDataError, "FILE002"),
    ],
)
def test_a_file_that_cannot_be_converted_is_said(source, target, error, code, created, tmp_path):
    with pytest.raises(CdiscError) as raised:
        convert_file(tmp_path / source, tmp_path / target, created=created)

    assert (type(raised.value), codes(raised)) == (error, [code])


@pytest.mark.parametrize("suffix", [".json", ".parquet", ".csv"])
def test_a_file_that_cannot_be_written_is_said(labs, suffix, created, tmp_path):
    with pytest.raises(OutputError) as error:
        write_file(labs, tmp_path / "no" / f"a{suffix}", created=created)

    assert codes(error) == ["FILE003"]


def test_a_transport_file_with_two_datasets_is_not_converted(text, dataset_of, created, tmp_path):
    for name in ("AE", "CM"):
        dataset = dataset_of((text(length=80), ["a"]), name=name)
        write_file(dataset, tmp_path / f"{name}.xpt", created=created)
    first, second = ((tmp_path / f"{name}.xpt").read_bytes() for name in ("AE", "CM"))
    (tmp_path / "both.xpt").write_bytes(first + second[240:])

    with pytest.raises(RawDataError) as error:
        convert_file(tmp_path / "both.xpt", tmp_path / "x.json", created=created)

    assert codes(error) == ["FILE007"]


def test_a_folder_has_its_files_in_order(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/x.json", "a.XPT", "c.csv", "d.parquet"):
        (tmp_path / name).touch()

    assert [one.name for one in files_of(tmp_path)] == ["a.XPT", "x.json", "d.parquet"]


def test_a_folder_without_datasets_is_said(tmp_path):
    with pytest.raises(RawDataError) as error:
        files_of(tmp_path)

    assert codes(error) == ["FILE008"]


def test_special_missing_values_go_through_parquet_and_nowhere_where_they_have_no_place(
    dataset_of, number, created, tmp_path
):
    dataset = dataset_of((number("AVAL"), [1.0, None, None]), name="LB")
    dataset = dataclasses.replace(
        dataset, special_missing={"AVAL": pa.array([None, ".A", None])}, sas_type="CORR"
    )
    write_file(dataset, tmp_path / "lb.parquet", created=created)
    again = read_file(tmp_path / "lb.parquet")[0]
    assert again.special_missing["AVAL"].to_pylist() == [None, ".A", None]
    assert (again.sas_type, again.table.to_pydict()) == ("CORR", {"AVAL": [1.0, None, None]})
    for suffix in (".json", ".ndjson", ".dsjc", ".csv"):
        with pytest.raises(OutputError) as caught:
            write_file(dataset, tmp_path / f"lb{suffix}", created=created)
        assert [(one.code, one.variable, one.found) for one in caught.value.diagnostics] == [
            ("FILE009", "AVAL", (".A",))
        ]
        assert not (tmp_path / f"lb{suffix}").exists()
