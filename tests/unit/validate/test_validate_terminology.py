import pytest

from cdisc.dataset import Codelist, Term
from cdisc.diagnostics import Diagnostic
from cdisc.standard import CodelistStandard, TermStandard, load_terminology
from cdisc.validate.terminology import (
    Releases,
    check_concepts,
    check_declared_terms,
    check_terms,
)


class Release:
    def __init__(self, *codelists):
        self._codelists = {one.code: one for one in codelists}

    def codelist(self, key):
        return self._codelists.get(key)


def _codelist(code, name, terms, *, extensible=False):
    made = tuple(TermStandard(f"C{index}", value, value) for index, value in enumerate(terms))
    return CodelistStandard(code, name, code, extensible, name, made)


SEVERITY = _codelist("C66769", "Severity", ["MILD", "MODERATE", "SEVERE"])
UNIT = _codelist("C71620", "Unit", ["mg", "mL"], extensible=True)
RELEASE = Release(SEVERITY, UNIT)
PUBLISHED = load_terminology("sdtm", "2025-03-28")


def test_terms_and_missing_values_pass(make_facts):
    facts = make_facts(
        "AE",
        {"AESEV": ["MILD", None, "SEVERE"], "AEX": ["anything"] * 3},
        standard={"AESEV": {"codelists": ("C66769",)}, "AEX": {}},
    )
    assert check_terms(facts, RELEASE) == []


def test_values_outside_a_closed_codelist_are_errors_with_the_nearest_term(make_facts):
    facts = make_facts(
        "AE",
        {"AESEV": ["mild", "MILD", "GRADE 9", "mild"]},
        standard={"AESEV": {"codelists": ("C66769",)}},
    )
    assert check_terms(facts, RELEASE) == [
        Diagnostic(
            "CT001",
            '"AESEV" has values that are not in C66769 (Severity)',
            found=('"mild": 2 records, first 1', '"GRADE 9": record 3'),
            expected="MILD, MODERATE, SEVERE",
            help='did you mean "MILD"?',
            dataset="AE",
            variable="AESEV",
            records=3,
        )
    ]


def test_spellings_extensions_and_marked_extensions_are_told_apart(make_facts):
    declared = Codelist("UNIT", "Unit", (Term("mg"), Term("cells", extended=True)), "C71620")
    facts = make_facts(
        "LB",
        {"LBORRESU": ["mg", "MG", "puffs", "cells", "puffs"]},
        standard={"LBORRESU": {"codelists": ("C71620",)}},
        variables={"LBORRESU": {"codelist": declared}},
    )
    place = {"dataset": "LB", "variable": "LBORRESU", "expected": "mg, mL"}
    assert check_terms(facts, RELEASE) == [
        Diagnostic(
            "CT004",
            '"LBORRESU" has values that differ only in spelling from terms of C71620 (Unit)',
            found=('"MG": record 2',),
            help='did you mean "mg"?',
            records=1,
            **place,
        ),
        Diagnostic(
            "CT002",
            '"LBORRESU" has values that extend, without being marked, the codelist C71620 (Unit)',
            found=('"puffs": 2 records, first 3',),
            records=2,
            **place,
        ),
        Diagnostic(
            "CT003",
            '"LBORRESU" has marked extensions of C71620 (Unit)',
            found=('"cells": record 4',),
            records=1,
            **place,
        ),
    ]


def test_a_value_may_come_from_any_of_several_codelists(make_facts):
    facts = make_facts(
        "DS", {"DSDECOD": ["MILD", "mg"]}, standard={"DSDECOD": {"codelists": ("C66769", "C71620")}}
    )
    assert check_terms(facts, RELEASE) == []


def test_what_has_no_code_among_terms_of_several_codelists_is_the_studys_own(make_facts):
    joined = Codelist("DS.DSDECOD", "Unit or Frequency", (Term("mg", None, "C1"), Term("drop")))
    facts = make_facts(
        "DS",
        {"DSDECOD": ["mg", "drop", "puff"]},
        standard={"DSDECOD": {"codelists": ("C71620",)}},
        variables={"DSDECOD": {"codelist": joined}},
    )
    found = [(one.code, one.found) for one in check_terms(facts, RELEASE)]
    assert found == [("CT002", ('"puff": record 3',)), ("CT003", ('"drop": record 2',))]


def test_a_codelist_that_no_release_has_is_a_warning(make_facts):
    facts = make_facts("AE", {"AESEV": ["MILD"]}, standard={"AESEV": {"codelists": ("C1",)}})
    assert check_terms(facts, Releases((RELEASE, Release()))) == [
        Diagnostic(
            "CT007",
            'the terminology has no codelist C1 of "AESEV"',
            help="state a release of the terminology that has it",
            dataset="AE",
            variable="AESEV",
        )
    ]


