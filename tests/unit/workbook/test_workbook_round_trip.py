"""A mapping to a workbook and back: nothing is lost, and what a person changes is taken."""

import io

import pytest
from openpyxl import load_workbook

from cdisc.engine.resolve import resolve
from cdisc.errors import OutputError, SpecError
from cdisc.pipeline import build_in_memory
from cdisc.resources import mappings_root
from cdisc.spec import load_study
from cdisc.workbook import read_workbook, workbook_bytes
from cdisc.workbook.cells import write_book
from tests.small_package import write_small_study

STUDY = """\
# what is said once
study: {id: S1, usubjid: "'S1-' + subject", description: '=1+1'}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28}
raw:
  ae: {file: ae.csv, subject: SUBJ}   # the only form
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  # as it was typed
  AETERM:   ae.AETERM | squish    # a comment at the end of a line
  AESEV:    {map: ae.AESEV | ct, comment: "-of the site, not of the sponsor"}
  AEDECOD: >-
    when ae.AEPT is missing then 'UNCODED'
    else ae.AEPT
  # the last one
  AESER:    ae.AESER | ct
supp:
  AESI: {label: "@special interest", map: ae.AESI}
checks:
  - AETERM is not missing
"""
DEFINE = """\
displays:
  "T 1":
    title: Rash by sex
    results:
      - title: Subjects with rash
        reason: SPECIFIED IN SAP
        purpose: PRIMARY OUTCOME MEASURE
        data:
          ADAE: {where: AETERM = 'RASH', variables: [AETERM]}
        program: {language: R 4.4, code: table(adae$AETERM)}
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "S1" / "sdtm").mkdir(parents=True)
    (tmp_path / "S1" / "study.yaml").write_text(STUDY)
    (tmp_path / "S1" / "sdtm" / "ae.yaml").write_text(AE)
    return tmp_path / "S1"


def book_of(study, layout="2.1"):
    return load_workbook(io.BytesIO(workbook_bytes(resolve(load_study(study)), layout)))


def read_again(book, tmp_path):
    book.save(tmp_path / "spec.xlsx")
    return read_workbook(tmp_path / "spec.xlsx")


def find(sheet, column, **keys):
    """The cell of a column in the row that has these values."""
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        values = dict(zip(names, row, strict=True))
        if all(values[key].value == value for key, value in keys.items()):
            return values[column]
    raise AssertionError(keys)


def expressions(program):
    return {
        (dataset, name): variable.checked.expression.text
        for dataset, plan in program.datasets.items()
        for name, variable in plan.variables.items()
    }


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("CDISCPILOT01", "2.1"),
        ("CDISCPILOT01", "2.0"),
        pytest.param("SYN07441291", "2.1", marks=pytest.mark.slow),
    ],
)
def test_a_study_comes_back_byte_for_byte_as_the_same_program(name, layout, tmp_path):
    folder = mappings_root() / name
    program = resolve(load_study(folder))
    (tmp_path / "spec.xlsx").write_bytes(workbook_bytes(program, layout))

    reading = read_workbook(tmp_path / "spec.xlsx")
    reading.write(tmp_path / name)

    again = resolve(load_study(tmp_path / name))
    assert (reading.findings, reading.to_write, reading.ours) == ((), 0, True)
    assert {name: text.encode() for name, text in reading.files.items()} == {
        inside.removeprefix("mappings/"): path.read_bytes() for path, inside in program.loaded.files
    }
    assert expressions(again) == expressions(program)


def test_the_same_study_gives_the_same_bytes(study):
    one, other = (workbook_bytes(resolve(load_study(study))) for _ in range(2))

    assert one == other


def test_a_text_that_begins_like_a_formula_stays_a_text(study, tmp_path):
    book = book_of(study)

    cells = [
        find(book["Define"], "Value", Attribute="StudyDescription"),
        find(book["Comments"], "Description", ID="AE.AESEV"),
        find(book["ValueLevel"], "Label", Dataset="SUPPAE"),
    ]
    assert [(one.value, one.data_type, one.quotePrefix) for one in cells] == [
        ("=1+1", "s", True),
        ("-of the site, not of the sponsor", "s", True),
        ("@special interest", "s", True),
    ]
    assert read_again(book, tmp_path).files["sdtm/ae.yaml"] == AE


def test_sheets_and_columns_are_those_of_the_layout(study):
    new, old = book_of(study, "2.1"), book_of(study, "2.0")

    assert new.sheetnames == [
        "Define", "Datasets", "Variables", "ValueLevel", "Codelists", "Dictionaries", "Methods",
        "Comments", "Documents", "Analysis Displays", "Analysis Results",
        "Mapping Files", "As Written",
    ]  # fmt: skip
    assert set(old.sheetnames) - set(new.sheetnames) == {"WhereClauses", "Analysis Criteria"}
    assert [cell.value for cell in old["Datasets"][1]] == [
        "Dataset", "Description", "Class", "Structure", "Purpose", "Key Variables", "Repeating",
        "Reference Data", "Comment",
    ]  # fmt: skip
    assert find(new["ValueLevel"], "Where Clause", Dataset="SUPPAE").value == "QNAM EQ AESI"
    assert [cell.value for cell in old["WhereClauses"][2]] == [
        "SUPPAE.QVAL.AESI", "SUPPAE", "QNAM", "EQ", "AESI",
    ]  # fmt: skip
    assert new["As Written"].sheet_state == "hidden"


def test_a_row_of_variables_says_what_is_known_without_data(study):
    book = book_of(study)

    names = [cell.value for cell in book["Variables"][1]]
    row = find(book["Variables"], "Order", Dataset="AE", Variable="AESEV").row
    values = [cell.value for cell in book["Variables"][row]]
    assert {key: value for key, value in zip(names, values, strict=True) if value} == {
        "Order": "7",
        "Dataset": "AE",
        "Variable": "AESEV",
        "Label": "Severity/Intensity",
        "Data Type": "text",
        "Mandatory": "No",
        "Codelist": "AESEV",
        "Origin": "Collected",
        "Source": "Investigator",
        "Role": "Record Qualifier",
        "Comment": "AE.AESEV",
        "Mapping": "ae.AESEV | ct",
    }


def test_what_a_person_changes_goes_into_its_place_and_nothing_else_moves(study, tmp_path):
    book = book_of(study)
    variables = book["Variables"]
    find(variables, "Mapping", Dataset="AE", Variable="AETERM").value = "ae.AETERM | upper"
    find(variables, "Mapping", Dataset="AE", Variable="AEDECOD").value = "ae.AEPT"
    find(variables, "Label", Dataset="AE", Variable="AESER").value = "Serious: yes, or no"
    find(book["Datasets"], "Key Variables", Dataset="AE").value = "USUBJID, AETERM, AESER"
    find(book["ValueLevel"], "Mapping", Dataset="SUPPAE").value = "ae.AESI | squish"
    find(book["Comments"], "Description", ID="AE.AESEV").value = "of the site"
    find(book["Define"], "Value", Attribute="ProtocolName").value = "P: 1"
    variables.append(["9", "AE", "AEOUT"] + [None] * 18 + ["ae.AEOUT | ct"])

    reading = read_again(book, tmp_path)

    assert (
        reading.files["sdtm/ae.yaml"]
        == """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM, AESER]
