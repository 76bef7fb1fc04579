"""Dictionaries that data sets are coded by, and those that the study pins: one version of each."""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.spec import LoadedDataset, LoadedStudy


def check_coded(loaded: LoadedStudy) -> Iterator[Diagnostic]:
    """Find dictionaries of data sets that are not as the study pins them."""
    for dataset in loaded.datasets:
        for said, block in dataset.model.coded.items():
            name, _, version = said.partition(" ")
            own = pinned_version(loaded, name)
            if own is not None and version and version != own:
                fact = f"{said} is not the version that the study pins"
                yield _mistake(dataset, said, fact, f"{name} {own}, or {name} alone")
            elif own is None and block.by:
                expected = f"{name} under dictionaries: in study.yaml"
                yield _mistake(dataset, said, f"the study pins no {name}", expected)


def _mistake(dataset: LoadedDataset, said: str, fact: str, expected: str) -> Diagnostic:
    span = dataset.document.span(("coded", said), key=True)
    return Diagnostic("SPEC097", fact, span, expected=expected)


def pinned_version(loaded: LoadedStudy, name: str) -> str | None:
    """Return the version of a dictionary that the study pins, or None."""
    versions = {str(key): one.version for key, one in loaded.study.dictionaries.items()}
    return versions.get(name)
