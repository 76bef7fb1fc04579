"""Check items, codelists and conditions of a define.xml: permitted words, and what fits together.

Source:
    Define-XML 2.1, sections 5.3.7 and 5.3.10 to 5.3.14.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from cdisc.diagnostics import Diagnostic
from define_xml import model
from define_xml.words import (
    COMPARATORS,
    MEASURED,
    ORIGINS,
    ORIGINS_2_0,
    SOURCES,
    TYPES,
    Looked,
)

_Term: TypeAlias = model.CodeListItem | model.EnumeratedItem
_LISTED = frozenset({"IN", "NOTIN"})
_NUMBER = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "float": re.compile(r"[+-]?[0-9]*[.]?[0-9]+([eE][+-]?[0-9]+)?"),
}


def check_definitions(looked: Looked) -> Iterator[Diagnostic]:
    """Find definitions that say what Define-XML does not permit, or too little.

    Yields:
        DEF018, DEF032, DEF034 to DEF038 and DEF041.
    """
    define = looked.define
    for item in define.items:
        yield from _item(looked, item)
    for codelist in define.codelists:
        yield from _codelist(looked, codelist)
    for value_list in define.value_lists:
        for ref in value_list.item_refs:
            if not ref.where_clause_oids:
                fact = f'value "{ref.item_oid}" of "{value_list.oid}" has no condition'
                yield looked.found("DEF041", fact, value_list.oid)
    for clause in define.where_clauses:
        yield from _where(looked, clause)
    texts: tuple[model.Method | model.Comment, ...] = (*define.methods, *define.comments)
    for one in texts:
        if not one.description:
            yield looked.found("DEF032", f'"{one.oid}" has no text', one.oid)


def _item(looked: Looked, item: model.ItemDef) -> Iterator[Diagnostic]:
    oid = item.oid
    yield from looked.word(item.data_type, TYPES, "the data type", oid)
    if item.data_type in MEASURED and not item.length:
        yield looked.found("DEF035", f'"{oid}" of type {item.data_type} has no length', oid)
    if item.length is not None and item.data_type not in MEASURED and not looked.old:
        yield looked.found("DEF035", f'"{oid}" of type {item.data_type} has a length', oid)
    if item.significant_digits is not None and item.data_type not in {"float", "double"}:
        fact = f'"{oid}" of type {item.data_type} has significant digits'
        yield looked.found("DEF035", fact, oid)
    if item.data_type == "float" and item.significant_digits is None:
        yield looked.found("DEF035", f'"{oid}" of type float has no significant digits', oid)
    for origin in item.origins:
        types = ORIGINS_2_0 if looked.old else ORIGINS
        yield from looked.word(origin.type, types, "the origin", oid)
        yield from looked.word(origin.source, SOURCES, "the source of the origin", oid)
        for page in (page for ref in origin.documents for page in ref.pages):
            kinds = ("PhysicalRef", "NamedDestination")
            yield from looked.word(page.type, kinds, "the kind of page", oid)
    codelist = looked.codelists.get(item.codelist_oid or "")
    if codelist is not None and not _same_type(item.data_type, codelist.data_type):
        fact = f'"{oid}" is {item.data_type}, its codelist "{codelist.oid}" {codelist.data_type}'
        yield looked.found("DEF036", fact, oid)


def _codelist(looked: Looked, codelist: model.CodeList) -> Iterator[Diagnostic]:
    oid, external = codelist.oid, codelist.external
    kinds = (bool(codelist.items), bool(codelist.enumerated), external is not None)
    if sum(kinds) != 1:
        yield looked.found(
            "DEF036", f'codelist "{oid}" has no terms, or several kinds of them', oid
        )
    yield from looked.word(codelist.data_type, ("text", "integer", "float"), "the data type", oid)
    if external is not None:
        if not external.dictionary:
            yield looked.found("DEF018", f'"{oid}" does not name its dictionary', oid)
        elif not external.version:
            fact = f'"{oid}" does not say which version of {external.dictionary} it is'
            yield looked.found("DEF018", fact, oid)
        return
    form = _NUMBER.get(codelist.data_type)
    for value in codelist.coded_values:
        if form is not None and not form.fullmatch(value):
            fact = f'"{value}" of codelist "{oid}" is not of type {codelist.data_type}'
            yield looked.found("DEF036", fact, oid)
    yield from _terms(looked, codelist)


def _terms(looked: Looked, codelist: model.CodeList) -> Iterator[Diagnostic]:
    oid = codelist.oid
    terms: tuple[_Term, ...] = (*codelist.items, *codelist.enumerated)
    for name in ("order_number", "rank"):
        numbers = Counter(getattr(one, name) for one in terms)
        twice = [str(one) for one, count in numbers.items() if one is not None and count > 1]
        if twice:
            fact = f'{name.replace("_", " ")} {", ".join(twice)} is given twice in "{oid}"'
            yield looked.found("DEF036", fact, oid)
    if looked.old:
        return
    if codelist.is_non_standard == (codelist.standard_oid is not None):
        what = "and is marked as of none" if codelist.is_non_standard else "nor is so marked"
        fact = f'codelist "{oid}" is of {"a" if codelist.standard_oid else "no"} standard, {what}'
        yield looked.found("DEF037", fact, oid)
    named = looked.standards.get(codelist.standard_oid or "")
    if named is not None and named.type != "CT":
        fact = f'codelist "{oid}" is of "{named.oid}", which is no terminology'
        yield looked.found("DEF037", fact, oid)
    for one in terms if codelist.code else ():
        if (one.code is None) != one.extended_value:
            what = "is extended, but has a code" if one.code else "has no code, nor is extended"
            fact = f'"{one.coded_value}" of codelist "{oid}" {what}'
            yield looked.found("DEF038", fact, oid)


def _where(looked: Looked, clause: model.WhereClause) -> Iterator[Diagnostic]:
    oid = clause.oid
    if not clause.range_checks:
        yield looked.found("DEF041", f'condition "{oid}" compares nothing', oid)
    for check in clause.range_checks:
        yield from looked.word(check.comparator, COMPARATORS, "the comparator", oid)
        yield from looked.word(check.soft_hard, ("Soft", "Hard"), "SoftHard", oid)
        if check.comparator not in _LISTED and len(check.values) != 1:
            fact = f'"{oid}" compares by {check.comparator} with {len(check.values)} values'
            yield looked.found("DEF041", fact, oid)
        item = looked.items.get(check.item_oid)
        codelist = looked.codelists.get(item.codelist_oid or "") if item else None
        known = codelist.coded_values if codelist else ()
        for value in check.values if known else ():
            if value not in known:
                fact = f'"{oid}" asks for "{value}", which is not in its codelist'
                yield looked.found("DEF041", fact, oid)
    homes = {home.name for one in clause.range_checks if (home := looked.homes.get(one.item_oid))}
    if len(homes) > 1 and not clause.comment_oid:
        fact = f'"{oid}" spans {", ".join(sorted(homes))}, and does not say how they are joined'
        yield looked.found("DEF041", fact, oid)


def _same_type(item: str, codelist: str) -> bool:
    same = {"string": "text", "double": "float"}
    item = same.get(item, item)
    if item == "float":
        return codelist in {"float", "integer"}
    return item == codelist
