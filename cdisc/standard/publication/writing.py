"""Releases to folders of two tables: all files of one import, or none."""

import dataclasses
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError, SpecError
from cdisc.resources import specs_root
from cdisc.standard.publication.content import Publication
from cdisc.standard.publication.reading import read_publication

_HEADS = ("code", "value", "extensible", "terms", "name", "preferred_term")
_TERMS = ("codelist", "code", "value", "preferred_term")


@dataclasses.dataclass(frozen=True, slots=True)
class Imported:
    """What became of a release.

    Attributes:
        package: Such as ``sdtm``.
        date: Date of the release.
        folder: Where its tables lie.
        codelists: How many codelists it has.
        terms: How many terms.
        new: False if the same release was there already.
    """

    package: str
    date: str
    folder: Path
    codelists: int
    terms: int
    new: bool


def import_releases(
    files: Sequence[Path],
    to: Path,
    *,
    package: str | None = None,
    date: str | None = None,
    root: Path | None = None,
) -> tuple[Imported, ...]:
    """Write published releases as folders below a folder, each once.

    Args:
        files: Published files, in any of the forms.
        to: Folder of the project for imported releases.
        package: Package of the files, where they do not name it.
        date: Date of the files, likewise.
        root: Folder that stands for ``specs/``.

    Returns:
        One entry a release. A release that is carried, or was imported before, with the
        same content is left as it is.

    Raises:
        SpecError: STD005 and STD007, every mistake of all files; nothing was written.
        OutputError: STD006, another content has the same name; OUT003, the disk refuses.
    """
    found = _read(files, package, date)
    carried = (root or specs_root()) / "ct"
    places: dict[str, Path] = {}
    contents: dict[str, Mapping[str, bytes]] = {}
    clashes: list[Diagnostic] = []
    for one in found:
        name = f"{one.package}-{one.date}"
        tables = _tables(one)
        places[name] = carried / name if (carried / name).is_dir() else to / name
        before = contents.get(name) or _content(places[name])
        if before is not None and before != tables:
            clashes.append(_clash(one, places[name], inside=places[name].parent != carried))
        contents[name] = tables
    if clashes:
        raise OutputError(clashes)
    new = {name for name, place in places.items() if not place.is_dir()}
    _write({places[name]: contents[name] for name in sorted(new)})
    named = {f"{one.package}-{one.date}": one for one in found}
    return tuple(
        Imported(
            one.package, one.date, places[name], len(one.heads), len(one.terms), name in new
        )
        for name, one in sorted(named.items())
    )  # fmt: skip


def _read(files: Sequence[Path], package: str | None, date: str | None) -> list[Publication]:
    found: list[Publication] = []
    mistakes: list[Diagnostic] = []
    for path in files:
        try:
            found.append(read_publication(path, package=package, date=date))
        except SpecError as error:
            mistakes += error.diagnostics
    if mistakes:
        raise SpecError(mistakes)
    return found


def _tables(one: Publication) -> dict[str, bytes]:
    counts = Counter(row.codelist for row in one.terms)
    heads = (
        (row.code, row.value, row.extensible, str(counts[row.code]), row.name, row.preferred_term)
        for row in one.heads
    )
    terms = ((row.codelist, row.code, row.value, row.preferred_term) for row in one.terms)
    return {
        "codelists.tsv": "".join(_lines(_HEADS, heads)).encode(),
        "terms.tsv": "".join(_lines(_TERMS, terms)).encode(),
    }


def _lines(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return ("\t".join(row) + "\n" for row in (names, *rows))


def _content(folder: Path) -> dict[str, bytes] | None:
    if not folder.is_dir():
        return None
    return {
        name: (folder / name).read_bytes() if (folder / name).is_file() else b""
        for name in ("codelists.tsv", "terms.tsv")
    }


def _clash(one: Publication, place: Path, *, inside: bool) -> Diagnostic:
    fact = f'another content of "{one.package} {one.date}" is there already'
    mend = (
        f'remove the folder "{place.as_posix()}" first, if that one is wrong'
        if inside
        else "the release is carried; compare the two: cdisc ct diff"
    )
    return Diagnostic("STD006", fact, found=(one.file,), help=mend)


def _write(releases: Mapping[Path, Mapping[str, bytes]]) -> None:
    beside = {folder: folder.with_name(f".{folder.name}") for folder in releases}
    try:
        for folder, tables in releases.items():
            shutil.rmtree(beside[folder], ignore_errors=True)
            beside[folder].mkdir(parents=True)
            for name, content in tables.items():
                (beside[folder] / name).write_bytes(content)
        for folder, made in beside.items():
            made.rename(folder)
    except OSError as error:
        for made in beside.values():
            shutil.rmtree(made, ignore_errors=True)
        fact = f'cannot write "{error.filename}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error
