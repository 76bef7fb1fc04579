"""Mapping files to models: all mistakes of all files at once, each in its place.

A mistake in one place does not hide those in others: what is wrong is put aside,
and the rest is read as if it were not there.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.errors import SpecError
from cdisc.record import record
from cdisc.source import Document, Loc, load_document, parse_document
from cdisc.spec.crf import CrfFile, LoadedCrf, crf_mistakes
from cdisc.spec.dataset import DatasetFile
from cdisc.spec.define import DEFINE, DefineFile, LoadedDefine
from cdisc.spec.folders import with_folders
from cdisc.spec.layers import (
    STUDY,
    Layer,
    dropped_alone,
    find_library,
    lay_dataset,
    lay_study,
    not_in_library,
    own_terms,
    ring,
    stands_alone,
)
from cdisc.spec.mistakes import explain, salvage
from cdisc.spec.study import ExplainedFile, ExplanationBlock, StudyFile, TermsFile

Model = TypeVar("Model", bound=BaseModel)
Stage = Literal["sdtm", "adam"]
EXPLAINED = "explained.yaml"
CRF = "crf.yaml"


@record()
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


@record()
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
        layers: The study, and the libraries that it extends, nearest first.
        explained: Findings that stay, with the reason and its place.
        files: Every file that was read, with its name in a manifest.
        crf: ``crf.yaml``, if there is one.
        define: ``define.yaml``, if there is one.
    """

    folder: Path
    study: StudyFile
    document: Document
    datasets: tuple[LoadedDataset, ...]
    terms: dict[str, dict[str, str]]
    term_places: dict[str, tuple[Document, Loc]]
    problems: tuple[Diagnostic, ...] = ()
    unread: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    files: tuple[tuple[Path, str], ...] = ()
    explained: tuple[tuple[ExplanationBlock, Span], ...] = ()
    crf: LoadedCrf | None = None
    define: LoadedDefine | None = None

    @property
    def folders(self) -> Mapping[str, Path]:
        """Folders of mapping files, by how findings name them; that of the study first."""
        return {layer.shown: layer.folder for layer in self.layers}

    @property
    def ct_folder(self) -> Path:
        """Folder of imported terminology: the one that is said, else ``ct`` beside the study."""
        said = self.study.standards.ct_folder
        if said is None:
            return self.folder.parent / "ct"
        place = self.document.span(("standards", "ct_folder")).file
        own = (path for shown, path in self.folders.items() if place.startswith(f"{shown}/"))
        return next(own, self.folder) / said

    def dictionary_folder(self, name: Literal["MedDRA", "WHODrug"]) -> Path:
        """Folder of a dictionary that the study pins."""
        place = self.document.span(("dictionaries", name)).file
        own = (path for shown, path in self.folders.items() if place.startswith(f"{shown}/"))
        return next(own, self.folder) / self.study.dictionaries[name].folder

    def inside(self, file: str) -> str:
        """Return a file as it lies in the study; with the library's name if it lies there."""
        for at, (shown, folder) in enumerate(self.folders.items()):
            if file.startswith(f"{shown}/"):
                inside = file.removeprefix(f"{shown}/")
                return f"{folder.name}/{inside}" if at else inside
        return file


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
    main = folder / STUDY
    if not main.is_file():
        raise SpecError([_no_study(folder)])
    reader = _Reader()
    layers = reader.layers(folder)
    document = layers[-1].document
    for layer in reversed(layers[:-1]):
        document = lay_study(document, layer.document)
    document = with_folders(document)
    study = reader.model(document, StudyFile, {})
    datasets = tuple(reader.datasets(layers))
    reader.problems += not_in_library(layers)
    if study is None:
        raise SpecError(reader.problems)
    terms: dict[str, dict[str, str]] = {}
    places: dict[str, tuple[Document, Loc]] = {}
    for at in reversed(range(len(layers))):
        reader.terms(layers, at, study, (terms, places))
    explained = tuple(reader.explained(layers[0]))
    crf = reader.crf(layers[0], study)
    define = reader.define(layers[0])
    return LoadedStudy(
        folder, study, document, datasets, terms, places, tuple(reader.problems),
        tuple(reader.unread), tuple(layers), tuple(reader.files), explained, crf, define,
    )  # fmt: skip


