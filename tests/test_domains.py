"""A few awkward raw records a dataset of a delivered mapping, and what they must become.

``domains/<STUDYID>/<DATASET>/raw/*.csv`` hold forms with the fields that matter; other
fields and other forms are empty. ``expected.csv`` holds the variables that are looked at,
in key order; ``expected-supp.csv`` the supplemental qualifiers; ``expected-SV.csv`` what
becomes of the same records in another dataset, here SV.
"""

import csv
import dataclasses
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from cdisc.dataset import RawForm, RawStudy
from cdisc.engine.resolve import resolve
from cdisc.engine.run import run
from cdisc.spec import load_study
from tests.study_builder import resolve_with

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
HOME = Path(__file__).parent / "domains"
CASES = sorted(path.parent.relative_to(HOME).as_posix() for path in HOME.glob("*/*/expected.csv"))


def records(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expressions(program):
    """Yield every expression of a study that names fields, with the form that it is about."""
    for plan in program.datasets.values():
        yield from ((plan.name, variable.checked) for variable in plan.variables.values())
        for source in plan.sources:
            yield from ((source.name, one) for one in (source.where, source.keep) if one)
    for form in program.forms.values():
        yield from ((form.name, one) for one in (form.subject, form.where) if one)


def fields_named(program):
    """Return every field that a line of the study names, by form."""
    found = {name: dict.fromkeys(form.block.not_used) for name, form in program.forms.items()}
    for about, checked in expressions(program):
        for ref, target in checked.refs():
            form = about if target.kind == "field" else target.qualifier
            if form in found and target.kind in ("row", "form", "field"):
                found[form][ref.name] = None
    for plan in program.datasets.values():
        for source in plan.sources:
            tests = source.melt.tests.__pydantic_extra__ if source.melt else {}
            found.get(source.name, {}).update(dict.fromkeys(cells[0] for cells in tests.values()))
    return found


@cache
def study_of(name):
    """Return the mapping files of a study, and the fields that they name, by form."""
    loaded = load_study(ROOT / "mappings" / name)
    return loaded, fields_named(resolve(loaded))


def collected(named, folder):
    """Return the forms of a case as a study."""
    forms = []
    for name, fields in named.items():
        path = folder / f"{name}.csv"
        rows = records(path) if path.exists() else []
        names = list(dict.fromkeys([*(rows[0] if rows else ()), *fields]))
        columns = {
            one: pa.array([row.get(one) or None for row in rows], pa.string()) for one in names
        }
        numbers = pa.array(range(2, len(rows) + 2), pa.int64())
        forms.append(RawForm(name, path.name, pa.table(columns), numbers))
    return RawStudy(tuple(forms))


def shown(value):
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def only(program, names):
    """Return a program of the datasets that others are made from, and of these others."""
    kept = names & set(program.datasets)
    while True:
        plans = [plan for plan in program.datasets.values() if plan.name in kept]
        lines = (one for plan in plans for one in plan.variables.values())
        needs = {*(one for plan in plans for one in plan.rows_needs)}
        needs |= {need for one in lines for need in one.needs}
        wider = kept | {name for name, _variable in needs}
        if wider == kept:
            break
        kept = wider
    datasets = {name: plan for name, plan in program.datasets.items() if name in kept}
    steps = tuple(one for one in program.steps if one.dataset in kept)
    return dataclasses.replace(program, datasets=datasets, steps=steps)


@pytest.mark.parametrize("case", CASES)
def test_awkward_records_become_what_the_standard_says(case):
    study, dataset = case.split("/")
    loaded, named = study_of(study)
    raw = collected(named, HOME / case / "raw")
    program = resolve_with(loaded, raw)
    names = {"expected": dataset, "expected-supp": f"SUPP{dataset}"}
    asked = {
        path: names.get(path.stem, path.stem.removeprefix("expected-"))
        for path in sorted((HOME / case).glob("expected*.csv"))
    }
    program = only(program, {dataset, *asked.values()})

    tables = run(program, raw).tables

    for path, name in asked.items():
        expected = records(path)
        found = [
            {variable: shown(row[variable]) for variable in expected[0]}
            for row in tables[name].to_pylist()
        ]
        assert found == expected, name
