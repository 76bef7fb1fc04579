"""Libraries: files of the same layout that a study stands on, laid over each other line by line.

A study says ``extends:`` and writes what differs. What it says of a variable stands in
place of the library's line, whichever section either stands in; rules, which are lists,
come on top of those of the library; other values replace those of the library.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.record import record
from cdisc.resources import mappings_root
from cdisc.source import Document, Loc, Value
from cdisc.spec.overlay import overlay

LIBRARY, STUDY = "library.yaml", "study.yaml"
_Rule = Literal["merge", "append", "replace"]

# Sections of a dataset file whose keys are names of lines.
_NAMED = ("variables", "work", "supp", "events", "censors", "params")
# Sections that list names below a key.
_LISTED: Mapping[str, str | None] = {"coded": "variables", "copy": None, "no_data": None}
_RULES = ("checks", "steps")
# What a library says for itself alone.
_OWN = ("study", "extends", "datasets")


@record()
class Layer:
    """A folder of mapping files: the study, or a library below it.

    Attributes:
        folder: The folder.
        shown: How findings name it.
        document: Its ``study.yaml`` or ``library.yaml``.
    """

    folder: Path
    shown: str
    document: Document

    @property
    def extends(self) -> str | None:
        """The library that it names itself."""
        found = _section(self.document, "extends")
        return found if isinstance(found, str) and found else None

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """The datasets that it takes from the library; None for all."""
        found = _section(self.document, "datasets")
        if isinstance(found, str):
            return (found,) if found else None
        return tuple(map(str, found)) if isinstance(found, list) else None


def library_files(layer: Layer) -> Iterator[Path]:
    """Yield the files that may be the library that a layer names; the first that is there is."""
    for folder in (layer.folder, mappings_root()) if layer.extends else ():
        yield from (folder / str(layer.extends) / name for name in (LIBRARY, STUDY))


def find_library(layer: Layer) -> Path | Diagnostic:
    """Return the main file of the library that a layer names, or why there is none."""
    for path in library_files(layer):
        if path.is_file():
            return path.parent.resolve() / path.name
    carried = [one.parent.name for one in sorted(mappings_root().glob(f"*/{STUDY}"))]
    return Diagnostic(
        "SPEC066",
        f'there is no library "{layer.extends}"',
        layer.document.span(("extends",)),
        expected=f"a folder with {LIBRARY} or {STUDY}, relative to that of this file",
        help=did_you_mean(str(layer.extends), carried),
    )


def ring(layers: list[Layer]) -> Diagnostic:
    """Return the mistake that the last library of a chain leads back into the chain."""
    last = layers[-1]
    names = [one.shown for one in layers]
    return Diagnostic(
        "SPEC066",
        "these libraries extend each other, in a ring",
        last.document.span(("extends",)),
        found=(" <- ".join([*names, str(last.extends)]),),
        help="remove one extends:",
    )


def lay_study(below: Document, above: Document) -> Document:
    """Lay a study.yaml over that of a library.

    The study says itself which forms it has; a form that both describe is described
    by both, key by key. So are terms, conditions, tables and standards.
    """
    forms = _section(above, "raw")
    dropped: list[Loc] = [(name,) for name in _OWN]
    dropped += [
        ("raw", name)
        for name in _names(below, "raw")
        if not isinstance(forms, dict) or name not in forms
    ]
    return overlay(below, above, _study_rule, dropped)


def _study_rule(loc: Loc) -> _Rule:
    if loc == ("functions",):
        return "append"
    merged = {
        0: True,
        1: loc[-1:] != ("study",),
        2: loc[:1] in {("raw",), ("terms",)},
        3: loc[:1] == ("raw",) and loc[-1] == "not_used",
    }
    return "merge" if merged.get(len(loc)) else "replace"


def lay_dataset(below: Document, above: Document) -> tuple[Document, list[Diagnostic]]:
    """Lay a dataset file over that of a library, and return what it drops in vain."""
    said = {name: section for section, name in _said(above)}
    drops = _drops(above)
    known = [*dict.fromkeys(name for _section, name in _said(below)), *_checks(below)]
    problems = [
        Diagnostic(
            "SPEC067",
            f'the library has no "{name}" to leave out',
            span,
            help=did_you_mean(name, known),
        )
        for name, span in drops
        if " ".join(name.split()) not in known
    ]
    gone = {" ".join(name.split()) for name, _span in drops}
    dropped = [*_lines(below, gone, said), ("drop",), ("replaces",)]
    return overlay(below, above, _dataset_rule, dropped), problems


def _dataset_rule(loc: Loc) -> _Rule:
    if len(loc) == 1 and loc[0] in _RULES:
        return "append"
    if len(loc) == 2 and loc[0] in ("copy", "no_data"):  # noqa: PLR2004  section and key
        return "append"
    below_a_section = len(loc) == 1 and loc[0] in (*_NAMED, *_LISTED)
    return "merge" if not loc or below_a_section else "replace"


def dropped_alone(document: Document) -> Iterator[Diagnostic]:
    """Yield the mistakes of a dataset file that leaves out lines of a library it has not."""
    for name, span in _drops(document):
        fact = f'there is no library whose "{name}" could be left out'
        yield Diagnostic("SPEC067", fact, span, help="remove the line itself")


def stands_alone(document: Document) -> bool:
    """Say whether a dataset file stands alone, whatever the library says of the dataset."""
    return _section(document, "replaces") == "library"


def own_terms(
    document: Document, sound: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the terms that a study.yaml says itself, without those that are wrong."""
    found = _section(document, "terms")
    return {
        name: {text: str(value) for text, value in entries.items() if text in sound[name]}
        for name, entries in (found.items() if isinstance(found, dict) else ())
        if isinstance(entries, dict) and name in sound
    }


