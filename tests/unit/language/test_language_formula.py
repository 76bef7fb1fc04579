"""Functions written in the mapping language: they stand for their body."""

import pytest

from cdisc.language import tree as t
from cdisc.language.formula import formula_head


@pytest.mark.parametrize(
    ("key", "head"),
    [
        ("bmi(weight, height)", ("bmi", ("weight", "height"))),
        ("twice(x)", ("twice", ("x",))),
        ("dosed", None),
        ("Bmi(x)", None),
        ("bmi()", None),
        ("bmi(x) + 1", None),
    ],
)
def test_a_function_is_told_from_a_condition_by_its_parameters(key, head):
    assert formula_head(key) == head


def test_what_a_verb_stands_for_is_what_is_walked():
    written = t.Call(name="twice", arguments=(t.Ref(qualifier=None, name="A"),))
    meaning = t.Ref(qualifier=None, name="B")

    assert [*t.references(t.Meant(written=written, meaning=meaning))] == [meaning]
