"""``define.yaml``: what only a person can say of a package, for define.xml."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from cdisc.record import record
from cdisc.source import Document
from cdisc.spec.model import SpecModel
from cdisc.spec.study import Texts

DEFINE = "define.yaml"
Reason = Literal[
    "SPECIFIED IN PROTOCOL", "SPECIFIED IN SAP", "DATA DRIVEN", "REQUESTED BY REGULATORY AGENCY"
]
Purpose = Literal[
    "PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE"
]


class DocumentBlock(SpecModel):
    """A file beside define.xml."""

    file: str = Field(description="Name of the file beside define.xml, or a web address")
    title: str = Field(description="Title that people read", min_length=1)
    role: Literal["annotated CRF", "supplemental", "other"] = Field(
        default="other", description="annotated CRF, supplemental (a guide), or other"
    )
    package: Literal["sdtm", "adam", "both"] = Field(
        default="both", description="Package that it belongs to: sdtm, adam or both"
    )


# Document: its pages, as numbers, ranges such as 4-6, or names of destinations; or the whole.
WHOLE = "whole"
DocumentRefs = dict[str, Texts]


class RemarkBlock(SpecModel):
    """A comment, and the documents that say more."""

    text: str = Field(description="The comment", min_length=1)
    documents: DocumentRefs = Field(default_factory=dict, description="Document: pages, or `whole`")


def _remark(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


Remark = Annotated[RemarkBlock, BeforeValidator(_remark, json_schema_input_type=str | RemarkBlock)]


class AnalysisDataBlock(SpecModel):
    """What of a dataset an analysis is made of."""

    where: str | None = Field(
        default=None, description="Comparisons of variables with values, joined by and"
    )
    variables: Texts = Field(default=(), description="Variables that are analysed")


class ProgramBlock(SpecModel):
    """The program of an analysis."""

    language: str | None = Field(default=None, description="Language and version, such as R 4.4.1")
    code: str | None = Field(default=None, description="The statements")
    documents: DocumentRefs = Field(
        default_factory=dict, description="Document: pages that hold it, or `whole`"
    )


class ResultBlock(SpecModel):
    """One result of a display."""

    title: str = Field(description="What the result is", min_length=1)
    reason: Reason = Field(description="Why the analysis was made")
    purpose: Purpose = Field(description="What the analysis is for")
    parameter: str | None = Field(
        default=None, description="DATASET.VARIABLE that tells the parameters apart"
    )
    data: dict[str, AnalysisDataBlock] = Field(
        description="Dataset: its records and variables", min_length=1
    )
    joined: str | None = Field(default=None, description="How several datasets are joined")
    documentation: Remark | None = Field(default=None, description="How the analysis was done")
    program: ProgramBlock | None = Field(default=None, description="What did it")


class DisplayBlock(SpecModel):
    """A table, figure or listing of the report."""

    title: str = Field(description="Title of the display", min_length=1)
    documents: DocumentRefs = Field(
        default_factory=dict, description="Document: pages that show it"
    )
    results: tuple[ResultBlock, ...] = Field(description="What it shows", min_length=1)


class DefineFile(SpecModel):
    """define.yaml."""

    originator: str | None = Field(default=None, description="Organisation that answers for it")
    documents: dict[str, DocumentBlock] = Field(
        default_factory=dict, description="Name: file that the package refers to"
    )
    comments: dict[str, Remark] = Field(
        default_factory=dict,
        description="DATASET, DATASET.VARIABLE, DATASET.VARIABLE.VALUE or a standard: the comment",
    )
    methods: dict[str, DocumentRefs] = Field(
        default_factory=dict, description="DATASET.VARIABLE: documents of its method"
    )
    ranks: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Codelist: its values from the least to the most"
    )
    planned: dict[str, str] = Field(
        default_factory=dict,
        description="Dataset of the standard that has no data and no file: why it has none",
    )
    nonstandard: tuple[str, ...] = Field(
        default=(), description="Datasets that follow no published standard"
    )
    displays: dict[str, DisplayBlock] = Field(
        default_factory=dict, description="Name of a table or figure: what it shows"
    )


@record()
class LoadedDefine:
    """``define.yaml`` with its text.

    Attributes:
        model: What the file says.
        document: Where it says it.
    """

    model: DefineFile
    document: Document
