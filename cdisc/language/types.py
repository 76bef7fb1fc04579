"""The type of every expression, found before any data are seen.

Types are text, number, dtc (ISO 8601 text), date, datetime and boolean. The text
``''`` is ``missing`` and fits everywhere; a literal fits text and number alike.
"""

from collections.abc import Callable
from typing import cast

from cdisc.diagnostics import Diagnostic
from cdisc.language import tree as t
from cdisc.language.verb import Misuse, Scope, Type, Use, Verbs, bind

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
        self._known: dict[int, Type] = {}

    def type_of(self, node: t.Node) -> Type:
        """Return the type of a node; a mistake is noted once."""
        if id(node) not in self._known:
            self._known[id(node)] = self._find(node)
        return self._known[id(node)]

    def problem(
        self, code: str, fact: str, node: t.Node | None = None, **more: str | None
    ) -> Type:
        """Note a mistake; the type to go on with is the target's."""
        span = self.expression.span(node)
        self.problems.append(Diagnostic(code, fact, span, **more))  # type: ignore[arg-type]  # expected, help
        return self.scope.target_type

    def require(self, node: t.Node, *allowed: Type) -> Type:
        """Note a mistake unless the node has one of the types."""
        found = self.type_of(node)
        if fits(found, allowed):
            return found
        return self.problem(
            "SPEC014",
            f"this is {article(found)}, and {' or '.join(article(one) for one in allowed)} is needed",
            node,
            help=mend(found, allowed[0]),
        )

    def _find(self, node: t.Node) -> Type:  # noqa: PLR0911, C901  one line per kind of node
        match node:
            case t.Text(value=value):
                return "missing" if value == "" else "literal"
            case t.Const(value=value):
                return "missing" if value == "" else "literal"
            case t.Number():
                return "number"
            case t.Ref():
                return self._ref(node)
            case t.Copy(source=source):
                return self.type_of(source)
            case t.Arithmetic():
                return self._arithmetic(node)
            case t.Minus(operand=operand):
                return self.require(operand, "number")
            case t.Compare():
                return self._compare(node)
            case t.Among(operand=operand, items=items):
                return self._among(operand, items)
            case t.Missing(operand=operand):
                self.type_of(operand)
                return "boolean"
            case t.Not() | t.And() | t.Or():
                for child in node.children():
                    self.require(child, "boolean")
                return "boolean"
            case t.Case():
                return self._case(node)
            case t.Aggregate():
                return self._aggregate(node)
            case t.Flag():
                self._clauses(node)
                return "text"
            case t.Call() | t.Step():
                return self._verb(node)
        return self.problem("SPEC014", "this cannot stand here", node)

    def _ref(self, node: t.Ref) -> Type:
        found = self.type_of_ref(node)
        if isinstance(found, Diagnostic):
            self.problems.append(found)
            return self.scope.target_type
        return found

    def _verb(self, node: t.Call | t.Step) -> Type:
        try:
            use = bind(node, self.verbs, self.expression.span)
        except Misuse as misuse:
            self.problems.append(misuse.diagnostic)
            operand = [node.operand] if isinstance(node, t.Step) else node.arguments
            for child in operand:
                self.type_of(child)
            return self.scope.target_type
        self.uses[id(node)] = use
        return use.verb.rule(use, self)

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
        left, right = self.type_of(node.left), self.type_of(node.right)
        if isinstance(node.right, t.Text) and node.right.value == "":
            self.problem(
                "SPEC015", "a comparison with missing is never true", node.right,
                help="ask with: is missing, is not missing",
            )
        elif not _comparable(left, right):
            self.problem(
                "SPEC014",
                f"{article(left)} cannot be compared with {article(right)}",
                node,
                help=mend(right, left) or mend(left, right),
            )
        if node.operator in ("<", ">", "<=", ">=") and "dtc" in (left, right):
            self.problem(
                "SPEC014", f'"{node.operator}" does not compare dates', node,
                help="write: before, after, on or before, on or after",
            )
        return "boolean"

    def _among(self, operand: t.Node, items: tuple[t.Node, ...]) -> Type:
        found = self.type_of(operand)
        for item in items:
            if not _comparable(found, self.type_of(item)):
                self.problem("SPEC014", f"the values compared are {article(found)}", item,
                             help=mend(self.type_of(item), found))
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
            found = self.type_of(node)
            if fits(found, (result,)) or found == "missing":
                continue
            if result == "missing" or fits(result, (found,)):
                result = found
            else:
                self.problem(
                    "SPEC014",
                    f"this is {article(found)}, but the values before it are {article(result)}",
                    node,
                    help=mend(found, result),
                )
        return result

    def _clauses(self, node: t.Aggregate | t.Flag) -> None:
        if node.where is not None:
            self.require(node.where, "boolean")
        for ref in (*node.by, *(ordering.ref for ordering in node.order)):
            self.type_of(ref)

    def _aggregate(self, node: t.Aggregate) -> Type:
        self._clauses(node)
        if node.kind in ("count", "any"):
            return "number" if node.kind == "count" else "boolean"
        operand = cast("t.Node", node.operand)
        if node.kind in ("sum", "mean"):
            return self.require(operand, "number")
        found = self.type_of(operand)
        if node.kind in ("first", "last") and not node.order:
            self.problem(
                "SPEC016", f'"{node.kind}" needs an order', node,
                help=f"{node.kind} ... order VARIABLE",
            )
        return found


def fits(found: Type, allowed: tuple[Type, ...]) -> bool:
    """Say whether a value of one type may stand where others are allowed."""
    if found in allowed or found == "missing":
        return True
    if found == "literal":
        return bool({"text", "number", "dtc"} & set(allowed))
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
        "boolean": "a condition",
        "missing": "missing",
        "literal": "a constant",
    }
    return names[found]


def mend(found: Type, wanted: Type) -> str | None:
    """Return what to type to make one type into another, or None."""
    table = {
        ("text", "number"): "add: | num",
        ("text", "dtc"): "add: | iso 'd-mmm-y' with the form of the collected dates",
        ("text", "date"): "add: | iso 'd-mmm-y' | date",
        ("dtc", "date"): "add: | date",
        ("datetime", "date"): "write: date(...)",
        ("dtc", "datetime"): "add: | impute time first",
        ("number", "text"): "add: | text",
        ("boolean", "text"): "write: yn(...)",
    }
    return table.get((found, wanted))
