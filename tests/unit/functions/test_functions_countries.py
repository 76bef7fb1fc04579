from pathlib import Path

import pycountry
import pytest

from cdisc.functions.countries import countries, country_key, further_names
from tests.study_builder import build, evaluate, evaluation, write_study


def test_names_and_codes_become_alpha_3_whatever_their_case_accents_and_signs(tmp_path):
    collected = ["CHN", "cn", "China", "  Korea (the Republic of) ", "KOREA, REPUBLIC OF",
                 "Cote d'Ivoire", "Côte d\u2019Ivoire", "Ｊａｐａｎ", "U.S.A.", "the Netherlands",
                 "Bosnia & Herzegovina", "Türkiye", "Turkey", ""]  # fmt: skip

    found = evaluate(tmp_path, [{"C": one} for one in collected], {"X": "f.C | iso3166"})

    assert found["X"] == ["CHN", "CHN", "CHN", "KOR", "KOR", "CIV", "CIV", "JPN", "USA", "NLD",
                          "BIH", "TUR", "TUR", None]  # fmt: skip


def test_a_text_that_is_no_country_is_missing_and_reported(tmp_path):
    records = [{"C": "Chine"}, {"C": "中国"}, {"C": "DE"}]

    result = build(evaluation(tmp_path, records, {"X": "f.C | iso3166"}))

    assert result.tables["AE"].column("X").to_pylist() == [None, None, "DEU"]
    assert [(one.code, one.records) for one in result.findings] == [("DATA004", 2)]


def test_a_text_that_is_no_country_can_be_kept_or_left_out_in_silence(tmp_path):
    lines = {"K": "f.C | iso3166 else keep", "M": "f.C | iso3166 else missing"}

    result = build(evaluation(tmp_path, [{"C": "Chine"}], lines))

    row = result.tables["AE"].select(["K", "M"]).to_pylist()
    assert (row, result.findings) == ([{"K": "Chine", "M": None}], ())


def published():
    """Every name and code with its country, as they were compared by hand in 2026."""
    text = Path(__file__).with_name("published_countries.txt").read_text(encoding="utf-8")
    return [tuple(line.split("\t")) for line in text.splitlines()]


def test_the_names_and_codes_are_those_that_were_compared_and_no_others():
    found = {country_key(name): code for name, code in published()}

    assert countries() == found
    assert len(set(found.values())) == 249
    assert {len(code) for code in found.values()} == {3}


def test_no_name_stands_for_two_countries():
    pairs = {(country_key(name), code) for name, code in published()}

    assert len(pairs) == len(countries())


def test_further_names_are_not_those_of_the_standard():
    own = {
        country_key(getattr(one, field))
        for one in pycountry.countries
        for field in ("alpha_3", "alpha_2", "name", "official_name", "common_name")
        if getattr(one, field, None)
    }
    further = [name for names in further_names("iso3166.yaml").values() for name in names]

    assert [name for name in further if country_key(name) in own] == []


def test_every_name_is_found_in_the_data(tmp_path):
    names = published()

    found = evaluate(tmp_path, [{"C": name} for name, _ in names], {"X": "f.C | iso3166"})

    assert found["X"] == [code for _, code in names]


@pytest.mark.parametrize("line", ["dm.C | iso3166", "const USA"])
def test_country_is_described_by_the_dictionary_of_the_standard(tmp_path, line):
    from cdisc.engine.describe import describe
    from cdisc.spec import load_study
    from tests.study_builder import read_delivery, resolve_with

    files = {
        "sdtm/dm": f"dataset: DM\nrows: each dm\nkeys: USUBJID\nvariables:\n  COUNTRY: {line}\n"
    }
    folder = write_study(tmp_path, files, {"dm": "SUBJ,C\n001,us\n"})
    loaded = load_study(folder)
    program = resolve_with(loaded, read_delivery(loaded, folder / "raw"))
    dataset = describe(program, build(folder), "DM", standard="SDTMIG")

    country = dataset.variable("COUNTRY")
    assert (country.dictionary.name, country.dictionary.version) == ("ISO 3166", "2020")
    assert country.codelist is None
