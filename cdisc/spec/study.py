"""``study.yaml``: what is said once and used everywhere."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cdisc.spec.model import SpecModel


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]


class StudyBlock(SpecModel):
    """Who the study is."""

    id: str = Field(description="STUDYID, at most 20 characters", max_length=20)
    usubjid: str = Field(description="Expression that makes USUBJID from `subject`")
    name: str = Field(default="", description="Short name for define.xml; the id by default")
    description: str = Field(default="", description="One sentence for define.xml")
    protocol: str = Field(default="", description="Protocol name; the id by default")
    cutoff: str | None = Field(
        default=None, description="Data cut-off date, ISO 8601", pattern=r"^\d{4}-\d{2}-\d{2}"
    )


def _guide(prefix: str) -> AfterValidator:
    def check(value: str) -> str:
        name, *version = value.split(" ")
        if name != prefix or len(version) != 1:
            raise PydanticCustomError(
                "guide",
                '"{value}" is not of the form "{prefix} 3.4"',
                {"value": value, "prefix": prefix},
            )
        return value

    return AfterValidator(check)


class StandardsBlock(SpecModel):
    """The versions that the study follows; nothing is implied."""

    sdtm: Annotated[str, _guide("SDTMIG")] = Field(description="Such as SDTMIG 3.4")
    adam: Annotated[str, _guide("ADaMIG")] | None = Field(
        default=None, description="Such as ADaMIG 1.3"
    )
    ct: str = Field(description="SDTM controlled terminology release, such as 2025-03-28")
    adamct: str | None = Field(default=None, description="ADaM controlled terminology release")
    definect: str | None = Field(default=None, description="Define-XML terminology release")
    ct_folder: str | None = Field(
        default=None,
        description="Folder of imported releases, relative to this file; ../ct by default",
    )
    define: Literal["2.1", "2.0"] = Field(default="2.1", description="Define-XML version")


_IN_ARCHIVE = re.compile(r"(?i)^(.*?\.zip)/.*$")
RawFormat = Literal["csv", "tsv", "fixed", "excel", "sas", "xpt", "parquet", "json", "odm"]


class RawFormBlock(SpecModel):
    """One collected form or vendor transfer."""

    file: str = Field(description="Path below the raw folder")
    subject: str = Field(description="Field, or expression over the form's fields: the subject")
    record: Texts = Field(default=(), description="Fields that identify a record within subject")
    page: Texts = Field(default=(), description="Pages of the annotated CRF")
    source: Literal["Investigator", "Subject", "Vendor", "Sponsor"] = Field(
        default="Investigator", description="Who collected it (Define-XML origin source)"
    )
    strip: str = Field(default="", description="Prefix to remove from field names")
    encoding: str = Field(default="utf-8", description="Encoding of the file")
    delimiter: str = Field(default=",", description="One character between fields")
    format: RawFormat | None = Field(
        default=None, description="How the file is written; by default what its name ends with"
    )
    header: int = Field(default=1, description="Line that names the fields", ge=1)
    skip_rows: int = Field(
        default=0, description="Lines behind it that are labels or types and no records", ge=0
    )
    columns: dict[str, Annotated[int, Field(ge=1)]] | None = Field(
        default=None, description="Field: width in characters, of a file of fixed width"
    )
    sheet: str | None = Field(default=None, description="Sheet of the workbook")
    catalog: str | None = Field(
        default=None, description="SAS formats catalog below the raw folder, to decode with"
    )
    itemgroup: str | None = Field(
        default=None, description="OID of the item group of an ODM file that makes the records"
    )
    member: str | None = Field(
        default=None, description="Dataset of a transport file that has several"
    )
    missing: Texts = Field(default=(), description="Texts that mean missing in this file")
    where: str | None = Field(
        default=None, description="Records to keep; the others are in the ledger"
    )
    not_used: dict[str, str] = Field(
        default_factory=dict, description="Field: reason why it is not submitted"
    )

    @property
    def delivered(self) -> tuple[str, ...]:
        """The files below the raw folder: the archive of a file in one, and the catalog."""
        files = (self.file, self.catalog) if self.catalog else (self.file,)
        return tuple(_IN_ARCHIVE.sub(r"\1", one) for one in files)


class FolderBlock(SpecModel):
    """What all forms of a folder have in common; a form says what differs."""

    subject: str | None = Field(default=None, description="As that of a form")
    record: Texts = Field(default=(), description="As that of a form")
    source: str | None = Field(default=None, description="As that of a form")
    strip: str = Field(default="", description="As that of a form")
    encoding: str | None = Field(default=None, description="As that of a form")
    delimiter: str | None = Field(default=None, description="As that of a form")
    format: RawFormat | None = Field(default=None, description="As that of a form")
    header: int | None = Field(default=None, description="As that of a form", ge=1)
    skip_rows: int | None = Field(default=None, description="As that of a form", ge=0)
    catalog: str | None = Field(default=None, description="As that of a form")
    missing: Texts = Field(default=(), description="As that of a form")
    not_used: dict[str, str] = Field(
        default_factory=dict,
        description="Field: reason why it is not submitted, in every form that has it",
    )


class DictionaryBlock(SpecModel):
    """A licensed dictionary, kept outside of the mapping files."""

    version: str = Field(description="The version that the files must be, such as 27.1")
    folder: str = Field(description="Folder of its text files, relative to this file")


class TableBlock(SpecModel):
    """A small table of the study, for ``lookup``."""

    columns: tuple[str, ...] = Field(description="Key column first", min_length=2)
    rows: tuple[tuple[str, ...], ...] = Field(description="One line per key")


class GradedTermBlock(SpecModel):
    """One term of a grading table: conditions over the result, its limits, the baseline."""

    direction: Literal["low", "high"] = Field(description="Low results are graded, or high ones")
    tests: Texts = Field(description="Test codes", min_length=1)
    needs: Texts = Field(
        default=(), description="Variables without which a result that meets nothing has no grade"
    )
    units: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Unit: {grade: condition}, the worst grade first"
    )
    grades: dict[str, str] = Field(
        default_factory=dict, description="Grade: condition, where it holds in any unit"
    )
    note: str | None = Field(default=None, description="How the published criteria were read")


class GradingBlock(SpecModel):
    """A grading table, for ``grade`` and ``toxicity``."""

    source: str = Field(description="Where the criteria are published")
    value: str = Field(description="Variable that holds the result")
    terms: dict[str, GradedTermBlock] = Field(description="Term: its tests and criteria")


class StudyFile(SpecModel):
    """study.yaml."""

    study: StudyBlock
    extends: str | None = Field(
        default=None, description="Folder of a library, or a study that is carried"
    )
    datasets: Texts | None = Field(
        default=None, description="Datasets taken from the library; all by default"
    )
    functions: Texts = Field(
        default=(), description="Installed packages whose functions are used: NAME, or NAME 1.2.0"
    )
    standards: StandardsBlock
    folders: dict[str, FolderBlock] = Field(
        default_factory=dict, description="Folder of the raw data: what its forms have in common"
    )
    raw: dict[str, RawFormBlock] = Field(description="Alias: form; aliases are lower case")
    terms: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Name: {collected text: submission value}"
    )
    dictionaries: dict[Literal["MedDRA", "WHODrug"], DictionaryBlock] = Field(
        default_factory=dict, description="Dictionary: its version, and where its files are"
    )
    tables: dict[str, TableBlock] = Field(default_factory=dict, description="Name: small table")
    grades: dict[str, GradingBlock] = Field(
        default_factory=dict, description="Name: grading table of laboratory results"
    )
    let: dict[str, str] = Field(
        default_factory=dict, description="Name: condition, or name(a, b): expression"
    )
    not_used: dict[str, str] = Field(
        default_factory=dict, description="Delivered file that no form names: reason"
    )


class EvidenceBlock(SpecModel):
    """Why a collected text has its term; ``cdisc terms --accept`` writes it."""

    codelist: str | None = Field(default=None, description="NCI code of the codelist")
    ct: str | None = Field(default=None, description="Date of the release that was looked in")
    extended: Literal["yes"] | None = Field(
        default=None, description="`yes` where the codelist does not have the term"
    )
    by: str | None = Field(default=None, description="Who accepted it")
    because: str | None = Field(default=None, description="Why")


class TermsFile(SpecModel):
    """terms/*.yaml: more of ``terms``."""

    terms: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Name: {collected text: submission value}"
    )
    evidence: dict[str, dict[str, EvidenceBlock]] = Field(
        default_factory=dict, description="Name: {collected text: why it has its term}"
    )


class ExplanationBlock(SpecModel):
    """Why a finding stays: somebody looked at it."""

    finding: str = Field(description="Code of the finding")
    where: str = Field(default="", description="DATASET or DATASET.VARIABLE; anywhere by default")
    says: str = Field(default="", description="Text that stands in the finding")
    records: int | None = Field(default=None, description="At most so many records are concerned")
    fingerprint: str = Field(
        default="", description="Fingerprint of the finding, as validate writes it; any by default"
    )
    because: str = Field(description="The reason, for the reviewer", min_length=1)
    by: str = Field(default="", description="Who looked at it")
    until: str | None = Field(
        default=None,
        description="Last day on which the reason holds, ISO 8601",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
    )


class ExplainedFile(SpecModel):
    """explained.yaml."""

    explained: tuple[ExplanationBlock, ...] = Field(description="Findings that stay, and why")
