"""What a define.xml says, as frozen values that compare and print.

The names are those of Define-XML 2.1; `define_xml.binding` tells where each field
stands in the XML. Nothing here knows datasets, files or lxml. A field that is
None, false or empty is absent from the XML.

Source:
    CDISC Define-XML Specification Version 2.1.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated

from define_xml.binding import alias, attribute, content, english
from define_xml.documents import CommentOid, Description, DocumentRef, Leaf, Oid, PDFPageRef
from define_xml.results import (
    AnalysisDataset,
    AnalysisResult,
    Documentation,
    ProgrammingCode,
    ResultDisplay,
)

__all__ = [
    "AnalysisDataset",
    "AnalysisResult",
    "Class",
    "CodeList",
    "CodeListItem",
    "Comment",
    "Define",
    "DocumentRef",
    "Documentation",
    "EnumeratedItem",
    "ExternalCodeList",
    "FormalExpression",
    "ItemDef",
    "ItemGroup",
    "ItemRef",
    "Leaf",
    "Method",
    "Origin",
    "PDFPageRef",
    "ProgrammingCode",
    "RangeCheck",
    "ResultDisplay",
    "Standard",
    "SubClass",
    "ValueList",
    "WhereClause",
]

ExtCode = Annotated[str | None, alias("nci:ExtCodeID")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard that the study follows: an implementation guide or a release of terminology."""

    oid: Oid
    name: Annotated[str, attribute("Name")]
    type: Annotated[str, attribute("Type")]
    publishing_set: Annotated[str | None, attribute("PublishingSet")] = None
    version: Annotated[str, attribute("Version")]
    status: Annotated[str, attribute("Status")]
    comment_oid: CommentOid = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRef:
    """A variable of a dataset, or a value of a value list, in its place."""

    item_oid: Annotated[str, attribute("ItemOID")]
    order_number: Annotated[int | None, attribute("OrderNumber")] = None
    mandatory: Annotated[bool, attribute("Mandatory", says_no=True)]
    key_sequence: Annotated[int | None, attribute("KeySequence")] = None
    method_oid: Annotated[str | None, attribute("MethodOID")] = None
    role: Annotated[str | None, attribute("Role")] = None
    role_codelist_oid: Annotated[str | None, attribute("RoleCodeListOID")] = None
    is_non_standard: Annotated[bool, attribute("def:IsNonStandard")] = False
    has_no_data: Annotated[bool, attribute("def:HasNoData")] = False
    where_clause_oids: Annotated[
        tuple[str, ...], attribute("WhereClauseOID", "def:WhereClauseRef")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubClass:
    """A subclass of a dataset class, such as TIME-TO-EVENT."""

    name: Annotated[str, attribute("Name")]
    parent_class: Annotated[str | None, attribute("ParentClass")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """The observation class or analysis structure of a dataset."""

    name: Annotated[str, attribute("Name")]
    subclasses: Annotated[tuple[SubClass, ...], content("def:SubClass")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGroup:
    """A dataset."""

    oid: Oid
    name: Annotated[str, attribute("Name")]
    domain: Annotated[str | None, attribute("Domain")] = None
    sas_dataset_name: Annotated[str | None, attribute("SASDatasetName")] = None
    repeating: Annotated[bool, attribute("Repeating", says_no=True)]
    is_reference_data: Annotated[bool, attribute("IsReferenceData", says_no=True)] = False
    purpose: Annotated[str | None, attribute("Purpose")] = None
    structure: Annotated[str, attribute("def:Structure")]
    standard_oid: Annotated[str | None, attribute("def:StandardOID")] = None
    archive_location_id: Annotated[str | None, attribute("def:ArchiveLocationID")] = None
    is_non_standard: Annotated[bool, attribute("def:IsNonStandard")] = False
    has_no_data: Annotated[bool, attribute("def:HasNoData")] = False
    comment_oid: CommentOid = None
    description: Description = None
    item_refs: Annotated[tuple[ItemRef, ...], content("ItemRef")] = ()
    domain_description: Annotated[str | None, alias("DomainDescription")] = None
    class_: Annotated[Class | None, content("def:Class")] = None
    leaf: Annotated[Leaf | None, content("def:leaf")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the values of an item come from."""

    type: Annotated[str, attribute("Type")]
    source: Annotated[str | None, attribute("Source")] = None
    description: Description = None
    documents: Annotated[tuple[DocumentRef, ...], content("def:DocumentRef")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDef:
    """A variable, or one value of a variable that has value-level metadata."""

    oid: Oid
    name: Annotated[str, attribute("Name")]
    data_type: Annotated[str, attribute("DataType")]
    length: Annotated[int | None, attribute("Length")] = None
    significant_digits: Annotated[int | None, attribute("SignificantDigits")] = None
    sas_field_name: Annotated[str | None, attribute("SASFieldName")] = None
    display_format: Annotated[str | None, attribute("def:DisplayFormat")] = None
    comment_oid: CommentOid = None
    description: Description = None
    codelist_oid: Annotated[str | None, attribute("CodeListOID", "CodeListRef")] = None
    origins: Annotated[tuple[Origin, ...], content("def:Origin")] = ()
    value_list_oid: Annotated[str | None, attribute("ValueListOID", "def:ValueListRef")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueList:
    """The value-level metadata of one variable."""

    oid: Oid
    description: Description = None
    item_refs: Annotated[tuple[ItemRef, ...], content("ItemRef")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCheck:
    """One condition on one variable."""

    comparator: Annotated[str | None, attribute("Comparator")] = None
    soft_hard: Annotated[str, attribute("SoftHard")]
    item_oid: Annotated[str, attribute("def:ItemOID")]
    values: Annotated[tuple[str, ...], content("CheckValue")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereClause:
    """When a value of a value list applies: all conditions hold."""

    oid: Oid
    comment_oid: CommentOid = None
    range_checks: Annotated[tuple[RangeCheck, ...], content("RangeCheck")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeListItem:
    """A permitted value and its decode."""

    coded_value: Annotated[str, attribute("CodedValue")]
    rank: Annotated[str | None, attribute("Rank")] = None
    order_number: Annotated[int | None, attribute("OrderNumber")] = None
    extended_value: Annotated[bool, attribute("def:ExtendedValue")] = False
    decode: Annotated[str, english("Decode")]
    code: ExtCode = None
    description: Description = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumeratedItem:
    """A permitted value that says everything itself."""

    coded_value: Annotated[str, attribute("CodedValue")]
    rank: Annotated[str | None, attribute("Rank")] = None
    order_number: Annotated[int | None, attribute("OrderNumber")] = None
    extended_value: Annotated[bool, attribute("def:ExtendedValue")] = False
    code: ExtCode = None
    description: Description = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalCodeList:
    """A dictionary that is kept elsewhere, such as MedDRA."""

    dictionary: Annotated[str | None, attribute("Dictionary")] = None
    version: Annotated[str | None, attribute("Version")] = None
    ref: Annotated[str | None, attribute("ref")] = None
    href: Annotated[str | None, attribute("href")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """Permitted values: with decodes, without decodes, or in a dictionary."""

    oid: Oid
    name: Annotated[str, attribute("Name")]
    data_type: Annotated[str, attribute("DataType")]
    sas_format_name: Annotated[str | None, attribute("SASFormatName")] = None
    standard_oid: Annotated[str | None, attribute("def:StandardOID")] = None
    is_non_standard: Annotated[bool, attribute("def:IsNonStandard")] = False
    comment_oid: CommentOid = None
    description: Description = None
    items: Annotated[tuple[CodeListItem, ...], content("CodeListItem")] = ()
    external: Annotated[ExternalCodeList | None, content("ExternalCodeList")] = None
    enumerated: Annotated[tuple[EnumeratedItem, ...], content("EnumeratedItem")] = ()
    code: ExtCode = None

    @property
    def coded_values(self) -> tuple[str, ...]:
        """The permitted values in order; empty for a dictionary."""
        return (
            *(one.coded_value for one in self.items),
            *(one.coded_value for one in self.enumerated),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FormalExpression:
    """A method as it is written for a machine."""

    context: Annotated[str | None, attribute("Context")] = None
    text: Annotated[str, content()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How values are derived."""

    oid: Oid
    name: Annotated[str, attribute("Name")]
    type: Annotated[str | None, attribute("Type")] = None
    description: Description = None
    expressions: Annotated[tuple[FormalExpression, ...], content("FormalExpression")] = ()
    documents: Annotated[tuple[DocumentRef, ...], content("def:DocumentRef")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Free text on a dataset, a variable, a codelist or a standard."""

    oid: Oid
    description: Description = None
    documents: Annotated[tuple[DocumentRef, ...], content("def:DocumentRef")] = ()


_STUDY = "Study"
_VERSION = ("Study", "MetaDataVersion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """A define.xml: what it is, what it documents, and every definition in it.

    `unread` lists the parts of a file that the model cannot hold; such a file can be
    read and checked, but not written. `aside` lists its comments and processing instructions,
    which say nothing of the study and are not written again; values are equal without them.
    """

    odm_version: Annotated[str, attribute("ODMVersion")] = "1.3.2"
    file_type: Annotated[str, attribute("FileType")] = "Snapshot"
    file_oid: Annotated[str, attribute("FileOID")]
    created: Annotated[dt.datetime, attribute("CreationDateTime")]
    as_of: Annotated[dt.datetime | None, attribute("AsOfDateTime")] = None
    originator: Annotated[str | None, attribute("Originator")] = None
    source_system: Annotated[str | None, attribute("SourceSystem")] = None
    source_system_version: Annotated[str | None, attribute("SourceSystemVersion")] = None
    context: Annotated[str, attribute("def:Context")]
    study_oid: Annotated[str, attribute("OID", _STUDY)]
    study_name: Annotated[str, content(_STUDY, "GlobalVariables", "StudyName")]
    study_description: Annotated[str, content(_STUDY, "GlobalVariables", "StudyDescription")]
    protocol_name: Annotated[str, content(_STUDY, "GlobalVariables", "ProtocolName")]
    oid: Annotated[str, attribute("OID", *_VERSION)]
    name: Annotated[str, attribute("Name", *_VERSION)]
    description: Annotated[str | None, attribute("Description", *_VERSION)] = None
    define_version: Annotated[str, attribute("def:DefineVersion", *_VERSION)]
    comment_oid: Annotated[str | None, attribute("def:CommentOID", *_VERSION)] = None
    standards: Annotated[
        tuple[Standard, ...], content(*_VERSION, "def:Standards", "def:Standard")
    ] = ()
    annotated_crf: Annotated[
        tuple[DocumentRef, ...], content(*_VERSION, "def:AnnotatedCRF", "def:DocumentRef")
    ] = ()
    supplemental: Annotated[
        tuple[DocumentRef, ...], content(*_VERSION, "def:SupplementalDoc", "def:DocumentRef")
    ] = ()
    value_lists: Annotated[tuple[ValueList, ...], content(*_VERSION, "def:ValueListDef")] = ()
    where_clauses: Annotated[tuple[WhereClause, ...], content(*_VERSION, "def:WhereClauseDef")] = ()
    item_groups: Annotated[tuple[ItemGroup, ...], content(*_VERSION, "ItemGroupDef")] = ()
    items: Annotated[tuple[ItemDef, ...], content(*_VERSION, "ItemDef")] = ()
    codelists: Annotated[tuple[CodeList, ...], content(*_VERSION, "CodeList")] = ()
    methods: Annotated[tuple[Method, ...], content(*_VERSION, "MethodDef")] = ()
    comments: Annotated[tuple[Comment, ...], content(*_VERSION, "def:CommentDef")] = ()
    leaves: Annotated[tuple[Leaf, ...], content(*_VERSION, "def:leaf")] = ()
    displays: Annotated[
        tuple[ResultDisplay, ...],
        content(*_VERSION, "arm:AnalysisResultDisplays", "arm:ResultDisplay"),
    ] = ()
    unread: tuple[str, ...] = ()
    aside: tuple[str, ...] = field(default=(), compare=False)
