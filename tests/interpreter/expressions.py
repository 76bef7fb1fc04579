"""What an expression means for one record, worked out by walking its tree.

Slow and plain on purpose: every rule of the reference stands here once more, in other
words than those of the engine. None is missing; a condition is True or False.
"""

import datetime as dt
import functools
import operator
from pathlib import Path

import yaml

from cdisc.language import tree as t
from tests.interpreter import dates
from tests.interpreter.study import parsed, sortable
from tests.interpreter.verbs import CALLS, STEPS, words

FORMULAS = Path(__file__).parents[2] / "specs" / "formulas.yaml"
DATES = ("before", "after", "on or before", "on or after")
ORDERS = {
    "=": operator.eq, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
    "contains": lambda a, b: b in a,
    "starts with": lambda a, b: a.startswith(b),
    "ends with": lambda a, b: a.endswith(b),
}  # fmt: skip


class Evaluation:
    """Works out expressions for a record.

    Args:
        study: The study.
        here: The record at hand.
        wanted: Type of the variable, for what depends on it.
        inner: The record of a choice or summary that is looked at, if any.
        among: Name of the form or dataset that it belongs to; of the own dataset, None.
    """

    def __init__(self, study, here, wanted=None, inner=None, among=None):
        self.study, self.here, self.wanted = study, here, wanted
        self.inner, self.among = inner, among

    # references ---------------------------------------------------------------------

    def reference(self, ref):
        own = self.inner if self.inner is not None and self.among is None else self.here
        if ref.qualifier == "other":
            return self.study.value(self.inner, ref.name)
        if ref.qualifier is None:
            return self.study.value(own, ref.name)
        if self.inner is not None and ref.qualifier == self.among:
            return self.study.value(self.inner, ref.name)
        if own.dataset and ref.qualifier == own.dataset.source:
            return self.study.value(own.source, ref.name)
        if own.dataset and ref.qualifier == own.dataset.name:
            return self.study.value(own, ref.name)
        return self.found(self.inner or self.here, ref)

    def found(self, record, ref):
        """Return a value of the one record of the subject that agrees in the further keys."""
        other = self.study.datasets.get(ref.qualifier)
        keys = []
        if other and record.dataset:
            keys = [one for one in other.keys if one in record.dataset.lines and one != "USUBJID"]
        matches = [
            one
            for one in self.study.records(ref.qualifier)
            if one.subject == record.subject
            and all(
                self.study.value(record, key) is not None
                and self.study.value(one, key) == self.study.value(record, key)
                for key in keys
            )
        ]
        assert len(matches) <= 1, f"{ref} is not unique"
        return self.study.value(matches[0], ref.name) if matches else None

    # nodes -----------------------------------------------------------------------------

    @functools.singledispatchmethod
    def of(self, node):
        """Return the value of a node."""
        raise TypeError(node)

    @of.register
    def _text(self, node: t.Text):
        return node.value or None

    @of.register
    def _const(self, node: t.Const):
        return float(node.value) if self.wanted == "number" else node.value or None

    @of.register
    def _number(self, node: t.Number):
        return float(node.value)

    @of.register
    def _word(self, node: t.Word):
        return self.reference(t.Ref(qualifier=None, name=node.value))

    @of.register
    def _ref(self, node: t.Ref):
        return self.reference(node)

    @of.register
    def _copy(self, node: t.Copy):
        return self.of(node.source)

    @of.register
    def _minus(self, node: t.Minus):
        value = self.of(node.operand)
        return None if value is None else -value

    @of.register
    def _missing(self, node: t.Missing):
        return (self.of(node.operand) is None) != node.negated

    @of.register
    def _not(self, node: t.Not):
        return not self.of(node.operand)

    @of.register
    def _and(self, node: t.And):
        return all(self.of(one) for one in node.operands)

    @of.register
    def _or(self, node: t.Or):
        return any(self.of(one) for one in node.operands)

    @of.register
    def _case(self, node: t.Case):
        for branch in node.branches:
            if self.of(branch.condition):
                return self.of(branch.value)
        return None if node.default is None else self.of(node.default)

    @of.register
    def _among(self, node: t.Among):
        value = self.of(node.operand)
        inside = value is not None and value in [self.of(item) for item in node.items]
        return inside != node.negated

    @of.register
    def _compare(self, node: t.Compare):
        left, right = self.of(node.left), self.of(node.right)
        if node.operator in DATES:
            return dates.compare(node.operator, left, right)
        if node.operator == "<>":
            return left is None or right is None or left != right
        return left is not None and right is not None and ORDERS[node.operator](left, right)

    @of.register
    def _arithmetic(self, node: t.Arithmetic):
        left, right = self.of(node.left), self.of(node.right)
        if left is None or right is None:
            return None
        if isinstance(left, dt.date):
            return moved(node.operator, left, right)
        if node.operator == "/":
            return None if right == 0 else left / right
        return {"+": operator.add, "-": operator.sub, "*": operator.mul}[node.operator](left, right)

    @of.register
    def _call(self, node: t.Call):
        if node.name in CALLS:
            return CALLS[node.name](self, node)
        names, body = formula(node.name)
        given = dict(zip(names, node.arguments, strict=True))
        return self.of(
            t.substitute(body, lambda ref: None if ref.qualifier else given.get(ref.name))
        )

    @of.register
    def _step(self, node: t.Step):
        return STEPS[node.name](self, node, words(node))

    # choices and summaries ---------------------------------------------------------------

    def source(self, node):
        """Return what a choice or summary runs over: a name, or None for the own dataset."""
        if node.operand is None:
            return None
        own = self.here.dataset.name
        for ref in t.references(node.operand):
            if ref.is_other():
                return "other"
            if ref.qualifier in self.study.found or ref.qualifier in self.study.datasets:
                return None if ref.qualifier == own else ref.qualifier
            if ref.qualifier is None and node.kind in ("count", "any"):
                return ref.name
        return None

    def looked_at(self, source, node):
        """Return an evaluation for each record of the group that meets the condition."""
        own = self.here.dataset.name
        grouping = [one.name for one in node.by]
        if source is None and not grouping:
            grouping = ["USUBJID"]
        for one in self.study.records(own if source in (None, "other") else source):
            if source is not None and one.subject != self.here.subject:
                continue
            if source == "other" and one is self.here:
                continue
            mine = [self.study.value(self.here, name) for name in grouping]
            theirs = [self.study.value(one, name) for name in grouping]
            # among the records at hand, missing is a group; those of others match a value
            if mine != theirs or (source not in (None, "other") and None in mine):
                continue
            inside = Evaluation(self.study, self.here, self.wanted, one, source)
            if node.where is None or inside.of(node.where):
                yield inside

    def ordered(self, found, order):
        """Return evaluations in an order; the place in the file decides what is left open."""
        ordered = sorted(found, key=lambda one: one.inner.place)
        for item in reversed(order):
            # a sort that is turned keeps equal records as they were
            ordered.sort(
                key=lambda one, item=item: sortable(one.of(item.ref)), reverse=item.descending
            )
        return ordered

    @of.register
    def _aggregate(self, node: t.Aggregate):
        operand = node.operand
        if isinstance(operand, t.Call) and operand.name in ("latest", "earliest"):
            sources = {ref.qualifier for ref in t.references(operand) if ref.qualifier}
            if len(sources) > 1:
                return self.spread(node, operand)
        found = list(self.looked_at(self.source(node), node))
        if node.kind == "count":
            return float(len(found))
        if node.kind == "any":
            return bool(found)
        if node.kind in ("first", "last"):
            ordered = self.ordered(found, node.order)
            return ordered[0 if node.kind == "first" else -1].of(operand) if ordered else None
        found.sort(key=lambda one: one.inner.place)
        values = [value for one in found if (value := one.of(operand)) is not None]
        if not values:
            return None
        if node.kind in ("min", "max"):
            return dates.extreme(values, latest=node.kind == "max")
        total = 0.0
        for value in values:
            total += value
        return total if node.kind == "sum" else total / len(values)

    def spread(self, node, operand):
        """Return the latest of the maxima of several sources, or the earliest of the minima."""
        parts = [
            self.of(t.Aggregate(kind=node.kind, operand=one, where=node.where, by=node.by))
            for one in operand.arguments
        ]
        return dates.extreme(parts, latest=node.kind == "max")

    @of.register
    def _flag(self, node: t.Flag):
        ordered = self.ordered(list(self.looked_at(None, node)), node.order)
        chosen = ordered[0 if node.kind == "first" else -1].inner if ordered else None
        return "Y" if chosen is self.here else None

    @of.register
    def _numbering(self, node: t.Numbering):
        ordered = self.ordered(list(self.looked_at(None, node)), node.order)
        places = [one.inner for one in ordered]
        return float(places.index(self.here) + 1) if self.here in places else None


@functools.cache
def formula(name):
    """Return the parameters and the body of a function that is written in the language."""
    for key, one in yaml.safe_load(FORMULAS.read_text(encoding="utf-8")).items():
        head, _, names = key.rstrip(")").partition("(")
        if head == name:
            return [one.strip() for one in names.split(",")], parsed(one["means"])
    raise KeyError(name)


def moved(sign, left, right):
    """Return a date moved by whole days, a date with time by seconds, or what lies between."""
    timed = isinstance(left, dt.datetime)
    if isinstance(right, dt.date):
        between = left - right
        return float(between.total_seconds() if timed else between.days)
    if right != int(right):
        return None
    try:
        step = dt.timedelta(seconds=right) if timed else dt.timedelta(days=right)
        return left + step if sign == "+" else left - step
    except OverflowError:
        return None
