"""Where annotations go on pages that the sponsor has drawn: a file of coordinates.

A row names a page, the upper left corner of the annotation in points from the lower left
corner of the page, a form and a field. A row without a field is the place of the notes
that name the datasets of the form.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import OutputError, SpecError
from cdisc.record import record
from cdisc.source import load_document

_COLUMNS = ("page", "x", "y", "form", "field")


@record()
class Place:
    """The place of the annotations of a field, or with an empty field of the datasets.

    Attributes:
        page: Page, from 1.
        x: Points from the left edge of the page to that of the annotation.
        y: Points from the lower edge of the page to the upper one of the annotation.
        form: Alias of the raw form.
        field: Its field, or empty text.
        span: Where the file says it.
    """

    page: int
    x: float
    y: float
    form: str
    field: str
    span: Span


def read_places(path: Path) -> tuple[Place, ...]:
    """Read a file of coordinates.

    Args:
        path: A CSV file with the columns page, x, y, form and field, or YAML: a list of
            mappings with these keys under ``places``.

    Raises:
        OutputError: ACRF005, with every row that is wrong; or the file cannot be read.
    """
    shown = path.as_posix()
    try:
        rows = list(_yaml(path) if path.suffix.lower() in {".yaml", ".yml"} else _csv(path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OutputError([Diagnostic("ACRF005", f'"{shown}" cannot be read: {error}')]) from error
    except SpecError as error:
        raise OutputError(error.diagnostics) from error
    found: list[Place] = []
    mistakes: list[Diagnostic] = []
    for row, span in rows:
        try:
            found.append(_place(row, span))
        except (ValueError, KeyError):
            said = ", ".join(f"{key}: {value}" for key, value in row.items())
            mistakes.append(
                Diagnostic(
                    "ACRF005", "a row is no place", span, found=(said,),
                    expected="a page from 1, x and y in points, form, field",
                )
            )  # fmt: skip
    if mistakes:
        raise OutputError(mistakes)
    return tuple(found)


def _place(row: dict[str, str], span: Span) -> Place:
    page = int(row["page"])
    if page < 1 or not row["form"] or set(row) - set(_COLUMNS):
        raise ValueError(row)
    x, y = float(row["x"]), float(row["y"])
    return Place(page, x, y, row["form"], row.get("field", ""), span)


def _csv(path: Path) -> Iterator[tuple[dict[str, str], Span]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, restkey="more", restval="")
        for row in reader:
            values = {key: str(value).strip() for key, value in row.items() if key}
            yield values, Span(path.as_posix(), reader.line_num, 1, 1)


def _yaml(path: Path) -> Iterator[tuple[dict[str, str], Span]]:
    document = load_document(path, shown_as=path.as_posix())
    if document.problems:
        raise SpecError(document.problems)
    value = document.value
    rows = value.get("places") if isinstance(value, dict) else None
    for at, row in enumerate(rows if isinstance(rows, list) else ()):
        span = document.span(("places", at))
        yield ({k: str(v) for k, v in row.items()} if isinstance(row, dict) else {}), span
