"""Check the definitions of a define.xml against each other: every OID leads somewhere.

The walk knows from the model which fields refer and what they refer to, so a new
reference in the model is checked without a line here, once it is in `_TARGETS`.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from cdisc.diagnostics import Diagnostic, Span
from define_xml import model
from define_xml.binding import bound_fields

_TARGETS: dict[str, type] = {
    "archive_location_id": model.Leaf,
    "codelist_oid": model.CodeList,
    "comment_oid": model.Comment,
    "item_group_oid": model.ItemGroup,
    "item_oid": model.ItemDef,
    "leaf_id": model.Leaf,
    "method_oid": model.Method,
    "parameter_oid": model.ItemDef,
    "role_codelist_oid": model.CodeList,
    "standard_oid": model.Standard,
    "value_list_oid": model.ValueList,
    "variable_oids": model.ItemDef,
    "where_clause_oid": model.WhereClause,
    "where_clause_oids": model.WhereClause,
}
_ELEMENTS: dict[type, str] = {
    model.AnalysisResult: "arm:AnalysisResult",
    model.CodeList: "CodeList",
    model.Comment: "def:CommentDef",
    model.ItemDef: "ItemDef",
    model.ItemGroup: "ItemGroupDef",
    model.Leaf: "def:leaf",
    model.Method: "MethodDef",
    model.ResultDisplay: "arm:ResultDisplay",
    model.Standard: "def:Standard",
    model.ValueList: "def:ValueListDef",
    model.WhereClause: "def:WhereClauseDef",
}
# Datasets and results are what the file is about; a standard may be followed without a reference.
_NEED_NO_USE = (model.AnalysisResult, model.ItemGroup, model.ResultDisplay, model.Standard)


@dataclasses.dataclass(frozen=True, slots=True)
class _Reference:
    owner: str
    target: type
    oid: str


def check_references(
    define: model.Define, spans: Mapping[str, Span] | None = None
) -> Iterator[Diagnostic]:
    """Find references that lead nowhere, definitions that nobody uses, and OIDs given twice.

    Args:
        define: What to check.
        spans: Where each OID stands in the file, if it is known.

    Yields:
        DEF010, DEF011, DEF012; and DEF013 for a value that a codelist holds twice.
    """
    spans = spans or {}
    defined = [(type(one), _oid(one)) for one in _walk(define) if type(one) in _ELEMENTS]
    references = list(_references(define, "MetaDataVersion"))
    known, used = set(defined), {(one.target, one.oid) for one in references}
    for one in dict.fromkeys(references):
        if (one.target, one.oid) not in known:
            element = _ELEMENTS[one.target]
            fact = f'"{one.owner}" refers to {element} "{one.oid}", which is not defined'
            yield Diagnostic("DEF010", fact, span=spans.get(one.owner))
    for kind, oid in dict.fromkeys(defined):
        if kind not in _NEED_NO_USE and (kind, oid) not in used:
            fact = f'{_ELEMENTS[kind]} "{oid}" is never used'
            yield Diagnostic("DEF011", fact, span=spans.get(oid))
    yield from _duplicates(defined, spans)
    yield from _duplicate_values(define.codelists, spans)


def _duplicates(
    defined: Iterable[tuple[type, str]], spans: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    """Find OIDs given twice; the ID of a leaf is counted apart from OIDs."""
    counts = Counter((kind is model.Leaf, oid) for kind, oid in defined)
    for (_, oid), count in counts.items():
        if count > 1:
            fact = f'the OID "{oid}" is given {count} times'
            yield Diagnostic("DEF012", fact, span=spans.get(oid))


def _duplicate_values(
    codelists: Iterable[model.CodeList], spans: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    for codelist in codelists:
        for value, count in Counter(codelist.coded_values).items():
            if count > 1:
                fact = f'codelist "{codelist.oid}" holds the value "{value}" {count} times'
                yield Diagnostic("DEF013", fact, span=spans.get(codelist.oid))


def _oid(one: Any) -> str:
    oid: str = one.id if isinstance(one, model.Leaf) else one.oid
    return oid


def _walk(owner: object) -> Iterator[object]:
    """Give every object of the model below an owner."""
    for value in _objects(owner):
        yield value
        yield from _walk(value)


def _references(owner: Any, name: str) -> Iterator[_Reference]:
    """Give every reference below an owner, with the nearest OID above it."""
    name = getattr(owner, "oid", name)
    kind: type = type(owner)
    for field, many in _fields(kind)[0]:
        value = getattr(owner, field)
        for oid in value if many else (value,):
            if oid is not None:
                yield _Reference(name, _TARGETS[field], oid)
    for value in _objects(owner):
        yield from _references(value, name)


def _objects(owner: object) -> Iterator[object]:
    """Give the objects of the model that an owner holds."""
    kind: type = type(owner)
    for name, many in _fields(kind)[1]:
        value = getattr(owner, name)
        if many:
            yield from value
        elif value is not None:
            yield value


@cache
def _fields(
    kind: type,
) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    """Return the fields of a class that refer, and those that hold objects: name, and many."""
    fields = bound_fields(kind)
    referring = tuple((one.name, one.many) for one in fields if one.name in _TARGETS)
    return referring, tuple((one.name, one.many) for one in fields if one.is_model)
