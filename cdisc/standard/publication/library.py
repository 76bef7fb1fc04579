"""JSON of the CDISC Library: a package as its interface returns it, or the same made compact.

The interface names the code of a codelist ``conceptId`` and gives truth values as text. In
the compact form ``termColumns`` says what the values of a term are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.standard.publication.content import UNKNOWN, Content, Row, synonyms_of

_NAMED = re.compile(r"(?P<package>[a-z-]+?)ct-(?P<date>\d{4}-\d{2}-\d{2})")
_FLAGS = {"true": "Yes", "false": "No"}


def read_library(path: Path, data: bytes) -> Content:
    """Read JSON; package and date are those of ``package`` or of its own address.

    Raises:
        SpecError: STD005, it is not JSON, or has no list of codelists.
    """
    try:
        value = json.loads(data)
    except json.JSONDecodeError as error:
        place = Span(str(path), error.lineno, error.colno, error.colno)
        raise SpecError([Diagnostic("STD005", f"no JSON: {error.msg}", place)]) from error
    except UnicodeDecodeError as error:
        raise SpecError([Diagnostic("STD005", "the text is not UTF-8")]) from error
    if not isinstance(value, dict) or not isinstance(value.get("codelists"), list):
        fact = f'"{path.as_posix()}" holds no list "codelists"'
        raise SpecError([Diagnostic("STD005", fact)])
    reader = _Reader(value)
    rows = tuple(reader.rows())
    named = _NAMED.fullmatch(_address(value))

    def locate(row: Row, _attribute: str) -> tuple[None, tuple[str, ...]]:
        return None, (f"{path.name}: {reader.places[row.place]}",)

    return Content(
        path.as_posix(),
        rows,
        locate,
        named["package"] if named else None,
        named["date"] if named else None,
        tuple(
            Diagnostic("STD005", "no codelist or term", found=(f"{path.name}: {one}",))
            for one in reader.wrong
        ),
    )


def _address(value: Mapping[str, Any]) -> str:
    """Return what names the package, such as ``sdtmct-2025-03-28``."""
    if isinstance(value.get("package"), str):
        return str(value["package"])
    links = value.get("_links")
    own = links.get("self") if isinstance(links, dict) else None
    href = own.get("href") if isinstance(own, dict) else None
    return href.rsplit("/", 1)[-1] if isinstance(href, str) else ""


class _Reader:
    """Yields rows, and keeps where each stands, for there are no lines."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.codelists: list[object] = value["codelists"]
        columns = value.get("termColumns")
        self.columns = [str(one) for one in columns] if isinstance(columns, list) else None
        self.places: list[str] = []
        self.wrong: list[str] = []

    def rows(self) -> Iterator[Row]:
        for number, entry in enumerate(self.codelists):
            where = f"codelists[{number}]"
            terms = entry.get("terms", []) if isinstance(entry, dict) else None
            if not isinstance(entry, dict) or not isinstance(terms, list):
                self.wrong.append(where)
                continue
            code = _code(entry)
            flag = str(entry.get("extensible", "")).lower()
            yield Row(
                self._place(where),
                "",
                code,
                _text(entry, "submissionValue"),
                _text(entry, "preferredTerm"),
                _text(entry, "name"),
                _FLAGS.get(flag, flag),
            )
            for index, term in enumerate(terms):
                yield from self._term(code, term, f"{where}.terms[{index}]")

    def _term(self, codelist: str, term: object, where: str) -> Iterator[Row]:
        if isinstance(term, list) and self.columns and len(term) == len(self.columns):
            term = dict(zip(self.columns, term, strict=True))
        if not isinstance(term, dict):
            self.wrong.append(where)
            return
        yield Row(
            self._place(where),
            codelist or UNKNOWN,
            _code(term),
            _text(term, "submissionValue"),
            _text(term, "preferredTerm"),
            synonyms=_synonyms(term),
        )

    def _place(self, where: str) -> int:
        self.places.append(where)
        return len(self.places) - 1


def _code(entry: Mapping[str, Any]) -> str:
    return _text(entry, "conceptId") or _text(entry, "code")


def _synonyms(term: Mapping[str, Any]) -> tuple[str, ...]:
    value = term.get("synonyms")
    return synonyms_of(str(one) for one in value) if isinstance(value, list) else ()


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""
