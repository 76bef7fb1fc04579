"""The first pages and the bookmarks: every form twice, by its name and by its visits."""

from collections.abc import Iterator, Sequence

from reportlab.lib.colors import Color, black
from reportlab.pdfgen.canvas import Canvas

from cdisc.acrf.fonts import Fonts
from cdisc.record import record

_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 555.0, 800.0, 60.0
_FORMS, _DATASETS = 180.0, 300.0
_SMALL, _TEXT, _TITLE, _LEADING = 7.5, 9.0, 15.0, 14.0
_LINK = Color(0.0, 0.2, 0.55)
_QUIET = Color(0.35, 0.38, 0.42)


@record()
class Entry:
    """A form of the contents: its alias, its title, its first page, its datasets."""

    form: str
    title: str
    page: int
    datasets: tuple[str, ...]


class Contents:
    """Draws the contents and adds the bookmarks.

    Args:
        canvas: Canvas at the beginning of its first page.
        fonts: Fonts to write with.
        entries: The forms, in order.
        visits: Visits with the aliases of their forms.
    """

    def __init__(
        self,
        canvas: Canvas,
        fonts: Fonts,
        entries: Sequence[Entry],
        visits: Sequence[tuple[str, Sequence[str]]],
    ) -> None:
        self._canvas = canvas
        self._fonts = fonts
        self._entries = entries
        self._visits = visits
        self._pages = 1
        self._top = _TOP

    def draw(self, title: str, study: str) -> int:
        """Draw the contents, and return how many pages they take.

        Args:
            title: Title of the document.
            study: STUDYID.
        """
        canvas = self._canvas
        for name in ("contents", "contents.forms", "contents.visits"):
            canvas.bookmarkPage(name)
        canvas.setFont(self._fonts.bold, _TITLE)
        canvas.drawString(_LEFT, self._top - 12, f"{title}, annotated")
        canvas.setFillColor(_QUIET)
        canvas.setFont(self._fonts.plain, _TEXT)
        canvas.drawString(_LEFT, self._top - 28, f"Study {study}")
        self._top -= 48
        self._forms()
        self._by_visit()
        self._foot(study, title)
        canvas.showPage()
        self._bookmarks()
        return self._pages

    def _forms(self) -> None:
        self._heading("Forms")
        for one in self._entries:
            self._room()
            self._line(_LEFT, one.title, one.form)
            self._quiet(_DATASETS, ", ".join(one.datasets))
            self._canvas.drawRightString(_RIGHT, self._top, str(one.page))
            self._top -= _LEADING

    def _by_visit(self) -> None:
        self._top -= _LEADING
        self._heading("Forms by visit")
        known = {one.form: one for one in self._entries}
        for title, forms in self._visits:
            self._room()
            self._quiet(_LEFT, title)
            left = _FORMS
            for form in forms:
                width = self._canvas.stringWidth(known[form].title, self._fonts.plain, _SMALL)
                if left > _FORMS and left + width > _RIGHT:
                    self._top -= _LEADING - 3
                    self._room()
                    left = _FORMS
                self._line(left, known[form].title, form, size=_SMALL)
                left += width + 9
            self._top -= _LEADING

    def _heading(self, text: str) -> None:
        self._room(3 * _LEADING)
        self._canvas.setFillColor(black)
        self._canvas.setFont(self._fonts.bold, _TEXT + 2)
        self._canvas.drawString(_LEFT, self._top, text)
        self._top -= _LEADING + 4

    def _line(self, left: float, text: str, form: str, *, size: float = _TEXT) -> None:
        """Write a text that leads to a form."""
        canvas = self._canvas
        canvas.setFillColor(_LINK)
        canvas.setFont(self._fonts.plain, size)
        canvas.drawString(left, self._top, text)
        right = left + canvas.stringWidth(text, self._fonts.plain, size)
        canvas.linkRect(
            text, f"form.{form}", (left, self._top - 2, right, self._top + size), Border="[0 0 0]"
        )

    def _quiet(self, left: float, text: str) -> None:
        self._canvas.setFillColor(_QUIET)
        self._canvas.setFont(self._fonts.plain, _SMALL)
        self._canvas.drawString(left, self._top, text)

    def _room(self, height: float = _LEADING) -> None:
        if self._top - height < _BOTTOM:
            self._canvas.showPage()
            self._pages += 1
            self._top = _TOP

    def _foot(self, study: str, title: str) -> None:
        self._canvas.setFillColor(_QUIET)
        self._canvas.setFont(self._fonts.plain, _SMALL)
        self._canvas.drawString(_LEFT, 30, f"{study}, {title}")

    def _bookmarks(self) -> None:
        canvas, known = self._canvas, {one.form: one.title for one in self._entries}
        canvas.addOutlineEntry("Contents", "contents", 0)
        canvas.addOutlineEntry("Forms", "contents.forms", 0, closed=False)
        for one in self._entries:
            canvas.addOutlineEntry(one.title, f"form.{one.form}", 1)
        if self._visits:
            canvas.addOutlineEntry("Visits", "contents.visits", 0, closed=False)
        for number, (title, forms) in enumerate(self._visits):
            canvas.addOutlineEntry(title, f"visit.{number}", 1, closed=True)
            for form in forms:
                canvas.addOutlineEntry(known[form], f"visit.{number}.{form}", 2)


def names_of(form: str, visits: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Yield every name under which bookmarks know the first page of a form.

    A bookmark has a name of its own, though several lead to the same page.

    Args:
        form: Alias of the form.
        visits: Visits with the aliases of their forms.
    """
    yield f"form.{form}"
    for number, (_title, forms) in enumerate(visits):
        if form in forms[:1]:
            yield f"visit.{number}"
        if form in forms:
            yield f"visit.{number}.{form}"
