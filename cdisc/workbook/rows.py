"""A define.xml as the rows of a workbook, and back to nothing: rows are texts alone.

Names of things lose the prefix that makes them OIDs: ``CL.NY`` is ``NY``. A condition of
value level is an id of the sheet WhereClauses in the layout that has this sheet, and a
text such as ``QNAM EQ AESI`` in the one that has not.
"""

from collections.abc import Iterator, Mapping, Sequence

from cdisc.workbook.layout import LayoutName, Row, Sheets, layout_of
from define_xml.model import (
    AnalysisDataset,
    AnalysisResult,
    CodeList,
    Define,
    DocumentRef,
    ItemDef,
    ItemGroup,
    ItemRef,
    Origin,
    WhereClause,
)

_PREFIXES = ("CL.", "MT.", "COM.", "WC.", "LF.", "IT.", "IG.", "STD.", "VL.")
_NO_ORIGIN = Origin(type="")


def define_rows(define: Define, layout: LayoutName) -> Sheets:
    """Return the rows of each sheet that a define.xml fills, in its order.

    Args:
        define: The definitions of one stage.
        layout: The layout, which decides how conditions are written.
    """
    return _Rows(define, layout).sheets()


def plain(oid: str | None) -> str:
    """Return an OID without the prefix of its kind; nothing for None."""
    if oid is None:
        return ""
    return next((oid.removeprefix(one) for one in _PREFIXES if oid.startswith(one)), oid)


def _yes(value: bool) -> str:  # noqa: FBT001  a value of the model
    return "Yes" if value else "No"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


class _Rows:
    """The rows of one define.xml."""

    def __init__(self, define: Define, layout: LayoutName) -> None:
        self.define, self.layout = define, layout
        self.items = {one.oid: one for one in define.items}
        self.value_lists = {one.oid: one for one in define.value_lists}
        self.wheres = {one.oid: one for one in define.where_clauses}
        self.codelists = {one.oid: one for one in define.codelists}
        self.standards = {
            one.oid: " ".join(filter(None, (one.name, one.publishing_set, one.version)))
            for one in define.standards
        }

    def sheets(self) -> Sheets:
        found: Sheets = {name: [] for name in layout_of(self.layout)}
        for group in self.define.item_groups:
            found["Datasets"].append(self.dataset(group))
            found["Variables"] += self.variables(group)
            found["ValueLevel"] += self.value_level(group)
        if "WhereClauses" in found:
            found["WhereClauses"] = [row for one in self.wheres.values() for row in _where(one)]
        for codelist in self.codelists.values():
            external = codelist.external is not None
            found["Dictionaries" if external else "Codelists"] += self.codelist(codelist)
        found["Methods"] = list(self.methods())
        found["Comments"] = [
            {
                "ID": plain(one.oid),
                "Description": one.description or "",
                **_document(one.documents),
            }
            for one in self.define.comments
        ]
        found["Documents"] = [
            {"ID": plain(one.id), "Title": one.title, "Href": one.href}
            for one in self.define.leaves
        ]
        found |= {name: rows for name, rows in self.analyses().items() if name in found}
        return found

    def analyses(self) -> Sheets:
        """Return the rows of displays, of their results and of the data behind these."""
        displays: list[Row] = []
        results: list[Row] = []
        criteria: list[Row] = []
        for display in self.define.displays:
            documents = _document(display.documents)
            displays.append({"ID": display.name, "Title": display.description or "", **documents})
            for one in display.results:
                results.append(self.result(display.name, one))
                criteria += [self.criterion(display.name, one.oid, data) for data in one.datasets]
        return {
            "Analysis Displays": displays,
            "Analysis Results": results,
            "Analysis Criteria": criteria,
        }

    def result(self, display: str, one: AnalysisResult) -> Row:
        said, code = one.documentation, one.programming_code
        variables = (oid for data in one.datasets for oid in data.variable_oids)
        clauses = (data.where_clause_oid for data in one.datasets)
        comments = {comment.oid: comment.description or "" for comment in self.define.comments}
        return {
            "Display": display,
            "ID": one.oid,
            "Description": one.description or "",
            "Variables": ", ".join(plain(oid) for oid in variables),
            "Reason": one.reason,
            "Purpose": one.purpose,
            "Selection Criteria": "; ".join(where_text(self.wheres[oid]) for oid in clauses if oid),
            "Join Comment": comments.get(one.comment_oid or "", ""),
            "Documentation": (said.description or "") if said else "",
            "Documentation Refs": _references(said.documents) if said else "",
            "Programming Context": (code.context or "") if code else "",
            "Programming Code": (code.code or "") if code else "",
            "Programming Document": _document(code.documents)["Document"] if code else "",
            "Pages": _document(code.documents)["Pages"] if code else "",
        }

    def criterion(self, display: str, result: str, data: AnalysisDataset) -> Row:
        clause = data.where_clause_oid
        return {
            "Display": display,
            "Result": result,
            "Dataset": plain(data.item_group_oid),
            "Variables": ", ".join(self.items[oid].name for oid in data.variable_oids),
            "Where Clause": plain(clause),
        }

    def dataset(self, group: ItemGroup) -> Row:
        keys = sorted((ref.key_sequence, ref) for ref in group.item_refs if ref.key_sequence)
        class_ = group.class_
        subclasses = class_.subclasses if class_ else ()
        return {
            "Dataset": group.name,
            "Label": group.description or "",
            "Description": group.description or "",
            "Class": class_.name if class_ else "",
            "SubClass": ", ".join(one.name for one in subclasses),
            "Structure": group.structure,
            "Purpose": group.purpose or "",
            "Key Variables": ", ".join(self.items[ref.item_oid].name for _, ref in keys),
            "Standard": self.standards.get(group.standard_oid or "", ""),
            "Has No Data": "Yes" if group.has_no_data else "",
            "Repeating": _yes(group.repeating),
            "Reference Data": _yes(group.is_reference_data),
            "Comment": plain(group.comment_oid),
        }

    def variables(self, group: ItemGroup) -> Iterator[Row]:
        for ref in group.item_refs:
            item = self.items[ref.item_oid]
            yield {
                "Order": _number(ref.order_number),
                "Dataset": group.name,
                "Variable": item.name,
                "Role": ref.role or "",
                **self.item(ref, item),
            }

    def item(self, ref: ItemRef, item: ItemDef) -> Row:
        """Return what variables and values have in common."""
        origin = item.origins[0] if item.origins else _NO_ORIGIN
        predecessor = origin.type == "Predecessor"
        return {
            "Label": item.description or "",
            "Description": item.description or "",
            "Data Type": item.data_type,
            "Length": _number(item.length),
            "Significant Digits": _number(item.significant_digits),
            "Format": item.display_format or "",
            "Mandatory": _yes(ref.mandatory),
            "Codelist": plain(item.codelist_oid),
            "Origin": origin.type,
            "Source": origin.source or "",
            "Pages": _pages(origin.documents),
            "Method": plain(ref.method_oid),
            "Predecessor": (origin.description or "") if predecessor else "",
            "Has No Data": "Yes" if ref.has_no_data else "",
            "Comment": plain(item.comment_oid),
        }

    def value_level(self, group: ItemGroup) -> Iterator[Row]:
        for ref in group.item_refs:
            item = self.items[ref.item_oid]
            values = self.value_lists.get(item.value_list_oid or "")
            for number, one in enumerate(values.item_refs if values else (), start=1):
                yield {
                    "Order": str(number),
                    "Dataset": group.name,
                    "Variable": item.name,
                    "Where Clause": self.where(one),
                    **self.item(one, self.items[one.item_oid]),
                }

    def where(self, ref: ItemRef) -> str:
        if "WhereClauses" in layout_of(self.layout):
            return ", ".join(plain(oid) for oid in ref.where_clause_oids)
        clauses = (self.wheres[oid] for oid in ref.where_clause_oids)
        return " or ".join(where_text(one) for one in clauses)

    def codelist(self, one: CodeList) -> Iterator[Row]:
        head = {"ID": plain(one.oid), "Name": one.name, "Data Type": one.data_type}
        if one.external is not None:
            yield {
                **head,
                "Dictionary": one.external.dictionary or "",
                "Version": one.external.version or "",
            }
            return
        head |= {
            "NCI Codelist Code": one.code or "",
            "Terminology": self.standards.get(one.standard_oid or "", ""),
            "Comment": plain(one.comment_oid),
        }
        for item in one.items:
            decode = item.decode if item.coded_value else ""
            yield {**head, **_term(item.order_number, item.coded_value, item.code, decode)}
        for entry in one.enumerated:
            yield {**head, **_term(entry.order_number, entry.coded_value, entry.code, "")}

    def methods(self) -> Iterator[Row]:
        for one in self.define.methods:
            expression = one.expressions[0] if one.expressions else None
            yield {
                "ID": plain(one.oid),
                "Name": one.name,
                "Type": one.type or "",
                "Description": one.description or "",
                "Expression Context": (expression.context or "") if expression else "",
                "Expression Code": expression.text if expression else "",
                **_document(one.documents),
            }


