from cdisc.diagnostics import Diagnostic
from cdisc.standard import load_sdtm
from cdisc.validate import lengths, names, structure


def test_a_clean_dataset_passes_every_structural_check(make_facts):
    facts = make_facts(
        "AE",
        {"DOMAIN": ["AE", "AE"], "AETERM": ["HEADACHE", "RASH"], "AESEQ": [1, 2]},
        standard={"DOMAIN": {}, "AETERM": {"label": "Aeterm"}, "AESEQ": {"type": "Num"}},
        rest={"required": ("DOMAIN", "AETERM"), "order": ("DOMAIN", "AETERM", "AESEQ")},
    )
    checks = (
        structure.check_dataset, structure.check_presence, structure.check_missing,
        structure.check_known, structure.check_order, structure.check_types,
        names.check_names, names.check_prefixes, names.check_labels, names.check_identifier,
        names.check_short_codes, lengths.check_lengths, lengths.check_value_limits,
    )  # fmt: skip
    assert [check(facts) for check in checks] == [[]] * len(checks)


def test_a_dataset_without_records_is_noted(make_facts):
    facts = make_facts("AE", {"AETERM": []})
    assert structure.check_dataset(facts) == [
        Diagnostic(
            "SDTM022",
            '"AE" has no records',
            help="leave the dataset out of the package",
            dataset="AE",
            records=0,
        )
    ]


def test_a_dataset_that_the_standard_lacks_is_named(make_facts):
    facts = make_facts("XX", {"XXTERM": ["A"]}, rest={"known": False})
    assert structure.check_dataset(facts) == [
        Diagnostic("SDTM025", 'the standard has no dataset "XX"', dataset="XX")
    ]
    assert structure.check_known(facts) == []


def test_absent_variables_are_told_apart_by_core(make_facts):
    facts = make_facts(
        "AE",
        {"AETERM": ["A"]},
        rest={"required": ("AETERM", "AEDECOD"), "expected": ("AESEV",)},
    )
    assert structure.check_presence(facts) == [
        Diagnostic(
            "SDTM001",
            'required variable "AEDECOD" is absent',
            expected='a variable "AEDECOD"',
            help='add a line for "AEDECOD" to the spec of AE',
            dataset="AE",
            variable="AEDECOD",
        ),
        Diagnostic(
            "SDTM023",
            'expected variable "AESEV" is absent',
            expected='a variable "AESEV"',
            help='add a line for "AESEV" to the spec of AE',
            dataset="AE",
            variable="AESEV",
        ),
    ]


def test_missing_values_of_a_required_variable_are_counted(make_facts):
    facts = make_facts("AE", {"AETERM": ["A", None, None]}, rest={"required": ("AETERM", "AEX")})
    assert structure.check_missing(facts) == [
        Diagnostic(
            "SDTM002",
            'required variable "AETERM" has missing values',
            found=("missing: 2 records, first 2",),
            expected="a value in every record",
            dataset="AE",
            variable="AETERM",
            records=2,
        )
    ]


def test_a_required_variable_may_be_all_missing_only_with_a_finding(make_facts):
    facts = make_facts("AE", {"AETERM": [None, None]}, rest={"required": ("AETERM",)})
    assert [one.records for one in structure.check_missing(facts)] == [2]


def test_the_rest_of_a_long_comment_is_no_unknown_variable(make_facts):
    columns = {"COVAL": ["A"], "COVAL1": ["B"], "COVAL10": ["C"], "COVAL0": ["D"], "COREF1": ["E"]}
    facts = make_facts("CO", columns, standard={"COVAL": {}, "COREF": {}})
    found = [one.variable for one in structure.check_known(facts)]
    assert found == ["COVAL0", "COREF1"]


def test_a_key_of_analysis_data_may_be_missing_unless_the_standard_requires_it(make_facts):
    columns = {"USUBJID": ["1", None], "PARAMCD": ["A", None], "DTYPE": [None, "LOCF"]}
    facts = make_facts(
        "ADVS", columns, kind="adam", keys=tuple(columns), rest={"required": ("PARAMCD",)}
    )
    found = [(one.code, one.variable) for one in structure.check_missing(facts)]
    assert found == [("ADAM002", "USUBJID"), ("ADAM002", "PARAMCD")]


