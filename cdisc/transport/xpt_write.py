"""Write a dataset as a SAS transport file, version 5 or 8.

Limits are checked first, all at once; then records are laid out in a byte matrix
of a few thousand rows that is filled column by column and written, over and over,
so memory does not grow with the dataset. Records that are not all there at once
come table by table. The file is written beside and renamed: it appears whole or
not at all.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.errors import OutputError
from cdisc.transport.whole_file import appearing
from cdisc.transport.xpt_check import Checks, check_xpt, unknown_encoding
from cdisc.transport.xpt_described import Target
from cdisc.transport.xpt_layout import (
    LAYOUTS,
    About,
    Version,
    library_header,
    member_header,
    observation_header,
    padding,
)
from cdisc.transport.xpt_long import long_section
from cdisc.transport.xpt_records import Layer, SpecialMissing, fields_of
from cdisc.transport.xpt_text import normalised_encoding


def write_xpt(
    dataset: Dataset,
    path: Path,
    *,
    created: dt.datetime,
    encoding: str = "ascii",
    version: Version = 5,
) -> None:
    """Write `dataset` to `path` as a SAS transport file.

    Missing text becomes blanks, a missing number the standard missing value ``.`` or
    the special one that `Dataset.special_missing` names; dates become days, datetimes
    and times seconds, since 1960-01-01. Numbers are exact; ``-0.0`` becomes ``0.0``.
    The same arguments give the same bytes, however the table is chunked.

    Args:
        dataset: Any number of records, also none.
        path: File to write or replace; its folder exists.
        created: The time stamp of the file, to the second.
        encoding: Encoding of text and labels; a codec that extends ASCII.
        version: Version of the format. Agencies take version 5; version 8 has names of 32
            bytes, labels of 256 and texts of 32,767.

    Raises:
        OutputError: The format cannot hold the dataset (every finding of
            `check_xpt`), or the file cannot be written.

    Source:
        Record layout of a SAS transport data set (TS-140).
    """
    findings = check_xpt(dataset, encoding=encoding, version=version)
    if has_errors(findings):
        raise OutputError(findings)
    codec = normalised_encoding(encoding) or encoding
    with appearing(path, "XPT018", dataset.name) as file:
        records = _Records(file, dataset, created, Target(LAYOUTS[version], codec))
        records.write(dataset.table, dataset.special_missing)
        records.end()


class _Records:
    """The bytes of a file of one dataset: headers at once, records as they come."""

    def __init__(
        self, file: BinaryIO, about: Dataset, created: dt.datetime, target: Target
    ) -> None:
        fields = fields_of(about.variables)
        layout, codec = target.layout, target.codec
        self._file = file
        self._layer = Layer(fields, codec)
        self._layout = layout
        self._width = sum(field.length for field in fields)
        self._count = 0
        said = About(about.name, about.label.encode(codec), about.sas_type)
        file.write(library_header(created, layout))
        file.write(member_header(said, fields, created, codec, layout))
        if layout.version == 8:  # noqa: PLR2004  the version
            file.write(long_section(fields, codec))
        self._announced = file.tell()
        file.write(observation_header(layout, 0))

    def write(self, table: pa.Table, special: SpecialMissing | None) -> None:
        """Write further records."""
        for records in self._layer.matrices(table, special):
            self._file.write(records.data)
        self._count += table.num_rows

    def end(self) -> None:
        """Fill the last of the 80-byte records, and say how many records there are."""
        self._file.write(padding(self._count * self._width))
        self._file.seek(self._announced)
        self._file.write(observation_header(self._layout, self._count))


class XptStream:
    """A transport file whose records come table by table; see `stream_xpt`.

    Attributes:
        findings: After the end, everything that was found.
    """

    def __init__(self, checks: Checks, records: _Records | None) -> None:
        self._checks = checks
        self._records = records
        self.findings: tuple[Diagnostic, ...] = ()

    @property
    def records(self) -> int:
        """How many records have come."""
        return self._checks.records

    def add(
        self, table: pa.Table | pa.RecordBatch, special_missing: SpecialMissing | None = None
    ) -> None:
        """Take the next records; columns as the variables, in their order.

        Values are checked as they come. Once one cannot be held, nothing more is
        written, and all that follows is still checked.

        Args:
            table: Any number of records; column types as in `cdisc.dataset.ARROW_TYPES`.
            special_missing: Of these records, as in `Dataset.special_missing`.

        Raises:
            ValueError: The columns are not those of the dataset.
            TypeError: A column has another type than its kind says.
        """
        if isinstance(table, pa.RecordBatch):
            table = pa.Table.from_batches([table])
        self._checks.add(table, special_missing)
        if self._records is not None and self._checks.sound:
            self._records.write(table, special_missing)

    def end(self) -> None:
        """Say that no more records come.

        Raises:
            OutputError: The format cannot hold what came: every finding.
        """
        self.findings = tuple(self._checks.findings())
        if has_errors(self.findings) or self._records is None:
            raise OutputError(self.findings)
        self._records.end()


@contextlib.contextmanager
def stream_xpt(
    about: Dataset,
    path: Path,
    *,
    created: dt.datetime,
    encoding: str = "ascii",
    version: Version = 5,
) -> Iterator[XptStream]:
    """Write records that come table by table as a SAS transport file.

    Memory does not grow with the records, of which the number need not be known. The
    bytes are those that `write_xpt` writes of all records together. The file takes
    its name when the block ends and all that came can be held; else there is none.

    Args:
        about: The dataset without its records: those in its table are not written.
        path: File to write or replace; its folder exists.
        created: The time stamp of the file, to the second.
        encoding: Encoding of text and labels; a codec that extends ASCII.
        version: Version of the format, as for `write_xpt`.

    Yields:
        The stream, to whose `XptStream.add` the records go.

    Raises:
        OutputError: At the end, every finding of everything that came; or the file
            cannot be written.

    Example:
        >>> import tempfile
        >>> from cdisc.dataset import Variable
        >>> variables = (Variable("USUBJID", "Unique Subject Identifier", "text", 4),)
        >>> table = pa.table({"USUBJID": ["0001", "0002"]})
        >>> about = Dataset("DM", "Demographics", "", "", (), variables, table.slice(0, 0))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "dm.xpt")
        ...     with stream_xpt(about, path, created=dt.datetime(2026, 1, 1)) as file:
        ...         file.add(table)
        ...         file.add(table)
        ...     (file.records, path.stat().st_size)
        (4, 960)
    """
    codec = normalised_encoding(encoding)
    if codec is None:
        raise OutputError([unknown_encoding(encoding)])
    checks = Checks(about, codec, version)
    if has_errors(checks.findings()):
        stream = XptStream(checks, None)
        yield stream
        stream.end()
        return
    target = Target(LAYOUTS[version], codec)
    with appearing(path, "XPT018", about.name) as file:
        stream = XptStream(checks, _Records(file, about, created, target))
        yield stream
        stream.end()
