"""A published file of any form to a release: told apart by its first bytes, named by itself."""

import dataclasses
import re
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import SpecError
from cdisc.standard.publication.content import Content, Publication, judged
from cdisc.standard.publication.excel import read_excel, read_old_excel
from cdisc.standard.publication.library import read_library
from cdisc.standard.publication.odm import read_odm
from cdisc.standard.publication.tables import read_text

_OLD_EXCEL, _NEW_EXCEL = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_NAMED = re.compile(r"(?P<package>[A-Za-z][A-Za-z-]*) Terminology(?: (?P<date>\d{4}-\d{2}-\d{2}))?")
_PACKAGE = re.compile(r"[a-z][a-z-]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_publication(
    path: Path, *, package: str | None = None, date: str | None = None
) -> Publication:
    """Read a published file.

    Args:
        path: Tab-separated text, Excel, ODM XML or JSON; the content decides, not the name.
        package: Such as ``sdtm``, where the file does not name it or names it otherwise.
        date: Date of the release, ISO 8601, likewise.

    Raises:
        SpecError: STD005, every mistake of the file; STD007, package or date is not known.

    Source:
        https://evs.nci.nih.gov/ftp1/CDISC/
    """
    content = _named_by_file(_read(path), path)
    package, date = package or content.package, date or content.date
    mistakes = [
        _unnamed(path, what, value)
        for what, value, form in (("package", package, _PACKAGE), ("date", date, _DATE))
        if value is None or not form.fullmatch(value)
    ]
    try:
        heads, terms = judged(content)
    except SpecError as error:
        raise SpecError([*error.diagnostics, *mistakes]) from error
    if mistakes:
        raise SpecError(mistakes)
    assert package
    assert date
    return Publication(path.as_posix(), package, date, heads, terms)


def _read(path: Path) -> Content:
    try:
        data = path.read_bytes()
    except OSError as error:
        fact = f'cannot read "{path.as_posix()}": {error.strerror}'
        raise SpecError([Diagnostic("STD005", fact)]) from error
    if data.startswith(_OLD_EXCEL):
        return read_old_excel(path, data)
    if data.startswith(_NEW_EXCEL):
        return read_excel(path, data)
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"<":
        return read_odm(path, data)
    if first == b"{":
        return read_library(path, data)
    return read_text(path, data)


def _named_by_file(content: Content, path: Path) -> Content:
    """Return content with the package and the date that the sheet or the file is called by."""
    for name in (content.file, path.name):
        found = _NAMED.match(name)
        if found is None:
            continue
        content = dataclasses.replace(
            content,
            package=content.package or found["package"].lower(),
            date=content.date or found["date"],
        )
    return content


def _unnamed(path: Path, what: str, value: str | None) -> Diagnostic:
    example = "--package sdtm" if what == "package" else "--date 2026-03-27"
    name = f'"{path.as_posix()}"'
    fact = f'"{value}" is no {what} of a release' if value else f"{name} does not say its {what}"
    return Diagnostic("STD007", fact, help=f"say it: {example}")
