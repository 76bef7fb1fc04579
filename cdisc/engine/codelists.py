"""The codelist of a variable: what may occur in this study, extended values marked."""

from collections.abc import Iterable, Iterator

from cdisc.dataset import Codelist, Term
from cdisc.engine.program import DatasetPlan, Program, VariablePlan
from cdisc.language import tree as t
from cdisc.standard import CodelistStandard, Terminology


def codelist_of(
    program: Program, plan: DatasetPlan, variable: VariablePlan, observed: Iterable[str] | None
) -> Codelist | None:
    """Return the codelist of a variable, or None.

    Args:
        program: The study.
        plan: The dataset.
        variable: The variable.
        observed: Distinct values in the data, numbers as text; None if they are too many.

    Returns:
        Published terms in the order of publication, limited to those that occur or
        that the expression can give; then values that the codelist does not hold,
        marked as extended. A sponsor's own codelist where only the expression
        limits the values.
    """
    block = variable.line.block
    if observed is None:
        return None
    names = (block.codelist,) if block and block.codelist else _published(variable)
    values = dict.fromkeys([*(value for value, _ in possible(variable)), *observed])
    decodes = dict(possible(variable))
    for name in names:
        for terminology in program.vocabulary.terminologies:
            found = terminology.codelist(name)
            if found:
                return _limited(found, terminology, values, variable)
    if block and block.codelist:
        terms = program.vocabulary.study.terms.get(block.codelist, {})
        values = dict.fromkeys([*terms.values(), *values])
        return _own(f"{plan.name}.{variable.name}", block.codelist, values, decodes, variable)
    if decodes and not _is_constant(variable):
        return _own(f"{plan.name}.{variable.name}", variable.name, values, decodes, variable)
    return None


def _published(variable: VariablePlan) -> tuple[str, ...]:
    return variable.standard.codelists if variable.standard else ()


def _is_constant(variable: VariablePlan) -> bool:
    """Say whether the values are texts of the expression rather than a verb's own list."""
    tree = variable.checked.expression.tree
    uses = variable.checked.uses
    return not (isinstance(tree, t.Step | t.Call) and uses[id(tree)].verb.values is not None)


def _limited(
    found: CodelistStandard, terminology: Terminology, values: Iterable[str], variable: VariablePlan
) -> Codelist | None:
    wanted = dict.fromkeys(values)
    partner = terminology.partner(found.code)
    names = {term.code: term.value for term in partner.terms} if partner else {}
    terms = [
        Term(term.value, names.get(term.code), term.code)
        for term in found.terms
        if term.value in wanted
    ]
    known = {term.value for term in found.terms}
    terms += [
        Term(value, value if names else None, None, extended=True)
        for value in wanted
        if value not in known
    ]
    extended = sum(term.extended for term in terms)
    if not possible(variable) and extended > len(terms) - extended:
        return None  # a codelist of words for results that are mostly numbers does not limit them
    key = f"CT-{terminology.package.upper()}"
    return Codelist(
        found.submission_value,
        found.name,
        tuple(terms),
        found.code,
        key,
        found.extensible,
        variable.kind,
    )


def _own(
    name: str,
    label: str,
    values: Iterable[str],
    decodes: dict[str, str | None],
    variable: VariablePlan,
) -> Codelist:
    terms = tuple(Term(value, decodes.get(value)) for value in values)
    return Codelist(name, label, terms, kind=variable.kind)


def possible(variable: VariablePlan) -> tuple[tuple[str, str | None], ...]:
    """Return every value that an expression is seen to give, with decodes."""
    return tuple(dict.fromkeys(_possible(variable, variable.checked.expression.tree)))


def _possible(variable: VariablePlan, node: t.Node) -> Iterator[tuple[str, str | None]]:
    match node:
        case t.Text(value=value) | t.Const(value=value):
            if value:
                yield value, None
        case t.Case():
            for branch in node.branches:
                yield from _possible(variable, branch.value)
            if node.default is not None:
                yield from _possible(variable, node.default)
        case t.Flag():
            yield "Y", None
        case t.Call() | t.Step():
            use = variable.checked.uses[id(node)]
            if use.verb.values is not None:
                yield from use.verb.values(use, variable.checked.scope)
