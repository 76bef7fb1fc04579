"""Render a define.xml as one page for people: no script, no request, no stylesheet to find.

Browsers withdraw XSLT, so the page is made here and stands beside the define.xml. It
shows only what the definition says; everything written by people is escaped.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from define_xml import model

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_COMPARATORS = {
    "EQ": "=",
    "NE": "\u2260",
    "LT": "<",
    "LE": "\u2264",
    "GT": ">",
    "GE": "\u2265",
    "IN": "in",
    "NOTIN": "not in",
}


def render_define_html(define: model.Define) -> str:
    """Return a self-contained page that shows every definition, with links between them.

    A reference that leads nowhere is shown as text. Links to other files are kept where
    they are relative or lead to the web; any other scheme is shown as text.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["anchor"] = _anchor
    environment.filters["href"] = _href
    environment.filters["page_href"] = _page_href
    template = environment.get_template("define.html.jinja")
    return template.render(define=define, page=_Page(define))


class _Page:
    """Looks up what the template shows together."""

    def __init__(self, define: model.Define) -> None:
        self.items = {one.oid: one for one in define.items}
        self.codelists = {one.oid: one for one in define.codelists}
        self.methods = {one.oid: one for one in define.methods}
        self.comments = {one.oid: one for one in define.comments}
        self.standards = {one.oid: one for one in define.standards}
        self.leaves = {one.id: one for one in define.leaves}
        self.value_lists = {one.oid: one for one in define.value_lists}
        self._where = {one.oid: one for one in define.where_clauses}
        self.coded = [one for one in define.codelists if one.external is None]
        self.external = [one for one in define.codelists if one.external is not None]

    def keys(self, group: model.ItemGroup) -> str:
        """Return the names of the key variables in order."""
        keyed = [(ref.key_sequence, ref.item_oid) for ref in group.item_refs if ref.key_sequence]
        names = [self.items[oid].name for _, oid in sorted(keyed) if oid in self.items]
        return ", ".join(names)

    def condition(self, ref: model.ItemRef) -> str:
        """Return when a value-level definition applies, in words."""
        clauses = [self._where[oid] for oid in ref.where_clause_oids if oid in self._where]
        return " or ".join(
            " and ".join(self._range(one) for one in clause.range_checks) for clause in clauses
        )

    def _range(self, check: model.RangeCheck) -> str:
        item = self.items.get(check.item_oid)
        name = check.item_oid if item is None else item.name
        sign = _COMPARATORS.get(check.comparator or "", check.comparator or "")
        values = ", ".join(f'"{value}"' for value in check.values)
        listed = check.comparator in {"IN", "NOTIN"}
        return f"{name} {sign} ({values})" if listed else f"{name} {sign} {values}"


def _anchor(oid: str) -> str:
    """Return an OID as a fragment that HTML and URLs take, different for different OIDs."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}_", oid)


def _href(href: str) -> str | None:
    """Return a link that may be followed, or None."""
    return href if urlsplit(href).scheme in {"", "http", "https"} else None


def _page_href(page: str, reference: model.PDFPageRef) -> str:
    """Return the fragment that opens a page, or a named destination, of a PDF."""
    return f"#page={page}" if reference.type == "PhysicalRef" else f"#{page}"
