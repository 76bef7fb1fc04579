import subprocess
import sys

import pycountry

from cdisc.functions.countries import country_key, further_names
from cdisc.functions.languages import languages
from tests.study_builder import build, evaluate, evaluation


def coded(folder, *collected):
    return evaluate(folder, [{"C": one} for one in collected], {"X": "f.C | iso639"})["X"]


def test_names_and_codes_become_alpha_3_whatever_their_case_accents_and_signs(tmp_path):
    collected = ["English", "ENGLISH", " french ", "norwegian bokm\u00e5l", "Norwegian Bokmal",
                 "de", "DE", "deu", "ger", "GER", "Modern Greek (1453-)", "Greek", "Mandarin",
                 "Mandarin Chinese", "Chinese", "zh", "chi", "Swahili", "Flemish", ""]  # fmt: skip

    assert coded(tmp_path, *collected) == [
        "eng", "eng", "fra", "nob", "nob",
        "deu", "deu", "deu", "deu", "deu", "ell", "ell", "cmn",
        "cmn", "zho", "zho", "zho", "swa", "nld", None,
    ]  # fmt: skip


def test_a_text_that_is_the_code_of_one_and_the_name_of_another_is_told_by_its_case(tmp_path):
    assert coded(tmp_path, "en", "EN", "En", "dan", "DAN", "Dan") == [
        "eng", "eng", None, "dan", "dan", None,
    ]  # fmt: skip


def test_a_name_of_two_languages_stands_for_none(tmp_path):
    assert coded(tmp_path, "Saliba", "sbe", "slc") == [None, "sbe", "slc"]


def test_an_article_is_a_code_only_as_codes_are_written(tmp_path):
    assert coded(tmp_path, "the", "The", "\u4e2d\u6587", "?") == ["the", None, None, None]


def test_a_text_that_is_no_language_is_missing_and_reported_or_kept(tmp_path):
    lines = {"X": "f.C | iso639", "K": "f.C | iso639 else keep", "M": "f.C | iso639 else missing"}

    result = build(evaluation(tmp_path, [{"C": "Englisch"}, {"C": "fr"}], lines))

    assert result.tables["AE"].select(["X", "K", "M"]).to_pylist() == [
        {"X": None, "K": "Englisch", "M": None}, {"X": "fra", "K": "fra", "M": "fra"},
    ]  # fmt: skip
    assert [(one.code, one.records) for one in result.findings] == [("DATA004", 1)]


def test_every_code_of_the_standard_stands_for_itself():
    named, exact = languages()
    codes = [one.alpha_3 for one in pycountry.languages]

    assert [code for code in codes if exact.get(code, named.get(code)) != code] == []
    assert len(codes) > 7_900
    assert "" not in named


def test_further_names_are_of_languages_and_not_those_of_the_standard():
    own = {
        country_key(getattr(one, field))
        for one in pycountry.languages
        for field in ("name", "common_name", "inverted_name")
        if getattr(one, field, None)
    }
    further = further_names("iso639.yaml")

    assert [name for names in further.values() for name in names if country_key(name) in own] == []
    assert [code for code in further if pycountry.languages.get(alpha_3=code) is None] == []


def test_the_library_waits_until_a_study_has_the_verb():
    code = (
        "import sys; from cdisc.functions.registry import builtin_verbs; builtin_verbs();"
        "print('pycountry' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout == "False\n"
