"""Which datasets a rule is for, and the datasets that were split or supplement others."""

import pyarrow as pa
import pytest

from cdisc.review.open_rules import run_cases
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import UnknownConstructError
from cdisc.validate.open_rules.run import run
from cdisc.validate.open_rules.study import Study, Variable

from .test_open_rules_operators import rule

ALWAYS = {"all": [{"name": "USUBJID", "operator": "exists"}]}


def study_of(product="SDTMIG", version="3.4", part="", use="", **datasets):
    study = Study(product, version, part, use)
    for name, columns in datasets.items():
        variables = [Variable(one, "", "Char", 20) for one in columns]
        arrays = {one: pa.array(values, pa.string()) for one, values in columns.items()}
        study.add(name, pa.table(arrays), variables)
    return study


def of(domain, **columns):
    number = len(next(iter(columns.values()))) if columns else 1
    return {"DOMAIN": [domain] * number, "USUBJID": [f"S{at}" for at in range(number)], **columns}


def found(one, study):
    return [(each.dataset, each.record) for each in run(one, study, Library(study))]


def datasets(scope, study):
    return sorted({dataset for dataset, _record in found(rule(ALWAYS, Scope=scope), study)})


@pytest.mark.parametrize(
    ("split", "expected"),
    [(None, ["AE", "QSCG", "QSMM"]), (True, ["QSCG", "QSMM"]), (False, ["AE"])],
)
def test_parts_of_a_dataset_are_taken_left_out_or_told_apart(split, expected):
    study = study_of(AE=of("AE"), QSCG=of("QS"), QSMM=of("QS"))
    domains = {} if split is None else {"include_split_datasets": split}
    assert datasets({"Domains": domains}, study) == expected


def test_parts_of_a_dataset_are_looked_at_together_and_reported_each_by_its_own_name():
    study = study_of(QSCG=of("QS", QSSEQ=["1", "2"]), QSMM=of("QS", QSSEQ=["3", "2"]))
    check = {"all": [{"name": "QSSEQ", "operator": "is_not_unique_set"}]}
    assert found(rule(check), study) == [("QSCG", 2), ("QSMM", 2)]
    whole = rule(check, Sensitivity="Dataset")
    assert found(whole, study) == [("QSCG, QSMM", None)]


def test_a_rule_for_the_parts_looks_at_each_alone():
    study = study_of(QSCG=of("QS", QSSEQ=["1", "2"]), QSMM=of("QS", QSSEQ=["3", "2"]))
    check = {"all": [{"name": "QSSEQ", "operator": "is_not_unique_set"}]}
    scope = {"Domains": {"include_split_datasets": True}}
    assert found(rule(check, Scope=scope), study) == []


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"Include": ["BASIC DATA STRUCTURE"]}, ["ADLB"]),
        ({"Include": ["SUBJECT LEVEL ANALYSIS DATASET"]}, ["ADSL"]),
        ({"Include": ["ALL"]}, ["ADAE", "ADLB", "ADSL", "ADXX"]),
        ({"Exclude": ["OCCURRENCE DATA STRUCTURE"]}, ["ADLB", "ADSL", "ADXX"]),
        ({"Include": ["ADAM OTHER"]}, ["ADXX"]),
    ],
)
def test_the_structure_of_analysis_datasets_is_told_by_their_variables(scope, expected):
    study = study_of(
        "ADAMIG",
        "1.3",
        ADSL={"USUBJID": ["S1"], "TRT01P": ["A"]},
        ADLB={"USUBJID": ["S1"], "PARAMCD": ["X"]},
        ADAE={"USUBJID": ["S1"], "AETERM": ["X"]},
        ADXX={"USUBJID": ["S1"], "XX": ["X"]},
    )
    assert datasets({"Data Structures": scope}, study) == expected


