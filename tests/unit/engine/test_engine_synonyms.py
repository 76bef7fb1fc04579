"""Published synonyms: what `ct` and the inbox make of them, by a made-up release."""

from cdisc.standard.publication import import_releases
from cdisc.tools.inbox import open_inbox
from tests.made_publications import as_text
from tests.study_builder import build, write_study

SEVERITY = ("C66769", "AESEV", "No", "Severity", "CDISC SDTM Severity Terminology", [
    ("C41338", "MILD", "Mild Adverse Event", "1; Grade 1; Slight; Bearable"),
    ("C41339", "MODERATE", "Moderate Adverse Event", "2; Grade 2; Bearable"),
    ("C41340", "SEVERE", "Severe Adverse Event", "3; Grade 3; MILD; sEv"),
    ("C41341", "LETHAL", "Lethal Adverse Event", "SEV"),
])  # fmt: skip
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESEV: ae.SEV | ct
"""
STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2099-01-01}
raw:
  ae: {file: ae.csv, subject: SUBJ}
"""


def study(folder, *severities, more=""):
    import_releases([as_text(folder, [SEVERITY])], folder / "ct")
    rows = "".join(f"001,T{number},{one}\n" for number, one in enumerate(severities))
    raw = {"ae": f"SUBJ,TERM,SEV\n{rows}"}
    return write_study(folder / "S1", {"sdtm/ae": AE}, raw, STUDY + more)


def mapped(place):
    return build(place).tables["AE"].column("AESEV").to_pylist()


def test_a_synonym_stands_for_its_term_whatever_its_case_width_and_blanks(tmp_path):
    assert mapped(study(tmp_path, "grade  1", "Ｇrade 2", "3", "slight")) == [
        "MILD", "MODERATE", "SEVERE", "MILD",
    ]  # fmt: skip


def test_a_submission_value_comes_before_a_synonym_of_another_term(tmp_path):
    assert mapped(study(tmp_path, "mild")) == ["MILD"]


def test_the_terms_of_the_study_come_before_synonyms(tmp_path):
    place = study(tmp_path, "slight", more="terms:\n  AESEV: {slight: MODERATE}\n")
    assert mapped(place) == ["MODERATE"]


def test_a_synonym_of_two_terms_stands_for_none(tmp_path):
    result = build(study(tmp_path, "bearable", "Bearable"))

    assert result.tables["AE"].column("AESEV").to_pylist() == [None, None]
    assert [(one.code, one.records) for one in result.findings] == [("DATA004", 2)]


def test_synonyms_that_differ_in_case_alone_are_told_apart_by_it(tmp_path):
    assert mapped(study(tmp_path, "SEV", "sEv", "sev")) == ["LETHAL", "SEVERE", None]


def test_what_a_synonym_matches_does_not_wait_and_the_nearest_synonym_is_suggested(tmp_path):
    place = study(tmp_path, "grade 1", "Grade 22", "bearable")

    waiting = open_inbox(place, raw=place / "raw").values
    assert [one.value for one in waiting] == ["Grade 22", "bearable"]
    first, second = (one.nearest for one in waiting)
    assert (first[0].term, first[0].text) == ("MODERATE", "Grade 2")
    assert [(one.term, one.text) for one in second[:2]] == [
        ("MILD", "Bearable"), ("MODERATE", "Bearable"),
    ]  # fmt: skip
