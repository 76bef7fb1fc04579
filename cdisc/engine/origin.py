"""Where a value comes from, read from the expression that makes it."""

from cdisc.dataset import Origin, OriginSource
from cdisc.engine.program import Checked, DatasetPlan, Program, VariablePlan
from cdisc.language import tree as t


def origin_of(program: Program, plan: DatasetPlan, variable: VariablePlan) -> Origin:
    """Return the origin (Define-XML 2.1) of a variable.

    A constant or a coded term is Assigned; a raw field with cleaning steps is
    Collected, with the pages of its form; a bare variable of another dataset in an
    analysis dataset is Predecessor; anything else is Derived.
    """
    line, tree = variable.line, variable.checked.expression.tree
    if line.block and line.block.origin:
        origin = line.block.origin
        return Origin(
            origin,
            line.block.by or ("Investigator" if origin == "Collected" else "Sponsor"),
            _pages(program, variable.checked) if origin == "Collected" else (),
        )
    if line.dictionary:
        return Origin("Assigned", "Sponsor")
    predecessor = _predecessor(program, plan, variable)
    if predecessor:
        return Origin("Predecessor", predecessor=predecessor)
    effects = _effects(variable.checked, tree)
    if "derives" in effects:
        return Origin("Derived", "Sponsor")
    if "collected" in effects and "assigns" not in effects:
        return Origin(
            "Collected", _source(program, variable.checked), _pages(program, variable.checked)
        )
    return Origin("Assigned", "Sponsor")


def _predecessor(program: Program, plan: DatasetPlan, variable: VariablePlan) -> str | None:
    tree = variable.checked.expression.tree
    ref = tree.source if isinstance(tree, t.Copy) else tree
    if plan.stage != "adam" or not isinstance(ref, t.Ref):
        return None
    target = variable.checked.target(ref)
    if target.qualifier in program.datasets and target.kind in ("row", "other"):
        return f"{target.qualifier}.{target.name}"
    return None


def _effects(checked: Checked, node: t.Node) -> set[str]:
    match node:
        case t.Text() | t.Const() | t.Number():
            return {"assigns"} if not isinstance(node, t.Text) or node.value else set()
        case t.Ref():
            return _ref_effects(checked, node)
        case t.Copy():
            return {"derives"}
        case t.Step():
            effect = checked.uses[id(node)].verb.effect
            below = _effects(checked, node.operand)
            return below if effect == "cleans" else below | {effect}
        case t.Call():
            effect = checked.uses[id(node)].verb.effect
            below = set().union(*(_effects(checked, one) for one in node.arguments))
            return below if effect == "cleans" else below | {effect}
        case t.Arithmetic(operator="+") if checked.types(node) == "text":
            return _effects(checked, node.left) | _effects(checked, node.right)
    return {"derives"}


def _ref_effects(checked: Checked, node: t.Ref) -> set[str]:
    target = checked.target(node)
    if target.kind in ("row", "form", "field") and target.qualifier.islower():
        if node.qualifier == "winner":
            return {"derives"}
        said = node.qualifier in ("rows", "param", "supp") or node.name == "code"
        return {"assigns"} if said else {"collected"}
    return {"assigns"} if target.kind == "constant" else {"derives"}


def _forms(program: Program, checked: Checked) -> list[str]:
    """Return the forms that an expression reads, in the order in which it names them."""
    names = dict.fromkeys(target.qualifier for _ref, target in checked.refs())
    return [name for name in names if name in program.forms]


def _pages(program: Program, checked: Checked) -> tuple[str, ...]:
    pages = [page for form in _forms(program, checked) for page in program.forms[form].block.page]
    return tuple(dict.fromkeys(pages))


def _source(program: Program, checked: Checked) -> OriginSource:
    forms = _forms(program, checked)
    return program.forms[forms[0]].block.source if forms else "Investigator"