def test_an_unknown_variable_gets_the_nearest_name_that_is_absent(make_facts):
    facts = make_facts(
        "AE", {"AETREM": ["A"]}, rest={"required": ("AETERM",), "expected": ("AESEV",)}
    )
    assert structure.check_known(facts) == [
        Diagnostic(
            "SDTM003",
            'the standard has no variable "AETREM" for "AE"',
            expected="variables of the implementation guide or of the class in the model",
            help='did you mean "AETERM"?',
            dataset="AE",
            variable="AETREM",
        )
    ]


def test_the_first_variable_out_of_order_is_shown(make_facts):
    names_ = ["STUDYID", "AETERM", "AESEQ", "AEEXTRA", "AESEV"]
    order = tuple(load_sdtm("3.4").order("AE", [one for one in names_ if one != "AEEXTRA"]))
    facts = make_facts("AE", {name: ["A"] for name in names_}, rest={"order": order})
    assert structure.check_order(facts) == [
        Diagnostic(
            "SDTM024",
            "the variables do not stand in the order of the standard",
            found=('"AETERM" where "AESEQ" belongs',),
            expected="STUDYID AESEQ AETERM AESEV",
            dataset="AE",
            variable="AETERM",
        )
    ]


def test_a_type_other_than_the_standards_is_found(make_facts):
    facts = make_facts("AE", {"AESEQ": ["1"]}, standard={"AESEQ": {"type": "Num"}})
    assert structure.check_types(facts) == [
        Diagnostic(
            "SDTM006",
            '"AESEQ" is Char but Num in the standard',
            found=("text",),
            expected="Num",
            dataset="AE",
            variable="AESEQ",
        )
    ]


def test_dates_are_numbers_to_the_standard(make_facts):
    facts = make_facts(
        "ADSL", {"TRTSDT": [None]}, kinds={"TRTSDT": "date"}, kind="adam",
        standard={"TRTSDT": {"type": "Num"}},
    )  # fmt: skip
    assert structure.check_types(facts) == []


def test_names_that_a_transport_file_cannot_hold_are_found(make_facts):
    rule = "at most 8 characters: A-Z, 0-9 and _, a letter or _ first"
    facts = make_facts("AELONGERS", {"aeterm": ["A"], "AETERMLONG": ["A"], "1AE": ["A"]})
    assert names.check_names(facts) == [
        Diagnostic(
            "SDTM011", '"AELONGERS" is no valid dataset name', expected=rule, dataset="AELONGERS"
        ),
        *(
            Diagnostic(
                "SDTM010",
                f'"{name}" is no valid variable name',
                expected=rule,
                dataset="AELONGERS",
                variable=name,
            )
            for name in ("aeterm", "AETERMLONG", "1AE")
        ),
    ]


def test_a_variable_beyond_the_standard_begins_with_the_domain(make_facts):
    facts = make_facts("AE", {"VISIT": ["A"], "AEEXTRA": ["A"], "EXTRA": ["A"]},
                       standard={"VISIT": {}})  # fmt: skip
    assert names.check_prefixes(facts) == [
        Diagnostic(
            "SDTM026",
            '"EXTRA" is not in the standard and does not begin with "AE"',
            expected='a name that begins with "AE"',
            dataset="AE",
            variable="EXTRA",
        )
    ]


