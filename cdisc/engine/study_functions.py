"""The functions that ``let:`` defines: their bodies, and the rings that they must not form."""

from collections.abc import Mapping

from cdisc.diagnostics import Diagnostic
from cdisc.engine.lines import parse_at
from cdisc.language import tree as t
from cdisc.language.formula import formula, formula_head
from cdisc.language.parser import too_deep
from cdisc.language.verb import Verb, Verbs
from cdisc.spec import LoadedStudy


def study_functions(study: LoadedStudy, known: Verbs, problems: list[Diagnostic]) -> Verbs:
    """Return the functions of a study; what is wrong with them is noted.

    A function may use others, wherever they stand. One that would need itself means nothing.

    Args:
        study: The mapping files.
        known: The verbs that every study has, and those of packages.
        problems: Takes the mistakes.
    """
    heads: dict[str, tuple[str, tuple[str, ...]]] = {}
    bodies: dict[str, t.Node] = {}
    for key, text in study.study.let.items():
        head = formula_head(key)
        if head is None:
            continue
        if f"call {head[0]}" in known:
            span = study.document.span(("let", key), key=True)
            fact = f'"{head[0]}" is a function of the language'
            problems.append(Diagnostic("SPEC002", fact, span, help="give it another name"))
        body = parse_at(study.document, text, ("let", key), problems)
        if body is not None:
            heads[key], bodies[key] = head, body.tree
    for key, mistake in _mistakes(study, heads, bodies).items():
        problems.append(mistake)
        bodies[key] = t.Text(value="")
    found: dict[str, Verb] = {}
    for key, head in heads.items():
        found[f"call {head[0]}"] = formula(head, bodies[key])
    return found


def _mistakes(
    study: LoadedStudy,
    heads: Mapping[str, tuple[str, tuple[str, ...]]],
    bodies: Mapping[str, t.Node],
) -> dict[str, Diagnostic]:
    """Return what is wrong with functions that use others, by their keys."""
    keys = {head[0]: key for key, head in heads.items()}
    uses = {
        key: {keys[n.name] for n in body.walk() if isinstance(n, t.Call) and n.name in keys}
        for key, body in bodies.items()
    }
    found: dict[str, Diagnostic] = {}
    levels: dict[str, int] = {}
    waiting = list(bodies)
    while ready := [key for key in waiting if uses[key] <= levels.keys()]:
        for key in ready:
            levels[key] = t.depth(bodies[key]) + max((levels[one] for one in uses[key]), default=0)
            if levels[key] > t.DEEPEST:
                found[key], levels[key] = too_deep(study.document.span(("let", key))), 0
        waiting = [key for key in waiting if key not in levels]
    for key in waiting:
        ring = _needed(key, uses)
        if key in ring:
            found[key] = _needs_itself(study, key, [heads[one][0] for one in bodies if one in ring])
    return found


def _needed(key: str, uses: Mapping[str, set[str]]) -> set[str]:
    """Return the functions that one needs, and those that these need."""
    found: set[str] = set()
    waiting = set(uses[key])
    while waiting:
        found |= waiting
        waiting = {one for name in waiting for one in uses[name]} - found
    return found


def _needs_itself(study: LoadedStudy, key: str, ring: list[str]) -> Diagnostic:
    span = study.document.span(("let", key), key=True)
    fact = "a function stands for an expression that needs it again"
    if len(ring) > 1:
        fact = f"functions need each other in a ring: {', '.join(ring)}"
    return Diagnostic("SPEC025", fact, span, help="say it without itself")
