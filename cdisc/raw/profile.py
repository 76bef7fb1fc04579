"""What stands in delivered files, field by field: for who writes the mapping of a study.

This is the one place that guesses: the format by the name of the file, the delimiter by
its first line, the type of a field by its values. Nothing is converted by a guess.
"""

import dataclasses
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import RawForm
from cdisc.diagnostics import Diagnostic
from cdisc.raw.archive import DAMAGED
from cdisc.raw.date_forms import date_forms
from cdisc.raw.source import RawFormSource
from cdisc.raw.study import read_form

_SAMPLES: Final = 5
_SNIFFED: Final = 4096
_DELIMITERS: Final = (",", ";", "\t", "|")
_TEXTS: Final = frozenset({".csv", ".txt", ".dat", ".asc"})
_KNOWN: Final = _TEXTS | {
    *(".tsv", ".tab", ".xls", ".xlsx", ".xlsm", ".sas7bdat", ".xpt", ".parquet", ".xml"),
    *(".json", ".ndjson", ".dsjc"),
}
_FOLLOWING: Final = bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
_TROUBLE: Final = {
    "characters that a conversion replaced": "\ufffd",
    "UTF-8 read in another encoding": f"[\u00c2\u00c3][\u0080-\u00bf{_FOLLOWING}]",
    "control characters": r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]",
    "no-break spaces": "\u00a0",
    "blanks around the value": r"^\s|\s$",
}


@dataclasses.dataclass(frozen=True, slots=True)
class FieldProfile:
    """What stands in a field.

    Attributes:
        name: Of the field.
        type: ``empty``, ``whole``, ``decimal``, ``date``, ``time`` or ``text``.
        missing: Records without a value.
        distinct: Different values.
        longest: Characters of the longest value.
        samples: The commonest values with their counts; empty where values are hidden.
        forms: Forms of dates, in the words of the step ``iso``.
        unfit: Different values of a date that no form fits.
        trouble: What is wrong with the text of some values, and in how many records.
    """

    name: str
    type: str
    missing: int
    distinct: int
    longest: int
    samples: tuple[tuple[str, int], ...]
    forms: tuple[str, ...]
    unfit: int
    trouble: Mapping[str, int]


@dataclasses.dataclass(frozen=True, slots=True)
class FileProfile:
    """What stands in a file, or in a sheet or item group of it.

    Attributes:
        file: Path below the folder.
        format: How it is written.
        part: Sheet or item group, where it has several.
        records: Number of records.
        fields: In the order of the file; empty if it cannot be read.
        findings: What its reader says of it.
    """

    file: str
    format: str
    part: str | None
    records: int
    fields: tuple[FieldProfile, ...]
    findings: tuple[Diagnostic, ...]


def profile_raw(
    place: Path, sources: Mapping[str, RawFormSource] | None = None, *, values: bool = True
) -> Iterator[FileProfile]:
    """Yield what stands in the files of a folder, in the order of their names.

    Args:
        place: A folder with everything below it, or one file.
        sources: How forms are written, as a study says; guessed where there are none.
        values: Show the commonest values.
    """
    folder = place if place.is_dir() else place.parent
    files = [place] if place.is_file() else sorted(one for one in place.rglob("*") if one.is_file())
    if sources is None:
        for path in files:
            for source in _guessed(path, path.relative_to(folder).as_posix()):
                yield from _profiles(folder, source, values=values)
    else:
        for source in sources.values():
            yield from _profiles(folder, source, values=values)


def _guessed(path: Path, file: str) -> Iterator[RawFormSource]:
    """Yield how a file, or each file of an archive, seems to be written."""
    if path.suffix.lower() != ".zip":
        with path.open("rb") as opened:
            yield from _source(file, opened)
        return
    try:
        with zipfile.ZipFile(path) as whole:
            for name in sorted(set(whole.namelist())):
                with whole.open(name) as opened:
                    yield from _source(f"{file}/{name}", opened)
    except DAMAGED:
        yield RawFormSource(f"{file}/?")  # the reader says what is wrong


def _source(file: str, opened: IO[bytes]) -> Iterator[RawFormSource]:
    """Yield how a file seems to be written, if its name is of a known format."""
    suffix = PurePosixPath(file).suffix.lower()
    if suffix in _TEXTS:
        line = opened.read(_SNIFFED).split(b"\n")[0]
        often = max(_DELIMITERS, key=lambda one: line.count(one.encode()))
        yield RawFormSource(file, delimiter=often)
    elif suffix in _KNOWN:
        yield RawFormSource(file)


def _profiles(folder: Path, source: RawFormSource, *, values: bool) -> Iterator[FileProfile]:
    """Yield the profile of a file, or those of all its parts if none is chosen."""
    form, findings = read_form(folder, "profile", source)
    several = form is None and [one.code for one in findings] == ["RAW022"]
    if not several or source.itemgroup is not None or source.sheet is not None:
        yield _profile(form, findings, source, None, values=values)
        return
    for part in findings[0].found:  # what its reader lists
        one = _chosen(source, part)
        name = one.sheet or one.itemgroup
        yield _profile(*read_form(folder, "profile", one), one, name, values=values)


def _chosen(source: RawFormSource, part: str) -> RawFormSource:
    if source.written == "odm":
        return dataclasses.replace(source, itemgroup=part.rpartition(", ")[0])  # without its count
    return dataclasses.replace(source, sheet=part)


def _profile(
    form: RawForm | None,
    findings: list[Diagnostic],
    source: RawFormSource,
    part: str | None,
    *,
    values: bool,
) -> FileProfile:
    if form is None:
        return FileProfile(source.file, source.written, part, 0, (), tuple(findings))
    table = form.table
    fields = (
        _field(name, column, values=values)
        for name, column in zip(table.column_names, table.columns, strict=True)
    )
    return FileProfile(source.file, source.written, part, table.num_rows, tuple(fields), form.notes)


def _field(name: str, column: pa.ChunkedArray, *, values: bool) -> FieldProfile:
    known = column.drop_null().combine_chunks()
    counted = pc.value_counts(known)
    texts, counts = counted.field("values"), counted.field("counts")
    forms, unfit = date_forms(texts)
    kind = _type(texts, forms)
    dates = kind in {"date", "time"}
    table = pa.table({"text": texts, "count": counts})
    common = table.sort_by([("count", "descending"), ("text", "ascending")]).slice(0, _SAMPLES)
    return FieldProfile(
        name=name,
        type=kind,
        missing=column.null_count,
        distinct=len(texts),
        longest=pc.max(pc.utf8_length(texts)).as_py() or 0,
        samples=tuple((one["text"], one["count"]) for one in common.to_pylist()) if values else (),
        forms=forms if dates else (),
        unfit=unfit if dates else 0,
        trouble=_trouble(known),
    )


def _type(texts: pa.StringArray, forms: tuple[str, ...]) -> str:
    if not len(texts):
        return "empty"
    only_digits = pc.all(pc.match_substring_regex(texts, r"^[+-]?[0-9]+$")).as_py()
    if only_digits and forms != ("yyyymmdd",):
        return "whole"
    number = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
    if not only_digits and pc.all(pc.match_substring_regex(texts, number)).as_py():
        return "decimal"
    if not forms:
        return "text"
    return "time" if forms[0].startswith("H") else "date"


def _trouble(texts: pa.StringArray) -> dict[str, int]:
    found = {
        what: pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0
        for what, pattern in _TROUBLE.items()
    }
    return {what: number for what, number in found.items() if number}
