"""Hold two files, or two folders of files, against each other, a dataset at a time."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cdisc.compare.accepted import Acceptances
from cdisc.compare.datasets import Rules, compare_datasets
from cdisc.compare.model import AttributeDifference, Comparison, DatasetComparison
from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.transport import files_of, read_file


def compare(
    a: Path,
    b: Path,
    *,
    keys: Mapping[str, Sequence[str]] | None = None,
    rules: Rules | None = None,
    accepted: Acceptances | None = None,
    encoding: str = "ascii",
) -> Comparison:
    """Return everything in which two files, or two folders, differ.

    Files of folders belong together by their names without suffix, in either case; two
    files belong together whatever they are called.

    Args:
        a: A file of a dataset, or a folder.
        b: The other.
        keys: Of each dataset by name, and under an empty name of all others.
        rules: Tolerance and examples.
        accepted: Differences that stay.
        encoding: Encoding of text in transport files.

    Raises:
        RawDataError: A file cannot be read, or a folder holds none, or a dataset twice.
        SpecError: A key is not a variable of both sides.
    """
    accepted = accepted or Acceptances()
    keys = keys or {}
    found = tuple(
        _lone(one, "a", accepted)
        if other is None
        else _lone(other, "b", accepted)
        if one is None
        else compare_datasets(
            one, other, keys=keys.get(one.name, keys.get("")), rules=rules, accepted=accepted
        )
        for one, other in _pairs(a, b, encoding)
    )
    return Comparison(found, accepted.findings())


def _lone(dataset: Dataset | None, side: str, accepted: Acceptances) -> DatasetComparison:
    name = dataset.name if dataset else ""
    count = dataset.table.num_rows if dataset else 0
    reason = accepted.for_attribute(name, None, "dataset")
    a, b = ("present", None) if side == "a" else (None, "present")
    return DatasetComparison(
        name,
        records_a=count if side == "a" else 0,
        records_b=count if side == "b" else 0,
        attributes=(AttributeDifference(None, "dataset", a, b, reason),),
    )


def _pairs(a: Path, b: Path, encoding: str) -> Iterator[tuple[Dataset | None, Dataset | None]]:
    if a.is_dir() or b.is_dir():
        of_a, of_b = _by_stem(a), _by_stem(b)
        files = [(of_a.get(stem), of_b.get(stem)) for stem in sorted(of_a.keys() | of_b.keys())]
    else:
        files = [(a, b)]
    for one, other in files:
        yield from _within(
            read_file(one, encoding=encoding) if one else (),
            read_file(other, encoding=encoding) if other else (),
        )


def _within(
    a: tuple[Dataset, ...], b: tuple[Dataset, ...]
) -> Iterator[tuple[Dataset | None, Dataset | None]]:
    if len(a) == len(b) == 1:
        yield a[0], b[0]
        return
    of_a, of_b = ({one.name: one for one in side} for side in (a, b))
    for name in sorted(of_a.keys() | of_b.keys()):
        yield of_a.get(name), of_b.get(name)


def _by_stem(place: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    twice = []
    for path in files_of(place) if place.is_dir() else (place,):
        stem = path.stem.upper()
        if stem in found:
            names = (found[stem].name, path.name)
            twice.append(Diagnostic("FILE006", f'"{place.name}" holds {stem} twice', found=names))
        found[stem] = path
    if twice:
        raise RawDataError(twice)
    return found
