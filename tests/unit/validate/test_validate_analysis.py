import dataclasses
import datetime as dt

from cdisc.dataset import SdtmStudy
from cdisc.diagnostics import Diagnostic
from cdisc.standard import VariableStandard
from cdisc.validate.analysis import (
    check_counts,
    check_flags,
    check_imputation_flags,
    check_known_subjects,
    check_source_labels,
    check_subject_values,
)
from cdisc.validate.names import check_labels


def _study(*datasets):
    return SdtmStudy("S", "S", "S", "S", (), datasets)


def test_flags_are_yes_or_no(make_facts):
    facts = make_facts(
        "ADSL", {"SAFFL": ["Y", "N", None, "y", "YES"], "SAFFN": [1, 0, None, 2, 1]}, kind="adam"
    )
    assert check_flags(facts) == [
        Diagnostic(
            "ADAM023",
            'the flag "SAFFL" has other values',
            found=('"y": record 4', '"YES": record 5'),
            expected="Y, N or missing",
            dataset="ADSL",
            variable="SAFFL",
            records=2,
        ),
        Diagnostic(
            "ADAM023",
            'the flag "SAFFN" has other values',
            found=("2: record 4",),
            expected="1, 0 or missing",
            dataset="ADSL",
            variable="SAFFN",
            records=1,
        ),
    ]


def test_a_flag_that_the_standard_lists_as_yes_only_is_held_to_that(make_facts):
    facts = make_facts(
        "ADLB", {"ABLFL": ["Y", "N", None]}, kind="adam", standard={"ABLFL": {"value_list": ("Y",)}}
    )
    assert [(one.expected, one.found) for one in check_flags(facts)] == [
        ("Y or missing", ('"N": record 2',))
    ]


def test_censoring_counts_from_0(make_facts):
    assert check_counts(make_facts("ADTTE", {"CNSR": [0, 1, 2, None]}, kind="adam")) == []
    assert check_counts(make_facts("ADTTE", {"CNSR": [0, -1, 0.5]}, kind="adam")) == [
        Diagnostic(
            "ADAM024",
            '"CNSR" has values that are not whole numbers from 0',
            found=("-1: record 2", "0.5: record 3"),
            expected="0, 1, 2 ...",
            dataset="ADTTE",
            variable="CNSR",
            records=2,
        )
    ]


def test_an_imputation_flag_stands_only_with_its_date(make_facts):
    day = dt.date(2026, 5, 14)
    facts = make_facts(
        "ADAE",
        {"ASTDT": [day, None, None], "ASTDTF": ["D", "M", None], "ATMF": ["H", None, None]},
        kinds={"ASTDT": "date"},
        kind="adam",
    )
    assert check_imputation_flags(facts) == [
        Diagnostic(
            "ADAM025",
            'the imputation flag "ASTDTF" is given although "ASTDT" is missing',
            found=('"M": record 2',),
            expected="a flag only where a date or time was imputed",
            dataset="ADAE",
            variable="ASTDTF",
            records=1,
        ),
        Diagnostic(
            "ADAM025",
            'the imputation flag "ATMF" is given although no date is there',
            found=('"H": record 1',),
            expected="a flag only where a date or time was imputed",
            dataset="ADAE",
            variable="ATMF",
            records=1,
        ),
    ]


def test_one_of_date_and_datetime_is_enough_for_a_flag(make_facts):
    moment = dt.datetime(2026, 5, 14, 8, 30)  # noqa: DTZ001  analysis data have no zone
    facts = make_facts(
        "ADSL",
        {"TRTSTM": [None], "TRTSDTM": [moment], "TRTSTMF": ["H"]},
        kinds={"TRTSTM": "time", "TRTSDTM": "datetime"},
        kind="adam",
    )
    assert check_imputation_flags(facts) == []


def test_values_agree_with_the_subject_level_dataset(make_facts, make_dataset):
    subjects = make_dataset("ADSL", {"USUBJID": ["1", "2"], "AGE": [50, None], "SEX": ["F", "M"]})
    facts = make_facts(
        "ADAE",
        {"USUBJID": ["2", "1", "1", "9"], "AGE": [None, 50, 51, 9], "SEX": ["M", "F", None, "F"]},
        kind="adam",
    )
    assert check_subject_values(facts, subjects) == [
        Diagnostic(
            "ADAM026",
            '"AGE" differs from ADSL.AGE',
            found=("51, 50: record 3",),
            expected="the value of ADSL (shown: here, there)",
            dataset="ADAE",
            variable="AGE",
            records=1,
        ),
        Diagnostic(
            "ADAM026",
            '"SEX" differs from ADSL.SEX',
            found=('missing, "F": record 3',),
            expected="the value of ADSL (shown: here, there)",
            dataset="ADAE",
            variable="SEX",
            records=1,
        ),
    ]


def test_a_variable_of_any_domain_has_the_label_of_its_own_domain(make_facts, make_dataset):
    label = {"label": "Reported Term for the Adverse Event"}
    previous = _study(make_dataset("AE", {"AETERM": ["A"]}, variables={"AETERM": label}))
    facts = make_facts("ADAE", {"AETERM": ["A"]}, kind="adam", variables={"AETERM": label})
    own = VariableStandard("AETERM", "Reported Term", "Char", template="--TERM")
    facts = dataclasses.replace(facts, standard={"AETERM": own})
    assert (check_labels(facts), check_source_labels(facts, previous)) == ([], [])

    facts = dataclasses.replace(
        facts, dataset=make_dataset("ADAE", {"AETERM": ["A"]}, variables={"AETERM": {"label": "T"}})
    )
    assert [one.code for one in check_source_labels(facts, previous)] == ["ADAM027"]


def test_a_copied_variable_keeps_its_label(make_facts, make_dataset):
    previous = _study(
        make_dataset("DM", {"ARM": ["A"]}, variables={"ARM": {"label": "Description"}})
    )
    facts = make_facts("ADSL", {"ARM": ["A"], "OTHER": ["A"]}, kind="adam")
    assert check_source_labels(facts, None) == []
    assert check_source_labels(facts, previous) == [
        Diagnostic(
            "ADAM027",
            'the label of "ARM" is not that of the tabulation data',
            found=("Arm",),
            expected="Description",
            dataset="ADSL",
            variable="ARM",
        )
    ]


def test_subjects_come_from_the_tabulation_data(make_facts, make_dataset):
    previous = _study(make_dataset("DM", {"USUBJID": ["1"]}))
    facts = make_facts("ADSL", {"USUBJID": ["1", "2"]}, kind="adam")
    assert check_known_subjects(facts, "DM", None) == []
    assert check_known_subjects(facts, "DM", _study()) == []
    assert check_known_subjects(facts, "DM", previous) == [
        Diagnostic(
            "ADAM028",
            'subjects are not in "DM" of the tabulation data',
            found=('"2": record 2',),
            expected="a record of DM for each USUBJID",
            dataset="ADSL",
            variable="USUBJID",
            records=1,
        )
    ]
