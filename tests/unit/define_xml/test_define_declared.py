"""What a person declares: documents and their pages, comments, ranks, displays."""

import dataclasses

import pytest

from cdisc.dataset import Method, Origin
from cdisc.declared import (
    AnalysisData,
    AnalysisProgram,
    AnalysisResult,
    Check,
    Declared,
    Display,
    Document,
    DocumentUse,
    Planned,
    Remark,
)
from define_xml import build_define, check_define, read_define, write_define
from define_xml import model as m

DOCUMENTS = (
    Document("blank", "blankcrf.pdf", "Annotated CRF of the sponsor", "annotated CRF"),
    Document("csdrg", "csdrg.pdf", "Clinical Study Data Reviewer's Guide", "supplemental"),
    Document("sap", "sap.pdf", "Statistical Analysis Plan"),
)


def one(definitions, oid):
    (found,) = [item for item in definitions if item.oid == oid]
    return found


@pytest.fixture
def define(sdtm, created):
    declared = Declared(
        originator="Sponsor Ltd",
        documents=DOCUMENTS,
        remarks={
            "AE": Remark(
                "Serious events only.", (DocumentUse("csdrg", ("4-6", "9", "Section_2")),)
            ),
            "AE.AETERM": Remark("See the guide."),
            "AE.AEENDTC": Remark("Nobody asked."),
            "SUPPAE.QVAL.AESI": Remark("A list of the sponsor."),
            "CT-SDTM": Remark("Two terms are extended."),
        },
        methods={"AE.AESTDY": (DocumentUse("sap", ("12",)),)},
        ranks={"NY": ("N", "Y")},
    )
    return build_define(dataclasses.replace(sdtm, declared=declared), created=created)


def test_a_declared_crf_is_the_annotated_crf_and_a_guide_is_supplemental(define):
    assert define.annotated_crf == (m.DocumentRef(leaf_id="LF.blank"),)
    assert define.supplemental == (m.DocumentRef(leaf_id="LF.csdrg"),)
    assert define.leaves == tuple(
        m.Leaf(id=f"LF.{one.name}", href=one.file, title=one.title) for one in DOCUMENTS
    )
    assert define.originator == "Sponsor Ltd"


def test_collected_variables_lead_to_the_pages_of_the_declared_crf(define):
    (origin,) = one(define.items, "IT.AE.AESEV").origins
    assert origin.documents == (
        m.DocumentRef(
            leaf_id="LF.blank",
            pages=(
                m.PDFPageRef(page_refs="12 14", type="PhysicalRef"),
                m.PDFPageRef(page_refs="Adverse_Events", type="NamedDestination"),
            ),
        ),
    )


def test_a_remark_leads_to_pages_ranges_and_destinations(define):
    assert one(define.item_groups, "IG.AE").comment_oid == "COM.AE"
    assert one(define.comments, "COM.AE") == m.Comment(
        oid="COM.AE",
        description="Serious events only.",
        documents=(
            m.DocumentRef(
                leaf_id="LF.csdrg",
                pages=(
                    m.PDFPageRef(page_refs="9", type="PhysicalRef"),
                    m.PDFPageRef(first_page=4, last_page=6, type="PhysicalRef"),
                    m.PDFPageRef(page_refs="Section_2", type="NamedDestination"),
                ),
            ),
        ),
    )


def test_a_remark_stands_behind_the_comment_of_the_mapping_and_before_a_computed_one(define):
    assert one(define.comments, "COM.AE.AETERM").description == (
        'Verbatim, "as written" <by the site> & never recoded See the guide.'
    )
    assert one(define.items, "IT.AE.AEENDTC").comment_oid == "COM.AE.AEENDTC"


