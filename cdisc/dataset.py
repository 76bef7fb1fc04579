"""The one thing that stages, writers and validators share: a dataset with metadata.

A `Dataset` is an Arrow table plus what define.xml and a transport file need to
know of it. Inside, missing is null and only null (empty text does not occur);
the edges (`raw`, `transport`) convert. Rows stand in key order, variables in the
order of the standard.
"""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal

from cdisc.declared import Declared
from cdisc.diagnostics import Diagnostic
from cdisc.record import record

if TYPE_CHECKING:  # who has no data, such as `check`, does not wait for Arrow
    import pandas as pd
    import pyarrow as pa

    ARROW_TYPES: dict["Kind", pa.DataType]

Kind = Literal["text", "number", "date", "datetime", "time"]
OriginType = Literal["Collected", "Derived", "Assigned", "Protocol", "Predecessor", "Not Available"]
OriginSource = Literal["Investigator", "Sponsor", "Subject", "Vendor"]


@cache
def _arrow_types() -> "dict[Kind, pa.DataType]":
    import pyarrow as pa

    return {
        "text": pa.string(),
        "number": pa.float64(),
        "date": pa.date32(),
        "datetime": pa.timestamp("s"),
        "time": pa.time32("s"),
    }


def __getattr__(name: str) -> object:
    """Return ``ARROW_TYPES``: how values of each kind are stored."""
    if name == "ARROW_TYPES":
        return _arrow_types()
    raise AttributeError(name)


@record(slots=True)
class Origin:
    """Where values come from (Define-XML 2.1, def:Origin)."""

    type: OriginType
    source: OriginSource | None = None
    pages: tuple[str, ...] = ()
    predecessor: str | None = None


@record(slots=True)
class Method:
    """How a derived variable is computed: in English and as it was written."""

    text: str
    expression: str


@record(slots=True)
class Term:
    """One permitted value of a codelist. `code` is the NCI code of a CDISC term."""

    value: str
    decode: str | None = None
    code: str | None = None
    extended: bool = False


@record(slots=True)
class Codelist:
    """The permitted values of a variable in this study.

    Attributes:
        name: Short unique name, such as ``AESEV`` or ``NY``; becomes the OID.
        label: Name for people.
        terms: What may occur in this study, in order, extended values marked.
        code: NCI code of the CDISC codelist, None for a sponsor's own.
        standard: Key of the CT release in `Study.standards`, None for a sponsor's.
        extensible: Whether the CDISC codelist takes further values.
        kind: Type of the values.
    """

    name: str
    label: str
    terms: tuple[Term, ...]
    code: str | None = None
    standard: str | None = None
    extensible: bool = True
    kind: Kind = "text"


@record(slots=True)
class Comparison:
    """A variable of the record is one of some texts, or with `negated` none of them."""

    variable: str
    values: tuple[str, ...]
    negated: bool = False


@record(slots=True)
class Subset:
    """The values of a variable on the records that meet a condition.

    Attributes:
        where: Comparisons that all hold.
        codelist: Permitted values there; None where no codelist limits them.
        length: Bytes of the longest value there.
    """

    where: tuple[Comparison, ...]
    codelist: Codelist | None
    length: int


@record(slots=True)
class Value:
    """What is known of a variable on the records of one test, parameter or qualifier.

    Types and lengths are those of the values; what is None is as on the variable.

    Attributes:
        of: The value of the variable that tells the records apart.
        codelist: Permitted values there.
        origin: Where the values come from there.
        method: How they are computed there.
        comment: Free text, or None.
    """

    of: str
    codelist: Codelist | None = None
    origin: Origin | None = None
    method: Method | None = None
    comment: str | None = None


@record(slots=True)
class Division:
    """A variable whose values mean something else by test, parameter or qualifier.

    Attributes:
        by: The variable that tells the records apart, such as that of the test.
        label: The variable that says it for people, or None.
        values: What is known beside the values themselves, by value of `by`.
        otherwise: Permitted values of what `values` gives no codelist, or None.
    """

    by: str
    label: str | None = None
    values: tuple[Value, ...] = ()
    otherwise: Codelist | None = None


@record(slots=True)
class Dictionary:
    """An external dictionary, such as MedDRA 27.1 or ISO 3166."""

    name: str
    version: str | None = None


@record(slots=True)
class Variable:
    """One variable and everything that is known of it.

    Attributes:
        name: As in the standard, upper case.
        label: At most 40 bytes in XPT v5.
        kind: How values are stored; see `ARROW_TYPES`.
        length: Bytes allocated in the transport file; 8 for all but text.
        format: SAS display format such as ``DATE9.``, or None.
        role: SDTM role, or None (ADaM).
        core: Req, Exp, Perm, Cond, or None where the standard is silent.
        origin: None where the spec and the expression are silent.
        method: Present for derived variables.
        codelist: Permitted values, or None.
        dictionary: External dictionary, or None.
        comment: Free text of the spec, or None.
        integer: All values are whole numbers (kind number only).
        significant_digits: Most digits after the decimal point (kind number only).
        standard: False for a variable that no standard names.
        subsets: Codelists of some records, where they are not the same on all.
        division: What tells records apart on which the values mean something else, or None; it
            holds the subsets too.
    """

    name: str
    label: str
    kind: Kind
    length: int
    format: str | None = None
    role: str | None = None
    core: str | None = None
    origin: Origin | None = None
    method: Method | None = None
    codelist: Codelist | None = None
    dictionary: Dictionary | None = None
    comment: str | None = None
    integer: bool = False
    significant_digits: int | None = None
    standard: bool = True
    subsets: tuple[Subset, ...] = ()
    informat: str | None = None
    division: Division | None = None


