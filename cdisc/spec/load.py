"""Mapping files to models: all mistakes of all files at once, each in its place.

A mistake in one place does not hide those in others: what is wrong is put aside,
and the rest is read as if it were not there.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import SpecError
from cdisc.source import Document, Loc, load_document
from cdisc.spec.dataset import DatasetFile
from cdisc.spec.mistakes import explain, salvage
from cdisc.spec.study import StudyFile, TermsFile

Model = TypeVar("Model", bound=BaseModel)
Stage = Literal["sdtm", "adam"]


@dataclasses.dataclass(frozen=True)
class LoadedDataset:
    """A dataset file with its text.

    Attributes:
        model: What the file says.
        document: Where it says it.
        stage: The folder it lies in.
    """

    model: DatasetFile
    document: Document
    stage: Stage


@dataclasses.dataclass(frozen=True)
class LoadedStudy:
    """Every file of ``mappings/<STUDYID>/``.

    Attributes:
        folder: ``mappings/<STUDYID>``.
        study: ``study.yaml``.
        document: Its text.
        datasets: Files of ``sdtm/`` and ``adam/`` that could be read.
        terms: Collected text to submission value, by name, of all files.
        term_places: Where each of them stands.
        problems: Mistakes of form; whoever resolves the study raises them with its own.
        unread: Datasets whose files could not be read at all.
    """

    folder: Path
    study: StudyFile
    document: Document
    datasets: tuple[LoadedDataset, ...]
    terms: dict[str, dict[str, str]]
    term_places: dict[str, tuple[Document, Loc]]
    problems: tuple[Diagnostic, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def folders(self) -> Mapping[str, Path]:
        """Folders of mapping files, by how findings name them."""
        return {self.document.file.rpartition("/")[0]: self.folder}


def load_study(folder: Path) -> LoadedStudy:
    """Read all files of a study and check their form.

    Mistakes are kept in ``problems``, so that those of the language can be found as well:
    `cdisc.engine.resolve.resolve` raises all of them together.

    Args:
        folder: ``mappings/<STUDYID>``, with ``study.yaml``.

    Raises:
        SpecError: ``study.yaml`` is not there (SPEC008) or cannot be read at all; with
            every mistake of form (SPEC001 to SPEC009) of all files.
    """
    reader = _Reader(folder)
    main = folder / "study.yaml"
    if not main.is_file():
        raise SpecError([_no_study(folder)])
    document, study = reader.load(main, "study.yaml", StudyFile, {})
    datasets = tuple(reader.datasets())
    if study is None or document is None:
        raise SpecError(reader.problems)
    terms = dict(study.terms)
    places: dict[str, tuple[Document, Loc]] = {
        name: (document, ("terms", name)) for name in study.terms
    }
    reader.terms(terms, places)
    return LoadedStudy(
        folder, study, document, datasets, terms, places,
        tuple(reader.problems), tuple(reader.unread),
    )  # fmt: skip


class _Reader:
    """Reads the files of one study and notes their mistakes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shown = folder, _shown(folder)
        self.problems: list[Diagnostic] = []
        self.unread: list[str] = []

    def load(
        self, path: Path, name: str, model: type[Model], stand_ins: Mapping[str, object]
    ) -> tuple[Document | None, Model | None]:
        """Return a file's text and model; the model is None if too little of it is sound."""
        try:
            document = load_document(path, shown_as=f"{self.shown}/{name}")
        except SpecError as error:
            self.problems.extend(error.diagnostics)
            return None, None
        self.problems.extend(document.problems)
        try:
            found = model.model_validate(document.value)
        except ValidationError as error:
            self.problems.extend(explain(document, model, error))
            return document, salvage(document, model, error, stand_ins)
        return document, salvage(document, model, None, stand_ins) if document.unread else found

    def datasets(self) -> Iterator[LoadedDataset]:
        """Yield the datasets of both stages."""
        for stage in get_args(Stage):
            for path in sorted((self.folder / stage).glob("*.yaml")):
                name = path.stem.upper()
                stand_ins = {"dataset": name, "keys": ["USUBJID"], "rows": []}
                document, model = self.load(path, f"{stage}/{path.name}", DatasetFile, stand_ins)
                if model is None or document is None:
                    self.unread.append(name)
                    continue
                if model.dataset != name:
                    self.problems.append(_misnamed(document, path, model.dataset))
                yield LoadedDataset(model, document, stage)

    def terms(
        self, terms: dict[str, dict[str, str]], places: dict[str, tuple[Document, Loc]]
    ) -> None:
        """Add the terms of the files of ``terms/``."""
        for path in sorted((self.folder / "terms").glob("*.yaml")):
            document, found = self.load(path, f"terms/{path.name}", TermsFile, {"terms": {}})
            if found is None or document is None:
                continue
            for name, entries in found.terms.items():
                if name in terms:
                    self.problems.append(_twice(document, name, places[name]))
                terms[name] = entries
                places[name] = (document, ("terms", name))


def _misnamed(document: Document, path: Path, dataset: str) -> Diagnostic:
    return Diagnostic(
        "SPEC009",
        f'the file is called "{path.name}" but holds the dataset {dataset}',
        document.span(("dataset",)),
        expected=f"{dataset.lower()}.yaml",
    )


def _shown(folder: Path) -> str:
    try:
        return folder.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return f"{folder.parent.name}/{folder.name}"


def _no_study(folder: Path) -> Diagnostic:
    names = [path.parent.name for path in folder.parent.glob("*/study.yaml")]
    return Diagnostic(
        "SPEC008",
        f'there is no study.yaml in "{_shown(folder)}"',
        expected=", ".join(sorted(names)) or None,
        help=did_you_mean(folder.name, names),
    )


def _twice(document: Document, name: str, first: tuple[Document, Loc]) -> Diagnostic:
    return Diagnostic(
        "SPEC002",
        f'terms "{name}" are written twice',
        document.span(("terms", name), key=True),
        help=f"keep one of the two; the first stands at {first[0].span(first[1], key=True)}",
    )
