"""The data frame of a raw form in R: its records get their number and their subject."""

from cdisc.engine.program import Target
from cdisc.functions.rtext import name as r_name
from cdisc.language import tree as t
from cdisc.rlang.frame import Frame
from cdisc.rlang.function import Function
from cdisc.rlang.place import Others
from cdisc.rlang.render import Renderer


def prepare_form(function: Function, name: str) -> str:
    """Return the statement that prepares the data frame of a form.

    Args:
        function: The function that is being written.
        name: The form.
    """
    form, usubjid = function.program.forms[name], function.program.usubjid
    frame, fields = Frame(r_name(name)), Others(name)
    subject = Renderer(function, form.subject, frame, fields).r(form.subject.expression.tree)
    made = Renderer(function, usubjid, frame, _Subject(subject)).r(usubjid.expression.tree)
    steps = [f"mutate(row = row_number(), {function.program.subject} = {made})"]
    if form.where:
        condition = Renderer(function, form.where, frame, fields)
        steps.append(f"filter({condition.r(form.where.expression.tree)})")
    return f"{r_name(name)} <- {frame.render(*steps)}"


class _Subject:
    """The subject of a form, to which every reference of ``usubjid:`` leads."""

    name = "subject"

    def __init__(self, code: str) -> None:
        self.code = code

    def column(self, target: Target, _ref: t.Ref) -> str | None:
        """Return the subject; no other name means anything there."""
        return None if target.kind == "constant" else self.code

    def key(self, name: str) -> str:
        """Return the name itself: there is nothing to join."""
        return name
