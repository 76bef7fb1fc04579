"""What a standard says: variables, datasets and codelists as frozen facts.

The readers of ``specs/`` (`load_sdtm`, `load_adam`, `load_terminology`) return
these objects; nothing here reads a file. A fact on which a standard is silent
is None or an empty tuple, never a guess.
"""

import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from cdisc.record import record
from cdisc.standard.template import Template, template_of

VariableType = Literal["Char", "Num"]
_BEGINNING = 2  # letters by which templates are told apart at once


@record(slots=True)
class VariableStandard:
    """One variable of a dataset, class or data structure.

    Attributes:
        name: As it stands in a dataset; a template (``TRTxxP``) only where a
            whole structure is listed.
        label: As published, the index filled in.
        type: ``Char`` or ``Num``.
        role: SDTM role; None in ADaM.
        core: Req, Exp, Perm, Cond; None for a variable of the SDTM model.
        codelists: NCI codes of the codelists, usually none or one.
        described_value_domain: Such as ``ISO 8601 duration`` or ``MedDRA``.
        value_list: Values that the guide itself enumerates.
        place: Sorts the variables of one dataset into the standard's order.
        section: Heading under which an ADaM guide lists the variable.
        template: The published name, where it has placeholders that were filled.
        qualifies: Templates of the variables that this one qualifies (SDTM model).
        limits: Where the SDTM model restricts the use, such as ``AE domain only``.
        concept: NCI code of the variable (SDTM model 2.0).
    """

    name: str
    label: str
    type: VariableType
    role: str | None = None
    core: str | None = None
    codelists: tuple[str, ...] = ()
    described_value_domain: str | None = None
    value_list: tuple[str, ...] = ()
    place: tuple[int, ...] = ()
    section: str | None = None
    template: str | None = None
    qualifies: tuple[str, ...] = ()
    limits: str | None = None
    concept: str | None = None

    @property
    def open_label(self) -> bool:
        """Say whether the standard leaves the label, or a part of it, to the sponsor."""
        return "{" in self.label or self.label.endswith("...")


@record()
class DatasetStandard:
    """One dataset of SDTM, or a data structure of ADaM under a dataset's name.

    Attributes:
        name: Dataset name, upper case.
        label: As published; the domain is filled in for supplemental qualifiers.
        class_name: As in Define-XML terminology, such as ``EVENTS``.
        structure: ``One record per ...``, or None.
        variables: In the standard's order.
        subclass: As in Define-XML terminology, such as ``TIME-TO-EVENT``, or None.
    """

    name: str
    label: str
    class_name: str
    structure: str | None
    variables: tuple[VariableStandard, ...]
    subclass: str | None = None

    def variable(self, name: str) -> VariableStandard | None:
        """Return a variable of the published table, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, VariableStandard]:
        return {one.name: one for one in reversed(self.variables)}

    def templates(self, name: str) -> tuple[tuple[Template, VariableStandard], ...]:
        """Return the published names that begin as a name does, with their variables."""
        begins = name[:_BEGINNING]
        if begins not in self._by_beginning:
            self._by_beginning[begins] = tuple(
                one for one in self._templates if begins.startswith(one[0].beginning[:_BEGINNING])
            )
        return self._by_beginning[begins]

    @cached_property
    def _templates(self) -> tuple[tuple[Template, VariableStandard], ...]:
        found = ((template_of(one.name), one) for one in self.variables)
        return tuple((template, one) for template, one in found if template)

    @cached_property
    def _by_beginning(self) -> dict[str, tuple[tuple[Template, VariableStandard], ...]]:
        return {}


@record(slots=True)
class TermStandard:
    """One term of a published codelist; its synonyms are known if the release has them."""

    code: str
    value: str
    preferred_term: str
    synonyms: tuple[str, ...] = ()


@record()
class CodelistStandard:
    """One published codelist.

    Attributes:
        code: NCI code, such as ``C66742``.
        name: Name for people, such as ``No Yes Response``.
        submission_value: Short name, such as ``NY``.
        extensible: Whether a sponsor may add values.
        preferred_term: NCI preferred term of the list itself.
        terms: Sorted by submission value, whatever the order of publication.
    """

    code: str
    name: str
    submission_value: str
    extensible: bool
    preferred_term: str
    terms: tuple[TermStandard, ...]

    def find(self, value: str) -> TermStandard | None:
        """Return the term with exactly this submission value, or None."""
        return self._exact.get(value)

    def match(self, text: str, *, preferred: bool = False) -> TermStandard | None:
        """Return the term that a collected text means, or None.

        An exact submission value comes first; then one that is equal when case
        and width are folded (NFKC), if only one term is. Blanks are not trimmed.

        Args:
            text: Collected text.
            preferred: Accept the preferred term as well, folded likewise, after
                the submission values.
        """
        folded = _fold(text)
        found = self.find(text) or self._folded.get(folded)
        if found is None and preferred and folded not in self._folded:
            found = self._preferred.get(folded)
        return found

    @cached_property
    def _exact(self) -> dict[str, TermStandard]:
        return {term.value: term for term in self.terms}

    @cached_property
    def _folded(self) -> dict[str, TermStandard | None]:
        return _unique((_fold(term.value), term) for term in self.terms)

    @cached_property
    def _preferred(self) -> dict[str, TermStandard | None]:
        return _unique((_fold(term.preferred_term), term) for term in self.terms)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _unique(pairs: Iterable[tuple[str, TermStandard]]) -> dict[str, TermStandard | None]:
    """Map each key to its term; to None where several terms share the key."""
    found: dict[str, TermStandard | None] = {}
    for key, term in pairs:
        found[key] = None if key in found else term
    return found
