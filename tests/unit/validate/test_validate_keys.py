from cdisc.diagnostics import Diagnostic
from cdisc.validate.keys import check_keys, check_sequence
from cdisc.validate.pairs import check_pairs


def test_unique_keys_pass(make_facts):
    facts = make_facts("AE", {"USUBJID": ["1", "1", None], "AESEQ": [1, 2, None]},
                       keys=("USUBJID", "AESEQ"))  # fmt: skip
    assert check_keys(facts) == []


def test_records_that_share_a_key_are_counted_and_missing_equals_missing(make_facts):
    facts = make_facts(
        "AE",
        {"USUBJID": ["1", "2", "1", "3", "3"], "AETERM": ["A", "A", "A", None, None]},
        keys=("USUBJID", "AETERM"),
    )
    assert check_keys(facts) == [
        Diagnostic(
            "SDTM014",
            "4 records share a key with another",
            found=('"1", "A": 2 records, first 1', '"3", missing: 2 records, first 4'),
            expected="one record for each USUBJID, AETERM",
            dataset="AE",
            records=4,
        )
    ]


def test_an_absent_key_variable_is_named(make_facts):
    facts = make_facts("AE", {"USUBJID": ["1"]}, keys=("USUBJID", "AETERM"))
    assert check_keys(facts) == [
        Diagnostic("SDTM013", 'key variable "AETERM" is absent', dataset="AE", variable="AETERM")
    ]


def test_a_dataset_without_records_or_keys_has_no_repeated_key(make_facts):
    assert check_keys(make_facts("AE", {"USUBJID": []}, keys=("USUBJID",))) == []
    assert check_keys(make_facts("AE", {"USUBJID": ["1", "1"]})) == []
    empty = make_facts("AE", {"USUBJID": [], "AESEQ": []}, kinds={"AESEQ": "number"})
    assert check_sequence(empty) == []


def test_a_sequence_counts_from_1_within_each_subject(make_facts):
    facts = make_facts("AE", {"USUBJID": ["1", "1", "2"], "AESEQ": [2, 1, 1]})
    assert check_sequence(facts) == []


def test_numbers_that_do_not_count_or_repeat_are_two_findings(make_facts):
    facts = make_facts(
        "AE",
        {"USUBJID": ["1", "1", "1", "2", "2", "2"], "AESEQ": [0, 1.5, 1, 1, 1, None]},
    )
    assert check_sequence(facts) == [
        Diagnostic(
            "SDTM015",
            '"AESEQ" has values that are not whole numbers from 1',
            found=("0: record 1", "1.5: record 2"),
            expected="1, 2, 3 ...",
            dataset="AE",
            variable="AESEQ",
            records=2,
        ),
        Diagnostic(
            "SDTM016",
            '"AESEQ" repeats within a subject',
            found=('"2", 1: 2 records, first 4',),
            expected="each AESEQ once for a subject",
            dataset="AE",
            variable="AESEQ",
            records=2,
        ),
    ]


def test_numbers_left_out_are_noted(make_facts):
    facts = make_facts("AE", {"USUBJID": ["1", "1", "2"], "AESEQ": [1, 3, 1]})
    assert check_sequence(facts) == [
        Diagnostic(
            "SDTM030",
            '"AESEQ" leaves numbers out',
            found=('"1", 3: record 2',),
            expected="1 to the number of records of the subject",
            dataset="AE",
            variable="AESEQ",
            records=1,
        )
    ]


def test_trial_design_is_numbered_without_subjects(make_facts):
    assert check_sequence(make_facts("TS", {"TSSEQ": [1, 2, 3]})) == []
    assert [one.code for one in check_sequence(make_facts("TS", {"TSSEQ": [1, 1]}))] == ["SDTM016"]


def test_values_of_a_parameter_of_the_trial_are_numbered_within_it(make_facts):
    columns = {"TSPARMCD": ["AGEMAX", "INDIC", "INDIC", "AGEMIN"], "TSSEQ": [1, 1, 2, 1]}
    assert check_sequence(make_facts("TS", columns)) == []

    columns["TSSEQ"] = [1, 1, 1, 2]
    assert [(one.code, one.fact) for one in check_sequence(make_facts("TS", columns))] == [
        ("SDTM016", '"TSSEQ" repeats within a TSPARMCD')
    ]


def test_analysis_data_may_leave_numbers_out(make_facts):
    facts = make_facts("ADLB", {"USUBJID": ["1", "1"], "ASEQ": [1, 3]}, kind="adam")
    assert check_sequence(facts) == []


def test_pairs_that_agree_pass_and_missing_takes_no_part(make_facts):
    facts = make_facts(
        "LB",
        {"LBTESTCD": ["ALT", "ALT", "AST", "K"], "LBTEST": ["Alanine", None, "Aspartate", "Kalium"],
         "VISITNUM": [1, 1, 2, None], "VISIT": ["V1", "V1", "V2", "V1"]},
    )  # fmt: skip
    assert check_pairs(facts) == []


def test_a_code_with_two_texts_is_found_with_their_records(make_facts):
    facts = make_facts(
        "LB", {"LBTESTCD": ["ALT", "ALT", "ALT", "K"], "LBTEST": ["Alanine", "Alanine", "ALT", "K"]}
    )
    assert check_pairs(facts) == [
        Diagnostic(
            "SDTM012",
            'a value of "LBTESTCD" has several values of "LBTEST"',
            found=('"ALT" has "Alanine" (record 1) and "ALT" (record 3)',),
            expected="one LBTEST for each LBTESTCD",
            dataset="LB",
            variable="LBTESTCD",
            records=3,
        )
    ]


def test_the_parts_of_a_long_text_share_a_label_and_a_qualifier_has_one(make_facts):
    facts = make_facts(
        "SUPPAE",
        {"RDOMAIN": ["AE"] * 4, "QNAM": ["AECOM", "AECOM1", "AEX", "AEX"],
         "QLABEL": ["Comment", "Comment", "One", "Two"]},
    )  # fmt: skip
    assert check_pairs(facts) == [
        Diagnostic(
            "SDTM012",
            'a value of "QNAM" has several values of "QLABEL" within RDOMAIN',
            found=('"AE", "AEX" has "One" (record 3) and "Two" (record 4)',),
            expected="one QLABEL for each QNAM",
            dataset="SUPPAE",
            variable="QNAM",
            records=2,
        )
    ]


def test_a_text_with_two_numbers_is_found(make_facts):
    facts = make_facts("LB", {"VISITNUM": [1, 2], "VISIT": ["V1", "V1"]})
    assert check_pairs(facts) == [
        Diagnostic(
            "SDTM012",
            'a value of "VISIT" has several values of "VISITNUM"',
            found=('"V1" has 1 (record 1) and 2 (record 2)',),
            expected="one VISITNUM for each VISIT",
            dataset="LB",
            variable="VISIT",
            records=2,
        )
    ]


def test_values_of_analysis_pair_within_their_parameter_only(make_facts):
    columns = {
        "PARAMCD": ["A", "A", "B", "B"],
        "PARAM": ["Alpha", "Alpha", "Beta", "Beta"],
        "AVAL": [1, 2, 1, 1],
        "AVALC": ["YES", "NO", "MALE", "FEMALE"],
    }
    assert check_pairs(make_facts("ADX", columns, kind="adam")) == [
        Diagnostic(
            "ADAM012",
            'a value of "AVAL" has several values of "AVALC" within PARAMCD',
            found=('"B", 1 has "MALE" (record 3) and "FEMALE" (record 4)',),
            expected="one AVALC for each AVAL",
            dataset="ADX",
            variable="AVAL",
            records=2,
        )
    ]
