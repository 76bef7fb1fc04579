"""Which variable holds what each field collects, and how the pages say it."""

import pytest

from cdisc.acrf import carried_fields
from cdisc.acrf.annotations import annotate
from cdisc.errors import SpecError

from .conftest import CRF


@pytest.fixture
def said(study):
    """What each question of the study's pages says, by form and field."""
    return {
        (sheet.form, question.fields[0]): [note.text for note in question.notes]
        for sheet in annotate(study()).sheets
        for question in (*sheet.header, *sheet.questions)
    }


def test_a_field_says_the_variable_that_takes_it(said):
    assert said["ae", "TERM"] == ["AETERM"]
    assert said["ae", "SER"] == ["AESER"]
    assert said["vs", "DAY"] == ["VSDTC"]


def test_a_qualifier_is_a_value_of_supp_and_work_variables_are_looked_through(said):
    assert said["ae", "REL"] == ["AEREL", 'SUPPAE.QVAL where QNAM = "RELATED"']


def test_a_field_that_only_decides_says_what_it_decides(said):
    assert said["ae", "GRADE"] == ["AESEV"]
    assert said["vs", "ND"] == ['VSSTAT = "NOT DONE" where VSTESTCD = "VSALL"']


def test_a_field_of_a_test_says_which_and_its_printed_unit_is_a_value_too(said):
    assert said["vs", "HT"] == [
        'VSORRES where VSTESTCD = "HEIGHT"',
        'VSORRESU where VSTESTCD = "HEIGHT"',
    ]
    assert said["vs", "SYS"] == [
        'VSORRES where VSTESTCD = "SYSBP"',
        'VSORRESU where VSTESTCD = "SYSBP"',
    ]


def test_what_no_variable_holds_is_not_submitted(said):
    assert said["ae", "NOTE"] == ["[NOT SUBMITTED]"]


def test_the_head_of_a_page_says_what_it_holds_and_nothing_else(said):
    assert said["ae", "ROW"] == ["AESPID"]
    assert said["vs", "ROW"] == []


def test_a_page_names_its_datasets_and_its_visits(study):
    sheets = annotate(study()).sheets

    assert [(one.form, one.title, one.visits) for one in sheets] == [
        ("ae", "Adverse Events", ("Log",)),
        ("vs", "Vital Signs", ("Visit 1",)),
    ]
    assert [note.text for note in sheets[1].datasets] == ["VS (Vital Signs)"]


def test_of_several_datasets_on_a_page_each_annotation_names_its_own(study):
    other = "dataset: CO\nrows: each ae\nkeys: [USUBJID]\nvariables:\n  COVAL: ae.NOTE\n"
    sheet = annotate(study(**{"sdtm/co": other})).sheets[0]

    assert [note.text for note in sheet.datasets] == ["AE (Adverse Events)", "CO (Comments)"]
    notes = {one.fields[0]: [note.text for note in one.notes] for one in sheet.questions}
    assert notes["TERM"] == ["AE.AETERM"]
    assert notes["NOTE"] == ["CO.COVAL"]


def test_values_of_several_tests_stand_in_one_annotation(study):
    vs = (
        "dataset: VS\nrows:\n"
        "  - each: vs\n    set: {VSTESTCD: const HEIGHT, VSDTC: vs.DAY | iso 'y-m-d'}\n"
        "  - each: vs\n    set: {VSTESTCD: const SYSBP, VSDTC: vs.DAY | iso 'y-m-d'}\n"
        "keys: [USUBJID, VSTESTCD]\nvariables:\n  VSTEST: \"''\"\n"
    )
    sheet = annotate(study(**{"sdtm/vs": vs})).sheets[1]

    assert [note.text for note in sheet.questions[0].notes] == [
        'VSDTC where VSTESTCD in ("HEIGHT", "SYSBP")'
    ]


def test_a_branch_of_another_source_carries_nothing(study):
    vs = (
        "dataset: VS\nrows:\n"
        "  - each: vs\n    set: {VSTESTCD: const HEIGHT}\n"
        "  - each: vs\n    set: {VSTESTCD: const SYSBP}\n"
        "keys: [USUBJID, VSTESTCD]\nvariables:\n  VSTEST: \"''\"\n"
        "  VSORRES: when VSTESTCD = 'HEIGHT' then vs.HT else vs.SYS\n"
    )
    found = [one for one in carried_fields(study(**{"sdtm/vs": vs})) if one.form == "vs"]

    assert [
        (one.field, one.variable, one.where) for one in found if one.field in {"HT", "SYS"}
    ] == [
        ("HT", "VSORRES", ("VSTESTCD", "HEIGHT")),
        ("SYS", "VSORRES", ("VSTESTCD", "SYSBP")),
    ]


def test_what_the_mapping_reads_and_no_page_asks_is_found_but_not_of_vendors(study):
    crf = CRF.replace("      GRADE: Grade\n", "")
    (found,) = annotate(study(crf)).findings

    assert (found.code, found.found) == ("ACRF002", ("GRADE",))
    assert found.fact == 'no question of form "ae" asks for'


def test_a_form_without_a_page_is_found(study):
    crf = CRF[: CRF.index("  vs:")].replace("  V1: {title: Visit 1, forms: [vs]}\n", "")
    (found,) = annotate(study(crf)).findings

    assert (found.code, found.fact) == ("ACRF002", 'form "vs" has no page')


def test_a_study_that_says_nothing_of_its_pages_has_none(study):
    with pytest.raises(SpecError) as caught:
        annotate(study(None))
    assert [one.code for one in caught.value.diagnostics] == ["ACRF001"]
