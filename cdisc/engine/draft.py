"""A study while it is being resolved: its files, its standards, and the mistakes so far."""

import dataclasses
from collections.abc import Mapping, Sequence

from cdisc.diagnostics import Diagnostic
from cdisc.engine.coding import check_coded
from cdisc.engine.lines import Line, Lines
from cdisc.engine.program import RowSource, Stage
from cdisc.engine.steps import step_verbs
from cdisc.engine.study_functions import study_functions
from cdisc.engine.vocabulary import Vocabulary
from cdisc.functions import builtin_verbs
from cdisc.language.verb import Verb, Verbs
from cdisc.spec import LoadedDataset, LoadedStudy
from cdisc.standard import DatasetStandard, VariableStandard, load_adam, load_sdtm


@dataclasses.dataclass
class Frame:
    """A dataset while it is being resolved.

    Attributes:
        name: Dataset name.
        stage: Whether it is a tabulation or an analysis dataset.
        domain: Value of DOMAIN.
        class_name: Class of the standard.
        standard: What the standard says of it, or None.
        keys: Variables that identify a record.
        lines: Its variables.
        reader: Parses further expressions of its file.
        sources: Where its records come from.
        loaded: Its file; None where the standard implies the dataset.
        parent: The dataset that it supplements, or None.
        of: The dataset that it is a stage of, or None; nobody sees stages.
        made: Of the stage of a block of ``records:``, the variables that it gives a value.
        taken: Those among them that it takes from the records before.
        events: Whether its records may be events: of the stages only those of the first.
    """

    name: str
    stage: Stage
    domain: str
    class_name: str
    standard: DatasetStandard | None
    keys: tuple[str, ...]
    lines: dict[str, Line]
    reader: Lines
    sources: tuple[RowSource, ...] = ()
    loaded: LoadedDataset | None = None
    parent: str | None = None
    of: str | None = None
    made: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    events: bool = True

    @property
    def shown(self) -> str:
        """The name that people know."""
        return self.of or self.name

    @property
    def submitted(self) -> bool:
        """Whether it is written to the package."""
        model = self.reader.loaded.model
        return self.of is None and model.submit == "yes"


class Draft:
    """What is known of a study while it is being resolved.

    Args:
        loaded: The mapping files.
        fields: Fields of each raw form, or None where the data are not at hand.

    Attributes:
        problems: Every mistake found so far.
        packages: Packages whose functions the study uses, with their versions.
        frames: The datasets, those that the standard implies after those they belong to.

    Raises:
        StandardNotFoundError: A standard that the study pins is not carried.
    """

    def __init__(self, loaded: LoadedStudy, fields: Mapping[str, Sequence[str]] | None) -> None:
        self.loaded, self.study = loaded, loaded.study
        self.vocabulary = Vocabulary(loaded)
        self.sdtm = load_sdtm(self.study.standards.sdtm.split(" ")[1])
        adam = self.study.standards.adam
        self.adam = load_adam(adam.split(" ")[1]) if adam else None
        self.fields = {name: fields.get(name) if fields else None for name in self.study.raw}
        self.tables = {
            name: table.columns
            for name, table in self.study.tables.items()
            if name not in self.study.raw
        }
        self.problems: list[Diagnostic] = [*loaded.problems, *check_coded(loaded)]
        self.packages: list[str] = []
        self.verbs: Verbs = {**builtin_verbs(), **self._packages()}
        functions = study_functions(loaded, self.verbs, self.problems)
        self.verbs = {**self.verbs, **functions, **step_verbs(loaded)}
        self.frames: dict[str, Frame] = {}
        self._standards: dict[tuple[str, str], VariableStandard | None] = {}

    def _packages(self) -> Verbs:
        """Return the functions of the packages that the study names."""
        found: dict[str, Verb] = {}
        for index, wanted in enumerate(self.study.functions):
            from cdisc.functions.packages import package_verbs  # noqa: PLC0415  few studies have any

            given = package_verbs(wanted, {**builtin_verbs(), **found})
            if isinstance(given, Diagnostic):
                loc = ("functions", index)
                span = self.loaded.document.span(loc)
                self.problems.append(dataclasses.replace(given, span=span))
            else:
                found.update(given[0])
                self.packages.append(given[1])
        return found

    def standard_of(self, frame: Frame, name: str) -> VariableStandard | None:
        """Return what the standard says of a variable of a dataset."""
        line = frame.lines.get(name)
        if line is not None and line.work:
            return None
        key = (frame.name, name)
        if key not in self._standards:
            self._standards[key] = self._standard_of(frame, name)
        return self._standards[key]

    def _standard_of(self, frame: Frame, name: str) -> VariableStandard | None:
        if frame.stage == "sdtm":
            known = frame.standard.class_name if frame.standard else frame.class_name
            return self.sdtm.variable(frame.shown, name, class_name=known)
        if self.adam is None or frame.standard is None:
            return None
        return self.adam.variable(frame.class_name, name)

    def has_subjects(self, frame: Frame) -> bool:
        """Say whether the records of a dataset belong to subjects: those of study tables do not."""
        waiting, known = [frame], {frame.name}
        while waiting:
            sources = waiting.pop().sources
            if not sources or any(
                source.kind != "table" and source.name not in self.frames for source in sources
            ):
                return True
            fresh = {source.name for source in sources if source.kind != "table"} - known
            known |= fresh
            waiting += [self.frames[name] for name in sorted(fresh)]
        return False

    def has(self, dataset: str, variable: str) -> bool:
        """Say whether there is a dataset with a variable."""
        return dataset in self.frames and variable in self.frames[dataset].lines
