"""What a person declares, as the parts of a define.xml: documents, displays, their pages."""

import re
from collections.abc import Iterator

from cdisc.declared import AnalysisData, AnalysisResult, Check, Declared, Display, DocumentUse
from define_xml import model

_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


def leaf_id(document: str) -> str:
    """Return the ID of the leaf of a document."""
    return f"LF.{document}"


def document_leaves(declared: Declared, role: str | None = None) -> tuple[model.Leaf, ...]:
    """Return the leaves of all documents, or of those of a role."""
    return tuple(
        model.Leaf(id=leaf_id(one.name), href=one.file, title=one.title)
        for one in declared.documents
        if role is None or one.role == role
    )


def document_refs(uses: tuple[DocumentUse, ...]) -> tuple[model.DocumentRef, ...]:
    """Return references to documents and to their pages."""
    return tuple(
        model.DocumentRef(leaf_id=leaf_id(one.document), pages=page_refs(one.pages)) for one in uses
    )


def page_refs(pages: tuple[str, ...]) -> tuple[model.PDFPageRef, ...]:
    """Return references to page numbers, to ranges and to named destinations, in this order."""
    numbers = [page for page in pages if page.isdecimal()]
    ranges = [one for page in pages if (one := _RANGE.fullmatch(page))]
    names = [page for page in pages if not page.isdecimal() and not _RANGE.fullmatch(page)]
    found = [model.PDFPageRef(page_refs=" ".join(numbers), type="PhysicalRef")] if numbers else []
    found += (
        model.PDFPageRef(first_page=int(one[1]), last_page=int(one[2]), type="PhysicalRef")
        for one in ranges
    )
    if names:
        found.append(model.PDFPageRef(page_refs=" ".join(names), type="NamedDestination"))
    return tuple(found)


class Results:
    """The displays of a package, with the conditions and comments that they need."""

    def __init__(self, displays: tuple[Display, ...]) -> None:
        self.where_clauses: list[model.WhereClause] = []
        self.comments: list[model.Comment] = []
        self.displays = tuple(
            self._display(number, one) for number, one in enumerate(displays, start=1)
        )

    def _display(self, number: int, display: Display) -> model.ResultDisplay:
        return model.ResultDisplay(
            oid=f"RD.{number}",
            name=display.name,
            description=display.title,
            documents=document_refs(display.documents),
            results=tuple(
                self._result(f"{number}.{at}", one)
                for at, one in enumerate(display.results, start=1)
            ),
        )

    def _result(self, number: str, result: AnalysisResult) -> model.AnalysisResult:
        said, program = result.documentation, result.program
        return model.AnalysisResult(
            oid=f"AR.{number}",
            parameter_oid=f"IT.{'.'.join(result.parameter)}" if result.parameter else None,
            reason=result.reason,
            purpose=result.purpose,
            description=result.title,
            comment_oid=self._joined(number, result.joined),
            datasets=tuple(self._data(number, one) for one in result.data),
            documentation=model.Documentation(
                description=said.text, documents=document_refs(said.documents)
            )
            if said
            else None,
            programming_code=model.ProgrammingCode(
                context=program.context,
                code=program.code,
                documents=document_refs(program.documents),
            )
            if program
            else None,
        )

    def _joined(self, number: str, text: str | None) -> str | None:
        if text is None:
            return None
        self.comments.append(model.Comment(oid=f"COM.AR.{number}", description=text))
        return f"COM.AR.{number}"

    def _data(self, number: str, data: AnalysisData) -> model.AnalysisDataset:
        where = None
        if data.where:
            where = f"WC.AR.{number}.{data.dataset}"
            checks = tuple(_checks(data.dataset, data.where))
            self.where_clauses.append(model.WhereClause(oid=where, range_checks=checks))
        return model.AnalysisDataset(
            item_group_oid=f"IG.{data.dataset}",
            where_clause_oid=where,
            variable_oids=tuple(f"IT.{data.dataset}.{one}" for one in data.variables),
        )


def _checks(dataset: str, where: tuple[Check, ...]) -> Iterator[model.RangeCheck]:
    for one in where:
        yield model.RangeCheck(
            comparator=one.comparator,
            soft_hard="Soft",
            item_oid=f"IT.{dataset}.{one.variable}",
            values=one.values,
        )
