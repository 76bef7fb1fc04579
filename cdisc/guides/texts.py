"""The texts of the guides: ``specs/guides``."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from cdisc.resources import specs_root

Said = Mapping[str, Any]
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@cache
def read_guide(name: str) -> Said:
    """Return a file of ``specs/guides``."""
    text = (specs_root() / "guides" / f"{name}.yaml").read_text(encoding="utf-8")
    found: Said = yaml.load(text, Loader=_LOADER)  # noqa: S506  makes text only
    return found
