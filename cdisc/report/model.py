"""What the pages for people show: frozen facts, counted elsewhere."""

import dataclasses
from typing import Literal

from cdisc.diagnostics import Diagnostic
from cdisc.record import record

Status = Literal["errors", "warnings", "clean"]


@record(slots=True)
class DatasetLine:
    """One dataset of the package.

    Attributes:
        name: Such as ``AE``.
        label: As in the dataset.
        records: How many.
        subjects: How many distinct ones, None for trial design.
        path: Of the transport file, relative to the page, or None if not written.
        stage: Heading that the dataset stands under, such as ``SDTM``.
    """

    name: str
    label: str
    records: int
    subjects: int | None
    path: str | None
    stage: str = ""


@record(slots=True)
class DocumentLine:
    """A document to open, such as define.html; `path` is relative to the page."""

    title: str
    path: str


@record(slots=True)
class LedgerUse:
    """Records of a form that a line of a spec takes into a dataset, or leaves out.

    Attributes:
        dataset: Which dataset.
        line: Place in the spec, such as ``sdtm/ae.yaml:3``.
        records: How many records of the form.
        reason: Why; for exclusions always.
    """

    dataset: str
    line: str
    records: int
    reason: str = ""


@record(slots=True)
class LedgerField:
    """A field of a form: the variables that read it, or why none does."""

    name: str
    used_by: tuple[str, ...] = ()
    reason: str = ""


@record(slots=True)
class LedgerForm:
    """What became of every record and every field of one form.

    Attributes:
        form: Alias in ``study.yaml``.
        file: As named there.
        records: How many the file holds.
        uses: Where they went. A record may be used several times.
        excluded: Where they were left out, by which line and why.
        fields: Every field of the file.
        unaccounted: Records that no line uses or excludes; must be 0.
    """

    form: str
    file: str
    records: int
    uses: tuple[LedgerUse, ...] = ()
    excluded: tuple[LedgerUse, ...] = ()
    fields: tuple[LedgerField, ...] = ()
    unaccounted: int = 0

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that use records of the form, in order of first use."""
        return tuple(dict.fromkeys(one.dataset for one in self.uses))

    @property
    def unused(self) -> tuple[LedgerField, ...]:
        """Fields that no variable reads."""
        return tuple(field for field in self.fields if not field.used_by)


@record(slots=True)
class UnmappedTerm:
    """A collected text that no term of its codelist stands for; `first` is its first record."""

    dataset: str
    variable: str
    first: str
    value: str
    records: int
    line: str = ""


@record(slots=True)
class Report:
    """Everything that the first page shows.

    Attributes:
        study_id: STUDYID.
        title: Name of the study.
        created: The one time stamp, as text.
        datasets: In order, those of one stage together.
        findings: Of all stages.
        ledger: One entry a form.
        terms: Collected texts that were not mapped.
        documents: Further pages, such as define.html.
        standards: Such as ``SDTMIG 3.4``.
    """

    study_id: str
    title: str
    created: str
    datasets: tuple[DatasetLine, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    ledger: tuple[LedgerForm, ...] = ()
    terms: tuple[UnmappedTerm, ...] = ()
    documents: tuple[DocumentLine, ...] = ()
    standards: tuple[str, ...] = ()

    @property
    def stages(self) -> tuple[tuple[str, tuple[DatasetLine, ...]], ...]:
        """The datasets of each stage, stages in order of first occurrence."""
        return tuple(
            (stage, tuple(one for one in self.datasets if one.stage == stage))
            for stage in dict.fromkeys(one.stage for one in self.datasets)
        )

    @property
    def records(self) -> int:
        """How many records all forms hold."""
        return sum(form.records for form in self.ledger)

    @property
    def unaccounted(self) -> int:
        """How many of them no line uses or excludes."""
        return sum(form.unaccounted for form in self.ledger)

    @property
    def status(self) -> Status:
        """The gravest that is not explained: errors (or unaccounted records), warnings, neither."""
        severities = {one.severity for one in self.findings if one.explained is None}
        if "error" in severities or any(form.unaccounted for form in self.ledger):
            return "errors"
        return "warnings" if "warning" in severities or self.terms else "clean"

    def without_values(self) -> "Report":
        """Return the report without values that were collected from subjects."""
        return dataclasses.replace(
            self,
            findings=without_values(self.findings),
            terms=tuple(dataclasses.replace(term, value="(hidden)") for term in self.terms),
        )


def without_values(findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Return findings without the values they show; counts and places stay.

    A help line may repeat a value, so it goes as well where values are shown.
    """
    return tuple(
        dataclasses.replace(finding, found=(), help=None) if finding.found else finding
        for finding in findings
    )
