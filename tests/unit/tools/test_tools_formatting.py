"""Mapping files have one form, and keep what people wrote around it."""

from pathlib import Path

import pytest

from cdisc.errors import SpecError
from cdisc.resources import mappings_root
from cdisc.source import parse_document
from cdisc.tools.formatting import format_files, formatted

STUDIES = sorted(path.parent.name for path in mappings_root().glob("*/study.yaml"))

UNTIDY = """\
# AE - adverse events

dataset: AE
keys: [USUBJID, AETERM]
# Only what was reported.
rows: each ae where  TERM is not missing keep first by  ROWNO order SAVED
variables:
  # the term
  AETERM: ae.TERM|squish|upper   # as reported
  AESER: "ae.SER | ct"
  AESEV:
    map: when(ae.SEV='1')then 'MILD'
    label: Severity


  AEOUT: >-
    when ae.OUT = '1' then 'FATAL'
    else 'UNKNOWN'
supp:
  AEX: {label: "X: Y", map: "coalesce(ae.A,ae.B)"}
  AELONGNM: {label: Z, map: '''it: '' + ae.Z'}
checks:
- not (AESER = 'Y')   or AEOUT='FATAL'
"""
TIDY = """\
# AE - adverse events

dataset: AE
# Only what was reported.
rows: each ae where TERM is not missing keep first by ROWNO order SAVED
keys: [USUBJID, AETERM]
variables:
  # the term
  AETERM:   ae.TERM | squish | upper   # as reported
  AESER:    ae.SER | ct
  AESEV:
    map: when ae.SEV = '1' then 'MILD'
    label: Severity

  AEOUT:    >-
    when ae.OUT = '1' then 'FATAL'
    else 'UNKNOWN'
supp:
  AEX:      {label: "X: Y", map: "coalesce(ae.A, ae.B)"}
  AELONGNM: {label: Z, map: "'it: ' + ae.Z"}
checks:
- not (AESER = 'Y') or AEOUT = 'FATAL'
"""


def test_a_file_is_put_into_its_form_with_its_comments_and_blank_lines():
    assert formatted(UNTIDY, "dataset", file="ae.yaml") == TIDY


def test_what_is_formatted_stays_as_it_is():
    assert formatted(TIDY, "dataset", file="ae.yaml") == TIDY


def test_the_conditions_of_study_yaml_are_expressions():
    text = (
        "study: {id: S1, usubjid: \"'S1-' +   subject\"}\n"
        "let:\n"
        '  dosed: "EX.EXDOSE>0"\n'
        '  "bmi(w, h)": w/(h*h)\n'
        "raw:\n"
        "  ae: {file: ae.csv, subject: SITE+'-'+NO, where: \"STATUS='1'\"}\n"
    )

    assert formatted(text, "study", file="study.yaml") == (
        "study: {id: S1, usubjid: \"'S1-' + subject\"}\n"
        "raw:\n"
        "  ae: {file: ae.csv, subject: SITE + '-' + NO, where: STATUS = '1'}\n"
        "let:\n"
        "  dosed: EX.EXDOSE > 0\n"
        '  "bmi(w, h)": w / (h * h)\n'
    )


def test_terms_and_labels_are_left_alone():
    text = "terms:\n  NY:\n    'Yes': Y\n    \"1\":   Y    # both\n"

    assert formatted(text, "terms", file="terms/ny.yaml") == text


def test_an_expression_that_cannot_be_read_is_told_in_its_place():
    with pytest.raises(SpecError) as caught:
        formatted("dataset: AE\nvariables:\n  AETERM: ae.TERM |\n", "dataset", file="ae.yaml")

    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.span.line) == ("SPEC010", 3)


@pytest.mark.parametrize("study", STUDIES)
def test_the_mappings_that_are_carried_are_in_their_form(study):
    assert [one.finding.to_text() for one in format_files(mappings_root() / study)] == []


def test_what_a_file_says_is_the_same_in_its_form(tmp_path):
    folder = tmp_path / "sdtm"
    folder.mkdir()
    (folder / "ae.yaml").write_text(UNTIDY, encoding="utf-8")

    (found,) = format_files(tmp_path)

    said = parse_document(found.after, file="ae.yaml").value
    before = parse_document(UNTIDY, file="ae.yaml").value
    assert list(said) == ["dataset", "rows", "keys", "variables", "supp", "checks"]
    assert said["supp"]["AELONGNM"] == before["supp"]["AELONGNM"]
    assert said["variables"]["AEOUT"] == before["variables"]["AEOUT"]


def test_one_file_may_be_formatted_alone(tmp_path):
    path = Path(tmp_path / "study.yaml")
    path.write_text("let: {a: B>1}\n", encoding="utf-8")

    (found,) = format_files(path)

    assert found.after == "let: {a: B > 1}\n"
