"""Two small studies, awkward on purpose, and the schemas that CDISC publishes."""

import dataclasses
import datetime as dt
from pathlib import Path

import defineutils
import pyarrow as pa
import pytest

from cdisc.dataset import (
    ARROW_TYPES,
    AdamStudy,
    Codelist,
    Dataset,
    Dictionary,
    Method,
    Origin,
    SdtmStudy,
    StandardUse,
    Term,
    Variable,
)
from cdisc.diagnostics import catalogue
from define_xml import build_define, check_define, define_bytes

COLLECTED = Origin("Collected", "Investigator", pages=("12",))
ASSIGNED = Origin("Assigned", "Sponsor")
DERIVED = Origin("Derived", "Sponsor")
STANDARDS = (
    StandardUse("SDTMIG", "SDTMIG", "IG", "3.4"),
    StandardUse("CT-SDTM", "CDISC/NCI", "CT", "2025-03-28", "SDTM"),
)
NY = Codelist(
    "NY",
    "No Yes Response",
    (Term("N", "No", "C49487"), Term("Y", "Yes", "C49488")),
    code="C66742",
    standard="CT-SDTM",
    extensible=False,
)
SEVERITY = Codelist(
    "AESEV",
    'Severity/Intensity <"Scale"> for Adverse Events',
    (Term("MILD", code="C41338"), Term("UNKNOWN & 'ODD'", extended=True)),
    code="C66769",
    standard="CT-SDTM",
)
MEDDRA = Dictionary("MedDRA", "27.1")


def text(name, label, length=10, **more):
    return Variable(name, label, "text", length, **more)


def number(name, label, **more):
    return Variable(name, label, "number", 8, **more)


def dataset(name, label, class_name, keys, variables, rows, **more):
    columns = [
        pa.array([row[at] for row in rows], ARROW_TYPES[variable.kind])
        for at, variable in enumerate(variables)
    ]
    table = pa.table(columns, names=[variable.name for variable in variables])
    structure = more.pop("structure", f"One record per {' per '.join(keys)}")
    return Dataset(name, label, class_name, structure, keys, tuple(variables), table, **more)


STUDYID = text("STUDYID", "Study Identifier", role="Identifier", core="Req", origin=ASSIGNED)
USUBJID = text(
    "USUBJID",
    "Unique Subject Identifier",
    role="Identifier",
    core="Req",
    origin=DERIVED,
    method=Method("The site and the subject.", "'01-' + subject"),
)


def adverse_events():
    variables = (
        STUDYID,
        USUBJID,
        number(
            "AESEQ", "Sequence Number", core="Req", integer=True, origin=DERIVED, role="Identifier"
        ),
        text(
            "AETERM",
            "Reported Term for the Adverse Event",
            40,
            core="Req",
            role="Topic",
            origin=COLLECTED,
            comment='Verbatim, "as written" <by the site> & never recoded',
        ),
        text(
            "AEDECOD",
            "Dictionary-Derived Term",
            40,
            core="Req",
            dictionary=MEDDRA,
            origin=ASSIGNED,
            role="Synonym Qualifier",
        ),
        text(
            "AESEV",
            "Severity/Intensity",
            15,
            core="Perm",
            codelist=SEVERITY,
            origin=Origin("Collected", "Investigator", ("12", "14", "Adverse_Events")),
            role="Record Qualifier",
        ),
        text(
            "AESER",
            "Serious Event",
            1,
            core="Exp",
            codelist=NY,
            origin=COLLECTED,
            role="Record Qualifier",
        ),
        number("AEDOSE", "Dose <mg> at Onset", origin=COLLECTED, standard=False),
        text(
            "AESTDTC",
            "Start Date/Time of Adverse Event",
            10,
            core="Exp",
            origin=COLLECTED,
            role="Timing",
        ),
        text(
            "AEENDTC",
            "End Date/Time of Adverse Event",
            10,
            core="Exp",
            origin=COLLECTED,
            role="Timing",
        ),
        number(
            "AESTDY",
            "Study Day of Start of Adverse Event",
            core="Perm",
            integer=True,
            origin=DERIVED,
            role="Timing",
            method=Method(
                "AESTDTC - RFSTDTC + 1 where AESTDTC >= RFSTDTC, else without + 1.",
                "study_day(AESTDTC)",
            ),
        ),
    )
    rows = [
        [
            "S1",
            "01-001",
            1,
            "MAUX DE TÊTE \u2265 2",
            "Headache",
            "MILD",
            "N",
            0.25,
            "2014-01-02",
            None,
            1,
        ],
        ["S1", "01-001", 2, "RASH", "Rash", "UNKNOWN & 'ODD'", "Y", 1.5, "2014-01", None, None],
    ]
    return dataset(
        "AE", "Adverse Events", "EVENTS", ("USUBJID", "AESEQ"), variables, rows, standard="SDTMIG"
    )


