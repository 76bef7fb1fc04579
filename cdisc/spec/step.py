"""A step: what a study computes outside the language, with everything said about it.

Nobody can read a lineage or a method from code. So a step says itself what it reads,
what it writes and what it does, and it sees nothing else.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from cdisc.spec.model import Name, SpecModel

Reference = Annotated[str, Field(pattern=r"^([A-Za-z]\w*\.)?[A-Za-z_]\w*$")]
References = Annotated[
    tuple[Reference, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
]


class WrittenBlock(SpecModel):
    """What is said of a variable that a step writes, where the standard is silent."""

    label: str | None = Field(default=None, description="Label, at most 40 bytes", max_length=40)
    type: Literal["text", "number", "dtc", "date", "datetime"] | None = Field(
        default=None, description="Type; text where the standard is silent"
    )
    length: str | None = Field(
        default=None, description="Bytes, text only; longest value by default"
    )
    format: str | None = Field(default=None, description="SAS display format, such as DATE9.")
    codelist: str | None = Field(default=None, description="CT codelist, or a name in terms")
    comment: str | None = Field(default=None, description="Comment for define.xml")
    because: str | None = Field(default=None, description="Why the standard is overridden")


def _named(value: object) -> object:
    """Return names without further words as lines of NAME: {}."""
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return {one: {} for one in value}
    return value


class StepBlock(SpecModel):
    """Variables that a function of the study, or a query, computes for every record."""

    python: str | None = Field(
        default=None, description="file.function: a function in file.py of the study's folder"
    )
    sql: str | None = Field(
        default=None, description="SELECT over the relation records: _row, and what it writes"
    )
    reads: References = Field(
        description="Variables, DATASET.VARIABLE or form.FIELD: the columns of its records",
        min_length=1,
    )
    with_: dict[str, References] = Field(
        default_factory=dict,
        alias="with",
        description="DATASET: variables of it, handed over as a table of its own",
    )
    writes: Annotated[dict[Name, WrittenBlock], BeforeValidator(_named)] = Field(
        description="Variables, or VARIABLE: {label: ..., type: ...}", min_length=1
    )
    says: str = Field(description="What it does, in English: the method text", min_length=1)
