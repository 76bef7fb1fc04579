import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from cdisc.tools.checking import check

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
folders:
  edc:
    subject: SUBJ
    missing: [ND, UNK]
    not_used: {SAVED: When it was saved, ROWNO: Numbers the records}
  edc/late: {subject: PATNO, encoding: gb18030}
raw:
  lab: {file: ext/LAB.csv, subject: PAT}
  mh: {file: edc/MH.csv, not_used: {ROWNO: Not asked here, MHX: Free text}}
  ae: {file: edc/AE.csv, missing: ["."]}
  late: {file: edc/late/more/AE.csv}
"""


def study(folder, text=STUDY):
    place = folder / "S1"
    place.mkdir()
    (place / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(place)


def test_a_folder_says_how_its_files_are_written(tmp_path):
    text = STUDY.replace(
        "  edc/late: {", "  edc/late: {format: csv, header: 3, skip_rows: 1, catalog: f.sas7bcat, "
    )
    late = study(tmp_path, text).study.raw["late"]
    assert (late.format, late.header, late.skip_rows, late.catalog) == ("csv", 3, 1, "f.sas7bcat")


def test_a_form_has_what_its_folder_says_unless_it_says_so_itself(tmp_path):
    forms = study(tmp_path).study.raw
    assert list(forms) == ["lab", "mh", "ae", "late"]
    assert (forms["mh"].subject, forms["mh"].missing) == ("SUBJ", ("ND", "UNK"))
    assert forms["mh"].not_used == {
        "ROWNO": "Not asked here",
        "MHX": "Free text",
        "SAVED": "When it was saved",
    }
    assert forms["ae"].missing == (".",)
    assert forms["lab"].not_used == {}


def test_the_nearest_folder_speaks_alone(tmp_path):
    late = study(tmp_path).study.raw["late"]
    assert (late.subject, late.encoding, late.missing, late.not_used) == (
        "PATNO",
        "gb18030",
        (),
        {},
    )


def test_what_a_folder_says_is_found_where_the_folder_says_it(tmp_path):
    document = study(tmp_path).document
    assert document.span(("raw", "mh", "subject")).line == 5
    assert document.span(("raw", "mh", "not_used", "ROWNO"), key=True).line == 11
    assert document.span(("raw", "ae", "not_used", "ROWNO"), key=True).line == 7


def test_a_form_may_lack_what_its_folder_does_not_use_but_not_what_it_names_itself(tmp_path):
    loaded = study(tmp_path)
    fields = {"lab": ["PAT"], "mh": ["SUBJ", "ROWNO"], "ae": ["SUBJ"], "late": ["PATNO"]}
    with pytest.raises(SpecError) as caught:
        resolve(loaded, fields)
    wrong = [one for one in caught.value.diagnostics if one.code == "SPEC019"]
    assert [(one.fact, one.span.line) for one in wrong] == [
        ('form mh has no field "MHX"', 11),
    ]


def test_a_mistake_in_a_folder_is_said_once(tmp_path):
    text = STUDY.replace("encoding: gb18030", "encodin: gb18030")
    with pytest.raises(SpecError) as caught:
        resolve(study(tmp_path, text), None)
    wrong = [one for one in caught.value.diagnostics if "encodin" in str(one)]
    assert [(one.code, one.span.line) for one in wrong] == [("SPEC005", 8)]


def test_a_folder_without_forms_is_not_used(tmp_path):
    study(tmp_path, STUDY.replace("{file: edc/late/more/AE.csv}", "{file: o.csv, subject: P}"))
    found = [one for one in check(tmp_path / "S1").findings if 'folder "' in one.fact]
    assert [(one.code, one.fact, one.span.line) for one in found] == [
        ("SPEC078", 'nothing uses the folder "edc/late"', 8)
    ]
