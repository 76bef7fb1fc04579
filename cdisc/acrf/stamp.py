"""Annotations put on the pages of a PDF: FreeText with an appearance that needs no viewer's help.

Each annotation is text that a reviewer can search, copy and list, and carries its own
drawing with the embedded font, so that every viewer and printer shows the same.
"""

import io
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)
from reportlab.lib.colors import Color, black
from reportlab.pdfgen.canvas import Canvas

from cdisc.acrf.boxes import PADDING, Box, baselines
from cdisc.acrf.fonts import Fonts
from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError

_PRINTED = 4  # flag of an annotation: it is there on paper too
_MOST = 255


def read_pdf(data: bytes, shown_as: str) -> PdfReader:
    """Return a PDF that may be annotated.

    Args:
        data: The file.
        shown_as: How findings name it.

    Raises:
        OutputError: ACRF006, it is damaged, encrypted or no PDF.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        encrypted = reader.is_encrypted
        pages = 0 if encrypted else len(reader.pages)
    except PyPdfError as error:
        raise OutputError([Diagnostic("ACRF006", f'"{shown_as}" is no PDF: {error}')]) from error
    if encrypted or not pages:
        why = "is encrypted" if encrypted else "has no pages"
        raise OutputError([Diagnostic("ACRF006", f'"{shown_as}" {why}')])
    return reader


def stamped(reader: PdfReader, boxes: Sequence[Box], fonts: Fonts) -> bytes:
    """Return a PDF with annotations; all else in it, bookmarks too, stays.

    Args:
        reader: The pages.
        boxes: The annotations; those of a page that there is not are a mistake of the caller.
        fonts: Fonts of their text.

    Returns:
        A PDF of version 1.4 or later, not encrypted; the same input gives the same bytes.
    """
    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = max(reader.pdf_header, "%PDF-1.4")
    looks = list({_look(one): one for one in boxes}.values())
    drawn = PdfReader(io.BytesIO(_drawn(looks, fonts))) if looks else None
    forms = {_look(one): _appearance(writer, drawn, at) for at, one in enumerate(looks) if drawn}
    for box in boxes:
        page = writer.pages[box.page - 1]
        held = page.get("/Annots")
        notes = held.get_object() if held is not None else ArrayObject()
        assert isinstance(notes, ArrayObject)
        note = writer._add_object(_note(box, forms[_look(box)]))  # noqa: SLF001  pypdf has no public way to add an annotation of another's making
        notes.append(note)
        page[NameObject("/Annots")] = notes
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _look(box: Box) -> tuple[object, ...]:
    """Return what decides how an annotation looks: those that look alike share it."""
    return (box.width, box.height, box.lines, box.size, box.colour)


def _drawn(boxes: Sequence[Box], fonts: Fonts) -> bytes:
    """Return a PDF with one annotation a page, as large as it is."""
    file = io.BytesIO()
    canvas = Canvas(
        file, invariant=1, pageCompression=0, pdfVersion=(1, 4), initialFontName=fonts.bold
    )
    for box in boxes:
        canvas.setPageSize((box.width, box.height))
        canvas.setFillColor(Color(*(part / _MOST for part in box.colour)))
        canvas.setStrokeColor(black)
        canvas.setLineWidth(0.6)
        canvas.rect(0.3, 0.3, box.width - 0.6, box.height - 0.6, stroke=1, fill=1)
        canvas.setFillColor(black)
        canvas.setFont(fonts.bold, box.size)
        for line, up in zip(
            box.lines, baselines(box.height, len(box.lines), box.size), strict=True
        ):
            canvas.drawString(PADDING, up, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _appearance(writer: PdfWriter, looks: PdfReader, at: int) -> PdfObject:
    page = looks.pages[at]
    contents = page.get_contents()
    assert contents is not None
    form = StreamObject()
    form.set_data(contents.get_data())
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = _numbers(0, 0, page.mediabox.width, page.mediabox.height)
    form[NameObject("/Resources")] = page["/Resources"].clone(writer)
    return writer._add_object(form)  # noqa: SLF001  as above


def _note(box: Box, appearance: PdfObject) -> DictionaryObject:
    edges = (box.left, box.bottom, box.left + box.width, box.bottom + box.height)
    red, green, blue = (part / _MOST for part in box.colour)
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/FreeText"),
            NameObject("/Rect"): _numbers(*edges),
            NameObject("/Contents"): TextStringObject(" ".join(box.lines)),
            NameObject("/DA"): TextStringObject(f"/Helv {box.size:g} Tf 0 g"),
            NameObject("/C"): _numbers(red, green, blue),
            NameObject("/F"): NumberObject(_PRINTED),
            NameObject("/NM"): TextStringObject(box.name),
            NameObject("/Subj"): TextStringObject(box.subject),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): appearance}),
        }
    )


def _numbers(*values: float) -> ArrayObject:
    return ArrayObject([FloatObject(round(float(one), 3)) for one in values])
