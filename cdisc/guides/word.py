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

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.guides.keeping import Kept, bound, keep
from cdisc.guides.marks import W, mark, text_of
from cdisc.guides.model import TO_WRITE, Guide, Section, Table, ToWrite
from cdisc.tools.clockless import without_clock

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table as WordTable
    from docx.text.paragraph import Paragraph as WordParagraph

_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001  files know no zone; the same guide, the same bytes
_DIGEST = "sha256:"


def render_guide_docx(guide: Guide) -> bytes:
    """Return the Word file; the same guide gives the same bytes."""
    return _saved(_made(guide))


def merge_guide_docx(guide: Guide, edited: Path) -> tuple[bytes, tuple[Kept, ...]]:
    """Return the Word file of a guide with what a person wrote into an earlier one.

    Args:
        guide: The newer guide.
        edited: The earlier one, as a person left it.

    Returns:
        The file, which counts as edited, and what was taken over, by section.

    Raises:
        OutputError: GDE004, the earlier file cannot be read, or has footnotes or comments,
            which cannot be taken over.
    """
    old = _open(edited)
    if old is None or bound(old):
        why = "cannot be read" if old is None else "has footnotes or comments"
        fact = f'what "{edited.as_posix()}" says cannot be taken over: it {why}'
        help_ = "write the new guide to another folder with --out and take over by hand"
        raise OutputError([Diagnostic("GDE004", fact, help=help_)])
    document = _made(guide)
    kept = keep(old, document)
    return _saved(document), kept


def _made(guide: Guide) -> "Document":
    import docx  # noqa: PLC0415  only who writes guides needs it

    writer = _Writer(docx.Document())
    writer.marked(writer.styled(guide.title, "Title"), "made")
    said = f"Study {guide.study}. Headings after the {guide.template}."
    writer.marked(writer.document.add_paragraph(said), "made")
    for section in guide.sections:
        writer.add(section)
    about = writer.document.core_properties
    about.author, about.title = "cdisc", f"{guide.study}: {guide.title}"
    about.created = about.modified = about.last_printed = _MADE
    about.identifier = _DIGEST + _digest(writer.document)
    return writer.document


def _saved(document: "Document") -> bytes:
    whole = io.BytesIO()
    document.save(whole)
    return without_clock(whole.getvalue())


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


class _Writer:
    """Adds the parts of a guide to a document, each with the mark that it was made."""

    def __init__(self, document: "Document") -> None:
        self.document = document
        self.number = 0
        self._styles: dict[str, str] = {}

    def styled(self, text: str, style: str) -> "WordParagraph":
        """Add a paragraph of a style, which is looked up once."""
        if style not in self._styles:
            self._styles[style] = self.document.styles[style].style_id
        paragraph = self.document.add_paragraph(text)
        paragraph._p.style = self._styles[style]  # noqa: SLF001  the library looks up each time
        return paragraph

    def marked(
        self, paragraph: "WordParagraph", kind: str, table: "WordTable | None" = None
    ) -> None:
        """Mark a paragraph as made."""
        self.number += 1
        beside = None if table is None else table._tbl  # noqa: SLF001  the element has the texts
        mark(paragraph._p, kind, self.number, beside)  # noqa: SLF001  as above

    def add(self, section: Section) -> None:
        """Add a section."""
        heading = f"{section.number} {section.heading}".strip()
        self.marked(self.styled(heading, f"Heading {min(section.level, 3)}"), "head")
        for part in section.parts:
            if isinstance(part, Table):
                self.add_table(part)
            elif isinstance(part, ToWrite):
                paragraph = self.document.add_paragraph()
                _highlighted(paragraph, part.shown)
                self.marked(paragraph, "write")
            else:
                self.marked(self.document.add_paragraph(part.text), "made")

    def add_table(self, table: Table) -> None:
        """Add a table below its caption."""
        caption = self.styled(table.caption, "Caption")
        made = self.document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
        for cell, name in zip(made.rows[0].cells, table.columns, strict=True):
            cell.paragraphs[0].add_run(name).bold = True
        for row in table.rows:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                if text.startswith(TO_WRITE):
                    _highlighted(cell.paragraphs[0], text)
                else:
                    cell.paragraphs[0].add_run(text)
        self.marked(caption, "made", made)
        self.document.add_paragraph()


def _highlighted(paragraph: "WordParagraph", text: str) -> None:
    from docx.enum.text import WD_COLOR_INDEX  # noqa: PLC0415  only who writes guides needs it

    paragraph.add_run(text).font.highlight_color = WD_COLOR_INDEX.YELLOW


def _texts(document: "Document") -> Iterator[str]:
    """Yield the text of every paragraph, those in tables too, in order."""
    return (text_of(one) for one in document.element.body.iter(W + "p"))


def _digest(document: "Document") -> str:
    return hashlib.sha256("\n".join(_texts(document)).encode()).hexdigest()
