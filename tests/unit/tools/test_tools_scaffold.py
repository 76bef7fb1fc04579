"""A new dataset is a form to fill in, and the check tells what is not filled."""

import pytest

from cdisc.errors import OutputError, SpecError
from cdisc.spec import load_study
from cdisc.tools.checking import check
from cdisc.tools.formatting import format_files
from cdisc.tools.scaffold import scaffold
from tests.study_builder import write_study

FORMS = "raw:\n  pr: {file: pr.csv, subject: SUBJ}\n  dm: {file: dm.csv, subject: SUBJ}\n"
STUDY = (
    "study: {id: S1, usubjid: \"'S1-' + subject\"}\n"
    "standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28, adamct: 2026-03-27}\n" + FORMS
)
RAW = {"pr": "SUBJ,PRTRT,PRSTDAT,DOSE,PRLOC\n", "dm": "SUBJ,SEX\n"}


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "S1", {}, RAW, STUDY)


def made(study, dataset, raw=None):
    found = scaffold(dataset, study, tests=study.parent / "tests", raw=raw)
    found.write()
    return found


def codes(study):
    return [(one.code, one.variable or one.expected) for one in check(study).findings]


def test_a_required_variable_has_a_line_and_an_expected_one_a_comment(study):
    made(study, "PR")

    text = (study / "sdtm" / "pr.yaml").read_text(encoding="utf-8")
    assert [" ".join(line.split()) for line in text.split("# Perm")[0].splitlines()] == [
        "# PR - Procedures",
        "# Fill in '' and the lines that are comments: cdisc check tells what is not filled.",
        "dataset: PR",
        "rows: each pr",
        "keys: [USUBJID, PRTRT]",
        "variables:",
        "PRTRT: \"''\" # Req Reported Name of Procedure",
        "# PRSTDTC: # Exp Start Date/Time of Procedure; ISO 8601 datetime or interval",
        "",
    ]


def test_the_check_tells_what_is_not_filled(study):
    made(study, "PR")

    assert codes(study) == [
        ("SPEC073", "PRSTDTC"),
        ("SPEC072", "PRTRT"),
        ("SPEC078", None),
    ]


def test_fields_that_have_the_name_of_a_variable_are_used(study):
    made(study, "PR", raw=study / "raw")

    lines = load_study(study).datasets[0].model.variables
    assert lines == {
        "PRTRT": "pr.PRTRT | squish",
        "PRLOC": "pr.PRLOC | ct",
        "PRSTDTC": "pr.PRSTDAT | iso 'd-mmm-y'",
        "PRSTDY": "study_day(PRSTDTC)",
    }
    assert load_study(study).datasets[0].model.keys == ("USUBJID", "PRTRT", "PRSTDTC")


def test_a_folder_to_test_the_dataset_lies_beside(study):
    found = made(study, "PR", raw=study / "raw")

    case = study.parent / "tests" / "S1" / "PR"
    assert list(found.files) == [
        study / "sdtm" / "pr.yaml",
        case / "raw" / "pr.csv",
        case / "expected.csv",
    ]
    assert (case / "raw" / "pr.csv").read_text(encoding="utf-8") == "SUBJ,PRTRT,PRLOC,PRSTDAT\n"
    assert (case / "expected.csv").read_text(encoding="utf-8") == (
        "USUBJID,PRTRT,PRLOC,PRSTDTC,PRSTDY\n"
    )


def test_a_form_that_is_not_declared_is_named(study):
    assert made(study, "MH").form == "mh"
    with pytest.raises(SpecError) as caught:
        check(study)

    assert {one.fact for one in caught.value.diagnostics if one.severity == "error"} == {
        'there is no form "mh"'
    }


def test_what_is_written_is_in_its_form(study):
    for dataset in ("DM", "PR", "VS", "LB", "ADSL", "ADLB", "ADCM", "ADTTE"):
        made(study, dataset)

    assert format_files(study) == ()


def test_findings_have_the_decode_of_their_test_code(study):
    made(study, "VS")

    lines = load_study(study).datasets[0].model.variables
    assert lines == {"VSTESTCD": "''", "VSTEST": "VSTESTCD | decode VSTESTCD"}


def test_an_analysis_dataset_copies_what_it_follows(study):
    made(study, "DM")
    made(study, "ADSL")
    made(study, "ADTTE")

    _dm, adsl, adtte = load_study(study).datasets
    assert adsl.model.copy_ == {"DM": ("SUBJID", "SITEID", "SEX")}
    assert adsl.model.keys == ("USUBJID",)
    assert (adtte.model.keys, adtte.model.rows) == (
        ("USUBJID", "PARAMCD"),
        ("params for each ADSL",),
    )


def test_nothing_is_replaced(study):
    made(study, "PR")
    before = (study / "sdtm" / "pr.yaml").read_text(encoding="utf-8")

    with pytest.raises(OutputError) as caught:
        made(study, "PR", raw=study / "raw")

    assert {one.code for one in caught.value.diagnostics} == {"OUT008"}
    assert len(caught.value.diagnostics) == 3
    assert (study / "sdtm" / "pr.yaml").read_text(encoding="utf-8") == before


def test_a_dataset_that_no_standard_has_is_refused(study):
    with pytest.raises(SpecError) as caught:
        made(study, "PX")

    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.fact) == ("SPEC031", "SDTMIG 3.4 has no dataset PX")
