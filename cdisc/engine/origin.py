"""Where a value comes from, read from the expression that makes it."""

import typing

from cdisc.dataset import Origin, OriginSource, OriginType
from cdisc.engine.program import Checked, DatasetPlan, Program, VariablePlan
from cdisc.language import tree as t


def origin_of(program: Program, plan: DatasetPlan, variable: VariablePlan) -> Origin:
    """Return the origin (Define-XML 2.1) of a variable.

    A constant, a coded term or what a table says of a value is Assigned; a raw field
    with cleaning steps, or a choice between such fields, is Collected, with the pages of its
    forms; a bare variable of another dataset in an analysis dataset is Predecessor;
    anything else is Derived.

    Source:
        CDISC Define-XML terminology, Origin Type (C170449).
    """
    line, tree = variable.line, variable.checked.expression.tree
    if line.no_data:
        return Origin("Not Available")
    if line.block and line.block.origin:
        return _said(program, variable, line.block.origin, line.block.by)
    if line.dictionary:
        return Origin("Assigned", "Sponsor")
    if isinstance(tree, t.BySource) and plan.sources[0].name in program.datasets:
        stages = _stages(program, plan, variable, tree)
        if stages:
            return _together(stages)
    predecessor = _predecessor(program, plan, variable)
    if predecessor:
        return Origin("Predecessor", predecessor=predecessor)
    return _of_effects(program, plan, variable)


def origin_of_piece(
    program: Program, plan: DatasetPlan, variable: VariablePlan, node: t.Node
) -> Origin:
    """Return the origin of the values that one piece of an expression gives; see `origin_of`."""
    if variable.line.block and variable.line.block.origin:
        return _said(program, variable, variable.line.block.origin, variable.line.block.by)
    return _of_effects(program, plan, variable, node)


def _of_effects(
    program: Program, plan: DatasetPlan, variable: VariablePlan, node: t.Node | None = None
) -> Origin:
    """Return the origin by what the steps of an expression, or of a piece of it, do."""
    node = node or variable.checked.expression.tree
    effects = _effects(variable.checked, node)
    if "derives" in effects:
        return Origin("Derived", "Sponsor")
    if "collected" in effects and "assigns" not in effects:
        forms = _forms(program, variable.checked, node, _looked_at(node))
        return Origin("Collected", _source(program, forms), _pages(program, forms))
    if any(target.table for _ref, target in variable.checked.refs()) and not plan.of_subjects:
        return Origin("Protocol", "Sponsor")
    return Origin("Assigned", "Sponsor")


def _stages(
    program: Program, plan: DatasetPlan, variable: VariablePlan, tree: t.BySource
) -> list[Origin]:
    """Return the origin in each stage of ``records:`` that gives a variable values of its own."""
    found = []
    for branch in tree.branches:
        target = variable.checked.target(branch.value) if isinstance(branch.value, t.Ref) else None
        stage = program.datasets.get(target.qualifier) if target else None
        if stage is None or stage is plan or stage.of != plan.shown:
            return []
        if variable.name not in stage.taken:
            found.append(origin_of(program, stage, stage.variables[variable.name]))
    if tree.default is not None and "derives" in _effects(variable.checked, tree.default):
        found.append(Origin("Derived", "Sponsor"))
    return found


def _together(origins: list[Origin]) -> Origin:
    """Return the one origin of a variable whose records have several: derived, if they differ."""
    if len({one.type for one in origins}) == 1:
        return origins[0]
    return Origin("Derived", "Sponsor")


def qualifier_origin(program: Program, parent: DatasetPlan, name: str) -> Origin | None:
    """Return the origin of a supplemental qualifier; None where QORIG is a word of its own."""
    said = parent.qualifiers[name].origin
    variable = parent.variables[f"supp:{name}"]
    if not said:
        return origin_of(program, parent, variable)
    types: tuple[OriginType, ...] = typing.get_args(OriginType)
    known = next((one for one in types if one == said), None)
    return _said(program, variable, known, None) if known else None


def _said(
    program: Program, variable: VariablePlan, origin: OriginType, by: OriginSource | None
) -> Origin:
    """Return an origin that the line says itself, with the pages of what was collected."""
    if origin != "Collected":
        return Origin(origin, by or "Sponsor")
    forms = _forms(program, variable.checked, variable.checked.expression.tree)
    return Origin(origin, by or _source(program, forms), _pages(program, forms))


