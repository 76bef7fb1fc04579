"""What a person wrote into a guide, taken over into a newer one.

Every paragraph that was made carries a bookmark with the digest of its text. A paragraph
whose text still has that digest is ours and gives way to the newer one; every other one
is the person's, and stays in its section.
"""

import copy
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cdisc.guides.marks import W, digest_of, mark_of, text_of

if TYPE_CHECKING:
    from docx.document import Document

_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# What refers to a part of the file that a newer one does not have.
_BOUND = ("footnoteReference", "endnoteReference", "commentReference")
_BEFORE = "before the first section"
_SHOWN = ("drawing", "pict", "object")


@dataclasses.dataclass(frozen=True)
class Kept:
    """What was taken over.

    Attributes:
        section: Heading of the section, without its number.
        parts: How many paragraphs and tables.
        moved: The newer guide has no such section; they stand at its end.
    """

    section: str
    parts: int
    moved: bool


@dataclasses.dataclass
class _Section:
    heading: str
    own: list[Any] = dataclasses.field(default_factory=list)
    asked: bool = False


def bound(document: "Document") -> bool:
    """Say whether a document has footnotes or comments, which cannot be taken over."""
    return any(next(document.element.body.iter(W + one), None) is not None for one in _BOUND)


def keep(old: "Document", new: "Document") -> tuple[Kept, ...]:
    """Put what a person wrote into `old` into the sections of `new`.

    Args:
        old: A guide that was edited.
        new: The newer guide as it was made; it is changed.

    Returns:
        What was taken over, by section. An answer takes the place of what was asked for.
    """
    places = {_name(one): one for one in new.element.body if _is_heading(one)}
    found = []
    for section in _sections(old):
        place = places.get(section.heading)
        if place is not None and not section.asked:
            _unask(place)
        if not section.own:
            continue
        found.append(Kept(section.heading, len(section.own), place is None))
        copies = [_copied(one, old, new) for one in section.own]
        if place is None:
            copies.insert(0, _heading(new, section.heading))
        at = _end(place) if place is not None else new.element.body.sectPr
        for one in copies:
            if at is None:
                new.element.body.append(one)
            else:
                at.addprevious(one)
    return tuple(found)


def _sections(document: "Document") -> Iterator[_Section]:
    """Yield the sections that were made, with what in them a person wrote."""
    current = _Section(_BEFORE)
    followed = None
    for one in document.element.body:
        if _is_heading(one):
            yield current
            current, followed = _Section(_name(one)), None
            continue
        mark, same = mark_of(one), False
        if one.tag == W + "tbl":
            same = followed is not None and followed == digest_of(one)
        elif mark is not None:
            same = mark.digest == digest_of(one)
            current.asked = current.asked or (mark.kind == "write" and same)
        followed = mark.table if mark is not None else None
        if not same and one.tag in (W + "p", W + "tbl") and not _is_blank(one):
            current.own.append(one)
    yield current


def _is_heading(element: Any) -> bool:
    mark = mark_of(element)
    return mark is not None and mark.kind == "head"


def _name(element: Any) -> str:
    """Return a heading without its number."""
    first, _, rest = text_of(element).partition(" ")
    return rest if first.replace(".", "").isdigit() else text_of(element)


def _is_blank(element: Any) -> bool:
    shown = any(next(element.iter(W + one), None) is not None for one in _SHOWN)
    return element.tag == W + "p" and not text_of(element).strip() and not shown


def _unask(heading: Any) -> None:
    """Remove what is asked for in a section: it was answered."""
    for one in list(_members(heading)):
        mark = mark_of(one)
        if mark is not None and mark.kind == "write":
            one.getparent().remove(one)


def _members(heading: Any) -> Iterator[Any]:
    one = heading.getnext()
    while one is not None and not _is_heading(one) and one.tag != W + "sectPr":
        yield one
        one = one.getnext()


def _end(heading: Any) -> Any:
    """Return what stands behind a section, or before what it asks for."""
    one = heading
    for one in _members(heading):
        mark = mark_of(one)
        if mark is not None and mark.kind == "write":
            return one
    return one.getnext()


def _heading(document: "Document", text: str) -> Any:
    made = document.add_heading(text, 2)._p  # noqa: SLF001  the element is what is moved
    made.getparent().remove(made)
    return made


def _copied(element: Any, old: "Document", new: "Document") -> Any:
    """Return a copy of an element, with the pictures and links that it refers to."""
    made = copy.deepcopy(element)
    for one in made.iter():
        for name, value in list(one.attrib.items()):
            if name.startswith(_RELATED) and value in old.part.rels:
                rel = old.part.rels[value]
                target = rel.target_ref if rel.is_external else rel.target_part
                one.set(name, new.part.relate_to(target, rel.reltype, rel.is_external))
    return made
