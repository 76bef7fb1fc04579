"""Toxicity grades of laboratory results, by tables of criteria.

A table holds, for each term, its test codes, its units and a condition for each grade,
written in the mapping language. `grade` stands for the choice among them; `toxicity`
names the term.
"""

from collections.abc import Iterator, Sequence

from cdisc.diagnostics import Diagnostic
from cdisc.functions.lookups import refuse
from cdisc.functions.rtext import text as r_text
from cdisc.functions.rtext import texts as r_texts
from cdisc.functions.sqltext import text
from cdisc.language import tree as t
from cdisc.language.offers import GradedTerm
from cdisc.language.verb import Argument, R, Scope, Sql, Type, Typing, Use, Verb, Words

_ARGUMENTS = (
    Argument("table", "word"),
    Argument("direction", "word", choices=("low", "high")),
    Argument("unit", "value", after=("unit",)),
)
_ORDERED = ("<", "<=", ">", ">=")
_EXACT = (t.Number(value="10"),)


def _terms(use: Use, scope: Scope) -> Sequence[GradedTerm] | Diagnostic:
    """Return the terms of the table in the direction that is asked for."""
    found = scope.grading(use.text("table") or "")
    if isinstance(found, Diagnostic):
        return found
    return [one for one in found if one.direction == use.text("direction")]


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    unit = use.node_of("unit")
    assert unit is not None
    check.require(unit, "text")
    found = _terms(use, check.scope)
    return refuse(found, use, check) if isinstance(found, Diagnostic) else "text"


def _expands(use: Use, scope: Scope) -> t.Node:
    found = _terms(use, scope)
    if isinstance(found, Diagnostic):
        return t.Text(value="")  # the rule says why
    decimals = _Decimals()
    branches = (
        t.Branch(
            condition=_applies(use, one),
            value=t.Case(branches=_grades(one, decimals), default=None),
        )
        for one in found
    )
    return t.Case(branches=tuple(branches), default=_unmatched(use, found))


def _applies(use: Use, term: GradedTerm) -> t.Node:
    """Return the condition that a record holds a result that the term grades."""
    unit = use.node_of("unit")
    assert unit is not None
    test = _among(use.operand, term.tests)
    return test if term.unit is None else t.And(operands=(test, _among(unit, (term.unit,))))


def _among(node: t.Node, values: Sequence[str]) -> t.Node:
    items = tuple(t.Text(value=one) for one in values)
    return t.Among(operand=node, items=items, negated=False)


def _grades(term: GradedTerm, decimals: "_Decimals") -> tuple[t.Branch, ...]:
    known = tuple(
        t.Missing(operand=t.Ref(qualifier=None, name=one), negated=True) for one in term.needs
    )
    return (
        *(
            t.Branch(condition=t.rewritten(condition, decimals.compared), value=t.Text(value=grade))
            for grade, condition in term.grades
        ),
        t.Branch(condition=t.And(operands=known), value=t.Text(value="0")),
    )


class _Decimals:
    """Numbers as decimals, each made once however often a table names it."""

    def __init__(self) -> None:
        self._made: dict[t.Node, t.Node] = {}

    def compared(self, node: t.Node) -> t.Node:
        """Return a comparison of decimals: 1.1 times 3 is 3.3, and not a trifle more."""
        if not isinstance(node, t.Compare) or node.operator not in _ORDERED:
            return node
        left, right = self._of(node.left), self._of(node.right)
        return t.Compare(operator=node.operator, left=left, right=right)

    def _of(self, node: t.Node) -> t.Node:
        if isinstance(node, t.Number):
            return node
        if node not in self._made:
            self._made[node] = t.Step(name="round", operand=node, arguments=_EXACT)
        return self._made[node]


def _unmatched(use: Use, terms: Sequence[GradedTerm]) -> t.Node:
    """Return missing, with a report of a result in a unit that the table does not have."""
    unit = use.node_of("unit")
    assert unit is not None
    value = t.Ref(qualifier=None, name=terms[0].needs[0])
    named = t.Call(name="coalesce", arguments=(unit, t.Text(value="no unit")))
    asked = t.Step(
        name="toxicity",
        operand=use.operand,
        arguments=(
            t.Text(value=use.text("table") or ""),
            t.Word(value=use.text("direction") or ""),
            t.Word(value="unit"),
            named,
        ),
    )
    return t.Case(
        branches=(
            t.Branch(condition=t.Missing(operand=value, negated=False), value=t.Text(value="")),
        ),
        default=asked,
    )


