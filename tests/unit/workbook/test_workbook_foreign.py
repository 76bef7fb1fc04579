"""A workbook of others, awkward in names and forms, becomes files to fill in."""

import io

import pytest
from openpyxl import Workbook, load_workbook

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.resources import mappings_root
from cdisc.spec import load_study
from cdisc.workbook import read_workbook, workbook_bytes

SHEETS = {
    "Define": [
        ["Attribute", "Value"],
        ["StudyName", "ABC 01"],
        ["StudyDescription", 'A study: of "two" arms'],
        ["ProtocolName", "P-1"],
        ["StandardName", "SDTM-IG"],
        ["StandardVersion", 3.4],
    ],
    "Datasets": [
        ["Dataset", "Description", "Class", "Structure", "Purpose", "Key Variables"],
        ["AE", "Adverse Events", "EVENTS", None, "Tabulation", "USUBJID, AETERM"],
        ["RELREC", "Related Records", "RELATIONSHIP", None, "Tabulation", None],
        ["ADAE", "Adverse Events Analysis", "OCCURRENCE DATA STRUCTURE", None, "Analysis",
         "USUBJID, AESEQ"],
    ],
    "Variables": [
        ["Order", "Dataset", "Variable", "Label ", "Data Type", "Length", "Format", "Codelist",
         "Origin", "Pages", "Method", "Predecessor", "Assigned Value", "Comment", "SAS Notes"],
        [1, "AE", "STUDYID", "Study Identifier", "text", 6],
        [2, None, "AETERM", "Reported Term for the Adverse Event ", "text", 200, None, None, "CRF",
         12],
        [3, None, "AESEV", "Severity/Intensity", "text", 10, None, "SEVX", "CRF", 12, None, None,
         None, "C.SEV", "retain"],
        [4, None, "AESTDY", "Study Day of Start of Adverse Event", "integer", 8, None, None,
         "Derived", None, "MT.DY"],
        [5, None, "AECAT", "Category for Adverse Event", "text", 8, None, None, "Assigned", None,
         None, None, "IT'S AN AE"],
        [6, None, "AEMINE", "My own: with a colon", "float", 8],
        [7, None, "=1+1"],
        [8, None, "AETERM", "a second time"],
        [1, "ADAE", "AESEQ", "Sequence Number", "integer", 8, None, None, "Predecessor", None,
         None, "AE.AESEQ"],
        [2, "ADAE", "AETERM", "Reported Term for the Adverse Event", "text", 200, None, None,
         "Predecessor", None, None, "AE.AETERM"],
        [3, "ADAE", "ASTDT", "Analysis Start Date", "integer", 8, "DATE9.", None, "Derived"],
        [4, "ADAE", "AEFLDT", "Some Date", "integer", 8, "DATE9.", None, "Derived"],
        [1, "RELREC", "RELID", "Relationship Identifier", "text", 8],
    ],
    "Value Level": [
        ["Order", "Dataset", "Variable", "Where Clause", "Label"],
        [1, "SUPPAE", "QVAL", "QNAM EQ AESI", "Special interest"],
    ],
    "Codelists": [
        ["ID", "Name", "NCI Codelist Code", "Data Type", "Order", "Term", "NCI Term Code",
         "Decoded Value"],
        ["SEVX", "Severity", None, "text", 1, "LOW", None, "Low"],
        ["SEVX", "Severity", None, "text", 2, "HIGH", None, "High"],
        ["NY", "No Yes", "C66742", "text", 1, "Y", "C49488", "Yes"],
    ],
    "Methods": [
        ["ID", "Name", "Type", "Description"],
        ["MT.DY", "Study day", "Computation", "Days since\nthe reference start"],
    ],
    "Comments": [["ID", "Description"], ["C.SEV", "As the site said"]],
    "Review log": [["Who", "What"], ["me", "looks good"]],
}  # fmt: skip
AE = """\
# AE - Adverse Events: from foreign.xlsx
# Lines that are comments, and those with '', are to be written.
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  # AETERM: CRF, pages 12
  AETERM:   "''"
  # AESEV: CRF, pages 12
  # AESEV: As the site said
  # AESEV: {map: "''", codelist: SEVX}
  # AESTDY: Derived
  # AESTDY: Days since the reference start
  # AESTDY: "''"
  AECAT:    const 'IT''S AN AE'
  # AEMINE: {map: "''", label: "My own: with a colon", type: number}
# supp:
  # AESI: {label: Special interest, map: "''"}
"""
ADAE = """\
# ADAE - Adverse Events Analysis: from foreign.xlsx
# Lines that are comments, and those with '', are to be written.
dataset: ADAE
label: Adverse Events Analysis
class: OCCURRENCE DATA STRUCTURE
rows: each AE
keys: [USUBJID, AESEQ]
copy:
  AE: [AESEQ, AETERM]
# variables:
  # ASTDT: Derived
  # ASTDT: "''"
  # AEFLDT: Derived
  # AEFLDT: {map: "''", label: Some Date, type: date}
"""
STUDY = """\
# study.yaml - from foreign.xlsx; fill in the raw files and how the subject is told
study:
  id: ABC01
  usubjid: "'ABC01-' + subject"
  name: "ABC 01"
  description: "A study: of \\"two\\" arms"
  protocol: "P-1"
standards:
  sdtm: SDTMIG 3.4
  adam: ADaMIG 1.3
  ct: 2025-03-28
  adamct: 2026-03-27
  define: "2.1"
raw:
  ae: {file: ae.csv, subject: SUBJ}
"""
TERMS = """\
# The sponsor's own codelists of foreign.xlsx
terms:
  "SEVX":
    "LOW": "LOW"
    "HIGH": "HIGH"
"""


