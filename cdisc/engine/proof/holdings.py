"""What a value can be: all texts that an expression can give, where that is known."""

import dataclasses
from collections.abc import Collection, Iterable

from cdisc.engine.program import Checked, DatasetPlan, Target, VariablePlan
from cdisc.engine.proof.places import Study
from cdisc.language import tree as t
from cdisc.record import record
from cdisc.spec.dataset import EachBlock, MeltBlock


@record()
class Holding:
    """What a value can be.

    Attributes:
        texts: All texts that it can be; None where that is open.
        missing: Whether it can be missing.
    """

    texts: frozenset[str] | None = None
    missing: bool = True

    @property
    def nothing(self) -> bool:
        """Whether it is always missing."""
        return self.texts is not None and not self.texts and self.missing


OPEN = Holding()
NOTHING = Holding(frozenset())


def _any(holdings: Iterable[Holding]) -> Holding:
    """Return what one of several values can be."""
    found = tuple(holdings)
    missing = any(one.missing for one in found)
    texts: set[str] = set()
    for one in found:
        if one.texts is None:
            return Holding(None, missing)
        texts |= one.texts
    return Holding(frozenset(texts), missing)


class Holdings:
    """Finds what the values of a study can be.

    Args:
        study: The study.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.program = study, study.program
        self._known: dict[tuple[str, str], Holding] = {}

    def of_variable(self, dataset: str, name: str) -> Holding:
        """Return what a variable can be, on the records of its dataset."""
        key = (dataset, name)
        if key not in self._known:
            self._known[key] = OPEN  # what needs itself can be anything
            plan = self.program.datasets.get(dataset)
            variable = plan.variables.get(name) if plan else None
            if plan is not None and variable is not None:
                self._known[key] = self._of_plan(plan, variable)
        return self._known[key]

    def _of_plan(self, plan: DatasetPlan, variable: VariablePlan) -> Holding:
        line = variable.line
        if not is_plain(plan) or line.companion_of or not self.study.sound(variable.checked):
            return OPEN
        return self.of(variable.checked, variable.checked.expression.tree, plan)

    def of(self, checked: Checked, node: t.Node, plan: DatasetPlan | None) -> Holding:
        """Return what a part of an expression can be."""
        match node:
            case t.Text() | t.Const():
                return Holding(frozenset([node.value]), missing=False) if node.value else NOTHING
            case t.Ref():
                return self._of_target(checked.target(node), plan)
            case t.Case():
                parts = [self.of(checked, branch.value, plan) for branch in node.branches]
                parts.append(self.of(checked, node.default, plan) if node.default else NOTHING)
                return _any(parts)
            case t.Call() | t.Step():
                return self._of_verb(checked, node)
            case t.Flag():
                return Holding(frozenset("Y"))
        return self._of_parts(checked, node, plan)

    def _of_parts(self, checked: Checked, node: t.Node, plan: DatasetPlan | None) -> Holding:
        """Return what an expression can be whose value is that of a part, or of none."""
        match node:
            case t.Copy(source=part) | t.Meant(meaning=part):
                return self.of(checked, part, plan)
            case t.Aggregate(kind="first" | "last" | "min" | "max", operand=t.Node() as part):
                return dataclasses.replace(self.of(checked, part, plan), missing=True)
            case t.Arithmetic():
                parts = (self.of(checked, one, plan) for one in (node.left, node.right))
                return NOTHING if any(one.nothing for one in parts) else OPEN
        return OPEN

    def _of_verb(self, checked: Checked, node: t.Call | t.Step) -> Holding:
        use = checked.uses.get(id(node))
        if use is None or use.verb.gives is None:
            return OPEN
        given = use.verb.gives(use, checked.scope)
        return OPEN if given is None else Holding(frozenset(given))

    def _of_target(self, target: Target, plan: DatasetPlan | None) -> Holding:
        if target.kind in ("own", "other", "row", "another") and target.qualifier:
            if target.qualifier in self.program.datasets:
                found = self.of_variable(target.qualifier, target.name)
                own = target.kind == "own"
                return found if own else dataclasses.replace(found, missing=True)
            return self._of_row(target, plan) if plan is not None else OPEN
        if target.kind == "constant" and target.type != "missing":
            return Holding(frozenset([target.name]), missing=False)
        return OPEN

    def _of_row(self, target: Target, plan: DatasetPlan) -> Holding:
        """Return what the code of a test, or one of its cells, or a parameter can be."""
        if not is_plain(plan):
            return OPEN  # its sources are not all that there are
        if (target.qualifier, target.name) == ("param", "code"):
            return Holding(frozenset(param.code for param in plan.params))
        melts = [source.melt for source in plan.sources if source.melt is not None]
        if target.qualifier != "test" or not melts:
            return OPEN
        if target.name == "code":
            return Holding(frozenset(code for source in plan.sources for code in source.tests))
        return self._of_cells(target.name, plan)

    def _of_cells(self, column: str, plan: DatasetPlan) -> Holding:
        texts: set[str] = set()
        for source in plan.sources:
            if source.melt is None or column not in source.melt.tests.columns:
                continue
            fields = self.program.forms[source.name].fields
            at = source.melt.tests.columns.index(column)
            cells = {cells[at] for cells in source.tests.values() if at < len(cells)}
            if fields is None or cells & set(fields):
                return OPEN  # a cell may name a field
            texts |= cells
        return Holding(frozenset(texts - {""}))


def is_plain(plan: DatasetPlan) -> bool:
    """Say whether a variable of a dataset is what its line says on every record."""
    if plan.loaded is None or plan.of is not None:
        return False
    model = plan.loaded.model
    blocks = (one for one in model.rows if isinstance(one, MeltBlock | EachBlock))
    return not (model.records or model.steps or any(one.sets for one in blocks))


def listed(texts: Collection[str], most: int = 12) -> str:
    """Return texts for people, the first of them if they are many."""
    shown = sorted(texts)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
