"""The words that Define-XML permits, and one place to look at a define.xml from.

Source:
    Define-XML 2.1 controlled terminology; ODM 1.3.2, data types.
"""

from collections.abc import Iterable, Iterator, Mapping

from cdisc.diagnostics import Diagnostic, Span
from define_xml import model

MEASURED = frozenset({"text", "integer", "float", "string", "double"})
TYPES = frozenset(
    {
        "text",
        "integer",
        "float",
        "date",
        "datetime",
        "time",
        "partialDate",
        "partialTime",
        "partialDatetime",
        "incompleteDatetime",
        "durationDatetime",
        "intervalDatetime",
    }
)
ORIGINS = frozenset(
    {"Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"}
)
ORIGINS_2_0 = frozenset(
    {"CRF", "Derived", "Assigned", "Protocol", "eDT", "Predecessor", "Electronic Data Transfer"}
)
SOURCES = frozenset({"Investigator", "Sponsor", "Subject", "Vendor"})
CLASSES = frozenset(
    {
        "ADAM OTHER",
        "BASIC DATA STRUCTURE",
        "DEVICE LEVEL ANALYSIS DATASET",
        "EVENTS",
        "FINDINGS",
        "FINDINGS ABOUT",
        "INTERVENTIONS",
        "MEDICAL DEVICE BASIC DATA STRUCTURE",
        "MEDICAL DEVICE OCCURRENCE DATA STRUCTURE",
        "OCCURRENCE DATA STRUCTURE",
        "REFERENCE DATA STRUCTURE",
        "RELATIONSHIP",
        "SPECIAL PURPOSE",
        "STUDY REFERENCE",
        "SUBJECT LEVEL ANALYSIS DATASET",
        "TRIAL DESIGN",
    }
)
COMPARATORS = frozenset({"EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN"})


class Looked:
    """A define.xml as checks look at it: every definition by its OID.

    Attributes:
        define: What is checked.
        spans: Where each OID stands in the file, as far as it is known.
        old: It is of version 2.0.
        homes: The dataset of each variable.
    """

    def __init__(self, define: model.Define, spans: Mapping[str, Span]) -> None:
        self.define = define
        self.spans = spans
        self.old = define.define_version.startswith("2.0")
        self.items = {one.oid: one for one in define.items}
        self.codelists = {one.oid: one for one in define.codelists}
        self.standards = {one.oid: one for one in define.standards}
        self.groups = {one.oid: one for one in define.item_groups}
        self.clauses = {one.oid: one for one in define.where_clauses}
        self.value_lists = {one.oid: one for one in define.value_lists}
        self.homes = {
            ref.item_oid: group for group in define.item_groups for ref in group.item_refs
        }

    def found(self, code: str, fact: str, oid: str = "", *place: str) -> Diagnostic:
        """Return a finding about a definition; `place` is a dataset, or that and a variable."""
        dataset, variable = (*place, None, None)[:2]
        return Diagnostic(code, fact, span=self.spans.get(oid), dataset=dataset, variable=variable)

    def word(
        self, word: str | None, permitted: Iterable[str], what: str, oid: str
    ) -> Iterator[Diagnostic]:
        """Find a word that is none of those permitted; None is no word."""
        if word is not None and word not in permitted:
            yield Diagnostic(
                "DEF034",
                f'{what} of "{oid}" is "{word}"',
                span=self.spans.get(oid),
                expected=", ".join(sorted(permitted)),
            )
