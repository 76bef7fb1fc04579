"""Each operator on a handful of records: which of them it holds for, by its documentation."""

import pyarrow as pa
import pytest

from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.operators import known
from cdisc.validate.open_rules.rule import UnknownConstructError, rule_of
from cdisc.validate.open_rules.run import run
from cdisc.validate.open_rules.study import Study, Variable

# Five records: what is missing is missing in the fourth.
RECORDS = {
    "USUBJID": ["S1", "S1", "S1", "S2", "S2"],
    "AESEQ": ["1", "2", "2", "", "5"],
    "AETERM": ["HEADACHE", "Headache", "RASH ", "", "GRADE 3 RASH"],
    "AEDECOD": ["Headache", "Headache", "Rash", "", "Rash"],
    "AESTDTC": ["2026-01-05", "2026-01", "2026-01-05T10:30", "", "2026-02-30"],
    "AEENDTC": ["2026-01-05", "2026-02-01", "2026-01-04", "2026-01-01", ""],
    "AEDUR": ["P1D", "P2W", "PT", "", "-P1D"],
    "AETOX1": ["", "x", "x", "", ""],
    "AETOX": ["", "", "x", "", "x"],
}
NUMBERS = ("AESEQ",)


def study_of(**datasets):
    study = Study("SDTMIG", "3.4")
    for name, records in datasets.items():
        variables = [Variable(one, "", "Num" if one in NUMBERS else "Char", 20) for one in records]
        columns = {one: pa.array(values, pa.string()) for one, values in records.items()}
        study.add(name, pa.table(columns), variables)
    return study


def rule(check, **more):
    return rule_of(
        {
            "Core": {"Id": "OWN-1"},
            "Rule Type": "Record Data",
            "Sensitivity": "Record",
            "Scope": {"Domains": {"Include": ["ALL"]}, "Classes": {"Include": ["ALL"]}},
            "Outcome": {"Message": "Found."},
            "Check": check,
            **more,
        }
    )


def records_of(one, study):
    return [found.record for found in run(one, study, Library(study)) if found.dataset == "AE"]


def held(test):
    study = study_of(AE=RECORDS)
    return records_of(rule({"all": [test]}), study)