def test_values_standards_methods_and_ranks_take_what_is_declared(define):
    assert one(define.items, "IT.SUPPAE.QVAL.AESI").comment_oid == "COM.SUPPAE.QVAL.AESI"
    assert one(define.standards, "STD.CT-SDTM").comment_oid == "COM.CT-SDTM"
    assert one(define.methods, "MT.AE.AESTDY").documents == (
        m.DocumentRef(leaf_id="LF.sap", pages=(m.PDFPageRef(page_refs="12", type="PhysicalRef"),)),
    )
    assert [(item.coded_value, item.rank) for item in one(define.codelists, "CL.NY").items] == [
        ("N", "1"),
        ("Y", "2"),
    ]


PLANNED = (
    Planned("PE", "Physical Examination", "FINDINGS", "One record per body system", "Cut-off."),
    Planned("TE", "Trial Elements", "TRIAL DESIGN", "One record per element", "Not yet."),
    Planned("DM", "Demographics", "SPECIAL PURPOSE", "One record per subject", "Nobody yet."),
)


@pytest.fixture
def planned(sdtm, created):
    few = tuple(one for one in sdtm.datasets if one.name in {"AE", "SUPPAE"})
    declared = Declared(planned=PLANNED, nonstandard=frozenset({"AE"}))
    study = dataclasses.replace(sdtm, datasets=few, declared=declared)
    return study, build_define(study, created=created)


def test_a_planned_dataset_has_no_data_no_file_and_a_comment(planned):
    _, define = planned
    groups = {group.name: group for group in define.item_groups}
    assert groups["PE"] == m.ItemGroup(
        oid="IG.PE",
        name="PE",
        domain="PE",
        sas_dataset_name="PE",
        repeating=True,
        purpose="Tabulation",
        structure="One record per body system",
        standard_oid="STD.SDTMIG",
        has_no_data=True,
        comment_oid="COM.PE",
        description="Physical Examination",
        class_=m.Class(name="FINDINGS"),
    )
    assert one(define.comments, "COM.PE").description == "Cut-off."
    assert [(name, groups[name].repeating, groups[name].is_reference_data)
            for name in ("TE", "DM")] == [("TE", False, True), ("DM", False, False)]  # fmt: skip


def test_a_dataset_that_is_said_to_follow_no_standard_is_marked(planned):
    _, define = planned
    found = {one.name: (one.is_non_standard, one.standard_oid) for one in define.item_groups}
    assert found["AE"] == (True, None)
    assert found["SUPPAE"] == (False, "STD.SDTMIG")


def test_planned_datasets_pass_schema_and_check_and_are_read_back(planned, tmp_path, schema_root):
    study, define = planned
    path = tmp_path / "define.xml"
    write_define(define, path)
    assert read_define(path) == define
    found = check_define(path, study.datasets, schema_root=schema_root)
    named = {one.dataset for one in found if one.code not in {"DEF014", "DEF015", "DEF017"}}
    assert not named & {"PE", "TE", "DM"}
    assert "DEF005" not in {one.code for one in found}


def test_a_planned_dataset_that_has_data_after_all_is_found(planned, tmp_path):
    study, define = planned
    path = tmp_path / "define.xml"
    write_define(define, path)
    there = dataclasses.replace(study.dataset("AE"), name="PE", domain="PE")
    found = check_define(path, (*study.datasets, there))
    assert "DEF031" in {one.code for one in found if one.dataset == "PE"}


RESULT = AnalysisResult(
    title="Median & 95% CI",
    reason="SPECIFIED IN SAP",
    purpose="PRIMARY OUTCOME MEASURE",
    data=(
        AnalysisData(
            "ADTTE",
            ("AVAL",),
            (Check("PARAMCD", "EQ", ("OS",)), Check("AVAL", "GE", ("1",))),
        ),
        AnalysisData("ADSL", ("SEX",)),
    ),
    parameter=("ADTTE", "PARAMCD"),
    joined="By subject.",
    documentation=Remark("Kaplan and Meier.", (DocumentUse("sap", ("30",)),)),
    program=AnalysisProgram("R 4.4", "if (a < b)\n  survfit(x)\n", (DocumentUse("sap"),)),
)


