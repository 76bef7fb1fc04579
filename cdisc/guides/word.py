"""A reviewer's guide as a Word file that a person goes on editing.

The file keeps the digest of the texts that were made, in its property ``identifier``.
A file whose texts are no longer those was edited: it is somebody's work, and never
written over without being asked.
"""

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cdisc.guides.model import TO_WRITE, Guide, Section, Table, ToWrite

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001  files know no zone; the same guide, the same bytes
_MEMBER = (1980, 1, 1, 0, 0, 0)
_DIGEST = "sha256:"


def render_guide_docx(guide: Guide) -> bytes:
    """Return the Word file; the same guide gives the same bytes."""
    import docx  # noqa: PLC0415  only who writes guides needs it

    document = docx.Document()
    document.add_heading(guide.title, 0)
    document.add_paragraph(f"Study {guide.study}. Headings after the {guide.template}.")
    for section in guide.sections:
        _add(document, section)
    about = document.core_properties
    about.author, about.title = "cdisc", f"{guide.study}: {guide.title}"
    about.comments = f"{guide.to_write} to be written"
    about.created = about.modified = about.last_printed = _MADE
    about.identifier = _DIGEST + _digest(document)
    whole = io.BytesIO()
    document.save(whole)
    return _without_clock(whole.getvalue())


def is_edited(path: Path) -> bool:
    """Say whether a Word file is not, text for text, what was made.

    A file that tells no digest, or cannot be read, counts as edited.
    """
    document = _open(path)
    return document is None or document.core_properties.identifier != _DIGEST + _digest(document)


def left_to_write(path: Path) -> int | None:
    """Return how many texts of a Word file are still to be written; None if it cannot be read."""
    document = _open(path)
    if document is None:
        return None
    return sum(text.startswith(TO_WRITE) for text in _texts(document))


def _open(path: Path) -> "Document | None":
    import docx  # noqa: PLC0415  only who writes guides needs it
    from docx.opc.exceptions import PackageNotFoundError  # noqa: PLC0415  as above

    try:
        return docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def _add(document: "Document", section: Section) -> None:
    heading = f"{section.number} {section.heading}".strip()
    document.add_heading(heading, min(section.level, 3))
    for part in section.parts:
        if isinstance(part, Table):
            _add_table(document, part)
        elif isinstance(part, ToWrite):
            _marked(document.add_paragraph(), part.shown)
        else:
            document.add_paragraph(part.text)


def _add_table(document: "Document", table: Table) -> None:
    document.add_paragraph(table.caption, style="Caption")
    made = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, name in zip(made.rows[0].cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(name).bold = True
    for row in table.rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            if text.startswith(TO_WRITE):
                _marked(cell.paragraphs[0], text)
            else:
                cell.paragraphs[0].add_run(text)
    document.add_paragraph()


def _marked(paragraph: "WordParagraph", text: str) -> None:
    from docx.enum.text import WD_COLOR_INDEX  # noqa: PLC0415  only who writes guides needs it

    paragraph.add_run(text).font.highlight_color = WD_COLOR_INDEX.YELLOW


def _texts(document: "Document") -> Iterator[str]:
    """Yield the text of every paragraph, those in tables too, in order."""
    for one in document.element.body.iter(
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
    ):
        yield "".join(
            node.text or ""
            for node in one.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")
        )


def _digest(document: "Document") -> str:
    return hashlib.sha256("\n".join(_texts(document)).encode()).hexdigest()


def _without_clock(content: bytes) -> bytes:
    told = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in made.namelist():
            member = zipfile.ZipInfo(name, _MEMBER)
            member.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(member, made.read(name))
    return told.getvalue()
