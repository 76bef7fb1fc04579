"""Releases to folders of tables: all files of one import, or none."""

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
from cdisc.standard.terminology import SYNONYMS, TABLES

_HEADS = ("code", "value", "extensible", "terms", "name", "preferred_term")
_TERMS = ("codelist", "code", "value", "preferred_term")
_SYNONYMS = ("codelist", "code", "synonym")


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
        synonyms: How many synonyms of its terms were written, 0 if none or there already.
    """

    package: str
    date: str
    folder: Path
    codelists: int
    terms: int
    new: bool
    synonyms: int


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
        same content is left as it is; synonyms that it has not yet are laid beside it.

    Raises:
        SpecError: STD005 and STD007, every mistake of all files; nothing was written.
        OutputError: STD006, another content has the same name; OUT003, the disk refuses.
    """
    found = _read(files, package, date)
    carried = (root or specs_root()) / "ct"
    contents: dict[str, dict[str, bytes]] = {}
    written: dict[Path, dict[str, bytes]] = {}
    clashes: list[Diagnostic] = []
    for one in found:
        name = f"{one.package}-{one.date}"
        before = contents.setdefault(name, {**_content(carried / name), **_content(to / name)})
        tables = _tables(one)
        other = [each for each, content in tables.items() if before.get(each, content) != content]
        if other:
            inside = not (carried / name / other[0]).is_file()
            clashes.append(_clash(one, to / name, inside=inside))
        new = {each: content for each, content in tables.items() if each not in before}
        before.update(new)
        if new:
            written.setdefault(to / name, {}).update(new)
    if clashes:
        raise OutputError(clashes)
    _write(dict(sorted(written.items())))
    named = {f"{one.package}-{one.date}": one for one in found}
    return tuple(
        _imported(one, carried / name, to / name, written.get(to / name, {}))
        for name, one in sorted(named.items())
    )


def _imported(one: Publication, carried: Path, to: Path, written: Mapping[str, bytes]) -> Imported:
    return Imported(
        one.package,
        one.date,
        to if written or not carried.is_dir() else carried,
        len(one.heads),
        len(one.terms),
        TABLES[0] in written,
        max(written.get(SYNONYMS, b"").count(b"\n") - 1, 0),
    )


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
    synonyms = [(row.codelist, row.code, said) for row in one.terms for said in row.synonyms]
    found = {
        "codelists.tsv": "".join(_lines(_HEADS, heads)).encode(),
        "terms.tsv": "".join(_lines(_TERMS, terms)).encode(),
    }
    if synonyms:
        found[SYNONYMS] = "".join(_lines(_SYNONYMS, synonyms)).encode()
    return found


def _lines(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return ("\t".join(row) + "\n" for row in (names, *rows))


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    """Return the tables that a folder has; a release that is there has all but synonyms."""
    return [path for name in (*TABLES, SYNONYMS) if (path := folder / name).is_file()]


def _clash(one: Publication, place: Path, *, inside: bool) -> Diagnostic:
    fact = f'another content of "{one.package} {one.date}" is there already'
    mend = (
        f'remove the folder "{place.as_posix()}" first, if that one is wrong'
        if inside
        else "the release is carried; compare the two: cdisc ct diff"
    )
    return Diagnostic("STD006", fact, found=(one.file,), help=mend)


def _write(tables: Mapping[Path, Mapping[str, bytes]]) -> None:
    """Write tables: new folders appear whole, and a table in a folder that is there likewise."""
    moves: list[tuple[Path, Path]] = []
    try:
        for folder, contents in tables.items():
            made = folder.with_name(f".{folder.name}")
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
            for name, content in contents.items():
                (made / name).write_bytes(content)
            moves += _moves(made, folder, contents)
        for source, target in moves:
            source.rename(target)
    except OSError as error:
        fact = f'cannot write "{error.filename}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error
    finally:
        for folder in tables:
            shutil.rmtree(folder.with_name(f".{folder.name}"), ignore_errors=True)


def _moves(made: Path, folder: Path, names: Iterable[str]) -> list[tuple[Path, Path]]:
    if not folder.is_dir():
        return [(made, folder)]
    return [(made / name, folder / name) for name in names]
