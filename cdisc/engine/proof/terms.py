"""Texts that a line gives and the codelist of its variable does not have."""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.possible import possible
from cdisc.engine.program import Program, VariablePlan
from cdisc.engine.proof.holdings import listed
from cdisc.engine.proof.places import Place
from cdisc.language import tree as t
from cdisc.record import record


@record()
class Allowed:
    """The values that a variable may have, and who says so."""

    values: frozenset[str]
    name: str


def allowed(program: Program, variable: VariablePlan) -> Allowed | None:
    """Return the closed list of values of a variable, or None if it has none."""
    block, standard = variable.line.block, variable.standard
    if variable.kind != "text":
        return None
    names = standard.codelists if standard else ()
    if block and block.codelist:
        names = (block.codelist,)
    found = [program.vocabulary.codelist(name) for name in names]
    lists = [one for one in found if one is not None]
    if lists and len(lists) == len(found) and not any(one.extensible for one in lists):
        values = frozenset(term.value for one in lists for term in one.terms)
        return Allowed(values, " or ".join(f"{one.code} {one.name}" for one in lists))
    if not names and standard and standard.value_list:
        return Allowed(frozenset(standard.value_list), "the standard")
    return None


def check_terms(place: Place, program: Program) -> Iterator[Diagnostic]:
    """Find texts of a line that the closed codelist of its variable does not have.

    Source:
        SDTMIG v3.4, section 4.3; the extensible flag of the NCI EVS terminology.
    """
    variable = place.variable
    limits = allowed(program, variable) if variable else None
    if variable is None or limits is None:
        return
    tree = place.checked.expression.tree
    texts = {node.value: node for node in _texts(tree)}
    for value, _decode in possible(variable):
        if value not in limits.values:
            yield Diagnostic(
                "SPEC074",
                f'"{value}" is not in the codelist of {variable.name}',
                place.span(texts.get(value)),
                expected=f"{listed(limits.values)} ({limits.name})",
                help=did_you_mean(value, limits.values),
            )


def _texts(node: t.Node) -> Iterator[t.Text]:
    """Yield the texts that an expression gives as they are."""
    match node:
        case t.Text():
            yield node
        case t.Case():
            for branch in node.branches:
                yield from _texts(branch.value)
            if node.default is not None:
                yield from _texts(node.default)
