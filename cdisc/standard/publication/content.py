"""What a published file says, and whether it can be a release: the rules for every form."""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError

_CODE = re.compile(r"C\d+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FLAGS = ("Yes", "No")
UNKNOWN = "?"
"""Codelist of the terms of a codelist that has no code, which is said of the codelist alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One codelist, or one term of a codelist.

    Attributes:
        place: Where it stands in the file, as the reader of the form counts.
        codelist: Code of the codelist of a term; empty for a codelist.
        code: NCI code.
        value: Submission value; the short name of a codelist.
        preferred_term: NCI preferred term.
        name: Name of the codelist; empty for a term.
        extensible: ``Yes`` or ``No``; empty for a term.
        synonyms: As `synonyms_of` returns them; empty for a codelist.
    """

    place: int
    codelist: str
    code: str
    value: str
    preferred_term: str
    name: str = ""
    extensible: str = ""
    synonyms: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Content:
    """A published file as it was read.

    Attributes:
        file: Its path, for messages.
        rows: Codelists and terms in the order of the file.
        locate: Where an attribute of a row stands; None and a path where lines do not exist.
        package: Package that the file names, such as ``sdtm``, or None.
        date: Date that the file names, ISO 8601, or None.
        faults: What made rows unreadable.
    """

    file: str
    rows: Sequence[Row]
    locate: Callable[[Row, str], tuple[Span | None, tuple[str, ...]]]
    package: str | None = None
    date: str | None = None
    faults: tuple[Diagnostic, ...] = ()


@dataclasses.dataclass(frozen=True)
class Publication:
    """A release, ready to be written.

    Attributes:
        file: The file that it was read from.
        package: Such as ``sdtm``.
        date: Date of the release, ISO 8601.
        heads: Codelists, sorted by code.
        terms: Terms, sorted by the code of the codelist, then by submission value.
    """

    file: str
    package: str
    date: str
    heads: tuple[Row, ...]
    terms: tuple[Row, ...]


def synonyms_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return synonyms, each once and sorted, from texts in which semicolons part them.

    Example:
        >>> synonyms_of(["Male; Man", "Man"])
        ('Male', 'Man')
    """
    found = {" ".join(one.split()) for text in texts for one in text.split(";")}
    return tuple(sorted(found - {""}, key=lambda text: (text.casefold(), text.encode())))


def judged(content: Content) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Return the codelists and the terms of a file, each in its order.

    Raises:
        SpecError: STD005, every mistake of the file.
    """
    found = [*content.faults]
    for row, attribute, fact in _mistakes(content.rows):
        span, where = content.locate(row, attribute)
        found.append(Diagnostic("STD005", fact, span, where))
    if not content.rows and not found:
        found.append(Diagnostic("STD005", f'"{content.file}" holds no codelist'))
    if found:
        raise SpecError(found)
    heads = [row for row in content.rows if not row.codelist]
    terms = [row for row in content.rows if row.codelist]
    return tuple(sorted(heads, key=_of_codelist)), tuple(sorted(terms, key=_of_term))


def _of_codelist(row: Row) -> bytes:
    return row.code.encode()


def _of_term(row: Row) -> tuple[bytes, str, bytes]:
    # Bisection needs the first; the others hold for every form of publication.
    return row.codelist.encode(), row.value.casefold(), row.value.encode()


def _mistakes(rows: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    """Yield what is wrong: the row, the attribute, the fact."""
    codelists = {row.code for row in rows if not row.codelist}
    for row in rows:
        yield from _of_row(row, codelists)
    heads = [row for row in rows if not row.codelist]
    terms = [row for row in rows if row.codelist]
    yield from _repeated(heads, "code", lambda row: row.code)
    yield from _repeated(heads, "value", lambda row: row.value)
    yield from _repeated(terms, "code", lambda row: (row.codelist, row.code))
    yield from _repeated(terms, "value", lambda row: (row.codelist, row.value))


def _of_row(row: Row, codelists: set[str]) -> Iterator[tuple[Row, str, str]]:
    if not _CODE.fullmatch(row.code):
        yield row, "code", f'"{row.code}" is not an NCI code'
    if row.codelist not in {"", UNKNOWN} and row.codelist not in codelists:
        yield row, "codelist", f'codelist "{row.codelist}" is not in the file'
    if not row.codelist and row.extensible not in _FLAGS:
        yield row, "extensible", f'"{row.extensible}" is neither Yes nor No'
    needed = ("value", "preferred_term") if row.codelist else ("value", "preferred_term", "name")
    for attribute in needed:
        text = getattr(row, attribute)
        if not text:
            yield row, attribute, f"no {_SPOKEN[attribute]}"
        elif _CONTROL.search(text):
            yield row, attribute, f"a control character in the {_SPOKEN[attribute]}"
    if any(map(_CONTROL.search, row.synonyms)):
        yield row, "synonyms", "a control character in a synonym"


_SPOKEN = {"value": "submission value", "preferred_term": "preferred term", "name": "name"}


def _repeated(
    rows: Iterable[Row], attribute: str, key: Callable[[Row], object]
) -> Iterator[tuple[Row, str, str]]:
    listed = list(rows)
    counts = Counter(map(key, listed))
    seen: set[object] = set()
    for row in listed:
        one = key(row)
        text = getattr(row, attribute)
        if counts[one] > 1 and one in seen and text:
            inside = f" in codelist {row.codelist}" if row.codelist else ""
            yield row, attribute, f'"{text}" stands twice{inside}'
        seen.add(one)
