import dataclasses
import re
from pathlib import Path

import pyarrow as pa
import pytest

import cdisc.validate
from cdisc.dataset import AdamStudy, Codelist, Dataset, SdtmStudy, Term
from cdisc.diagnostics import Diagnostic, catalogue
from cdisc.standard import load_adam, load_sdtm, load_terminology
from cdisc.validate import validate_study

SDTM = load_sdtm("3.4")
ADAM = load_adam("1.3")
CT = load_terminology("sdtm", "2025-03-28")
ADAM_CT = load_terminology("adam", "2026-03-27")
SUBJECT_LEVEL = "SUBJECT LEVEL ANALYSIS DATASET"


def _labelled(dataset, find):
    variables = tuple(
        dataclasses.replace(one, label=found.label) if (found := find(one.name)) else one
        for one in dataset.variables
    )
    return dataclasses.replace(dataset, variables=variables)


@pytest.fixture
def tabulation(make_dataset):
    def make(name, columns, **rest):
        made = make_dataset(name, columns, **rest)
        return _labelled(made, lambda one: SDTM.variable(name, one))

    return make


@pytest.fixture
def subjects(tabulation):
    one = {
        "STUDYID": "S", "DOMAIN": "DM", "USUBJID": "1", "SUBJID": "1",
        "RFSTDTC": "2026-05-14", "RFENDTC": "2026-06", "RFXSTDTC": "2026-05-14",
        "RFXENDTC": "2026-06", "RFICDTC": "2026-05-01", "RFPENDTC": "2026-07-01",
        "DTHDTC": None, "DTHFL": None, "SITEID": "01", "AGE": 50, "AGEU": "YEARS", "SEX": "F",
        "RACE": "ASIAN", "ARMCD": "A", "ARM": "Arm A", "ACTARMCD": "A", "ACTARM": "Arm A",
        "ARMNRS": None, "ACTARMUD": None, "COUNTRY": "CHN",
    }  # fmt: skip
    return tabulation("DM", {name: [value] for name, value in one.items()}, keys=("USUBJID",))


@pytest.fixture
def events(tabulation):
    columns = {
        "STUDYID": ["S", "S"], "DOMAIN": ["AE", "AE"], "USUBJID": ["1", "1"], "AESEQ": [1, 2],
        "AETERM": ["HEADACHE", "RASH"], "AELLT": [None, None], "AELLTCD": [None, None],
        "AEDECOD": ["Headache", "Rash"], "AEPTCD": [None, None], "AEHLT": [None, None],
        "AEHLTCD": [None, None], "AEHLGT": [None, None], "AEHLGTCD": [None, None],
        "AEBODSYS": [None, None], "AEBDSYCD": [None, None], "AESOC": [None, None],
        "AESOCCD": [None, None], "AESER": ["N", "Y"], "AEACN": [None, None],
        "AEREL": ["NOT RELATED"] * 2, "AESTDTC": ["2026-05-13", "2026-05"],
        "AEENDTC": ["2026-05-14", None], "AESTDY": [-1, None], "AEENDY": [1, None],
    }  # fmt: skip
    numbers = ("AELLTCD", "AEPTCD", "AEHLTCD", "AEHLGTCD", "AEBDSYCD", "AESOCCD")
    return tabulation(
        "AE", columns, keys=("USUBJID", "AESEQ"), kinds=dict.fromkeys(numbers, "number")
    )


def _sdtm(*datasets):
    return SdtmStudy("S", "S", "S", "S", (), datasets)


def _adam(*datasets):
    return AdamStudy("S", "S", "S", "S", (), datasets)


def _with(dataset, **columns):
    table = dataset.table
    for name, values in columns.items():
        index = table.column_names.index(name)
        table = table.set_column(index, name, pa.array(values, table.schema.field(name).type))
    return dataclasses.replace(dataset, table=table)


def test_a_clean_study_has_no_findings(subjects, events):
    assert validate_study(_sdtm(subjects, events), standard=SDTM, terminology=CT) == ()


def test_every_planted_error_is_found_and_nothing_else(subjects, events):
    wrong = _with(
        events, USUBJID=["1", "2"], AESEQ=[1, 1], AESER=["No", "Y"], AESTDY=[-2, None],
        AEDECOD=["Headache", None],
    )  # fmt: skip
    found = validate_study(_sdtm(subjects, wrong), standard=SDTM, terminology=CT)
    assert [(one.code, one.dataset, one.variable, one.found) for one in found] == [
        ("SDTM002", "AE", "AEDECOD", ("missing: record 2",)),
        ("SDTM007", "AE", "AESER", ('"No": record 1',)),
        ("CT001", "AE", "AESER", ('"No": record 1',)),
        ("SDTM017", "AE", "USUBJID", ('"2": record 2',)),
        ("SDTM031", "AE", "AESTDY", ('-2, -1, "2026-05-13", "2026-05-14": record 1',)),
    ]


