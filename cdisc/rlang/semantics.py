"""The functions of ``semantics.R``: a script gets those that it uses, and what they use."""

import re
from functools import cache
from importlib.resources import files

_BLOCK = re.compile(r"(?:^#[^\n]*\n)*^(\w+) <- function.*?(?=\n\n|\Z)", re.DOTALL | re.MULTILINE)
_CALLED = re.compile(r"\b(\w+)\(")


@cache
def semantics() -> dict[str, str]:
    """Return the text of each function with the comment above it, in the order of the file."""
    text = files("cdisc.rlang").joinpath("semantics.R").read_text(encoding="utf-8")
    parts = text.split("\n\n")
    found: dict[str, str] = {}
    name = ""
    for part in parts[1:]:
        match = _BLOCK.match(part)
        if match:
            name = match[1]
            found[name] = part.rstrip()
        else:  # a blank line within a function
            found[name] += f"\n\n{part.rstrip()}"
    return found


def used_by(code: str) -> list[str]:
    """Return the functions that some R code needs, those that are called before the callers.

    Args:
        code: R code.
    """
    known = semantics()
    wanted = set(_CALLED.findall(code)) & set(known)
    waiting = list(wanted)
    while waiting:
        more = (set(_CALLED.findall(_code(known[waiting.pop()]))) & set(known)) - wanted
        wanted |= more
        waiting += more
    return [known[name] for name in known if name in wanted]


def _code(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))
