"""Small packages as others make them, and the package of the demonstration study."""

import dataclasses
import datetime as dt

import pyarrow as pa
import pytest

from cdisc.dataset import (
    AdamStudy,
    Codelist,
    Dataset,
    Origin,
    SdtmStudy,
    StandardUse,
    Term,
    Variable,
)
from cdisc.transport import write_xpt
from define_xml import build_define, write_define

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no zone
SDTM = (
    StandardUse("SDTMIG", "SDTMIG", "IG", "3.4"),
    StandardUse("CT-SDTM", "CDISC/NCI", "CT", "2025-03-28", "SDTM"),
)
ADAM = (StandardUse("ADaMIG", "ADaMIG", "IG", "1.3"), SDTM[1])
SCATEGORY = Codelist(
    "DSSCAT",
    "Subcategory for Disposition Event",
    (
        Term("STUDY TREATMENT", code="C170446"),
        Term("CAR-T", extended=True),
    ),
    code="C170443",
    standard="CT-SDTM",
)


def text(name, label, **more):
    return Variable(name, label, "text", 20, origin=Origin("Assigned", "Sponsor"), **more)


def dataset(name, class_name, keys, variables, rows):
    columns = zip(*rows, strict=True)
    table = pa.table(
        [pa.array(values, pa.string()) for values in columns],
        names=[one.name for one in variables],
    )
    variables = tuple(variables)
    return Dataset(name, name, class_name, "One record per ...", keys, variables, table)


STUDYID = text("STUDYID", "Study Identifier")
USUBJID = text("USUBJID", "Unique Subject Identifier")
DM = dataset(
    "DM",
    "SPECIAL PURPOSE",
    ("USUBJID",),
    [STUDYID, text("DOMAIN", "Domain Abbreviation"), USUBJID],
    [("S1", "DM", "S1-1"), ("S1", "DM", "S1-2")],
)
DS = dataset(
    "DS",
    "EVENTS",
    ("USUBJID", "DSTERM"),
    [
        STUDYID,
        text("DOMAIN", "Domain Abbreviation"),
        USUBJID,
        text("DSTERM", "Reported Term for the Disposition Event"),
        text("DSSCAT", "Subcategory for Disposition Event", codelist=SCATEGORY),
    ],
    [
        ("S1", "DS", "S1-1", "COMPLETED", "STUDY TREATMENT"),
        ("S1", "DS", "S1-2", "COMPLETED", "CAR-T"),
    ],
)
ADSL = dataset(
    "ADSL",
    "SUBJECT LEVEL ANALYSIS DATASET",
    ("USUBJID",),
    [STUDYID, USUBJID],
    [("S1", "S1-1"), ("S1", "S1-3")],
)


def with_rows(one, rows):
    """The same dataset with other records; a variable takes one column of them."""
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    table = pa.table(columns, names=one.table.column_names)
    return dataclasses.replace(one, table=table)


def write(folder, datasets, *, standards=SDTM, define=True, name="S1"):
    """Write datasets as transport files, with the define.xml of them beside."""
    folder.mkdir(parents=True)
    for one in datasets:
        write_xpt(one, folder / f"{one.name.lower()}.xpt", created=CREATED)
    kind = AdamStudy if standards[0].name.startswith("ADaM") else SdtmStudy
    key = standards[0].key
    keyed = tuple(dataclasses.replace(one, standard=key) for one in datasets)
    if define:
        study = kind(name, name, name, name, standards, keyed)
        write_define(build_define(study, created=CREATED), folder / "define.xml")
    return folder


@pytest.fixture(scope="session")
def demonstration(small_study):
    """The package of the demonstration study, twelve subjects, and the report of its build."""
    return small_study.package, small_study.report
