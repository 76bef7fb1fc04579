"""A statement that fails is a mistake of the engine: it shows itself and what it was for."""

import dataclasses

import duckdb
import pyarrow as pa
import pytest

from cdisc.engine import run as engine_run
from cdisc.engine.database import Database, working_on
from tests.study_builder import build, evaluation, write_study

DM = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables: {SUBJID: dm.SUBJ}\n"


def test_a_failing_statement_is_shown_with_what_it_was_for():
    with (
        Database() as database,
        pytest.raises(duckdb.BinderException) as caught,
        working_on("dataset XX"),
    ):
        database.run("SELECT nothing")

    assert caught.value.__notes__ == [
        "statement:\nSELECT nothing",
        "while working on dataset XX",
    ]


@pytest.mark.parametrize("ask", [Database.fetch, Database.rows], ids=["fetch", "rows"])
def test_a_failing_query_is_shown(ask):
    with Database() as database, pytest.raises(duckdb.Error) as caught:
        ask(database, "SELECT nothing")

    assert caught.value.__notes__ == ["statement:\nSELECT nothing"]


def test_a_table_is_forgotten_after_use_also_when_a_statement_fails():
    table = pa.table({"one": [1]})
    with Database() as database:
        with pytest.raises(duckdb.Error), database.registered("_given", table):
            assert database.rows("SELECT one FROM _given") == [(1,)]
            database.run("SELECT nothing FROM _given")

        with pytest.raises(duckdb.CatalogException):
            database.rows("SELECT one FROM _given")


def test_a_run_names_the_dataset_whose_statement_fails(tmp_path, monkeypatch):
    folder = write_study(tmp_path, {"sdtm/dm": DM}, {"dm": "SUBJ\n1\n"})
    made = engine_run.statements

    def broken(program):
        return (dataclasses.replace(one, sql="SELECT nothing") for one in made(program))

    monkeypatch.setattr(engine_run, "statements", broken)

    with pytest.raises(duckdb.Error) as caught:
        build(folder)

    assert caught.value.__notes__ == ["statement:\nSELECT nothing", "while working on dataset DM"]


@pytest.mark.parametrize("age", ["30", ""])
def test_no_data_make_a_statement_fail_whose_constants_are_compared(tmp_path, age):
    lines = {
        "AETERM": "yn(any f where (when f.AGE is not missing then 'KNOWN') = 'OPEN')",
        "AELLT": "when not ((when AESEQ > 5 then 'LATE') = 'LATE') then 'EARLY'",
    }
    table = build(evaluation(tmp_path, [{"AGE": age}], lines)).tables["AE"]
    assert table.column("AETERM").to_pylist() == ["N"]
    assert table.column("AELLT").to_pylist() == ["EARLY"]
