"""The tables that Lark makes of the grammar, kept beside it: making them takes a fifth of a second.

``grammar.json`` holds them, with the grammar that they were made of. If the grammar has
changed since, they are made anew; so they may be out of date, but never wrong.

Run ``python -m cdisc.language.tables`` to write them. How states are numbered may differ from
one run to the next; what they accept does not.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("grammar.json")


def tables() -> dict[str, Any]:
    """Return the tables of the grammar: ``data`` and ``memo``, as Lark serializes them."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    if TABLES.is_file():
        kept: dict[str, Any] = json.loads(TABLES.read_text(encoding="utf-8"))
        if kept["grammar"] == grammar:
            return kept
    made: dict[str, Any] = json.loads(text())
    return made


def lark() -> "Lark":
    """Return the parser of the mapping language by Lark: slower, and able to explain itself."""
    from lark import Lark  # noqa: PLC0415  only where a text is refused

    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=False,
    )


def text() -> str:
    """Return the text of the file with the tables."""
    from lark.grammar import Rule  # noqa: PLC0415  only where the grammar has changed
    from lark.lexer import TerminalDef  # noqa: PLC0415  as above

    data, memo = lark().memo_serialize([TerminalDef, Rule])
    grammar = GRAMMAR.read_text(encoding="utf-8")
    kept = {"grammar": grammar, "data": data, "memo": memo}
    return json.dumps(kept, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    TABLES.write_text(text(), encoding="utf-8", newline="\n")
