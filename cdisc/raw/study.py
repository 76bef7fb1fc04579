"""All files of a delivery, each in its form; one refusal for everything that is wrong."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from cdisc.dataset import RawForm, RawStudy
from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.errors import RawDataError
from cdisc.raw.csv import Dialect, read_or_explain
from cdisc.raw.delivery import Delivery
from cdisc.spec import LoadedStudy

_FILES_SHOWN = 20


@dataclasses.dataclass(frozen=True, slots=True)
class RawFormSource:
    """Where a form lies and how its file is written, as ``study.yaml`` says.

    Attributes:
        file: Path inside the folder of the raw data, with forward slashes.
        delimiter: One or more characters between fields.
        encoding: Any text encoding that Python knows.
        strip: Taken from the front of field names that begin with it.
        missing: Texts that mean "no value", beside empty text.
        quote: The quoting character; empty where the file knows no quoting.
        span: The line of the spec that names the file.
    """

    file: str
    delimiter: str = ","
    encoding: str = "utf-8"
    strip: str = ""
    missing: tuple[str, ...] = ()
    quote: str = '"'
    span: Span | None = None


def read_study(loaded: LoadedStudy, raw: Path) -> RawStudy:
    """Read the raw files that a study names.

    Args:
        loaded: The study.
        raw: The folder that ``file:`` is relative to.

    Raises:
        RawDataError: Every finding in every file.
    """
    sources = {
        name: RawFormSource(
            file=block.file,
            delimiter=block.delimiter,
            encoding=block.encoding,
            strip=block.strip,
            missing=block.missing,
            span=loaded.document.span(("raw", name, "file")),
        )
        for name, block in loaded.study.raw.items()
    }
    return read_raw(sources, raw)


def read_raw(forms: Mapping[str, RawFormSource], folder: Path) -> RawStudy:
    """Read every form of a study.

    Args:
        forms: Alias of each form and where its file lies.
        folder: The folder of the raw data; no file outside it is read.

    Returns:
        The forms in the order of `forms`; missing values are null.

    Raises:
        RawDataError: With every finding of every file (RAW001 to RAW016).
    """
    read: list[RawForm] = []
    findings: list[Diagnostic] = []
    for name, source in forms.items():
        delivery = Delivery(name, source.file, source.span)
        refusal = _check_place(folder, delivery)
        if refusal:
            findings.append(refusal)
            continue
        form, wrong = read_or_explain(folder / source.file, delivery, _dialect(source))
        findings += wrong
        if form is not None:
            read.append(form)
    if findings:
        raise RawDataError(findings)
    return RawStudy(tuple(read))


def _dialect(source: RawFormSource) -> Dialect:
    return Dialect(source.delimiter, source.encoding, source.strip, source.missing, source.quote)


def _check_place(folder: Path, delivery: Delivery) -> Diagnostic | None:
    place = PurePosixPath(delivery.file)
    if place.is_absolute() or Path(delivery.file).is_absolute() or ".." in place.parts:
        return delivery.finding(
            "RAW004",
            "lies outside the folder of the raw data",
            expected="a path inside that folder, without ..",
        )
    if (folder / delivery.file).exists():
        return None
    files = sorted(path.relative_to(folder).as_posix() for path in _files(folder))
    shown = ", ".join(files[:_FILES_SHOWN])
    more = len(files) - _FILES_SHOWN
    return delivery.finding(
        "RAW001",
        f'of form "{delivery.form}" is not in the folder of the raw data',
        f"files there: {shown}{f' and {more} more' if more > 0 else ''}"
        if files
        else "no file there",
        help=did_you_mean(delivery.file, files) or "name the file under raw: in study.yaml",
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
