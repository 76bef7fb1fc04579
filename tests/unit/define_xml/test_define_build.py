import dataclasses

import pyarrow as pa
import pytest

from cdisc.dataset import Codelist, Comparison, Study, Subset, Term, Variable
from cdisc.dataset import Method as SaidMethod
from cdisc.dataset import Origin as SaidOrigin
from define_xml.build import build_define
from define_xml.model import (
    Class,
    Comment,
    DocumentRef,
    FormalExpression,
    ItemDef,
    ItemGroup,
    ItemRef,
    Leaf,
    Method,
    Origin,
    PDFPageRef,
    RangeCheck,
    Standard,
    SubClass,
    ValueList,
    WhereClause,
)

from .definitions import one, replaced


@pytest.fixture
def tabulation(sdtm, created):
    return build_define(sdtm, created=created, annotated_crf="acrf.pdf")


@pytest.fixture
def analysis(adam, created):
    return build_define(adam, created=created)


def test_standards_are_final_and_named_by_their_keys(tabulation):
    assert tabulation.standards == (
        Standard(oid="STD.SDTMIG", name="SDTMIG", type="IG", version="3.4", status="Final"),
        Standard(
            oid="STD.CT-SDTM",
            name="CDISC/NCI",
            type="CT",
            publishing_set="SDTM",
            version="2025-03-28",
            status="Final",
        ),
    )


def test_a_reference_dataset_does_not_repeat_and_is_marked_as_reference_data(tabulation):
    assert one(tabulation.item_groups, "IG.TA") == ItemGroup(
        oid="IG.TA",
        name="TA",
        domain="TA",
        sas_dataset_name="TA",
        repeating=False,
        is_reference_data=True,
        purpose="Tabulation",
        structure="One record per ARMCD",
        standard_oid="STD.SDTMIG",
        archive_location_id="LF.TA",
        description="Trial Arms",
        item_refs=(
            ItemRef(item_oid="IT.TA.STUDYID", order_number=1, mandatory=True, role="Identifier"),
            ItemRef(item_oid="IT.TA.ARMCD", order_number=2, mandatory=True, key_sequence=1),
            ItemRef(item_oid="IT.TA.ARM", order_number=3, mandatory=True),
        ),
        class_=Class(name="TRIAL DESIGN"),
        leaf=Leaf(id="LF.TA", href="ta.xpt", title="ta.xpt"),
    )


def test_a_reference_dataset_never_repeats_even_if_it_says_so(sdtm, created):
    arms = dataclasses.replace(sdtm.dataset("TA"), repeating=True)
    define = build_define(dataclasses.replace(sdtm, datasets=(arms,)), created=created)
    assert define.item_groups[0].repeating is False


def test_an_analysis_dataset_has_no_domain_and_keeps_its_subclass(analysis):
    group = one(analysis.item_groups, "IG.ADTTE")
    assert (group.domain, group.purpose, group.class_) == (
        None,
        "Analysis",
        Class(name="BASIC DATA STRUCTURE", subclasses=(SubClass(name="TIME-TO-EVENT"),)),
    )


def test_a_supplemental_dataset_belongs_to_its_parent_domain(tabulation):
    assert one(tabulation.item_groups, "IG.SUPPAE").domain == "AE"


def test_a_dataset_without_records_and_standard_is_marked_and_commented(tabulation):
    group = one(tabulation.item_groups, "IG.MH")
    assert (group.has_no_data, group.is_non_standard, group.standard_oid, group.comment_oid) == (
        True,
        True,
        None,
        "COM.MH",
    )
    assert one(tabulation.comments, "COM.MH").description == "The dataset has no records."
    assert not any(ref.has_no_data for ref in group.item_refs)


def test_a_variable_without_values_is_marked_and_commented(tabulation):
    refs = one(tabulation.item_groups, "IG.AE").item_refs
    assert [ref.item_oid for ref in refs if ref.has_no_data] == ["IT.AE.AEENDTC"]
    assert one(tabulation.items, "IT.AE.AEENDTC").comment_oid == "COM.HASNODATA"
    assert one(tabulation.comments, "COM.HASNODATA") == Comment(
        oid="COM.HASNODATA", description="The variable has no value in any record."
    )


def test_a_derived_variable_refers_to_its_method(tabulation):
    refs = one(tabulation.item_groups, "IG.AE").item_refs
    assert refs[-1] == ItemRef(
        item_oid="IT.AE.AESTDY",
        order_number=11,
        mandatory=False,
        method_oid="MT.AE.AESTDY",
        role="Timing",
    )
    assert one(tabulation.methods, "MT.AE.AESTDY") == Method(
        oid="MT.AE.AESTDY",
        name="Derivation of AE.AESTDY",
        type="Computation",
        description="AESTDTC - RFSTDTC + 1 where AESTDTC >= RFSTDTC, else without + 1.",
        expressions=(
            FormalExpression(context="cdisc mapping language", text="study_day(AESTDTC)"),
        ),
    )


def test_a_method_that_imputes_is_an_imputation(analysis):
    assert one(analysis.methods, "MT.ADSL.TRTSDT").type == "Imputation"