@pytest.mark.parametrize(
    ("uses", "use", "expected"),
    [("INDH", "", ["AE"]), ("PROD", "", ["TO"]), ("PROD", "PROD", ["TO", "XX"])],
)
def test_an_integrated_guide_tells_its_uses_by_domain(uses, use, expected):
    study = study_of("TIG", "1.0", "SDTM", use, AE=of("AE"), TO=of("TO"), XX=of("XX"))
    assert datasets({"Use Case": uses}, study) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"Domains": {"Include": ["SUPP--"]}}, ["SUPPAE"]),
        ({"Domains": {"Exclude": ["SUPP--"]}}, ["AE", "APMH"]),
        ({"Domains": {"Include": ["AP--"]}}, ["APMH"]),
        ({"Classes": {"Exclude": ["EVENTS"]}}, ["SUPPAE"]),
    ],
)
def test_qualifiers_and_associated_persons_are_named_by_their_stem(scope, expected):
    study = study_of(
        AE=of("AE", AETERM=["X"]),
        APMH=of("APMH", APID=["P1"], MHTERM=["X"]),
        SUPPAE={"RDOMAIN": ["AE"], "USUBJID": ["S0"], "QNAM": ["AEX"]},
    )
    assert datasets(scope, study) == expected


QUALIFIERS = {
    "RDOMAIN": ["AE", "AE", "AE"],
    "USUBJID": ["S0", "S1", "S1"],
    "IDVAR": ["AESEQ", "AESEQ", None],
    "IDVARVAL": ["1", "9", None],
    "QNAM": ["AEOSP", "AEOSP", "AEALL"],
    "QVAL": ["yes", "lost", "both"],
}


@pytest.mark.parametrize(
    ("name", "expected"), [("AEOSP", [("AE", 1)]), ("AEALL", [("AE", 2)]), ("AENONE", [])]
)
def test_qualifiers_are_variables_of_the_records_that_they_name(name, expected):
    study = study_of(AE=of("AE", AESEQ=["1", "2"]), SUPPAE=QUALIFIERS)
    check = {"all": [{"name": name, "operator": "non_empty"}]}
    scope = {"Domains": {"Include": ["AE"]}}
    one = rule(check, **{"Match Datasets": [{"Name": "SUPPAE", "Keys": ["USUBJID"]}]}, Scope=scope)
    assert found(one, study) == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ({"not": {"all": [{"name": "AEGONE", "operator": "empty"}]}}, []),
        (
            {"not": {"all": [
                {"name": "AEGONE", "operator": "empty"}, {"name": "DOMAIN", "operator": "empty"},
            ]}},
            [],
        ),
        (
            {"any": [
                {"name": "AEGONE", "operator": "empty"},
                {"name": "DOMAIN", "operator": "non_empty"},
            ]},
            [("AE", 1)],
        ),
    ],
)  # fmt: skip
def test_of_a_variable_that_is_not_there_nothing_is_known(check, expected):
    assert found(rule(check), study_of(AE=of("AE"))) == expected


def test_a_codelist_that_the_terminology_does_not_have_is_said():
    operation = {
        "id": "$x", "operator": "codelist_terms", "codelists": ["NOSUCH"], "level": "term",
        "returntype": "value",
    }  # fmt: skip
    study = study_of(AE=of("AE"))
    with pytest.raises(UnknownConstructError, match="codelist NOSUCH"):
        found(rule(ALWAYS, Operations=[operation]), study)


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_found_of_a_study_may_be_said_once_for_each_of_its_datasets(tmp_path, times):
    data, results = (tmp_path / "OWN-1" / "negative" / "01" / one for one in ("data", "results"))
    for folder in (data, results):
        folder.mkdir(parents=True)
    (data / "_variables.csv").write_text("dataset,variable,label,type,length\n")
    (data / "ae.csv").write_text("DOMAIN\nAE\n")
    lines = ["Dataset,Record,Variable,Value", *["STUDY,,DM,Not in dataset"] * times]
    (results / "results.csv").write_text("\n".join(lines))
    check = {"all": [{"name": "DM", "operator": "not_exists"}]}
    one = rule(check, **{"Rule Type": "Domain Presence Check"}, Sensitivity="Dataset")
    (outcome,) = run_cases(tmp_path, {"OWN-1": one}, {})
    assert outcome.passed
