import pytest

from cdisc.standard import load_dictionary
from cdisc.validate.coding import check_coding
from tests.made_dictionaries import write_meddra, write_whodrug


@pytest.fixture
def meddra(tmp_path):
    return load_dictionary("MedDRA", "27.1", write_meddra(tmp_path / "meddra"))


@pytest.fixture
def whodrug(tmp_path):
    return load_dictionary("WHODrug", "2025-03", write_whodrug(tmp_path / "whodrug"))


def found(dataset, dictionary):
    return [(one.code, one.variable, one.found) for one in check_coding(dataset, dictionary)]


CODED = {
    "AELLT": ["BLUE SPOTS", "Humming ears"],
    "AELLTCD": [10000001, 10000003],
    "AEDECOD": ["BLUE SPOT", "Ear humming"],
    "AEPTCD": [20000001, 20000002],
    "AEHLT": ["Inks", "Ear noises"],
    "AEHLTCD": [30000002, 30000003],
    "AEHLGT": ["Stains", "Noises"],
    "AEHLGTCD": [40000002, 40000003],
    "AEBODSYS": ["Laundry", "Ears of toys"],
    "AEBDSYCD": [50000002, 50000003],
    "AESOC": ["Skin of toys", None],
    "AESOCCD": [50000001, None],
}


def test_terms_of_one_path_pass_in_any_case_and_beside_another_primary_class(make_dataset, meddra):
    assert found(make_dataset("AE", CODED), meddra) == []


def test_a_path_goes_to_one_class_only(make_dataset, meddra):
    mixed = {**CODED, "AEHLGT": ["Skin colours", "Noises"], "AEHLGTCD": [40000001, 40000003]}
    assert [one[:2] for one in found(make_dataset("AE", mixed), meddra)] == [("CT014", "AEHLT")]
    other = {**CODED, "AEHLT": ["Gaits"] * 2, "AEHLTCD": [30000004] * 2}
    assert [one[:2] for one in found(make_dataset("AE", other), meddra)] == [("CT014", "AEHLT")]


def test_a_code_that_the_dictionary_lacks_is_found(make_dataset, meddra):
    dataset = make_dataset("AE", {"AELLT": ["X", None], "AELLTCD": [99, None]})
    assert found(dataset, meddra) == [("CT010", "AELLTCD", ('"X", 99: record 1',))]


def test_a_text_that_is_not_of_its_code_is_found(make_dataset, meddra):
    dataset = make_dataset("AE", {"AELLT": ["Red spots"], "AELLTCD": [10000001]})
    assert found(dataset, meddra) == [("CT011", "AELLT", ('"Red spots", 10000001: record 1',))]


def test_a_term_that_is_no_longer_current_is_found_by_its_text_too(make_dataset, meddra):
    dataset = make_dataset("MH", {"MHLLT": ["bluish spots"], "MHDECOD": ["Blue spot"]})
    assert found(dataset, meddra) == [("CT012", "MHLLT", ('"bluish spots": record 1',))]


def test_a_preferred_term_belongs_to_the_term_below_it(make_dataset, meddra):
    dataset = make_dataset(
        "AE", {"AELLTCD": [10000001, 10000003], "AEPTCD": [20000002, 20000002], "AEX": ["a", "b"]}
    )
    assert found(dataset, meddra) == [
        ("CT013", "AEPTCD", ("10000001, 20000002: record 1",)),
    ]


def test_the_class_is_the_primary_one(make_dataset, meddra):
    dataset = make_dataset("AE", {"AEPTCD": [20000001], "AESOC": ["Laundry"]})
    assert found(dataset, meddra) == [("CT015", "AESOC", ('20000001, "Laundry": record 1',))]


def test_a_dataset_that_is_not_coded_is_not_held_against_a_dictionary(make_dataset, meddra):
    assert found(make_dataset("DS", {"DSDECOD": ["COMPLETED"]}), meddra) == []
    assert found(make_dataset("VS", {"VSORRES": ["1"]}), meddra) == []


def test_records_without_terms_pass(make_dataset, meddra):
    empty = {name: [None] for name in CODED}
    assert found(make_dataset("AE", empty), meddra) == []
    assert found(make_dataset("AE", {name: [] for name in CODED}), meddra) == []


def test_a_drug_has_the_classes_that_are_assigned_to_it(make_dataset, whodrug):
    columns = {
        "CMDECOD": ["TOYZOLE", "GLIMMER [TOYZOLE]", "PUPPETINE", "PLAYDOL", None],
        "CMCLAS": ["TOYS FOR SKIN", "Plain toys for ears", "TOYS FOR SKIN", None, "X"],
        "CMCLASCD": ["Z02B", "Z01A", "Z02B", None, "Z09"],
    }
    assert found(make_dataset("CM", columns), whodrug) == [
        ("CT010", "CMDECOD", ('"PLAYDOL": record 4',)),
        ("CT010", "CMCLASCD", ('"X", "Z09": record 5',)),
        ("CT014", "CMCLAS", ('"PUPPETINE", "TOYS FOR SKIN", "Z02B": record 3',)),
    ]
