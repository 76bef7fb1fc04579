"""The type of every expression, found before any data are seen.

Types are text, number, dtc (ISO 8601 text), date, datetime and boolean. The text
``''`` is ``missing`` and fits everywhere; a text that is written as an ISO 8601 date,
such as ``'2026-05'``, is a ``literal`` and fits text and dtc alike.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import ClassVar, Unpack, cast

from cdisc.diagnostics import Diagnostic
from cdisc.language import tree as t
from cdisc.language.binding import bind
from cdisc.language.verb import Advice, Scope, Type, Use, Verbs

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T[\d:]+)?)?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TIMES: tuple[Type, ...] = ("dtc", "date", "datetime")


class Checker:
    """Finds the type of each node of one expression and notes what does not fit.

    Args:
        expression: The expression.
        verbs: The verbs that it may use.
        scope: What verbs may ask of the study.
        type_of_ref: Type of a reference, or a diagnostic that says why there is none.
    """

    def __init__(
        self,
        expression: t.Expression,
        verbs: Verbs,
        scope: Scope,
        type_of_ref: Callable[[t.Ref], Type | Diagnostic],
    ) -> None:
        self.expression, self.verbs, self.scope = expression, verbs, scope
        self.type_of_ref = type_of_ref
        self.problems: list[Diagnostic] = []
        self.uses: dict[int, Use] = {}
        # The node is kept beside its type, so that no other one can have its id.
        self._known: dict[int, tuple[t.Node, Type]] = {}

    def type_of(self, node: t.Node) -> Type:
        """Return the type of a node; a mistake is noted once."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = node, self._find(node)
        return known[1]

    def problem(
        self, code: str, fact: str, node: t.Node | None = None, **more: Unpack[Advice]
    ) -> Type:
        """Note a mistake; the type to go on with is missing, which fits everywhere.

        A mistake of a step is shown at its own words, without its operand.
        """
        place = node.words() if isinstance(node, t.Step) else node
        return self._note(code, fact, place, **more)

    def _note(self, code: str, fact: str, place: t.Node | None, **more: Unpack[Advice]) -> Type:
        self.problems.append(Diagnostic(code, fact, self.expression.span(place), **more))
        return "missing"

    def require(self, node: t.Node, *allowed: Type) -> Type:
        """Note a mistake unless the node has one of the types."""
        found = self.type_of(node)
        if fits(found, allowed):
            return found
        needed = " or ".join(article(one) for one in allowed)
        fact = f"this is {article(found)}, and {needed} is needed"
        return self._note("SPEC014", fact, node, help=_mend(node, found, allowed[0]))

    def value_of(self, node: t.Node) -> Type:
        """Return the type of what stands for a value, as no condition does."""
        found = self.type_of(node)
        if found != "boolean":
            return found
        fact = "this is a condition, and a value is needed"
        return self._note("SPEC014", fact, node, help="write: yn(...), which is 'Y' or 'N'")

    def _find(self, node: t.Node) -> Type:
        """Return the type of a node: one method per kind of node."""
        find = self._FINDERS.get(type(node))
        if find is None:
            return self.problem("SPEC014", "this cannot stand here", node)
        return find(self, node)

    def _text(self, node: t.Text) -> Type:
        if not node.value:
            return "missing"
        return "literal" if _DATE.fullmatch(node.value) else "text"

    def _const(self, node: t.Const) -> Type:
        if self.scope.target_type == "number" and _NUMBER.fullmatch(node.value):
            return "number"
        return self._text(t.Text(value=node.value))

    def _number(self, node: t.Number) -> Type:
        if math.isinf(float(node.value)):
            return self.problem("SPEC014", "the number is larger than any that is stored", node)
        return "number"

    def _ref(self, node: t.Ref) -> Type:
        found = self.type_of_ref(node)
        if isinstance(found, Diagnostic):
            self.problems.append(found)
            return "missing"
        if found == "records":
            help_ = f"write {node}.VARIABLE, or any {node} where ..."
            return self._note("SPEC014", f"{node} names records, not a value", node, help=help_)
        return found

    def _copy(self, node: t.Copy) -> Type:
        return self.type_of(node.source)

    def _minus(self, node: t.Minus) -> Type:
        return self.require(node.operand, "number")

    def _missing(self, node: t.Missing) -> Type:
        self.value_of(node.operand)
        return "boolean"

    def _logic(self, node: t.Not | t.And | t.Or) -> Type:
        for child in node.children():
            self.require(child, "boolean")
        return "boolean"

    def _verb(self, node: t.Call | t.Step) -> Type:
        use = bind(node, self.verbs, self.expression.span)
        if isinstance(use, Diagnostic):
            self.problems.append(use)
            operand = [node.operand] if isinstance(node, t.Step) else node.arguments
            for child in operand:
                self.type_of(child)
            return "missing"
        self.uses[id(node)] = use
        return use.verb.rule(use, self)

    def _meant(self, node: t.Meant) -> Type:
        """Check the arguments by the verb's own rule, so that a mistake is told in its words."""
        use = bind(node.written, self.verbs, self.expression.span)
        assert isinstance(use, Use), use  # what does not bind is not expanded
        self.uses[id(node.written)] = use
        before = len(self.problems)
        use.verb.rule(use, self)
        if len(self.problems) > before:
            return "missing"
        found, noted = self.type_of(node.meaning), len(self.problems)
        # English says the arguments as they were written, and some were copied into the meaning.
        for argument in node.written.children():
            self.type_of(argument)
        del self.problems[noted:]
        return found

    def _arithmetic(self, node: t.Arithmetic) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if node.operator == "+" and {left, right} <= {"text", "literal", "dtc", "missing"}:
            return "text"
        if node.operator in "+-" and left in ("date", "datetime"):
            if node.operator == "-" and right == left:
                return "number"
            self.require(node.right, "number")
            return left
        self.require(node.left, "number")
        self.require(node.right, "number")
        return "number"

    def _compare(self, node: t.Compare) -> Type:
        if node.operator in ("contains", "starts with", "ends with"):
            self.require(node.left, "text", "dtc")
            self.require(node.right, "text")
            return "boolean"
        if node.operator in ("before", "after", "on or before", "on or after"):
            self.require(node.left, *_TIMES)
            self.require(node.right, *_TIMES)
            return "boolean"
        left, right = self.value_of(node.left), self.value_of(node.right)
        help_: str | None
        if isinstance(node.right, t.Text) and node.right.value == "":
            fact = "a comparison with missing is never true"
            help_ = "ask with: is missing, is not missing"
            self.problem("SPEC015", fact, node.right, help=help_)
        elif not _comparable(left, right):
            fact = f"{article(left)} cannot be compared with {article(right)}"
            help_ = _mend(node.right, right, left) or _mend(node.left, left, right)
            self.problem("SPEC014", fact, node, help=help_)
        if node.operator in ("<", ">", "<=", ">=") and "dtc" in (left, right):
            fact = f'"{node.operator}" does not compare dates'
            help_ = "write: before, after, on or before, on or after"
            self.problem("SPEC014", fact, node, help=help_)
        return "boolean"

    def _among(self, node: t.Among) -> Type:
        found = self.value_of(node.operand)
        for item in node.items:
            other = self.type_of(item)
            if not _comparable(found, other):
                fact = f"the values compared are {article(found)}"
                self.problem("SPEC014", fact, item, help=_mend(item, other, found))
        return "boolean"

    def _case(self, node: t.Case) -> Type:
        for branch in node.branches:
            self.require(branch.condition, "boolean")
        values = [branch.value for branch in node.branches]
        return self.common([*values, node.default] if node.default else values)

    def common(self, nodes: list[t.Node]) -> Type:
        """Return the type that all nodes share."""
        result: Type = "missing"
        for node in nodes:
            found = self.value_of(node)
            if fits(found, (result,)) or found == "missing":
                continue
            if result == "missing" or fits(result, (found,)):
                result = found
            else:
                before = article(result)
                fact = f"this is {article(found)}, but the values before it are {before}"
                self._note("SPEC014", fact, node, help=_mend(node, found, result))
        return result

    def _clauses(self, node: t.Choice) -> None:
        if node.where is not None:
            self.require(node.where, "boolean")
        for ref in (*node.by, *(ordering.ref for ordering in node.order)):
            # A name of let: has been replaced by its condition.
            if isinstance(ref, t.Ref):
                self.type_of(ref)
            else:
                self._note("SPEC017", "a condition cannot group or order records", ref)
        operand = node.operand if isinstance(node, t.Aggregate) else None
        if isinstance(operand, t.Node) and not isinstance(operand, t.Ref):
            self.type_of(operand)
        for part in (operand, node.where):
            for inner in part.walk() if part else ():
                if isinstance(inner, t.Choice):
                    fact = "a choice or summary cannot stand inside another"
                    self._note("SPEC012", fact, inner, help=_apart(node, inner))
                use = self.uses.get(id(inner))
                if use is not None and use.verb.setwise:
                    fact = f'"{use.verb.name}" looks at all records, and stands in no choice'
                    self._note("SPEC012", fact, inner, help="make it a variable of its own")

    def _flag(self, node: t.Flag) -> Type:
        self._clauses(node)
        return "text"

    def _numbering(self, node: t.Numbering) -> Type:
        self._clauses(node)
        if not node.order:
            help_ = "number by VARIABLE order VARIABLE"
            self.problem("SPEC016", '"number" needs an order', node, help=help_)
        return "number"

    def _records(self, kind: str, node: t.Node) -> None:
        if not isinstance(node, t.Ref):  # a name of let: has been replaced by its condition
            fact = f'"{kind}" takes a data set or a form, and this is a condition'
            self._note("SPEC014", fact, node, help=f"write {kind} DATASET where ...")
            return
        found = self.type_of_ref(node)
        if isinstance(found, Diagnostic):
            self.problems.append(found)
        elif found not in ("records", "missing"):
            help_ = f"write {kind} {node.qualifier or 'DATASET'} where ..."
            fact = f'"{kind}" takes a data set or a form, and {node} is a value'
            self._note("SPEC014", fact, node, help=help_)

    def _aggregate(self, node: t.Aggregate) -> Type:
        self._clauses(node)
        if node.kind in ("count", "any"):
            if node.operand is not None:
                self._records(node.kind, node.operand)
            return "number" if node.kind == "count" else "boolean"
        operand = cast("t.Node", node.operand)
        if node.kind in ("sum", "mean"):
            return self.require(operand, "number")
        found = self.value_of(operand)
        if node.kind in ("first", "last") and not node.order:
            help_ = f"{node.kind} ... order VARIABLE"
            self.problem("SPEC016", f'"{node.kind}" needs an order', node, help=help_)
        return found

    _FINDERS: ClassVar[Mapping[type[t.Node], Callable[..., Type]]] = {
        t.Text: _text,
        t.Const: _const,
        t.Number: _number,
        t.Ref: _ref,
        t.Copy: _copy,
        t.Minus: _minus,
        t.Missing: _missing,
        t.Not: _logic,
        t.And: _logic,
        t.Or: _logic,
        t.Call: _verb,
        t.Step: _verb,
        t.Meant: _meant,
        t.Arithmetic: _arithmetic,
        t.Compare: _compare,
        t.Among: _among,
        t.Case: _case,
        t.BySource: _case,
        t.Flag: _flag,
        t.Numbering: _numbering,
        t.Aggregate: _aggregate,
    }


