"""Write a `Define` as a define.xml: the same value, the same bytes.

The walk is that of `define_xml.binding`; this module knows no element by name but
the root. Text that XML cannot hold is refused, with every place named.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from lxml import etree

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from define_xml.binding import (
    NAMESPACES,
    BoundField,
    bound_fields,
    qualified,
    qualified_attribute,
)
from define_xml.model import Define
from define_xml.versions import OLD_NAMESPACE, is_old, lower, not_in_2_0

_NSMAP: dict[str | None, str] = {
    None: NAMESPACES["odm"],
    "def": NAMESPACES["def"],
    "xlink": NAMESPACES["xlink"],
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_define(define: Define, path: Path, *, stylesheet: str | None = None) -> None:
    """Write a define.xml.

    Args:
        define: What to write.
        path: File to write; it is replaced where it exists.
        stylesheet: Name of an XSL file beside it, named in a processing instruction; None
            for no such instruction.

    Raises:
        OutputError: DEF006, a text holds a character that XML cannot; DEF007, the value was
            read from a file of which parts could not be held; DEF008, the disk refuses;
            DEF009, it is of version 2.0 and says more than that can.
    """
    data = define_bytes(define, stylesheet=stylesheet)
    try:
        path.write_bytes(data)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        fact = f'"{path}" cannot be written: {reason}'
        raise OutputError([Diagnostic("DEF008", fact)]) from error


def define_bytes(define: Define, *, stylesheet: str | None = None) -> bytes:
    """Return the bytes of a define.xml, UTF-8 with a declaration; see `write_define`.

    Raises:
        OutputError: DEF006, DEF007 or DEF009, as in `write_define`.
    """
    if define.unread:
        fact = "the define.xml was read with parts that would be lost on writing"
        raise OutputError([Diagnostic("DEF007", fact, found=define.unread[:3])])
    if is_old(define) and (lost := not_in_2_0(define)):
        fact = "the define.xml says what version 2.0 has no place for"
        raise OutputError([Diagnostic("DEF009", fact, found=lost)])
    writer = _Writer()
    results = {"arm": NAMESPACES["arm"]} if define.displays else {}
    root = etree.Element(qualified("ODM"), nsmap=_NSMAP | results)  # type: ignore[arg-type]  # the stubs miss the default namespace
    writer.fill(root, define)
    if writer.problems:
        raise OutputError(writer.problems)
    if is_old(define):
        lower(root)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    if stylesheet is not None:
        instruction = etree.ProcessingInstruction(
            "xml-stylesheet", f'type="text/xsl" href="{stylesheet}"'
        )
        head += etree.tostring(instruction, encoding="UTF-8") + b"\n"
    data = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    if is_old(define):  # the first is the declaration of the root
        data = data.replace(NAMESPACES["def"].encode(), OLD_NAMESPACE.encode(), 1)
    return head + data


class _Writer:
    """Puts objects into elements and collects what XML cannot hold."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []

    def fill(self, element: etree._Element, owner: Any) -> None:
        model: type = type(owner)
        for field in bound_fields(model):
            value = getattr(owner, field.name)
            if value is None or value == ():
                continue
            for one in value if field.many else (value,):
                if one is not None and (one is not False or field.place.says_no):
                    self._put(element, field, one)

    def _put(self, element: etree._Element, field: BoundField, value: Any) -> None:
        target = _target(element, field) if field.place.path else element
        if field.is_model:
            self.fill(target, value)
            return
        text = self._allowed(target, _as_text(value))
        if field.place.attribute is None:
            target.text = text
        else:
            target.set(qualified_attribute(field.place.attribute), text)

    def _allowed(self, target: etree._Element, text: str) -> str:
        bad = _NOT_XML.search(text)
        if bad is None:
            return text
        where = etree.QName(target).localname
        oids = [one.get("OID") for one in (target, *target.iterancestors()) if one.get("OID")]
        owner = f' of "{oids[0]}"' if oids else ""
        self.problems.append(
            Diagnostic(
                "DEF006",
                f"{where}{owner} holds the character U+{ord(bad[0]):04X}, which XML cannot hold",
                help="remove the character from the specification or the collected value",
            )
        )
        return _NOT_XML.sub("", text)


def _target(element: etree._Element, field: BoundField) -> etree._Element:
    """Return the element that takes the value; the last of the path is shared by attributes."""
    place = field.place
    for name in place.path[:-1]:
        element = _last_or_new(element, qualified(name))
    last = qualified(place.path[-1])
    if field.many or field.is_model or place.fixed is not None:
        target = etree.SubElement(element, last)
        if place.fixed is not None:
            target.set(qualified_attribute(place.fixed[0]), place.fixed[1])
        return target
    return _last_or_new(element, last)


def _last_or_new(element: etree._Element, tag: str) -> etree._Element:
    if len(element) and element[-1].tag == tag:
        return element[-1]
    return etree.SubElement(element, tag)


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value)