class _Reader:
    """Reads the files of one study and of its libraries, and notes their mistakes."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []
        self.unread: list[str] = []
        self.files: list[tuple[Path, str]] = []

    def layers(self, folder: Path) -> list[Layer]:
        """Return the study and its libraries, nearest first.

        Raises:
            SpecError: One of them is not there, cannot be read, or leads back to another.
        """
        found: list[Layer] = []
        main = folder / STUDY
        while True:
            shown = _shown(main.parent)
            document = self.open(main, f"{shown}/{main.name}", _named(len(found), main.name))
            if document is None:
                nothing = parse_document("", file=f"{shown}/{main.name}")
                list(self.datasets([*found, Layer(main.parent, shown, nothing)]))
                raise SpecError(self.problems)
            found.append(Layer(main.parent, shown, document))
            if found[-1].extends is None:
                return found
            library = find_library(found[-1])
            if isinstance(library, Diagnostic):
                raise SpecError([*self.problems, library])
            if library.parent in [layer.folder.resolve() for layer in found]:
                raise SpecError([*self.problems, ring(found)])
            main = library

    def open(self, path: Path, shown: str, name: str) -> Document | None:
        """Return a file's text, or note why it cannot be read."""
        self.files.append((path, name))
        try:
            document = load_document(path, shown_as=shown)
        except SpecError as error:
            self.problems.extend(error.diagnostics)
            return None
        self.problems.extend(document.problems)
        return document

    def model(
        self, document: Document, model: type[Model], stand_ins: Mapping[str, object]
    ) -> Model | None:
        """Return what a document says; None if too little of it is sound."""
        try:
            found = model.model_validate(document.value)
        except ValidationError as error:
            self.problems.extend(explain(document, model, error))
            return salvage(document, model, error, stand_ins)
        return salvage(document, model, None, stand_ins) if document.unread else found

    def datasets(self, layers: Sequence[Layer]) -> Iterator[LoadedDataset]:
        """Yield the datasets of both stages, those of libraries under those of the study."""
        for stage in get_args(Stage):
            for path, documents in self.stacks(layers, stage).items():
                name = Path(path).stem.upper()
                document = self.laid(documents)
                stand_ins = {"dataset": name, "keys": ["USUBJID"], "rows": []}
                model = self.model(document, DatasetFile, stand_ins) if document else None
                if model is None or document is None:
                    self.unread.append(name)
                    continue
                if model.dataset != name:
                    self.problems.append(_misnamed(document, path, model.dataset))
                self.files += _code(model, document, layers)
                yield LoadedDataset(model, document, stage)

    def stacks(self, layers: Sequence[Layer], stage: Stage) -> dict[str, list[Document | None]]:
        """Return the documents of each dataset, that of the lowest library first."""
        found: dict[str, list[Document | None]] = {}
        for at in reversed(range(len(layers))):
            layer = layers[at]
            if layer.chosen is not None:
                chosen = {f"{one.lower()}.yaml" for one in layer.chosen}
                found = {name: one for name, one in found.items() if name in chosen}
            for path in sorted((layer.folder / stage).glob("*.yaml")):
                inside = f"{stage}/{path.name}"
                document = self.open(path, f"{layer.shown}/{inside}", _named(at, inside))
                found.setdefault(path.name, []).append(document)
        return dict(sorted(found.items()))

    def laid(self, documents: Sequence[Document | None]) -> Document | None:
        """Return the documents of a dataset as one; None if one of them cannot be read."""
        below: Document | None = None
        for above in documents:
            if above is None:
                return None
            if below is None or stands_alone(above):
                self.problems.extend(dropped_alone(above))
                below = above
            else:
                below, problems = lay_dataset(below, above)
                self.problems.extend(problems)
        return below

    def terms(
        self,
        layers: Sequence[Layer],
        at: int,
        study: StudyFile,
        known: tuple[dict[str, dict[str, str]], dict[str, tuple[Document, Loc]]],
    ) -> None:
        """Add the terms of a layer to those of the layers below it, entry by entry."""
        layer, (terms, places) = layers[at], known
        here: dict[str, tuple[Document, Loc]] = {}
        for name, entries in own_terms(layer.document, study.terms).items():
            here[name] = (layer.document, ("terms", name))
            terms[name] = {**terms.get(name, {}), **entries}
        for path in sorted((layer.folder / "terms").glob("*.yaml")):
            inside = f"terms/{path.name}"
            document = self.open(path, f"{layer.shown}/{inside}", _named(at, inside))
            found = self.model(document, TermsFile, {"terms": {}}) if document else None
            if found is None or document is None:
                continue
            for name, entries in found.terms.items():
                if name in here:
                    self.problems.append(_twice(document, name, here[name]))
                terms[name] = {**terms.get(name, {}), **entries}
                here[name] = (document, ("terms", name))
        places.update(here)

    def explained(self, layer: Layer) -> Iterator[tuple[ExplanationBlock, Span]]:
        """Yield what a study says of findings that stay, and where."""
        path = layer.folder / EXPLAINED
        if not path.is_file():
            return
        document = self.open(path, f"{layer.shown}/{EXPLAINED}", _named(0, EXPLAINED))
        found = self.model(document, ExplainedFile, {"explained": []}) if document else None
        for at, one in enumerate(found.explained if found and document else ()):
            assert document
            yield one, document.span(("explained", at, "finding"))

    def crf(self, layer: Layer, study: StudyFile) -> LoadedCrf | None:
        """Return what a study says of its case report form; None if it says nothing."""
        path = layer.folder / CRF
        document = (
            self.open(path, f"{layer.shown}/{CRF}", _named(0, CRF)) if path.is_file() else None
        )
        model = self.model(document, CrfFile, {"forms": {}}) if document else None
        if model is None or document is None:
            return None
        found = LoadedCrf(model, document)
        self.problems.extend(crf_mistakes(found, study))
        drawn = (one for one in (model.pdf, model.places) if one is not None)
        self.files += ((layer.folder / one, _named(0, f"crf/{Path(one).name}")) for one in drawn)
        return found

    def define(self, layer: Layer) -> LoadedDefine | None:
        """Return what a study says for its define.xml; None if it says nothing."""
        path = layer.folder / DEFINE
        if not path.is_file():
            return None
        document = self.open(path, f"{layer.shown}/{DEFINE}", _named(0, DEFINE))
        model = self.model(document, DefineFile, {}) if document else None
        return LoadedDefine(model, document) if model and document else None


def _named(below: int, inside: str) -> str:
    """Return what a manifest calls a file of the study, or of a library below it."""
    return f"library/{below}/{inside}" if below else f"mappings/{inside}"


def _code(
    model: DatasetFile, document: Document, layers: Sequence[Layer]
) -> Iterator[tuple[Path, str]]:
    """Yield the files with the functions of a dataset's steps, and their names in a manifest."""
    shown = [layer.shown for layer in layers]
    for number, step in enumerate(model.steps):
        at = shown.index(document.span(("steps", number, "says")).file.rsplit("/", 2)[0])
        if step.python and "." in step.python:
            inside = "/".join(step.python.split(".")[:-1]) + ".py"
            yield layers[at].folder / inside, _named(at, inside)


def _misnamed(document: Document, name: str, dataset: str) -> Diagnostic:
    return Diagnostic(
        "SPEC009",
        f'the file is called "{name}" but holds the dataset {dataset}',
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
