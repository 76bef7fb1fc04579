"""Sound files read part by part, so that memory does not grow with them.

Only what can be read without a word to say is read so: delimited text in UTF-8 in which
nothing is amiss, and Parquet. At the first doubt the file is read whole, by the reader
that knows how to explain it; what comes out is the same.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cdisc.dataset import RawForm, RawStudy
from cdisc.diagnostics import Diagnostic
from cdisc.engine.spool import ROW, Spool
from cdisc.errors import RawDataError
from cdisc.raw.archive import opened
from cdisc.raw.csv import Dialect, header_names, other_kind, table_of
from cdisc.raw.delivery import Delivery
from cdisc.raw.fields import check_names, form_of
from cdisc.raw.scan import Structure, scan_records
from cdisc.raw.source import RawFormSource
from cdisc.raw.study import dialect_of, read_form, sources_of
from cdisc.raw.texts import NoTextError, text_of
from cdisc.spec import LoadedStudy

_WINDOW = 1 << 25
_RECORDS = 1 << 18
_MARK = b"\xef\xbb\xbf"


class DoubtError(Exception):
    """A file is to be read whole."""


def store_study(
    loaded: LoadedStudy, raw: Path, folder: Path, progress: Callable[[str], None]
) -> RawStudy:
    """Read the raw files that a study names, and keep their records on disk.

    Args:
        loaded: The study.
        raw: The folder that ``file:`` is relative to.
        folder: Where the records are kept.
        progress: Told which file is being read, and how many records there are so far.

    Returns:
        What `cdisc.raw.read_study` returns; the tables are `StoredTable` with a column
        ``_row`` that is not shown.

    Raises:
        RawDataError: Every finding in every file.
    """
    findings: list[Diagnostic] = []
    forms: list[RawForm] = []
    with Spool(folder) as spool:
        for name, source in sources_of(loaded).items():
            about, wrong = _store(spool, raw, name, source, progress)
            findings += wrong
            forms += [about] if about is not None else []
    if findings:
        raise RawDataError(findings)
    return RawStudy(tuple(_stored(spool, form) for form in forms))


def _stored(spool: Spool, form: RawForm) -> RawForm:
    table = spool.table(form.name)
    assert table is not None
    shown = table.showing([one for one in table.column_names if one != ROW])
    return dataclasses.replace(form, table=shown, rows=table.showing([ROW]))


def _store(
    spool: Spool, raw: Path, name: str, source: RawFormSource, progress: Callable[[str], None]
) -> tuple[RawForm | None, list[Diagnostic]]:
    """Store a form, part by part if it is sound."""
    delivery = Delivery(name, source.file, source.span)
    parts = _PARTS.get(source.written)
    records = 0
    if parts is not None and not source.check(delivery):
        try:
            with opened(raw, delivery) as path:
                for table in parts(path, delivery, source):
                    spool.add(name, table)
                    records += table.num_rows
                    progress(f"{source.file}, {records:,} records")
        except (DoubtError, RawDataError):
            spool.remove(name)
        else:
            return RawForm(name, source.file, None, None), []
    form, wrong = read_form(raw, name, source)
    if form is None:
        return None, wrong
    progress(f"{source.file}, {form.table.num_rows:,} records")
    table = form.table.append_column(ROW, form.rows)
    spool.begin(name, table.schema)
    for at in range(0, table.num_rows, _RECORDS):
        spool.add(name, table.slice(at, _RECORDS).combine_chunks())
    return dataclasses.replace(form, table=None, rows=None), wrong


def delimited_parts(path: Path, delivery: Delivery, source: RawFormSource) -> Iterator[pa.Table]:
    """Yield the records of delimited text with their rows, in parts.

    Raises:
        DoubtError: The file is to be read whole.
    """
    dialect = dialect_of(source)
    usual = dialect.header == 1 and not dialect.skip and dialect.byte == dialect.delimiter
    if not usual or dialect.encoding.lower() not in {"utf-8", "utf8"}:
        raise DoubtError
    try:
        with path.open("rb") as file:
            yield from _Text(delivery, dialect).parts(file)
    except OSError as error:
        raise DoubtError from error


class _Text:
    """Delimited text, window by window; each ends with a line."""

    def __init__(self, delivery: Delivery, dialect: Dialect) -> None:
        self.delivery, self.dialect = delivery, dialect
        self.names: list[str] = []
        self.lines = 0

    def parts(self, file: BinaryIO) -> Iterator[pa.Table]:
        window, following = file.read(max(_WINDOW, len(_MARK))), file.read(_WINDOW)
        if other_kind(window):
            raise DoubtError
        window = window.removeprefix(_MARK)
        while window:
            cut = window.rfind(b"\n") + 1 if following else len(window)
            text = window[:cut]
            structure = self.structure(text) if cut else None
            if structure is not None:
                yield self.table(text, structure)
                self.lines += text.count(b"\n")
                window = window[cut:]
            elif not following:
                raise DoubtError
            window += following
            following = file.read(_WINDOW) if following else b""
        if not self.names:
            raise DoubtError

    def structure(self, text: bytes) -> Structure | None:
        """Return the structure of whole records; None if the last goes on behind the text."""
        dialect = self.dialect
        structure = scan_records(text, dialect.byte.encode(), dialect.quote.encode())
        if [one.kind for one in structure.faults] == ["open quote"]:
            return None
        if structure.faults or b"\0" in text:
            raise DoubtError
        return structure

    def table(self, text: bytes, structure: Structure) -> pa.Table:
        """Return the records of a text."""
        if not self.names:
            self.names = header_names(text[: structure.ends[0]], self.dialect)
            if check_names(self.names, self.delivery):
                raise DoubtError
        else:
            structure = _with_header(structure, len(self.names))
        if np.any(structure.fields != len(self.names)):
            raise DoubtError
        try:
            table = table_of(text, structure, self.names, self.dialect)
        except (pa.ArrowException, RuntimeError) as error:
            raise DoubtError from error
        rows = pa.array(structure.rows[1:] + self.lines)
        return table.append_column(ROW, rows)


def _with_header(structure: Structure, fields: int) -> Structure:
    """Return a structure with a header of no length before its records."""
    starts, ends, rows = (
        np.insert(one, 0, 0) for one in (structure.starts, structure.ends, structure.rows)
    )
    return Structure(starts, ends, rows, np.insert(structure.fields, 0, fields), ())


def parquet_parts(path: Path, delivery: Delivery, source: RawFormSource) -> Iterator[pa.Table]:
    """Yield the records of a Parquet file with their rows, in parts.

    Raises:
        DoubtError: The file is to be read whole.
    """
    row = 1
    try:
        with pq.ParquetFile(path) as file:
            empty = file.schema_arrow.empty_table()
            yield _texts(empty, delivery, source, row)
            for batch in file.iter_batches(_RECORDS, use_threads=False):
                table = pa.Table.from_batches([batch])
                table.validate(full=True)
                yield _texts(table, delivery, source, row)
                row += table.num_rows
    except (pa.ArrowException, OSError, UnicodeError, MemoryError, NoTextError) as error:
        raise DoubtError from error


def _texts(table: pa.Table, delivery: Delivery, source: RawFormSource, row: int) -> pa.Table:
    columns = [
        (name, text_of(values))
        for name, values in zip(table.column_names, table.columns, strict=True)
    ]
    form, wrong = form_of(columns, delivery, rows=row, strip=source.strip, missing=source.missing)
    if form is None or wrong:
        raise DoubtError
    # a column in parts of its own length would be written in as many parts
    return form.table.append_column(ROW, form.rows).combine_chunks()


_Parts = Callable[[Path, Delivery, RawFormSource], Iterator[pa.Table]]
_PARTS: Final[Mapping[str, _Parts]] = {
    "csv": delimited_parts,
    "tsv": delimited_parts,
    "parquet": parquet_parts,
}
