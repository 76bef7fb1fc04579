"""From the text of ``specs/`` to facts: YAML of text, and variables one a line.

A variable is one line of a block, its fields between bars. The first fields are
fixed by the kind of file; those after the label say what they are:

    AESER    | Char | Exp  | Record Qualifier   | Serious Event | C66742
    DOMAIN   | Char | Req  | Identifier         | Domain Abbreviation | in AE
    AEDECOD  | Char | Req  | Synonym Qualifier  | Dictionary-Derived Term | as MedDRA

``-`` stands where the standard is silent. Blocks keep a file of sixty variables
at a dozen YAML nodes, so a whole guide loads in milliseconds.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.standard.model import VariableStandard

IG_FIELDS = ("name", "type", "core", "role", "label")
MODEL_FIELDS = ("name", "type", "role", "label")
ADAM_FIELDS = ("name", "type", "core", "label")

_TYPES = ("Char", "Num")
_TEXT_TAGS = {"as": "described_value_domain", "limit": "limits", "concept": "concept"}
_EXPECTED_TAG = "codelist codes, or a field that begins with in, as, ..."
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@cache
def read_yaml(path: Path) -> dict[str, Any]:
    """Read a mapping; every scalar is text. The same path is read once."""
    # The base loader builds text, lists and mappings only.
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - see above
    return cast("dict[str, Any]", content)


def read_variables(
    path: Path, block: str, fields: Sequence[str], *, first_place: int = 1
) -> Iterator[VariableStandard]:
    """Yield the variables of a block of lines, in order.

    Args:
        path: The file that holds the block, for messages.
        block: One variable a line.
        fields: What the fields up to the label are.
        first_place: Ordinal of the first variable.

    Raises:
        SpecError: STD003, a line is not a variable.
    """
    count = len(fields)
    for place, line in enumerate(block.splitlines(), first_place):
        parts = line.split(" | ")
        if len(parts) < count:
            raise _malformed(path, line, f"{count} fields: {' | '.join(fields)}")
        facts: dict[str, Any] = dict(zip(fields, map(str.strip, parts), strict=False))
        if facts["type"] not in _TYPES:
            raise _malformed(path, line, "a type of Char or Num")
        for silent in ("role", "core"):
            if facts.get(silent) == "-":
                facts[silent] = None
        for part in parts[count:]:
            tagged = _tagged(part.strip())
            if tagged is None:
                raise _malformed(path, line, _EXPECTED_TAG)
            facts[tagged[0]] = tagged[1]
        yield VariableStandard(place=(place,), **facts)


@cache
def _tagged(field: str) -> tuple[str, object] | None:
    """Say which attribute a field after the label gives, and its value."""
    tag, _, rest = field.partition(" ")
    if tag == "in":
        return "value_list", tuple(rest.split(", "))
    if tag == "qualifies":
        return "qualifies", tuple(rest.split())
    if tag in _TEXT_TAGS:
        return _TEXT_TAGS[tag], rest
    codes = tuple(field.split())
    if codes and all(code[:1] == "C" and code[1:].isdigit() for code in codes):
        return "codelists", codes
    return None


def _malformed(path: Path, line: str, expected: str) -> SpecError:
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next((n for n, text in enumerate(lines, 1) if text.strip() == line.strip()), 1)
    text = lines[number - 1] if lines else ""
    start = len(text) - len(text.lstrip()) + 1
    span = Span(str(path), number, start, len(text) + 1, text)
    return SpecError([Diagnostic("STD003", "not a line of a standard", span, expected=expected)])
