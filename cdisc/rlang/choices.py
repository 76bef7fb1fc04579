"""Choices and summaries as R: a data frame with one row a group, joined where it is asked."""

from typing import TYPE_CHECKING, Final

from cdisc.engine.needs import aggregate_source, is_correlated, operand_sources
from cdisc.functions.rtext import name as r_name
from cdisc.language import tree as t
from cdisc.rlang.frame import Frame, selected
from cdisc.rlang.place import Matched, Others, Place

if TYPE_CHECKING:
    from cdisc.rlang.render import Renderer

_SUMMARIES: Final = {
    "first": "first({0})",
    "last": "last({0})",
    "min": "minimum({0})",
    "max": "maximum({0})",
    "sum": "total({0})",
    "mean": "mean_of({0})",
    "count": "as.numeric(n())",
    "any": "TRUE",
}
_NONE: Final = {"count": "coalesce({0}, 0)", "any": "coalesce({0}, FALSE)"}
_SPREAD = {("max", "latest"), ("min", "earliest")}


class ChoiceR:
    """Renders what looks at more records than the one at hand.

    Args:
        out: Renders the expression.
    """

    def __init__(self, out: "Renderer") -> None:
        self.out, self.function = out, out.function
        self.subject = self.function.program.subject

    def render(self, node: t.Choice) -> str:
        """Return the R of the value for the record at hand."""
        if isinstance(node, t.Flag):
            return self._flag(node)
        if isinstance(node, t.Numbering):
            return self._numbering(node)
        operand = node.operand
        if (
            isinstance(operand, t.Call)
            and (node.kind, operand.name) in _SPREAD
            and len(operand_sources(node)) > 1
        ):
            return self._spread(node, operand)
        return self._aggregate(node)

    def _spread(self, node: t.Aggregate, operand: t.Call) -> str:
        """Return ``max latest(A.X, B.Y)`` as the latest of the maxima."""
        parts = (
            t.Aggregate(kind=node.kind, operand=one, where=node.where, by=node.by, order=node.order)
            for one in operand.arguments
        )
        return f"{operand.name}({', '.join(self._aggregate(one) for one in parts)})"

    def _aggregate(self, node: t.Aggregate) -> str:
        source = aggregate_source(node, self.out.checked)
        names = [ref.name for ref in node.by]
        if source is None:
            keys = names or [self.subject]
            return self._summary(node, self._own_frame(), self.out.place, keys, exact=False)
        if is_correlated(node, self.out.checked):
            return self._correlated(node, *source)
        keys = [self.subject, *(one for one in names if one != self.subject)]
        return self._summary(node, Frame(self._table(*source)), Others(source[1]), keys, exact=True)

    def _table(self, kind: str, name: str) -> str:
        return self.function.form(name) if kind == "form" else self.function.dataset(name)

    def _here(self) -> str:
        """Return the data frame whose records choose among themselves."""
        return self.out.frame.start

    def _own_frame(self) -> Frame:
        return Frame(self._here(), set(self.out.frame.present))

    def _summary(
        self,
        node: t.Aggregate,
        frame: Frame,
        place: Place,
        keys: list[str],
        *,
        exact: bool,
    ) -> str:
        inner = self.out.at(frame, place)
        steps = self._narrowed(inner, node)
        counted = node.kind in ("count", "any")
        value = inner.r(node.operand) if node.operand is not None and not counted else ""
        if isinstance(place, Matched):
            frame.start = self._pairs(place, node)
        summary = _SUMMARIES[node.kind].format(value)
        name = self.function.fresh(f"{node.kind}_{place.name}")
        made = frame.render(
            *steps,
            f"group_by({', '.join(r_name(one) for one in keys)})",
            f'summarise({name} = {summary}, .groups = "drop")',
        )
        self.function.add(f"{name} <- {made}")
        column = self.out.frame.joined(name, {one: one for one in keys}, name, name, exact=exact)
        return _NONE.get(node.kind, "{0}").format(column)

    def _narrowed(self, inner: "Renderer", node: t.Choice) -> list[str]:
        """Return the steps that take some of the records and put them in order."""
        steps = [f"filter({_bare(inner.r(node.where))})"] if node.where is not None else []
        return [*steps, *ordered(inner, node.order)]

    # another record for each record ---------------------------------------------

    def _correlated(self, node: t.Aggregate, kind: str, name: str) -> str:
        own = self.function.own
        self.function.numbered()
        beside = kind == "another"
        # The record at hand may have values of its source under the name of that dataset.
        apart = f"all_{name}" if name in own.sources else name
        place = Matched(name, "other" if beside else apart, own, beside)
        if not beside:
            self._table(kind, name)
        return self._summary(node, self._own_frame(), place, ["record"], exact=False)

    def _pairs(self, place: Matched, node: t.Aggregate) -> str:
        """Return the pairs of each record at hand with the others of the subject."""
        keys = [self.subject, *(ref.name for ref in node.by if ref.name != self.subject)]
        columns = {key: key for key in keys}
        columns |= {"other.record": "record"} if place.beside else {}
        columns |= place.taken
        by = ", ".join(f'"{key}"' for key in keys)
        listed = by if len(keys) == 1 else f"c({by})"
        never = ', na_matches = "never"' if len(keys) > 1 and not place.beside else ""
        start = (
            f"{self._here()} %>%\n"
            f"  inner_join(select({r_name(place.name)}, {selected(columns)}), by = {listed}{never})"
        )
        return start + (" %>%\n  filter(other.record != record)" if place.beside else "")

    # records among themselves ---------------------------------------------------

    def _flag(self, node: t.Flag) -> str:
        chosen = "slice(1)" if node.kind == "first" else "slice(n())"
        return self._chosen(node, node.kind, [chosen], '"Y"')

    def _numbering(self, node: t.Numbering) -> str:
        return self._chosen(node, "number", [], "as.numeric(row_number())")

    def _chosen(self, node: t.Flag | t.Numbering, stem: str, choice: list[str], value: str) -> str:
        frame = self._own_frame()
        inner = self.out.at(frame, self.out.place)
        steps = self._narrowed(inner, node)
        groups = [ref.name for ref in node.by] or [self.subject]
        return self._told(frame, [*steps, *self._each(groups, choice, stem, value)])

    def sequence(self) -> str:
        """Return the number of a record within subject, in key order."""
        order = [
            text for key in self.function.plan.keys for text in (f"!is.na({key})", r_name(key))
        ]
        steps = [f"arrange({', '.join(order)})"]
        more = self._each([self.subject], [], "number", "as.numeric(row_number())")
        return self._told(self._own_frame(), [*steps, *more])

    def _each(self, groups: list[str], choice: list[str], stem: str, value: str) -> list[str]:
        self.function.numbered()
        self.name = self.function.fresh(f"{stem}_{self.function.plan.name}")
        return [
            f"group_by({', '.join(r_name(one) for one in groups)})",
            *choice,
            f"mutate({self.name} = {value})",
            "ungroup()",
            f"select(record, {self.name})",
        ]

    def _told(self, frame: Frame, steps: list[str]) -> str:
        self.function.add(f"{self.name} <- {frame.render(*steps)}")
        return self.out.frame.joined(
            self.name, {"record": "record"}, self.name, self.name, exact=False
        )


def ordered(out: "Renderer", order: tuple[t.Ordering, ...]) -> list[str]:
    """Return the step that puts records in order, missing first as SAS does; or none."""
    keys = []
    for one in order:
        key = out.r(one.ref)
        keys += [f"desc({key})"] if one.descending else [f"!is.na({key})", key]
    return [f"arrange({', '.join(keys)})"] if keys else []


def _bare(condition: str) -> str:
    """Return a condition without the parentheses around all of it."""
    if not condition.startswith("("):
        return condition
    depth = 0
    for n, one in enumerate(condition):
        depth += {"(": 1, ")": -1}.get(one, 0)
        if depth == 0 and n < len(condition) - 1:
            return condition
    return condition[1:-1]
