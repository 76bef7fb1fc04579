"""Single defects planted at random into the demonstration package are reported.

Each defect is planted alone into one dataset, which is then judged by every check and every
rule, beside the other datasets. It counts as reported if a finding is there that was not,
or that says something else than before.
"""

import dataclasses
import random
from functools import cache

import pyarrow as pa
import pytest

from cdisc.engine.database import Database
from cdisc.review.description import described_study
from cdisc.review.judgement import _read
from cdisc.review.standards import standards_of
from cdisc.validate import validate_study
from cdisc.validate.findings import from_diagnostic
from cdisc.validate.rules import compile_rules, load_rules, run_predicates
from cdisc.validate.rules.presence import check_presence, load_presence

REFERENCE = ("DM", "SE", "SV", "TA", "TE", "TV", "TI", "EX", "ADSL")
SHARE = 0.95


class Judge:
    """Judges one dataset beside the others of its package."""

    def __init__(self, package, database):
        folders, refused = _read(package, "ascii", lambda _said: None)
        assert refused == ()
        read = [(standards_of(folder, None), folder) for folder in folders]
        read.sort(key=lambda one: one[0].analysis)
        self.standards = [one for one, _folder in read]
        self.studies = [described_study(folder, one) for one, folder in read]
        self.database = database
        self.baseline = cache(lambda at, name: self.found(at, self.studies[at].dataset(name)))

    def found(self, at, dataset):
        study, standards = self.studies[at], self.standards[at]
        stage = "adam" if standards.analysis else "sdtm"
        parent = dataset.name.removeprefix("SUPP")
        related = dataset.name == "RELREC"
        beside = [
            one
            for one in study.datasets
            if one.name != dataset.name and (one.name in (*REFERENCE, parent) or related)
        ]
        previous = self.studies[0] if standards.analysis else None
        few = dataclasses.replace(study, datasets=(dataset, *beside))
        checked = validate_study(
            few, standard=standards.guide, terminology=standards.releases, previous=previous
        )
        others = previous.datasets if previous else ()
        rules = compile_rules(load_rules(stage), [dataset], (*beside, *others))
        world = [dataset, *beside, *(one for one in others)]
        found = {from_diagnostic(one) for one in checked if one.dataset == dataset.name}
        found |= set(run_predicates(rules, _first(world), database=self.database))
        return found | set(check_presence(load_presence(stage), [*few.datasets], others))


def _first(datasets):
    return list({one.name: one for one in reversed(datasets)}.values())


# ---- defects: each takes a dataset and a random generator, and returns another or None ----


def _with(dataset, name, change, at):
    values = dataset.table.column(name).to_pylist()
    new = change(values[at])
    if new == values[at]:
        return None
    values[at] = new
    index = dataset.table.column_names.index(name)
    column = pa.array(values, dataset.table.schema.field(name).type)
    return dataclasses.replace(dataset, table=dataset.table.set_column(index, name, column))


def _pick(dataset, rng, fits):
    """Return a variable of those that fit, and a record that has a value in it."""
    names = [one.name for one in dataset.variables if fits(one)]
    if not names or not dataset.table.num_rows:
        return None
    name = rng.choice(names)
    values = dataset.table.column(name).to_pylist()
    records = [at for at, value in enumerate(values) if value is not None]
    return (name, rng.choice(records)) if records else None


def _changed(fits, change):
    def plant(dataset, rng):
        found = _pick(dataset, rng, fits)
        return found and _with(dataset, found[0], lambda old: change(old, rng), found[1])

    return plant


def _text(*ends):
    return lambda one: one.kind == "text" and one.name.endswith(ends)


def _number(*ends):
    return lambda one: one.kind == "number" and one.name.endswith(ends)


def _identifier(one):
    return one.name in {"STUDYID", "USUBJID", "DOMAIN"} and one.kind == "text"


def _repeated(dataset, rng):
    if not dataset.table.num_rows:
        return None
    at = rng.randrange(dataset.table.num_rows)
    table = pa.concat_tables([dataset.table, dataset.table.slice(at, 1)])
    return dataclasses.replace(dataset, table=table)


def _described(dataset, rng, change):
    at = rng.randrange(len(dataset.variables))
    new = change(dataset.variables[at])
    variables = (*dataset.variables[:at], new, *dataset.variables[at + 1 :])
    table = dataset.table.rename_columns([one.name for one in variables])
    return dataclasses.replace(dataset, variables=variables, table=table)


def _without_required(dataset, rng):
    names = [one.name for one in dataset.variables if one.name in {"STUDYID", "USUBJID", "DOMAIN"}]
    if not names:
        return None
    name = rng.choice(names)
    variables = tuple(one for one in dataset.variables if one.name != name)
    keys = tuple(one for one in dataset.keys if one != name)
    table = dataset.table.drop_columns([name])
    return dataclasses.replace(dataset, variables=variables, table=table, keys=keys)


