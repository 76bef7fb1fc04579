"""ADaM: expected values by hand from ADaMIG 1.1 to 1.3, OCCDS 1.0, 1.1 and ADAE 1.0."""

import pytest

from cdisc.errors import SpecError, StandardNotFoundError
from cdisc.standard import VariableStandard, carried_adam, load_adam
from cdisc.standard.template import Template, template_of

ADSL = "SUBJECT LEVEL ANALYSIS DATASET"
BDS = "BASIC DATA STRUCTURE"
OCCDS = "OCCURRENCE DATA STRUCTURE"


@pytest.mark.parametrize(
    ("template", "name", "indices"),
    [
        ("TRTxxP", "TRT01P", {"xx": "01"}),
        ("TRTxxP", "TRT1P", None),
        ("TRTxxP", "TRT00P", None),
        ("TRTxxP", "TRT01PN", None),
        ("TRTxxP", "TRTxxP", None),
        ("TRxxPGyN", "TR02PG3N", {"xx": "02", "y": "3"}),
        ("AGEGRy", "AGEGR1", {"y": "1"}),
        ("AGEGRy", "AGEGR12", {"y": "12"}),
        ("AGEGRy", "AGEGR01", None),
        ("AGEGRy", "AGEGR0", None),
        ("AGEGRy", "AGEGR", None),
        ("PARCATyN", "PARCAT10N", None),
        ("ANLzzFL", "ANL01FL", {"zz": "01"}),
        ("ANLzzFL", "ANL1FL", None),
        ("PxxSwSDT", "P01S2SDT", {"xx": "01", "w": "2"}),
        ("PHwSDT", "PH10SDT", None),
        ("--TERM", "AETERM", {"domain": "AE"}),
        ("--TERM", "TERM", None),
        ("--TERM", "1ETERM", None),
        ("*SDT", "RESPSDT", {"stem": "RESP"}),
        ("*SDT", "SDT", None),
        ("*DT", "LONGNAMDT", None),
        ("R2AyLO", "R2A1LO", {"y": "1"}),
    ],
)
def test_a_template_fits_the_names_that_it_stands_for(template, name, indices):
    assert Template(template).indices(name) == indices


@pytest.mark.parametrize("name", ["TRTP", "RANDDT", "AVAL", "STUDYID"])
def test_a_name_without_placeholder_is_no_template(name):
    assert template_of(name) is None


@pytest.mark.parametrize(
    ("class_name", "name", "label", "type_", "core"),
    [
        (ADSL, "TRT01P", "Planned Treatment for Period 01", "Char", "Req"),
        (ADSL, "TRT02PN", "Planned Treatment for Period 02 (N)", "Num", "Perm"),
        (ADSL, "AGEGR1", "Pooled Age Group 1", "Char", "Perm"),
        (ADSL, "AGEGR1N", "Pooled Age Group 1 (N)", "Num", "Perm"),
        (ADSL, "SITEGR2N", "Pooled Site Group 2 (N)", "Num", "Perm"),
        (ADSL, "TR01PG2N", "Planned Pooled Trt 2 for Period 01 (N)", "Num", "Perm"),
        (ADSL, "P01S1SDM", "Period 01 Subperiod 1 Start Datetime", "Num", "Perm"),
        (ADSL, "RANDDT", "Date of Randomization", "Num", "Cond"),
        (ADSL, "RAND2DT", "Date of Randomization 2", "Num", "Perm"),
        (ADSL, "STRAT1R", "Strat Factor 1 Value Used for Rand", "Char", "Perm"),
        (BDS, "A1IND", "Analysis Range 1 Indicator", "Char", "Perm"),
        (BDS, "ANL01FL", "Analysis Flag 01", "Char", "Cond"),
        (BDS, "CRIT1FL", "Criterion 1 Evaluation Result Flag", "Char", "Cond"),
        (BDS, "MCRIT1ML", "Multi-Response Criterion 1 Evaluation", "Char", "Cond"),
        (BDS, "CNSR", "Censor", "Num", "Cond"),
        ("TIME-TO-EVENT", "STARTDT", "Time-to-Event Origin Date for Subject", "Num", "Perm"),
        (OCCDS, "AESEQ", "Sequence Number", "Num", "Cond"),
        (OCCDS, "CMOCCUR", "CM Occurrence", "Char", "Cond"),
        (OCCDS, "AESTDY", "Study Day of Start of Observation", "Num", "Perm"),
        (OCCDS, "SMQ02NAM", "SMQ 02 Name", "Char", "Cond"),
        (OCCDS, "DOSEAEON", "Study Drug Dose at AE Onset", "Num", "Perm"),
        ("ADVERSE EVENT", "AESER", "Serious Event", "Char", "Req"),
        ("ADVERSE EVENT", "DECDORG1", "PT in Original Dictionary 1", "Char", "Perm"),
        ("ADAM OTHER", "PARAMCD", "Parameter Code", "Char", "Req"),
    ],
)
def test_a_variable_has_its_label_with_the_index_filled_in(class_name, name, label, type_, core):
    found = load_adam("1.3").variable(class_name, name)
    assert (found.name, found.label, found.type, found.core) == (name, label, type_, core)


