import dataclasses
import datetime as dt
import json
import tempfile
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.errors import CdiscError
from cdisc.transport import read_dataset_json, write_dataset_json

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  the time stamp of a file has no zone here
FORMATS = {
    "text": [None, "$20."],
    "number": [None, "8.2", "DATE9."],
    "date": [None, "DATE9.", "E8601DA10."],
    "datetime": [None, "DATETIME20."],
    "time": [None, "TIME8."],
}
names = st.text(min_size=1, max_size=9).filter(lambda one: one.isprintable())
labels = st.text(max_size=12)
hard = st.sampled_from('[]{},:"\\\n\r\t\0é术🩺null 1')


def values_of(kind, *, integer):
    if kind == "text":
        return st.text(hard | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
    if kind == "number" and integer:
        return st.integers(-(2**53), 2**53).map(float)
    return {
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "date": st.dates(),
        "datetime": st.datetimes().map(lambda one: one.replace(microsecond=0)),
        "time": st.times().map(lambda one: one.replace(microsecond=0)),
    }[kind]


@st.composite
def datasets(draw):
    rows = draw(st.integers(0, 6))
    columns = {}
    variables = []
    for name in draw(st.lists(names, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(list(FORMATS)))
        integer = kind == "number" and draw(st.booleans())
        value = st.none() | values_of(kind, integer=integer)
        values = draw(st.lists(value, min_size=rows, max_size=rows))
        columns[name] = pa.array(values, ARROW_TYPES[kind])
        most = max(
            [len(one.encode()) for one in values if one] if kind == "text" else [8], default=1
        )
        length = draw(st.integers(most, most + 9)) if kind == "text" else 8
        shown = draw(st.sampled_from(FORMATS[kind]))
        variables.append(Variable(name, draw(labels), kind, length, shown, integer=integer))
    keys = draw(st.lists(st.sampled_from(list(columns)), unique=True))
    return Dataset(
        draw(names), draw(labels), "", "", tuple(keys), tuple(variables), pa.table(columns)
    )


@settings(max_examples=12)
@given(datasets(), st.sampled_from(["json", "ndjson", "dsjc"]), st.booleans())
def test_what_is_written_is_read_back(dataset, suffix, decimals):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{suffix}"
        write_dataset_json(dataset, path, created=CREATED, decimals=decimals)

        assert read_dataset_json(path).dataset == dataset


@settings(max_examples=12)
@given(datasets(), st.sampled_from([None, 1]), st.booleans())
def test_how_the_json_is_laid_out_says_nothing(dataset, indent, sort):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        write_dataset_json(dataset, path, created=CREATED)
        value = json.loads(path.read_text(encoding="utf-8"))
        if sort:  # the records come before what is needed to read them
            value = {"rows": value.pop("rows"), **value}
        path.write_text(json.dumps(value, indent=indent), encoding="utf-8")

        assert read_dataset_json(path).dataset == dataset


@settings(max_examples=12)
@given(datasets())
def test_the_columns_of_a_file_are_a_round_trip_too(dataset):
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "a.ndjson", Path(folder) / "b.json"
        write_dataset_json(dataset, first, created=CREATED)
        write_dataset_json(read_dataset_json(first).dataset, second, created=CREATED)
        write_dataset_json(read_dataset_json(second).dataset, Path(folder) / "c.ndjson",
                           created=CREATED)  # fmt: skip

        assert (Path(folder) / "c.ndjson").read_bytes() == first.read_bytes()


@cache
def sample(suffix):
    table = pa.table({"A": ["x", 'y"\\é', None], "B": [1.5, None, 2.0]})
    variables = (Variable("A", "a", "text", 9), Variable("B", "b", "number", 8, "8.2"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{suffix}"
        dataset = Dataset("X", "x", "", "", ("A",), variables, table)
        write_dataset_json(dataset, path, created=CREATED)
        return path.read_bytes()


@st.composite
def damaged(draw):
    """A valid file, some bytes of which are others, missing, or there twice."""
    suffix = draw(st.sampled_from(["json", "ndjson", "dsjc"]))
    data = sample(suffix)
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 12)))
    piece = draw(st.binary(max_size=6) | st.sampled_from(
        [b"[", b"]", b",", b'"', b"null", b"1e999", b"NaN", b"-0", b"\\u0000", b"\\ud800", b"\xff",
         b"true", b"{}", b"\n", b"9" * 400, b"[" * 3000]
    ))  # fmt: skip
    return suffix, data[:start] + piece + data[end:]


@settings(max_examples=300)
@given(damaged() | st.tuples(st.sampled_from(["json", "ndjson", "dsjc"]), st.binary(max_size=80)))
@example(("json", b'{"rows":' + b"[" * 100_000))
@example(("ndjson", b"[" * 100_000))
def test_bytes_of_any_kind_give_a_dataset_or_a_named_error(file):
    suffix, data = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{suffix}"
        path.write_bytes(data)
        try:
            read = read_dataset_json(path)
        except CdiscError as error:
            assert {one.code[:3] for one in error.diagnostics} <= {"DSJ"}  # noqa: PT017  or none
        else:
            assert isinstance(read.dataset, Dataset)


@pytest.mark.parametrize("suffix", ["json", "ndjson"])
@settings(max_examples=8)
@given(rows=st.lists(st.tuples(st.text(hard, max_size=30), st.floats(-9, 9)), max_size=12))
def test_where_a_file_is_cut_into_blocks_says_nothing(suffix, rows):
    from cdisc.transport import json_parts, json_source

    texts = pa.array([one for one, _ in rows], pa.string())
    table = pa.table({"A": texts, "B": pa.array([one for _, one in rows], pa.float64())})
    variables = (Variable("A", "", "text", 90), Variable("B", "", "number", 8))
    dataset = Dataset("X", "", "", "", (), variables, table)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / f"x.{suffix}"
        write_dataset_json(dataset, path, created=CREATED)
        whole = read_dataset_json(path).dataset
        for block in (1, 7, 64):
            patch.setattr(json_source, "BLOCK", block)
            patch.setattr(json_parts, "BLOCK", block)

            again = read_dataset_json(path).dataset

            assert dataclasses.replace(again, table=again.table.combine_chunks()) == whole
