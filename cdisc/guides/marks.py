"""Bookmarks by which a guide knows again what of it was made.

A mark is the name of a bookmark: its kind, the digest of the paragraph's text, and for the
caption of a table the digest of the table: ``made_0a1b2c3d_4e5f6a7b``.
"""

import dataclasses
import hashlib
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_KINDS = ("head", "made", "write")
_START, _END = W + "bookmarkStart", W + "bookmarkEnd"


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A paragraph that was made: as a heading, a text, or what is asked for."""

    kind: str
    digest: str
    table: str | None = None


def text_of(element: Any) -> str:
    """Return the text of an element."""
    return "".join(node.text or "" for node in element.iter(W + "t"))


def digest_of(element: Any) -> str:
    """Return what tells the texts of an element from others."""
    texts = [text_of(one) for one in element.iter(W + "p")] or [text_of(element)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]


def mark(element: Any, kind: str, number: int, table: Any = None) -> None:
    """Mark a paragraph as made.

    Args:
        element: The paragraph.
        kind: ``head``, ``made`` or ``write``.
        number: The id of the bookmark in its file.
        table: The table that it is the caption of, or None.
    """
    digests = [digest_of(element), *([] if table is None else [digest_of(table)])]
    start = element.makeelement(
        _START, {W + "id": str(number), W + "name": "_".join([kind, *digests])}
    )
    begin = 1 if len(element) and element[0].tag == W + "pPr" else 0
    element.insert(begin, start)
    element.append(element.makeelement(_END, {W + "id": str(number)}))


def mark_of(element: Any) -> Mark | None:
    """Return the mark of a paragraph; None of what a person wrote."""
    if element.tag != W + "p":
        return None
    for one in element.iter(_START):
        kind, *digests = one.get(W + "name", "").split("_")
        if kind in _KINDS and digests:
            return Mark(kind, digests[0], digests[1] if len(digests) > 1 else None)
    return None
