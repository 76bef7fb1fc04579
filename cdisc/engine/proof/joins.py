"""References that may find more than one record."""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.engine.needs import aggregate_source
from cdisc.engine.program import Program, Target
from cdisc.engine.proof.places import Place, Study
from cdisc.language import tree as t


def check_joins(place: Place, study: Study) -> Iterator[Diagnostic]:
    """Find references to a dataset or form that has keys which the record at hand has not."""
    program = study.program
    if place.plan is None:
        return
    seen: set[str] = set()
    expression = place.checked.expression
    plain = _plain(place, expression.tree, frozenset())
    for ref in plain if expression.choices else expression.references:
        target = place.checked.target(ref)
        keys = _open_keys(program, place, target)
        if keys and target.qualifier not in seen:
            seen.add(target.qualifier)
            yield Diagnostic(
                "SPEC076",
                f"{ref} may find several records of the subject",
                place.span(ref),
                expected=f"records of {target.qualifier} are told apart by {', '.join(keys)}",
                help=f"choose one: first {ref} where ... order ...",
            )


def _plain(place: Place, node: t.Node, chosen: frozenset[str]) -> Iterator[t.Ref]:
    """Yield references that stand in no choice or summary over what they refer to."""
    if isinstance(node, t.Ref):
        if (node.qualifier or node.name) not in chosen:
            yield node
        return
    if isinstance(node, t.Aggregate):
        source = aggregate_source(node, place.checked)
        chosen |= {source[1]} if source else set()
    for child in node.children():
        yield from _plain(place, child, chosen)


def _open_keys(program: Program, place: Place, target: Target) -> list[str]:
    """Return the keys of what a reference refers to that the record at hand does not fix."""
    assert place.plan is not None
    if target.kind == "form" and target.qualifier in program.forms:
        return list(program.forms[target.qualifier].block.record)
    if target.kind != "other" or target.qualifier not in program.datasets:
        return []
    other = program.datasets[target.qualifier]
    own = place.plan.variables
    return [key for key in other.keys if key != program.subject and key not in own]
