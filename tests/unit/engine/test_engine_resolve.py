import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, write_study

AE = "dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\nvariables:\n  AETERM: ae.TERM\n"


def mistakes(folder, datasets, study=""):
    folder = write_study(folder, datasets, {"ae": "SUBJ\n", "dm": "SUBJ\n"}, study)
    with pytest.raises(SpecError) as caught:
        resolve(load_study(folder))
    return caught.value.diagnostics


def test_every_ring_is_named(tmp_path):
    found = mistakes(
        tmp_path,
        {
            "sdtm/ae": AE + "  AECAT: AESCAT\n  AESCAT: AECAT\n  AESEV: AESER\n  AESER: AEACN\n"
            "  AEACN: AESEV\n  AEOUT: AEOUT\n"
        },
    )

    assert {one.code for one in found} == {"SPEC030"}
    assert {one.found for one in found} == {
        ("AE.AECAT <- AE.AESCAT <- AE.AECAT",),
        ("AE.AESEV <- AE.AESER <- AE.AEACN <- AE.AESEV",),
        ("AE.AEOUT <- AE.AEOUT",),
    }


def test_records_that_need_each_other_are_a_ring_too(tmp_path):
    found = mistakes(
        tmp_path,
        {
            "sdtm/ae": AE.replace("each ae", "each DM"),
            "sdtm/dm": "dataset: DM\nrows: each AE\nkeys: USUBJID\n"
            "variables:\n  SUBJID: AE.AETERM\n",
        },
    )

    assert "SPEC030" in {one.code for one in found}


def test_a_custom_domain_has_a_class_and_labels_of_its_own(tmp_path):
    text = (
        "dataset: XA\nclass: EVENTS\nlabel: Extra Assessments\nrows: each ae\n"
        "keys: [USUBJID, XATERM]\nvariables:\n  XATERM: {map: ae.TERM, label: Reported Term}\n"
    )
    folder = write_study(tmp_path, {"sdtm/xa": text}, {"ae": "SUBJ,TERM\n1,B\n1,A\n"})

    table = build(folder).tables["XA"]

    assert table.select(["STUDYID", "DOMAIN", "USUBJID", "XASEQ", "XATERM"]).to_pylist() == [
        {"STUDYID": "S1", "DOMAIN": "XA", "USUBJID": "S1-1", "XASEQ": 1.0, "XATERM": "A"},
        {"STUDYID": "S1", "DOMAIN": "XA", "USUBJID": "S1-1", "XASEQ": 2.0, "XATERM": "B"},
    ]


def test_a_condition_of_let_uses_those_above_it_and_no_others(tmp_path):
    found = mistakes(
        tmp_path,
        {"sdtm/ae": AE + "  AECAT: when old then 'X'\n"},
        "let:\n  old: AE.AETERM = 'X' or young\n  young: not old\n",
    )

    assert [(one.code, one.span.line, one.fact) for one in found] == [
        ("SPEC017", 7, '"young" stands for nothing here')
    ]


def test_a_mistake_of_let_is_reported_once_and_where_it_stands(tmp_path):
    found = mistakes(
        tmp_path,
        {"sdtm/ae": AE + "  AECAT: when odd then 'X'\n  AESCAT: when not odd then 'X'\n"},
        "let:\n  odd: AE.AETRM = 'X'\n",
    )

    assert [(one.code, str(one.span).rsplit("/", 1)[1]) for one in found] == [
        ("SPEC017", "study.yaml:7:8")
    ]


def test_one_record_of_each_group_of_a_form_is_kept(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/ae": AE.replace(
                "each ae", "each ae where TERM <> 'X' keep last by ae.SUBJ ae.ID order ae.SAVED"
            )
        },
        {"ae": "SUBJ,ID,TERM,SAVED\n1,1,A,1\n1,1,B,2\n1,1,X,3\n1,2,C,1\n2,1,D,1\n"},
    )

    result = build(folder)

    assert result.tables["AE"].column("AETERM").to_pylist() == ["B", "C", "D"]
    assert [(one.used, one.excluded) for one in result.uses] == [(3, 2)]
