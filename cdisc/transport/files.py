"""Files of datasets by their suffix: read any, write any.

The suffix says the form; nothing is guessed from the content.
"""

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Final

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import CdiscError, OutputError, RawDataError
from cdisc.transport.csv_write import write_csv
from cdisc.transport.json_about import About
from cdisc.transport.json_read import read_dataset_json
from cdisc.transport.json_write import write_dataset_json
from cdisc.transport.parquet_file import read_parquet, write_parquet
from cdisc.transport.xpt_layout import Version
from cdisc.transport.xpt_read import read_xpt_members
from cdisc.transport.xpt_write import write_xpt

JSON_SUFFIXES: Final = (".json", ".ndjson", ".dsjc")
READABLE: Final = (".xpt", *JSON_SUFFIXES, ".parquet")
WRITABLE: Final = (*READABLE, ".csv")


def read_file(path: Path, *, encoding: str = "ascii") -> tuple[Dataset, ...]:
    """Return the datasets of a file; only a transport file may hold several.

    Args:
        path: A file with one of the suffixes `READABLE`.
        encoding: Encoding of text in a transport file; other forms are UTF-8.

    Raises:
        RawDataError: The suffix is another (FILE001), or as the reader of the form says.
    """
    suffix = _suffix(path, READABLE, RawDataError)
    if suffix == ".xpt":
        return read_xpt_members(path, encoding=encoding)
    return (read_parquet(path) if suffix == ".parquet" else read_dataset_json(path).dataset,)


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """How files are to be written, beside what their suffix says.

    Attributes:
        encoding: Of text in a transport file, read or written; other forms are UTF-8.
        version: Of a transport file that is written.
        decimals: Write numbers of Dataset-JSON as decimals, as texts.
        one_length: Text variables of one name are as long as their longest value in all files.
        largest: Bytes above which a dataset is written in parts too.
    """

    encoding: str = "ascii"
    version: Version = 5
    decimals: bool = False
    one_length: bool = False
    largest: int | None = None


PLAIN: Final = Form()


def write_file(
    dataset: Dataset,
    path: Path,
    *,
    created: dt.datetime,
    form: Form = PLAIN,
    about: About | None = None,
) -> None:
    """Write a dataset in the form that the suffix says.

    Args:
        dataset: Any number of records.
        path: A file with one of the suffixes `WRITABLE`; its folder exists.
        created: The time stamp of forms that have one.
        form: What the suffix leaves open.
        about: What Dataset-JSON says beside the dataset.

    Raises:
        OutputError: The suffix is another (FILE001), the form has no place for special
            missing values (FILE009), or as the writer of the form says.
    """
    suffix = _suffix(path, WRITABLE, OutputError)
    if suffix in {*JSON_SUFFIXES, ".csv"}:
        _require_plain_missing(dataset, path)
    if suffix == ".xpt":
        write_xpt(dataset, path, created=created, encoding=form.encoding, version=form.version)
    elif suffix == ".parquet":
        write_parquet(dataset, path)
    elif suffix == ".csv":
        write_csv(dataset, path)
    else:
        write_dataset_json(dataset, path, created=created, about=about, decimals=form.decimals)


def convert_file(
    source: Path, target: Path, *, created: dt.datetime, form: Form = PLAIN
) -> Dataset:
    """Write the one dataset of a file in another form, and return it.

    What Dataset-JSON says beside its dataset goes from one such file to another.

    Raises:
        RawDataError: The source cannot be read, or holds several datasets (FILE007).
        OutputError: The target cannot be written.
    """
    _suffix(target, WRITABLE, OutputError)
    datasets, about = read_with_about(source, form.encoding)
    if len(datasets) != 1:
        fact = f'"{source.name}" holds {len(datasets)} datasets'
        found = tuple(one.name for one in datasets)
        raise RawDataError([Diagnostic("FILE007", fact, found=found, expected="exactly one")])
    write_file(datasets[0], target, created=created, form=form, about=about)
    return datasets[0]


def read_with_about(source: Path, encoding: str) -> tuple[tuple[Dataset, ...], About | None]:
    """Return the datasets of a file, and what Dataset-JSON says beside its dataset."""
    if source.suffix.lower() in JSON_SUFFIXES:
        held = read_dataset_json(source)
        return (held.dataset,), held.about
    return read_file(source, encoding=encoding), None


def files_of(folder: Path) -> tuple[Path, ...]:
    """Return the files of datasets in a folder and its subfolders, in order of their paths.

    Raises:
        RawDataError: There is none (FILE008).
    """
    found = sorted(
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.suffix.lower() in READABLE and path.is_file()
    )
    if not found:
        fact = f'"{folder.name}" holds no file of a dataset'
        raise RawDataError([Diagnostic("FILE008", fact, expected=", ".join(READABLE))])
    return tuple(path for _, path in found)


def _require_plain_missing(dataset: Dataset, path: Path) -> None:
    findings = [
        Diagnostic(
            "FILE009",
            f'"{path.name}" has no place for special missing values',
            found=tuple(ways.drop_null().unique().to_pylist()[:3]),
            help="write .xpt or .parquet",
            dataset=dataset.name,
            variable=name,
            records=len(ways) - ways.null_count,
        )
        for name, ways in dataset.special_missing.items()
        if ways.null_count < len(ways)
    ]
    if findings:
        raise OutputError(findings)


def _suffix(path: Path, known: tuple[str, ...], error: type[CdiscError]) -> str:
    suffix = path.suffix.lower()
    if suffix not in known:
        fact = f'"{path.name}" has no suffix of a kind of file that is known here'
        help_ = did_you_mean(suffix, known) if suffix else None
        raise error([Diagnostic("FILE001", fact, expected=", ".join(known), help=help_)])
    return suffix
