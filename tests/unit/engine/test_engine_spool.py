"""A table on disk answers as a table in memory does."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cdisc.engine.spool import Spool

PARTS = [
    pa.table({"A": ["x", None], "N": [1, 2]}),
    pa.table({"A": ["y"], "N": [3]}),
    pa.table({"A": pa.array([], pa.string()), "N": pa.array([], pa.int64())}),
    pa.table({"A": ["z", "x"], "N": [4, 5]}),
]
WHOLE = pa.concat_tables(PARTS)


@pytest.fixture
def table(tmp_path):
    with Spool(tmp_path) as spool:
        for one in PARTS:
            spool.add("T", one)
    return spool.table("T")


def test_columns_and_rows_are_those_that_were_written(table):
    assert (table.column_names, table.num_columns, table.num_rows) == (["A", "N"], 2, 5)
    assert table.schema == WHOLE.schema
    assert table.whole() == WHOLE
    assert table.column("A") == WHOLE.column("A")
    assert table["N"] == table.column(1) == WHOLE.column("N")
    assert list(table.columns) == list(table.itercolumns()) == WHOLE.columns


def test_columns_may_be_left_out_and_come_in_another_order(table):
    assert table.showing(["N"]).column_names == ["N"]
    assert table.select(["N", "A"]) == WHOLE.select(["N", "A"])
    assert table.showing(["N"]).all_columns().whole() == WHOLE
    with pytest.raises(KeyError):
        table.showing(["N"]).column("A")


@pytest.mark.parametrize(("offset", "length"), [(0, 0), (0, 2), (1, 3), (4, None), (2, 99), (9, 1)])
def test_slices_are_those_of_the_whole(table, offset, length):
    assert table.slice(offset, length) == WHOLE.slice(offset, length)


def test_batches_together_are_the_whole(table):
    assert pa.Table.from_batches(table.to_batches(1)) == WHOLE
    assert max(one.num_rows for one in table.to_batches(1)) == 1


def test_chosen_rows_are_read_column_by_column(table):
    mask = pc.equal(WHOLE.column("A"), "x")
    chosen = table.filter(mask)
    assert chosen.num_rows == 2
    assert chosen.column("N").to_pylist() == chosen["N"].to_pylist() == [1, 5]


def test_a_table_that_was_removed_can_be_written_again(tmp_path):
    with Spool(tmp_path) as spool:
        spool.add("T", PARTS[0])
        spool.remove("T")
        assert spool.table("T") is None
        spool.add("T", PARTS[1])
    assert spool.table("T").whole() == PARTS[1]
