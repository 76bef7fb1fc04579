"""Files of a folder written in another form, all of them or none.

The new folder is made beside its place and renamed, so it is there when every file is.
"""

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.errors import CdiscError, OutputError, RawDataError
from cdisc.transport.files import PLAIN, WRITABLE, Form, files_of, read_with_about, write_file
from cdisc.transport.json_about import About
from cdisc.transport.one_length import lengths_of_all, longest_texts, with_lengths
from cdisc.transport.split import split_dataset

SPLIT = "split"
"""Folder of the parts of datasets that are too large, beside the whole ones."""


def convert_folder(
    source: Path, target: Path, suffix: str, *, created: dt.datetime, form: Form = PLAIN
) -> tuple[Path, ...]:
    """Write every dataset of a folder, or of a transport file, into a new folder.

    Folders within stay. A file of one dataset keeps its name; the datasets of a
    transport file with several become files with their names in lower case. With
    ``form.largest``, a dataset that makes a larger transport file has its parts in a
    folder ``split`` beside it.

    Args:
        source: A folder with files of datasets, or such a file.
        target: The folder to make; there is nothing of that name, or an empty folder.
        suffix: Form of the new files, one of `WRITABLE`.
        created: The time stamp of forms that have one.
        form: What the suffix leaves open.

    Returns:
        The new files, relative to `target`, in their order.

    Raises:
        RawDataError: A file cannot be read: what is wrong with all of them.
        OutputError: A file cannot be written, or the place is taken (FILE012).
    """
    if suffix not in WRITABLE:
        fact = f'"{suffix}" is no kind of file that is known here'
        raise OutputError([Diagnostic("FILE001", fact, expected=", ".join(WRITABLE))])
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        fact = f'"{target.name}" is there already'
        raise OutputError([Diagnostic("FILE012", fact, expected="a free name, or an empty folder")])
    beside = target.with_name(f".{target.name}.partial")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        written = _Conversion(source, beside, suffix, created, form).run()
        beside.replace(target)
    except OSError as error:
        fact = f'cannot write "{target.name}": {error.strerror}'
        raise OutputError([Diagnostic("FILE003", fact)]) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(beside, ignore_errors=True)
    return written


class _Conversion:
    """The files of a folder on their way into another."""

    def __init__(
        self, source: Path, target: Path, suffix: str, created: dt.datetime, form: Form
    ) -> None:
        self._source = source
        self._target = target
        self._suffix = suffix
        self._created = created
        self._form = form
        self._findings: list[Diagnostic] = []
        self._kinds: list[type[CdiscError]] = []
        self._written: list[Path] = []

    def run(self) -> tuple[Path, ...]:
        """Write all files.

        Raises:
            CdiscError: What is wrong with any of them, as the first of them says.
        """
        lengths = self._lengths() if self._form.one_length else {}
        for place, dataset, about in self._datasets():
            with self._noted():
                self._write(place, with_lengths(dataset, lengths), about)
        if self._findings:
            raise self._kinds[0](self._findings)
        return tuple(self._written)

    def _lengths(self) -> dict[str, int]:
        codec = self._form.encoding
        found = lengths_of_all(longest_texts(one, codec) for _, one, _ in self._datasets())
        self._findings.clear()  # they are found again
        self._kinds.clear()
        return found

    def _datasets(self) -> Iterator[tuple[Path, Dataset, About | None]]:
        """Yield each dataset with its place in the new folder, without suffix."""
        folder = self._source if self._source.is_dir() else self._source.parent
        for path in files_of(self._source) if self._source.is_dir() else (self._source,):
            with self._noted():
                datasets, about = read_with_about(path, self._form.encoding)
                home = path.parent.relative_to(folder)
                for one in datasets:
                    stem = path.stem if len(datasets) == 1 else one.name.lower()
                    yield home / stem, one, about

    def _write(self, place: Path, dataset: Dataset, about: About | None) -> None:
        parts: tuple[Dataset, ...] = (dataset,)
        if self._form.largest and self._suffix == ".xpt":
            parts = split_dataset(dataset, largest=self._form.largest, version=self._form.version)
        self._put(place, dataset, about)
        for one in parts if len(parts) > 1 else ():
            self._put(place.parent / SPLIT / one.name.lower(), one, None)

    def _put(self, place: Path, dataset: Dataset, about: About | None) -> None:
        path = self._target / place.parent / f"{place.name}{self._suffix}"
        if path.exists():
            fact = f'two datasets would be "{path.name}"'
            raise RawDataError([Diagnostic("FILE006", fact, dataset=dataset.name)])
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(dataset, path, created=self._created, form=self._form, about=about)
        self._written.append(path.relative_to(self._target))

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except CdiscError as error:
            self._findings += error.diagnostics
            self._kinds.append(type(error))
