"""The pages of a case report form that nobody has drawn: made from what crf.yaml says.

One form begins on one page and goes on to the next where it must. On the left stand the
questions as a site would see them, on the right there is room for the annotations, whose
places are given back: they are put on as annotations of the PDF, not as a part of it.
"""

import io
import itertools
from collections.abc import Iterator, Sequence

from reportlab.lib.colors import Color, black, white
from reportlab.pdfgen.canvas import Canvas

from cdisc.acrf.annotations import AnnotatedForm, Question, Sheet
from cdisc.acrf.boxes import (
    Box,
    Placed,
    colour_of,
    colours_of,
    height_of,
    place_notes,
    wrapped,
)
from cdisc.acrf.contents import Contents, Entry, names_of
from cdisc.acrf.fonts import Fonts
from cdisc.record import record

WIDTH, HEIGHT = 595.0, 842.0  # A4
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 555.0, 800.0, 48.0
_LABEL, _ANSWER, _NOTES = 40.0, 212.0, 330.0
_SMALL, _TEXT, _NOTE, _DATASET, _TITLE = 7.5, 9.0, 8.0, 10.0, 15.0
_ROW = 11.0  # between two choices, and two lines of a question
_QUIET = Color(0.35, 0.38, 0.42)
_RULE = Color(0.84, 0.86, 0.89)

Pages = dict[tuple[str, str], tuple[int, ...]]


@record()
class Drawn:
    """A case report form without its annotations, and where they go.

    Attributes:
        pdf: The file.
        boxes: The annotations, page by page.
        pages: Pages of each field of each form, from 1.
    """

    pdf: bytes
    boxes: tuple[Box, ...]
    pages: Pages


def draw(form: AnnotatedForm, fonts: Fonts) -> Drawn:
    """Draw the pages; the same form gives the same bytes.

    Args:
        form: What the pages ask, and the annotations.
        fonts: Fonts that can show all of it.
    """
    return _Drawing(form, fonts).draw()