def test_a_filled_variable_tells_its_template_and_place():
    assert load_adam("1.3").variable(ADSL, "TRT01P") == VariableStandard(
        name="TRT01P",
        label="Planned Treatment for Period 01",
        type="Char",
        core="Req",
        # 8 identifiers, 9 demographics, 7 populations, ARM, ACTARM, TRTxxP.
        place=(27, 1),
        section="Treatment",
        template="TRTxxP",
    )


@pytest.mark.parametrize("name", ["NOSUCH", "TRT1P", "AEDECOD", "ANL1FL", "", "AVALCA10N"])
def test_a_name_that_no_structure_has_is_unknown(name):
    assert load_adam("1.3").variable(BDS, name) is None


@pytest.mark.parametrize(
    ("class_name", "name", "template"),
    [
        (BDS, "BRTHDT", "*DT"),
        (BDS, "RESPSDTM", "*SDTM"),
        (ADSL, "BRTHDTF", "*DTF"),
        (OCCDS, "HOSPEDY", "*EDY"),
    ],
)
def test_a_suffix_applies_in_every_class_and_leaves_the_label_open(class_name, name, template):
    found = load_adam("1.3").variable(class_name, name)
    assert (found.template, found.open_label) == (template, True)


@pytest.mark.parametrize("name", ["TRTSDT", "EOSDT", "ADT", "ASTDTM"])
def test_a_listed_name_wins_over_a_suffix(name):
    found = load_adam("1.3").variable(BDS, name)
    assert (found.template, found.open_label) == (None, False)


@pytest.mark.parametrize("ig", ["1.1", "1.2", "1.3"])
def test_every_guide_knows_every_class(ig):
    standard = load_adam(ig)
    assert standard.variable(ADSL, "TRT01P").label == "Planned Treatment for Period 01"
    assert standard.variable(BDS, "PARAMCD").label == "Parameter Code"
    assert standard.variable(OCCDS, "AETERM").label == "Reported Term"


def test_the_carried_versions_are_listed_oldest_first():
    assert carried_adam() == ("1.1", "1.2", "1.3")


def test_whitespace_of_the_source_is_no_part_of_a_label():
    assert load_adam("1.1").variable(OCCDS, "ONTRTFL").label == "On Treatment Record Flag"


@pytest.mark.parametrize(
    ("ig", "class_name", "variables"),
    [
        ("1.1", ADSL, 132),
        ("1.1", BDS, 178),
        ("1.1", OCCDS, 109),
        ("1.2", ADSL, 141),
        ("1.2", BDS, 195),
        ("1.3", ADSL, 141),
        ("1.3", BDS, 195),
        ("1.3", OCCDS, 117),
        ("1.3", "ADVERSE EVENT", 111),
    ],
)
def test_a_structure_is_carried_whole(ig, class_name, variables):
    assert len(load_adam(ig).dataset("ADXX", class_name).variables) == variables


def test_a_dataset_is_its_structure_under_another_name():
    found = load_adam("1.3").dataset("ADTTE", "TIME-TO-EVENT")
    assert (found.name, found.label, found.class_name, found.subclass) == (
        "ADTTE",
        "Basic Data Structure",
        BDS,
        "TIME-TO-EVENT",
    )


def test_the_structure_of_adae_is_a_subclass_of_occurrences():
    found = load_adam("1.3").dataset("ADAE", "ADVERSE EVENT")
    assert (found.class_name, found.subclass) == (OCCDS, "ADVERSE EVENT")


def test_variables_stand_as_in_the_guide_subject_level_ones_behind_the_identifiers():
    given = [
        "ZZZ",
        "CHG",
        "AVAL",
        "PARAMCD",
        "SAFFL",
        "TRT01P",
        "TRTP",
        "AGE",
        "USUBJID",
        "STUDYID",
        "ADY",
        "ADT",
        "BASE",
    ]
    assert load_adam("1.3").order(BDS, given) == (
        [
            "STUDYID",
            "USUBJID",
            "AGE",
            "SAFFL",
            "TRT01P",
            "TRTP",
            "ADT",
            "ADY",
            "PARAMCD",
            "AVAL",
            "BASE",
            "CHG",
            "ZZZ",
        ]
    )


def test_indices_sort_as_numbers():
    given = ["CRIT10", "CRIT2", "CRIT1"]
    assert load_adam("1.3").order(BDS, given) == ["CRIT1", "CRIT2", "CRIT10"]


def test_a_class_that_the_guide_lacks_is_an_error():
    with pytest.raises(SpecError) as raised:
        load_adam("1.3").variable("BASIC DATA", "AVAL")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.help) == (
        "STD004",
        'did you mean "BASIC DATA STRUCTURE"?',
    )


def test_a_version_that_is_not_carried_names_those_that_are():
    with pytest.raises(StandardNotFoundError) as raised:
        load_adam("1.0")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.expected) == ("STD001", "one of 1.1, 1.2, 1.3")
