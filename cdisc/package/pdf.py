"""A PDF document against what agencies take: version, fonts, no lock, nothing that runs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdisc.diagnostics import Diagnostic

if TYPE_CHECKING:
    from pypdf import PdfReader

_STANDARD = 5  # fonts that are shown
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")
_RUNS = ("/JavaScript", "/Launch")


def check_pdf(path: Path, name: str, said: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Yield what is wrong with a document.

    Args:
        path: The file.
        name: How findings call it.
        said: The section ``pdf`` of ``specs/package.yaml``.

    Yields:
        PKG010 it cannot be read; PKG011 its version; PKG012 it is encrypted; PKG013 fonts that
        are not embedded; PKG014 scripts or attached files; PKG015 no bookmarks.
    """
    from pypdf import PdfReader  # noqa: PLC0415  only where there is a PDF
    from pypdf.errors import PyPdfError  # noqa: PLC0415  as above

    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            yield Diagnostic("PKG012", f'"{name}" is encrypted')
            return
        yield from _document(reader, name, said)
    except (PyPdfError, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        yield Diagnostic("PKG010", f'"{name}" cannot be read as PDF', found=(str(error)[:200],))


def _document(reader: "PdfReader", name: str, said: Mapping[str, Any]) -> Iterator[Diagnostic]:
    root: Any = reader.trailer["/Root"]
    version = str(root.get("/Version") or reader.pdf_header.removeprefix("%PDF-")).removeprefix("/")
    if version not in said["versions"]:
        expected = ", ".join(said["versions"])
        yield Diagnostic("PKG011", f'"{name}" is PDF {version}', expected=expected)
    fonts = sorted({font for page in reader.pages for font in _loose_fonts(page)})
    if fonts:
        more = (f"and {len(fonts) - _STANDARD} more",) if len(fonts) > _STANDARD else ()
        fact = f'"{name}" has fonts that are not embedded'
        yield Diagnostic("PKG013", fact, found=(*fonts[:_STANDARD], *more))
    runs = list(_what_runs(root))
    if runs:
        yield Diagnostic("PKG014", f'"{name}" has scripts or attached files', found=tuple(runs))
    if len(reader.pages) >= int(said["bookmarks_from"]) and not reader.outline:
        yield Diagnostic("PKG015", f'"{name}" has {len(reader.pages)} pages and no bookmarks')


def _loose_fonts(page: Any) -> Iterator[str]:
    """Yield the fonts of a page, and of what is drawn or noted on it, that are not embedded."""
    holders = [_got(page, "/Resources")]
    for note in _got(page, "/Annots") or ():
        shown = _got(_got(note.get_object(), "/AP"), "/N")
        holders.append(_got(shown, "/Resources"))
    seen: set[int] = set()
    while holders:
        resources = holders.pop()
        if resources is None or id(resources) in seen:
            continue
        seen.add(id(resources))
        for font in (_got(resources, "/Font") or {}).values():
            yield from _loose(font.get_object())
        drawn = (_got(resources, "/XObject") or {}).values()
        holders += [_got(one.get_object(), "/Resources") for one in drawn]


def _loose(font: Any) -> Iterator[str]:
    """Yield the name of a font, if no part of the document holds its letters."""
    if font.get("/Subtype") == "/Type3":
        return
    for one in _got(font, "/DescendantFonts") or (font,):
        described = _got(one.get_object(), "/FontDescriptor") or {}
        if not any(key in described for key in _EMBEDDED):
            yield str(font.get("/BaseFont", "a font without a name")).removeprefix("/")


def _what_runs(root: Any) -> Iterator[str]:
    names = _got(root, "/Names") or {}
    if "/JavaScript" in names:
        yield "JavaScript"
    if "/EmbeddedFiles" in names:
        yield "attached files"
    action = _got(root, "/OpenAction")
    if isinstance(action, dict) and action.get("/S") in _RUNS:
        yield f"an action on opening: {action['/S'].removeprefix('/')}"


def _got(holder: Any, key: str) -> Any:
    """Return what a dictionary of a document has under a key, wherever it stands; or None."""
    found = holder.get(key) if hasattr(holder, "get") else None
    return found.get_object() if found is not None and hasattr(found, "get_object") else found
