"""Where a form lies and how its file is written; the name of a file says its format."""

import dataclasses
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final, Literal, get_args

from cdisc.diagnostics import Diagnostic, Span
from cdisc.raw.delivery import Delivery

Format = Literal["csv", "tsv", "fixed", "excel", "sas", "xpt", "parquet", "json", "odm"]

_BY_SUFFIX: Final[Mapping[str, Format]] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xls": "excel",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".sas7bdat": "sas",
    ".xpt": "xpt",
    ".parquet": "parquet",
    ".json": "json",
    ".ndjson": "json",
    ".dsjc": "json",
    ".xml": "odm",
}
_DELIMITED: Final = frozenset({"delimiter", "quote", "encoding", "header", "skip_rows"})
_MEANT: Final[Mapping[Format, frozenset[str]]] = {
    "csv": _DELIMITED,
    "tsv": _DELIMITED,
    "fixed": frozenset({"columns", "encoding", "skip_rows"}),
    "excel": frozenset({"sheet", "header", "skip_rows"}),
    "sas": frozenset({"catalog", "encoding"}),
    "xpt": frozenset({"encoding", "member"}),
    "parquet": frozenset(),
    "json": frozenset(),
    "odm": frozenset({"itemgroup"}),
}


@dataclasses.dataclass(frozen=True, slots=True)
class RawFormSource:
    """Where a form lies and how its file is written, as ``study.yaml`` says.

    Attributes:
        file: Path inside the folder of the raw data, with forward slashes; that of a
            file in an archive goes on behind the archive's.
        delimiter: One or more characters between fields; None for that of the format.
        encoding: Any text encoding that Python knows; None for that of the format.
        strip: Taken from the front of field names that begin with it.
        missing: Texts that mean "no value", beside empty text.
        quote: The quoting character; empty where the file knows no quoting.
        span: The line of the spec that names the file.
        format: How the file is written; None for what its name ends with.
        header: Line, or row of a sheet, that names the fields.
        skip_rows: Lines behind it that are no records; of a file of fixed width, the first.
        columns: Width of each field of a file of fixed width, in characters.
        sheet: Sheet of a workbook.
        catalog: SAS formats catalog, a path as `file`.
        itemgroup: OID of the item group of an ODM file.
        member: Dataset of a transport file that has several.
    """

    file: str
    delimiter: str | None = None
    encoding: str | None = None
    strip: str = ""
    missing: tuple[str, ...] = ()
    quote: str = '"'
    span: Span | None = None
    format: Format | None = None
    header: int = 1
    skip_rows: int = 0
    columns: Mapping[str, int] | None = None
    sheet: str | None = None
    catalog: str | None = None
    itemgroup: str | None = None
    member: str | None = None

    @property
    def written(self) -> Format:
        """The format that is declared, or that the options or the name of the file say."""
        if self.format is not None:
            return self.format
        if self.columns is not None:
            return "fixed"
        return _BY_SUFFIX.get(PurePosixPath(self.file).suffix.lower(), "csv")

    def check(self, delivery: Delivery) -> list[Diagnostic]:
        """Return a finding for each option that has no meaning for the format.

        Delimiter and encoding are often said for a whole folder, so they may stand there.
        """
        written = self.written
        findings = [
            delivery.finding(
                "RAW018",
                f"is of the format {written}, for which {name} has no meaning",
                help=f"remove {name}:, or declare format: as one of {', '.join(get_args(Format))}",
            )
            for name in ("columns", "sheet", "catalog", "itemgroup", "member")
            if getattr(self, name) is not None and name not in _MEANT[written]
        ]
        findings += [
            delivery.finding("RAW018", f"is of the format {written}, for which {name} is not known")
            for name, plain in (("header", 1), ("skip_rows", 0))
            if getattr(self, name) != plain and name not in _MEANT[written]
        ]
        if written == "fixed" and not self.columns:
            fact = "is of fixed width, and its columns are not declared"
            expected = "columns: with the width of each field in characters"
            findings.append(delivery.finding("RAW029", fact, expected=expected))
        return findings
