import datetime as dt

import pyarrow as pa
import pytest

from cdisc.dataset import ARROW_TYPES, Dataset, Variable


@pytest.fixture
def created():
    return dt.datetime(2026, 3, 9, 7, 5, 1)  # noqa: DTZ001  transport files know no time zone


@pytest.fixture
def dataset_of():
    """Build a dataset from (variable, values) pairs; numbers and dates have length 8."""

    def build(*columns, name="AE", label="Adverse Events"):
        variables = tuple(variable for variable, _ in columns)
        arrays = [
            values
            if isinstance(values, (pa.Array, pa.ChunkedArray))
            else pa.array(values, ARROW_TYPES[variable.kind])
            for variable, values in columns
        ]
        names = [variable.name for variable in variables]
        table = pa.Table.from_arrays(arrays, names=names)
        return Dataset(name, label, "", "", (), variables, table)

    return build


@pytest.fixture
def text():
    def build(name="AETERM", length=8, label="Term", sas_format=None):
        return Variable(name, label, "text", length, sas_format)

    return build


@pytest.fixture
def number():
    def build(name="AESEQ", label="Sequence Number", sas_format=None, kind="number", length=8):
        return Variable(name, label, kind, length, sas_format)

    return build