def not_in_library(layers: Sequence[Layer]) -> Iterator[Diagnostic]:
    """Yield the datasets that a layer takes from a library that has none of that name."""
    known: set[str] = set()
    for layer in reversed(layers):
        if layer.chosen is not None:
            yield from _unknown(layer, known)
            known &= set(layer.chosen)
        paths = (
            path for stage in ("sdtm", "adam") for path in (layer.folder / stage).glob("*.yaml")
        )
        known |= {path.stem.upper() for path in paths}


def _unknown(layer: Layer, known: set[str]) -> Iterator[Diagnostic]:
    assert layer.chosen is not None
    listed = isinstance(_section(layer.document, "datasets"), list)
    for index, name in enumerate(layer.chosen):
        if name not in known:
            yield Diagnostic(
                "SPEC068",
                f'the library has no dataset "{name}"',
                layer.document.span(("datasets", index) if listed else ("datasets",)),
                expected=", ".join(sorted(known)) or "a study that extends a library",
                help=did_you_mean(name, known),
            )


def _drops(document: Document) -> list[tuple[str, Span]]:
    found = _section(document, "drop")
    if isinstance(found, str):
        return [(found, document.span(("drop",)))] if found else []
    if not isinstance(found, list):
        return []
    return [(str(one), document.span(("drop", i))) for i, one in enumerate(found)]


def _said(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the section and the name of each line of a dataset file."""
    for section in _NAMED:
        yield from ((section, name) for name in _names(document, section))
    for section in _LISTED:
        yield from ((section, name) for _loc, name in _listed(document, section))
    for _loc, names in _steps(document):
        yield from (("steps", name) for name in names)


def _lines(below: Document, gone: set[str], said: Mapping[str, str]) -> Iterator[Loc]:
    """Yield the places of a library's file that are left out or said anew elsewhere."""

    def out(name: str, section: str) -> bool:
        return name in gone or (name in said and (said[name] != section or section in _LISTED))

    for section in _NAMED:
        yield from ((section, name) for name in _names(below, section) if out(name, section))
    for section in _LISTED:
        listed = list(_listed(below, section))
        yield from (loc for loc, name in listed if out(name, section))
        for key in dict.fromkeys(loc[1] for loc, _name in listed):
            if all(out(name, section) for loc, name in listed if loc[1] == key):
                yield (section, key)
    for loc, names in _steps(below):
        if names and all(out(name, "") for name in names):
            yield loc
    yield from (("checks", index) for index, text in enumerate(_checks(below)) if text in gone)


def _listed(document: Document, section: str) -> Iterator[tuple[Loc, str]]:
    for key in _names(document, section):
        inner = _LISTED[section]
        loc: Loc = (section, key, inner) if inner else (section, key)
        found = _section(document, section)
        names = found.get(key) if isinstance(found, dict) else None
        if inner and isinstance(names, dict):
            names = names.get(inner)
        if isinstance(names, list):
            yield from (((*loc, index), str(name)) for index, name in enumerate(names))


def _steps(document: Document) -> Iterator[tuple[Loc, tuple[str, ...]]]:
    steps = _section(document, "steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        writes = step.get("writes") if isinstance(step, dict) else None
        if isinstance(writes, str):
            writes = [writes]
        if isinstance(writes, list | dict):
            yield ("steps", number), tuple(map(str, writes))


def _checks(document: Document) -> list[str]:
    found = _section(document, "checks")
    return [" ".join(str(one).split()) for one in found] if isinstance(found, list) else []


def _names(document: Document, section: str) -> list[str]:
    found = _section(document, section)
    return list(found) if isinstance(found, dict) else []


def _section(document: Document, name: str) -> Value:
    return document.value.get(name, "") if isinstance(document.value, dict) else ""