def supplemental():
    names = (
        "STUDYID",
        "RDOMAIN",
        "USUBJID",
        "IDVAR",
        "IDVARVAL",
        "QNAM",
        "QLABEL",
        "QVAL",
        "QORIG",
    )
    variables = tuple(text(name, f"Label of {name}", 20) for name in names)
    rows = [
        ["S1", "AE", "01-001", "AESEQ", "1", "AESI", "Special Interest", "Y", "CRF"],
        ["S1", "AE", "01-001", "AESEQ", "1", "AETRTEM", "Treatment Emergent", "Y", "Derived"],
        ["S1", "AE", "01-001", "AESEQ", "2", "AESI", "Special Interest", "né", "CRF"],
    ]
    return dataset(
        "SUPPAE",
        "Supplemental Qualifiers for AE",
        "RELATIONSHIP",
        ("USUBJID", "IDVARVAL", "QNAM"),
        variables,
        rows,
        domain="AE",
        standard="SDTMIG",
    )


def arms():
    variables = (
        STUDYID,
        text("ARMCD", "Planned Arm Code", 8, core="Req", origin=Origin("Protocol", "Sponsor")),
        text("ARM", "Description of Planned Arm", 40, core="Req"),
    )
    return dataset(
        "TA",
        "Trial Arms",
        "TRIAL DESIGN",
        ("ARMCD",),
        variables,
        [["S1", "A", 'Drug "A" < 5 mg & up']],
        standard="SDTMIG",
        reference=True,
        repeating=False,
    )


def empty_dataset():
    variables = (
        STUDYID,
        USUBJID,
        text("MHTERM", "Reported Term for the Medical History", 40, codelist=NY),
        text("MHDTC", "Date/Time of History Collection", 10),
        number("MHDOSE", "A Number that Nobody Gave"),
    )
    return dataset("MH", "Medical History", "EVENTS", ("USUBJID",), variables, [])


@pytest.fixture
def sdtm():
    """AE with every kind of origin, SUPPAE, a trial design dataset and one without records."""
    return SdtmStudy(
        "S1",
        "Study \u2460",
        'A study of <"x"> & y',
        "P-1",
        STANDARDS,
        (adverse_events(), supplemental(), arms(), empty_dataset()),
    )


