"""Read a define.xml as a `Define`; a file cannot reach beyond itself.

Document types are refused before the XML library sees the file, so there are no
entities to expand and nothing outside to fetch. What the model cannot hold is not
dropped in silence: it is listed in `Define.unread`.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from xml.parsers import expat

from lxml import etree

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import ConformanceError
from define_xml.binding import (
    NAMESPACES,
    BoundField,
    bound_fields,
    qualified,
    qualified_attribute,
)
from define_xml.model import Define
from define_xml.versions import OLD_NAMESPACE, lift

_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items() if prefix != "odm"}


def read_define(path: Path) -> Define:
    """Read a define.xml of version 2.1 or 2.0.

    A file of 2.0 keeps its words; `define_xml.versions.as_2_1` translates them. Texts are
    read in English (``xml:lang`` of ``en`` or none); every other part that the model does not
    hold is listed in `Define.unread`.

    Raises:
        ConformanceError: DEF001, not well-formed or with a document type; DEF002, not a
            define.xml of version 2.0 or 2.1; DEF003, a required part is missing or not of its type.
        OSError: The file cannot be opened.
    """
    root = parse_define(path)
    reader = _Reader(str(path))
    values = reader.values(root, Define)
    if reader.problems:
        raise ConformanceError(reader.problems)
    return Define(**values, unread=tuple(reader.unread(root)))


def parse_define(path: Path) -> etree._Element:
    """Parse a define.xml and return its root element, with everything where 2.1 has it.

    Raises:
        ConformanceError: DEF001 or DEF002, as in `read_define`.
        OSError: The file cannot be opened.
    """
    data = path.read_bytes()
    _refuse_document_type(data, str(path))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        span = Span(str(path), error.lineno or 1, 1, 1)
        fact = "the define.xml is not well-formed XML"
        found = (error.msg or "no reason given",)
        raise ConformanceError([Diagnostic("DEF001", fact, span=span, found=found)]) from error
    if _require_version(root, str(path)).startswith("2.0"):
        lift(root)
    return root


def _refuse_document_type(data: bytes, file: str) -> None:
    """Stop at a document type declaration; it can only stand before the first element."""

    def refuse(*_: object) -> None:
        fact = "the define.xml declares a document type, which may define entities"
        span = Span(file, parser.CurrentLineNumber, 1, 1)
        mend = "remove the <!DOCTYPE ...> declaration"
        raise ConformanceError([Diagnostic("DEF001", fact, span=span, help=mend)])

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003  the argument is positional only
    except expat.ExpatError as error:
        span = Span(file, error.lineno, 1, 1)
        fact = "the define.xml is not well-formed XML"
        found = (expat.ErrorString(error.code),)
        raise ConformanceError([Diagnostic("DEF001", fact, span=span, found=found)]) from error


def _require_version(root: etree._Element, file: str) -> str:
    """Return the version that a define.xml says it is of."""
    version = root.find(f"{qualified('Study')}/{qualified('MetaDataVersion')}")
    names = {"2.1": qualified_attribute("def:DefineVersion")}
    names["2.0"] = f"{{{OLD_NAMESPACE}}}DefineVersion"
    found = ""
    for number, name in names.items():
        found = "" if version is None else version.get(name, found)
        if root.tag == qualified("ODM") and found.startswith(number):
            return found
    raise ConformanceError(
        [
            Diagnostic(
                "DEF002",
                "the file is not a define.xml of version 2.0 or 2.1",
                span=Span(file, line_of(root), 1, 1),
                found=(f'root element "{root.tag}", def:DefineVersion "{found}"',),
                expected='root element "ODM" of ODM 1.3, def:DefineVersion "2.1.0" or "2.0.0"',
            )
        ]
    )


class _Reader:
    """Takes values out of elements and remembers what it took."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Diagnostic] = []
        self._elements: set[etree._Element] = set()
        self._attributes: set[tuple[etree._Element, str]] = set()

    def values(self, element: etree._Element, model: type) -> dict[str, Any]:
        """Return the values that an element holds; absent ones keep the model's default."""
        self._elements.add(element)
        values: dict[str, Any] = {}
        for field in bound_fields(model):
            found = [self._value(one, field) for one in self._places(element, field)]
            if field.many:
                values[field.name] = tuple(found)
            elif found:
                values[field.name] = found[0]
            elif field.required:
                self._problem(element, f"lacks {_name_of(field)}")
        return values

    def _places(self, element: etree._Element, field: BoundField) -> list[etree._Element]:
        """Return the elements that hold values of the field; one at most unless it is many."""
        places = [element]
        for name in field.place.path:
            self._elements.update(places)
            places = [child for one in places for child in one.iterchildren(qualified(name))]
            if not field.many and field.place.fixed is None:
                places = places[:1]
        held = [one for one in places if self._holds(one, field)]
        return held if field.many else held[:1]

    def _holds(self, element: etree._Element, field: BoundField) -> bool:
        place = field.place
        if place.fixed is not None:
            key, value = qualified_attribute(place.fixed[0]), place.fixed[1]
            actual = element.get(key, "en" if place.fixed[0] == "xml:lang" else "")
            if actual != value:
                return False
            self._attributes.add((element, key))
        return place.attribute is None or qualified_attribute(place.attribute) in element.attrib

    def _value(self, element: etree._Element, field: BoundField) -> Any:
        self._elements.add(element)
        if field.is_model:
            values = self.values(element, field.type)
            return None if self.problems else field.type(**values)
        if field.place.attribute is None:
            return self._converted(element, field, element.text or "")
        key = qualified_attribute(field.place.attribute)
        self._attributes.add((element, key))
        return self._converted(element, field, str(element.attrib[key]))

    def _converted(self, element: etree._Element, field: BoundField, text: str) -> object:
        try:
            if field.type is int:
                return int(text)
            if field.type is dt.datetime:
                return dt.datetime.fromisoformat(text)
        except ValueError:
            wanted = "a whole number" if field.type is int else "an ISO 8601 date and time"
            self._problem(element, f'holds "{text}" in {_name_of(field)}', wanted)
            return None
        if field.type is not bool:
            return text
        if text not in {"Yes", "No"}:
            self._problem(element, f'holds "{text}" in {_name_of(field)}', '"Yes" or "No"')
        return text == "Yes"

    def _problem(self, element: etree._Element, fact: str, expected: str | None = None) -> None:
        oid = element.get("OID") or element.get("ItemOID") or element.get("ID")
        name = _short(element.tag) + (f' "{oid}"' if oid else "")
        span = Span(self.file, line_of(element), 1, 1)
        self.problems.append(Diagnostic("DEF003", f"{name} {fact}", span=span, expected=expected))

    def unread(self, root: etree._Element) -> Iterator[str]:
        """Give the elements and attributes that no field took, outermost only."""
        for element in root.iter():
            parent = element.getparent()
            if element not in self._elements:
                if parent is None or parent in self._elements:
                    yield f"{_short(element.tag)}, line {line_of(element)}"
                continue
            for key in element.attrib:
                if (element, key) not in self._attributes and key != _SCHEMA_LOCATION:
                    yield f"{_short(element.tag)}/@{_short(key)}, line {line_of(element)}"


def line_of(element: etree._Element) -> int:
    """Return the line of the file on which an element begins, 1 where it is not known."""
    return cast("int | None", element.sourceline) or 1


def _name_of(field: BoundField) -> str:
    return "/".join((*field.place.path, *filter(None, (field.place.attribute,)))) or "its text"


def _short(name: object) -> str:
    """Return a name in Clark notation with the prefix that people know it by."""
    qname = etree.QName(str(name))
    prefix = _PREFIXES.get(qname.namespace or "")
    return f"{prefix}:{qname.localname}" if prefix else qname.localname
