"""An expression in English: the text of a method in define.xml."""

from collections.abc import Callable, Mapping, Sequence
from functools import singledispatchmethod
from typing import ClassVar

from cdisc.language import tree as t
from cdisc.language.verb import Scope, Type, Use

_COMPARE = {
    "=": "equals",
    "<>": "does not equal",
    "<": "is less than",
    "<=": "is at most",
    ">": "is greater than",
    ">=": "is at least",
    "before": "is before",
    "after": "is after",
    "on or before": "is on or before",
    "on or after": "is on or after",
    "contains": "contains",
    "starts with": "starts with",
    "ends with": "ends with",
}
_ARITHMETIC = {"+": "plus", "-": "minus", "*": "multiplied by", "/": "divided by"}
_CHOICES = {
    "first": "the first",
    "last": "the last",
    "min": "the smallest",
    "max": "the largest",
    "sum": "the sum of",
    "mean": "the mean of",
}

_TIMES = {"min": "the earliest", "max": "the latest"}


class English:
    """Says the expressions of one variable.

    Args:
        uses: The verbs of the expression, by node.
        scope: The study as the verbs see it.
        dataset: The dataset whose records are at hand.
        type_of: Type of a node: dates have an earliest, numbers a smallest.
        value_of: Value of a reference to a constant such as ``study.cutoff``, or None.
    """

    def __init__(
        self,
        uses: Mapping[int, Use],
        scope: Scope,
        dataset: str,
        type_of: Callable[[t.Node], Type],
        value_of: Callable[[t.Ref], str | None],
    ) -> None:
        self.uses, self.scope, self.dataset = uses, scope, dataset
        self.type_of, self.value_of = type_of, value_of
        self._beside = False  # whether it is said of another record of the dataset
        self._notes: dict[str, None] = {}
        self._depth = 0  # of lists in lists

    OF_SUBJECT: ClassVar[str] = " of the subject"
    of_subject = OF_SUBJECT

    def sentence(self, tree: t.Node) -> str:
        """Return the whole derivation as one sentence, and the rules that it rests on behind it."""
        self._notes = {}
        text = self.say(tree)
        word = text.split(" ")[0]
        first = f"{text[:1].upper() if word.isalpha() else text[:1]}{text[1:]}."
        return " ".join([first, *self._notes])

    def say(self, node: t.Node) -> str:
        """Return the English of a node: a noun phrase, or a clause for a condition."""
        return self._say(node)

    def after(self, node: t.Node, words: str) -> str:
        """Return the English of a node with words behind it that speak of all of it."""
        said = self.say(node)
        if isinstance(node, t.Arithmetic | t.Case | t.Minus):
            return f"({said}), {words}"
        if " where " in said or "(1) " in said or "(a) " in said:
            return f"{said}; the result {words}"
        return f"{said}, {words}" if " " in said else f"{said} {words}"

    def several(self, nodes: Sequence[t.Node], word: str) -> str:
        """Return the English of nodes one after the other, numbered where they are long."""
        self._depth += 1
        said = [self.say(node) for node in nodes]
        self._depth -= 1
        if len(said) > 1 and any(" " in one and not _is_quoted(one) for one in said):
            marks = "123456789" if self._depth == 0 else "abcdefghi"
            if len(said) <= len(marks):
                said = [f"({mark}) {one}" for mark, one in zip(marks, said, strict=False)]
                return f"{'; '.join(said[:-1])}; {word} {said[-1]}"
        return _listed(said, word)

    def note(self, sentence: str) -> None:
        """Say a sentence once, behind the derivation."""
        self._notes[sentence] = None

    @singledispatchmethod
    def _say(self, node: t.Node) -> str:
        """Return the English of a node: one method per kind of node."""
        raise TypeError(node)

    @_say.register
    def _constant(self, node: t.Text | t.Const | t.Word) -> str:
        return f"'{node.value}'" if node.value else "missing"

    @_say.register
    def _number(self, node: t.Number) -> str:
        return node.value

    @_say.register
    def _ref(self, node: t.Ref) -> str:
        if self._beside and (node.qualifier in (None, self.dataset) or node.is_other()):
            return f"its {node.name}" if node.is_other() else f"{node.name} of this record"
        return self.value_of(node) or str(node)

    @_say.register
    def _copy(self, node: t.Copy) -> str:
        return f"{node.source}, unchanged"

    @_say.register
    def _arithmetic(self, node: t.Arithmetic) -> str:
        if node.operator == "+" and self.type_of(node) == "text":
            parts = _joined_parts(node)
            if not all(isinstance(one, t.Text | t.Const) for one in parts):
                self.note("Missing where one of the joined texts is missing.")
            return f"the concatenation of {self.several(parts, 'and')}"
        left = self._term(node.left, chain=node.operator in "+-")
        text = f"{left} {_ARITHMETIC[node.operator]} {self._term(node.right)}"
        if node.operator == "-" and self.type_of(node) == "number":
            unit = {"date": " (in days)", "datetime": " (in seconds)"}
            text += unit.get(self.type_of(node.left), "")
        else:
            moved = {"date": " day", "datetime": " second"}.get(self.type_of(node), "")
            single = isinstance(node.right, t.Number) and node.right.value == "1"
            text += moved if single or not moved else f"{moved}s"
        if node.operator == "/" and not isinstance(node.right, t.Number):
            self.note("A division by zero gives missing.")
        return text

    @_say.register
    def _minus(self, node: t.Minus) -> str:
        return f"minus {self._term(node.operand)}"

    @_say.register
    def _compare(self, node: t.Compare) -> str:
        return f"{self.say(node.left)} {_COMPARE[node.operator]} {self.say(node.right)}"

    @_say.register
    def _among(self, node: t.Among) -> str:
        operand, items = self.say(node.operand), [self.say(item) for item in node.items]
        if len(items) == 1:
            return f"{operand} {'does not equal' if node.negated else 'equals'} {items[0]}"
        return f"{operand} is {'none' if node.negated else 'one'} of {', '.join(items)}"

    @_say.register
    def _missing(self, node: t.Missing) -> str:
        return f"{self.say(node.operand)} is {'not ' if node.negated else ''}missing"

    @_say.register
    def _not(self, node: t.Not) -> str:
        if isinstance(node.operand, t.Aggregate) and node.operand.kind == "any":
            said = self.say(node.operand)
            for there, none in (("has a record", "has no record"), ("there is an", "there is no ")):
                if there in said:
                    return said.replace(there, none, 1)
        return f"it does not hold that {self.say(node.operand)}"

    @_say.register
    def _and(self, node: t.And) -> str:
        return " and ".join(self._clause(one, t.Or) for one in node.operands)

    @_say.register
    def _or(self, node: t.Or) -> str:
        return " or ".join(self._clause(one, t.And) for one in node.operands)

    @_say.register
    def _verb(self, node: t.Call | t.Step) -> str:
        use = self.uses[id(node)]
        assert use.verb.english is not None, use.verb.name  # only what expands may do without
        return use.verb.english(use, self)

    @_say.register
    def _meant(self, node: t.Meant) -> str:
        use = self.uses[id(node.written)]
        return use.verb.english(use, self) if use.verb.english else self.say(node.meaning)

    def _term(self, node: t.Node, *, chain: bool = False) -> str:
        text = self.say(node)
        simple = isinstance(node, t.Ref | t.Number | t.Text | t.Const)
        simple = simple or (chain and isinstance(node, t.Arithmetic) and node.operator in "+-")
        return text if simple else f"({text})"

    def _clause(self, node: t.Node, other: type[t.Node]) -> str:
        return f"({self.say(node)})" if isinstance(node, other) else self.say(node)

    @_say.register
    def _case(self, node: t.Case) -> str:
        parts = [
            f"if {self.say(one.condition)} then {self._value(one.value)}" for one in node.branches
        ]
        parts.append(self._value(node.default) if node.default is not None else "missing")
        return "; else ".join(parts)

    def _value(self, node: t.Node) -> str:
        return f"({self.say(node)})" if isinstance(node, t.Case) else self.say(node)

    @_say.register
    def _aggregate(self, node: t.Aggregate) -> str:
        if any(ref.is_other() for ref in t.references(node.operand or node)):
            return self._of_another(node)
        if node.operand is None:
            return f"the number of records of {self.dataset}" + self._clauses(node)
        if node.kind == "any":
            return self._any(node)
        if node.kind == "count":
            return f"the number of records of {self.say(node.operand)}" + self._clauses(node)
        if node.kind in ("first", "last"):
            return self._chosen(node)
        if node.kind in ("sum", "mean"):
            self.note("Missing values are passed over.")
        if isinstance(node.operand, t.Ref):
            return f"{self._choice(node)} {self.say(node.operand)}{self._clauses(node)}"
        refs = [ref for ref in t.references(node.operand) if ref.qualifier]
        records = f"the records of {refs[0].qualifier if refs else self.dataset}"
        values = "" if node.kind in ("sum", "mean") else " of the values"
        what = f"{self._choice(node)}{values} ({self.say(node.operand)})"
        return f"{what} over {records}{self._clauses(node)}"

    def _any(self, node: t.Aggregate) -> str:
        assert node.operand is not None
        records = f"record of {self.say(node.operand)}"
        if self.of_subject != self.OF_SUBJECT:
            return f"there is a {records}{self._clauses(node)}"
        where = self._where_and_order(node, "in which")
        within = (
            f" with the same {_listed([str(ref) for ref in node.by], 'and')}" if node.by else ""
        )
        return f"the subject has a {records}{within}{where}"

    def _chosen(self, node: t.Aggregate) -> str:
        """Return the value on the first or last of some records."""
        assert node.operand is not None
        refs = [
            ref  # a stage of this dataset, such as X.base, is this dataset
            for ref in t.references(node.operand)
            if ref.qualifier and ref.qualifier.partition(".")[0] != self.dataset
        ]
        record = f"{node.kind} record" + (f" of {refs[0].qualifier}" if refs else "")
        if not node.by and self.of_subject == self.OF_SUBJECT:
            which = f"the subject's {record}{self._where_and_order(node)}"
        else:
            which = f"the {record}{self._clauses(node)}"
        return f"{self._term(node.operand)} on {which}"

    def _of_another(self, node: t.Aggregate) -> str:
        assert node.operand is not None
        those = f"the other records of {self.dataset} for the subject"
        if node.kind == "any":
            what = f"there is another record of {self.dataset} for the subject"
        elif node.kind == "count":
            what = f"the number of {those.removeprefix('the ')}"
        elif isinstance(node.operand, t.Ref):
            what = f"{self._choice(node)} {node.operand.name} among {those}"
        else:
            self._beside = True
            what = f"{self._choice(node)} ({self.say(node.operand)}) among {those}"
        if node.by:
            what += f" with the same {_listed([str(ref) for ref in node.by], 'and')}"
        self._beside = True
        try:
            said = self._where_and_order(node, "such that")
        finally:
            self._beside = False
        return what + said

    def _choice(self, node: t.Aggregate) -> str:
        assert node.operand is not None
        time = self.type_of(node.operand) in ("dtc", "date", "datetime")
        return _TIMES[node.kind] if time and node.kind in _TIMES else _CHOICES[node.kind]

    def _clauses(self, node: t.Aggregate | t.Flag) -> str:
        text = ""
        if node.by:
            text += f" within {_listed([str(ref) for ref in node.by], 'and')}"
        elif isinstance(node, t.Aggregate):
            text += self.of_subject
        return text + self._where_and_order(node)

    def _where_and_order(self, node: t.Choice, word: str = "where") -> str:
        text = f" {word} {self.say(node.where)}" if node.where is not None else ""
        if not node.order:
            return text
        orders = [
            f"{self.say(one.ref)}{' (descending)' if one.descending else ''}" for one in node.order
        ]
        order = f" in the order of {_listed(orders, 'and')}"
        if word == "where" and text:
            return f"{order}, among the records{text}"
        return text + order

    @_say.register
    def _numbering(self, node: t.Numbering) -> str:
        within = _listed([str(ref) for ref in node.by], "and") if node.by else "the subject"
        text = f"the number of the record, counted from 1 within {within}"
        missing = "" if node.where is None else "; missing on the others"
        return text + self._where_and_order(node) + missing

    @_say.register
    def _flag(self, node: t.Flag) -> str:
        return f"'Y' on the {node.kind} record{self._clauses(node)}; missing on the others"


def _is_quoted(text: str) -> bool:
    return text.startswith("'") and text.endswith("'")


def _joined_parts(node: t.Node) -> list[t.Node]:
    """Return the texts that are joined, in order."""
    if isinstance(node, t.Arithmetic) and node.operator == "+":
        return [*_joined_parts(node.left), *_joined_parts(node.right)]
    return [node]


def _listed(texts: list[str], word: str) -> str:
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"
