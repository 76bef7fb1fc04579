"""What a study has for its verbs: the terms of its codelists, the terms of its grading tables."""

from collections.abc import Mapping
from typing import Literal

from cdisc.language import tree as t
from cdisc.record import record


@record(slots=True)
class Terms:
    """What a collected text may become.

    Attributes:
        name: Codelist name for people and OIDs.
        code: NCI code of the CDISC codelist, or None.
        collected: Folded collected text to submission value.
        exact: Collected text to submission value, for texts that folding would confuse.
        values: The submission values that the study's own terms lead to, in order.
        cases: Terms of the records that meet a condition; the first that is met decides.
    """

    name: str
    code: str | None
    collected: Mapping[str, str]
    exact: Mapping[str, str]
    values: tuple[str, ...]
    cases: "tuple[TermsCase, ...]" = ()

    @property
    def every(self) -> "tuple[Terms, ...]":
        """The terms of all cases, and last these."""
        return (*(one.terms for one in self.cases), self)

    def by_case(self, part: Literal["collected", "exact"]) -> dict[str, str]:
        """Return the rows of all cases, each key behind the number of its case, and ``|``."""
        return {
            f"{number}|{key}": value
            for number, terms in enumerate(self.every)
            for key, value in (terms.collected if part == "collected" else terms.exact).items()
        }


@record(slots=True)
class TermsCase:
    """Terms of the records that meet a condition.

    Attributes:
        when: References, each with texts: it is one of them, or with True none of them.
        terms: What a collected text may become there.
    """

    when: tuple[tuple[t.Ref, tuple[str, ...], bool], ...]
    terms: Terms


@record(slots=True)
class GradedTerm:
    """One term of a grading table, for the results of some tests in one unit.

    Attributes:
        name: The term.
        direction: ``low`` or ``high``.
        tests: Test codes.
        unit: Unit of the results; None where the criteria hold in any.
        needs: What must be known before a result counts as not graded: the result first.
        grades: Grade and condition, the worst first.
    """

    name: str
    direction: str
    tests: tuple[str, ...]
    unit: str | None
    needs: tuple[str, ...]
    grades: tuple[tuple[str, t.Node], ...]