# The condition, and the records for which it holds; worked out by hand.
CASES = {
    "equal_to": ({"name": "AEDECOD", "value": "Rash"}, [3, 5]),
    "not_equal_to": ({"name": "AEDECOD", "value": "Rash"}, [1, 2, 4]),
    "equal_to_case_insensitive": ({"name": "AETERM", "value": "AEDECOD"}, [1, 2, 3]),
    "not_equal_to_case_insensitive": ({"name": "AETERM", "value": "AEDECOD"}, [5]),
    "less_than": ({"name": "AESEQ", "value": 2}, [1]),
    "less_than_or_equal_to": ({"name": "AESEQ", "value": 2}, [1, 2, 3]),
    "greater_than": ({"name": "AESEQ", "value": 2}, [5]),
    "greater_than_or_equal_to": ({"name": "AESEQ", "value": 2}, [2, 3, 5]),
    "empty": ({"name": "AETERM"}, [4]),
    "non_empty": ({"name": "AETERM"}, [1, 2, 3, 5]),
    "exists": ({"name": "--TERM"}, [1, 2, 3, 4, 5]),
    "not_exists": ({"name": "--TERM"}, []),
    "matches_regex": ({"name": "AETERM", "value": "[A-Z]{2}"}, [1, 3, 5]),
    "not_matches_regex": ({"name": "AETERM", "value": "[A-Z]{2}"}, [2]),
    "prefix_matches_regex": ({"name": "AETERM", "prefix": 1, "value": "G|R"}, [3, 5]),
    "not_prefix_matches_regex": ({"name": "AETERM", "prefix": 1, "value": "G|R"}, [1, 2]),
    "suffix_matches_regex": ({"name": "AETERM", "suffix": 2, "value": "SH"}, [3, 5]),
    "not_suffix_matches_regex": ({"name": "AETERM", "suffix": 2, "value": "SH"}, [1, 2]),
    "prefix_equal_to": ({"name": "AETERM", "prefix": 4, "value": "RASH"}, [3]),
    "prefix_not_equal_to": ({"name": "AETERM", "prefix": 4, "value": "RASH"}, [1, 2, 4, 5]),
    "suffix_equal_to": ({"name": "AETERM", "suffix": 4, "value": "RASH"}, [3, 5]),
    "suffix_not_equal_to": ({"name": "AETERM", "suffix": 4, "value": "RASH"}, [1, 2, 4]),
    "prefix_is_contained_by": ({"name": "AETERM", "prefix": 1, "value": ["G", "R"]}, [3, 5]),
    "prefix_is_not_contained_by": (
        {"name": "AETERM", "prefix": 1, "value": ["G", "R"]},
        [1, 2, 4],
    ),
    "suffix_is_contained_by": ({"name": "AETERM", "suffix": 2, "value": ["SH", "XX"]}, [3, 5]),
    "suffix_is_not_contained_by": (
        {"name": "AETERM", "suffix": 2, "value": ["SH", "XX"]},
        [1, 2, 4],
    ),
    "equals_string_part": ({"name": "AEDECOD", "value": "AETERM", "regex": "(H.*)"}, [2]),
    "does_not_equal_string_part": (
        {"name": "AEDECOD", "value": "AETERM", "regex": "(H.*)"},
        [1, 3, 4, 5],
    ),
    "starts_with": ({"name": "AETERM", "value": "RA"}, [3]),
    "ends_with": ({"name": "AETERM", "value": "RASH"}, [3, 5]),
    "contains": ({"name": "AETERM", "value": "GRADE"}, [5]),
    "does_not_contain": ({"name": "AETERM", "value": "GRADE"}, [1, 2, 3, 4]),
    "contains_case_insensitive": ({"name": "AETERM", "value": "head"}, [1, 2]),
    "does_not_contain_case_insensitive": ({"name": "AETERM", "value": "head"}, [3, 4, 5]),
    "longer_than": ({"name": "AETERM", "value": 8}, [5]),
    "longer_than_or_equal_to": ({"name": "AETERM", "value": 8}, [1, 2, 5]),
    "shorter_than": ({"name": "AETERM", "value": 8}, [3, 4]),
    "shorter_than_or_equal_to": ({"name": "AETERM", "value": 8}, [1, 2, 3, 4]),
    "has_equal_length": ({"name": "AETERM", "value": "AEDECOD"}, [1, 2, 3, 4]),
    "has_not_equal_length": ({"name": "AETERM", "value": "AEDECOD"}, [5]),
    "split_parts_have_equal_length": ({"name": "AESTDTC", "separator": "T"}, [1, 2, 4, 5]),
    "split_parts_have_unequal_length": ({"name": "AESTDTC", "separator": "T"}, [3]),
    "is_contained_by": ({"name": "AETERM", "value": ["RASH", "HEADACHE"]}, [1, 3]),
    "is_not_contained_by": ({"name": "AETERM", "value": ["RASH", "HEADACHE"]}, [2, 4, 5]),
    "is_contained_by_case_insensitive": ({"name": "AETERM", "value": ["headache"]}, [1, 2]),
    "is_not_contained_by_case_insensitive": (
        {"name": "AETERM", "value": ["headache"]},
        [3, 4, 5],
    ),
    "contains_all": ({"name": "AETERM", "value": ["RASH", "HEADACHE"]}, [1, 2, 3, 4, 5]),
    "not_contains_all": ({"name": "AETERM", "value": ["RASH", "FEVER"]}, [1, 2, 3, 4, 5]),
    "is_unique_set": ({"name": "AESEQ", "value": ["USUBJID"]}, [1, 4, 5]),
    "is_not_unique_set": ({"name": "AESEQ", "value": ["USUBJID"]}, [2, 3]),
    "is_unique_relationship": ({"name": "AESEQ", "value": "AEDECOD"}, [4]),
    "is_not_unique_relationship": ({"name": "AESEQ", "value": "AEDECOD"}, [1, 2, 3, 5]),
    "is_consistent_across_dataset": ({"name": "AEDECOD", "value": "USUBJID"}, [1, 2]),
    "is_inconsistent_across_dataset": ({"name": "AEDECOD", "value": "USUBJID"}, [3, 4, 5]),
    "present_on_multiple_rows_within": ({"name": "AESEQ", "within": "USUBJID"}, [2, 3]),
    "not_present_on_multiple_rows_within": ({"name": "AESEQ", "within": "USUBJID"}, [1, 4, 5]),
    "empty_within_except_last_row": (
        {"name": "AETOX1", "value": "USUBJID", "ordering": "AESEQ"},
        [1, 5],
    ),
    "non_empty_within_except_last_row": (
        {"name": "AETOX1", "value": "USUBJID", "ordering": "AESEQ"},
        [2],
    ),
    "has_next_corresponding_record": (
        {"name": "AEENDTC", "value": "AESTDTC", "within": "USUBJID", "ordering": "AESEQ"},
        [3, 4, 5],
    ),
    "does_not_have_next_corresponding_record": (
        {"name": "AEENDTC", "value": "AESTDTC", "within": "USUBJID", "ordering": "AESEQ"},
        [1, 2],
    ),
    "is_ordered_set": ({"name": "AETERM", "value": "USUBJID"}, [1, 2, 3]),
    "is_not_ordered_set": ({"name": "AEENDTC", "value": "USUBJID"}, [1, 2, 3, 5]),
    "is_ordered_by": ({"name": "AEENDTC", "order": "dsc"}, [3, 4]),
    "is_not_ordered_by": ({"name": "AEENDTC", "order": "dsc"}, [1, 2, 5]),
    "has_different_values": ({"name": "AETERM"}, [1, 2, 3, 4, 5]),
    "has_same_values": ({"name": "AETERM"}, []),
    "target_is_sorted_by": (
        {"name": "AESEQ", "within": "USUBJID", "value": [{"name": "AEENDTC"}]},
        [2, 4],
    ),
    "target_is_not_sorted_by": (
        {"name": "AESEQ", "within": "USUBJID", "value": [{"name": "AEENDTC"}]},
        [1, 3, 5],  # both of a pair that is out of order, and what nothing orders
    ),
    "shares_no_elements_with": ({"name": "AETERM", "value": "AEDECOD"}, [1, 3, 4, 5]),
    "shares_at_least_one_element_with": ({"name": "AETERM", "value": "AEDECOD"}, [2]),
    "shares_exactly_one_element_with": ({"name": "AETERM", "value": "AEDECOD"}, [2]),
    "date_equal_to": ({"name": "AESTDTC", "value": "AEENDTC"}, [1]),
    "date_not_equal_to": ({"name": "AESTDTC", "value": "AEENDTC"}, [2, 3]),
    "date_less_than": ({"name": "AESTDTC", "value": "AEENDTC"}, [2]),
    "date_less_than_or_equal_to": ({"name": "AESTDTC", "value": "AEENDTC"}, [1, 2]),
    "date_greater_than": ({"name": "AESTDTC", "value": "AEENDTC"}, [3]),
    "date_greater_than_or_equal_to": ({"name": "AESTDTC", "value": "AEENDTC"}, [1, 3]),
    "is_complete_date": ({"name": "AESTDTC"}, [1, 3]),
    "is_incomplete_date": ({"name": "AESTDTC"}, [2, 4, 5]),
    "invalid_date": ({"name": "AESTDTC"}, [4, 5]),
    "invalid_duration": ({"name": "AEDUR", "negative": False}, [3, 4, 5]),
    "inconsistent_enumerated_columns": ({"name": "AETOX"}, [2]),
}
OF_LISTS = {"is_ordered_subset_of", "is_not_ordered_subset_of"}  # below: they compare lists


