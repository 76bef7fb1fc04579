"""Files beside a define.xml, references to their pages, and the texts that most parts have."""

from dataclasses import dataclass
from typing import Annotated

from define_xml.binding import attribute, content, english

Oid = Annotated[str, attribute("OID")]
CommentOid = Annotated[str | None, attribute("def:CommentOID")]
Description = Annotated[str | None, english("Description")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PDFPageRef:
    """Pages of a PDF: a list, or a first and a last page."""

    page_refs: Annotated[str | None, attribute("PageRefs")] = None
    first_page: Annotated[int | None, attribute("FirstPage")] = None
    last_page: Annotated[int | None, attribute("LastPage")] = None
    type: Annotated[str, attribute("Type")]
    title: Annotated[str | None, attribute("Title")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A reference to a document, and to its pages."""

    leaf_id: Annotated[str, attribute("leafID")]
    pages: Annotated[tuple[PDFPageRef, ...], content("def:PDFPageRef")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A file beside the define.xml."""

    id: Annotated[str, attribute("ID")]
    href: Annotated[str, attribute("xlink:href")]
    title: Annotated[str, content("def:title")]