@record(slots=True)
class Dataset:
    """A dataset: an Arrow table and its metadata.

    Attributes:
        name: Dataset name, upper case, such as ``AE`` or ``SUPPAE``.
        label: Dataset label, at most 40 bytes.
        class_name: Define-XML class, such as ``EVENTS``.
        subclass: Define-XML subclass, such as ``TIME-TO-EVENT``, or None.
        structure: ``One record per ...``.
        keys: Key variables in sort order.
        variables: One per column of `table`, in order.
        table: Arrow table; column types as in `ARROW_TYPES`; missing is null.
        sources: Hidden id of the source record of each record, int64, or None.
        standard: Key of the implementation guide in `Study.standards`, or None.
        reference: True for trial design (no subject data).
        repeating: False for one record per subject.
        domain: Domain abbreviation; differs from `name` for SUPP-- and splits.
        comment: Free text of the spec, or None.
        qualifiers: Of SUPP--, what is known of each qualifier, named as in QNAM.
        special_missing: By variable, how values are missing that SAS tells apart: a text
            array of ``.A`` to ``.Z`` and ``._``, null elsewhere. Such a value is null in `table`.
        sas_type: Type of a SAS dataset, such as ``CORR``; empty for nearly all.
    """

    name: str
    label: str
    class_name: str
    structure: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    table: "pa.Table"
    subclass: str | None = None
    sources: "pa.Array | pa.ChunkedArray | None" = None
    standard: str | None = None
    reference: bool = False
    repeating: bool = True
    domain: str | None = None
    comment: str | None = None
    qualifiers: tuple[Variable, ...] = ()
    special_missing: "Mapping[str, pa.Array | pa.ChunkedArray]" = dataclasses.field(
        default_factory=dict
    )
    sas_type: str = ""

    def __post_init__(self) -> None:
        names = [variable.name for variable in self.variables]
        if names != self.table.column_names:
            columns = self.table.column_names
            raise ValueError(f"{self.name}: variables {names} but columns {columns}")
        for name, values in self.special_missing.items():
            if name not in names or len(values) != self.table.num_rows:
                raise ValueError(f"{self.name}: special missing values of {name} are of others")

    def variable(self, name: str) -> Variable:
        """Return the variable of that name.

        Raises:
            KeyError: The dataset has no such variable.
        """
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)

    def to_pandas(self) -> "pd.DataFrame":
        """Return the records as a pandas frame, text as pandas ``str``, missing as NA."""
        frame: pd.DataFrame = self.table.to_pandas(types_mapper=_pandas_type)
        return frame


def _pandas_type(arrow: "pa.DataType") -> object:
    import pandas as pd
    import pyarrow as pa

    return pd.StringDtype(na_value=float("nan")) if pa.types.is_string(arrow) else None


@record(slots=True)
class StandardUse:
    """A standard that the study uses (Define-XML 2.1, def:Standard).

    `key` is the deterministic short name that datasets and codelists refer to,
    such as ``SDTMIG`` or ``CT-SDTM``. `type` is IG or CT.
    """

    key: str
    name: str
    type: Literal["IG", "CT"]
    version: str
    publishing_set: str | None = None


@record(slots=True)
class Study:
    """The datasets of one stage, with the standards that they follow.

    `declared` is what only a person can say of them.
    """

    study_id: str
    study_name: str
    description: str
    protocol: str
    standards: tuple[StandardUse, ...]
    datasets: tuple[Dataset, ...]
    declared: Declared = dataclasses.field(default_factory=Declared)

    def dataset(self, name: str) -> Dataset:
        """Return the dataset of that name.

        Raises:
            KeyError: The study has no such dataset.
        """
        for dataset in self.datasets:
            if dataset.name == name:
                return dataset
        raise KeyError(name)


@record(slots=True)
class RawForm:
    """One collected form, or one vendor transfer, exactly as it was delivered.

    Attributes:
        name: Alias in ``study.yaml``, lower case, such as ``ae``.
        file: Path as named in ``study.yaml``.
        table: Arrow table, every column ``string``; empty text is null, nothing else is.
        rows: Row of the file of each record (line on which it begins, header is 1), int64.
        notes: What the reader of the file has to say of it; nothing that stops the reading.
    """

    name: str
    file: str
    table: "pa.Table"
    rows: "pa.Array"
    notes: tuple[Diagnostic, ...] = ()


@record(slots=True)
class RawStudy:
    """The collected data of a study, by form."""

    forms: tuple[RawForm, ...]

    def form(self, name: str) -> RawForm:
        """Return the form of that alias.

        Raises:
            KeyError: The study has no such form.
        """
        for form in self.forms:
            if form.name == name:
                return form
        raise KeyError(name)


class SdtmStudy(Study):
    """The tabulation datasets."""


class AdamStudy(Study):
    """The analysis datasets."""
