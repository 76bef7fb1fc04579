"""A tree is printed as the text that makes it."""

import inspect

import pytest

from cdisc.language import tree as t
from cdisc.language.parser import parse
from cdisc.language.printer import branches, printed


def tree_of(text):
    return parse(text, lambda start, end: (start, end)).tree


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("ae.AETERM|squish  |  upper", "ae.AETERM | squish | upper"),
        ("'it''s'", "'it''s'"),
        ("const  'Y'", "const Y"),
        ("const 'NOT KNOWN'", "const 'NOT KNOWN'"),
        ("const ''", "const ''"),
        ("const 1.50", "const 1.50"),
        ("copy   DM.RFSTDTC", "copy DM.RFSTDTC"),
        ("A-(B-C)", "A - (B - C)"),
        ("(A-B)-C", "A - B - C"),
        ("A*(B+C)/D", "A * (B + C) / D"),
        ("A/(B*C)", "A / (B * C)"),
        ("- (A + 1)", "-(A + 1)"),
        ("A - -1", "A - -1"),
        ("-(-A)", "-(-A)"),
        ("not A=B and C", "not (A = B) and C"),
        ("not (A and B)", "not (A and B)"),
        ("not dosed", "not dosed"),
        ("A and B or C", "(A and B) or C"),
        ("A and (B or C)", "A and (B or C)"),
        ("(A and B) and C", "(A and B) and C"),
        ("A   on  or before B+1", "A on or before B + 1"),
        ("A starts   with 'x'", "A starts with 'x'"),
        ("A in('x','y')", "A in ('x', 'y')"),
        ("A not  in (1)", "A not in (1)"),
        ("(A = B) = C", "(A = B) = C"),
        ("A  is   not missing", "A is not missing"),
        ("when A then B when C then D else E+1", "when A then B when C then D else E + 1"),
        ("when A then (B|upper) else (const 'x')", "when A then (B | upper) else (const x)"),
        ("when A then B else 'x' | upper", "(when A then B else 'x') | upper"),
        ("when A or (B and C) then D", "when A or (B and C) then D"),
        ("study_day( AESTDTC )", "study_day(AESTDTC)"),
        ("coalesce(A|upper,B)", "coalesce(A | upper, B)"),
        ("A | convert B to (C) for D.E 3 'x'", "A | convert B to (C) for D.E 3 'x'"),
        ("A | s (-1)", "A | s (-1)"),
        ("first X where A='Y' order C descending D by B",
         "first X where A = 'Y' by B order C descending D"),
        ("A-(first B by C order D)", "A - (first B by C order D)"),
        ("count records by A B=1", "(count records by A B) = 1"),
        ("any EX where C", "any EX where C"),
        ("when any EX where A or B then 'Y'", "when any EX where A or B then 'Y'"),
        ("not (any EX where A)", "not (any EX where A)"),
        ("(any EX where A) and B", "(any EX where A) and B"),
        ("max (A+B) where C|date", "max (A + B) where C | date"),
        ("first A where (any B where C) by D", "first A where (any B where C) by D"),
        ("flag last order B where A", "flag last where A order B"),
    ],
)  # fmt: skip
def test_an_expression_has_one_form(written, canonical):
    assert printed(tree_of(written)) == canonical
    assert tree_of(canonical) == tree_of(written)


def test_a_choice_is_told_branch_by_branch():
    tree = tree_of("when A = 'x' then B when C then D else 'E'")

    assert branches(tree) == ("when A = 'x' then B", "when C then D", "else 'E'")
    assert branches(tree_of("A + B")) == ("A + B",)


def test_a_verb_that_was_expanded_is_printed_as_it_was_written():
    written = t.Call(name="chg", arguments=(t.Ref(qualifier=None, name="AVAL"),))
    meant = t.Meant(written=written, meaning=t.Text(value="x"))

    assert printed(t.Minus(operand=meant)) == "-chg(AVAL)"


def test_every_kind_of_node_can_be_printed():
    from cdisc.language.printer import _said

    kinds = {one for _, one in inspect.getmembers(t, inspect.isclass) if issubclass(one, t.Node)}

    assert kinds - set(_said.registry) == {t.Node}


def test_what_is_no_node_of_the_language_is_refused():
    with pytest.raises(TypeError, match="Node has no text of its own"):
        printed(t.Node())