def test_a_study_without_subjects_says_so(events):
    found = validate_study(_sdtm(events), standard=SDTM, terminology=CT)
    assert found == (
        Diagnostic(
            "SDTM018",
            'the study has no dataset "DM"',
            expected="one record for each subject",
            help='add a spec of "DM"',
            dataset="DM",
        ),
    )


def test_datasets_without_records_are_checked_like_any_other(subjects, events):
    empty = [dataclasses.replace(one, table=one.table.slice(0, 0)) for one in (subjects, events)]
    found = validate_study(_sdtm(*empty), standard=SDTM, terminology=CT)
    assert {(one.code, one.dataset) for one in found} == {("SDTM022", "DM"), ("SDTM022", "AE")}


def test_columns_without_values_are_checked_like_any_other(subjects, events):
    blank = [
        _with(one, **{name: [None] * one.table.num_rows for name in one.table.column_names})
        for one in (subjects, events)
    ]
    found = validate_study(_sdtm(*blank), standard=SDTM, terminology=CT)
    assert {one.code for one in found} == {"SDTM002", "SDTM014"}


def test_dictionary_encoded_columns_give_the_same_findings(subjects, events):
    wrong = _with(events, AESER=["No", "Y"])
    index = wrong.table.column_names.index("AESER")
    encoded = dataclasses.replace(
        wrong,
        table=wrong.table.set_column(index, "AESER", wrong.table["AESER"].dictionary_encode()),
    )
    plain, coded = (
        validate_study(_sdtm(subjects, one), standard=SDTM, terminology=CT)
        for one in (wrong, encoded)
    )
    assert plain == coded != ()


def test_supplemental_qualifiers_are_known_by_their_template(subjects, events, tabulation):
    supplement = tabulation(
        "SUPPAE",
        {"STUDYID": ["S"], "RDOMAIN": ["AE"], "USUBJID": ["1"], "IDVAR": ["AESEQ"],
         "IDVARVAL": ["2"], "QNAM": ["AESI"], "QLABEL": ["Of special interest"], "QVAL": ["Y"],
         "QORIG": ["CRF"], "QEVAL": [None]},
        domain="AE", class_name="RELATIONSHIP",
    )  # fmt: skip
    study = _sdtm(subjects, events, supplement)
    assert validate_study(study, standard=SDTM, terminology=CT) == ()


@pytest.fixture
def subject_level(make_dataset):
    required = [one for one in ADAM.dataset("ADSL", SUBJECT_LEVEL).variables if one.core == "Req"]
    values = {"USUBJID": "1", "AGE": 50, "AGEU": "YEARS", "SEX": "F", "RACE": "ASIAN"}
    columns = {
        name: [values.get(name, "A")] for name in (one.name.replace("xx", "01") for one in required)
    }
    made = make_dataset("ADSL", {**columns, "SAFFL": ["Y"], "OWN": ["A"]}, keys=("USUBJID",),
                        class_name=SUBJECT_LEVEL)  # fmt: skip
    return _labelled(made, lambda one: ADAM.variable(SUBJECT_LEVEL, one))


def test_clean_analysis_data_have_no_findings(subject_level, subjects):
    found = validate_study(
        _adam(subject_level), standard=ADAM, terminology=[CT, ADAM_CT], previous=_sdtm(subjects)
    )
    assert found == ()


def test_a_class_that_the_guide_lacks_leaves_the_general_checks(subject_level, make_dataset):
    other = make_dataset("ADX", {"USUBJID": ["1", "9"], "SAFFL": ["Y", "y"]}, class_name="NEW")
    found = validate_study(_adam(subject_level, other), standard=ADAM, terminology=[CT, ADAM_CT])
    assert [(one.code, one.dataset, one.variable) for one in found] == [
        ("ADAM017", "ADX", "USUBJID"),
        ("ADAM023", "ADX", "SAFFL"),
    ]


def test_every_code_of_the_checks_is_in_the_catalogue():
    folder = Path(cdisc.validate.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    codes = set(re.findall(r'"((?:SDTM|ADAM|CT)0\d\d)"', text))
    assert len(codes) > 60
    assert codes - set(catalogue()) == set()


def test_checks_change_nothing(subjects, events):
    study = _sdtm(subjects, events)
    before = [(one.table.schema, one.table.to_pylist()) for one in study.datasets]
    validate_study(study, standard=SDTM, terminology=CT)
    assert [(one.table.schema, one.table.to_pylist()) for one in study.datasets] == before
    assert all(isinstance(one, Dataset) for one in study.datasets)


def test_a_marked_extension_is_only_noted(subjects, events):
    codelist = Codelist("ARMNULRS", "Reason", (Term("OTHER REASON", extended=True),))
    variables = tuple(
        dataclasses.replace(one, codelist=codelist, length=12) if one.name == "ARMNRS" else one
        for one in subjects.variables
    )
    marked = dataclasses.replace(_with(subjects, ARMNRS=["OTHER REASON"]), variables=variables)
    found = validate_study(_sdtm(marked, events), standard=SDTM, terminology=CT)
    assert [(one.code, one.severity, one.variable) for one in found] == [
        ("CT003", "note", "ARMNRS")
    ]