def test_a_non_standard_variable_is_marked(tabulation):
    refs = one(tabulation.item_groups, "IG.AE").item_refs
    assert [ref.item_oid for ref in refs if ref.is_non_standard] == ["IT.AE.AEDOSE"]


def test_a_collected_variable_shows_its_pages_and_destinations(tabulation):
    assert one(tabulation.items, "IT.AE.AESEV") == ItemDef(
        oid="IT.AE.AESEV",
        name="AESEV",
        data_type="text",
        length=15,
        sas_field_name="AESEV",
        description="Severity/Intensity",
        codelist_oid="CL.AESEV",
        origins=(
            Origin(
                type="Collected",
                source="Investigator",
                documents=(
                    DocumentRef(
                        leaf_id="LF.acrf",
                        pages=(
                            PDFPageRef(page_refs="12 14", type="PhysicalRef"),
                            PDFPageRef(page_refs="Adverse_Events", type="NamedDestination"),
                        ),
                    ),
                ),
            ),
        ),
    )
    assert tabulation.annotated_crf == (DocumentRef(leaf_id="LF.acrf"),)
    assert tabulation.leaves == (
        Leaf(id="LF.acrf", href="acrf.pdf", title="Annotated Case Report Form"),
    )


def test_pages_are_left_out_where_there_is_no_annotated_crf(sdtm, created):
    define = build_define(sdtm, created=created)
    assert one(define.items, "IT.AE.AESEV").origins == (
        Origin(type="Collected", source="Investigator"),
    )
    assert (define.annotated_crf, define.leaves) == ((), ())


def test_supplemental_documents_are_listed_with_their_leaves(sdtm, created):
    guide = Leaf(id="LF.csdrg", href="csdrg.html", title="Reviewer's Guide")
    define = build_define(sdtm, created=created, supplemental=(guide,))
    assert (define.supplemental, define.leaves) == ((DocumentRef(leaf_id="LF.csdrg"),), (guide,))


def test_a_predecessor_names_its_source(analysis):
    assert one(analysis.items, "IT.ADSL.SEX").origins == (
        Origin(type="Predecessor", description="DM.SEX"),
    )


def test_types_lengths_formats_and_digits_follow_the_data(tabulation, analysis):
    items = {item.oid: item for item in (*tabulation.items, *analysis.items)}
    names = ("AE.AESEQ", "AE.AEDOSE", "AE.AESTDTC", "AE.AEENDTC", "MH.MHDOSE", "ADSL.TRT01PN",
             "ADSL.TRTSDT", "ADSL.TRTSDTM", "ADSL.TRTSTM", "ADSL.BMIBL")  # fmt: skip
    facts = {
        name: (item.data_type, item.length, item.significant_digits, item.display_format)
        for name in names
        for item in [items[f"IT.{name}"]]
    }
    assert facts == {
        "AE.AESEQ": ("integer", 8, None, None),
        "AE.AEDOSE": ("float", 8, 2, None),
        "AE.AESTDTC": ("partialDate", None, None, None),
        "AE.AEENDTC": ("datetime", None, None, None),
        "MH.MHDOSE": ("float", 8, 0, None),
        "ADSL.TRT01PN": ("integer", 8, None, None),
        "ADSL.TRTSDT": ("integer", 8, None, "DATE9."),
        "ADSL.TRTSDTM": ("integer", 8, None, "DATETIME20."),
        "ADSL.TRTSTM": ("integer", 8, None, "TIME8."),
        "ADSL.BMIBL": ("float", 8, 1, "8.1"),
    }


def test_datasets_stand_in_the_order_of_their_classes(tabulation):
    assert [(group.name, group.class_.name) for group in tabulation.item_groups] == [
        ("TA", "TRIAL DESIGN"),
        ("AE", "EVENTS"),
        ("MH", "EVENTS"),
        ("SUPPAE", "RELATIONSHIP"),
    ]


@pytest.mark.parametrize(
    ("stage", "dataset", "variable", "mandatory"),
    [("adam", "ADTTE", "PARAMCD", False), ("sdtm", "AE", "AETERM", True)],
)
def test_required_means_a_value_in_tabulations_and_only_a_column_in_analyses(
    stage, dataset, variable, mandatory, request, created
):
    study = replaced(request.getfixturevalue(stage), dataset, **{variable: {"core": "Req"}})
    data = study.dataset(dataset)
    column = pa.nulls(data.table.num_rows, pa.string())
    place = data.table.column_names.index(variable)
    blank = dataclasses.replace(data, table=data.table.set_column(place, variable, column))
    define = build_define(dataclasses.replace(study, datasets=(blank,)), created=created)
    refs = {ref.item_oid: ref for ref in define.item_groups[0].item_refs}
    assert refs[f"IT.{dataset}.{variable}"].mandatory is mandatory


