"""ODM XML of NCI EVS: codelists with the attributes that its own namespace adds.

The file is data, so nothing in it may reach out: a document type is refused before the
parser sees an entity, and no network or file is opened for it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from xml.parsers import expat

from lxml import etree

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.standard.publication.content import UNKNOWN, Content, Row, synonyms_of

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_NCI = "{http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC}"
_SYNONYM = f"{_NCI}CDISCSynonym"
_FILE_OID = re.compile(r"CDISC_CT\.(?P<package>.+)\.(?P<date>\d{4}-\d{2}-\d{2})")


def read_odm(path: Path, data: bytes) -> Content:
    """Read ODM XML; package and date are those of its ``FileOID``.

    Raises:
        SpecError: STD005, it is not well-formed, declares a document type, or is no ODM.
    """
    _require_plain(path, data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        place = Span(str(path), error.lineno or 1, 1, 1)
        fact = "the file is not well-formed XML"
        raise SpecError([Diagnostic("STD005", fact, place, found=(str(error.msg),))]) from error
    if root.tag != f"{_ODM}ODM":
        fact = f'the file begins with "{root.tag}"'
        place = Span(str(path), 1, 1, 1)
        raise SpecError([Diagnostic("STD005", fact, place, expected=f"{_ODM}ODM")])
    named = _FILE_OID.fullmatch(root.get("FileOID", ""))

    def locate(row: Row, _attribute: str) -> tuple[Span, tuple[str, ...]]:
        return Span(str(path), row.place, 1, 1), (f"{row.code} {row.value}".strip(),)

    return Content(
        path.as_posix(),
        tuple(_rows(root)),
        locate,
        named["package"].lower() if named else None,
        named["date"] if named else None,
    )


def _rows(root: etree._Element) -> Iterator[Row]:
    for codelist in root.iter(f"{_ODM}CodeList"):
        code = codelist.get(f"{_NCI}ExtCodeID", "")
        yield Row(
            _line(codelist),
            "",
            code,
            _child(codelist, "CDISCSubmissionValue"),
            _child(codelist, "PreferredTerm"),
            codelist.get("Name", "").strip(),
            codelist.get(f"{_NCI}CodeListExtensible", ""),
        )
        for item in codelist.iterchildren(f"{_ODM}EnumeratedItem", f"{_ODM}CodeListItem"):
            yield Row(
                _line(item),
                code or UNKNOWN,
                item.get(f"{_NCI}ExtCodeID", ""),
                item.get("CodedValue", "").strip(),
                _child(item, "PreferredTerm"),
                synonyms=synonyms_of(one.text or "" for one in item.iterchildren(_SYNONYM)),
            )


def _line(element: etree._Element) -> int:
    return cast("int", element.sourceline)


def _child(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{_NCI}{name}") or "").strip()


def _require_plain(path: Path, data: bytes) -> None:
    def refuse(*_declared: object) -> None:
        place = Span(str(path), parser.CurrentLineNumber, 1, 1)
        fact = "the file declares a document type, which can reach other files"
        raise SpecError([Diagnostic("STD005", fact, place, help="remove <!DOCTYPE ...>")])

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003  the argument is positional only
    except expat.ExpatError as error:
        place = Span(str(path), error.lineno, error.offset + 1, error.offset + 1)
        found = (expat.ErrorString(error.code),)
        fact = "the file is not well-formed XML"
        raise SpecError([Diagnostic("STD005", fact, place, found=found)]) from error
