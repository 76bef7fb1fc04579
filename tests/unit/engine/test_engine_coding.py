"""Variables that a dictionary of the study fills."""

import pytest

from cdisc.dataset import Dictionary
from cdisc.engine.describe import describe
from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.made_dictionaries import write_meddra
from tests.study_builder import build, read_delivery, resolve_with, write_study

AE = """
dataset: AE
rows: each ae
keys: [USUBJID, AESPID]
coded:
  {dictionary}: {{from: ae, by: LLT, variables: [AELLT, AELLTCD, AEDECOD, AEPTCD, AEBODSYS]}}
variables:
  AESPID: ae.NO
  AETERM: ae.TERM
  AESOC:  ae.LLT | lookup MedDRA SOC
"""
RAW = {
    "ae": "SUBJ,NO,TERM,LLT\n"
    "001,1,blue,10000002\n001,2,blue,BLUISH SPOTS\n001,3,hum,Humming ears\n"
    "001,4,none,\n001,5,odd,Odd gait\n"
}
PINNED = 'dictionaries:\n  MedDRA: {version: "27.1", folder: ../dict}\n'


def study(tmp_path, dictionary="MedDRA", more=PINNED):
    write_meddra(tmp_path / "dict")
    files = {"sdtm/ae": AE.format(dictionary=dictionary)}
    return write_study(tmp_path / "study", files, RAW, more)


def test_coded_variables_follow_from_the_code_or_the_text_of_the_lowest_term(tmp_path):
    result = build(study(tmp_path))
    table = result.tables["AE"].drop(["STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AETERM"])
    assert table.to_pydict() == {
        "AESPID": ["1", "2", "3", "4", "5"],
        "AELLT": ["Bluish spots", "Bluish spots", "Humming ears", None, None],
        "AELLTCD": [10000002.0, 10000002.0, 10000003.0, None, None],
        "AEDECOD": ["Blue spot", "Blue spot", "Ear humming", None, None],
        "AEPTCD": [20000001.0, 20000001.0, 20000002.0, None, None],
        "AEBODSYS": ["Skin of toys", "Skin of toys", "Ears of toys", None, None],
        "AESOC": ["Skin of toys", "Skin of toys", "Ears of toys", None, None],
    }
    # a text of two terms leads to neither
    missed = {(one.code, one.variable) for one in result.findings}
    assert missed == {
        ("DATA002", name)
        for name in ("AELLT", "AELLTCD", "AEDECOD", "AEPTCD", "AEBODSYS")  # AESOC asks the same
    }


def test_what_a_dictionary_gives_is_assigned_by_it_in_the_pinned_version(tmp_path):
    folder = study(tmp_path)
    loaded = load_study(folder)
    raw = read_delivery(loaded, folder / "raw")
    ae = describe(resolve_with(loaded, raw), build(folder), "AE", standard="SDTMIG")
    assert ae.variable("AEDECOD").dictionary == Dictionary("MedDRA", "27.1")
    assert ae.variable("AEDECOD").origin.type == "Assigned"


@pytest.mark.parametrize(
    ("dictionary", "more", "code"),
    [
        ("MedDRA 26.0", PINNED, "SPEC097"),
        ("MedDRA", PINNED.replace("../dict", "../nothing"), "SPEC095"),
        ("MedDRA", PINNED.replace("27.1", "26.0"), "SPEC096"),
    ],
)
def test_a_dictionary_that_is_not_as_pinned_is_a_mistake(tmp_path, dictionary, more, code):
    with pytest.raises(SpecError) as error:
        resolve(load_study(study(tmp_path, dictionary, more)))
    assert {one.code for one in error.value.diagnostics} == {code}


def test_a_variable_that_no_dictionary_fills_is_a_mistake(tmp_path):
    folder = study(tmp_path)
    path = folder / "sdtm" / "ae.yaml"
    path.write_text(path.read_text().replace("AEBODSYS]", "AESEV]"))
    with pytest.raises(SpecError) as error:
        resolve(load_study(folder))
    assert [(one.code, one.fact) for one in error.value.diagnostics] == [
        ("SPEC097", "MedDRA has nothing for AESEV")
    ]