def test_the_first_release_that_has_a_codelist_answers(make_facts):
    facts = make_facts("AE", {"AESEV": ["MILD"]}, standard={"AESEV": {"codelists": ("C66769",)}})
    assert check_terms(facts, Releases((Release(), RELEASE))) == []


@pytest.mark.parametrize("values", [[], [None, None]])
def test_columns_without_values_pass(make_facts, values):
    facts = make_facts(
        "AE", {"AESEV": values}, kinds={"AESEV": "text"},
        standard={"AESEV": {"codelists": ("C66769",)}},
    )  # fmt: skip
    assert check_terms(facts, RELEASE) == []


def test_a_long_codelist_is_shown_in_part(make_facts):
    release = Release(_codelist("C1", "Long", [f"T{index}" for index in range(20)]))
    facts = make_facts("AE", {"AEX": ["?"]}, standard={"AEX": {"codelists": ("C1",)}})
    (finding,) = check_terms(facts, release)
    assert finding.expected == "T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11 ... (20 terms)"


def test_the_studys_own_codelist_declares_every_value(make_facts):
    own = Codelist("REL", "Relation", (Term("RELATED"), Term("NOT RELATED")))
    facts = make_facts(
        "AE", {"AEREL": ["RELATED", "related", None]}, variables={"AEREL": {"codelist": own}}
    )
    assert check_declared_terms(facts) == [
        Diagnostic(
            "CT005",
            '"AEREL" has values that its codelist "REL" does not declare',
            found=('"related": record 2',),
            expected="RELATED, NOT RELATED",
            dataset="AE",
            variable="AEREL",
            records=1,
        )
    ]


def test_a_code_beside_the_name_of_another_concept_is_found(make_facts):
    release = Release(
        _codelist("C1", "Code", ["ALT", "AST"]), _codelist("C2", "Name", ["Alanine", "Aspartate"])
    )
    facts = make_facts(
        "LB",
        {"LBTESTCD": ["ALT", "AST", "OWN"], "LBTEST": ["Alanine", "Alanine", "Aspartate"]},
        standard={"LBTESTCD": {"codelists": ("C1",)}, "LBTEST": {"codelists": ("C2",)}},
    )
    assert check_concepts(facts, release) == [
        Diagnostic(
            "CT006",
            '"LBTESTCD" and "LBTEST" name different concepts of the terminology',
            found=('"AST", "Alanine": record 2',),
            expected="terms with the same NCI code",
            dataset="LB",
            variable="LBTEST",
            records=1,
        )
    ]


def test_each_record_is_held_against_the_codelist_of_its_condition(make_facts):
    facts = make_facts(
        "DS",
        {
            "DSDECOD": ["COMPLETED", "RANDOMIZED", "RANDOMIZED", "Randomized"],
            "DSCAT": [
                "DISPOSITION EVENT",
                "PROTOCOL MILESTONE",
                "DISPOSITION EVENT",
                "OTHER EVENT",
            ],
        },
        standard={"DSDECOD": {"codelists": ("C66727", "C114118", "C150811")}},
    )
    found = [(one.code, one.found, one.fact) for one in check_terms(facts, PUBLISHED)]
    assert found == [
        (
            "CT002",
            ('"RANDOMIZED": record 3',),
            (
                '"DSDECOD" has values that extend, without being marked, the codelist C66727'
                ' (Completion/Reason for Non-Completion), where DSCAT is "DISPOSITION EVENT"'
            ),
        ),
        (
            "CT002",
            ('"Randomized": record 4',),
            (
                '"DSDECOD" has values that extend, without being marked, the codelist C150811'
                ' (Other Disposition Event Response), where DSCAT is "OTHER EVENT"'
            ),
        ),
    ]


def test_a_closed_list_of_some_records_closes_those_alone(make_facts):
    facts = make_facts(
        "EG",
        {"EGTESTCD": ["INTP", "INTP", "QTC"], "EGSTRESC": ["NORMAL", "FINE", "400"]},
        standard={"EGSTRESC": {"codelists": ("C71150", "C120522", "C101834")}},
    )
    found = [(one.code, one.found) for one in check_terms(facts, PUBLISHED)]
    assert found == [("CT001", ('"FINE": record 2',))]


def test_tests_of_a_questionnaire_name_the_same_concept(make_facts):
    facts = make_facts(
        "QS",
        {
            "QSCAT": ["AIMS", "AIMS", None],
            "QSTESTCD": ["AIMS0101", "AIMS0102", "AIMS0103"],
            "QSTEST": ["AIMS01-Muscles of Facial Expression"] * 2 + ["AIMS01-Jaw"],
        },
    )
    found = [(one.code, one.found) for one in check_concepts(facts, PUBLISHED)]
    assert found == [
        ("CT006", ('"AIMS0102", "AIMS01-Muscles of Facial Expression": record 2',)),
    ]
