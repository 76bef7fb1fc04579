import dataclasses

import pyarrow as pa
import pytest

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.standard import VariableStandard
from cdisc.validate.codes import ADAM, SDTM
from cdisc.validate.conventions import load_conventions
from cdisc.validate.facts import Facts


def _kind(values):
    return "number" if any(isinstance(value, int | float) for value in values) else "text"


def _variable(name, values, kind):
    longest = max((len(value.encode()) for value in values if isinstance(value, str)), default=1)
    return Variable(name, name.title(), kind, longest if kind == "text" else 8)


@pytest.fixture
def make_dataset():
    """Make a dataset of columns; kinds follow the values unless they are stated."""

    def make(name, columns, *, keys=(), kinds=None, variables=None, **rest):
        kinds = {name: (kinds or {}).get(name, _kind(values)) for name, values in columns.items()}
        table = pa.table(
            {name: pa.array(values, ARROW_TYPES[kinds[name]]) for name, values in columns.items()}
        )
        given = variables or {}
        made = (
            dataclasses.replace(_variable(one, columns[one], kinds[one]), **given.get(one, {}))
            for one in columns
        )
        return Dataset(
            name,
            name.title(),
            rest.pop("class_name", "EVENTS"),
            "One record per record",
            keys,
            tuple(made),
            table,
            **rest,
        )

    return make


@pytest.fixture
def make_facts(make_dataset):
    """Make the input of a check; `standard` maps names to what the standard says."""

    def make(name, columns, *, kind="sdtm", standard=None, rest=None, **dataset):
        made = make_dataset(name, columns, **dataset)
        known = {
            one: VariableStandard(
                one,
                said.get("label", one.title()),
                said.get("type", "Char"),
                **{key: value for key, value in said.items() if key not in {"label", "type"}},
            )
            for one, said in (standard or {}).items()
        }
        return Facts(
            made,
            load_conventions(kind),
            SDTM if kind == "sdtm" else ADAM,
            prefix=name[:2] if kind == "sdtm" else None,
            standard=known,
            closed=kind == "sdtm",
            **(rest or {}),
        )

    return make
