import pytest

from cdisc.diagnostics import Diagnostic, Span
from cdisc.report import (
    DatasetLine,
    DocumentLine,
    LedgerField,
    LedgerForm,
    LedgerUse,
    Report,
    UnmappedTerm,
)


@pytest.fixture
def findings():
    return (
        Diagnostic(
            "SDTM009",
            '"AETERM" has the length 200, its longest value 12 bytes',
            expected="a length of 12",
            dataset="AE",
            variable="AETERM",
        ),
        Diagnostic(
            "CT001",
            '"AESEV" has values that are not in C66769 (Severity)',
            span=Span("mappings/S/sdtm/ae.yaml", 12, 3, 8, "  AESEV: ae.AESEV | ct"),
            found=('"mild": 14 records, first 37', '"Sever": record 902'),
            expected="MILD, MODERATE, SEVERE",
            help='did you mean "MILD"?',
            dataset="AE",
            variable="AESEV",
            records=15,
        ),
        Diagnostic(
            "SDTM018",
            'the study has no dataset "DM"',
            expected="one record for each subject",
            dataset="DM",
        ),
    )


@pytest.fixture
def report(findings):
    return Report(
        study_id="STUDY01",
        title="Two arms, one question",
        created="2026-01-31T12:00:00",
        datasets=(
            DatasetLine("DM", "Demographics", 1, 1, "../m5/sdtm/dm.xpt", "SDTM"),
            DatasetLine("AE", "Adverse Events", 1191, 225, "../m5/sdtm/ae.xpt", "SDTM"),
            DatasetLine("TA", "Trial Arms", 4, None, None, "SDTM"),
            DatasetLine("ADSL", "Subject-Level Analysis", 1, 1, "../m5/adam/adsl.xpt", "ADaM"),
        ),
        findings=findings,
        ledger=(
            LedgerForm(
                "ae",
                "raw/ae_raw.csv",
                1200,
                uses=(LedgerUse("AE", "sdtm/ae.yaml:2", 1191),),
                excluded=(LedgerUse("AE", "sdtm/ae.yaml:2", 8, "AETERM is missing"),),
                fields=(
                    LedgerField("AETERM", ("AE.AETERM",)),
                    LedgerField("PATNUM", ("AE.USUBJID", "SUPPAE.USUBJID")),
                    LedgerField("PROJECT", (), "the same in every record"),
                    LedgerField("SPARE"),
                ),
                unaccounted=1,
            ),
            LedgerForm("empty", "raw/empty.csv", 0),
        ),
        terms=(UnmappedTerm("AE", "AEOUT", "ae.csv row 7", "gone", 1, "sdtm/ae.yaml:14"),),
        documents=(DocumentLine("define.html (SDTM)", "../m5/sdtm/define.html"),),
        standards=("SDTMIG 3.4", "SDTM CT 2025-03-28"),
    )
