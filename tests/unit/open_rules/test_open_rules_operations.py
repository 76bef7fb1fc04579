"""Operations, joins, scopes and kinds of rules: what they give, worked out by hand."""

import pytest

from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.run import run

from .test_open_rules_operators import rule, study_of

DM = {"USUBJID": ["S1", "S2"], "DOMAIN": ["DM", "DM"], "RFSTDTC": ["2026-01-05", "2026-01"]}
AE = {
    "USUBJID": ["S1", "S1", "S2"],
    "DOMAIN": ["AE", "AE", "AE"],
    "AESEQ": ["1", "2", "1"],
    "AETERM": ["B", "A", "B"],
    "AESTDTC": ["2026-01-05", "2026-01-04", "2026-01-03"],
}


def shown(one, study, name):
    """What a rule that holds for every record of AE shows of a variable."""
    found = [each for each in run(one, study, Library(study)) if each.dataset == "AE"]
    return [dict(each.values)[name] for each in found]


def given(*operations, **datasets):
    """What the last of some operations gives; those before it are $1, $2 and so on."""
    check = {"all": [{"name": "AETERM", "operator": "exists"}]}
    outputs = {"Message": "Found.", "Output Variables": ["$x"]}
    *before, last = operations
    named = [{"id": f"${number}", **each} for number, each in enumerate(before, 1)]
    one = rule(check, Operations=[*named, {"id": "$x", **last}], Outcome=outputs)
    return shown(one, study_of(**(datasets or {"DM": DM, "AE": AE})), "$x")


OPERATIONS = {
    "the values of a variable, each once": (
        {"operator": "distinct", "name": "AETERM", "domain": "AE"},
        [["A", "B"]] * 3,
    ),
    "the values of each subject": (
        {"operator": "distinct", "name": "AETERM", "domain": "AE", "group": ["USUBJID"]},
        [["A", "B"], ["A", "B"], ["B"]],
    ),
    "how many records": ({"operator": "record_count"}, [3, 3, 3]),
    "how many records of a kind": (
        {"operator": "record_count", "filter": {"AETERM": "B"}, "group": ["USUBJID"]},
        [1, 1, 1],
    ),
    "the last date": (
        {"operator": "max_date", "name": "AESTDTC", "domain": "AE", "group": ["USUBJID"]},
        ["2026-01-05", "2026-01-05", "2026-01-03"],
    ),
    "the first date": (
        {"operator": "min_date", "name": "AESTDTC", "domain": "AE"},
        ["2026-01-03"] * 3,
    ),
    "the largest number": ({"operator": "max", "name": "AESEQ"}, [2.0, 2.0, 2.0]),
    "the study day; none from a partial start": (
        {"operator": "dy", "name": "AESTDTC"},
        [1, -1, None],
    ),
    "the name of the dataset": (
        {"operator": "extract_metadata", "name": "dataset_name"},
        ["AE"] * 3,
    ),
    "whether a variable is there": ({"operator": "variable_exists", "name": "AEOUT"}, [False] * 3),
    "in how many datasets a variable is": (
        {"operator": "variable_count", "name": "USUBJID"},
        [2, 2, 2],
    ),
    "the names of the datasets": ({"operator": "dataset_names"}, [["AE", "DM"]] * 3),
    "the label that the guide gives": ({"operator": "domain_label"}, ["Adverse Events"] * 3),
    "whether the guide knows the domain": ({"operator": "domain_is_custom"}, [False] * 3),
    "whether a codelist takes more terms": (
        {"operator": "codelist_extensible", "codelist": "NY"},
        [False] * 3,
    ),
    "the terms of a codelist": (
        {
            "operator": "codelist_terms",
            "codelists": ["SEX"],
            "level": "term",
            "returntype": "value",
        },
        [["F", "INTERSEX", "M", "U"]] * 3,
    ),
}


NAMES = {"operator": "get_column_order_from_dataset"}
TERMS = {"operator": "distinct", "name": "AETERM", "group": ["USUBJID"]}
BY_TABLE = [
    {"AETERM": "A", "AESEQ": 2, "output": "two"},
    {"AETERM": "B", "AESEQ": "1", "output": "one"},
]


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        (({"operator": "variable_is_null", "name": "AESEQ"},), [False] * 3),
        (({"operator": "variable_is_null", "name": "AEOUT"},), [True] * 3),
        (({"operator": "map", "map": BY_TABLE},), ["one", "two", "one"]),
        (({"operator": "map", "map": [*BY_TABLE[:1]]},), [None, "two", None]),
        (({"operator": "map", "map": [{"output": "always"}]},), ["always"] * 3),
        ((NAMES, {"operator": "minus", "name": "$1"}), [list(AE)] * 3),
        ((NAMES, NAMES, {"operator": "minus", "name": "$1", "subtract": "$2"}), [[]] * 3),
        (
            # of each subject's terms, those that the first subject has and the others do not
            (
                TERMS,
                {"operator": "distinct", "name": "AETERM", "filter": {"AESEQ": "2"}},
                {"operator": "minus", "name": "$1", "subtract": "$2", "order_insensitive": True},
            ),
            [["B"], ["B"], ["B"]],
        ),
    ],
)
def test_an_operation_is_computed_from_others_and_from_the_record(operations, expected):
    assert given(*operations) == expected


