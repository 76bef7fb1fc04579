import pytest

from cdisc.standard import load_terminology
from cdisc.validate.designs import check_designs
from cdisc.validate.terminology import check_codes

PUBLISHED = load_terminology("sdtm", "2025-03-28")


@pytest.fixture
def design(make_dataset):
    """The trial design of a study: an arm, an element, a visit and a criterion."""
    return (
        make_dataset("TA", {"ARMCD": ["A", "A"], "ARM": ["Drug A"] * 2, "ETCD": ["SCRN", "TRT"]}),
        make_dataset("TE", {"ETCD": ["SCRN", "TRT"], "ELEMENT": ["Screening", None]}),
        make_dataset("TV", {"VISITNUM": [1, 2.5], "VISIT": ["SCREENING", "WEEK 2"]}),
        make_dataset("TI", {"IETESTCD": ["IN01"], "IETEST": ["Adult"]}),
    )


def found(facts, datasets):
    return [(one.code, one.variable, one.found) for one in check_designs(facts, datasets)]


def test_planned_and_actual_arms_are_those_of_the_trial_arms(make_facts, design):
    columns = {
        "ARMCD": ["A", "B", None, "a"],
        "ARM": ["Drug A", "Drug B", None, "Drug A"],
        "ACTARMCD": ["A", None, None, "A"],
        "ACTARM": ["Drug B", None, "Drug C", None],
    }
    assert found(make_facts("DM", columns), design) == [
        ("SDTM041", "ARMCD", ('"B": record 2', '"a": record 4')),
        ("SDTM042", "ACTARM", ('"A", "Drug B": record 1',)),
    ]


def test_an_unplanned_element_is_not_in_the_trial_design(make_facts, design):
    columns = {"ETCD": ["SCRN", "UNPLAN", "EXTRA"], "ELEMENT": ["Screen", None, "Extra"]}
    assert found(make_facts("SE", columns), design) == [
        ("SDTM041", "ETCD", ('"EXTRA": record 3',)),
        ("SDTM042", "ELEMENT", ('"SCRN", "Screen": record 1',)),
    ]


def test_an_element_without_a_text_in_the_design_may_have_any(make_facts, design):
    facts = make_facts("SE", {"ETCD": ["TRT"], "ELEMENT": ["Treatment"]})
    assert found(facts, design) == []


def test_a_planned_visit_has_its_name_and_an_unplanned_one_any(make_facts, design):
    columns = {"VISITNUM": [1, 1.1, 2.5, None], "VISIT": ["SCREENING", "X", "WEEK TWO", "Y"]}
    assert found(make_facts("VS", columns), design) == [
        ("SDTM042", "VISIT", ('2.5, "WEEK TWO": record 3',)),
    ]


def test_a_criterion_is_one_of_the_trial(make_facts, design):
    facts = make_facts("IE", {"IETESTCD": ["IN01", "IN02"], "IETEST": ["Adults", "Fit"]})
    assert found(facts, design) == [
        ("SDTM041", "IETESTCD", ('"IN02": record 2',)),
        ("SDTM042", "IETEST", ('"IN01", "Adults": record 1',)),
    ]


def test_without_a_trial_design_nothing_is_held_against_it(make_facts, design):
    facts = make_facts("DM", {"ARMCD": ["Z"], "ARM": ["Nothing"]})
    assert found(facts, ()) == []
    assert found(make_facts("TA", {"ARMCD": ["Z"], "ARM": ["Nothing"]}), design) == []


def test_the_code_beside_a_value_is_that_of_its_term(make_facts):
    facts = make_facts(
        "TS",
        {
            "TSPARMCD": ["TBLIND", "TBLIND", "SEXPOP", "TITLE", "RANDOM"],
            "TSVAL": ["DOUBLE BLIND", "DOUBLE BLIND", "BOTH", "A study", "Y"],
            "TSVALCD": ["C15228", "C1", None, "C2", "C3"],
            "TSVCDREF": ["CDISC CT", "CDISC", "CDISC CT", "CDISC", "SNOMED"],
        },
    )
    assert [(one.code, one.variable, one.found) for one in check_codes(facts, PUBLISHED)] == [
        ("CT008", "TSVALCD", ('"DOUBLE BLIND", "C1": record 2',)),
    ]
