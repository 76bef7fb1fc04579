"""An expression as R: the walk over the tree, the same as that to SQL, for a data frame."""

from collections.abc import Mapping
from typing import Final

from cdisc.engine.needs import join_keys
from cdisc.engine.program import Checked, Target
from cdisc.functions.rtext import text as r_text
from cdisc.language import tree as t
from cdisc.language.verb import Scope, Type, Use
from cdisc.rlang.choices import ChoiceR
from cdisc.rlang.frame import Frame
from cdisc.rlang.function import Function, NoRenderingError
from cdisc.rlang.place import Place

_NA: Final[Mapping[str, str]] = {
    "number": "NA_real_",
    "date": "as.Date(NA)",
    "datetime": 'as.POSIXct(NA, tz = "UTC")',
    "boolean": "NA",
}
_SIGNS = {"before": "<", "after": ">", "on or before": "<=", "on or after": ">="}


class Renderer:
    """Renders the expressions of one variable for a data frame.

    Args:
        function: The function that is being written.
        checked: The expression.
        frame: Takes the joins.
        place: What the columns of the frame are called.
    """

    def __init__(self, function: Function, checked: Checked, frame: Frame, place: Place) -> None:
        self.function, self.checked, self.frame, self.place = function, checked, frame, place
        self.scope: Scope = checked.scope

    def at(self, frame: Frame, place: Place) -> "Renderer":
        """Return the same for another data frame."""
        return Renderer(self.function, self.checked, frame, place)

    def type_of(self, node: t.Node) -> Type:
        """Return the type of a node."""
        return self.checked.types(node)

    def typed(self, node: t.Node, kind: Type) -> str:
        """Return the R of a value; a missing one is that of the type."""
        if self.type_of(node) == "missing" and not isinstance(node, t.Case):
            return _NA.get(kind, "NA_character_")
        return self._case(node, kind) if isinstance(node, t.Case) else self.r(node)

    def named(self, name: str, rows: Mapping[str, str]) -> str:
        """Return the name of a named vector with these rows."""
        return self.function.named(name, rows)

    def r(self, node: t.Node) -> str:  # noqa: C901, PLR0911, PLR0912  one line per kind of node
        """Return the R of a node: a vector with NA for missing."""
        match node:
            case t.Text(value=value) | t.Const(value=value):
                if self.type_of(node) == "number":
                    return value
                return r_text(value) if value else "NA_character_"
            case t.Number(value=value):
                return value
            case t.Ref():
                return self._reference(self.checked.target(node), node)
            case t.Copy(source=source):
                return self.r(source)
            case t.Arithmetic():
                return self._arithmetic(node)
            case t.Minus(operand=operand):
                return f"-({self.r(operand)})"
            case t.Compare():
                return self._comparison(node)
            case t.Among(operand=operand, items=items, negated=negated):
                listed = ", ".join(self.r(item) for item in items)
                among = f"{self.r(operand)} %in% {listed if len(items) == 1 else f'c({listed})'}"
                return f"!({among})" if negated else among
            case t.Missing(operand=operand, negated=negated):
                return f"{'!' if negated else ''}is.na({self.r(operand)})"
            case t.Not(operand=operand):
                return f"!holds({self.r(operand)})"
            case t.And(operands=operands):
                return "(" + " & ".join(self.r(one) for one in operands) + ")"
            case t.Or(operands=operands):
                return "(" + " | ".join(self.r(one) for one in operands) + ")"
            case t.Case():
                return self._case(node, self.type_of(node))
            case t.Meant(meaning=meaning):
                return self.r(meaning)
            case t.Aggregate() | t.Flag() | t.Numbering():
                return ChoiceR(self).render(node)
            case t.Call() | t.Step():
                return self._verb(self.checked.uses[id(node)])
        raise TypeError(node)

    def _verb(self, use: Use) -> str:
        if use.verb.r is None:
            raise NoRenderingError(f"{use.verb.form} {use.verb.name}")
        code = use.verb.r(use, self)
        return f'na_if({code}, "")' if use.verb.may_be_empty else code

    def _case(self, node: t.Case, kind: Type) -> str:
        lines = [
            f"{self.r(one.condition)} ~ {self.typed(one.value, kind)}" for one in node.branches
        ]
        if node.default is not None:
            lines.append(f"TRUE ~ {self.typed(node.default, kind)}")
        inside = ",\n".join(lines).replace("\n", "\n  ")
        return f"case_when(\n  {inside}\n)"

    def _arithmetic(self, node: t.Arithmetic) -> str:
        left, right = self.r(node.left), self.r(node.right)
        kind, operand = self.type_of(node), self.type_of(node.left)
        if node.operator == "+" and kind == "text":
            return f"joined({left}, {right})"
        if kind in ("date", "datetime"):
            return f"moved({left}, {'-' if node.operator == '-' else ''}{right})"
        if node.operator == "-" and operand in ("date", "datetime"):
            unit = "days" if operand == "date" else "secs"
            return f'as.numeric(difftime({left}, {right}, units = "{unit}"))'
        if node.operator == "/":
            return f"quotient({left}, {right})"
        return f"({left} {node.operator} {right})"

    def _comparison(self, node: t.Compare) -> str:
        if node.operator in _SIGNS:
            return self._dates(node)
        left, right = self.r(node.left), self.r(node.right)
        match node.operator:
            case "=":
                return f"{left} == {right}"
            case "<>":
                return f"!holds({left} == {right})"
            case "contains":
                return f"contains_text({left}, {right})"
            case "starts with":
                return f"startsWith({left}, {right})"
            case "ends with":
                return f"endsWith({left}, {right})"
        return f"{left} {node.operator} {right}"

    def _dates(self, node: t.Compare) -> str:
        pair = (node.left, node.right)
        kinds = {self.type_of(one) for one in pair}
        if "dtc" in kinds:
            left, right = (self._as_dtc(one) for one in pair)
            if "after" in node.operator:
                left, right = right, left
            strict = "" if node.operator in ("before", "after") else "on_or_"
            return f"dtc_{strict}before({left}, {right})"
        left, right = (
            f"as.Date({self.r(one)})"
            if len(kinds) > 1 and self.type_of(one) == "datetime"
            else self.r(one)
            for one in pair
        )
        return f"{left} {_SIGNS[node.operator]} {right}"

    def _as_dtc(self, node: t.Node) -> str:
        kind = self.type_of(node)
        return f"dtc_of_{kind}({self.r(node)})" if kind in ("date", "datetime") else self.r(node)

    # references -----------------------------------------------------------------

    def _reference(self, target: Target, ref: t.Ref) -> str:
        if target.kind == "constant":
            return r_text(target.name)
        if target.kind == "sequence":
            return ChoiceR(self).sequence()
        self._require_submitted(target, ref)
        column = self.place.column(target, ref)
        if column is not None:
            return column
        program, subject = self.function.program, self.function.program.subject
        if target.qualifier in program.forms:
            table, keys = self.function.form(target.qualifier), [subject]
        elif target.qualifier in program.datasets:
            table = self.function.dataset(target.qualifier)
            keys = [subject, *join_keys(program.datasets, self.place.name, target.qualifier)]
        else:
            raise NoRenderingError(str(ref))
        here = {key if key == subject else self.place.key(key): key for key in keys}
        column = f"{target.qualifier}.{target.name}"
        return self.frame.joined(table, here, column, target.name, exact=True)

    def _require_submitted(self, target: Target, ref: t.Ref) -> None:
        """Refuse a work variable of another dataset, which its file does not have."""
        plan = self.function.program.datasets.get(target.qualifier)
        if plan is None or target.kind in ("own", "another"):
            return
        variable = plan.variables.get(target.name)
        if variable is not None and variable.line.work:
            raise NoRenderingError(f"{ref}, which is not submitted")