def _english(use: Use, words: Words) -> str:
    unit = use.node_of("unit")
    assert unit is not None
    return (
        f"the toxicity grade of {use.text('direction')} results by {use.text('table')} for the test"
        f" {words.say(use.operand)} with results in {words.say(unit)}: the highest grade whose"
        " criterion is met, '0' where none is; missing for tests that are not graded, and where"
        " the result, or a limit or baseline that decides, is missing"
    )


GRADE = Verb(
    name="grade",
    form="step",
    summary=(
        "The toxicity grade of a result, '0' to '4', by a grading table and in one direction:"
        " CTCAE 4.03, 5.0 or 6.0, DAIDS 2.1 adults, or a table under grades: in study.yaml."
    ),
    missing=(
        "Missing for tests that are not graded, and where the result, or a limit that decides, is"
        " missing; a unit that the table lacks is reported."
    ),
    arguments=_ARGUMENTS,
    rule=_rule,
    sql=lambda use, _out: use.verb.name,
    english=_english,
    values=lambda _use, _scope: tuple((str(one), None) for one in range(5)),
    example="LBTESTCD | grade 'CTCAE 5.0' low unit LBSTRESU",
    source="ADaMIG v1.3, section 3.3.4, ATOXGRL, ATOXGRH",
    expands=_expands,
)


def _cases(use: Use, out: Sql, terms: Sequence[GradedTerm]) -> Iterator[str]:
    unit = use.node_of("unit")
    assert unit is not None
    operand, given = out.column(use.operand), out.column(unit)
    for one in terms:
        tests = ", ".join(text(test) for test in one.tests)
        of_unit = "" if one.unit is None else f" AND {given} = {text(one.unit)}"
        yield f"WHEN {operand} IN ({tests}){of_unit} THEN {text(one.name)}"


def _toxicity_sql(use: Use, out: Sql) -> str:
    terms, unit = _terms(use, out.scope), use.node_of("unit")
    assert not isinstance(terms, Diagnostic)
    assert unit is not None
    result = f"CASE {' '.join(_cases(use, out, terms))} END"
    operand, given = out.column(use.operand), out.column(unit)
    graded = ", ".join(text(one) for one in dict.fromkeys(t for each in terms for t in each.tests))
    out.audit(
        "DATA035",
        f"{operand} IN ({graded}) AND {given} IS NOT NULL AND {result} IS NULL",
        f"concat({operand}, ' in ', {given})",
    )
    return result


def _toxicity_r(use: Use, out: R) -> str:
    terms, unit = _terms(use, out.scope), use.node_of("unit")
    assert not isinstance(terms, Diagnostic)
    assert unit is not None
    operand, given = out.r(use.operand), out.r(unit)
    whens = [
        f"{operand} %in% {r_texts(list(one.tests))}"
        + ("" if one.unit is None else f" & {given} == {r_text(one.unit)}")
        + f" ~ {r_text(one.name)}"
        for one in terms
    ]
    return "case_when(\n  " + ",\n  ".join(whens) + "\n)"


TOXICITY = Verb(
    name="toxicity",
    form="step",
    summary="The term of a grading table under which a result is graded, as ATOXDSCL, ATOXDSCH.",
    missing="Missing for tests that are not graded; a unit that the table lacks is reported.",
    arguments=_ARGUMENTS,
    rule=_rule,
    sql=_toxicity_sql,
    english=lambda use, words: (
        f"the term of {use.text('table')} that grades {use.text('direction')} results of the test"
        f" {words.say(use.operand)}"
    ),
    r=_toxicity_r,
    effect="assigns",
    example="LBTESTCD | toxicity 'CTCAE 5.0' low unit LBSTRESU",
    source="ADaMIG v1.3, section 3.3.4, ATOXDSCL, ATOXDSCH",
)
