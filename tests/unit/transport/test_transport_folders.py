"""Folders in another form, parts of large datasets, one length for the texts of a study."""

import dataclasses
import datetime as dt

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from cdisc.cli.application import app
from cdisc.dataset import Dataset, Variable
from cdisc.errors import CdiscError, OutputError, RawDataError
from cdisc.transport import (
    Form,
    convert_folder,
    read_file,
    read_xpt,
    split_dataset,
    with_one_length,
    write_file,
    write_xpt,
)
from cdisc.transport.split import size_of

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  files of datasets know no time zone


def made(name, subjects, length=20, **more):
    count = len(subjects)
    variables = (
        Variable("USUBJID", "Subject", "text", length),
        Variable("AVAL", "Value", "number", 8),
    )
    table = pa.table({"USUBJID": subjects, "AVAL": pa.array(range(count), pa.float64())})
    return Dataset(name, "", "", "", ("USUBJID",), variables, table, **more)


@pytest.fixture
def study(tmp_path):
    """A folder with a transport file, one in a folder within, and one of two datasets."""
    home = tmp_path / "in"
    (home / "within").mkdir(parents=True)
    write_xpt(made("AE", ["01", "02"]), home / "ae.xpt", created=CREATED)
    write_xpt(made("LB", ["0001"], 30), home / "within" / "lb.xpt", created=CREATED)
    one, two = (home / f"{name}.xpt" for name in ("one", "two"))
    write_xpt(made("DM", ["01"]), one, created=CREATED)
    write_xpt(made("EX", ["01"]), two, created=CREATED)
    (home / "both.xpt").write_bytes(one.read_bytes() + two.read_bytes()[240:])
    one.unlink()
    two.unlink()
    return home


def facts(caught):
    return [(one.code, one.fact) for one in caught.value.diagnostics]


@pytest.mark.parametrize("suffix", [".json", ".parquet", ".csv", ".xpt"])
def test_every_dataset_of_a_folder_is_written_and_folders_within_stay(study, tmp_path, suffix):
    written = convert_folder(study, tmp_path / "out", suffix, created=CREATED)
    names = ["ae", "dm", "ex", "within/lb"]
    assert [one.as_posix() for one in written] == [f"{name}{suffix}" for name in names]
    there = (tmp_path / "out").rglob("*.*")
    assert sorted(one.relative_to(tmp_path / "out") for one in there) == sorted(written)
    if suffix != ".csv":
        assert read_file(tmp_path / "out" / f"ex{suffix}")[0].name == "EX"


def test_the_datasets_of_one_transport_file_become_files(study, tmp_path):
    written = convert_folder(study / "both.xpt", tmp_path / "out", ".ndjson", created=CREATED)
    assert [one.as_posix() for one in written] == ["dm.ndjson", "ex.ndjson"]


