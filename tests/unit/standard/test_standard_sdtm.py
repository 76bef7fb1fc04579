"""SDTM: expected values by hand from SDTMIG 3.2, 3.3, 3.4 and SDTM 1.7, 2.0."""

import pytest

from cdisc.errors import SpecError, StandardNotFoundError
from cdisc.standard import VariableStandard, carried_sdtm, load_sdtm


@pytest.mark.parametrize(
    ("ig", "datasets", "variables"), [("3.2", 46, 1142), ("3.3", 59, 1723), ("3.4", 63, 1917)]
)
def test_a_guide_is_carried_whole(ig, datasets, variables):
    standard = load_sdtm(ig)
    found = [standard.dataset(name) for name in standard.names()]
    assert (len(found), sum(len(one.variables) for one in found)) == (datasets, variables)


def test_the_carried_versions_are_listed_oldest_first():
    assert carried_sdtm() == ("3.2", "3.3", "3.4")


def test_a_dataset_is_described_as_the_guide_describes_it():
    ae = load_sdtm("3.4").dataset("AE")
    assert (ae.name, ae.label, ae.class_name, ae.structure, len(ae.variables)) == (
        "AE",
        "Adverse Events",
        "EVENTS",
        "One record per adverse event per subject",
        60,
    )


def test_a_variable_of_the_guide_has_all_its_facts():
    assert load_sdtm("3.4").variable("AE", "AESER") == VariableStandard(
        name="AESER",
        label="Serious Event",
        type="Char",
        role="Record Qualifier",
        core="Exp",
        codelists=("C66742",),
        place=(28,),
    )


@pytest.mark.parametrize(
    ("dataset", "variable", "described", "values"),
    [
        ("AE", "AEDECOD", "MedDRA", ()),
        ("VS", "VSELTM", "ISO 8601 duration", ()),
        ("DM", "RFSTDTC", "ISO 8601 datetime or interval", ()),
        ("DM", "DOMAIN", None, ("DM",)),
    ],
)
def test_described_values_and_listed_values_are_kept_apart(dataset, variable, described, values):
    found = load_sdtm("3.4").variable(dataset, variable)
    assert (found.described_value_domain, found.value_list) == (described, values)


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("CM", "INTERVENTIONS"),
        ("MH", "EVENTS"),
        ("LB", "FINDINGS"),
        ("FA", "FINDINGS ABOUT"),
        ("DM", "SPECIAL PURPOSE"),
        ("TA", "TRIAL DESIGN"),
        ("OI", "STUDY REFERENCE"),
        ("RELREC", "RELATIONSHIP"),
        ("SUPPAE", "RELATIONSHIP"),
    ],
)
@pytest.mark.parametrize("ig", ["3.3", "3.4"])
def test_classes_are_those_of_define_xml(ig, name, class_name):
    assert load_sdtm(ig).dataset(name).class_name == class_name


def test_a_variable_outside_the_table_comes_from_its_class_in_the_model():
    assert load_sdtm("3.4").variable("AE", "AEDTC") == VariableStandard(
        name="AEDTC",
        label="Date/Time of Collection",
        type="Char",
        role="Timing",
        described_value_domain="ISO 8601 datetime or interval",
        # Behind EPOCH, 52nd of AE; 16 identifiers, 56 qualifiers, tenth timing variable.
        place=(52, 82),
        template="--DTC",
        concept="C82515",
    )


@pytest.mark.parametrize(
    ("ig", "variable", "known"),
    [("3.3", "AERLDEV", False), ("3.4", "AERLDEV", True), ("3.3", "AEPTFL", False)],
)
def test_each_guide_asks_its_own_model(ig, variable, known):
    assert (load_sdtm(ig).variable("AE", variable) is not None) is known


def test_a_qualifier_of_another_class_is_unknown():
    assert load_sdtm("3.4").variable("AE", "AEORRES") is None


def test_the_limits_of_a_model_variable_are_told():
    found = load_sdtm("3.4").variable("DM", "SPECIES")
    assert (found.label, found.limits) == ("Species", "Not in human clinical trials")


def test_variables_stand_as_in_guide_and_model_and_unknown_ones_last():
    given = [
        "ZZZ",
        "AEENDTC",
        "AESTDTC",
        "AEDTC",
        "EPOCH",
        "AETERM",
        "AELNKID",
        "FOO",
        "USUBJID",
        "AESPID",
        "STUDYID",
    ]
    assert load_sdtm("3.4").order("AE", given) == (
        [
            "STUDYID",
            "USUBJID",
            "AESPID",
            "AELNKID",
            "AETERM",
            "EPOCH",
            "AEDTC",
            "AESTDTC",
            "AEENDTC",
            "ZZZ",
            "FOO",
        ]
    )


def test_the_order_of_a_findings_domain_keeps_results_before_timing():
    given = [
        "VSENDTC",
        "VSDY",
        "VSDTC",
        "VSSTRESN",
        "VSORRES",
        "VSTEST",
        "VSTESTCD",
        "VSANMETH",
        "VISITNUM",
        "VSBLFL",
    ]
    assert load_sdtm("3.4").order("VS", given) == (
        [
            "VSTESTCD",
            "VSTEST",
            "VSORRES",
            "VSSTRESN",
            "VSANMETH",
            "VSBLFL",
            "VISITNUM",
            "VSDTC",
            "VSENDTC",
            "VSDY",
        ]
    )