variables:
  # as it was typed
  AETERM:   ae.AETERM | upper    # a comment at the end of a line
  AESEV:    {map: ae.AESEV | ct, comment: of the site}
  AEDECOD: ae.AEPT
  # the last one
  AESER:    {map: ae.AESER | ct, label: "Serious: yes, or no"}
  AEOUT: ae.AEOUT | ct
supp:
  AESI: {label: "@special interest", map: ae.AESI | squish}
checks:
  - AETERM is not missing
"""
    )
    assert "description: '=1+1', protocol: \"P: 1\"}" in reading.files["study.yaml"]
    assert {one.code for one in reading.findings} == {"WBK008"}
    assert len(reading.findings) == 8


def test_what_no_file_says_is_a_finding_and_changes_nothing(study, tmp_path):
    book = book_of(study)
    variables = book["Variables"]
    find(variables, "Data Type", Dataset="AE", Variable="AETERM").value = "integer"
    find(variables, "Label", Dataset="AE", Variable="USUBJID").value = "Who"
    find(variables, "Mapping", Dataset="AE", Variable="AESER").value = None
    variables.delete_rows(find(variables, "Order", Dataset="AE", Variable="AESEV").row)
    variables.append(["1", "ZZ", "ZZTERM"])

    reading = read_again(book, tmp_path)

    assert reading.files == {"study.yaml": STUDY, "sdtm/ae.yaml": AE}
    assert [(one.code, one.fact) for one in reading.findings] == [
        ("WBK006", "Label of AE.USUBJID is not as it was written, and is not read"),
        ("WBK006", "Data Type of AE.AETERM is not as it was written, and is not read"),
        ("WBK006", "Mapping of AE.AESER is not as it was written, and is not read"),
        ("WBK006", "the row ZZ.ZZTERM is not as it was written, and is not read"),
        (
            "WBK007",
            'sheet "Variables" no longer has the row "AE | AESEV"; its line in the files stays',
        ),
    ]
    assert reading.findings[1].span.file == "spec.xlsx/Variables!E6"


def test_rows_in_another_order_are_no_change(study, tmp_path):
    book = book_of(study)
    for name in ("Variables", "Mapping Files", "Codelists"):
        sheet = book[name]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, len(rows))
        for row in reversed(rows):
            sheet.append(row)

    reading = read_again(book, tmp_path)

    assert (reading.files, reading.findings) == ({"study.yaml": STUDY, "sdtm/ae.yaml": AE}, ())


def test_a_file_that_is_not_whole_is_refused(study, tmp_path):
    book = book_of(study)
    book["Mapping Files"].delete_rows(3)
    book["Mapping Files"].append(["../evil.yaml", "1", "x"])

    with pytest.raises(SpecError) as refused:
        read_again(book, tmp_path)

    assert [(one.code, one.fact, one.found) for one in refused.value.diagnostics] == [
        ("WBK004", '"../evil.yaml" is no file inside the folder of a study', ()),
        ("WBK004", '"Mapping Files" does not have every line of "study.yaml"', ("no line 2",)),
    ]


def test_an_edited_folder_is_never_overwritten(study, tmp_path):
    reading = read_again(book_of(study), tmp_path)

    with pytest.raises(OutputError) as refused:
        reading.write(study)

    assert {one.code for one in refused.value.diagnostics} == {"OUT008"}
    assert (study / "sdtm" / "ae.yaml").read_text() == AE


def test_no_excel_file_is_refused(tmp_path):
    (tmp_path / "a.xlsx").write_text("Dataset,Variable\n")

    with pytest.raises(SpecError) as refused:
        read_workbook(tmp_path / "a.xlsx")

    assert [one.code for one in refused.value.diagnostics] == ["WBK001"]


@pytest.mark.parametrize("text", ["x" * 32_768, "bell \x07", "a _x0041_ b"])
def test_a_text_that_a_cell_does_not_keep_is_refused(text):
    with pytest.raises(OutputError) as refused:
        write_book({"Comments": [["ID", "Description"], ["C1", text]]})

    assert [one.code for one in refused.value.diagnostics] == ["WBK002"]


def test_a_file_with_other_line_ends_is_refused(study):
    (study / "sdtm" / "ae.yaml").write_bytes(AE.replace("\n", "\r\n").encode())

    with pytest.raises(OutputError) as refused:
        workbook_bytes(resolve(load_study(study)))

    assert [(one.code, one.fact) for one in refused.value.diagnostics] == [
        ("WBK003", '"sdtm/ae.yaml" cannot travel in a workbook line by line')
    ]


def test_with_data_a_workbook_says_what_data_decide_and_still_comes_back(tmp_path):
    write_small_study(tmp_path)
    built = build_in_memory(tmp_path / "S1", raw=tmp_path / "raw")
    content = workbook_bytes(built.program, "2.1", built.studies)
    (tmp_path / "spec.xlsx").write_bytes(content)
    book = load_workbook(tmp_path / "spec.xlsx")

    variables = book["Variables"]
    assert find(variables, "Length", Dataset="AE", Variable="AETERM").value == "5"
    assert find(variables, "Data Type", Dataset="AE", Variable="AESEQ").value == "integer"
    terms = [
        [cell.value for cell in row][-4:]
        for row in book["Codelists"].iter_rows(min_row=2)
        if row[0].value == "SEX"
    ]
    assert terms == [["1", "F", "C16576", None], ["2", "M", "C20197", None]]
    assert find(book["ValueLevel"], "Where Clause", Dataset="SUPPAE").value == "QNAM EQ AESI"
    assert find(book["ValueLevel"], "Mapping", Dataset="SUPPAE").value == "ae.AESI"
    assert len(list(book["ValueLevel"].iter_rows())) == 2
    assert read_workbook(tmp_path / "spec.xlsx").findings == ()


def test_displays_and_results_of_analyses_have_their_sheets(tmp_path):
    write_small_study(tmp_path)
    (tmp_path / "S1" / "define.yaml").write_text(DEFINE)

    new, old = book_of(tmp_path / "S1", "2.1"), book_of(tmp_path / "S1", "2.0")

    assert [cell.value for cell in new["Analysis Displays"][2]][:2] == ["T 1", "Rash by sex"]
    names = [cell.value for cell in new["Analysis Results"][1]]
    result = dict(zip(names, [cell.value for cell in new["Analysis Results"][2]], strict=True))
    assert {key: value for key, value in result.items() if value} == {
        "Display": "T 1",
        "ID": "AR.1.1",
        "Description": "Subjects with rash",
        "Variables": "ADAE.AETERM",
        "Reason": "SPECIFIED IN SAP",
        "Purpose": "PRIMARY OUTCOME MEASURE",
        "Selection Criteria": "AETERM EQ RASH",
        "Programming Context": "R 4.4",
        "Programming Code": "table(adae$AETERM)",
    }
    assert [cell.value for cell in old["Analysis Criteria"][2]] == [
        "T 1", "AR.1.1", "ADAE", "AETERM", "AR.1.1.ADAE",
    ]  # fmt: skip
