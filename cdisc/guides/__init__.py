"""Reviewer's guides: cSDRG and ADRG, with the headings of the PHUSE templates.

package --gather--> Facts --build_guide--> Guide --render--> Word file and page
"""

from cdisc.guides.build import build_guide
from cdisc.guides.facts import Facts, gather
from cdisc.guides.html import render_guide_html
from cdisc.guides.model import Guide
from cdisc.guides.word import is_edited, left_to_write, render_guide_docx
from cdisc.guides.write import Written, unwritten, write_guides

__all__ = [
    "Facts",
    "Guide",
    "Written",
    "build_guide",
    "gather",
    "is_edited",
    "left_to_write",
    "render_guide_docx",
    "render_guide_html",
    "unwritten",
    "write_guides",
]
