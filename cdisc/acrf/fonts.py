"""The fonts that a PDF carries with it, and which characters they can show.

Agencies want every font embedded. Bitstream Vera, which comes with ReportLab, shows
Latin text; for other scripts a TrueType font is named. A character that the font does
not have is refused: a box in its place would say nothing.
"""

from collections.abc import Iterable
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.record import record

_PLAIN, _BOLD = "Vera.ttf", "VeraBd.ttf"
_SHOWN = 5


@record()
class Fonts:
    """Names of the fonts under which ReportLab knows them."""

    plain: str
    bold: str


def load_fonts(file: Path | None = None) -> Fonts:
    """Return the fonts to write with.

    Args:
        file: A TrueType font for all text; None for Bitstream Vera.

    Raises:
        OutputError: ACRF003, the file is no TrueType font that can be embedded.
    """
    if file is None:
        return Fonts(_registered("Vera", _PLAIN), _registered("Vera-Bold", _BOLD))
    try:
        name = _registered(f"font:{file.as_posix()}", file.as_posix())
    except (TTFError, OSError) as error:
        fact = f'"{file.as_posix()}" is no TrueType font that can be embedded: {error}'
        raise OutputError([Diagnostic("ACRF003", fact)]) from error
    return Fonts(name, name)


def require_glyphs(fonts: Fonts, texts: Iterable[str]) -> None:
    """Refuse texts that the fonts cannot show.

    Raises:
        OutputError: ACRF004, with the characters.
    """
    shown = set(pdfmetrics.getFont(fonts.plain).face.charToGlyph)
    lacking = {char: text for text in texts for char in text if ord(char) not in shown}
    if lacking:
        named = [f"U+{ord(char):04X} in {text!r}" for char, text in sorted(lacking.items())]
        raise OutputError(
            [
                Diagnostic(
                    "ACRF004",
                    f"the font cannot show {len(lacking)} characters",
                    found=tuple(named[:_SHOWN]),
                    help="name a TrueType font that has them: --font FILE.ttf",
                )
            ]
        )


def _registered(name: str, file: str) -> str:
    # Registered anew for each document: a font remembers the characters that it was asked for.
    pdfmetrics.registerFont(TTFont(name, file))
    return name
