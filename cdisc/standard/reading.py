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
from cdisc.standard.model import VariableStandard, VariableType

IG_FIELDS = ("name", "type", "core", "role", "label")
MODEL_FIELDS = ("name", "type", "role", "label")
ADAM_FIELDS = ("name", "type", "core", "label")

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
    for place, line in enumerate(block.splitlines(), first_place):
        values = [part.strip() for part in line.split(" | ")]
        if len(values) < len(fields):
            raise _malformed(path, line, f"{len(fields)} fields: {' | '.join(fields)}")
        known: dict[str, Any] = dict(zip(fields, values, strict=False))
        if known["type"] not in ("Char", "Num"):
            raise _malformed(path, line, "a type of Char or Num")
        for value in values[len(fields) :]:
            key, content = _tagged(path, line, value)
            known[key] = content
        yield VariableStandard(
            name=known.pop("name"),
            label=known.pop("label"),
            type=cast("VariableType", known.pop("type")),
            role=_or_none(known.pop("role", "-")),
            core=_or_none(known.pop("core", "-")),
            place=(place,),
            **known,
        )


def _or_none(text: str) -> str | None:
    return None if text == "-" else text


def _tagged(path: Path, line: str, field: str) -> tuple[str, object]:
    """Say which attribute a field after the label gives, and its value."""
    tag, _, rest = field.partition(" ")
    if tag == "in":
        return "value_list", tuple(rest.split(", "))
    if tag == "as":
        return "described_value_domain", rest
    if tag == "qualifies":
        return "qualifies", tuple(rest.split())
    if tag == "limit":
        return "limits", rest
    if tag == "concept":
        return "concept", rest
    codes = tuple(field.split())
    if codes and all(code[:1] == "C" and code[1:].isdigit() for code in codes):
        return "codelists", codes
    raise _malformed(path, line, "codelist codes, or a field that begins with in, as, ...")


def _malformed(path: Path, line: str, expected: str) -> SpecError:
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next((n for n, text in enumerate(lines, 1) if text.strip() == line.strip()), 1)
    text = lines[number - 1] if lines else ""
    start = len(text) - len(text.lstrip()) + 1
    span = Span(str(path), number, start, len(text) + 1, text)
    return SpecError([Diagnostic("STD003", "not a line of a standard", span, expected=expected)])
