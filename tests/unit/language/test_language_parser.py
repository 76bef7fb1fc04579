from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cdisc.diagnostics import Span
from cdisc.errors import SpecError
from cdisc.functions import builtin_verbs
from cdisc.language import tree as t
from cdisc.language.parser import parse

ROOT = Path(__file__).parents[3]


def tree(text):
    return parsed(text).tree


def parsed(text):
    return parse(text, lambda start, end: Span("f", 1, start + 1, end + 1, text))


def ref(name):
    qualifier, _, variable = name.rpartition(".")
    return t.Ref(qualifier=qualifier or None, name=variable)


def text(value):
    return t.Text(value=value)


def number(value):
    return t.Number(value=value)


def compare(left, operator, right):
    return t.Compare(operator=operator, left=left, right=right)


A, B, C = ref("A"), ref("B"), ref("C")

SHAPES = {
    "A": A,
    "ae.AETERM": ref("ae.AETERM"),
    "DM.RFSTDTC": ref("DM.RFSTDTC"),
    "'text'": text("text"),
    "'it''s'": text("it's"),
    "''": text(""),
    "3": number("3"),
    "2.50": number("2.50"),
    "1e3": number("1e3"),
    "const YEARS": t.Const(value="YEARS"),
    "const 'not hispanic'": t.Const(value="not hispanic"),
    "const 1": t.Const(value="1"),
    "copy DM.AGE": t.Copy(source=ref("DM.AGE")),
    # a pipe binds least, and steps follow each other
    "A | squish": t.Step(name="squish", operand=A, arguments=()),
    "A + B | upper": t.Step(
        name="upper", operand=t.Arithmetic(operator="+", left=A, right=B), arguments=()
    ),
    "A | squish | upper": t.Step(
        name="upper", operand=t.Step(name="squish", operand=A, arguments=()), arguments=()
    ),
    "A | iso 'd-mmm-y' 'y' unknown 'UN'": t.Step(
        name="iso",
        operand=A,
        arguments=(text("d-mmm-y"), text("y"), t.Word(value="unknown"), text("UN")),
    ),
    "A | convert B to test.std": t.Step(
        name="convert",
        operand=A,
        arguments=(t.Word(value="B"), t.Word(value="to"), ref("test.std")),
    ),
    "A | round 2": t.Step(name="round", operand=A, arguments=(number("2"),)),
    "A + (B | upper)": t.Arithmetic(
        operator="+", left=A, right=t.Step(name="upper", operand=B, arguments=())
    ),
    # arithmetic: product before sum, from the left
    "A + B * C": t.Arithmetic(
        operator="+", left=A, right=t.Arithmetic(operator="*", left=B, right=C)
    ),
    "A - B - C": t.Arithmetic(
        operator="-", left=t.Arithmetic(operator="-", left=A, right=B), right=C
    ),
    "(A + B) / C": t.Arithmetic(
        operator="/", left=t.Arithmetic(operator="+", left=A, right=B), right=C
    ),
    "-A": t.Minus(operand=A),
    # conditions: not before and before or
    "A = B or not A = C and B <> C": t.Or(
        operands=(
            compare(A, "=", B),
            t.And(operands=(t.Not(operand=compare(A, "=", C)), compare(B, "<>", C))),
        )
    ),
    "A < B and A <= B and A > B and A >= B": t.And(
        operands=tuple(compare(A, one, B) for one in ("<", "<=", ">", ">="))
    ),
    "(A = B or B = C) and A = C": t.And(
        operands=(t.Or(operands=(compare(A, "=", B), compare(B, "=", C))), compare(A, "=", C))
    ),
    "A before B": compare(A, "before", B),
    "A after B": compare(A, "after", B),
    "A on or before B": compare(A, "on or before", B),
    "A on or after B": compare(A, "on or after", B),
    "A contains 'x'": compare(A, "contains", text("x")),
    "A starts with 'x'": compare(A, "starts with", text("x")),
    "A ends with 'x'": compare(A, "ends with", text("x")),
    "A in ('x', 'y')": t.Among(operand=A, items=(text("x"), text("y")), negated=False),
    "A not in (1)": t.Among(operand=A, items=(number("1"),), negated=True),
    "A is missing": t.Missing(operand=A, negated=False),
    "A is not missing": t.Missing(operand=A, negated=True),
    "not not A is missing": t.Not(operand=t.Not(operand=t.Missing(operand=A, negated=False))),
    # when
    "when A = B then C": t.Case(
        branches=(t.Branch(condition=compare(A, "=", B), value=C),), default=None
    ),
    "when A = B then C when A = C then B else A + B": t.Case(
        branches=(
            t.Branch(condition=compare(A, "=", B), value=C),
            t.Branch(condition=compare(A, "=", C), value=B),
        ),
        default=t.Arithmetic(operator="+", left=A, right=B),
    ),
    "when A is missing then B | upper": t.Step(
        name="upper",
        operand=t.Case(
            branches=(t.Branch(condition=t.Missing(operand=A, negated=False), value=B),),
            default=None,
        ),
        arguments=(),
    ),
    # functions and aggregates
    "study_day(A)": t.Call(name="study_day", arguments=(A,)),
    "coalesce(A, B, 'x')": t.Call(name="coalesce", arguments=(A, B, text("x"))),
    "first(A)": t.Call(name="first", arguments=(A,)),
    "min(A)": t.Call(name="min", arguments=(A,)),
    "min EX.A": t.Aggregate(kind="min", operand=ref("EX.A")),
    "max coalesce(EX.A, EX.B) where EX.C > 0": t.Aggregate(
        kind="max",
        operand=t.Call(name="coalesce", arguments=(ref("EX.A"), ref("EX.B"))),
        where=compare(ref("EX.C"), ">", number("0")),
    ),
    "first A where B = C by A B order B C descending": t.Aggregate(
        kind="first",
        operand=A,
        where=compare(B, "=", C),
        by=(A, B),
        order=(t.Ordering(ref=B, descending=False), t.Ordering(ref=C, descending=True)),
    ),
    "count records by A = 1": compare(
        t.Aggregate(kind="count", operand=None, by=(A,)), "=", number("1")
    ),
    "count EX where EX.A = 1": t.Aggregate(
        kind="count", operand=ref("EX"), where=compare(ref("EX.A"), "=", number("1"))
    ),
    "any EX": t.Aggregate(kind="any", operand=ref("EX")),
    "flag last where A is missing by B order C": t.Flag(
        kind="last",
        where=t.Missing(operand=A, negated=False),
        by=(B,),
        order=(t.Ordering(ref=C, descending=False),),
    ),
    "coalesce(first A order B, C) | squish": t.Step(
        name="squish",
        operand=t.Call(
            name="coalesce",
            arguments=(
                t.Aggregate(kind="first", operand=A, order=(t.Ordering(ref=B, descending=False),)),
                C,
            ),
        ),
        arguments=(),
    ),
}


