"""Analysis results: what was shown, why, of which data, and by which program.

Source:
    Analysis Results Metadata Specification Version 1.0 for Define-XML Version 2.
"""

from dataclasses import dataclass
from typing import Annotated

from define_xml.binding import attribute, content
from define_xml.documents import Description, DocumentRef, Oid


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisDataset:
    """A dataset of an analysis: which of its records, and which of its variables."""

    item_group_oid: Annotated[str, attribute("ItemGroupOID")]
    where_clause_oid: Annotated[str | None, attribute("WhereClauseOID", "def:WhereClauseRef")] = (
        None
    )
    variable_oids: Annotated[tuple[str, ...], attribute("ItemOID", "arm:AnalysisVariable")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """How an analysis was done: in words, and where it is described."""

    description: Description = None
    documents: Annotated[tuple[DocumentRef, ...], content("def:DocumentRef")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammingCode:
    """The program of an analysis: its text, or the file that holds it."""

    context: Annotated[str | None, attribute("Context")] = None
    code: Annotated[str | None, content("arm:Code")] = None
    documents: Annotated[tuple[DocumentRef, ...], content("def:DocumentRef")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """One result of a display, with its reason and its purpose."""

    oid: Oid
    parameter_oid: Annotated[str | None, attribute("ParameterOID")] = None
    reason: Annotated[str, attribute("AnalysisReason")]
    purpose: Annotated[str, attribute("AnalysisPurpose")]
    description: Description = None
    comment_oid: Annotated[str | None, attribute("def:CommentOID", "arm:AnalysisDatasets")] = None
    datasets: Annotated[
        tuple[AnalysisDataset, ...], content("arm:AnalysisDatasets", "arm:AnalysisDataset")
    ] = ()
    documentation: Annotated[Documentation | None, content("arm:Documentation")] = None
    programming_code: Annotated[ProgrammingCode | None, content("arm:ProgrammingCode")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDisplay:
    """A table, figure or listing, and the results that it shows."""

    oid: Oid
    name: Annotated[str, attribute("Name")]
    description: Description = None
    documents: Annotated[tuple[DocumentRef, ...], content("def:DocumentRef")] = ()
    results: Annotated[tuple[AnalysisResult, ...], content("arm:AnalysisResult")] = ()
