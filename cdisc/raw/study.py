"""All files of a delivery, each in its form; one refusal for everything that is wrong."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cdisc.dataset import RawForm, RawStudy
from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.raw.archive import opened
from cdisc.raw.csv import Dialect, read_or_explain
from cdisc.raw.dataset_json import read_json
from cdisc.raw.delivery import Delivery
from cdisc.raw.excel import read_excel
from cdisc.raw.fields import Read
from cdisc.raw.fixed import read_fixed
from cdisc.raw.odm import read_odm
from cdisc.raw.parquet import read_parquet
from cdisc.raw.sas import read_sas
from cdisc.raw.source import Format, RawFormSource
from cdisc.raw.xpt import read_transport
from cdisc.spec import LoadedStudy

_Reader = Callable[[Path, Delivery, RawFormSource], Read]


def read_study(loaded: LoadedStudy, raw: Path) -> RawStudy:
    """Read the raw files that a study names.

    Args:
        loaded: The study.
        raw: The folder that ``file:`` is relative to.

    Raises:
        RawDataError: Every finding in every file.
    """
    return read_raw(sources_of(loaded), raw)


def sources_of(loaded: LoadedStudy) -> dict[str, RawFormSource]:
    """Return where the forms of a study lie and how they are written, by alias."""
    return {
        name: RawFormSource(
            file=block.file,
            delimiter=block.delimiter if "delimiter" in block.model_fields_set else None,
            encoding=block.encoding if "encoding" in block.model_fields_set else None,
            strip=block.strip,
            missing=block.missing,
            span=loaded.document.span(("raw", name, "file")),
            format=block.format,
            header=block.header,
            skip_rows=block.skip_rows,
            columns=block.columns,
            sheet=block.sheet,
            catalog=block.catalog,
            itemgroup=block.itemgroup,
            member=block.member,
        )
        for name, block in loaded.study.raw.items()
    }


def read_raw(forms: Mapping[str, RawFormSource], folder: Path) -> RawStudy:
    """Read every form of a study.

    Args:
        forms: Alias of each form and where its file lies.
        folder: The folder of the raw data; no file outside it is read.

    Returns:
        The forms in the order of `forms`; missing values are null.

    Raises:
        RawDataError: With every finding of every file.
    """
    read: list[RawForm] = []
    findings: list[Diagnostic] = []
    for name, source in forms.items():
        form, wrong = read_form(folder, name, source)
        findings += wrong
        if form is not None:
            read.append(form)
    if findings:
        raise RawDataError(findings)
    return RawStudy(tuple(read))


def read_form(folder: Path, name: str, source: RawFormSource) -> Read:
    """Return one form and no errors, or no form and every error.

    Args:
        folder: The folder of the raw data; no file outside it is read.
        name: Alias of the form.
        source: Where its file lies, and how it is written.
    """
    delivery = Delivery(name, source.file, source.span)
    wrong = source.check(delivery)
    if wrong:
        return None, wrong
    try:
        with opened(folder, delivery) as path:
            if source.catalog is None:
                return _READERS[source.written](path, delivery, source)
            with opened(folder, Delivery(name, source.catalog, source.span)) as catalog:
                return read_sas(path, delivery, source, catalog)
    except RawDataError as error:
        return None, list(error.diagnostics)


def dialect_of(source: RawFormSource) -> Dialect:
    """Return how delimited text is written."""
    usual = "\t" if source.written == "tsv" else ","
    return Dialect(
        delimiter=usual if source.delimiter is None else source.delimiter,
        encoding=source.encoding or "utf-8",
        strip=source.strip,
        missing=source.missing,
        quote=source.quote,
        header=source.header,
        skip=source.skip_rows,
    )


def _delimited(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    return read_or_explain(path, delivery, dialect_of(source))


_READERS: Final[Mapping[Format, _Reader]] = {
    "csv": _delimited,
    "tsv": _delimited,
    "fixed": read_fixed,
    "sas": read_sas,
    "xpt": read_transport,
    "parquet": read_parquet,
    "json": read_json,
    "odm": read_odm,
    "excel": read_excel,
}