class _Drawing:
    """Draws the contents and one form after the other."""

    def __init__(self, form: AnnotatedForm, fonts: Fonts) -> None:
        self._form = form
        self._fonts = fonts
        self._file = io.BytesIO()
        self._canvas = _canvas(self._file, fonts)
        self._boxes: list[Box] = []
        self._pages: dict[tuple[str, str], list[int]] = {}
        self._page = 0
        self._named = 0

    def draw(self) -> Drawn:
        canvas = self._canvas
        canvas.setTitle(f"{self._form.title}, annotated")
        canvas.setAuthor(self._form.study)
        canvas.setSubject("Annotated case report form")
        canvas.showOutline()
        plans = [self._broken(one) for one in self._form.sheets]
        # how many pages the contents take is known when they have been drawn
        before = self._contents(_canvas(io.BytesIO(), self._fonts), [0 for _ in plans])
        counted = itertools.accumulate((len(parts) for parts in plans), initial=before + 1)
        self._page = self._contents(canvas, list(counted)[:-1])
        for sheet, parts in zip(self._form.sheets, plans, strict=True):
            self._sheet(sheet, parts)
        canvas.save()
        pages = {key: tuple(found) for key, found in self._pages.items()}
        return Drawn(self._file.getvalue(), tuple(self._boxes), pages)

    def _contents(self, canvas: Canvas, starts: Sequence[int]) -> int:
        """Draw the contents, and return how many pages they take."""
        entries = [
            Entry(one.form, one.title, start, tuple(note.dataset or "" for note in one.datasets))
            for one, start in zip(self._form.sheets, starts, strict=True)
        ]
        contents = Contents(canvas, self._fonts, entries, self._form.visits)
        return contents.draw(self._form.title, self._form.study)

    def _broken(self, sheet: Sheet) -> list[list[Question]]:
        """Return the questions of each page of a form, about as much on each."""
        room = self._room(sheet)
        parts = self._filled(sheet, room)
        even = sum(map(self._height, sheet.questions)) / len(parts)
        tallest = max(map(self._height, sheet.questions))
        evened = self._filled(sheet, min(room, even + tallest))
        return evened if len(evened) == len(parts) else parts

    def _filled(self, sheet: Sheet, room: float) -> list[list[Question]]:
        parts: list[list[Question]] = [[]]
        left = room
        for question in sheet.questions:
            height = self._height(question)
            if parts[-1] and height > left:
                parts.append([])
                left = room
            parts[-1].append(question)
            left -= height
        return parts

    def _room(self, sheet: Sheet) -> float:
        return _TOP - self._head_height(sheet) - _BOTTOM

    def _head_height(self, sheet: Sheet) -> float:
        rows = sum(30.0 + height_of(self._header_notes(some)) for some in _threes(sheet.header))
        visits = len(list(self._visits(sheet))) * 10.0
        return 34.0 + height_of(self._dataset_notes(sheet)) + visits + rows + 24.0

    def _height(self, question: Question) -> float:
        label = len(list(self._lines(question.label, _ANSWER - _LABEL - 8))) * _ROW
        answer = max(1, len(question.choices)) * _ROW
        return max(label, answer, height_of(self._notes(question))) + 9.0

    def _notes(self, question: Question) -> tuple[Placed, ...]:
        return place_notes(question.notes, _RIGHT - _NOTES, font=self._fonts.bold, size=_NOTE)

    def _dataset_notes(self, sheet: Sheet) -> tuple[Placed, ...]:
        return place_notes(
            sheet.datasets, _RIGHT - _LEFT, font=self._fonts.bold, size=_DATASET, gap=5.0
        )

    def _header_notes(self, questions: Sequence[Question]) -> tuple[Placed, ...]:
        """Return the notes of a row at the head, each below its own place."""
        width = (_RIGHT - _LEFT) / 3
        return tuple(
            one
            for question in questions
            for one in place_notes(
                question.notes, width - 8, font=self._fonts.bold, size=_SMALL, gap=2.0
            )
        )

    def _lines(self, text: str, width: float) -> Iterator[str]:
        return wrapped(text, width, font=self._fonts.plain, size=_TEXT)

    def _visits(self, sheet: Sheet) -> Iterator[str]:
        text = f"Visits: {', '.join(sheet.visits)}" if sheet.visits else ""
        return wrapped(text, _RIGHT - _LEFT, font=self._fonts.plain, size=_SMALL)

    def _sheet(self, sheet: Sheet, parts: Sequence[Sequence[Question]]) -> None:
        for at, part in enumerate(parts):
            self._page += 1
            if at == 0:
                for name in names_of(sheet.form, self._form.visits):
                    self._canvas.bookmarkPage(name)
            top = self._head(sheet, at, len(parts))
            for question in part:
                top = self._question(sheet, question, top)
            self._foot()
            self._canvas.showPage()

    def _head(self, sheet: Sheet, at: int, parts: int) -> float:
        canvas, fonts = self._canvas, self._fonts
        top = _TOP
        canvas.setFillColor(black)
        canvas.setFont(fonts.bold, _TITLE)
        canvas.drawString(_LEFT, top - 12, sheet.title)
        if parts > 1:
            canvas.setFont(fonts.plain, _SMALL)
            canvas.drawRightString(_RIGHT, top - 12, f"{at + 1} of {parts}")
        top -= 24
        top -= self._put(sheet, self._dataset_notes(sheet), _LEFT, top, _DATASET) + 10
        canvas.setFillColor(_QUIET)
        canvas.setFont(fonts.plain, _SMALL)
        for line in self._visits(sheet):
            canvas.drawString(_LEFT, top - 6, line)
            top -= 10
        for some in _threes(sheet.header):
            top -= self._header_row(sheet, some, top)
        canvas.setStrokeColor(black)
        canvas.line(_LEFT, top - 6, _RIGHT, top - 6)
        self._columns(top - 16)
        self._seen(sheet, (field for one in sheet.header for field in one.fields))
        return top - 24

    def _columns(self, top: float) -> None:
        canvas = self._canvas
        canvas.setFillColor(_QUIET)
        canvas.setFont(self._fonts.plain, _SMALL)
        for left, title in ((_LABEL, "Question"), (_ANSWER, "Answer"), (_NOTES, "SDTM annotation")):
            canvas.drawString(left, top, title)

    def _header_row(self, sheet: Sheet, questions: Sequence[Question], top: float) -> float:
        canvas, width = self._canvas, (_RIGHT - _LEFT) / 3
        for at, question in enumerate(questions):
            left = _LEFT + at * width
            canvas.setFillColor(_QUIET)
            canvas.setFont(self._fonts.plain, _SMALL)
            canvas.drawString(left, top - 9, question.label)
            canvas.setStrokeColor(_RULE)
            canvas.line(left, top - 24, left + width - 10, top - 24)
            self._put(sheet, self._header_notes((question,)), left, top - 27, _SMALL)
        return 30.0 + height_of(self._header_notes(questions))

    def _question(self, sheet: Sheet, question: Question, top: float) -> float:
        canvas, height = self._canvas, self._height(question)
        canvas.setStrokeColor(_RULE)
        canvas.line(_LEFT, top, _RIGHT, top)
        canvas.setFillColor(black)
        canvas.setFont(self._fonts.plain, _TEXT)
        for at, line in enumerate(self._lines(question.label, _ANSWER - _LABEL - 8)):
            canvas.drawString(_LABEL, top - 13 - at * _ROW, line)
        self._answer(question, top)
        self._put(sheet, self._notes(question), _NOTES, top - 4, _NOTE)
        self._seen(sheet, question.fields)
        return top - height

    def _answer(self, question: Question, top: float) -> None:
        canvas = self._canvas
        canvas.setStrokeColor(_QUIET)
        canvas.setFillColor(white)
        for at in range(len(question.choices)):
            canvas.circle(_ANSWER + 4, top - 10 - at * _ROW, 3.2, stroke=1, fill=1)
        if not question.choices:
            across = 55.0 if question.unit else 105.0
            canvas.rect(_ANSWER, top - 16, across, 12, stroke=1, fill=1)
        canvas.setFillColor(black)
        canvas.setFont(self._fonts.plain, _TEXT - 1)
        for at, choice in enumerate(question.choices):
            canvas.drawString(_ANSWER + 11, top - 13 - at * _ROW, choice)
        canvas.drawString(_ANSWER + 59, top - 13, question.unit)

    def _put(
        self, sheet: Sheet, placed: Sequence[Placed], left: float, top: float, size: float
    ) -> float:
        """Note where annotations go, and return how high they are together."""
        colours = colours_of(one.dataset for one in sheet.datasets if one.dataset)
        for one in placed:
            self._named += 1
            self._boxes.append(
                Box(
                    page=self._page,
                    left=left + one.left,
                    bottom=top - one.down - one.height,
                    width=one.width,
                    height=one.height,
                    lines=one.lines,
                    size=size,
                    colour=colour_of(one.note, colours),
                    subject=one.note.dataset or "NOT SUBMITTED",
                    name=f"note-{self._named}",
                )
            )
        return height_of(placed)

    def _seen(self, sheet: Sheet, fields: Sequence[str] | Iterator[str]) -> None:
        for field in fields:
            pages = self._pages.setdefault((sheet.form, field), [])
            if self._page not in pages:
                pages.append(self._page)

    def _foot(self) -> None:
        canvas = self._canvas
        canvas.setFillColor(_QUIET)
        canvas.setFont(self._fonts.plain, _SMALL)
        canvas.drawString(_LEFT, 30, f"{self._form.study}, {self._form.title}")
        canvas.drawRightString(_RIGHT, 30, f"Page {self._page}")


def _canvas(file: io.BytesIO, fonts: Fonts) -> Canvas:
    return Canvas(
        file,
        pagesize=(WIDTH, HEIGHT),
        invariant=1,
        pageCompression=1,
        pdfVersion=(1, 4),
        initialFontName=fonts.plain,
    )


def _threes(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    for at in range(0, len(questions), 3):
        yield questions[at : at + 3]