def _predecessor(program: Program, plan: DatasetPlan, variable: VariablePlan) -> str | None:
    tree = variable.checked.expression.tree
    ref = tree.source if isinstance(tree, t.Copy) else tree
    if plan.stage != "adam" or not isinstance(ref, t.Ref):
        return None
    target = variable.checked.target(ref)
    other = program.datasets.get(target.qualifier)
    if other is None or target.kind not in ("row", "other"):
        return None
    before = other.variables[target.name]
    if other.submitted and not before.line.work:
        return f"{target.qualifier}.{target.name}"
    return _predecessor(program, other, before)  # what is not submitted has a predecessor itself


def _effects(checked: Checked, node: t.Node) -> set[str]:
    match node:
        case t.Text() | t.Const() | t.Number():
            return {"assigns"} if not isinstance(node, t.Text) or node.value else set()
        case t.Ref():
            return _ref_effects(checked, node)
        case t.Step():
            effect = checked.uses[id(node)].verb.effect
            if effect == "assigns" and isinstance(node.operand, t.Ref):
                return {"assigns"}  # what a table or a codelist says of a value, whatever made it
            below = _effects(checked, node.operand)
            return below if effect == "cleans" else below | {effect}
        case t.Call():
            verb = checked.uses[id(node)].verb
            effect = verb.effect
            # beside the values stand numbers that say how, such as which characters
            several = any(one.many for one in verb.arguments) or effect != "cleans"
            values = node.arguments if several else node.arguments[:1]
            if effect == "cleans":
                values = tuple(one for one in values if not isinstance(one, t.Number))
            below = set().union(*(_effects(checked, one) for one in values))
            return below if effect == "cleans" else below | {effect}
        case t.Meant():
            return {checked.uses[id(node.written)].verb.effect}
        case t.Case() | t.Arithmetic():
            return _effects_of_parts(checked, node)
    return {"derives"}


def _effects_of_parts(checked: Checked, node: t.Case | t.Arithmetic) -> set[str]:
    """Return those of texts that are joined, or of the values among which is chosen.

    Which of several collected values a record has is no derivation of it: it stands on the
    page as it was collected. Which constant it has, is one.
    """
    parts: list[t.Node | None]
    if isinstance(node, t.Case):
        parts = [*(one.value for one in node.branches), node.default]
    elif node.operator == "+" and checked.types(node) == "text":
        parts = [node.left, node.right]
    else:
        return {"derives"}
    found = set().union(*(_effects(checked, one) for one in parts if one))
    chosen = isinstance(node, t.Case) and not isinstance(node, t.BySource)
    return {"derives"} if chosen and found != {"collected"} else found


def _ref_effects(checked: Checked, node: t.Ref) -> set[str]:
    target = checked.target(node)
    if target.table:
        return {"assigns"}
    if target.kind in ("row", "form", "field") and target.qualifier.islower():
        if node.qualifier == "winner" or (node.qualifier, node.name) == ("param", "start"):
            return {"derives"}
        said = node.qualifier in ("rows", "param", "supp", "relate") or node.name == "code"
        return {"assigns"} if said else {"collected"}
    return {"assigns"} if target.kind == "constant" else {"derives"}


def _forms(
    program: Program, checked: Checked, node: t.Node, without: frozenset[int] = frozenset()
) -> dict[str, tuple[str, ...]]:
    """Return the forms that a part of an expression reads, as it names them, with the fields."""
    inside = {id(ref) for ref in t.references(node)}
    whole = node is checked.expression.tree
    found: dict[str, list[str]] = {}
    for ref, target in checked.refs():
        there = (whole or id(ref) in inside) and id(ref) not in without
        if there and target.qualifier in program.forms:
            found.setdefault(target.qualifier, []).append(target.name)
    return {form: tuple(dict.fromkeys(names)) for form, names in found.items()}


def _looked_at(node: t.Node) -> frozenset[int]:
    """Return the references that choices look at, and do not give."""
    cases = (one for one in node.walk() if isinstance(one, t.Case))
    conditions = (branch.condition for one in cases for branch in one.branches)
    return frozenset(id(ref) for one in conditions for ref in t.references(one))


def _pages(program: Program, forms: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the pages of the fields where they are known, else those of their forms."""
    pages = (page for form, names in forms.items() for page in program.pages(form, names))
    return tuple(dict.fromkeys(pages))


def _source(program: Program, forms: dict[str, tuple[str, ...]]) -> OriginSource:
    first = next(iter(forms), None)
    return program.forms[first].block.source if first else "Investigator"
