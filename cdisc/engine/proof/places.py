"""Where the expressions of a study stand, and which of them can be relied on."""

import dataclasses
from collections.abc import Iterable, Iterator

from cdisc.diagnostics import Diagnostic, Span
from cdisc.engine.program import Checked, DatasetPlan, FormPlan, Program, VariablePlan
from cdisc.language import tree as t
from cdisc.language.verb import Use
from cdisc.record import kept, record


@record()
class Place:
    """An expression that a person wrote.

    Attributes:
        checked: What it means.
        plan: The dataset that it belongs to; None for a form's own.
        variable: The variable that it makes; None for a condition.
        check: It is one of the ``checks:``.
    """

    checked: Checked
    plan: DatasetPlan | None
    variable: VariablePlan | None = None
    check: bool = False

    @kept
    def written(self) -> tuple[t.Node, ...]:
        """The nodes of the tree that a person wrote: not what a verb stands for."""
        return tuple(_written(self.checked.expression.tree))

    def text(self, node: t.Node) -> str:
        """Return a part of the expression as it was written, on one line."""
        return " ".join(self.checked.expression.text[node.start : node.end].split())

    def span(self, node: t.Node | None = None) -> Span:
        """Return the place of a part in the file, without the operand of a step."""
        place = node.words() if isinstance(node, t.Step) else node
        return self.checked.expression.span(place)

    def use(self, node: t.Node) -> Use | None:
        """Return the verb that a node uses, or None if it uses none."""
        return self.checked.uses.get(id(node))


class Study:
    """A study as proofs look at it.

    Args:
        program: The study.
        mistakes: What is wrong with it: nothing is said of the lines concerned.
    """

    def __init__(self, program: Program, mistakes: Iterable[Diagnostic] = ()) -> None:
        self.program = program
        self.mistakes = tuple(mistakes)
        self._wrong = {(one.span.file, one.span.line) for one in self.mistakes if one.span}
        self.places = tuple(self._places())

    def sound(self, checked: Checked) -> bool:
        """Say whether nothing is wrong with an expression."""
        expression = checked.expression
        if not self._wrong:
            return True
        first = expression.locate(0, 1)
        last = expression.locate(max(len(expression.text) - 1, 0), len(expression.text))
        lines = range(first.line, last.line + 1)
        wrong = any((first.file, line) in self._wrong for line in lines)
        return checked.sound and not wrong

    def _places(self) -> Iterator[Place]:
        for form in self.program.forms.values():
            yield from self._in(form, None)
        for plan in self.program.datasets.values():
            yield from self._in(plan, plan)
            for variable in plan.variables.values():
                line = variable.line
                made = line.implied or line.companion_of or line.copied or line.dictionary
                if not (made or line.quiet) and self.sound(variable.checked):
                    yield Place(variable.checked, plan, variable)

    def _in(self, holder: DatasetPlan | FormPlan, plan: DatasetPlan | None) -> Iterator[Place]:
        checks = plan.checks if plan else ()
        for field in dataclasses.fields(holder):
            if field.name not in ("variables", "loaded", "standard"):
                for checked in _held(getattr(holder, field.name)):
                    if self.sound(checked):
                        yield Place(checked, plan, check=checked in checks)


def _held(part: object) -> Iterator[Checked]:
    """Yield the expressions that a part of a plan holds, however deep."""
    if isinstance(part, Checked):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _held(one)
    elif dataclasses.is_dataclass(part) and not isinstance(part, Span | VariablePlan):
        for field in dataclasses.fields(part):
            yield from _held(getattr(part, field.name))


def _written(tree: t.Node) -> Iterator[t.Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += (node.written,) if isinstance(node, t.Meant) else node.children()[::-1]
