"""A word is explained: codes, verbs and keys; English as define.xml has it."""

import pytest

from cdisc.diagnostics import catalogue
from cdisc.functions import builtin_verbs
from cdisc.tools.explaining import explain, near

VERBS = sorted({verb.name for verb in builtin_verbs().values()})


def test_a_step_is_explained_with_the_english_of_its_example():
    (found,) = explain("upper")

    assert found.to_json() == {
        "kind": "step",
        "title": "upper: a step of the language",
        "text": "Upper case.",
        "usage": "| upper",
        "missing values": "Missing stays missing.",
        "origin": "kept: what was Collected stays Collected",
        "example": "ae.AETERM | upper",
        "english": "ae.AETERM in upper case.",
    }


def test_a_function_and_a_step_of_one_name_are_both_told():
    assert [one.kind for one in explain("date") if one.kind != "key"] == ["function", "step"]


@pytest.mark.parametrize("word", ["study_day", "study_day(AESTDTC)"])
def test_a_function_is_found_however_it_is_written(word):
    (found,) = explain(word)

    assert found.title == "study_day: a function of the language"
    assert dict(found.parts)["Standard"].startswith("SDTMIG v3.4, section 4.4.4")


def test_a_code_is_explained_in_any_case():
    (found,) = explain("spec013")

    assert found.to_text() == (
        f"error[SPEC013]: {catalogue()['SPEC013'].title}\n\n"
        f"Why: {catalogue()['SPEC013'].why}\n\n"
        f"Mend: {catalogue()['SPEC013'].mend}"
    )


def test_a_key_is_told_for_every_place_where_it_may_stand():
    found = explain("where:")

    assert "where: a key of study.yaml, raw:" in [one.title for one in found]
    assert "where: a key of a dataset file, rows:" in [one.title for one in found]
    assert dict(found[0].parts)["Use"] == "may be left out"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_its_example_in_english(verb):
    for one in explain(verb):
        if one.kind != "key":
            assert dict(one.parts)["English"].endswith(".")


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_code_can_be_explained(code):
    assert [one.kind for one in explain(code)] == ["finding"]


def test_what_is_not_known_has_the_nearest_word():
    assert explain("studyday") == ()
    assert near("studyday") == 'did you mean "study_day"?'
    assert near("squsih") == 'did you mean "squish"?'
    assert near("variabels") == 'did you mean "variables"?'