def test_labels_are_those_of_the_standard_and_fit(make_facts):
    long = "é" * 21
    facts = make_facts(
        "AE",
        {"AETERM": ["A"], "AESEV": ["A"], "AEX": ["A"], "AEDTC": ["A"]},
        standard={"AETERM": {"label": "Reported Term"}, "AEDTC": {"label": "{Date} of X"}},
        variables={"AEX": {"label": long}, "AESEV": {"label": ""}},
    )
    assert names.check_labels(facts) == [
        Diagnostic(
            "SDTM004",
            'the label of "AETERM" is not that of the standard',
            found=("Aeterm",),
            expected="Reported Term",
            dataset="AE",
            variable="AETERM",
        ),
        Diagnostic(
            "SDTM005",
            'the label of "AESEV" has 0 bytes',
            expected="1 to 40 bytes",
            dataset="AE",
            variable="AESEV",
        ),
        Diagnostic(
            "SDTM005",
            'the label of "AEX" has 42 bytes',
            found=(long,),
            expected="1 to 40 bytes",
            dataset="AE",
            variable="AEX",
        ),
    ]


def test_the_domain_abbreviation_is_that_of_the_dataset(make_facts):
    facts = make_facts("AE", {"DOMAIN": ["AE", "ae", "CM", "ae"]})
    assert names.check_identifier(facts) == [
        Diagnostic(
            "SDTM027",
            '"DOMAIN" is not "AE" in every record',
            found=('"ae": 2 records, first 2', '"CM": record 3'),
            expected="AE",
            dataset="AE",
            variable="DOMAIN",
            records=3,
        )
    ]


def test_a_part_of_a_split_domain_holds_the_domain(make_facts):
    facts = make_facts("LBCH", {"DOMAIN": ["LB", None]}, domain="LB")
    assert names.check_identifier(facts) == []


def test_test_codes_can_serve_as_names(make_facts):
    facts = make_facts("LB", {"LBTESTCD": ["ALT", "alt", "1ALT", "A-LT", "ALTALTALT", None]})
    assert names.check_short_codes(facts) == [
        Diagnostic(
            "SDTM020",
            '"LBTESTCD" has values that cannot serve as a name',
            found=('"alt": record 2', '"1ALT": record 3', '"A-LT": record 4',
                   "1 more distinct value"),
            expected="at most 8 characters: A-Z, 0-9 and _, a letter or _ first",
            dataset="LB",
            variable="LBTESTCD",
            records=4,
        )
    ]  # fmt: skip


def test_lengths_are_compared_with_the_values_in_bytes(make_facts):
    facts = make_facts(
        "AE",
        {"AETERM": ["ABC", "ÉÉÉ", None], "AESEV": ["A"] * 3, "AEX": [None] * 3, "AEOK": ["A"] * 3},
        kinds={"AEX": "text"},
        variables={"AETERM": {"length": 4}, "AESEV": {"length": 201}, "AEX": {"length": 22},
                   "AEOK": {"length": 21}},
    )  # fmt: skip
    assert lengths.check_lengths(facts) == [
        Diagnostic(
            "SDTM007",
            'values of "AETERM" are longer than its length 4',
            found=('"ÉÉÉ": record 2',),
            expected="a length of 6",
            dataset="AE",
            variable="AETERM",
            records=1,
        ),
        Diagnostic(
            "SDTM008",
            '"AESEV" has the length 201',
            expected="at most 200",
            dataset="AE",
            variable="AESEV",
        ),
        Diagnostic(
            "SDTM009",
            '"AESEV" has the length 201, its longest value 1 byte',
            expected="a length of 1",
            dataset="AE",
            variable="AESEV",
        ),
        Diagnostic(
            "SDTM009",
            '"AEX" has the length 22, its longest value 1 byte',
            expected="a length of 1",
            dataset="AE",
            variable="AEX",
        ),
    ]


def test_names_of_tests_have_at_most_40_bytes_but_criteria_more(make_facts):
    long = "A" * 41
    assert lengths.check_value_limits(make_facts("IE", {"IETEST": [long]})) == []
    assert lengths.check_value_limits(make_facts("LB", {"LBTEST": ["ALT", long]})) == [
        Diagnostic(
            "SDTM021",
            'values of "LBTEST" are longer than 40 bytes',
            found=(f'"{long}": record 2',),
            expected="at most 40 bytes",
            dataset="LB",
            variable="LBTEST",
            records=1,
        )
    ]
