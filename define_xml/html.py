"""Render a define.xml as one page for people: no request, no stylesheet to find.

Browsers withdraw XSLT, so the page is made here and stands beside the define.xml. It
shows only what the definition says; everything written by people is escaped. All of it
can be read without its script, which adds search and folding; the policy in its head
lets no other script and no other style run.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment
from markupsafe import Markup

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import OutputError
from cdisc.pages import templates_in
from define_xml import model
from define_xml.index import Index, anchor
from define_xml.read import read_define

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_SHOWN_TERMS = 8
# Line ends of the template between two tags; what people wrote has no tags.
_BETWEEN = re.compile(r">\s*\n\s*<")


def render_define_html(define: model.Define) -> str:
    """Return a self-contained page that shows every definition, with links between them.

    A reference that leads nowhere is shown as text. Links to other files are kept where
    they are relative or lead to the web; any other scheme is shown as text.
    """
    style, script = (
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("define.css", "define.js")
    )
    template = _environment().get_template("define.html.jinja")
    text = template.render(
        define=define,
        page=Index(define),
        style=Markup(style),  # noqa: S704  a file of the program
        script=Markup(script),  # noqa: S704  a file of the program
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        shown_terms=_SHOWN_TERMS,
    )
    return _BETWEEN.sub("><", text)


def write_define_html(path: Path, page: Path) -> tuple[Diagnostic, ...]:
    """Write the page of a define.xml.

    Args:
        path: The define.xml, of version 2.0 or 2.1.
        page: File to write; it is replaced where it exists.

    Returns:
        DEF004 for each part of the file that the page does not show.

    Raises:
        ConformanceError: The file is no define.xml.
        OutputError: DEF008, the page cannot be written; DEF054, the file cannot be read.
    """
    try:
        define = read_define(path)
    except OSError as error:
        fact = f'"{path.as_posix()}" cannot be read: {error.strerror}'
        raise OutputError([Diagnostic("DEF054", fact)]) from error
    try:
        page.write_text(render_define_html(define), encoding="utf-8", newline="\n")
    except OSError as error:
        fact = f'"{page.as_posix()}" cannot be written: {error.strerror}'
        raise OutputError([Diagnostic("DEF008", fact)]) from error
    return tuple(_unread(path.as_posix(), one) for one in define.unread)


def _unread(path: str, part: str) -> Diagnostic:
    name, _, line = part.rpartition(", line ")
    return Diagnostic("DEF004", f"{name} was not read", Span(path, int(line), 1, 1))


@cache
def _environment() -> Environment:
    environment = templates_in(_TEMPLATES)
    environment.filters["anchor"] = anchor
    environment.filters["href"] = _href
    environment.filters["page_href"] = _page_href
    return environment


def _hash(text: str) -> str:
    """Return what a policy calls the text of a style or a script."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _href(href: str) -> str | None:
    """Return a link that may be followed, or None."""
    try:
        scheme = urlsplit(href).scheme
    except ValueError:
        return None
    # a browser drops blanks and control characters before it looks for the scheme
    plain = not any(ord(char) <= ord(" ") for char in href)
    return href if plain and scheme in {"", "http", "https"} else None


def _page_href(page: object, reference: model.PDFPageRef) -> str:
    """Return the fragment that opens a page, or a named destination, of a PDF."""
    name = quote(str(page), safe="")
    return f"#page={name}" if reference.type == "PhysicalRef" else f"#{name}"
