"""Where the data that the program carries lie: ``specs/`` and ``mappings/``.

In a checkout they stand beside the packages; in an installed wheel they are
carried inside ``cdisc/_carried``. Nothing else in the program knows this.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    carried = _PACKAGE / "_carried"
    return carried if carried.is_dir() else _PACKAGE.parent


def specs_root() -> Path:
    """Return the folder that holds the standards (``specs/``)."""
    return _root() / "specs"


def mappings_root() -> Path:
    """Return the folder that holds the studies that the program carries."""
    return _root() / "mappings"
