"""Controlled terminology: one release of one package, a codelist at a time.

A release is two tables of tab-separated text, ``codelists.tsv`` and
``terms.tsv``, both sorted by the code of the codelist. The list of codelists is
small and read whole, with the number of terms of each; a codelist's terms are found
by bisection of the bytes, so nothing else is parsed, and counted. A release that was
imported has a third table, ``synonyms.tsv``, which is read likewise; one that is carried has
it where the same release was imported.
"""

import dataclasses
import hashlib
from functools import cache, cached_property
from pathlib import Path

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.standard.model import CodelistStandard, TermStandard
from cdisc.standard.releases import require_release

TABLES = ("codelists.tsv", "terms.tsv")
SYNONYMS = "synonyms.tsv"
_CODELIST_FIELDS = 6
_TERM_FIELDS = 4
_SYNONYM_FIELDS = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Terminology:
    """One release of a package, such as SDTM CT 2025-03-28.

    Attributes:
        package: ``sdtm``, ``adam``, ``define-xml``, ``cdash`` or ``protocol``.
        date: Date of the release, ISO 8601.
        folder: Where its files lie.
        imported: Folder of the releases that a project has imported, where synonyms of a
            carried release may lie.
    """

    package: str
    date: str
    folder: Path
    imported: Path | None = None

    def codes(self) -> tuple[str, ...]:
        """Return the code of every codelist, sorted."""
        return tuple(self._heads)

    def codelist(self, key: str) -> CodelistStandard | None:
        """Return a codelist by its NCI code or its short name, or None.

        Args:
            key: Such as ``C66742`` or ``NY``.

        Example:
            >>> load_terminology("sdtm", "2025-03-28").codelist("NY").match("yes", preferred=True)
            TermStandard(code='C49488', value='Y', preferred_term='Yes', synonyms=())
        """
        code = key if key in self._heads else self._short_names.get(key)
        return None if code is None else _codelist(self, code)

    def partner(self, key: str) -> CodelistStandard | None:
        """Return the codelist that names what a codelist of codes abbreviates.

        The pairs are published side by side, ``... Test Code`` and ``... Test
        Name``, and share the concept codes of their terms.

        Args:
            key: Code or short name of the codelist of codes.
        """
        own = self.codelist(key)
        if own is None or not own.name.endswith(" Code"):
            return None
        name = own.name.removesuffix(" Code") + " Name"
        return next(
            (_codelist(self, code) for code, head in self._heads.items() if head[4] == name), None
        )

    def decode(self, codelist: str, partner: str, value: str) -> str | None:
        """Return the submission value of the same concept in another codelist.

        Args:
            codelist: Code or short name of the codelist that holds `value`.
            partner: Code or short name of the codelist to decode into.
            value: Submission value, exact.

        Returns:
            The partner's submission value; None where either codelist is not in
            the release, `value` is not a term, or the concept has no partner.

        Example:
            >>> load_terminology("sdtm", "2025-03-28").decode("C66741", "C67153", "SYSBP")
            'Systolic Blood Pressure'
        """
        own, other = self.codelist(codelist), self.codelist(partner)
        term = own.find(value) if own else None
        if term is None or other is None:
            return None
        return next((one.value for one in other.terms if one.code == term.code), None)

    @cached_property
    def size(self) -> tuple[int, int]:
        """How many codelists and how many terms the release has."""
        return len(self._heads), sum(int(head[3]) for head in self._heads.values())

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The tables of the release, that of the synonyms last if there is one."""
        folders = (self.folder, *([self._beside] if self._beside else []))
        synonyms = [path for one in folders if (path := one / SYNONYMS).is_file()]
        return (*(self.folder / name for name in TABLES), *synonyms[:1])

    @property
    def has_synonyms(self) -> bool:
        """Whether it is known which synonyms its terms have."""
        return len(self.files) > len(TABLES)

    @cached_property
    def sha256(self) -> str:
        """Hash of the tables: what a study that names the release relies on."""
        found = hashlib.sha256()
        for path in self.files:
            found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()

    @property
    def _beside(self) -> Path | None:
        return self.imported / f"{self.package}-{self.date}" if self.imported else None

    @cached_property
    def _heads(self) -> dict[str, tuple[str, ...]]:
        path = self.folder / "codelists.tsv"
        rows = (_fields(path, line, _CODELIST_FIELDS) for line in _lines(path)[1:])
        return {row[0]: row for row in rows}

    @cached_property
    def _short_names(self) -> dict[str, str]:
        return {head[1]: code for code, head in self._heads.items()}

    @cached_property
    def _terms(self) -> bytes:
        return (self.folder / "terms.tsv").read_bytes().removesuffix(b"\n") + b"\n"

    @cached_property
    def _synonyms(self) -> bytes:
        return self.files[-1].read_bytes() if self.has_synonyms else b""

    def _synonyms_of(self, codelist: str) -> dict[str, list[str]]:
        """Return the synonyms of the terms of a codelist by the code of the term."""
        found: dict[str, list[str]] = {}
        lines = _lines_of(self._synonyms, codelist.encode()).decode().split("\n")[:-1]
        for line in lines:
            _, code, text = _fields(self.files[-1], line, _SYNONYM_FIELDS)
            found.setdefault(code, []).append(text)
        return found


def load_terminology(
    package: str, date: str, *, imported: Path | None = None, root: Path | None = None
) -> Terminology:
    """Return a release of controlled terminology.

    Args:
        package: ``sdtm``, ``adam``, ``define-xml``, ``cdash`` or ``protocol``.
        date: Date of the release, such as ``2025-03-28``.
        imported: Folder of the releases that a project has imported.
        root: Folder that stands for ``specs/``.

    Raises:
        StandardNotFoundError: STD002, the release is neither carried nor imported.
    """
    # by absolute paths: what a relative one means depends on the folder that a program is in
    return _release(package, date, imported and imported.absolute(), root)


@cache
def _release(package: str, date: str, imported: Path | None, root: Path | None) -> Terminology:
    return Terminology(package, date, require_release(package, date, root, imported), imported)


@cache
def _codelist(release: Terminology, code: str) -> CodelistStandard:
    _, value, extensible, count, name, preferred_term = release._heads[code]  # noqa: SLF001 - same module
    path = release.folder / "terms.tsv"
    lines = _lines_of(release._terms, code.encode()).decode().split("\n")[:-1]  # noqa: SLF001 - same
    if len(lines) != int(count):
        # Bisection in a table that is not sorted would lose terms in silence.
        head = _lines(release.folder / "codelists.tsv").index("\t".join(release._heads[code]))  # noqa: SLF001 - same
        fact = f"{len(lines)} terms of {code} stand together in {path.name}"
        raise _malformed(release.folder / "codelists.tsv", head + 1, fact, f"{count} terms")
    rows = [line.split("\t") for line in lines]
    if any(len(row) != _TERM_FIELDS for row in rows):
        rows = [list(_fields(path, line, _TERM_FIELDS)) for line in lines]  # says which
    synonyms = release._synonyms_of(code)  # noqa: SLF001 - same module
    return CodelistStandard(
        code=code,
        name=name,
        submission_value=value,
        extensible=extensible == "Yes",
        preferred_term=preferred_term,
        terms=tuple(
            TermStandard(term, text, said, tuple(synonyms.get(term, ())))
            for _, term, text, said in rows
        ),
    )


def _lines_of(table: bytes, key: bytes) -> bytes:
    """Return the lines whose first field is `key`, from a table sorted by it."""
    start = _first_line(table, key, past=False)
    return table[start : _first_line(table, key, past=True)]


def _first_line(table: bytes, key: bytes, *, past: bool) -> int:
    """Return where the first line stands whose key is not below (or is past) `key`."""
    low, high = table.find(b"\n") + 1, len(table)
    while low < high:
        line = table.rfind(b"\n", 0, (low + high) // 2) + 1
        found = table[line : table.find(b"\t", line)]
        if found < key or (past and found == key):
            end = table.find(b"\n", line)
            low = end + 1 if end >= 0 else len(table)
        else:
            high = line
    return low


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _fields(path: Path, line: str, count: int) -> tuple[str, ...]:
    row = tuple(line.split("\t"))
    if len(row) == count:
        return row
    number = _lines(path).index(line) + 1
    raise _malformed(path, number, "not a line of a standard", f"{count} fields")


def _malformed(path: Path, number: int, fact: str, expected: str) -> SpecError:
    line = _lines(path)[number - 1]
    span = Span(str(path), number, 1, len(line) + 1, line)
    return SpecError([Diagnostic("STD003", fact, span, expected=expected)])
