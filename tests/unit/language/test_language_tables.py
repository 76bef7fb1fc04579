"""What Lark reads, and how, is the reference for what the reader of its tables reads."""

import json
from pathlib import Path

import pytest
from lark import Tree
from lark.exceptions import UnexpectedInput

from cdisc.language import parser, tables
from cdisc.language.reader import Reader, UnreadableError
from cdisc.source import load_document

ROOT = Path(__file__).parents[3]
LARK = tables.lark()
BUILDER = parser._Builder()
READER = Reader(tables.tables(), BUILDER)

TEXTS = [
    "ae.AESTDAT | iso 'd-mmm-y' unknown 'UN'",
    "when A = 1 and not B is missing then 'x' else (C | upper)",
    "when A on or after B then A when A not in ('x', 2) or B is not missing then B",
    "first EX.EXTRT where EX.EXSTDTC on or before AESTDTC order EX.EXSTDTC descending EX.A",
    "f(-1.5, 'it''s') + X * (Y - 2) / 3",
    "(  ( A )  | f(  ) ) ",
    "f(f(A, B), (C))",
    "copy  DM.AGE",
    "const 1",
    "number by A B order C",
    "number where A = 1",
    "number + first",
    "first(A) + first.A + firstly",
    "flag last where A contains 'x' by B C order D descending",
    "count records where A starts with 'x' and B ends with 'y' | f",
    "count AE where AE.A <> 1",
    "any other where other.A after A",
    "by + order",
    "A before B and C in ('x', 'y', 3)",
    "A | recode (B + 1) C.D 'e' 2 f | g",
    "é.Ü + _a",
    "\tA\r\n  +\x0cB",
    "1e5 + 1.5E-3",
    "''''",
    # refused
    "",
    " ",
    "A | ",
    "when then",
    "A = 'x",
    "A ; B",
    "A\u00a0+ B",
    "A = = B",
    "1.",
    "A B",
    "(A",
    "A)",
    "count records records",
    "const const",
    "f(A,)",
]


def built(tree):
    """What the builder makes of a tree by Lark."""
    children = [built(one) if isinstance(one, Tree) else str(one) for one in tree.children]
    place = {"start": tree.meta.start_pos, "end": tree.meta.end_pos}
    return getattr(BUILDER, tree.data)(place, *children)


def by_lark(text):
    try:
        return repr(built(LARK.parse(text)))  # unlike ==, it tells places
    except UnexpectedInput:
        return None


def by_reader(text):
    try:
        return repr(READER.read(text))
    except UnreadableError:
        return None


def written():
    """Every value of the mapping files that are carried, whether it is an expression or not."""
    for file in sorted((ROOT / "mappings").rglob("*.yaml")):
        yield from texts(load_document(file).value)


def texts(value):
    if isinstance(value, str):
        yield value
    else:
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


def test_the_tables_are_those_of_the_grammar():
    kept = json.loads(tables.TABLES.read_text(encoding="utf-8"))

    assert kept["grammar"] == tables.GRAMMAR.read_text(encoding="utf-8"), (
        "run python -m cdisc.language.tables"
    )


@pytest.mark.parametrize("text", TEXTS)
def test_the_reader_reads_what_lark_reads_with_the_same_places(text):
    assert by_reader(text) == by_lark(text)


def test_the_reader_reads_the_mapping_files_as_lark_does():
    values = sorted(set(written()))

    assert [by_reader(one) for one in values] == [by_lark(one) for one in values]
    assert sum(by_lark(one) is not None for one in values) > 300


def test_texts_exercise_every_rule_of_the_grammar():
    rules = {one.alias or one.origin.name for one in LARK.rules if one.origin.name[0] != "_"}
    named = {name for name in rules if hasattr(BUILDER, name)}
    met = {one.data for text in TEXTS if by_lark(text) for one in LARK.parse(text).iter_subtrees()}

    assert named - met == set()


def test_the_grammar_uses_only_what_the_reader_knows():
    assert {one.priority for one in LARK.rules if one.options.priority} == set()
    assert [one for one in LARK.rules if not one.expansion] == []
    assert [one for one in LARK.terminals if one.pattern.flags] == []
    assert [one for one in LARK.rules if one.options.keep_all_tokens] == []


def test_tables_of_another_grammar_are_not_used(tmp_path, monkeypatch):
    changed = tmp_path / "grammar.lark"
    changed.write_text('start: "yes" word\nword: /no+/\n', encoding="utf-8")
    monkeypatch.setattr(tables, "GRAMMAR", changed)

    class Words:
        def start(self, at, word):
            return (word, at)

        def word(self, at, token):
            return (token, at)

    reader = Reader(tables.tables(), Words())
    assert reader.read("yesnoo") == (("noo", {"start": 3, "end": 6}), {"start": 0, "end": 6})
    with pytest.raises(UnreadableError):
        reader.read(TEXTS[0])
