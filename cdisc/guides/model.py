"""A reviewer's guide as text: sections with paragraphs, tables and what is to be written.

The model knows no file format; `cdisc.guides.html` and `cdisc.guides.word` render it.
"""

import dataclasses
from collections.abc import Iterator

TO_WRITE = "To be written: "


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that was made."""

    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class ToWrite:
    """What only a person can say; `text` says what is asked for."""

    text: str

    @property
    def shown(self) -> str:
        """The text as a document shows it."""
        return f"{TO_WRITE}{self.text}"


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; each row has as many cells as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = Paragraph | Table | ToWrite


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        number: Such as ``3.3.1``; empty for an appendix.
        heading: Its heading.
        level: 1 for a chapter.
        parts: What stands in it, before its own sections.
    """

    number: str
    heading: str
    level: int
    parts: tuple[Part, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Guide:
    """A reviewer's guide.

    Attributes:
        title: Its title.
        study: Study identifier.
        template: The template whose headings it has.
        file: Its name without suffix.
        sections: All sections in order of reading.
    """

    title: str
    study: str
    template: str
    file: str
    sections: tuple[Section, ...]

    @property
    def to_write(self) -> int:
        """How many things a person has still to write."""
        return sum(_asked(part) for one in self.sections for part in one.parts)


def _asked(part: Part) -> int:
    """Count what a part asks of a person: a text, or cells of a table."""
    if not isinstance(part, Table):
        return int(isinstance(part, ToWrite))
    return sum(cell.startswith(TO_WRITE) for row in part.rows for cell in row)


def texts(guide: Guide) -> Iterator[str]:
    """Yield every text of a guide in order of reading."""
    for section in guide.sections:
        yield section.heading
        for part in section.parts:
            if isinstance(part, Table):
                yield part.caption
                yield from part.columns
                yield from (cell for row in part.rows for cell in row)
            else:
                yield part.shown if isinstance(part, ToWrite) else part.text
