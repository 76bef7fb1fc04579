"""A script for one variable: helper functions, tables, and the function that derives it."""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.engine.meaning import ROW_VALUES
from cdisc.engine.program import Program, Target, VariablePlan
from cdisc.engine.said import method_text
from cdisc.errors import OutputError
from cdisc.functions.rtext import name as r_name
from cdisc.functions.rtext import text as r_text
from cdisc.rlang.forms import prepare_form
from cdisc.rlang.function import Function, NoRenderingError
from cdisc.rlang.records import add_records
from cdisc.rlang.render import Renderer
from cdisc.rlang.semantics import used_by

_OWN = ("own", "another")
_HEAD = """\
library(dplyr)
invisible(Sys.setlocale("LC_COLLATE", "C")) # texts are compared by their bytes
"""


def r_script(program: Program, dataset: str, variable: str) -> str:
    """Return R code that derives a variable, to be run on data or read beside other code.

    Args:
        program: The study.
        dataset: A dataset of it.
        variable: A variable of the dataset, or a qualifier of its supplement.

    Raises:
        OutputError: OUT007, something of the derivation has no rendering in R.
    """
    variables = program.datasets[dataset].variables
    plan = variables.get(variable) or variables[f"supp:{variable}"]
    try:
        return _Script(program, dataset, plan).render()
    except NoRenderingError as error:
        diagnostic = Diagnostic(
            "OUT007",
            f"{dataset}.{_column(plan)} has no rendering in R: {error}",
            plan.checked.expression.span(),
        )
        raise OutputError([diagnostic]) from error


class _Script:
    def __init__(self, program: Program, dataset: str, variable: VariablePlan) -> None:
        self.program, self.variable = program, variable
        self.plan = program.datasets[dataset]
        if not self.plan.of_subjects:
            raise NoRenderingError("records that belong to no subject")
        asked = [variable, *self.hidden(variable, [])]
        self.from_source = any(
            self.is_of_source(one) for each in asked for one in self.targets(each)
        )
        sources = {one.name for one in self.plan.sources} | set(ROW_VALUES)
        beside = frozenset(sources) if self.from_source else frozenset[str]()
        self.function = Function(program, self.plan, beside, prepare_form)
        self.name = _column(variable)

    def render(self) -> str:
        """Return the script."""
        function, plan = self.function, self.plan
        start = r_name(plan.name)
        if self.from_source:
            variables = [*self.before(self.variable, []), self.variable]
            add_records(function, [one.checked for one in variables])
            kinds = {"melt": "test.code", "params": "param.code"}
            more = [kinds[one.kind] for one in plan.sources if one.kind in kinds]
            columns = ["form", "row", *more, self.program.subject]
        else:
            function.dataset(plan.name)
            variables = [*self.hidden(self.variable, []), self.variable]
            columns = [self.program.subject, *plan.keys]
        for one in variables:
            self.derive(one)
        listed = dict.fromkeys(r_name(one) for one in (*columns, self.name))
        head = f"{plan.name}_{self.name} <- function({', '.join(map(r_name, function.given))}) {{"
        last = f"{start} %>% select({', '.join(listed)})"
        body = "\n".join([*function.statements, last]).replace("\n", "\n  ")
        code = f"{head}\n  {body}\n}}"
        vectors = [function.vector(name, rows) for name, rows in function.vectors.items()]
        return "\n\n".join(
            [
                f"{self.said()}\n{_HEAD.rstrip()}",
                *used_by("\n".join([code, *self.reading()])),
                *vectors,
                f"{code}",
                *self.usage(),
            ]
        )

    def derive(self, variable: VariablePlan) -> None:
        """Add the statement that makes a variable."""
        function, checked = self.function, variable.checked
        function.main.settle()
        made = Renderer(function, checked, function.main, function.own)
        value = made.typed(checked.expression.tree, variable.type)
        name = r_name(_column(variable))
        frame = function.main.render(f"mutate({name} = {value})")
        function.add(f"{function.main.start} <- {frame}")

    def targets(self, variable: VariablePlan) -> Iterator[Target]:
        """Yield what a variable reads."""
        return (target for _ref, target in variable.checked.refs())

    def is_of_source(self, target: Target) -> bool:
        """Say whether a value stands in the row source only: no join by subject finds it."""
        if target.kind != "row" or (target.qualifier, target.name) == ("rows", "subject"):
            return False
        dataset = self.program.datasets.get(target.qualifier)
        return dataset is None or dataset.keys != (self.program.subject,)

    def before(self, variable: VariablePlan, done: list[VariablePlan]) -> list[VariablePlan]:
        """Return the variables of the dataset that one needs, in order."""
        names = [one.name for one in self.targets(variable) if one.kind in _OWN]
        if any(one.kind == "sequence" for one in self.targets(variable)):
            names += self.plan.keys
        for name in dict.fromkeys(names):
            needed = self.plan.variables.get(name)
            given = needed is None or name == self.program.subject
            if needed is not None and not given and needed not in done:
                self.before(needed, done)
                done.append(needed)
        return done

    def hidden(self, variable: VariablePlan, done: list[VariablePlan]) -> list[VariablePlan]:
        """Return the variables that one needs and that no package holds, in order."""
        for target in self.targets(variable):
            needed = self.plan.variables.get(target.name) if target.kind in _OWN else None
            if needed is not None and needed.line.work and needed not in done:
                self.hidden(needed, done)
                done.append(needed)
        return done

    def said(self) -> str:
        """Return what the script is for."""
        expression = self.variable.checked.expression
        span = expression.span()
        said = method_text(self.plan, self.variable, self.program)
        label, file = self.variable.label, self.program.loaded.inside(span.file)
        return (
            f"# {self.plan.name}.{self.name} {label}\n# {said}\n"
            f"# {file}:{span.line}  {' '.join(expression.text.split())}"
        )

    def reading(self) -> list[str]:
        """Return the lines that read the data frames."""
        lines = []
        for name, kind in self.function.given.items():
            if kind == "dataset":
                lines.append(f'{name} <- haven::read_xpt("{name.lower()}.xpt") %>% missing_texts()')
                continue
            block = self.program.forms[name].block
            given = [r_text(block.file)]
            if block.missing:
                given.append(f"missing = c({', '.join(r_text(one) for one in block.missing)})")
            if block.encoding.lower() not in ("utf-8", "utf8"):
                given.append(f"encoding = {r_text(block.encoding)}")
            if block.delimiter != ",":
                given.append(f"separator = {r_text(block.delimiter)}")
            if block.strip:
                given.append(f"prefix = {r_text(block.strip)}")
            lines.append(f"{r_name(name)} <- read_form({', '.join(given)})")
        return lines

    def usage(self) -> list[str]:
        """Return how the function is used, as comments."""
        call = f"{self.plan.name}_{self.name}({', '.join(map(r_name, self.function.given))})"
        return ["\n".join(f"# {line}" for line in [*self.reading(), call]) + "\n"]


def _column(variable: VariablePlan) -> str:
    return variable.name.removeprefix("supp:")