@pytest.fixture
def adam():
    """A subject-level and a time-to-event dataset, with numeric dates and predecessors."""
    sex = Codelist(
        "SEX",
        "Sex",
        (Term("F", code="C16576"), Term("M", code="C20197")),
        code="C66731",
        standard="CT-ADAM",
    )
    arm = Codelist(
        "TRTN", "Treatment (N)", (Term("1", "Placebo"), Term("2", "Drug")), kind="number"
    )
    copied = Origin("Predecessor", predecessor="DM.SEX")
    subjects = dataset(
        "ADSL",
        "Subject-Level Analysis Dataset",
        "SUBJECT LEVEL ANALYSIS DATASET",
        ("USUBJID",),
        (
            text(
                "USUBJID",
                "Unique Subject Identifier",
                core="Req",
                origin=Origin("Predecessor", predecessor="DM.USUBJID"),
            ),
            text("SEX", "Sex", 1, codelist=sex, origin=copied),
            number("TRT01PN", "Planned Treatment (N)", codelist=arm, integer=True, origin=DERIVED),
            Variable(
                "TRTSDT",
                "Date of First Exposure",
                "date",
                8,
                "DATE9.",
                origin=DERIVED,
                method=Method(
                    "The first day of the month is used.", "EX.EXSTDTC | impute date first"
                ),
            ),
            Variable("TRTSDTM", "Datetime of First Exposure", "datetime", 8, "DATETIME20."),
            Variable("TRTSTM", "Time of First Exposure", "time", 8, "TIME8."),
            number("BMIBL", "Baseline BMI", format="8.1", significant_digits=1),
            text("DCSREAS", "Reason for Discontinuation", 20),
        ),
        [
            [
                "01-001",
                "F",
                1,
                dt.date(2014, 1, 2),
                dt.datetime.fromisoformat("2014-01-02T08:30"),
                dt.time(8, 30),
                24.5,
                None,
            ]
        ],
        standard="ADAMIG",
        repeating=False,
    )
    times = dataset(
        "ADTTE",
        "Time to Event",
        "BASIC DATA STRUCTURE",
        ("USUBJID", "PARAMCD"),
        (
            text("USUBJID", "Unique Subject Identifier"),
            text("PARAMCD", "Parameter Code", 8),
            number("AVAL", "Analysis Value", integer=True),
        ),
        [["01-001", "OS", 100]],
        subclass="TIME-TO-EVENT",
        standard="ADAMIG",
    )
    standards = (
        StandardUse("ADAMIG", "ADaMIG", "IG", "1.3"),
        StandardUse("CT-ADAM", "CDISC/NCI", "CT", "2026-03-27", "ADaM"),
    )
    return AdamStudy("S1", "Study 1", "A study", "P-1", standards, (subjects, times))


@pytest.fixture
def created():
    return dt.datetime(2026, 1, 31, 12, 0, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def schema_root():
    return Path(defineutils.__file__).parent / "validate" / "schema"


ANYWHERE = Origin("Assigned", "Sponsor")
HOW = Method("As the plan says.", "plan")


def complete(study):
    """Return the study with origins and methods, so that nothing is amiss."""
    datasets = tuple(
        dataclasses.replace(dataset, variables=tuple(map(explained, dataset.variables)))
        for dataset in study.datasets
    )
    return dataclasses.replace(study, datasets=datasets)


def explained(variable):
    origin = variable.origin or ANYWHERE
    method = variable.method or (HOW if origin.type == "Derived" else None)
    return dataclasses.replace(variable, origin=origin, method=method)


def qualifier(name, origin):
    return Variable(name, name, "text", 1, origin=origin)


@pytest.fixture
def study(sdtm):
    known = (qualifier("AESI", Origin("Collected", "Investigator", ("3",))),)
    known += (qualifier("AETRTEM", ANYWHERE),)
    supplemental = dataclasses.replace(sdtm.dataset("SUPPAE"), qualifiers=known)
    datasets = [supplemental if one.name == "SUPPAE" else one for one in sdtm.datasets]
    return complete(dataclasses.replace(sdtm, datasets=tuple(datasets)))


@pytest.fixture
def package(study, created, tmp_path):
    """Write the files beside the define.xml, and return its model and its path."""
    define = build_define(study, created=created, annotated_crf="acrf.pdf")
    for name in ("ae.xpt", "suppae.xpt", "ta.xpt", "acrf.pdf"):
        (tmp_path / name).touch()
    return define, tmp_path / "define.xml"


@pytest.fixture
def check(package):
    """Check the define.xml with changes to its text or its model, against given datasets."""
    define, path = package

    def write_and_check(*edits, datasets=(), **changes):
        text = define_bytes(dataclasses.replace(define, **changes)).decode()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        found = check_define(path, datasets)
        assert all(one.code in catalogue() for one in found)
        return [(one.code, one.fact) for one in found]

    return write_and_check


@pytest.fixture
def analysis_study(adam):
    return complete(adam)
