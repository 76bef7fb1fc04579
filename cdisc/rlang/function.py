"""The R function that is being written: its data frames, its statements, the vectors above it."""

from collections.abc import Callable, Mapping

from cdisc.engine.program import DatasetPlan, Program
from cdisc.functions.rtext import name as r_name
from cdisc.functions.rtext import text as r_text
from cdisc.rlang.frame import Frame
from cdisc.rlang.place import Own

_WIDTH = 96


class NoRenderingError(Exception):
    """Something of a derivation has no rendering in R; the message names it."""


class Function:
    """What is gathered while the function of some variables of a dataset is written.

    Args:
        program: The study.
        plan: The dataset.
        sources: Row sources whose values stand beside the variables.
        prepare: Returns the statement that prepares the data frame of a raw form.
    """

    def __init__(
        self,
        program: Program,
        plan: DatasetPlan,
        sources: frozenset[str],
        prepare: "Callable[[Function, str], str]",
    ) -> None:
        self.program, self.plan, self._prepare = program, plan, prepare
        self.own = Own(plan.name, program.subject, sources)
        self.main = Frame(r_name(plan.name))
        self.given: dict[str, str] = {}
        self.statements: list[str] = []
        self.vectors: dict[str, Mapping[str, str]] = {}
        self._names: set[str] = set()
        self._numbered = False

    def add(self, statement: str) -> None:
        """Add a statement."""
        self.statements.append(statement)

    def fresh(self, stem: str) -> str:
        """Return a name that no other data frame of the function has."""
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem}_{number}"
        self._names.add(name)
        return name

    def named(self, name: str, rows: Mapping[str, str]) -> str:
        """Return the name of a named vector, which is printed above the function."""
        stem = "".join(one if one.isascii() and one.isalnum() else "_" for one in name)
        while self.vectors.get(stem, rows) != rows:
            stem += "_"
        self.vectors[stem] = rows
        return stem

    def dataset(self, name: str) -> str:
        """Return the data frame of a dataset, which the function is given."""
        if not self.program.datasets[name].submitted or self.program.datasets[name].of:
            raise NoRenderingError(f"{self.program.datasets[name].shown}, which is not submitted")
        self.given[name] = "dataset"
        return name

    def form(self, name: str) -> str:
        """Return the data frame of a raw form; its records get their number and their subject."""
        if name in self.given:
            return name
        self.given[name] = "form"
        self.add(self._prepare(self, name))
        return name

    def numbered(self) -> None:
        """Number the records of the dataset, so that what is chosen finds them again."""
        if not self._numbered:
            self._numbered = True
            self.add(f"{self.main.start} <- {self.main.start} %>% mutate(record = row_number())")

    @staticmethod
    def vector(name: str, rows: Mapping[str, str]) -> str:
        """Return a named vector as R."""
        lines, line = [], " "
        for key, value in rows.items():
            if not key:
                continue  # R has no empty names; no text is empty
            pair = f"{r_text(key)} = {r_text(value)},"
            if len(line) + len(pair) > _WIDTH and line.strip():
                lines.append(line)
                line = " "
            line += f" {pair}"
        inside = "\n".join([*lines, line]).removesuffix(",")
        return f"{name} <- c(\n{inside}\n)"