def test_the_guide_is_asked_for_all_its_domains_and_variables():
    library = Library(study_of(DM=DM, AE=AE))
    assert given({"operator": "standard_domains"})[0] == sorted(library.domains)
    variables = given({"operator": "variable_names"})[0]
    assert {"AETERM", "LBTESTCD", "RFSTDTC"} <= set(variables)
    assert variables == sorted(set(variables))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_gives_each_record(name):
    operation, expected = OPERATIONS[name]
    assert given(operation) == expected


def test_records_are_joined_by_their_keys_and_names_in_common_are_qualified():
    check = {"all": [{"name": "DM.DOMAIN", "operator": "equal_to", "value": "DM"}]}
    one = rule(
        check,
        **{
            "Match Datasets": [{"Name": "DM", "Keys": ["USUBJID"]}],
            "Outcome": {"Message": "", "Output Variables": ["RFSTDTC"]},
        },
    )
    found = shown(one, study_of(DM=DM, AE=AE), "RFSTDTC")
    assert found == ["2026-01-05", "2026-01-05", "2026-01"]


def test_a_value_that_points_at_no_record_of_its_parent_is_found():
    supp = {
        "RDOMAIN": ["AE", "AE", "AE"],
        "USUBJID": ["S1", "S2", "S2"],
        "IDVAR": ["AESEQ", "AESEQ", "AESEQ"],
        "IDVARVAL": ["2", "1", "2"],
    }
    keys = ["USUBJID", "IDVAR", "IDVARVAL"]
    test = {"name": "IDVARVAL", "operator": "not_equal_to", "value": "IDVAR"}
    one = rule(
        {"all": [{**test, "value_is_reference": True, "type_insensitive": True}]},
        **{"Match Datasets": [{"Name": "SUPP--", "Keys": keys, "Child": True}]},
    )
    study = study_of(AE=AE, SUPPAE=supp)
    found = [(each.dataset, each.record) for each in run(one, study, Library(study))]
    assert found == [("SUPPAE", 3)]


def test_related_records_are_joined_as_relrec_says():
    fa = {"USUBJID": ["S1", "S1"], "DOMAIN": ["FA", "FA"], "FASEQ": ["1", "2"], "FAOBJ": ["B", "X"]}
    relrec = {
        "RDOMAIN": ["AE", "FA"],
        "USUBJID": ["S1", "S1"],
        "IDVAR": ["AESEQ", "FASEQ"],
        "IDVARVAL": ["2", "2"],
        "RELID": ["R1", "R1"],
    }
    test = {"name": "FAOBJ", "operator": "not_equal_to", "value": "RELREC.**TERM"}
    outputs = {"Message": "", "Output Variables": ["FAOBJ", "RELREC.**TERM"]}
    one = rule({"all": [test]}, **{"Match Datasets": [{"Name": "RELREC"}], "Outcome": outputs})
    study = study_of(AE=AE, FA=fa, RELREC=relrec)
    found = [(each.dataset, each.values) for each in run(one, study, Library(study))]
    assert found == [("FA", (("FAOBJ", "X"), ("RELREC.**TERM", "A")))]


def test_a_dataset_is_one_finding_and_a_group_is_one():
    test = {"all": [{"name": "AETERM", "operator": "non_empty"}]}
    study = study_of(AE=AE)

    def records(**more):
        one = rule(test, **more)
        return [each.record for each in run(one, study, Library(study)) if each.dataset == "AE"]

    assert records() == [1, 2, 3]
    assert records(Sensitivity="Dataset") == [None]
    assert records(Sensitivity="Group", Grouping_Variables=["USUBJID"]) == [1, 3]


SCOPES = {
    "a domain": ({"Domains": {"Include": ["AE"]}}, ["AE"]),
    "all but a domain": ({"Domains": {"Exclude": ["AE"]}}, ["DM", "SUPPAE"]),
    "qualifiers": ({"Domains": {"Include": ["SUPP--"]}}, ["SUPPAE"]),
    "a class": ({"Classes": {"Include": ["EVENTS"]}}, ["AE"]),
    "another class": ({"Classes": {"Include": ["SPECIAL PURPOSE"]}}, ["DM"]),
}


@pytest.mark.parametrize("name", SCOPES)
def test_a_rule_is_for_the_datasets_of_its_scope(name):
    scope, expected = SCOPES[name]
    supp = {"USUBJID": ["S1"], "RDOMAIN": ["AE"]}
    study = study_of(DM=DM, AE=AE, SUPPAE=supp)
    one = rule({"all": [{"name": "USUBJID", "operator": "exists"}]}, Scope=scope)
    found = {each.dataset for each in run(one, study, Library(study))}
    assert sorted(found) == expected


def test_what_is_said_of_variables_can_be_checked():
    one = rule(
        {"all": [{"name": "variable_name", "operator": "longer_than", "value": 6}]},
        **{"Rule Type": "Variable Metadata Check"},
    )
    study = study_of(DM=DM)
    found = [(each.record, each.values) for each in run(one, study, Library(study))]
    assert found == [(1, (("variable_name", "USUBJID"),)), (3, (("variable_name", "RFSTDTC"),))]


def test_the_datasets_of_a_study_can_be_asked_for():
    one = rule(
        {"all": [{"name": "SE", "operator": "not_exists"}]},
        **{"Rule Type": "Domain Presence Check", "Sensitivity": "Dataset"},
    )
    study = study_of(DM=DM)
    found = [(each.dataset, each.values) for each in run(one, study, Library(study))]
    assert found == [("STUDY", (("SE", "Not in dataset"),))]
