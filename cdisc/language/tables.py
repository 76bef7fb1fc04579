"""The tables that Lark makes of the grammar, kept beside it: making them takes a fifth of a second.

``grammar.json`` holds them, with a hash of what they were made from. If the grammar or Lark
has changed since, they are made anew; so they may be out of date, but never wrong.

Run ``python -m cdisc.language.tables`` to write them. How states are numbered may differ from
one run to the next; what they accept does not.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("grammar.json")


def parser() -> Lark:
    """Return the parser of the mapping language."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    if TABLES.is_file():
        kept = json.loads(TABLES.read_text(encoding="utf-8"), object_pairs_hook=_numbered)
        if kept["made_from"] == made_from(grammar):
            read = Lark._load_from_dict  # noqa: SLF001  as Lark.load, without pickle
            data, memo = kept["data"], kept["memo"]
            found: Lark = read(data, memo)  # type: ignore[no-untyped-call]  # Lark says no types
            return found
    return make(grammar)


def make(grammar: str) -> Lark:
    """Return the parser of a grammar, made anew."""
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def made_from(grammar: str) -> str:
    """Return what tells whether tables are those of a grammar."""
    return hashlib.sha256(f"lark {lark.__version__}\n{grammar}".encode()).hexdigest()


def text() -> str:
    """Return the text of the file with the tables."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    data, memo = make(grammar).memo_serialize([TerminalDef, Rule])
    kept = {"made_from": made_from(grammar), "data": data, "memo": memo}
    return json.dumps(kept, separators=(",", ":")) + "\n"


def _numbered(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """Return a mapping whose keys are numbers again, where they were before they were JSON."""
    if all(key.isdecimal() for key, _value in pairs):
        return {int(key): value for key, value in pairs}
    return dict(pairs)


if __name__ == "__main__":
    TABLES.write_text(text(), encoding="utf-8", newline="\n")