def save(sheets, path):
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if "Variables" in sheets:
        book["Variables"].merge_cells("B2:B9")
    book.save(path)
    return path


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    return read_workbook(save(SHEETS, tmp_path_factory.mktemp("book") / "foreign.xlsx"))


def test_it_becomes_files_to_fill_in(reading):
    assert dict(reading.files) == {
        "study.yaml": STUDY,
        "sdtm/ae.yaml": AE,
        "adam/adae.yaml": ADAE,
        "terms/workbook.yaml": TERMS,
    }


def test_what_a_person_has_still_to_write_is_counted_and_named(reading):
    unwritten = [one for one in reading.findings if one.code == "WBK010"]

    assert reading.to_write == 7
    assert [(one.dataset, one.found) for one in unwritten] == [
        ("AE", ("AETERM, AESEV, AESTDY, AEMINE, supp:AESI",)),
        ("ADAE", ("ASTDT, AEFLDT",)),
    ]


def test_what_is_not_read_is_said(reading):
    said = [(one.code, one.fact, one.found) for one in reading.findings if one.code != "WBK010"]

    assert said == [
        (
            "WBK005",
            'columns of sheet "Variables" are not known, and are not read',
            ("SAS Notes",),
        ),
        ("WBK005", 'sheet "Variables" has formulas, which are not read', ("C8",)),
        (
            "WBK005",
            'sheet "Variables" has merged cells; each has the text of the first',
            ("B2:B9",),
        ),
        (
            "WBK005",
            'sheet "Variables" has blanks at the ends of texts, which are not read',
            ("D1", "D3"),
        ),
        ("WBK005", 'sheet "Review log" of foreign.xlsx is not known, and is not read', ("1 rows",)),
        (
            "WBK006",
            "a row of variables names no dataset or no variable, and is not read",
            ("Order=7 Dataset=AE",),
        ),
        (
            "WBK006",
            "AE.AETERM has two rows; the first is read",
            ("Order=8 Dataset=AE Variable=AETERM",),
        ),
        *(
            ("WBK009", f"foreign.xlsx does not name an {name} that is carried; {at} is assumed", ())
            for name, at in (
                ("ADaMIG", "1.3"),
                ("SDTM CT", "2025-03-28"),
                ("ADaM CT", "2026-03-27"),
            )
        ),
        ("WBK009", 'the study is called "ABC01" in study.yaml', ("ABC 01",)),
        ("WBK006", "RELREC is not read: it follows from the mapping of other datasets", ()),
    ]  # fmt: skip


def test_check_understands_the_files(reading, tmp_path):
    reading.write(tmp_path / "ABC01")

    program = resolve(load_study(tmp_path / "ABC01"))

    assert sorted(program.datasets) == ["ADAE", "AE"]


@pytest.mark.parametrize("layout", ["2.1", "2.0"])
def test_ours_without_what_is_ours_is_a_skeleton_that_check_understands(layout, tmp_path):
    program = resolve(load_study(mappings_root() / "CDISCPILOT01"))
    book = load_workbook(io.BytesIO(workbook_bytes(program, layout)))
    del book["Mapping Files"], book["As Written"]
    for name in ("Variables", "ValueLevel"):
        names = [cell.value for cell in book[name][1]]
        book[name].delete_cols(names.index("Mapping") + 1)
    book.save(tmp_path / "spec.xlsx")

    reading = read_workbook(tmp_path / "spec.xlsx")
    reading.write(tmp_path / "study")

    assert (reading.ours, reading.to_write) == (False, 152)
    assert {one.code for one in reading.findings} == {"WBK010"}
    assert set(resolve(load_study(tmp_path / "study")).datasets) >= {"DM", "AE", "ADSL", "ADTTE"}


def test_a_column_with_expressions_is_used_in_any_workbook(tmp_path):
    rows = [["Dataset", "Variable", "Mapping"], ["AE", "AETERM", "ae.AETERM | upper"]]

    reading = read_workbook(save({"variable": rows}, tmp_path / "foreign.xlsx"))

    assert "  AETERM:   ae.AETERM | upper\n" in reading.files["sdtm/ae.yaml"]
    assert reading.to_write == 0


def test_a_workbook_without_variables_is_refused(tmp_path):
    with pytest.raises(SpecError) as refused:
        read_workbook(save({"Datasets": [["Dataset"], ["AE"]]}, tmp_path / "foreign.xlsx"))

    assert [one.code for one in refused.value.diagnostics] == ["WBK004"]


def test_the_releases_may_stand_with_the_codelists(tmp_path):
    sheets = {
        "Define": [["Attribute", "Value"], ["StudyName", "A1"]],
        "Variables": [["Dataset", "Variable", "Mapping"], ["AE", "AETERM", "ae.AETERM"]],
        "Codelists": [
            ["ID", "NCI Codelist Code", "Terminology", "Term"],
            ["NY", "C66742", "CDISC/NCI SDTM 2025-03-28", "Y"],
            ["AGEU", "C66781", "SDTM 1999-01-01", "YEARS"],
        ],
    }

    reading = read_workbook(save(sheets, tmp_path / "foreign.xlsx"))

    assert "  ct: 2025-03-28\n" in reading.files["study.yaml"]
    assert [one.fact for one in reading.findings if "SDTM CT" in one.fact] == []
