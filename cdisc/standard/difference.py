"""What changed between two releases of controlled terminology.

Codelists and terms are the same where their NCI codes are the same, whatever they are
called: another submission value is a new name, not a new term. A value that lives on
under another code is told apart from one that was retired.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import StandardNotFoundError
from cdisc.standard.model import CodelistStandard, TermStandard
from cdisc.standard.releases import carried_terminology, imported_terminology, shown
from cdisc.standard.terminology import TABLES, Terminology, load_terminology

Kind = Literal["added", "retired", "renamed", "recoded", "reworded"]
KINDS: tuple[Kind, ...] = ("added", "retired", "renamed", "recoded", "reworded")


@dataclasses.dataclass(frozen=True, slots=True)
class TermChange:
    """One term that is not as it was.

    Attributes:
        kind: ``renamed`` has another submission value, ``recoded`` another NCI code,
            ``reworded`` another preferred term, or other synonyms, only.
        old: The term as it was, or None.
        new: The term as it is, or None.
    """

    kind: Kind
    old: TermStandard | None
    new: TermStandard | None


@dataclasses.dataclass(frozen=True, slots=True)
class CodelistChange:
    """One codelist that is not as it was.

    Attributes:
        kind: ``added``, ``retired`` or ``changed``.
        code: NCI code.
        old: The codelist as it was, or None.
        new: The codelist as it is, or None.
        terms: What changed in it; empty for a codelist that is new or gone.
    """

    kind: Literal["added", "retired", "changed"]
    code: str
    old: CodelistStandard | None
    new: CodelistStandard | None
    terms: tuple[TermChange, ...] = ()

    @property
    def last(self) -> CodelistStandard:
        """The codelist as it is, or as it was when it was retired."""
        found = self.new or self.old
        assert found
        return found

    @property
    def renamed(self) -> bool:
        """Whether its short name is another."""
        if self.old is None or self.new is None:
            return False
        return self.old.submission_value != self.new.submission_value

    @property
    def extensibility(self) -> bool:
        """Whether it was opened to, or closed against, further values."""
        if self.old is None or self.new is None:
            return False
        return self.old.extensible != self.new.extensible


@dataclasses.dataclass(frozen=True)
class Difference:
    """Everything that changed, sorted by the code of the codelist."""

    old: Terminology
    new: Terminology
    codelists: tuple[CodelistChange, ...]

    def codelist(self, code: str) -> CodelistChange | None:
        """Return what changed in a codelist, or None."""
        return next((one for one in self.codelists if one.code == code), None)


def difference(old: Terminology, new: Terminology) -> Difference:
    """Compare two releases.

    Args:
        old: The release that counts as the earlier one.
        new: The other. Synonyms are compared where those of both releases are known.
    """
    codes = sorted({*old.codes(), *new.codes()})
    of = _whole if old.has_synonyms == new.has_synonyms else _without_synonyms
    changes = (_codelist(code, of(old, code), of(new, code)) for code in codes)
    return Difference(old, new, tuple(one for one in changes if one is not None))


def _whole(release: Terminology, code: str) -> CodelistStandard | None:
    return release.codelist(code)


def _without_synonyms(release: Terminology, code: str) -> CodelistStandard | None:
    """Return a codelist as it is where synonyms are not known: they do not differ then."""
    found = release.codelist(code)
    if found is None:
        return None
    terms = tuple(dataclasses.replace(term, synonyms=()) for term in found.terms)
    return dataclasses.replace(found, terms=terms)


def _codelist(
    code: str, old: CodelistStandard | None, new: CodelistStandard | None
) -> CodelistChange | None:
    if old is None:
        return CodelistChange("added", code, None, new)
    if new is None:
        return CodelistChange("retired", code, old, None)
    terms = () if old.terms == new.terms else tuple(_terms(old, new))
    change = CodelistChange("changed", code, old, new, terms)
    same_name = (old.name, old.preferred_term) == (new.name, new.preferred_term)
    unchanged = not terms and not change.renamed and not change.extensibility and same_name
    return None if unchanged else change


def _terms(old: CodelistStandard, new: CodelistStandard) -> Iterator[TermChange]:
    before = {term.code: term for term in old.terms}
    after = {term.code: term for term in new.terms}
    for term in old.terms:
        now = after.get(term.code)
        if now is None:
            other = new.find(term.value)
            if other is None:
                yield TermChange("retired", term, None)
            elif other.code not in before:
                yield TermChange("recoded", term, other)
            else:  # a term that was there already has taken its name
                yield TermChange("retired", term, None)
        elif now.value != term.value:
            yield TermChange("renamed", term, now)
        elif now != term:
            yield TermChange("reworded", term, now)
    for term in new.terms:
        was = old.find(term.value)
        recoded = was is not None and was.code not in after
        if term.code not in before and not recoded:
            yield TermChange("added", None, term)


def find_release(word: str, imported: Path | None = None) -> Terminology:
    """Return the release that a word names.

    Args:
        word: ``sdtm-2025-03-28``, a date alone for a release of SDTM, or a folder that holds
            the tables of a release.
        imported: Folder of the releases that a project has imported.

    Raises:
        StandardNotFoundError: STD008, there is none.

    Example:
        >>> find_release("2025-03-28").package
        'sdtm'
    """
    known = {*carried_terminology(), *(imported_terminology(imported) if imported else ())}
    for package, date in known:
        if word in {f"{package}-{date}", f"{package} {date}"} or ("sdtm", word) == (package, date):
            return load_terminology(package, date, imported=imported)
    folder = Path(word)
    if all((folder / name).is_file() for name in TABLES):
        name = folder.resolve().name
        return Terminology(name[:-11], name[-10:], folder)
    names = sorted(f"{package}-{date}" for package, date in known)
    where = f' or in "{shown(imported)}"' if imported else ""
    raise StandardNotFoundError(
        [
            Diagnostic(
                "STD008",
                f'there is no release "{word}" among those that are carried{where}',
                expected=", ".join(names),
                help=did_you_mean(word, names) or "import it: cdisc ct import FILE",
            )
        ]
    )
