"""A dataset beside what its standard says of it: the input of every check."""

import dataclasses
from collections.abc import Mapping

from cdisc.dataset import Dataset
from cdisc.engine.permitted import Permitted, permitted
from cdisc.standard import VariableStandard
from cdisc.validate.codes import Codes
from cdisc.validate.conventions import Conventions


def has_text(dataset: Dataset, name: str | None) -> bool:
    """Say whether a dataset has a variable of that name and of kind text.

    A variable of the wrong kind is one finding; the checks of its values pass it by.
    """
    return any(one.name == name and one.kind == "text" for one in dataset.variables)


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """One dataset and the standard's word on it.

    Attributes:
        dataset: The dataset.
        conventions: What the checks look for, by template.
        codes: Codes of the checks that both kinds of study share.
        prefix: Two letters that ``--`` stands for, or None.
        known: Whether the standard names the dataset.
        standard: The standard's variables, by name, for those of the dataset it knows.
        required: Names that must be present.
        expected: Names that should be present.
        order: Names of the dataset in the order of the standard; empty where it has none.
        closed: Whether the standard must name every variable.
        stage: ``sdtm`` or ``adam``: whose rules say which codelists hold on which records.
    """

    dataset: Dataset
    conventions: Conventions
    codes: Codes
    prefix: str | None = None
    known: bool = True
    standard: Mapping[str, VariableStandard] = dataclasses.field(default_factory=dict)
    required: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    closed: bool = True
    stage: str = "sdtm"

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.dataset.name

    @property
    def names(self) -> list[str]:
        """Names of the variables of the dataset, in order."""
        return list(self.dataset.table.column_names)

    def permitted(self, name: str) -> Permitted:
        """Return the codelists of a variable, by the records on which they hold."""
        standard = self.standard.get(name)
        known = tuple(code for code in standard.codelists if code) if standard else ()
        texts = [one.name for one in self.dataset.variables if one.kind == "text"]
        return permitted(self.stage, self.prefix, name, known, texts)

    def has(self, name: str | None) -> bool:
        """Say whether the dataset has that variable."""
        return name is not None and name in self.dataset.table.column_names

    def has_text(self, name: str | None) -> bool:
        """Say whether the dataset has that variable, as text."""
        return has_text(self.dataset, name)
