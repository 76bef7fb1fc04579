from cdisc.diagnostics import Diagnostic
from cdisc.validate.pointers import check_pointers, check_qualifiers
from cdisc.validate.subjects import check_one_record, check_subjects


def _parents(make_dataset):
    return (
        make_dataset("AE", {"USUBJID": ["1", "1", "2"], "AESEQ": [1, 2, 1],
                            "AESPID": ["a", "b", "c"]}),
        make_dataset("DM", {"USUBJID": ["1", "2"]}),
    )  # fmt: skip


def _supplement(make_facts, **columns):
    length = len(columns["IDVAR"])
    base = {"USUBJID": ["1"] * length, "RDOMAIN": ["AE"] * length}
    kinds = dict.fromkeys(("IDVAR", "IDVARVAL", "USUBJID"), "text")
    return make_facts("SUPPAE", {**base, **columns}, kinds=kinds, domain="AE",
                      rest={})  # fmt: skip


def test_qualifiers_of_existing_records_pass(make_facts, make_dataset):
    facts = _supplement(
        make_facts,
        RDOMAIN=["AE", "AE", "AE", "DM"],
        USUBJID=["1", "2", "1", "2"],
        IDVAR=["AESEQ", "AESEQ", "AESPID", None],
        IDVARVAL=["2", "1", "b", None],
        QNAM=["AESI", "AESI", "AEX", "RACE1"],
    )
    datasets = (*_parents(make_dataset), facts.dataset)
    assert check_pointers(facts, datasets) == []
    assert check_qualifiers(facts) == []


def test_each_way_of_pointing_at_nothing_is_a_finding(make_facts, make_dataset):
    facts = _supplement(
        make_facts,
        RDOMAIN=["CM", "AE", "AE", "AE", "AE", "DM"],
        USUBJID=["1", "1", "1", "2", "1", "3"],
        IDVAR=["CMSEQ", "AEGRPID", "AESEQ", "AESEQ", "AESEQ", None],
        IDVARVAL=["1", "1", "3", "2", "1", None],
        QNAM=["AESI"] * 6,
    )
    shown = "shown: USUBJID, RDOMAIN, IDVAR, IDVARVAL"
    assert check_pointers(facts, (*_parents(make_dataset), facts.dataset)) == [
        Diagnostic(
            "SDTM034",
            '"SUPPAE" points at the domain "CM", which the study does not have',
            found=('"1", "CM", "CMSEQ", "1": record 1',),
            expected=shown,
            dataset="SUPPAE",
            variable="RDOMAIN",
            records=1,
        ),
        Diagnostic(
            "SDTM035",
            '"SUPPAE" points at "AE.AEGRPID", which does not exist',
            found=('"1", "AE", "AEGRPID", "1": record 2',),
            expected=shown,
            dataset="SUPPAE",
            variable="IDVAR",
            records=1,
        ),
        Diagnostic(
            "SDTM036",
            '"SUPPAE" points at records of "AE" that do not exist',
            found=('"1", "AE", "AESEQ", "3": record 3', '"2", "AE", "AESEQ", "2": record 4'),
            expected=shown,
            dataset="SUPPAE",
            variable="IDVARVAL",
            records=2,
        ),
        Diagnostic(
            "SDTM036",
            '"SUPPAE" points at records of "DM" that do not exist',
            found=('"3", "DM", missing, missing: record 6',),
            expected=shown,
            dataset="SUPPAE",
            variable="IDVARVAL",
            records=1,
        ),
    ]


def test_a_qualifier_without_the_value_of_its_parent_points_at_nothing(make_facts, make_dataset):
    facts = _supplement(make_facts, IDVAR=["AESEQ"], IDVARVAL=[None], QNAM=["AESI"])
    assert [one.code for one in check_pointers(facts, _parents(make_dataset))] == ["SDTM036"]


def test_a_relation_between_whole_datasets_passes(make_facts, make_dataset):
    facts = make_facts(
        "RELREC",
        {"USUBJID": [None, "1", "1"], "RDOMAIN": ["AE", "AE", "AE"],
         "IDVAR": ["AESPID", "AESEQ", "AESEQ"], "IDVARVAL": [None, "2", "9"]},
        kinds={"USUBJID": "text"},
    )  # fmt: skip
    assert [(one.code, one.found) for one in check_pointers(facts, _parents(make_dataset))] == [
        ("SDTM036", ('"1", "AE", "AESEQ", "9": record 3',))
    ]


def test_the_parts_of_a_split_domain_are_parents_together(make_facts, make_dataset):
    parts = (
        make_dataset("AEA", {"USUBJID": ["1"], "AESEQ": [1]}, domain="AE"),
        make_dataset("AEB", {"USUBJID": ["1"], "AESEQ": [2]}, domain="AE"),
    )
    facts = _supplement(make_facts, IDVAR=["AESEQ"] * 2, IDVARVAL=["1", "2"], QNAM=["A", "A"])
    assert check_pointers(facts, parts) == []


def test_pointers_of_a_dataset_without_records_pass(make_facts, make_dataset):
    facts = make_facts("SUPPAE", {"USUBJID": [], "RDOMAIN": [], "IDVAR": [], "IDVARVAL": [],
                                  "QNAM": []})  # fmt: skip
    assert check_pointers(facts, _parents(make_dataset)) == []
    assert check_qualifiers(facts) == []


def test_a_qualifier_twice_for_one_parent_is_found(make_facts):
    facts = _supplement(
        make_facts, IDVAR=["AESEQ"] * 3, IDVARVAL=["1", "1", "2"], QNAM=["AESI"] * 3
    )
    assert check_qualifiers(facts) == [
        Diagnostic(
            "SDTM037",
            'a parent record has the same "QNAM" more than once',
            found=('"1", "AE", "AESEQ", "1", "AESI": 2 records, first 1',),
            expected="one record for each USUBJID, RDOMAIN, IDVAR, IDVARVAL, QNAM",
            dataset="SUPPAE",
            variable="QNAM",
            records=2,
        )
    ]


def test_every_subject_is_known(make_facts, make_dataset):
    subjects = make_dataset("DM", {"USUBJID": ["1", "2"]})
    clean = make_facts("AE", {"USUBJID": ["2", None, "1"]})
    assert check_subjects(clean, subjects) == []
    assert check_subjects(make_facts("AE", {"USUBJID": []}), subjects) == []
    assert check_subjects(make_facts("AE", {"USUBJID": ["9"]}), None) == []
    assert check_subjects(make_facts("AE", {"USUBJID": ["9", "1", "9"]}), subjects) == [
        Diagnostic(
            "SDTM017",
            'subjects are not in "DM"',
            found=('"9": 2 records, first 1',),
            expected="a record of DM for each USUBJID",
            dataset="AE",
            variable="USUBJID",
            records=2,
        )
    ]


def test_a_subject_has_one_record_whatever_the_keys_say(make_facts):
    clean = make_facts("DM", {"USUBJID": ["1", "2", None, None]})
    assert check_one_record(clean) == []
    assert check_one_record(make_facts("DM", {"USUBJID": []})) == []
    assert check_one_record(make_facts("AE", {"USUBJID": ["1", "1"]})) == []
    twice = make_facts("ADSL", {"USUBJID": ["1", "2", "1"]}, kind="adam", keys=())
    assert check_one_record(twice) == [
        Diagnostic(
            "ADAM029",
            'subjects have several records in "ADSL"',
            found=('"1": 2 records, first 1',),
            expected="one record for each USUBJID",
            dataset="ADSL",
            variable="USUBJID",
            records=2,
        )
    ]