@pytest.fixture
def analysed(adam, created):
    declared = Declared(
        documents=DOCUMENTS[2:],
        displays=(
            Display("Figure 1", "Survival", (RESULT,), (DocumentUse("sap", ("31",)),)),
            Display(
                "Table 2",
                "Sex",
                (
                    AnalysisResult(
                        "Counts",
                        "DATA DRIVEN",
                        "EXPLORATORY OUTCOME MEASURE",
                        (AnalysisData("ADSL", ("SEX",)),),
                    ),
                ),
            ),
        ),
    )
    return build_define(dataclasses.replace(adam, declared=declared), created=created)


def test_a_result_says_its_reason_its_data_how_it_was_done_and_by_which_program(analysed):
    display = analysed.displays[0]
    assert (display.oid, display.name, display.description) == ("RD.1", "Figure 1", "Survival")
    assert display.results == (
        m.AnalysisResult(
            oid="AR.1.1",
            parameter_oid="IT.ADTTE.PARAMCD",
            reason="SPECIFIED IN SAP",
            purpose="PRIMARY OUTCOME MEASURE",
            description="Median & 95% CI",
            comment_oid="COM.AR.1.1",
            datasets=(
                m.AnalysisDataset(
                    item_group_oid="IG.ADTTE",
                    where_clause_oid="WC.AR.1.1.ADTTE",
                    variable_oids=("IT.ADTTE.AVAL",),
                ),
                m.AnalysisDataset(item_group_oid="IG.ADSL", variable_oids=("IT.ADSL.SEX",)),
            ),
            documentation=m.Documentation(
                description="Kaplan and Meier.",
                documents=(
                    m.DocumentRef(
                        leaf_id="LF.sap",
                        pages=(m.PDFPageRef(page_refs="30", type="PhysicalRef"),),
                    ),
                ),
            ),
            programming_code=m.ProgrammingCode(
                context="R 4.4",
                code="if (a < b)\n  survfit(x)\n",
                documents=(m.DocumentRef(leaf_id="LF.sap"),),
            ),
        ),
    )
    assert one(analysed.where_clauses, "WC.AR.1.1.ADTTE").range_checks == (
        m.RangeCheck(
            comparator="EQ", soft_hard="Soft", item_oid="IT.ADTTE.PARAMCD", values=("OS",)
        ),
        m.RangeCheck(comparator="GE", soft_hard="Soft", item_oid="IT.ADTTE.AVAL", values=("1",)),
    )


def test_displays_are_valid_by_the_schema_of_analysis_results_and_read_back(
    analysed, tmp_path, schema_root
):
    path = tmp_path / "define.xml"
    write_define(analysed, path)
    for name in ("adsl.xpt", "adtte.xpt", "sap.pdf"):
        (tmp_path / name).touch()
    assert read_define(path) == analysed
    found = check_define(path, schema_root=schema_root)
    assert {one.code for one in found} <= {"DEF015", "DEF019"}  # the datasets say no origins


def test_a_study_without_declarations_has_no_documents_and_no_displays(sdtm, created):
    define = build_define(sdtm, created=created)
    assert (define.displays, define.leaves, define.annotated_crf) == ((), (), ())


def test_a_method_without_documents_has_none(sdtm, created):
    define = build_define(sdtm, created=created)
    assert one(define.methods, "MT.AE.AESTDY").documents == ()


def test_pages_of_a_value_are_those_of_its_own_origin(sdtm, created):
    known = dataclasses.replace(
        sdtm.dataset("AE").variable("AETERM"),
        name="AESI",
        origin=Origin("Collected", "Investigator", ("33",)),
        method=Method("Not used.", "x"),
        comment=None,
    )
    supp = dataclasses.replace(sdtm.dataset("SUPPAE"), qualifiers=(known,))
    study = dataclasses.replace(sdtm, datasets=(supp,))
    define = build_define(study, created=created, annotated_crf="acrf.pdf")
    (origin,) = one(define.items, "IT.SUPPAE.QVAL.AESI").origins
    assert origin.documents[0].pages[0].page_refs == "33"
