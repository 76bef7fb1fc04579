"""Templates of pages: what is not there is an error, and what people wrote is text, not markup."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2


def templates_in(folder: Path) -> "jinja2.Environment":
    """Return what makes pages of the templates in a folder."""
    import jinja2  # noqa: PLC0415  findings on a terminal need no pages

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
