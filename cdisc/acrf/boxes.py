"""Annotations as boxes of text: how large they are, and which colour they have.

Each dataset of a form has a colour of its own there, in the order of CDISC; text is
black on all of them. A box is as wide as its text, and wraps where there is no room.

Source:
    CDISC SDTM Metadata Submission Guidelines 2.0, section 3.1: colours of annotations.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics

from cdisc.acrf.annotations import Note
from cdisc.record import record

Colour = tuple[int, int, int]
# The four of the guideline; pages with more datasets go on with others as light.
_COLOURS: tuple[Colour, ...] = (
    (191, 255, 255),
    (255, 255, 150),
    (150, 255, 150),
    (255, 190, 155),
    (224, 204, 255),
    (255, 204, 229),
    (217, 217, 217),
    (204, 229, 153),
)
_WHITE: Colour = (255, 255, 255)
PADDING = 3.0
_LEADING = 1.25


@record()
class Box:
    """An annotation in its place.

    Attributes:
        page: Page, from 1.
        left: Left edge in points from that of the page.
        bottom: Lower edge in points from that of the page.
        width: Width in points.
        height: Height in points.
        lines: Its text, line by line.
        size: Size of the text.
        colour: Red, green and blue behind it.
        subject: The dataset, or what says that there is none.
        name: Unique in the document.
    """

    page: int
    left: float
    bottom: float
    width: float
    height: float
    lines: tuple[str, ...]
    size: float
    colour: Colour
    subject: str
    name: str


@record()
class Placed:
    """A note that knows its size, with its upper left corner below that of a block."""

    note: Note
    lines: tuple[str, ...]
    width: float
    height: float
    left: float
    down: float


def colours_of(datasets: Iterable[str]) -> dict[str, Colour]:
    """Return the colour of each dataset of a form, in their order; they begin anew after eight."""
    return {one: _COLOURS[at % len(_COLOURS)] for at, one in enumerate(datasets)}


def colour_of(note: Note, colours: Mapping[str, Colour]) -> Colour:
    """Return the colour behind a note: white for what is not submitted."""
    return _WHITE if note.dataset is None else colours[note.dataset]


def place_notes(
    notes: Iterable[Note], width: float, *, font: str, size: float, gap: float = 3.0
) -> tuple[Placed, ...]:
    """Put notes side by side and below each other into a block of a width.

    Args:
        notes: The notes, in order.
        width: Width of the block in points.
        font: Font of their text, as ReportLab knows it.
        size: Size of their text.
        gap: Points between them.
    """
    placed: list[Placed] = []
    left = down = tallest = 0.0
    for note in notes:
        lines = tuple(wrapped(note.text, width - 2 * PADDING, font=font, size=size))
        across = max(width_of(one, font, size) for one in lines) + 2 * PADDING
        height = len(lines) * size * _LEADING + PADDING
        if left and left + across > width:
            left, down, tallest = 0.0, down + tallest + gap, 0.0
        placed.append(Placed(note, lines, across, height, left, down))
        left, tallest = left + across + gap, max(tallest, height)
    return tuple(placed)


def height_of(placed: Sequence[Placed]) -> float:
    """Return the height of a block of notes."""
    return max((one.down + one.height for one in placed), default=0.0)


def wrapped(text: str, width: float, *, font: str, size: float) -> Iterator[str]:
    """Yield the lines of a text; a word that is too long alone is cut."""
    line = ""
    for word in text.split():
        for part in _parts(word, width, font=font, size=size):
            longer = f"{line} {part}" if line else part
            if line and width_of(longer, font, size) > width:
                yield line
                line = part
            else:
                line = longer
    yield line


@lru_cache(maxsize=20_000)
def width_of(text: str, font: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return float(pdfmetrics.stringWidth(text, font, size))


def baselines(height: float, lines: int, size: float) -> Iterator[float]:
    """Yield how high the lines of a box of a height stand over its lower edge."""
    for at in range(lines):
        yield height - PADDING / 2 - size * (0.95 + at * _LEADING)


def _parts(word: str, width: float, *, font: str, size: float) -> Iterator[str]:
    if width_of(word, font, size) <= width:
        yield word
        return
    part = ""
    for char in word:
        if part and width_of(part + char, font, size) > width:
            yield part
            part = ""
        part += char
    yield part
