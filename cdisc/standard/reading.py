"""From the text of ``specs/`` to facts: YAML of text, and variables one a line.

A variable is one line of a block, its fields between bars. The first fields are
fixed by the kind of file; those after the label say what they are:

    AESER    | Char | Exp  | Record Qualifier   | Serious Event | C66742
    DOMAIN   | Char | Req  | Identifier         | Domain Abbreviation | in AE
    AEDECOD  | Char | Req  | Synonym Qualifier  | Dictionary-Derived Term | as MedDRA

``-`` stands where the standard is silent. The files of datasets use so little of YAML, a
few keys with plain text and one block, that they are read without its parser, which is left
to those that use more; so a whole guide loads in milliseconds.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.plain import read_plain
from cdisc.standard.model import VariableStandard, VariableType

IG_FIELDS = ("name", "type", "core", "role", "label")
MODEL_FIELDS = ("name", "type", "role", "label")
ADAM_FIELDS = ("name", "type", "core", "label")

_TEXT_TAGS = {"as": "described_value_domain", "limit": "limits", "concept": "concept"}
_EXPECTED_TAG = "codelist codes, or a field that begins with in, as, ..."
_BLOCK, _INDENT = "\nvariables: |\n", "  "
# A key, and text that YAML reads as it stands if it has none of the parts below.
_PLAIN = re.compile(r"([a-z_]+): ([A-Za-z0-9].*)")
_NOT_PLAIN = (" #", ": ", "\t")


@cache
def read_yaml(path: Path) -> dict[str, Any]:
    """Read a mapping; every scalar is text. The same path is read once."""
    text = path.read_bytes().decode("utf-8")
    simple = read_simple(text)
    if simple is not None:
        return dict(simple)
    return cast("dict[str, Any]", read_plain(text))


def read_simple(text: str) -> dict[str, str] | None:
    r"""Read keys with plain text and one block of lines at the end; None if there is more.

    Example:
        >>> read_simple("name: AE\nvariables: |\n  AETERM | Char\n")
        {'name': 'AE', 'variables': 'AETERM | Char\n'}
    """
    head, mark, block = text.partition(_BLOCK)
    lines = [line for line in head.split("\n") if line and line[0] != "#"]
    found = [one for line in lines if (one := _PLAIN.fullmatch(line))]
    read = {one[1]: one[2] for one in found}
    values = "\n".join(read.values())
    plain = len(read) == len(lines) and not any(part in values for part in _NOT_PLAIN)
    if not mark or not plain or any(value[-1] in ": " for value in read.values()):
        return None
    indented = f"\n{block}"
    count = indented.count("\n") - 1
    # One more blank would belong to the text, which is for the parser to say.
    deeper = indented.count(f"\n{_INDENT} ")
    if not block.endswith("\n") or indented.count(f"\n{_INDENT}") != count or deeper:
        return None
    return {**read, "variables": indented.replace(f"\n{_INDENT}", "\n")[1:]}


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
    name, label = fields.index("name"), fields.index("label")
    role = fields.index("role") if "role" in fields else None
    core = fields.index("core") if "core" in fields else None
    for place, line in enumerate(block.splitlines(), first_place):
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) < count:
            raise _malformed(path, line, f"{count} fields: {' | '.join(fields)}")
        kind = parts[1]
        if kind not in {"Char", "Num"}:
            raise _malformed(path, line, "a type of Char or Num")
        facts: dict[str, Any] = {"place": (place,)}
        for part in parts[count:]:
            tagged = _tagged(part)
            if tagged is None:
                raise _malformed(path, line, _EXPECTED_TAG)
            facts[tagged[0]] = tagged[1]
        yield VariableStandard(
            parts[name],
            parts[label],
            cast("VariableType", kind),
            None if role is None or parts[role] == "-" else parts[role],
            None if core is None or parts[core] == "-" else parts[core],
            **facts,
        )


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
