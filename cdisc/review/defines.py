"""Every define.xml of a package, checked against itself, the schema and the data beside it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic, Span, in_file_order
from cdisc.errors import RawDataError
from cdisc.transport import READABLE, read_file
from define_xml import check_define
from define_xml.schema import published_schemas


def check_defines(path: Path, *, encoding: str = "ascii") -> tuple[Diagnostic, ...]:
    """Check a define.xml, or every one below a folder, whoever made it.

    The data are the files of datasets in the folder of the define.xml, and in its
    subfolders that have no define.xml of their own: transport files, Dataset-JSON, Parquet.
    Without any, the define.xml is checked by itself, and a finding says so (DEF051).

    Args:
        path: A file, or a folder; there, files called ``define*.xml``.
        encoding: Encoding of text in transport files; they do not name it.

    Returns:
        All findings, file by file. A file of data that cannot be read is among them, with
        the reason of its reader.

    Raises:
        RawDataError: RAW017, there is no define.xml.
    """
    places = _places(path)
    if not places:
        fact = f'there is no define.xml in "{path.as_posix()}"'
        help_ = "name a define.xml, or a folder that holds one"
        raise RawDataError([Diagnostic("RAW017", fact, help=help_)])
    homes = {one.parent for one in places}
    found: list[Diagnostic] = []
    for place in places:
        datasets: list[Dataset] = []
        unread: list[Diagnostic] = []
        for file in _data(place.parent, homes - {place.parent}):
            try:
                datasets += read_file(file, encoding=encoding)
            except RawDataError as error:
                span = Span(file.as_posix(), 1, 1, 1)
                unread += (dataclasses.replace(one, span=span) for one in error.diagnostics)
        found += unread
        found += _checked(place, datasets, alone=not datasets and not unread)
    return in_file_order(found)


def _places(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(one for one in path.rglob("define*.xml") if one.is_file())


def _data(folder: Path, others: set[Path]) -> Iterator[Path]:
    """Yield the files of datasets below a folder, but for what another define.xml describes."""
    for file in sorted(folder.rglob("*")):
        of_others = any(parent in others for parent in file.parents if parent != folder)
        if file.is_file() and file.suffix.lower() in READABLE and not of_others:
            yield file


def _checked(place: Path, datasets: list[Dataset], *, alone: bool) -> Iterator[Diagnostic]:
    found = check_define(place, datasets, schema_root=published_schemas())
    if alone:
        fact = f'there are no data beside "{place.name}"'
        yield Diagnostic("DEF051", fact, span=Span(str(place), 1, 1, 1))
    for one in found:
        if not (alone and one.code == "DEF014" and one.dataset is not None):
            yield one
