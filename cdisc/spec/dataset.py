"""A dataset file: ``sdtm/ae.yaml``, ``adam/adsl.yaml``."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from cdisc.spec.model import Name, SpecModel
from cdisc.spec.step import StepBlock
from cdisc.spec.study import Texts

# Names of what is used within the study only.
WorkName = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,31}$")]


class VariableBlock(SpecModel):
    """A variable with overrides of what the standard says."""

    map: str = Field(description="The expression")
    label: str | None = Field(default=None, description="Label, at most 40 bytes", max_length=40)
    type: Literal["text", "number", "dtc", "date", "datetime", "time"] | None = Field(
        default=None, description="Type, where the standard is silent"
    )
    length: str | None = Field(
        default=None, description="Bytes, text only; longest value by default"
    )
    format: str | None = Field(default=None, description="SAS display format, such as DATE9.")
    codelist: str | None = Field(default=None, description="CT codelist, or a name in terms")
    origin: Literal["Collected", "Derived", "Assigned", "Protocol"] | None = Field(
        default=None, description="Origin, where the expression misleads"
    )
    by: Literal["Investigator", "Sponsor", "Subject", "Vendor"] | None = Field(
        default=None, description="Origin source"
    )
    comment: str | None = Field(default=None, description="Comment for define.xml")
    because: str | None = Field(default=None, description="Why the standard is overridden")


class SuppBlock(SpecModel):
    """A supplemental qualifier: QNAM is the key."""

    label: str = Field(description="QLABEL, at most 40 bytes", max_length=40)
    map: str = Field(description="The expression for QVAL; missing writes no record")
    by: str | None = Field(default=None, description="QEVAL: who evaluated")
    origin: str | None = Field(default=None, description="QORIG, where the expression misleads")
    idvar: Name | None = Field(
        default=None, description="IDVAR, where it is not --SEQ: one record for each of its values"
    )


class RelateBlock(SpecModel):
    """A relation of this dataset with another one."""

    where: str = Field(description="EXPRESSION = DATASET.VARIABLE: what the two have in common")
    form: Literal["records", "groups", "datasets"] = Field(
        default="records", alias="as", description="records, groups or datasets: what is related"
    )
    types: tuple[Literal["ONE", "MANY"], Literal["ONE", "MANY"]] | None = Field(
        default=None, description="RELTYPE of this and of the other dataset, for datasets"
    )


class CodedBlock(SpecModel):
    """Dictionary-coded variables, from same-named raw fields."""

    source: str = Field(alias="from", description="Raw form that holds the coding")
    by: str | None = Field(
        default=None,
        description="Raw field with the code or text of the lowest term: the rest is looked up",
    )
    variables: tuple[str, ...] = Field(
        description="Variables, named as the raw fields", min_length=1
    )


class TestsBlock(SpecModel):
    """The table of a melt: column names, then one line per test."""

    model_config = ConfigDict(extra="allow", frozen=True)

    columns: tuple[str, ...] = Field(
        description="Names of the cells of a test; the first cell is the raw field", min_length=1
    )
    __pydantic_extra__: dict[str, tuple[str, ...]]


class MeltBlock(SpecModel):
    """One wide form record to one record per test."""

    melt: str = Field(description="Raw form")
    where: str | None = Field(default=None, description="Form records to keep")
    tests: TestsBlock = Field(description="columns, then one line per test")
    keep: Literal["collected", "all"] = Field(
        default="collected",
        description="collected: a test without a result gives no record; all: it does",
    )
    sets: dict[WorkName, str] = Field(
        default_factory=dict,
        alias="set",
        description="VARIABLE: expression, in place of the variable's line for these records",
    )


class EachBlock(SpecModel):
    """Records of one source, some of whose variables have expressions of their own."""

    each: str = Field(description="FORM where ... keep ..., as behind the word each")
    sets: dict[WorkName, str] = Field(
        default_factory=dict,
        alias="set",
        description="VARIABLE: expression, in place of the variable's line for these records",
    )


class RecordsBlock(SpecModel):
    """Further records of a dataset, made from those that it has."""

    name: str | None = Field(default=None, description="What these records are, for people")
    where: str | None = Field(default=None, description="Records that they are made from")
    keep: str | None = Field(
        default=None, description="first by A order B: of each group only one record"
    )
    by: Texts = Field(
        default=(), description="One new record for each of these; left out: for each record"
    )
    expect: str | None = Field(
        default=None, description="Table of the records that are expected: TABLE, or TABLE by A B"
    )
    when: str | None = Field(
        default=None, description="Condition on the new record; where it is not true, none is made"
    )
    sets: dict[WorkName, str] = Field(
        alias="set", description="VARIABLE: expression; choices and summaries run over the group"
    )


class EventBlock(SpecModel):
    """A named event or censoring of a time-to-event dataset."""

    date: str = Field(
        description="DATASET.VARIABLE that holds the date, or an expression over its record"
    )
    when: str | None = Field(default=None, description="Condition on the records of that dataset")
    says: str = Field(description="Text for EVNTDESC or CNSDTDSC")
    cnsr: str | None = Field(
        default=None,
        description="CNSR, not 0: of a censoring, 1 by default; of an event that competes, 2",
        pattern=r"^[1-9]\d*$",
    )


class ParamBlock(SpecModel):
    """A time-to-event parameter; the key is PARAMCD."""

    label: str = Field(description="PARAM", max_length=200)
    start: str = Field(description="DATASET.VARIABLE: the time origin")
    events: tuple[str, ...] = Field(description="Names of events; the first in time wins")
    censors: tuple[str, ...] = Field(description="Names of censorings; the last in time is used")
    competing: tuple[str, ...] = Field(
        default=(), description="Names of events that end follow-up without being the event"
    )
    stop_at: tuple[str, ...] = Field(default=(), description="Events after which nothing counts")
    where: str | None = Field(
        default=None,
        description="Condition on the records that `rows` names: who has the parameter",
    )


def _rows(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _variable(value: object) -> object:
    if isinstance(value, str | dict):
        return value
    raise PydanticCustomError("variable", "a variable is one expression, or a block with map:")


def _text_or_block(value: object) -> str:
    return "<block>" if isinstance(value, dict | SpecModel) else "<text>"


def _text_or_rows(value: object) -> str:
    if isinstance(value, EachBlock) or (isinstance(value, dict) and "each" in value):
        return "<each>"
    return _text_or_block(value)


RowsEntry = Annotated[
    Annotated[str, Tag("<text>")]
    | Annotated[MeltBlock, Tag("<block>")]
    | Annotated[EachBlock, Tag("<each>")],
    Discriminator(_text_or_rows),
]
Rows = Annotated[tuple[RowsEntry, ...], BeforeValidator(_rows)]
RelateEntry = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[RelateBlock, Tag("<block>")],
    Discriminator(_text_or_block),
]
Relations = Annotated[tuple[RelateEntry, ...], BeforeValidator(_rows)]
VariableEntry = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[VariableBlock, Tag("<block>")],
    Discriminator(_text_or_block),
    BeforeValidator(_variable),
]


class DatasetFile(SpecModel):
    """One dataset: its records, its variables, its supplemental qualifiers, its checks."""

    dataset: str = Field(description="Dataset name, upper case", pattern=r"^[A-Z][A-Z0-9]{1,7}$")
    label: str | None = Field(default=None, description="Label, where the standard is silent")
    class_: str | None = Field(default=None, alias="class", description="Define-XML class")
    structure: str | None = Field(default=None, description="One record per ...")
    because: str | None = Field(default=None, description="Why the standard is overridden")
    submit: Literal["yes", "no"] = Field(
        default="yes", description="no: other datasets read it, and it is not written"
    )
    replaces: Literal["library"] | None = Field(
        default=None, description="library: the file stands alone, without that of the library"
    )
    drop: Texts = Field(
        default=(), description="Lines of the library that are left out: names, or checks"
    )
    rows: Rows = Field(description="each FORM where ..., melt: ..., or a list of them")
    keys: Texts = Field(description="Key variables: sort order and sequence follow", min_length=1)
    coded: dict[str, CodedBlock] = Field(
        default_factory=dict, description="Dictionary and version: coded variables"
    )
    copy_: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, alias="copy", description="Dataset: variables taken unchanged"
    )
    variables: dict[Name, VariableEntry] = Field(
        default_factory=dict, description="VARIABLE: expression"
    )
    work: dict[WorkName, str] = Field(
        default_factory=dict, description="NAME: expression that lines use and nobody submits"
    )
    no_data: dict[str, tuple[Name, ...]] = Field(
        default_factory=dict, description="Reason: variables for which nothing was collected"
    )
    records: tuple[RecordsBlock, ...] = Field(
        default=(), description="Further records, made from those above"
    )
    relate: dict[str, Relations] = Field(
        default_factory=dict, description="DATASET: what its records have in common with these"
    )
    supp: dict[Name, SuppBlock] = Field(default_factory=dict, description="QNAM: qualifier")
    events: dict[str, EventBlock] = Field(default_factory=dict, description="Name: event")
    censors: dict[str, EventBlock] = Field(default_factory=dict, description="Name: censoring")
    params: dict[Name, ParamBlock] = Field(default_factory=dict, description="PARAMCD: parameter")
    populations: tuple[str, ...] = Field(default=(), description="Population flags")
    steps: tuple[StepBlock, ...] = Field(
        default=(), description="Variables that a function of the study, or a query, computes"
    )
    checks: tuple[str, ...] = Field(default=(), description="Conditions that every record meets")
