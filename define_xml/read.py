"""Read a define.xml as a `Define`; a file cannot reach beyond itself.

Document types are refused before the XML library sees the file, so there are no
entities to expand and nothing outside to fetch. What the model cannot hold is not
dropped in silence: it is listed in `Define.unread`.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, cast
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


@dataclasses.dataclass(frozen=True, slots=True)
class Parsed:
    """A define.xml that is well-formed and of a version that is read.

    Attributes:
        file: Its path.
        root: Its root element, with everything where 2.1 has it.
        aside: Comments and processing instructions, which are no part of what it says, with
            their lines.
    """

    file: str
    root: etree._Element
    aside: tuple[str, ...]


def read_define(path: Path) -> Define:
    """Read a define.xml of version 2.1 or 2.0.

    A file of 2.0 keeps its words; `define_xml.versions.as_2_1` translates them. Texts are
    read in English (``xml:lang`` of ``en`` or none); every other part that the model does not
    hold is listed in `Define.unread`, comments and processing instructions in `Define.aside`.

    Raises:
        ConformanceError: DEF001, not well-formed or with a document type; DEF002, not a
            define.xml of version 2.0 or 2.1; DEF003, a required part is missing or not of its type.
        OSError: The file cannot be opened.
    """
    return read_parsed(parse_define(path))


def read_parsed(parsed: Parsed) -> Define:
    """Read a define.xml that was parsed.

    Raises:
        ConformanceError: DEF003, as in `read_define`.
    """
    reader = _Reader(parsed.file)
    values = reader.values(parsed.root, Define)
    if reader.problems:
        raise ConformanceError(reader.problems)
    return Define(**values, unread=tuple(reader.unread(parsed.root)), aside=parsed.aside)


def set_aside(define: Define, path: Path) -> tuple[Diagnostic, ...]:
    """Return what is not written again of a file that was read: each comment and instruction.

    Args:
        define: As it was read.
        path: The file that it was read from.

    Returns:
        DEF056 for each, with its line.
    """
    found = (one.rpartition(", line ") for one in define.aside)
    return tuple(
        Diagnostic("DEF056", f"{what} is not written again", span=Span(str(path), int(line), 1, 1))
        for what, _, line in found
    )


def parse_define(path: Path) -> Parsed:
    """Parse a define.xml.

    Raises:
        ConformanceError: DEF001 or DEF002, as in `read_define`.
        OSError: The file cannot be opened.
    """
    data = path.read_bytes()
    aside = _looked_through(data, str(path))
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
    return Parsed(str(path), root, aside)


def _looked_through(data: bytes, file: str) -> tuple[str, ...]:
    """Return comments and instructions; stop at a document type declaration."""
    aside: list[str] = []

    def refuse(*_: object) -> None:
        fact = "the define.xml declares a document type, which may define entities"
        span = Span(file, parser.CurrentLineNumber, 1, 1)
        mend = "remove the <!DOCTYPE ...> declaration"
        raise ConformanceError([Diagnostic("DEF001", fact, span=span, help=mend)])

    def comment(text: str) -> None:
        aside.append(f'comment "{" ".join(text.split())}", line {parser.CurrentLineNumber}')

    def instruction(target: str, text: str) -> None:
        said = " ".join(f"{target} {text}".split())
        aside.append(f"processing instruction <?{said}?>, line {parser.CurrentLineNumber}")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.CommentHandler = comment
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(data, True)  # noqa: FBT003  the argument is positional only
    except expat.ExpatError as error:
        span = Span(file, error.lineno, 1, 1)
        fact = "the define.xml is not well-formed XML"
        found = (expat.ErrorString(error.code),)
        raise ConformanceError([Diagnostic("DEF001", fact, span=span, found=found)]) from error
    return tuple(aside)


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
        self._below: dict[etree._Element, dict[Any, list[etree._Element]]] = {}
        self._own: dict[etree._Element, frozenset[str]] = {}
        self._attributes: set[tuple[etree._Element, str]] = set()

    def values(self, element: etree._Element, model: type) -> dict[str, Any]:
        """Return the values that an element holds; absent ones keep the model's default."""
        fields, self._own[element] = _plan(model)
        self._elements.add(element)
        attributes: dict[Any, Any] = dict(element.items())
        below = self._children(element) if len(element) else {}
        values: dict[str, Any] = {}
        for field, own, path in fields:
            found: Any
            if own is not None:
                text = attributes.get(own)
                found = None if text is None else self._converted(element, field, str(text))
                missing = text is None
            else:
                found = [
                    self._value(one, field) for one in self._places(element, field, path, below)
                ]
                missing = not found
                found = tuple(found) if field.many else next(iter(found), None)
            if field.many or not missing:
                values[field.name] = found
            elif field.required:
                self._problem(element, f"lacks {_name_of(field)}")
        return values

    def _places(
        self,
        element: etree._Element,
        field: BoundField,
        path: tuple[str, ...],
        below: Mapping[Any, list[etree._Element]],
    ) -> list[etree._Element]:
        """Return the elements that hold values of the field; one at most unless it is many."""
        places = below.get(path[0], []) if path else [element]
        single = not field.many and field.place.fixed is None
        for name in path[1:]:
            places = self._named(places[:1] if single else places, name)
        held = [one for one in (places[:1] if single else places) if self._holds(one, field)]
        return held if field.many else held[:1]

    def _named(self, places: list[etree._Element], name: str) -> list[etree._Element]:
        if len(places) == 1:
            return self._children(places[0]).get(name, [])
        return [child for one in places for child in self._children(one).get(name, ())]

    def _children(self, element: etree._Element) -> dict[Any, list[etree._Element]]:
        """Return the elements in an element by name; it counts as read."""
        found = self._below.get(element)
        if found is None:
            self._elements.add(element)
            found = {}
            for child in element:
                found.setdefault(child.tag, []).append(child)
            if len(found) > _FEW:
                self._below[element] = found
        return found

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
        if field.is_model:
            values = self.values(element, field.type)
            return None if self.problems else field.type(**values)
        self._elements.add(element)
        if field.place.attribute is None:
            return self._converted(element, field, element.text or "")
        key = qualified_attribute(field.place.attribute)
        self._attributes.add((element, key))
        return self._converted(element, field, str(element.attrib[key]))

    def _converted(self, element: etree._Element, field: BoundField, text: str) -> object:
        if field.type is str:
            return text
        try:
            if field.type is int:
                return int(text)
            if field.type is dt.datetime:
                return dt.datetime.fromisoformat(text)
        except ValueError:
            wanted = "a whole number" if field.type is int else "an ISO 8601 date and time"
            self._problem(element, f'holds "{text}" in {_name_of(field)}', wanted)
            return None
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
            own = self._own.get(element, frozenset())
            for key in map(str, element.keys()):
                if key in own or key == _SCHEMA_LOCATION:
                    continue
                if (element, key) not in self._attributes:
                    yield f"{_short(element.tag)}/@{_short(key)}, line {line_of(element)}"


# Kinds of elements in an element that are looked for again rather than remembered.
_FEW = 3
_Planned: TypeAlias = tuple[BoundField, str | None, tuple[str, ...]]


@cache
def _plan(model: type) -> tuple[tuple[_Planned, ...], frozenset[str]]:
    """Return the fields of a class, each with its attribute or its path, and all attributes.

    An attribute of the element itself has a name; everything else has a path.
    """
    planned: list[_Planned] = []
    for field in bound_fields(model):
        place = field.place
        own = None if place.path or place.attribute is None else place.attribute
        path = tuple(map(qualified, place.path))
        planned.append((field, None if own is None else qualified_attribute(own), path))
    return tuple(planned), frozenset(own for _, own, _ in planned if own is not None)


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