def _later_start(dataset, rng):
    pairs = [
        (one.name, one.name.replace("STDTC", "ENDTC"))
        for one in dataset.variables
        if one.name.endswith("STDTC") and one.name[:2] == dataset.name[:2]
    ]
    known = [pair for pair in pairs if pair[1] in dataset.table.column_names]
    if not known:
        return None
    start, end = known[0]
    ends = dataset.table.column(end).to_pylist()
    records = [at for at, value in enumerate(ends) if value and len(value) >= 10]
    if not records:
        return None
    return _with(dataset, start, lambda _old: "2099-01-01", rng.choice(records))


DEFECTS = {
    "identifier blanked": _changed(_identifier, lambda _old, _rng: None),
    "identifier of another study": _changed(_identifier, lambda old, _rng: f"{old}X"),
    "term that is none": _changed(
        lambda one: one.codelist is not None and one.kind == "text", lambda old, _rng: f"{old} ZZ"
    ),
    "impossible date": _changed(_text("DTC"), lambda old, _rng: old[:4] + "-13-45"),
    "date in words": _changed(_text("DTC"), lambda _old, _rng: "05JAN2026"),
    "year mistyped": _changed(_text("DTC"), lambda old, _rng: "1" + old[1:]),
    "start after the end": _later_start,
    "study day off by one": _changed(
        _number("STDY", "ENDY", "DY"), lambda old, _rng: old + 1 if old != -1 else old - 1
    ),
    "study day 0": _changed(_number("STDY", "ENDY", "DY"), lambda _old, _rng: 0.0),
    "sequence repeated": _changed(
        lambda one: one.name.endswith("SEQ") and one.kind == "number",
        lambda old, _rng: old + 1 if old == 1 else old - 1,
    ),
    "record repeated": _repeated,
    "result changed": _changed(_number("STRESN"), lambda old, _rng: old * 10 + 1),
    "result without its standard form": _changed(_text("STRESC"), lambda _old, _rng: None),
    "flag of another kind": _changed(_text("FL"), lambda _old, _rng: "X"),
    "visit without its number": _changed(_text("VISIT"), lambda old, _rng: f"{old} B"),
    "visit of another number": _changed(_number("VISITNUM"), lambda old, _rng: old + 0.5),
    "test of another code": _changed(_text("TESTCD", "PARAMCD"), lambda _old, _rng: "1BAD CODE"),
    "pointer to no record": _changed(_text("IDVARVAL"), lambda _old, _rng: "99999"),
    "qualifier without a value": _changed(_text("QVAL", "QLABEL"), lambda _old, _rng: None),
    "label changed": lambda dataset, rng: (
        _described(dataset, rng, lambda one: dataclasses.replace(one, label=f"{one.label} of ours"))
        if dataset.name[:2] != "AD"
        else None
    ),
    "name in lower case": lambda dataset, rng: _described(
        dataset, rng, lambda one: dataclasses.replace(one, name=one.name.lower())
    ),
    "required variable absent": _without_required,
    "text for a missing value": _changed(
        lambda one: one.kind == "text" and one.codelist is None, lambda _old, _rng: "N/A"
    ),
    "base changed": _changed(_number("BASE"), lambda old, _rng: old + 7),
    "change changed": _changed(_number("CHG"), lambda old, _rng: old + 7),
    "copied value changed": _changed(
        lambda one: one.name in {"AGE", "SEX", "RACE", "ARM", "ARMCD", "SITEID", "TRT01P"},
        lambda old, _rng: old + 1 if isinstance(old, float) else f"{old}Q",
    ),
    "parameter of two names": _changed(_text("PARAM"), lambda old, _rng: f"{old} (2)"),
    "time to event changed": _changed(
        lambda one: one.name in {"CNSR", "STARTDT"}, lambda _old, _rng: None
    ),
}


def planted(judge, number, seed):
    """Yield that many defects: what, where, and whether it is reported."""
    rng = random.Random(seed)  # noqa: S311  the same defects each time, no secret
    places = [(at, one) for at, study in enumerate(judge.studies) for one in study.datasets]
    while number:
        kind = rng.choice(list(DEFECTS))
        at, dataset = rng.choice(places)
        defect = DEFECTS[kind](dataset, rng)
        if defect is None:
            continue
        number -= 1
        new = judge.found(at, defect) - judge.baseline(at, dataset.name)
        yield kind, dataset.name, sorted({one.code for one in new})


def missed_of(package, database, number, seed):
    found = list(planted(Judge(package, database), number, seed))
    return found, [f"{name}: {kind}" for kind, name, codes in found if not codes]


def _assert_reported(package, database, number, seed):
    found, missed = missed_of(package, database, number, seed)
    listed = "\n".join(missed)
    assert len(found) == number
    assert len(missed) <= number * (1 - SHARE), f"{len(missed)} of {number} missed:\n{listed}"


@pytest.fixture
def database():
    with Database(threads=2, zone="UTC") as made:
        yield made


@pytest.mark.exhaustive
def test_nearly_all_of_300_single_defects_are_reported(whole_study, database):
    _assert_reported(whole_study.package, database, 300, 1)


@pytest.mark.slow
def test_all_of_a_few_single_defects_are_reported(whole_study, database):
    _assert_reported(whole_study.package, database, 8, 2)
