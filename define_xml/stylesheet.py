"""The stylesheet that tools of agencies show a define.xml with; ours to hand on, not to change.

It is that of Lex Jansen and the CDISC Data Exchange Standards Team, under the MIT
licence that lies beside it and stands in the file itself.
"""

from pathlib import Path

STYLESHEET = "define2-1.xsl"


def stylesheet_bytes() -> bytes:
    """Return the stylesheet for Define-XML 2.1, with its licence in it."""
    return (Path(__file__).resolve().parent / "xsl" / STYLESHEET).read_bytes()
