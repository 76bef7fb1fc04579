"""Every rule keeps quiet on its good example and speaks on its bad one."""

from pathlib import Path

import pyarrow as pa
import pytest

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.engine.database import Database
from cdisc.errors import SpecError
from cdisc.standard import load_adam, load_sdtm
from cdisc.validate.rules import (
    Finding,
    compile_rules,
    load_rules,
    read_rules,
    run_predicates,
)
from cdisc.validate.rules.presence import check_presence, load_presence

_SDTM, _ADAM = load_sdtm("3.4"), load_adam("1.3")
_SUFFIX = {"DTM": "datetime", "DT": "date", "TM": "time"}
RULES = (*load_rules("sdtm"), *load_rules("adam"))
PRESENCE = (*load_presence("sdtm"), *load_presence("adam"))


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
    kinds |= {  # days that are counted, not dates
        one: "number" for one in names if kinds[one] == "date" and records[0][one].isdigit()
    }
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
    codes = [rule.code for rule in (*RULES, *PRESENCE)]
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("rule", PRESENCE, ids=lambda rule: rule.code)
def test_a_rule_of_the_package_holds_on_its_good_example_and_finds_its_bad_one(rule):
    good, bad = (
        [make(rule.stage, name, records) for name, records in example.items()]
        for example in (rule.good, rule.bad)
    )
    assert check_presence([rule], good, guide=_SDTM) == ()
    found = check_presence([rule], bad, guide=_SDTM)
    assert [(one.code, one.message) for one in found] == [
        (rule.code, rule.message.replace("{variable}", found[0].variable))
    ]


def test_there_are_as_many_rules_as_the_page_says():
    page = (Path(__file__).parents[3] / "docs" / "validation.md").read_text(encoding="utf-8")
    assert f"{len(RULES)} rules about records, and {len(PRESENCE)} about the package" in page


def test_a_rule_that_says_what_no_rule_has_is_refused_with_its_line(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("stage: sdtm\nrules:\n  - id: X-1\n    serious: error\n", encoding="utf-8")

    with pytest.raises(SpecError) as caught:
        read_rules(path)

    assert [(one.span.line, one.fact) for one in caught.value.diagnostics] == [
        (3, '"None" is no severity of a rule: reject, error, warning, notice'),
        (3, 'a rule has no "serious"'),
        (3, 'the rule lacks "bad"'),
        (3, 'the rule lacks "check"'),
        (3, 'the rule lacks "good"'),
        (3, 'the rule lacks "message"'),
        (3, 'the rule lacks "severity"'),
        (3, 'the rule lacks "source"'),
    ]


def test_what_is_found_says_how_many_which_and_where(database):
    rule = next(one for one in RULES if one.code == "AE-03")
    records = [
        {"USUBJID": "A", "AESEQ": str(number), "AEOUT": "FATAL", "AESDTH": value}
        for number, value in enumerate(("Y", "N", "N", "U"), 1)
    ]
    datasets = [make("sdtm", "AE", [*records, {"USUBJID": "B", "AEOUT": "FATAL"}])]

    found = run_predicates(compile_rules([rule], datasets), datasets, database=database)

    assert found == (
        Finding(
            code="AE-03",
            severity="error",
            message="the outcome is fatal and AESDTH is not Y",
            dataset="AE",
            variable="AEOUT",
            records=4,
            subjects=2,
            first=(2, 3, 4, 5),
            keys=('USUBJID "A"', "AESEQ 2"),
            values=(
                'AEOUT "FATAL", AESDTH "N": 2 records',
                'AEOUT "FATAL", AESDTH "U": 1 record',
                'AEOUT "FATAL", AESDTH missing: 1 record',
            ),
            expected="AEOUT <> 'FATAL' or AESDTH = 'Y'",
            source=rule.source,
        ),
    )


def test_a_subject_that_is_twice_in_the_subject_dataset_multiplies_no_record(database):
    rules = [one for one in RULES if one.code in {"DM-01", "CL-24"}]
    lb = {"USUBJID": "A", "LBTESTCD": "ALT", "LBLOBXFL": "Y", "LBDTC": "2026-01-03"}
    dm = {"USUBJID": "A", "RFXSTDTC": "2026-01-02"}
    datasets = [make("sdtm", "LB", [lb]), make("sdtm", "DM", [dm, dm])]

    found = run_predicates(compile_rules(rules, datasets), datasets, database=database)

    assert [(one.code, one.records) for one in found] == [("CL-24", 1), ("DM-01", 2)]