@pytest.mark.parametrize("expression", SHAPES)
def test_an_expression_has_one_shape(expression):
    assert tree(expression) == SHAPES[expression]


@pytest.mark.parametrize("name", ["first", "count", "flag", "by", "min_x", "order1", "label"])
def test_words_of_the_language_inside_names_are_no_words(name):
    assert tree(f"ae.{name}") == ref(f"ae.{name}")
    assert tree(f"X{name}") == ref(f"X{name}")


@pytest.mark.parametrize(
    ("expression", "column", "fact"),
    [
        ("", 1, "the line ends too early"),
        ("A |", 4, "the line ends too early"),
        ("A | 'x'", 5, "\"'x'\" cannot stand here"),
        ("when A then", 12, "the line ends too early"),
        ("A = = B", 5, '"=" cannot stand here'),
        ("A = 'x", 5, '"\'" cannot stand here'),
        ("(A + B", 7, "the line ends too early"),
        ("A B", 3, '"B" cannot stand here'),
        ("A & B", 3, '"&" cannot stand here'),
        ("A in 'x'", 6, "\"'x'\" cannot stand here"),
        ("const", 6, "the line ends too early"),
        ("ae.", 3, '"." cannot stand here'),
    ],
)
def test_a_text_that_makes_no_sense_is_refused_at_its_column(expression, column, fact):
    with pytest.raises(SpecError) as caught:
        parsed(expression)

    (only,) = caught.value.diagnostics
    assert (only.code, only.span.column, only.fact) == ("SPEC010", column, fact)


def test_every_node_covers_its_own_characters():
    expression = "coalesce(ae.A, 'x') | iso 'y' unknown 'UN' | date"
    found = parsed(expression)

    shown = {
        type(node).__name__: expression[node.start : node.end]
        for node in found.tree.walk()
        if not isinstance(node, t.Step)
    }
    steps = [node.words() for node in found.tree.walk() if isinstance(node, t.Step)]
    assert shown == {
        "Call": "coalesce(ae.A, 'x')",
        "Ref": "ae.A",
        "Text": "'UN'",
        "Word": "unknown",
    }
    assert [expression[node.start : node.end] for node in steps] == [
        "date",
        "iso 'y' unknown 'UN'",
    ]


def test_every_example_of_a_verb_parses_and_uses_it():
    for verb in builtin_verbs().values():
        nodes = list(tree(verb.example).walk())
        kind = t.Step if verb.form == "step" else t.Call
        assert any(isinstance(node, kind) and node.name == verb.name for node in nodes)


def test_what_the_standards_imply_parses():
    found = yaml.load(
        (ROOT / "specs" / "language.yaml").read_text(encoding="utf-8"),
        Loader=yaml.BaseLoader,  # noqa: S506  texts only
    )

    for names in found["implied"].values():
        for expression in names.values():
            assert isinstance(tree(expression), t.Ref | t.Numbering)


VOCABULARY = (
    "A ae.B 'x' 1 ( ) , | + - * / = <> < when then else and or not in is missing first last where "
    "by order descending flag count any records const copy on before after contains"
)
WORDS = st.sampled_from(VOCABULARY.split())


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_any_text_parses_or_is_refused_within_itself(expression):
    try:
        found = parsed(expression)
    except SpecError as error:
        (only,) = error.diagnostics
        assert 1 <= only.span.column <= len(expression) + 1
    else:
        assert all(0 <= one.start <= one.end <= len(expression) for one in found.tree.walk())


def test_a_condition_that_stands_for_a_name_is_placed_where_the_name_is():
    inner = parsed("EX.A > 0").tree
    outer = parsed("min EX.B where dosed")

    found = t.substitute(
        outer.tree, lambda one: t.placed(inner, one) if one.name == "dosed" else None
    )

    assert isinstance(found, t.Aggregate)
    assert found.where == compare(ref("EX.A"), ">", number("0"))
    assert {(node.start, node.end) for node in found.where.walk()} == {(15, 20)}


def test_a_constant_of_several_words_is_written_out_as_it_should_be():
    with pytest.raises(SpecError) as error:
        parsed("const STUDY PARTICIPATION | upper")
    (found,) = error.value.diagnostics
    assert found.help == ("a text of several words stands in quotes: const 'STUDY PARTICIPATION'")