@pytest.mark.parametrize("ig", ["3.3", "3.4"])
def test_supplemental_qualifiers_are_a_template_filled_with_the_domain(ig):
    found = load_sdtm(ig).dataset("SUPPAE")
    assert (found.name, found.label) == ("SUPPAE", "Supplemental Qualifiers for AE")
    assert [one.name for one in found.variables] == (
        [
            "STUDYID",
            "RDOMAIN",
            "USUBJID",
            "IDVAR",
            "IDVARVAL",
            "QNAM",
            "QLABEL",
            "QVAL",
            "QORIG",
            "QEVAL",
        ]
    )
    assert load_sdtm(ig).variable("SUPPAE", "QNAM").label == "Qualifier Variable Name"


def test_related_records_are_a_dataset_like_any_other():
    found = load_sdtm("3.4").dataset("RELREC")
    assert [one.name for one in found.variables] == (
        ["STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELTYPE", "RELID"]
    )


def test_a_part_of_a_split_domain_has_the_table_of_the_domain():
    standard = load_sdtm("3.4")
    assert standard.dataset("QSCG").label == "Questionnaires"
    assert standard.variable("QSCG", "QSTESTCD").label == "Question Short Name"
    assert standard.variable("FACM", "FAOBJ").label == "Object of the Observation"


@pytest.mark.parametrize("name", ["ZZ", "", "DMXX", "SUPP", "SUPPA", "ae", "SUPPAELONG", "AE--"])
def test_a_name_that_no_standard_knows_has_no_dataset(name):
    assert load_sdtm("3.4").dataset(name) is None
    assert load_sdtm("3.4").variable(name, "USUBJID") is None


def test_a_dataset_that_only_the_model_describes_has_no_cores():
    found = load_sdtm("3.4").dataset("POOLDEF")
    assert (found.label, found.class_name) == ("Pool Definition", "RELATIONSHIP")
    assert {one.core for one in found.variables} == {None}
    assert "POOLDEF" not in load_sdtm("3.4").names()


def test_a_domain_of_the_sponsors_own_is_known_by_its_class():
    standard = load_sdtm("3.4")
    found = standard.variable("ZI", "ZITERM", class_name="EVENTS")
    assert (found.label, found.role) == ("Reported Term", "Topic")
    assert standard.order("ZI", ["ZISTDTC", "ZISEQ", "ZITERM"], class_name="EVENTS") == (
        ["ZISEQ", "ZITERM", "ZISTDTC"]
    )


def test_the_object_of_a_finding_follows_the_test_in_a_domain_of_the_sponsors_own():
    given = ["ZACAT", "ZAOBJ", "ZATEST"]
    assert load_sdtm("3.4").order("ZA", given, class_name="FINDINGS ABOUT") == (
        ["ZATEST", "ZAOBJ", "ZACAT"]
    )


def test_facts_on_which_the_guide_is_silent_stay_empty():
    standard = load_sdtm("3.2")
    assert standard.variable("PR", "PRLNKGRP").core is None
    assert standard.variable("RELREC", "RELID").role is None


def test_a_version_that_is_not_carried_names_those_that_are():
    with pytest.raises(StandardNotFoundError) as raised:
        load_sdtm("3.5")
    assert str(raised.value) == (
        'error[STD001]: SDTMIG "3.5" is not carried\n'
        " = expected: one of 3.2, 3.3, 3.4\n"
        ' = help: write one of these, or add the folder "specs/sdtm/ig-3.5"\n'
        " = more: cdisc explain STD001"
    )


def _write_guide(root, line):
    folder = root / "sdtm" / "ig-9.9"
    folder.mkdir(parents=True)
    (root / "sdtm" / "model-9.9").mkdir()
    (root / "sdtm" / "model-9.9" / "standard.yaml").write_text("classes: {}\ndatasets: ''\n")
    (folder / "standard.yaml").write_text(
        "name: SDTMIG\nversion: 9.9\ndate: 2026-01-01\nmodel: 9.9\ngeneral_from: 9.9\n"
        "templates: {}\ndatasets: AE MH\n"
    )
    head = "name: AE\nlabel: No\nclass: EVENTS\nstructure: 1.0\nvariables: |\n  "
    (folder / "ae.yaml").write_text(head + line + "\n")
    return root


def test_only_the_files_that_are_asked_for_are_read(tmp_path):
    # mh.yaml is listed and does not exist.
    root = _write_guide(tmp_path, "AETERM | Char | Req | Topic | Term")
    standard = load_sdtm("9.9", root=root)
    assert standard.names() == ("AE", "MH")
    assert [one.name for one in standard.dataset("AE").variables] == ["AETERM"]
    with pytest.raises(FileNotFoundError):
        standard.dataset("MH")


def test_every_scalar_is_read_as_text(tmp_path):
    root = _write_guide(tmp_path, "AETERM | Char | Req | Topic | Term")
    found = load_sdtm("9.9", root=root).dataset("AE")
    assert (found.label, found.structure) == ("No", "1.0")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("AETERM | Char | Req | Topic", "5 fields: name | type | core | role | label"),
        ("AETERM | Text | Req | Topic | Term", "a type of Char or Num"),
        (
            "AETERM | Char | Req | Topic | Term | NY",
            "codelist codes, or a field that begins with in, as, ...",
        ),
    ],
)
def test_a_line_that_is_no_variable_is_an_error_at_its_place(tmp_path, line, expected):
    with pytest.raises(SpecError) as raised:
        load_sdtm("9.9", root=_write_guide(tmp_path, line)).dataset("AE")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.expected) == ("STD003", expected)
    assert (diagnostic.span.line, diagnostic.span.column) == (6, 3)
