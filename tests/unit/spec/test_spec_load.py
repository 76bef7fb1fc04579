import shutil
from pathlib import Path

import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import STUDY, write_study

ROOT = Path(__file__).parents[3]
AE = """\
dataset: AE
rows: each ae
keys: USUBJID
variables:
  AETERM: ae.TERM
  AESEV: {map: ae.SEV | ct, because: Another codelist}
"""


def codes(loaded):
    return [(one.code, one.span.line) for one in loaded.problems]


def test_a_file_is_read_into_its_model(tmp_path):
    loaded = load_study(write_study(tmp_path, {"sdtm/ae": AE}, {"ae": "SUBJ\n"}))

    (one,) = loaded.datasets
    assert loaded.problems == ()
    assert (one.stage, one.model.dataset, one.model.keys) == ("sdtm", "AE", ("USUBJID",))
    assert one.model.rows == ("each ae",)
    assert one.model.variables["AETERM"] == "ae.TERM"
    assert one.model.variables["AESEV"].because == "Another codelist"
    assert loaded.study.standards.ct == "2025-03-28"


def test_terms_of_all_files_are_one_set(tmp_path):
    folder = write_study(
        tmp_path,
        {"terms/one": "terms:\n  SEV: {NO: MILD}\n", "terms/two": "terms:\n  REL: {010: '1'}\n"},
        {"ae": "SUBJ\n"},
        "terms:\n  OUT: {Died: FATAL}\n",
    )

    assert load_study(folder).terms == {
        "OUT": {"Died": "FATAL"},
        "SEV": {"NO": "MILD"},
        "REL": {"010": "1"},
    }


def test_a_mistake_of_form_does_not_hide_the_rest_of_its_file(tmp_path):
    text = AE.replace("keys: USUBJID", "keys: {A: B}\nkees: [A]").replace("ae.TERM", "[ae.TERM]")

    loaded = load_study(write_study(tmp_path, {"sdtm/ae": text}, {"ae": "SUBJ\n"}))

    (one,) = loaded.datasets
    assert sorted(codes(loaded)) == [("SPEC005", 4), ("SPEC007", 3), ("SPEC007", 6)]
    assert one.model.variables["AETERM"] == "''"
    assert one.model.variables["AESEV"].map == "ae.SEV | ct"


def test_mistakes_of_form_and_of_language_come_together(tmp_path):
    folder = write_study(
        tmp_path,
        {"sdtm/ae": AE + "  AEACN: {map: ae.ACN | ctt, lable: Action}\n", "sdtm/cm": "rows: [\n"},
        {"ae": "SUBJ\n"},
    )

    with pytest.raises(SpecError) as caught:
        resolve(load_study(folder))

    assert [one.code for one in caught.value.diagnostics] == ["SPEC013", "SPEC005", "SPEC001"]


def test_a_variable_that_cannot_be_read_is_no_further_mistake_where_it_is_used(tmp_path):
    text = AE + "  AECAT: ae.A ||\n  AESCAT: AECAT\n  AEACN: when AESCAT = AECAT then 'X'\n"

    with pytest.raises(SpecError) as caught:
        resolve(load_study(write_study(tmp_path, {"sdtm/ae": text}, {"ae": "SUBJ\n"})))

    assert [one.code for one in caught.value.diagnostics] == ["SPEC010"]


def test_a_file_that_cannot_be_read_is_no_further_mistake_where_it_is_used(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/dm": "dataset: DM\nrows: [\n",
            "sdtm/ae": AE + "  AESTDTC: ae.D | iso 'y'\n  AESTDY: study_day(AESTDTC)\n"
            "  AECAT: when any DM where DM.AGE > 5 then DM.SEX\n",
            "adam/adsl": "dataset: ADSL\nrows: each DM\nkeys: [USUBJID]\ncopy:\n  DM: [SUBJID]\n",
        },
        {"ae": "SUBJ\n"},
    )

    with pytest.raises(SpecError) as caught:
        resolve(load_study(folder))

    assert [one.code for one in caught.value.diagnostics] == ["SPEC001"]


def test_a_study_file_that_cannot_be_read_is_reported_with_the_mistakes_of_the_others(tmp_path):
    folder = write_study(
        tmp_path, {"sdtm/ae": AE + "supp: {X: {map: a}}\n"}, {}, STUDY.replace("SDTMIG 3.4", "3.4")
    )

    with pytest.raises(SpecError) as caught:
        load_study(folder)

    assert [(one.code, one.span.line) for one in caught.value.diagnostics] == [
        ("SPEC006", 7),
        ("SPEC007", 2),
        ("SPEC003", 3),
    ]


@pytest.mark.parametrize("study", ["CDISCPILOT01", "SYN07441291"])
def test_the_mappings_that_are_delivered_have_no_mistake(study, tmp_path):
    shutil.copytree(ROOT / "mappings" / study, tmp_path / study)

    loaded = load_study(tmp_path / study)

    assert loaded.problems == ()
    assert set(resolve(loaded).datasets) >= {"DM", "AE", "EX", "DS", "ADSL", "ADTTE"}
