"""What only a person can say of a package: documents, remarks, what the analyses show.

Nothing of it can be computed; it stands in ``define.yaml`` and goes to define.xml.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from cdisc.record import record

Comparator = Literal["EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN"]


@record(slots=True)
class DocumentUse:
    """A document that says more, by its name, and where in it.

    A page is a number, a range such as ``4-6``, or the name of a destination.
    """

    document: str
    pages: tuple[str, ...] = ()


@record(slots=True)
class Document:
    """A file beside define.xml.

    `role` tells an annotated CRF and a supplemental document, such as a reviewer's guide,
    from a document that others refer to.
    """

    name: str
    file: str
    title: str
    role: Literal["annotated CRF", "supplemental", "other"] = "other"


@record(slots=True)
class Remark:
    """A text and the documents that say more."""

    text: str
    documents: tuple[DocumentUse, ...] = ()


@record(slots=True)
class Check:
    """A variable of a record compared with values; numbers are as they were written."""

    variable: str
    comparator: Comparator
    values: tuple[str, ...]


@record(slots=True)
class AnalysisData:
    """A dataset of an analysis: which records (all checks hold), and which variables."""

    dataset: str
    variables: tuple[str, ...]
    where: tuple[Check, ...] = ()


@record(slots=True)
class AnalysisProgram:
    """The program of an analysis: its text, or the documents that hold it."""

    context: str | None = None
    code: str | None = None
    documents: tuple[DocumentUse, ...] = ()


@record(slots=True)
class AnalysisResult:
    """One result of a display (Analysis Results Metadata 1.0).

    Attributes:
        title: What the result is.
        reason: Why it was made, such as ``SPECIFIED IN SAP``.
        purpose: What it is for, such as ``PRIMARY OUTCOME MEASURE``.
        data: What it was made of.
        parameter: Dataset and variable of the parameter, or None.
        joined: How several datasets are joined, or None.
        documentation: How it was done, or None.
        program: What did it, or None.
    """

    title: str
    reason: str
    purpose: str
    data: tuple[AnalysisData, ...]
    parameter: tuple[str, str] | None = None
    joined: str | None = None
    documentation: Remark | None = None
    program: AnalysisProgram | None = None


@record(slots=True)
class Display:
    """A table, figure or listing of the report."""

    name: str
    title: str
    results: tuple[AnalysisResult, ...]
    documents: tuple[DocumentUse, ...] = ()


@record(slots=True)
class Planned:
    """A dataset that the protocol plans and that has neither data nor a file.

    Attributes:
        name: Its name.
        label: What the standard calls it.
        class_name: Its class in the standard.
        structure: One record per what.
        because: Why it has no data.
    """

    name: str
    label: str
    class_name: str
    structure: str
    because: str


@record(slots=True)
class Declared:
    """All that a person says of one package.

    Attributes:
        originator: Organisation that answers for it, or None.
        documents: Files beside define.xml, in order.
        remarks: Remark by what it is of: a dataset, ``DATASET.VARIABLE``,
            ``DATASET.VARIABLE.VALUE``, or a standard by its key.
        methods: Documents of a method, by ``DATASET.VARIABLE``.
        ranks: Values of a codelist from the least to the most, by name of the codelist.
        displays: What the analyses show.
        planned: Datasets of the standard that have no data, in order.
        nonstandard: Names of datasets that follow no published standard.
        version: Version of Define-XML to write.
        folder: Folder that holds the documents, where there is one.
    """

    originator: str | None = None
    documents: tuple[Document, ...] = ()
    remarks: Mapping[str, Remark] = dataclasses.field(default_factory=dict)
    methods: Mapping[str, tuple[DocumentUse, ...]] = dataclasses.field(default_factory=dict)
    ranks: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    displays: tuple[Display, ...] = ()
    planned: tuple[Planned, ...] = ()
    nonstandard: frozenset[str] = frozenset()
    version: Literal["2.0", "2.1"] = "2.1"
    folder: Path | None = None
