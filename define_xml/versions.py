"""Define-XML 2.0 beside 2.1: how the older version places things, and what it cannot say.

The model is that of 2.1. A file of 2.0 is lifted to the places of 2.1 when it is read, and
lowered when it was written; the words stay its own (an origin ``CRF``, a class ``Events``).
`as_2_0` and `as_2_1` translate the words, and say what is lost.

Source:
    Define-XML 2.0, section 5; Define-XML 2.1, changes from version 2.0.
"""

import dataclasses
from collections.abc import Iterator

from lxml import etree

from cdisc.diagnostics import Diagnostic
from define_xml import model
from define_xml.binding import NAMESPACES, qualified, qualified_attribute

OLD_NAMESPACE = "http://www.cdisc.org/ns/def/v2.0"
STANDARD = "STD.IG"
_GUIDES = {"SDTMIG": "SDTM-IG", "ADaMIG": "ADaM-IG", "SENDIG": "SEND-IG"}
_PLAIN = {"Derived": "Derived", "Assigned": "Assigned", "Protocol": "Protocol"}
_OLD_ORIGINS = {**_PLAIN, "Predecessor": "Predecessor", "CRF": "Collected", "eDT": "Collected"}


def is_old(define: model.Define) -> bool:
    """Say whether a define.xml is of version 2.0."""
    return define.define_version.startswith("2.0")


def lift(root: etree._Element) -> None:
    """Put the elements of a 2.0 file where 2.1 has them; lines stay known."""
    for element in root.iter():
        element.tag = _lifted(str(element.tag))
        for attribute in [str(one) for one in element.attrib if _lifted(str(one)) != one]:
            element.set(_lifted(attribute), element.attrib[attribute])
            del element.attrib[attribute]
    root.set(qualified_attribute("def:Context"), "")
    for version in root.iter(qualified("MetaDataVersion")):
        _lift_standard(version)
    for group in root.iter(qualified("ItemGroupDef")):
        name = _taken(group, "def:Class")
        if name is not None:
            added = etree.SubElement(group, qualified("def:Class"))
            added.set("Name", name)
            added.sourceline = group.sourceline


def _lifted(name: str) -> str:
    return name.replace(f"{{{OLD_NAMESPACE}}}", f"{{{NAMESPACES['def']}}}", 1)


def _taken(element: etree._Element, name: str) -> str | None:
    """Return an attribute, and take it away."""
    value = element.get(qualified_attribute(name))
    if value is not None:
        del element.attrib[qualified_attribute(name)]
    return value


def _lift_standard(version: etree._Element) -> None:
    name, number = _taken(version, "def:StandardName"), _taken(version, "def:StandardVersion")
    if name is None or number is None:
        return
    standards = etree.SubElement(version, qualified("def:Standards"))
    standard = etree.SubElement(standards, qualified("def:Standard"))
    said = {"OID": STANDARD, "Name": name, "Type": "IG", "Version": number}
    for key, value in (said | {"Status": "Final"}).items():
        standard.set(key, value)
    for one in (standards, standard):
        one.sourceline = version.sourceline


def lowered(text: str) -> str:
    """Return a define.xml, written in the places of 2.1, with everything where 2.0 has it."""
    root = etree.fromstring(text)
    for element in root.iter():
        if len(element):  # what stands between elements is their indentation
            element.text = None
        element.tail = None
    _lower(root)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    # the first is the declaration of the root
    return text.replace(NAMESPACES["def"], OLD_NAMESPACE, 1)


def _lower(root: etree._Element) -> None:
    _taken(root, "def:Context")
    for version in root.iter(qualified("MetaDataVersion")):
        for standards in version.findall(qualified("def:Standards")):
            standard = standards[0]
            for place, name in (("def:StandardName", "Name"), ("def:StandardVersion", "Version")):
                version.set(qualified_attribute(place), standard.get(name, ""))
            version.remove(standards)
    for group in root.iter(qualified("ItemGroupDef")):
        for one in group.findall(qualified("def:Class")):
            group.set(qualified_attribute("def:Class"), one.get("Name", ""))
            group.remove(one)


def not_in_2_0(define: model.Define) -> tuple[str, ...]:
    """Return what a define.xml says that version 2.0 has no place for, in words."""
    return tuple(f"{what} ({count})" for what, count in _counted(define) if count)


def as_2_0(define: model.Define) -> tuple[model.Define, tuple[Diagnostic, ...]]:
    """Return a define.xml of 2.1 in the words of 2.0, and what is lost (DEF053)."""
    if is_old(define):
        return define, ()
    lost = not_in_2_0(define)
    guide = next((one for one in define.standards if one.type == "IG"), None)
    standards = () if guide is None else (_old_guide(guide),)
    changed = dataclasses.replace(
        define,
        define_version="2.0.0",
        context="",
        comment_oid=None,
        standards=standards,
        item_groups=tuple(_old_group(one) for one in define.item_groups),
        value_lists=tuple(
            dataclasses.replace(one, description=None, item_refs=_plain(one.item_refs))
            for one in define.value_lists
        ),
        items=tuple(_old_item(one) for one in define.items),
        codelists=tuple(
            dataclasses.replace(one, standard_oid=None, is_non_standard=False, comment_oid=None)
            for one in define.codelists
        ),
    )
    changed = _without_unused_comments(changed)
    return changed, tuple(Diagnostic("DEF053", f"version 2.0 cannot say: {one}") for one in lost)


