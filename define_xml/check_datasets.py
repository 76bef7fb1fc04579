"""Check what a define.xml says of the study and its datasets.

Source:
    Define-XML 2.1, sections 5.3.1 to 5.3.9.
"""

from collections import Counter
from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from define_xml import model
from define_xml.words import CLASSES, Looked

_LABEL_BYTES, _NAME_BYTES = 40, 8


def check_datasets(looked: Looked) -> Iterator[Diagnostic]:
    """Find what a define.xml leaves out, or says wrongly, of the study and its datasets.

    Yields:
        DEF016, DEF017, DEF019, DEF032 to DEF034, DEF037, DEF039, DEF040 and DEF043.
    """
    yield from _study(looked)
    for group in looked.define.item_groups:
        yield from _group(looked, group)
    for value_list in looked.define.value_lists:
        yield from _order(looked, value_list.oid, value_list.item_refs)


def _study(looked: Looked) -> Iterator[Diagnostic]:
    define = looked.define
    said = define.study_description.strip()
    if said in {"", define.study_name, define.study_oid, define.protocol_name}:
        fact = "the study has no description but its name"
        yield looked.found("DEF016", fact, define.study_oid)
    if not looked.old:
        yield from looked.word(define.context, ("Submission", "Other"), "the context", define.oid)
    for standard in define.standards:
        yield from looked.word(standard.type, ("IG", "CT"), "the type", standard.oid)
        states = ("Draft", "Final", "Provisional")
        yield from looked.word(standard.status, states, "the status", standard.oid)
        if standard.type == "CT" and not standard.publishing_set and not looked.old:
            fact = f'"{standard.oid}" is terminology of no publishing set'
            yield looked.found("DEF037", fact, standard.oid)
    if not any(one.type == "IG" for one in define.standards):
        yield looked.found("DEF037", "no implementation guide is named", define.oid)
    for name, count in Counter(one.name for one in define.item_groups).items():
        if count > 1:
            yield looked.found("DEF033", f'dataset "{name}" is defined {count} times', define.oid)
    yield from _crf(looked)


def _crf(looked: Looked) -> Iterator[Diagnostic]:
    """Find collected variables of tabulations whose page nobody says."""
    tabulated = [one for one in looked.define.item_groups if one.purpose == "Tabulation"]
    collected = [
        (group, item)
        for group in tabulated
        for ref in group.item_refs
        for item in _with_values(looked, ref)
        if any(_on_page(one) and not any(d.pages for d in one.documents) for one in item.origins)
    ]
    if not collected:
        return
    if not looked.define.annotated_crf:
        fact = "there is no annotated CRF, though variables were collected"
        yield looked.found("DEF017", fact, looked.define.oid)
        return
    for group, item in collected:
        fact = f'collected "{item.name}" leads to no page of the annotated CRF'
        yield looked.found("DEF017", fact, item.oid, group.name, item.name)


def _with_values(looked: Looked, ref: model.ItemRef) -> Iterator[model.ItemDef]:
    item = looked.items.get(ref.item_oid)
    if item is None:
        return
    yield item
    values = looked.value_lists.get(item.value_list_oid or "")
    for value in values.item_refs if values else ():
        if value.item_oid in looked.items:
            yield looked.items[value.item_oid]


def _group(looked: Looked, group: model.ItemGroup) -> Iterator[Diagnostic]:
    name, oid = group.name, group.oid
    needed = {
        "label": group.description,
        "structure": group.structure.strip(),
        "class": group.class_,
        "domain": group.purpose != "Tabulation" or group.domain,
    }
    for what, there in needed.items():
        if not there:
            yield looked.found("DEF032", f'dataset "{name}" has no {what}', oid, name)
    yield from _sizes(looked, name, group.sas_dataset_name, group.description, oid)
    yield from looked.word(group.purpose, ("Tabulation", "Analysis"), "the purpose", oid)
    if group.class_ is not None and not looked.old:
        yield from looked.word(group.class_.name, CLASSES, "the class", oid)
    yield from _standard(looked, group)
    yield from _leaf(looked, group)
    if group.has_no_data and not group.comment_oid:
        fact = f'nothing says why dataset "{name}" has no data'
        yield looked.found("DEF039", fact, oid, name)
    yield from _variables(looked, group)
    for ref in group.item_refs:
        yield from _ref(looked, group, ref)


def _variables(looked: Looked, group: model.ItemGroup) -> Iterator[Diagnostic]:
    """Find variables that are named twice, and keys and orders that are none."""
    refs = group.item_refs
    yield from _order(looked, group.oid, refs)
    names = [looked.items[one.item_oid].name for one in refs if one.item_oid in looked.items]
    for variable, count in Counter(names).items():
        if count > 1:
            fact = f'variable "{variable}" is defined {count} times'
            yield looked.found("DEF033", fact, group.oid, group.name, variable)
    planned = group.has_no_data and group.leaf is None and not refs
    if not planned and not any(ref.key_sequence for ref in refs):
        fact = f'dataset "{group.name}" has no keys'
        yield looked.found("DEF033", fact, group.oid, group.name)


