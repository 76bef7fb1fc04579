"""Read SAS transport files a table at a time, in memory that does not grow with them."""

import dataclasses
import mmap
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from cdisc.dataset import ARROW_TYPES, Dataset
from cdisc.errors import RawDataError
from cdisc.transport.xpt_columns import NumberColumn, TextColumn, stored_variable
from cdisc.transport.xpt_header import Member
from cdisc.transport.xpt_read import chunks, open_members
from cdisc.transport.xpt_records import SpecialMissing


@dataclasses.dataclass(frozen=True, slots=True)
class XptScan:
    """A dataset of a transport file that is read as it is asked for.

    Attributes:
        about: The dataset without its records. Dates and times are numbers with their
            formats, as the file holds them: what they can be is known at the end only.
    """

    about: Dataset
    _whole: mmap.mmap
    _member: Member
    _codec: str

    def tables(self) -> Iterator[tuple[pa.Table, SpecialMissing]]:
        """Yield the records, some ten thousand at a time, and their special missing values.

        Raises:
            RawDataError: Values cannot be read: every finding in the records at hand.
        """
        names = [field.name for field in self._member.fields]
        for start, parts in chunks(self._whole, self._member):
            columns: list[TextColumn | NumberColumn] = [
                TextColumn(field, self._codec) if field.text else NumberColumn(field)
                for field in self._member.fields
            ]
            for column, part in zip(columns, parts, strict=True):
                column.add(start, part)
            findings = [one for column in columns for one in column.findings(self._member.name)]
            if findings:
                raise RawDataError(findings)
            special = {
                column.name: column.special_missing()
                for column in columns
                if isinstance(column, NumberColumn) and column.has_special
            }
            yield pa.table([column.stored() for column in columns], names), special


def scan_xpt(path: Path, *, encoding: str = "ascii") -> tuple[XptScan, ...]:
    """Return the datasets of a SAS transport file, version 5 or 8, to be read in parts.

    Args:
        path: The file, which stays as it is while it is read.
        encoding: Encoding of text and labels; the file does not name it.

    Raises:
        RawDataError: The file is no such file, or its headers are damaged.

    Example:
        >>> import datetime as dt, tempfile
        >>> from cdisc.dataset import Variable
        >>> from cdisc.transport import write_xpt
        >>> variables = (Variable("USUBJID", "Unique Subject Identifier", "text", 4),)
        >>> dataset = Dataset("DM", "", "", "", (), variables, pa.table({"USUBJID": ["0001"]}))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_xpt(dataset, Path(folder, "dm.xpt"), created=dt.datetime(2026, 1, 1))
        ...     (scan,) = scan_xpt(Path(folder, "dm.xpt"))
        ...     [table.num_rows for table, _ in scan.tables()]
        [1]
    """
    codec, whole, members = open_members(path, encoding)
    return tuple(XptScan(_about(member), whole, member, codec) for member in members)


def _about(member: Member) -> Dataset:
    variables = tuple(stored_variable(field) for field in member.fields)
    schema = pa.schema([(one.name, ARROW_TYPES[one.kind]) for one in variables])
    return Dataset(
        name=member.name,
        label=member.label,
        class_name="",
        structure="",
        keys=(),
        variables=variables,
        table=schema.empty_table(),
        sas_type=member.sas_type,
    )