def fits(found: Type, allowed: tuple[Type, ...]) -> bool:
    """Say whether a value of one type may stand where others are allowed."""
    if found in allowed or found == "missing":
        return True
    if found == "literal":
        return bool({"text", "dtc"} & set(allowed))
    return found == "dtc" and "text" in allowed


def _comparable(left: Type, right: Type) -> bool:
    return fits(left, (right,)) or fits(right, (left,))


def article(found: Type) -> str:
    """Return the type with its article, for messages."""
    names = {
        "text": "a text",
        "number": "a number",
        "dtc": "an ISO 8601 date/time",
        "date": "a date",
        "datetime": "a date with time",
        "time": "a time of day",
        "boolean": "a condition",
        "missing": "missing",
        "literal": "a text",
        "records": "the records of a data set",
    }
    return names[found]


def _apart(node: t.Choice, inner: t.Choice) -> str:
    """Return how to write a choice that stands inside another, as its last ``where`` goes on."""
    joined = node.where
    asked = isinstance(node, t.Aggregate) and node.kind == "any"
    if asked and isinstance(joined, t.And | t.Or) and inner in joined.operands[1:]:
        word = "and" if isinstance(joined, t.And) else "or"
        return f"where takes all that follows it; write: (any ... where ...) {word} (any ...)"
    return "make it a variable of its own"


def _mend(node: t.Node, found: Type, wanted: Type) -> str | None:
    """Return what to type in place of a value of the wrong type, or None."""
    if isinstance(node, t.Number) and wanted == "text":
        return f"write '{node.value}'"
    if isinstance(node, t.Text) and wanted == "number":
        return f"write {node.value}" if _NUMBER.fullmatch(node.value) else None
    return mend(found, wanted)


def mend(found: Type, wanted: Type) -> str | None:
    """Return what to type to make one type into another, or None."""
    table = {
        ("text", "number"): "add: | num",
        ("text", "dtc"): "add: | iso 'd-mmm-y' with the form of the collected dates",
        ("text", "date"): "add: | iso 'd-mmm-y' | date",
        ("dtc", "date"): "add: | date",
        ("datetime", "date"): "write: date(...)",
        ("datetime", "time"): "write: time(...)",
        ("dtc", "datetime"): "add: | impute time first",
        ("number", "text"): "add: | text",
        ("boolean", "text"): "write: yn(...)",
    }
    return table.get((found, wanted))