def _standard(looked: Looked, group: model.ItemGroup) -> Iterator[Diagnostic]:
    if looked.old:
        return
    named = looked.standards.get(group.standard_oid or "")
    if group.is_non_standard == (group.standard_oid is not None):
        said = "a standard, and is marked as following none"
        lacks = "no standard, and is not marked as following none"
        what = said if group.is_non_standard else lacks
        yield looked.found("DEF037", f'dataset "{group.name}" names {what}', group.oid, group.name)
    if named is not None and named.type != "IG":
        fact = f'dataset "{group.name}" follows "{named.oid}", which is terminology'
        yield looked.found("DEF037", fact, group.oid, group.name)


def _leaf(looked: Looked, group: model.ItemGroup) -> Iterator[Diagnostic]:
    leaf = group.leaf
    if leaf is None:
        if not group.has_no_data:
            fact = f'dataset "{group.name}" names no file'
            yield looked.found("DEF043", fact, group.oid, group.name)
        return
    known = {one.leaf.id for one in looked.define.item_groups if one.leaf}
    if group.archive_location_id is None or group.archive_location_id in known - {leaf.id}:
        fact = f'the location of dataset "{group.name}" is not its own file'
        yield looked.found("DEF043", fact, group.oid, group.name)
    file = leaf.href.rpartition("/")[2].partition(".")[0]
    if file.lower() != group.name.lower():
        fact = f'the file of dataset "{group.name}" is called "{leaf.href}"'
        yield looked.found("DEF043", fact, leaf.id, group.name)


def _ref(looked: Looked, group: model.ItemGroup, ref: model.ItemRef) -> Iterator[Diagnostic]:
    item = looked.items.get(ref.item_oid)
    if item is None:
        return
    place = (group.name, item.name)
    if not item.description:
        yield looked.found("DEF032", f'variable "{item.name}" has no label', item.oid, *place)
    yield from _sizes(looked, item.name, item.sas_field_name, item.description, item.oid)
    if ref.has_no_data and not item.comment_oid:
        fact = f'nothing says why variable "{item.name}" has no data'
        yield looked.found("DEF039", fact, item.oid, *place)
    yield from _explained(looked, item, ref.method_oid, place)
    values = looked.value_lists.get(item.value_list_oid or "")
    for value in values.item_refs if values else ():
        part = looked.items.get(value.item_oid)
        if part is not None:
            yield from _explained(looked, part, value.method_oid or ref.method_oid, place)


def _explained(
    looked: Looked, item: model.ItemDef, method: str | None, place: tuple[str, str]
) -> Iterator[Diagnostic]:
    """Find origins that do not say how, or from where."""
    for origin in item.origins:
        if origin.type == "Derived" and method is None:
            fact = f'"{item.oid}" is derived, but has no method'
            yield looked.found("DEF019", fact, item.oid, *place)
        if origin.type == "Predecessor" and not origin.description:
            fact = f'"{item.oid}" has a predecessor that is not named'
            yield looked.found("DEF019", fact, item.oid, *place)


def _sizes(
    looked: Looked, name: str, sas: str | None, label: str | None, oid: str
) -> Iterator[Diagnostic]:
    for one in dict.fromkeys((name, sas or name)):
        if len(one.encode()) > _NAME_BYTES:
            yield looked.found("DEF040", f'the name "{one}" is longer than 8 bytes', oid)
    if sas is not None and sas != name:
        yield looked.found("DEF040", f'"{name}" is called "{sas}" in its file', oid)
    if label and len(label.encode()) > _LABEL_BYTES:
        yield looked.found("DEF040", f'the label of "{name}" is longer than 40 bytes', oid)


def _order(looked: Looked, oid: str, refs: tuple[model.ItemRef, ...]) -> Iterator[Diagnostic]:
    """Find numbers given twice, keys with gaps, and items that are named twice."""
    for what, numbers in (
        ("order number", [ref.order_number for ref in refs]),
        ("key sequence", [ref.key_sequence for ref in refs]),
        ("item", [ref.item_oid for ref in refs]),
    ):
        for number, count in Counter(numbers).items():
            if number is not None and count > 1:
                fact = f'{what} {number} stands {count} times in "{oid}"'
                yield looked.found("DEF033", fact, oid)
    keys = sorted({ref.key_sequence for ref in refs if ref.key_sequence is not None})
    if keys and keys != list(range(1, len(keys) + 1)):
        fact = f'the keys of "{oid}" are numbered {", ".join(map(str, keys))}'
        yield looked.found("DEF033", fact, oid)


def _on_page(origin: model.Origin) -> bool:
    """Say whether the values of an origin stand on a page of the CRF."""
    if origin.type == "CRF":
        return True
    return origin.type == "Collected" and origin.source in {"Investigator", "Subject", None}