@pytest.mark.parametrize("name", CASES)
def test_an_operator_holds_for_the_records_that_its_meaning_says(name):
    options, expected = CASES[name]
    assert held({"operator": name, **options}) == expected


def test_every_operator_has_been_worked_out():
    assert known() == CASES.keys() | OF_LISTS


def test_an_order_of_variables_is_compared_with_that_of_the_dataset():
    study = study_of(AE={"STUDYID": ["X"], "AESEQ": ["1"], "DOMAIN": ["AE"]})
    check = {"name": "$own", "operator": "is_not_ordered_subset_of", "value": "$guide"}
    operations = [
        {"id": "$own", "operator": "get_column_order_from_dataset"},
        {"id": "$guide", "operator": "get_column_order_from_library"},
    ]
    assert records_of(rule({"all": [check]}, Operations=operations), study) == [1]


def test_nothing_is_true_of_a_variable_that_is_not_there():
    absent = {"name": "AEOUT", "operator": "empty"}
    other = {"name": "AETERM", "operator": "empty"}

    assert held(absent) == []
    assert records_of(rule({"any": [absent, other]}), study_of(AE=RECORDS)) == [4]
    assert records_of(rule({"all": [{"not": [absent]}]}), study_of(AE=RECORDS)) == []
    assert records_of(rule({"not": [other]}), study_of(AE=RECORDS)) == [1, 2, 3, 5]


def test_a_name_that_is_meant_as_a_text_is_no_variable():
    study = study_of(AE={"AETERM": ["AEDECOD", "x"], "AEDECOD": ["AEDECOD", "x"]})
    test = {"name": "AETERM", "operator": "equal_to", "value": "AEDECOD"}
    literal = {**test, "value_is_literal": True}

    assert records_of(rule({"all": [test]}), study) == [1, 2]
    assert records_of(rule({"all": [literal]}), study) == [1]


def test_an_operator_that_nobody_knows_is_said():
    study = study_of(AE=RECORDS)
    with pytest.raises(UnknownConstructError, match="operator is_pretty"):
        records_of(rule({"all": [{"name": "AETERM", "operator": "is_pretty"}]}), study)


def test_numbers_that_are_written_otherwise_are_one_number():
    study = study_of(
        AE={"AETERM": ["1", "01", "-0.0", "-1", "x"], "AEDECOD": ["1.0", "1", "0", "1", "y"]}
    )
    test = {"name": "AETERM", "operator": "equal_to", "value": "AEDECOD"}

    assert records_of(rule({"all": [test]}), study) == []
    assert records_of(rule({"all": [{**test, "type_insensitive": True}]}), study) == [1, 2, 3]
