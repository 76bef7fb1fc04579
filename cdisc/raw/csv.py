"""Delimited text to a raw form: every value text, as it was written, or a refusal.

The text ``NA`` is a value; only empty text is null, and exactly the texts that the
study declares as missing. The structure is scanned strictly first (`scan_records`);
Arrow then reads a file that is known to be whole, so it has nothing to guess or to
mend.
"""

import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from cdisc.dataset import RawForm
from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import RawDataError
from cdisc.raw.delivery import SHOWN, Delivery, counted
from cdisc.raw.encoding import to_utf8
from cdisc.raw.fields import check_names
from cdisc.raw.scan import Fault, Structure, scan_records

_STAND_IN = "\x1f"
"""ASCII unit separator: takes the place of a delimiter that is not one ASCII character."""

_BLOCK = 1 << 23
_OTHER_KINDS = {
    bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c"): "a SAS data file",
    b"HEADER RECORD*******": "a SAS transport file",
    b"PK\x03\x04": "a workbook or another zip file",
    bytes.fromhex("d0cf11e0a1b11ae1"): "an old Excel workbook",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"%PDF-": "a PDF file",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    Attributes:
        delimiter: One or more characters between fields.
        encoding: Any text encoding that Python knows.
        strip: Taken from the front of field names that begin with it.
        missing: Texts that mean "no value", beside empty text.
        quote: The quoting character; empty where the file knows no quoting.
        header: Record that names the fields, from 1; what stands before it is passed over.
        skip: Records right behind the header that are labels or types.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    strip: str = ""
    missing: tuple[str, ...] = ()
    quote: str = '"'
    header: int = 1
    skip: int = 0

    @property
    def byte(self) -> str:
        """The one ASCII character that separates fields while a file is read."""
        plain = len(self.delimiter) == 1 and self.delimiter.isascii()
        return self.delimiter if plain else _STAND_IN


def read_csv_form(  # noqa: PLR0913  one argument a property of the file, as study.yaml names them
    path: Path,
    *,
    name: str,
    file: str,
    delimiter: str = ",",
    encoding: str = "utf-8",
    strip: str = "",
    missing: tuple[str, ...] = (),
    quote: str = '"',
    span: Span | None = None,
) -> RawForm:
    r"""Read a delimited file, every value as the text that was written.

    Empty text becomes null, and so do exactly the texts of `missing`; nothing else
    does. Lines end with LF or CRLF; the last may lack its end. Quoted values may
    hold delimiters, line ends and doubled quotes; a quote inside an unquoted value
    is an ordinary character. Blank lines behind the last record are passed over,
    but an empty line of a file of one field is a record.

    Args:
        path: The file.
        name: Alias of the form, such as ``ae``.
        file: Path as named in ``study.yaml``; what messages show.
        delimiter: One or more characters between fields.
        encoding: Any text encoding that Python knows. A byte order mark is taken off.
        strip: Taken from the front of field names that begin with it.
        missing: Further texts that mean "no value".
        quote: The quoting character; empty where the file knows no quoting.
        span: The line of the spec that asked for the file.

    Returns:
        One record per line of the file behind the header, in the order of the file.

    Raises:
        RawDataError: The file cannot be read, its bytes do not fit the encoding, or
            its structure is broken; every finding at once (RAW001 to RAW016).

    Source:
        RFC 4180, section 2.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "sites.csv")
        ...     _ = path.write_bytes(b'SITE,REGION\n01,NA\n02,\n03,"a\nb"\n')
        ...     form = read_csv_form(path, name="sites", file="sites.csv")
        >>> form.table.column("REGION").to_pylist(), form.rows.to_pylist()
        (['NA', None, 'a\nb'], [2, 3, 4])
    """
    form, findings = read_or_explain(
        path,
        Delivery(name, file, span),
        Dialect(delimiter, encoding, strip, missing, quote),
    )
    if form is None:
        raise RawDataError(findings)
    return form


def read_or_explain(
    path: Path, delivery: Delivery, dialect: Dialect
) -> tuple[RawForm | None, list[Diagnostic]]:
    """Return the form and no findings, or no form and every finding."""
    useless = _check_dialect(dialect, delivery)
    if useless:
        return None, useless
    data = read_bytes(path, delivery)
    if isinstance(data, Diagnostic):
        return None, [data]
    kind = other_kind(data)
    if kind:
        help_ = "declare its format:, or export it as delimited text, for example CSV in UTF-8"
        return None, [delivery.finding("RAW016", f"is no delimited text but {kind}", help=help_)]
    text = to_utf8(data, dialect.encoding, delivery)
    if isinstance(text, bytes):
        text = _with_one_byte_delimiter(text, dialect, delivery)
    if isinstance(text, Diagnostic):
        return None, [text]
    if not text.strip():
        return None, [
            delivery.finding("RAW005", "is empty", expected="a first line that names the fields")
        ]
    return _read_text(text, delivery, dialect)


def other_kind(data: bytes) -> str | None:
    """Return what a file is that is no delimited text, by how it begins; None if it may be."""
    return next((kind for start, kind in _OTHER_KINDS.items() if data.startswith(start)), None)


def read_bytes(path: Path, delivery: Delivery) -> bytes | Diagnostic:
    """Return the whole file, or why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return delivery.finding("RAW001", f"cannot be read: {reason}")


def _check_dialect(dialect: Dialect, delivery: Delivery) -> list[Diagnostic]:
    delimiter, quote = dialect.delimiter, dialect.quote
    findings = []
    if not delimiter or set(delimiter) & {"\r", "\n", quote}:
        findings.append(
            delivery.finding(
                "RAW015",
                f"is declared to have the delimiter {delimiter!r}, which separates nothing",
                expected="one or more characters, no line end and not the quoting character",
            )
        )
    if len(quote) > 1 or not quote.isascii() or quote in {"\r", "\n"}:
        findings.append(
            delivery.finding(
                "RAW015",
                f"is declared to have the quoting character {quote!r}, which cannot quote",
                expected="one ASCII character, or nothing where the file knows no quoting",
            )
        )
    return findings


def _with_one_byte_delimiter(
    text: bytes, dialect: Dialect, delivery: Delivery
) -> bytes | Diagnostic:
    if dialect.byte == dialect.delimiter:
        return text
    if _STAND_IN.encode() in text:
        return delivery.finding(
            "RAW014",
            f'holds the control character U+001F beside the delimiter "{dialect.delimiter}"',
            help="export it with a delimiter of one ASCII character, such as a comma or a tab",
        )
    return text.replace(dialect.delimiter.encode(), _STAND_IN.encode())


def _read_text(
    text: bytes, delivery: Delivery, dialect: Dialect
) -> tuple[RawForm | None, list[Diagnostic]]:
    structure = scan_records(text, dialect.byte.encode(), dialect.quote.encode())
    findings = [_fault(fault, delivery) for fault in structure.faults]
    if b"\0" in text:
        findings.append(nul(text, delivery))
    if findings:
        return None, findings
    lines = len(structure.starts)
    if lines >= dialect.header:
        structure = _without_blank_end(text, _from(structure, dialect.header - 1))
    if min(lines, len(structure.starts) + dialect.header - 1) < dialect.header + dialect.skip:
        return None, [beyond_end(lines, dialect.header, dialect.skip, delivery)]
    names = header_names(text[structure.starts[0] : structure.ends[0]], dialect)
    findings = [*check_names(names, delivery), *_check_lengths(text, structure, delivery)]
    if findings:
        return None, findings
    structure = _from(structure, dialect.skip)
    table = table_of(text, structure, names, dialect)
    return RawForm(delivery.form, delivery.file, table, pa.array(structure.rows[1:])), []


def beyond_end(lines: int, header: int, skip: int, delivery: Delivery) -> Diagnostic:
    """Return the finding of a file that has no header, or not all rows to skip."""
    return delivery.finding(
        "RAW031",
        f"has {counted(lines, 'line')}",
        expected=f"the names of the fields at line {header}, and {counted(skip, 'line')} to skip",
    )


def _from(structure: Structure, first: int) -> Structure:
    """Leave out the records before the one that becomes the first."""
    return Structure(
        structure.starts[first:],
        structure.ends[first:],
        structure.rows[first:],
        structure.fields[first:],
        structure.faults,
    )


def _fault(fault: Fault, delivery: Delivery) -> Diagnostic:
    if fault.kind == "open quote":
        return delivery.finding(
            "RAW008",
            "ends inside a quoted value",
            f"the record that begins at row {fault.row} never ends",
            row=fault.row,
            help="ask for the file again: it is cut off, or a quote is missing",
        )
    if fault.kind == "text after quote":
        return delivery.finding(
            "RAW009",
            "holds text behind a closing quote",
            f"row {fault.row}",
            row=fault.row,
            expected="a delimiter or the end of the line; a quote inside a quoted value is doubled",
        )
    return delivery.finding(
        "RAW010",
        "holds a carriage return without a line feed outside quotes",
        f"{counted(fault.count, 'carriage return')}, first at row {fault.row}",
        row=fault.row,
        expected="lines that end with LF or CRLF",
    )


def nul(text: bytes, delivery: Delivery) -> Diagnostic:
    """Return the finding of text that holds NUL bytes."""
    row = text.count(b"\n", 0, text.index(b"\0")) + 1
    return delivery.finding(
        "RAW011",
        "holds NUL bytes",
        f"{counted(text.count(0), 'NUL byte')}, first at row {row}",
        row=row,
        help="declare encoding: utf-16-le if every second byte is NUL; else ask for the file again",
    )


def _without_blank_end(text: bytes, structure: Structure) -> Structure:
    """Leave out blank lines behind the last record of a file of several fields."""
    keep = len(structure.starts)
    if structure.fields[0] == 1:
        return structure
    while keep > 1 and not text[structure.starts[keep - 1] : structure.ends[keep - 1]].strip(
        b"\r\n"
    ):
        keep -= 1
    return Structure(
        structure.starts[:keep],
        structure.ends[:keep],
        structure.rows[:keep],
        structure.fields[:keep],
        (),
    )


def header_names(line: bytes, dialect: Dialect) -> list[str]:
    """Return the names of the fields."""
    lines = io.StringIO(line.decode("utf-8"), newline="")
    if dialect.quote:
        reader = csv.reader(lines, delimiter=dialect.byte, quotechar=dialect.quote, strict=True)
    else:
        reader = csv.reader(lines, delimiter=dialect.byte, quoting=csv.QUOTE_NONE, strict=True)
    names = next(reader, None) or [""]
    whole = [name.replace(dialect.byte, dialect.delimiter) for name in names]
    return [name.removeprefix(dialect.strip) for name in whole]


def _check_lengths(text: bytes, structure: Structure, delivery: Delivery) -> list[Diagnostic]:
    width = int(structure.fields[0])
    wrong = np.flatnonzero(structure.fields != width)
    if not len(wrong):
        return []
    findings = []
    last = len(structure.fields) - 1
    if wrong[-1] == last and structure.fields[last] < width and not text.endswith(b"\n"):
        wrong = wrong[:-1]
        findings.append(
            delivery.finding(
                "RAW013",
                "ends in the middle of a record",
                _length(structure, last, width),
                row=int(structure.rows[last]),
                help="ask for the file again: it is cut off",
                records=1,
            )
        )
    if len(wrong):
        findings.append(
            delivery.finding(
                "RAW012",
                f"has {counted(len(wrong), 'record')} whose number of fields is not the header's",
                *(_length(structure, record, width) for record in wrong[:SHOWN].tolist()),
                row=int(structure.rows[wrong[0]]),
                expected=f"{counted(width, 'field')} in every record",
                help="check the delimiter; a value that holds it, or a line end, must be quoted",
                records=len(wrong),
            )
        )
    return findings


def _length(structure: Structure, record: int, width: int) -> str:
    fields = int(structure.fields[record])
    return f"row {structure.rows[record]}: {counted(fields, 'field')} in place of {width}"


def table_of(text: bytes, structure: Structure, names: list[str], dialect: Dialect) -> pa.Table:
    """Read the records of text whose structure is known to be sound."""
    schema = pa.schema([(name, pa.string()) for name in names])
    records = len(structure.starts) - 1
    if records == 0:
        return schema.empty_table()
    begin, end = int(structure.ends[0]), int(structure.ends[-1])
    longest = int((structure.ends - structure.starts).max())
    missing = [text.replace(dialect.delimiter, dialect.byte) for text in dialect.missing]
    table = pa_csv.read_csv(
        pa.BufferReader(pa.py_buffer(text).slice(begin, end - begin)),
        read_options=pa_csv.ReadOptions(column_names=names, block_size=max(_BLOCK, 2 * longest)),
        parse_options=pa_csv.ParseOptions(
            delimiter=dialect.byte,
            quote_char=dialect.quote or False,
            double_quote=bool(dialect.quote),
            newlines_in_values=bool(dialect.quote),
            ignore_empty_lines=False,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=schema,
            null_values=["", *missing],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    if table.num_rows != records:
        raise RuntimeError(f"{table.num_rows} records read of {records}")
    if dialect.byte == dialect.delimiter:
        return table
    return pa.table([_restored(column, dialect) for column in table.columns], schema=schema)


def _restored(column: pa.ChunkedArray, dialect: Dialect) -> pa.ChunkedArray:
    return pc.replace_substring(column, pattern=dialect.byte, replacement=dialect.delimiter)
