"""An expression in English: the text of a method in define.xml."""

from collections.abc import Mapping

from cdisc.language import tree as t
from cdisc.language.verb import Scope, Use

_COMPARE = {
    "=": "equals", "<>": "does not equal", "<": "is less than", "<=": "is at most",
    ">": "is greater than", ">=": "is at least", "before": "is before", "after": "is after",
    "on or before": "is on or before", "on or after": "is on or after",
    "contains": "contains", "starts with": "starts with", "ends with": "ends with",
}
_ARITHMETIC = {"+": "plus", "-": "minus", "*": "multiplied by", "/": "divided by"}
_CHOICES = {
    "first": "the first", "last": "the last", "min": "the earliest or smallest",
    "max": "the latest or largest", "sum": "the sum of", "mean": "the mean of",
}


class English:
    """Says the expressions of one variable.

    Args:
        uses: The verbs of the expression, by node.
        scope: The study as the verbs see it.
        dataset: The dataset whose records are at hand.
    """

    def __init__(self, uses: Mapping[int, Use], scope: Scope, dataset: str) -> None:
        self.uses, self.scope, self.dataset = uses, scope, dataset

    def sentence(self, tree: t.Node) -> str:
        """Return the whole derivation as one sentence."""
        text = self.say(tree)
        return f"{text[:1].upper()}{text[1:]}."

    def say(self, node: t.Node) -> str:  # noqa: C901, PLR0911, PLR0912  one line per kind of node
        """Return the English of a node: a noun phrase, or a clause for a condition."""
        match node:
            case t.Text(value=value) | t.Const(value=value) | t.Word(value=value):
                return f"'{value}'" if value else "missing"
            case t.Number(value=value):
                return value
            case t.Ref():
                return str(node)
            case t.Copy(source=source):
                return f"{source}, unchanged"
            case t.Arithmetic():
                return f"{self._term(node.left)} {_ARITHMETIC[node.operator]} {self._term(node.right)}"
            case t.Minus(operand=operand):
                return f"minus {self.say(operand)}"
            case t.Compare():
                return f"{self.say(node.left)} {_COMPARE[node.operator]} {self.say(node.right)}"
            case t.Among(operand=operand, items=items, negated=negated):
                listed = _listed([self.say(item) for item in items], "or")
                return f"{self.say(operand)} is {'not ' if negated else ''}{listed}"
            case t.Missing(operand=operand, negated=negated):
                return f"{self.say(operand)} is {'not ' if negated else ''}missing"
            case t.Not(operand=operand):
                return f"it does not hold that {self.say(operand)}"
            case t.And(operands=operands):
                return " and ".join(self._clause(one, t.Or) for one in operands)
            case t.Or(operands=operands):
                return " or ".join(self._clause(one, t.And) for one in operands)
            case t.Case():
                return self._case(node)
            case t.Aggregate():
                return self._aggregate(node)
            case t.Flag():
                return self._flag(node)
            case t.Call() | t.Step():
                use = self.uses[id(node)]
                return use.verb.english(use, self)
        raise TypeError(node)

    def _term(self, node: t.Node) -> str:
        text = self.say(node)
        simple = isinstance(node, t.Ref | t.Number | t.Text | t.Const)
        return text if simple else f"({text})"

    def _clause(self, node: t.Node, other: type[t.Node]) -> str:
        return f"({self.say(node)})" if isinstance(node, other) else self.say(node)

    def _case(self, node: t.Case) -> str:
        parts = []
        for number, branch in enumerate(node.branches):
            word = "where" if number == 0 else "otherwise, where"
            parts.append(f"{self.say(branch.value)} {word} {self.say(branch.condition)}")
        if node.default is not None:
            parts.append(f"{self.say(node.default)} otherwise")
        else:
            parts.append("missing otherwise")
        return "; ".join(parts)

    def _aggregate(self, node: t.Aggregate) -> str:
        if node.operand is None:
            what = f"the number of records of {self.dataset}"
        elif node.kind in ("any", "count"):
            name = self.say(node.operand)
            what = f"there is a record of {name}" if node.kind == "any" else f"the number of records of {name}"
        else:
            what = f"{_CHOICES[node.kind]} {self.say(node.operand)}"
        return what + self._clauses(node)

    def _clauses(self, node: t.Aggregate | t.Flag) -> str:
        text = ""
        if node.by:
            text += f" within {_listed([str(ref) for ref in node.by], 'and')}"
        elif isinstance(node, t.Aggregate):
            text += " of the subject"
        if node.where is not None:
            text += f", among the records where {self.say(node.where)}"
        if node.order:
            orders = [f"{one.ref}{' (descending)' if one.descending else ''}" for one in node.order]
            text += f", in the order of {_listed(orders, 'and')}"
        return text

    def _flag(self, node: t.Flag) -> str:
        return f"'Y' on the {node.kind} record{self._clauses(node)}; missing on the others"


def _listed(texts: list[str], word: str) -> str:
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"
