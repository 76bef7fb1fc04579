"""Mapping files to models: all mistakes of all files at once, each in its place."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import SpecError
from cdisc.source import Document, Loc, load_document
from cdisc.spec.dataset import DatasetFile
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
        folder: The folder itself.
        study: What ``study.yaml`` says.
        document: Where it says it.
        datasets: The dataset files, tabulations first, by file name.
        terms: Name to {collected text: submission value}, of ``study.yaml`` and ``terms/``.
        term_places: Name to the place of its terms.
    """

    folder: Path
    study: StudyFile
    document: Document
    datasets: tuple[LoadedDataset, ...]
    terms: dict[str, dict[str, str]]
    term_places: dict[str, tuple[Document, Loc]]


def load_study(folder: Path) -> LoadedStudy:
    """Read and check the form of all files of a study.

    Args:
        folder: ``mappings/<STUDYID>``, with ``study.yaml``.

    Raises:
        SpecError: SPEC001 to SPEC009; all that were found in all files.
    """
    problems: list[Diagnostic] = []
    shown = _shown(folder)
    main = folder / "study.yaml"
    if not main.is_file():
        raise SpecError([_no_study(folder)])
    document, study = _load(main, f"{shown}/study.yaml", StudyFile, problems)
    datasets = tuple(_datasets(folder, shown, problems))
    terms: dict[str, dict[str, str]] = {}
    places: dict[str, tuple[Document, Loc]] = {}
    files: list[tuple[Document | None, StudyFile | TermsFile | None]] = [(document, study)]
    files += [
        _load(path, f"{shown}/terms/{path.name}", TermsFile, problems)
        for path in sorted((folder / "terms").glob("*.yaml"))
    ]
    for part, model in files:
        if part is None or model is None:
            continue
        for name, entries in model.terms.items():
            if name in terms:
                problems.append(_twice(part, name, places[name]))
            terms[name] = entries
            places[name] = (part, ("terms", name))
    if problems:
        raise SpecError(problems)
    assert study
    assert document
    return LoadedStudy(folder, study, document, datasets, terms, places)


def _datasets(folder: Path, shown: str, problems: list[Diagnostic]) -> Iterator[LoadedDataset]:
    for stage in get_args(Stage):
        for path in sorted((folder / stage).glob("*.yaml")):
            document, model = _load(path, f"{shown}/{stage}/{path.name}", DatasetFile, problems)
            if model is None or document is None:
                continue
            if model.dataset.lower() != path.stem:
                problems.append(
                    Diagnostic(
                        "SPEC009",
                        f'the file is called "{path.name}" but holds the dataset {model.dataset}',
                        document.span(("dataset",)),
                        expected=f"{model.dataset.lower()}.yaml",
                    )
                )
            yield LoadedDataset(model, document, stage)


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


def _load(
    path: Path, shown: str, model: type[Model], problems: list[Diagnostic]
) -> tuple[Document | None, Model | None]:
    try:
        document = load_document(path, shown_as=shown)
    except SpecError as error:
        problems.extend(error.diagnostics)
        return None, None
    try:
        return document, model.model_validate(document.value)
    except ValidationError as error:
        problems.extend(_diagnostics(document, model, error))
        return document, None


def _diagnostics(
    document: Document, model: type[BaseModel], error: ValidationError
) -> Iterator[Diagnostic]:
    seen: set[tuple[Loc, str]] = set()
    for one in error.errors(include_url=False):
        loc = tuple(part for part in one["loc"] if not _is_tag(part))
        known = _known(document, loc)
        address = ".".join(str(part) for part in loc)
        if (known, one["type"]) in seen:
            continue
        seen.add((known, one["type"]))
        if one["type"] == "missing":
            fact, span = f'"{address}" is not there', document.span(known, key=True)
            yield Diagnostic("SPEC006", fact, span, help=f'add "{loc[-1]}:"')
        elif one["type"] == "extra_forbidden":
            names = _field_names(model, loc[:-1])
            yield Diagnostic(
                "SPEC005",
                f'"{loc[-1]}" is not known here',
                document.span(known, key=True),
                expected=", ".join(names),
                help=did_you_mean(str(loc[-1]), names),
            )
        else:
            fact = f"{address or 'the file'}: {_lower(one['msg'])}"
            yield Diagnostic("SPEC007", fact, document.span(known))


def _is_tag(part: str | int) -> bool:
    """Say whether pydantic put this name of a union's member into the path."""
    return isinstance(part, str) and (part == "str" or part.endswith(("Block", "]")))


def _known(document: Document, loc: Loc) -> Loc:
    while loc and loc not in document.values:
        loc = loc[:-1]
    return loc


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _field_names(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that may stand at a place of the file."""
    here: list[type[BaseModel]] = [model]
    for part in loc:
        below: list[type[BaseModel]] = []
        for one in here:
            field = next((f for n, f in one.model_fields.items() if part in (n, f.alias)), None)
            if field is not None:
                below += _models(field.annotation)
        here = below or here
    return sorted({f.alias or n for one in here for n, f in one.model_fields.items()})


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]