def test_one_bad_file_and_there_is_no_new_folder_and_all_are_named(study, tmp_path):
    (study / "bad.json").write_text("{", encoding="utf-8")
    (study / "worse.xpt").write_bytes(b"x")
    with pytest.raises(RawDataError) as caught:
        convert_folder(study, tmp_path / "out", ".xpt", created=CREATED)
    assert [one.code for one in caught.value.diagnostics] == ["DSJ001", "XPT031"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in"]


def test_a_place_that_is_taken_is_refused(study, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        convert_folder(study, tmp_path / "out", ".xpt", created=CREATED)
    assert facts(caught) == [("FILE012", '"out" is there already')]


def test_two_files_of_one_name_are_refused(study, tmp_path):
    write_file(made("AE", ["01"]), study / "ae.json", created=CREATED)
    with pytest.raises(CdiscError) as caught:
        convert_folder(study, tmp_path / "out", ".xpt", created=CREATED)
    assert facts(caught) == [("FILE006", 'two datasets would be "ae.xpt"')]


def test_an_unknown_form_is_refused(study, tmp_path):
    with pytest.raises(OutputError) as caught:
        convert_folder(study, tmp_path / "out", ".doc", created=CREATED)
    assert facts(caught) == [("FILE001", '".doc" is no kind of file that is known here')]


def test_texts_of_one_name_get_one_length_measured_over_all_files(study, tmp_path):
    convert_folder(study, tmp_path / "out", ".xpt", created=CREATED, form=Form(one_length=True))
    lengths = [
        read_xpt(path).variables[0].length for path in sorted((tmp_path / "out").rglob("*.xpt"))
    ]
    assert lengths == [4, 4, 4, 4]


def test_one_length_is_that_of_the_longest_variable_or_of_the_longest_value():
    datasets = [made("AE", ["é"], 12), made("LB", [None], 30)]
    assert [one.variables[0].length for one in with_one_length(datasets)] == [30, 30]
    for encoding, length in (("utf-8", 2), ("latin-1", 1)):
        found = with_one_length(datasets, encoding=encoding)
        assert [one.variables[0].length for one in found] == [length, length]
        assert [one.variables[1].length for one in found] == [8, 8]


def test_parts_are_cut_between_subjects_and_hold_the_whole(tmp_path):
    subjects = [f"{at:03d}" for at in (1, 1, 1, 2, 3, 3, 4, 5, 5, 5, 5, 5)]
    whole = made("LB", subjects, 12, sources=pa.array(range(12)),
                 special_missing={"AVAL": pa.array([None] * 12, pa.string())})  # fmt: skip
    largest = size_of(whole, 4)
    parts = split_dataset(whole, largest=largest)
    assert [one.name for one in parts] == ["LB1", "LB2", "LB3", "LB4"]
    assert [one.table["USUBJID"].to_pylist() for one in parts] == [
        ["001", "001", "001", "002"], ["003", "003", "004"], ["005"] * 4, ["005"],
    ]  # fmt: skip
    assert {one.domain for one in parts} == {"LB"}
    assert pa.concat_tables([one.table for one in parts]).combine_chunks() == whole.table
    assert [one.sources.to_pylist()[0] for one in parts] == [0, 4, 7, 11]
    for one in parts:
        write_xpt(one, tmp_path / "part.xpt", created=CREATED)
        assert (tmp_path / "part.xpt").stat().st_size == size_of(one, one.table.num_rows)
        assert (tmp_path / "part.xpt").stat().st_size <= largest


def test_a_dataset_that_fits_stays_whole():
    whole = made("LB", ["001"] * 4)
    assert split_dataset(whole, largest=size_of(whole, 4)) == (whole,)
    assert split_dataset(whole) == (whole,)


def test_a_dataset_without_subjects_is_cut_anywhere():
    variables = (Variable("TSVAL", "", "text", 80),)
    whole = Dataset("TS", "", "", "", (), variables, pa.table({"TSVAL": list("abcde")}))
    parts = split_dataset(whole, largest=size_of(whole, 2))
    assert [one.table["TSVAL"].to_pylist() for one in parts] == [["a", "b"], ["c", "d"], ["e"]]


def test_what_cannot_be_cut_is_refused():
    whole = made("LB", ["001"] * 4, 200)
    with pytest.raises(OutputError) as caught:
        split_dataset(whole, largest=size_of(whole, 1) - 1)
    assert [one.code for one in caught.value.diagnostics] == ["FILE010"]
    named = dataclasses.replace(whole, name="SUPPLONG")
    with pytest.raises(OutputError) as caught:
        split_dataset(named, largest=size_of(whole, 1))
    assert facts(caught) == [("FILE011", '"SUPPLONG4" is too long for the name of a dataset')]


def test_the_command_writes_parts_beside_the_whole(tmp_path):
    (tmp_path / "in").mkdir()
    whole = made("LB", [f"{at:05d}" for at in range(40_000)], 20)
    write_file(whole, tmp_path / "in" / "lb.parquet", created=CREATED)
    done = CliRunner().invoke(
        app,
        ["convert-file", str(tmp_path / "in"), str(tmp_path / "out"), "--to", "xpt", "--split", "1",
         "--created", "2026-01-01T00:00:00"],
    )  # fmt: skip
    assert (done.exit_code, done.stdout.split()) == (
        0,
        ["lb.xpt", "split/lb1.xpt", "split/lb2.xpt"],
    )
    part = read_xpt(tmp_path / "out" / "split" / "lb2.xpt")
    assert (part.name, part.table["USUBJID"][-1].as_py()) == ("LB2", "39999")


def test_the_command_writes_version_8(study, tmp_path):
    done = CliRunner().invoke(
        app,
        ["convert-file", str(study / "ae.xpt"), str(tmp_path / "ae.xpt"), "--xpt-version", "8"],
    )
    assert done.exit_code == 0, done.output
    assert b"LIBV8" in (tmp_path / "ae.xpt").read_bytes()[:80]