def test_supplemental_qualifiers_are_described_value_by_value(tabulation):
    assert tabulation.value_lists == (
        ValueList(
            oid="VL.SUPPAE.QVAL",
            item_refs=(
                ItemRef(
                    item_oid="IT.SUPPAE.QVAL.AESI",
                    order_number=1,
                    mandatory=False,
                    where_clause_oids=("WC.SUPPAE.QNAM.AESI",),
                ),
                ItemRef(
                    item_oid="IT.SUPPAE.QVAL.AETRTEM",
                    order_number=2,
                    mandatory=False,
                    where_clause_oids=("WC.SUPPAE.QNAM.AETRTEM",),
                ),
            ),
        ),
    )
    assert tabulation.where_clauses[0] == WhereClause(
        oid="WC.SUPPAE.QNAM.AESI",
        range_checks=(
            RangeCheck(
                comparator="EQ", soft_hard="Soft", item_oid="IT.SUPPAE.QNAM", values=("AESI",)
            ),
        ),
    )
    assert one(tabulation.items, "IT.SUPPAE.QVAL").value_list_oid == "VL.SUPPAE.QVAL"
    # "né" is three bytes in UTF-8.
    assert one(tabulation.items, "IT.SUPPAE.QVAL.AESI") == ItemDef(
        oid="IT.SUPPAE.QVAL.AESI",
        name="AESI",
        data_type="text",
        length=3,
        sas_field_name="AESI",
        description="Special Interest",
        origins=(Origin(type="Collected"),),
    )


def test_a_derived_qualifier_has_the_method_that_its_line_says(sdtm, created):
    known = (
        Variable(
            "AESI", "Special Interest", "text", 1, origin=SaidOrigin("Collected", "Investigator")
        ),
        Variable(
            "AETRTEM",
            "Treatment Emergent",
            "text",
            1,
            origin=SaidOrigin("Derived", "Sponsor"),
            method=SaidMethod("If late then 'Y'.", "when late then 'Y'"),
        ),
        Variable("AENONE", "Without a Record", "text", 1, origin=SaidOrigin("Derived", "Sponsor")),
    )
    supp = dataclasses.replace(sdtm.dataset("SUPPAE"), qualifiers=known)
    define = build_define(dataclasses.replace(sdtm, datasets=(supp,)), created=created)
    emergent = one(define.items, "IT.SUPPAE.QVAL.AETRTEM")
    assert emergent.origins == (Origin(type="Derived", source="Sponsor"),)
    assert [ref.method_oid for ref in define.value_lists[0].item_refs] == [
        None,
        "MT.SUPPAE.QVAL.AETRTEM",
    ]
    assert [(method.oid, method.description) for method in define.methods] == [
        ("MT.SUPPAE.QVAL.AETRTEM", "If late then 'Y'.")
    ]


def test_what_every_value_says_of_its_origin_the_variable_does_not_say_again(sdtm, created):
    origin = SaidOrigin("Assigned", "Sponsor")
    study = replaced(sdtm, "SUPPAE", QVAL={"origin": origin}, QNAM={"origin": origin})
    items = build_define(study, created=created).items
    assert one(items, "IT.SUPPAE.QVAL").origins == ()
    assert one(items, "IT.SUPPAE.QNAM").origins == (Origin(type="Assigned", source="Sponsor"),)


def test_supplemental_qualifiers_without_records_have_no_value_list(sdtm, created):
    empty = dataclasses.replace(
        sdtm.dataset("SUPPAE"), table=sdtm.dataset("SUPPAE").table.slice(0, 0)
    )
    define = build_define(dataclasses.replace(sdtm, datasets=(empty,)), created=created)
    assert (define.value_lists, define.where_clauses) == ((), ())
    assert one(define.items, "IT.SUPPAE.QVAL").value_list_oid is None


def test_codelists_of_some_records_are_value_level_metadata(sdtm, created):
    where = (Comparison("AETERM", ("A", "B")), Comparison("AESER", ("Y",), negated=True))
    only = Codelist("X", "X of some", (Term("MILD"),))
    subset = Subset(where, only, 4)
    define = build_define(replaced(sdtm, "AE", AESEV={"subsets": (subset,)}), created=created)
    assert one(define.items, "IT.AE.AESEV").value_list_oid == "VL.AE.AESEV"
    assert one(define.items, "IT.AE.AESEV.1").codelist_oid == "CL.X"
    assert one(define.items, "IT.AE.AESEV.1").length == 4
    assert one(define.codelists, "CL.X").name == "X of some"
    reference = ItemRef(
        item_oid="IT.AE.AESEV.1",
        order_number=1,
        mandatory=False,
        where_clause_oids=("WC.AE.AESEV.1",),
    )
    assert one(define.value_lists, "VL.AE.AESEV").item_refs == (reference,)
    checks = one(define.where_clauses, "WC.AE.AESEV.1").range_checks
    assert [(check.item_oid, check.comparator, check.values) for check in checks] == [
        ("IT.AE.AETERM", "IN", ("A", "B")),
        ("IT.AE.AESER", "NE", ("Y",)),
    ]


def test_a_study_of_no_stage_is_refused(created):
    study = Study("S1", "S", "D", "P", (), ())
    with pytest.raises(TypeError, match="a SdtmStudy or an AdamStudy is needed, not Study"):
        build_define(study, created=created)
