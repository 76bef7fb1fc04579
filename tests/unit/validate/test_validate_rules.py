"""Every rule keeps quiet on its good example and speaks on its bad one."""

import pyarrow as pa
import pytest

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.engine.database import Database
from cdisc.standard import load_adam, load_sdtm
from cdisc.validate.rules import compile_rules, load_rules, run_predicates

_SDTM, _ADAM = load_sdtm("3.4"), load_adam("1.3")
_SUFFIX = {"DTM": "datetime", "DT": "date", "TM": "time"}
RULES = (*load_rules("sdtm"), *load_rules("adam"))


def _class(name, stage):
    if stage == "adam" and _SDTM.dataset(name) is None:
        if name == "ADSL":
            return "SUBJECT LEVEL ANALYSIS DATASET"
        if name in {"ADAE", "ADCM"}:
            return "OCCURRENCE DATA STRUCTURE"
        return "BASIC DATA STRUCTURE"
    known = _SDTM.dataset(name)
    return known.class_name if known else "RELATIONSHIP"


def _kind(dataset, name, class_name):
    if dataset.startswith("AD"):
        known = _ADAM.variable(class_name, name) or _ADAM.variable(
            "SUBJECT LEVEL ANALYSIS DATASET", name
        )
        source = name.endswith("SEQ")
        numeric = (known is not None and known.type == "Num") or name.endswith(
            ("N", "DY", "DT", "DTM")
        )
        for suffix, kind in _SUFFIX.items():
            if name.endswith(suffix):
                return kind
        return "number" if source or numeric else "text"
    known = _SDTM.variable(dataset, name, class_name=class_name)
    if known is None and name.endswith(("SEQ", "DY", "STRESN")):
        return "number"
    return "number" if known is not None and known.type == "Num" else "text"


def _value(text, kind):
    if text == "":
        return None
    return float(text) if kind == "number" else text


def make(stage, name, records):
    names = list(dict.fromkeys(name for record in records for name in record))
    class_name = _class(name, stage)
    kinds = {one: _kind(name, one, class_name) for one in names}
    columns = {}
    for one in names:
        values = [_value(record.get(one, ""), kinds[one]) for record in records]
        if kinds[one] in {"date", "datetime", "time"}:
            columns[one] = pa.array(values, pa.string()).cast(ARROW_TYPES[kinds[one]])
        else:
            columns[one] = pa.array(values, ARROW_TYPES[kinds[one]])
    variables = tuple(Variable(one, one, kinds[one], 8) for one in names)
    domain = name[:2] if class_name != "RELATIONSHIP" else name
    return Dataset(
        name, name, class_name, "", (), variables, pa.table(columns), domain=domain,
        subclass="TIME-TO-EVENT" if name == "ADTTE" else None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def database():
    with Database(threads=1, zone="UTC") as made:
        yield made


def judge(rule, example, database):
    datasets = [make(rule.scope.stage, name, records) for name, records in example.items()]
    predicates = compile_rules([rule], datasets)
    return predicates, run_predicates(predicates, datasets, database=database)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_holds_on_its_good_example_and_finds_its_bad_one(rule, database):
    predicates, found = judge(rule, rule.good, database)
    assert predicates, "the rule does not hold on its good example"
    assert [(one.code, one.message) for one in found] == []
    _predicates, found = judge(rule, rule.bad, database)
    assert {one.code for one in found} == {rule.code}


def test_no_two_rules_have_the_same_id():
    codes = [rule.code for rule in RULES]
    assert sorted(codes) == sorted(set(codes))
