"""Every verb and every kind of node has its method text on a page, which the code writes."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from cdisc.diagnostics import Span
from cdisc.engine.resolve import resolve
from cdisc.engine.vocabulary import VariableScope
from cdisc.functions import builtin_verbs
from cdisc.language import tree as t
from cdisc.language.english import English
from cdisc.language.expansion import expand
from cdisc.language.parser import parse
from cdisc.language.types import Checker
from cdisc.spec import load_study
from tests.study_builder import write_study

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "methods.md"
GIVEN = yaml.load(
    (Path(__file__).parent / "methods.yaml").read_text(encoding="utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506  texts only
)
NUMBERS = set(GIVEN["numbers"].split())
LINES = {
    (topic, name): text
    for topic, block in GIVEN["topics"].items()
    for name, text in block["lines"].items()
}
NOT_WRITTEN = {"Node", "Word", "Branch", "Ordering", "Meant", "BySource"}
HEAD = """\
# What methods say

Every derived variable has a method text in define.xml. The text is written from the line of the
mapping, so that it says what is run and nothing else. This page shows the text of each verb and of
each part of the language; it is generated from the code, and the tests hold it to that.

A text is one sentence, and behind it the rules on which the sentence rests: how records of other
data sets are found, what gives a missing value. Data sets and forms stand before their variables
(`EX.EXSTDTC`, `ic.ICDAT`); a bare name is a variable of the same data set. "The earliest EX.EXSTDTC
of the subject" is that of the records of EX with the same USUBJID. What R does with the same line
is printed by `cdisc r STUDY DATASET.VARIABLE`.
"""


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    study = yaml.safe_dump(GIVEN["study"], allow_unicode=True)
    dataset = "dataset: DM\nrows: each dm\nkeys: USUBJID\nvariables:\n  SUBJID: dm.SUBJ\n"
    folder = write_study(
        tmp_path_factory.mktemp("methods"), {"sdtm/dm": dataset}, {"dm": "SUBJ\n1\n"}, study
    )
    return resolve(load_study(folder)).vocabulary


def type_of_ref(ref):
    name = str(ref)
    if ref.qualifier is None and (name.isupper() and len(name) == 2 and name in ("EX", "DS")):
        return "records"
    if name == "other":
        return "records"
    if ref.qualifier and ref.qualifier.islower() and not ref.is_other() and name != "study.cutoff":
        return "text"
    if name in NUMBERS or ref.name in NUMBERS:
        return "number"
    for end, kind in (("DTC", "dtc"), ("DTM", "datetime"), ("DT", "date")):
        if ref.name.endswith(end):
            return kind
    return "dtc" if name == "study.cutoff" else "text"


class Scope(VariableScope):
    """A variable for which the standard implies what it implies everywhere."""

    def reference(self, name):
        return {"start": t.Ref(qualifier="DM", name="RFSTDTC")}.get(name) or super().reference(name)


def checked(vocabulary, name, text):
    def locate(start, end):
        return Span("methods.yaml", 1, start + 1, end + 1, text)

    kind = "number" if name in NUMBERS or name == "AVALN" else "text"
    verbs = builtin_verbs()
    scope = Scope(vocabulary, name, kind, decoding={"LBTESTCD": ("C65047",)})
    expression = parse(text, locate)
    tree = expand(expression.tree, verbs, scope)
    checker = Checker(dataclasses.replace(expression, tree=tree), verbs, scope, type_of_ref)
    checker.type_of(tree)
    assert checker.problems == [], (name, checker.problems)
    return checker, scope, tree


def said(vocabulary, name, text):
    checker, scope, tree = checked(vocabulary, name, text)

    def value_of(ref):
        return "2026-06-30" if str(ref) == "study.cutoff" else None

    return English(checker.uses, scope, "ADXX", checker.type_of, value_of).sentence(tree)


def cell(text):
    return text.replace("|", "\\|")


def test_the_page_says_what_the_code_says(vocabulary, golden):
    parts = [HEAD]
    for topic, block in GIVEN["topics"].items():
        rows = [
            f"| `{name}: {cell(text)}` | {cell(said(vocabulary, name, text))} |\n"
            for name, text in block["lines"].items()
        ]
        table = "| Line | Method text |\n| --- | --- |\n" + "".join(rows)
        parts.append(f"\n## {topic}\n\n{block['says']}\n\n{table}")

    golden(PAGE, "".join(parts))


def test_every_verb_has_a_text(vocabulary):
    used = {
        f"{use.verb.form} {use.verb.name}"
        for (_topic, name), text in LINES.items()
        for use in checked(vocabulary, name, text)[0].uses.values()
    }

    assert set(builtin_verbs()) - used == set()


def test_every_kind_of_node_has_a_text():
    def locate(start, end):
        return Span("methods.yaml", 1, start + 1, end + 1, "")

    kinds = {
        type(node).__name__ for text in LINES.values() for node in parse(text, locate).tree.walk()
    }
    every = {
        name
        for name, one in vars(t).items()
        if isinstance(one, type) and issubclass(one, t.Node) and name not in NOT_WRITTEN
    }

    assert every - kinds == set()


@pytest.mark.parametrize(("topic", "name"), LINES, ids=str)
def test_a_text_is_a_sentence(vocabulary, topic, name):
    text = said(vocabulary, name, LINES[topic, name])

    assert text.endswith(".")
    assert not text.endswith("..")
    assert "  " not in text
    assert text.count("(") == text.count(")")
    assert text[0] == text[0].upper() or "." in text.split(" ")[0]
    assert "None" not in text
