"""Rules run together find what each of them finds alone, in as few passes as there can be."""

import pyarrow as pa
import pytest

from cdisc.validate.open_rules import passes
from cdisc.validate.open_rules.bulk import run_all
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import rule_of
from cdisc.validate.open_rules.run import run
from cdisc.validate.open_rules.study import Study, Variable

AE = {
    "STUDYID": ["S1"] * 6,
    "DOMAIN": ["AE"] * 6,
    "USUBJID": ["A", "A", "A", "B", "B", "C"],
    "AESEQ": ["1", "2", "2", "1", "2", "1"],
    "AETERM": ["RASH", " RASH", "", "PAIN", "PAIN", "."],
    "AEDECOD": ["Rash", "Rash", "Rash", "Pain", "Ache", ""],
    "AESTDTC": ["2026-01-05", "2026-01-05", "2026-02-30", "2026-01", "2026-01-09", ""],
    "AEENDTC": ["2026-01-04", "2026-01-06", "2026-03-01", "2026-01", "2026-01-01", "2026"],
}
LATER = {"name": "AESTDTC", "operator": "date_greater_than", "value": "AEENDTC"}
CHECKS = {
    "empty": [{"name": "--TERM", "operator": "empty"}],
    "dates": [LATER],
    "dates of one": [{"name": "AESTDTC", "operator": "is_incomplete_date"}],
    "either": [{"any": [LATER, {"name": "AEXX", "operator": "empty"}]}],
    "not": [{"not": LATER}, {"name": "AETERM", "operator": "non_empty"}],
    "keys": [{"name": "AESEQ", "operator": "is_not_unique_set", "value": ["USUBJID"]}],
    "pairs": [{"name": "AETERM", "operator": "is_not_unique_relationship", "value": "AEDECOD"}],
    "groups": [{"name": "AEDECOD", "operator": "is_inconsistent_across_dataset",
                "value": ["USUBJID", "STUDYID"]}],
    "absent": [{"name": "AEXX", "operator": "empty"}],
    "nothing": [{"name": "AETERM", "operator": "exists"}, {"name": "AEXX", "operator": "exists"}],
}  # fmt: skip
VALUES = [
    {"name": "variable_data_type", "operator": "equal_to", "value": "Char"},
    {"name": "variable_value", "operator": "equal_to", "value": ".", "value_is_literal": True},
]


def rule(name, check, **more):
    data = {
        "Core": {"Id": name},
        "Rule Type": "Record Data",
        "Sensitivity": "Record",
        "Scope": {"Domains": {"Include": ["ALL"]}, "Classes": {"Include": ["ALL"]}},
        "Outcome": {"Message": "Found."},
        "Check": {"all": check},
    }
    return rule_of({**data, **more})


RULES = [
    *(rule(name, check) for name, check in CHECKS.items()),
    rule("values", VALUES, **{"Rule Type": "Value Check with Variable Metadata"}),
    rule("dataset", CHECKS["empty"], Sensitivity="Dataset"),
]


@pytest.fixture
def study():
    study = Study("SDTMIG", "3.4")
    variables = [Variable(one, "", "Num" if one == "AESEQ" else "Char", 20) for one in AE]
    study.add(
        "AE", pa.table({one: pa.array(each, pa.string()) for one, each in AE.items()}), variables
    )
    yield study
    study.close()


@pytest.mark.parametrize("many", [0, 20_000], ids=["each combination once", "record by record"])
def test_run_together_rules_find_what_each_finds_alone(study, monkeypatch, many):
    monkeypatch.setattr(passes, "_MANY", many)

    together = run_all(RULES, study, Library(study))

    alone = {
        one.id: records
        for one in RULES
        if (records := [found.record for found in run(one, study, Library(study))])
    }
    assert together.ran == [one.id for one in RULES]
    assert {one.rule.id: one.first for one in together.hits} == {
        name: tuple(sorted({one for one in records if one}))[:5] for name, records in alone.items()
    }
    assert alone["dates"] == [1, 5]
    assert alone["keys"] == [2, 3]
    assert {"absent", "nothing"}.isdisjoint(alone)


def test_a_record_of_a_split_dataset_has_the_name_and_the_number_of_its_part():
    study = Study("SDTMIG", "3.4")
    for name, terms in {"QSCG": ["a", ""], "QSPH": ["", "b", ""]}.items():
        held = {"DOMAIN": ["QS"] * len(terms), "QSTEST": terms}
        variables = [Variable(one, "", "Char", 20) for one in held]
        table = pa.table({one: pa.array(each, pa.string()) for one, each in held.items()})
        study.add(name, table, variables)
    one = rule("empty", [{"name": "QSTEST", "operator": "empty"}])

    together = run_all([one], study, Library(study))
    alone = [(found.dataset, found.record) for found in run(one, study, Library(study))]
    study.close()

    assert [(hit.dataset, hit.first, hit.records) for hit in together.hits] == [
        ("QSCG", (2,), 1),
        ("QSPH", (1, 3), 2),
    ]
    assert alone == [("QSCG", 2), ("QSPH", 1), ("QSPH", 3)]


def test_rules_of_one_dataset_share_a_pass(study, monkeypatch):
    asked = []
    rows = study.database.rows
    monkeypatch.setattr(study.database, "rows", lambda sql: asked.append(sql) or rows(sql))
    many = [rule(f"R{at}", [{"name": "AETERM", "operator": "equal_to", "value": f"x{at}"}])
            for at in range(45)]  # fmt: skip

    run_all(many, study, Library(study))

    assert len(asked) == 2