def as_2_1(define: model.Define, *, context: str) -> model.Define:
    """Return a define.xml of 2.0 in the words of 2.1.

    What 2.0 does not say, such as which release of terminology a codelist is of, is not made
    up: a check finds it missing.

    Args:
        define: A define.xml of either version.
        context: ``Submission`` or ``Other``; 2.0 does not say it.
    """
    if not is_old(define):
        return define
    names = {old: new for new, old in _GUIDES.items()}
    return dataclasses.replace(
        define,
        define_version="2.1.0",
        context=context,
        standards=tuple(
            dataclasses.replace(one, name=names.get(one.name, one.name)) for one in define.standards
        ),
        item_groups=tuple(
            dataclasses.replace(
                one,
                standard_oid=define.standards[0].oid if define.standards else None,
                class_=one.class_ and dataclasses.replace(one.class_, name=one.class_.name.upper()),
            )
            for one in define.item_groups
        ),
        items=tuple(
            dataclasses.replace(one, origins=tuple(map(_new_origin, one.origins)))
            for one in define.items
        ),
    )


def _counted(define: model.Define) -> Iterator[tuple[str, int]]:
    groups, items, codelists = define.item_groups, define.items, define.codelists
    owners: tuple[model.ItemGroup | model.ValueList, ...] = (*groups, *define.value_lists)
    refs = [ref for one in owners for ref in one.item_refs]
    origins = [origin for item in items for origin in item.origins]
    guides = [one for one in define.standards if one.type == "IG"]
    yield "context of the file", int(bool(define.context))
    yield "standards beside the first guide", len(define.standards) - len(guides[:1])
    named = [*(one.standard_oid for one in groups), *(one.standard_oid for one in codelists)]
    yield "standard of a dataset or codelist", sum(1 for one in named if one)
    own = [one.is_non_standard for one in groups] + [one.is_non_standard for one in refs]
    own += (one.is_non_standard for one in codelists)
    yield "mark of what follows no standard", sum(own)
    empty = [one.has_no_data for one in groups] + [one.has_no_data for one in refs]
    yield "mark of what has no data", sum(empty)
    yield "subclass of a dataset", sum(1 for one in groups if one.class_ and one.class_.subclasses)
    yield "source of an origin", sum(1 for one in origins if one.source)
    strange = {"Not Available", "Other"}
    yield "origin that is not available or other", sum(one.type in strange for one in origins)
    yield "description of a value list", sum(1 for one in define.value_lists if one.description)
    comments = [define.comment_oid, *(one.comment_oid for one in define.standards)]
    comments += (one.comment_oid for one in codelists)
    yield "comment of a standard, codelist or file", sum(1 for one in comments if one)
    pages = [page for one in origins for document in one.documents for page in document.pages]
    yield "title of a page", sum(1 for one in pages if one.title)


def _old_guide(guide: model.Standard) -> model.Standard:
    name = _GUIDES.get(guide.name, guide.name)
    return dataclasses.replace(
        guide, oid=STANDARD, name=name, status="Final", comment_oid=None, publishing_set=None
    )


def _old_group(group: model.ItemGroup) -> model.ItemGroup:
    known = group.class_
    return dataclasses.replace(
        group,
        standard_oid=None,
        is_non_standard=False,
        has_no_data=False,
        item_refs=_plain(group.item_refs),
        class_=known and model.Class(name=known.name),
    )


def _plain(refs: tuple[model.ItemRef, ...]) -> tuple[model.ItemRef, ...]:
    return tuple(dataclasses.replace(one, is_non_standard=False, has_no_data=False) for one in refs)


def _old_item(item: model.ItemDef) -> model.ItemDef:
    return dataclasses.replace(
        item, origins=tuple(one for origin in item.origins if (one := _old_origin(origin)))
    )


def _old_origin(origin: model.Origin) -> model.Origin | None:
    """Return an origin in the words of 2.0; None for one that it does not have."""
    name = _PLAIN.get(origin.type) or ("Predecessor" if origin.type == "Predecessor" else None)
    if origin.type == "Collected":
        name = "eDT" if origin.source in {"Vendor", "Sponsor"} else "CRF"
    if name is None:
        return None
    documents = tuple(
        dataclasses.replace(
            one, pages=tuple(dataclasses.replace(page, title=None) for page in one.pages)
        )
        for one in origin.documents
    )
    return dataclasses.replace(origin, type=name, source=None, documents=documents)


def _new_origin(origin: model.Origin) -> model.Origin:
    sources = {"CRF": "Investigator", "eDT": "Vendor"}
    name = _OLD_ORIGINS.get(origin.type, origin.type)
    return dataclasses.replace(origin, type=name, source=sources.get(origin.type))


def _without_unused_comments(define: model.Define) -> model.Define:
    """Leave out the comments of what version 2.0 cannot comment on."""
    used = {one.comment_oid for one in define.item_groups}
    used |= {one.comment_oid for one in define.items}
    used |= {one.comment_oid for one in define.where_clauses}
    used |= {one.comment_oid for display in define.displays for one in display.results}
    kept = tuple(one for one in define.comments if one.oid in used)
    return dataclasses.replace(define, comments=kept)
