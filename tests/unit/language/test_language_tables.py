import json

import pytest
from lark.exceptions import UnexpectedInput

from cdisc.language import tables

TEXTS = [
    "ae.AESTDAT | iso 'd-mmm-y' unknown 'UN'",
    "when A = 1 and not B is missing then 'x' else (C | upper)",
    "first EX.EXTRT where EX.EXSTDTC on or before AESTDTC order EX.EXSTDTC descending",
    "f(-1.5, 'it''s') + X * (Y - 2) / 3",
    "A | ",
    "when then",
    "A = 'x",
]


def outcome(parser, text):
    """The tree with every place, or what was expected instead."""
    try:
        tree = parser.parse(text)
    except UnexpectedInput as error:
        return type(error), error.pos_in_stream, getattr(error, "accepts", None)
    places = [(one.meta.start_pos, one.meta.end_pos) for one in tree.iter_subtrees_topdown()
              if not one.meta.empty]  # fmt: skip
    return tree, places


def test_the_tables_are_those_of_the_grammar():
    kept = json.loads(tables.TABLES.read_text(encoding="utf-8"))
    grammar = tables.GRAMMAR.read_text(encoding="utf-8")

    assert kept["made_from"] == tables.made_from(grammar), "run python -m cdisc.language.tables"


@pytest.mark.parametrize("text", TEXTS)
def test_tables_that_were_kept_accept_what_the_grammar_accepts(text):
    made = tables.make(tables.GRAMMAR.read_text(encoding="utf-8"))

    assert outcome(tables.parser(), text) == outcome(made, text)


def test_tables_of_another_grammar_are_not_used(tmp_path, monkeypatch):
    changed = tmp_path / "grammar.lark"
    changed.write_text('start: "yes"\n', encoding="utf-8")
    monkeypatch.setattr(tables, "GRAMMAR", changed)

    with pytest.raises(UnexpectedInput):
        tables.parser().parse(TEXTS[0])
    assert tables.parser().parse("yes").data == "start"