def _term(order: int | None, value: str, code: str | None, decode: str) -> Row:
    shown = _number(order) if value else ""
    return {"Order": shown, "Term": value, "NCI Term Code": code or "", "Decoded Value": decode}


def _pages(documents: Sequence[DocumentRef]) -> str:
    refs = (page for one in documents for page in one.pages)
    return ", ".join(
        one.page_refs or "-".join(_number(page) for page in (one.first_page, one.last_page))
        for one in refs
    )


def _document(documents: Sequence[DocumentRef]) -> Mapping[str, str]:
    named = ", ".join(plain(one.leaf_id) for one in documents)
    return {"Document": named, "Pages": _pages(documents)}


def _references(documents: Sequence[DocumentRef]) -> str:
    """Return documents with their pages in one text."""
    each = (_document([one]) for one in documents)
    return "; ".join(" ".join(filter(None, (one["Document"], one["Pages"]))) for one in each)


def where_text(clause: WhereClause) -> str:
    """Return a condition as a text, such as ``VSTESTCD IN (DIABP, SYSBP) and VSPOS EQ SITTING``."""
    parts = []
    for check in clause.range_checks:
        variable = plain(check.item_oid).rpartition(".")[2]
        values = [_quoted(one) for one in check.values]
        shown = f"({', '.join(values)})" if check.comparator in ("IN", "NOTIN") else values[0]
        parts.append(f"{variable} {check.comparator} {shown}")
    return " and ".join(parts)


def _quoted(value: str) -> str:
    return (
        value if value and not set(value) & set(' ,()"') else '"' + value.replace('"', '""') + '"'
    )


def _where(clause: WhereClause) -> Iterator[Row]:
    for check in clause.range_checks:
        dataset, _, variable = plain(check.item_oid).rpartition(".")
        yield {
            "ID": plain(clause.oid),
            "Dataset": dataset,
            "Variable": variable,
            "Comparator": check.comparator or "",
            "Value": ", ".join(check.values),
        }
