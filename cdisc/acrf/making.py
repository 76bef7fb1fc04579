"""An annotated case report form as a file, with the pages of every field for define.xml."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pypdf import PdfReader

from cdisc.acrf.annotations import AnnotatedForm, Note, annotate, fields_of, plain_notes
from cdisc.acrf.boxes import Box, colour_of, colours_of, place_notes
from cdisc.acrf.fonts import Fonts, load_fonts, require_glyphs
from cdisc.acrf.lineage import carried_fields
from cdisc.acrf.origins import Collected, Key, collected_by
from cdisc.acrf.pages import Pages, draw
from cdisc.acrf.places import Place, read_places
from cdisc.acrf.stamp import read_pdf, stamped
from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.program import Program
from cdisc.errors import OutputError
from cdisc.record import record

_NOTE, _DATASET = 8.0, 10.0
_MARGIN = 6.0
_NARROWEST = 40.0


@record()
class AnnotatedCrf:
    """An annotated case report form.

    Attributes:
        pdf: The file: version 1.4 or later, fonts embedded, not encrypted.
        pages: Pages of each field by form and field, from 1.
        collected: Pages of each variable.
        findings: What the mapping reads of a form that no page asks for.
    """

    pdf: bytes
    pages: Pages
    collected: Mapping[Key, Collected]
    findings: tuple[Diagnostic, ...] = ()

    def pages_json(self) -> str:
        """Return the pages as JSON: form, field, pages."""
        forms: dict[str, dict[str, list[int]]] = {}
        for (form, field), pages in sorted(self.pages.items()):
            forms.setdefault(form, {})[field] = list(pages)
        lines = (
            f" {json.dumps(form, ensure_ascii=False)}: {json.dumps(fields, ensure_ascii=False)}"
            for form, fields in forms.items()
        )
        return "{\n" + ",\n".join(lines) + "\n}\n"

    def write(self, out: Path) -> tuple[Path, Path]:
        """Write the PDF, and the pages beside it; return both paths.

        Raises:
            OutputError: OUT003, the disk refuses.
        """
        pages = out.with_suffix(".json")
        try:
            out.write_bytes(self.pdf)
            pages.write_text(self.pages_json(), encoding="utf-8", newline="\n")
        except OSError as error:
            fact = f'cannot write "{out.as_posix()}": {error.strerror}'
            raise OutputError([Diagnostic("OUT003", fact)]) from error
        return out, pages


def annotated_crf(program: Program) -> AnnotatedCrf | None:
    """Return what a study's ``crf.yaml`` asks for; None if it has none.

    Args:
        program: The study.

    Raises:
        OutputError: As `make_crf` and `stamp_crf`; or a file that it names cannot be read.
    """
    crf = program.loaded.crf
    if crf is None:
        return None
    if crf.model.pdf is None:
        return make_crf(program)
    folder = program.loaded.folder
    places = read_places(folder / (crf.model.places or ""))
    return stamp_crf(program, folder / crf.model.pdf, places)


def make_crf(program: Program, font: Path | None = None) -> AnnotatedCrf:
    """Draw the pages that ``crf.yaml`` describes, and annotate them.

    Args:
        program: The study.
        font: A TrueType font for all text; None for one that shows Latin text.

    Raises:
        SpecError: ACRF001, the study has no ``crf.yaml``.
        OutputError: ACRF003 or ACRF004, the font does not do.
    """
    form = annotate(program)
    fonts = load_fonts(font)
    require_glyphs(fonts, _texts(form))
    drawn = draw(form, fonts)
    pdf = stamped(read_pdf(drawn.pdf, "acrf.pdf"), drawn.boxes, fonts)
    collected = collected_by(program, form.carried, drawn.pages)
    return AnnotatedCrf(pdf, drawn.pages, collected, form.findings)


def stamp_crf(
    program: Program, pdf: Path, places: Sequence[Place], font: Path | None = None
) -> AnnotatedCrf:
    """Annotate pages that the sponsor has drawn; everything on them stays.

    Args:
        program: The study; without a ``crf.yaml`` each field stands for itself.
        pdf: The blank case report form.
        places: Where annotations go.
        font: As in `make_crf`.

    Raises:
        OutputError: ACRF005, places that there are not; ACRF006, the PDF cannot be
            annotated; ACRF003 or ACRF004, the font does not do.
    """
    try:
        reader = read_pdf(pdf.read_bytes(), pdf.as_posix())
    except OSError as error:
        fact = f'"{pdf.as_posix()}" cannot be read: {error.strerror}'
        raise OutputError([Diagnostic("ACRF006", fact)]) from error
    _require_places(program, reader, places)
    fonts = load_fonts(font)
    notes = plain_notes(program)
    require_glyphs(fonts, (one.text for some in notes.values() for one in some))
    boxes = [
        box
        for number, place in enumerate(places, start=1)
        for box in _boxes(place, number, notes, reader, fonts)
    ]
    pages = _pages(program, places)
    collected = collected_by(program, carried_fields(program), pages)
    return AnnotatedCrf(stamped(reader, boxes, fonts), pages, collected)


def _boxes(
    place: Place,
    number: int,
    notes: Mapping[tuple[str, str], tuple[Note, ...]],
    reader: PdfReader,
    fonts: Fonts,
) -> Iterator[Box]:
    """Yield the annotations of one place, side by side and below each other."""
    colours = colours_of(one.dataset for one in notes[place.form, ""] if one.dataset)
    size = _NOTE if place.field else _DATASET
    right = float(reader.pages[place.page - 1].mediabox.width) - _MARGIN
    placed = place_notes(
        notes[place.form, place.field],
        max(right - place.x, _NARROWEST),
        font=fonts.bold,
        size=size,
    )
    for at, one in enumerate(placed, start=1):
        yield Box(
            page=place.page,
            left=place.x + one.left,
            bottom=place.y - one.down - one.height,
            width=one.width,
            height=one.height,
            lines=one.lines,
            size=size,
            colour=colour_of(one.note, colours),
            subject=one.note.dataset or "NOT SUBMITTED",
            name=f"place-{number}-{at}",
        )


def _require_places(program: Program, reader: PdfReader, places: Sequence[Place]) -> None:
    found: list[Diagnostic] = []
    for place in places:
        if place.form not in program.forms:
            fact = f'there is no raw form "{place.form}"'
            help_ = did_you_mean(place.form, program.forms)
            found.append(Diagnostic("ACRF005", fact, place.span, help=help_))
        known = program.forms[place.form].fields if place.form in program.forms else None
        if known is not None and place.field and place.field not in known:
            fact = f'form "{place.form}" has no field "{place.field}"'
            help_ = did_you_mean(place.field, known)
            found.append(Diagnostic("ACRF005", fact, place.span, help=help_))
        if place.page > len(reader.pages):
            fact = f"there is no page {place.page}, the last is {len(reader.pages)}"
            found.append(Diagnostic("ACRF005", fact, place.span))
            continue
        box = reader.pages[place.page - 1].mediabox
        if not (box.left <= place.x <= box.right and box.bottom <= place.y <= box.top):
            size = f"{float(box.width):g} by {float(box.height):g} points"
            fact = f"x {place.x:g}, y {place.y:g} is beside the page, which has {size}"
            found.append(Diagnostic("ACRF005", fact, place.span))
    if found:
        raise OutputError(found)


def _pages(program: Program, places: Sequence[Place]) -> Pages:
    """Return the pages of the fields that places name, and of those that belong to them."""
    crf = program.loaded.crf
    found: dict[tuple[str, str], dict[int, None]] = {}
    for place in places:
        form = crf.model.forms.get(place.form) if crf else None
        question = form.questions.get(place.field) if form else None
        fields: tuple[str, ...] = (place.field,) if place.field else ()
        if crf is not None and question is not None:
            fields = fields_of(crf.model, place.field, question)
        for field in fields:
            found.setdefault((place.form, field), {})[place.page] = None
    return {key: tuple(sorted(pages)) for key, pages in found.items()}


def _texts(form: AnnotatedForm) -> Iterator[str]:
    """Yield every text of the pages."""
    yield from (form.title, form.study, *(title for title, _forms in form.visits))
    for sheet in form.sheets:
        yield from (sheet.title, *sheet.visits, *(one.text for one in sheet.datasets))
        for question in (*sheet.header, *sheet.questions):
            yield from (question.label, question.unit, *question.choices)
            yield from (one.text for one in question.notes)
