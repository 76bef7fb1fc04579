import datetime as dt
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cdisc.errors import RawDataError
from cdisc.raw import RawFormSource, read_raw
from cdisc.raw.excel_shown import shown


def read(folder, **options):
    (form,) = read_raw({"f": RawFormSource("x.xlsx", **options)}, folder).forms
    return form


def refused(folder, **options):
    with pytest.raises(RawDataError) as caught:
        read(folder, **options)
    return caught.value.diagnostics


@pytest.fixture
def book(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.save_ = lambda: workbook.save(tmp_path / "x.xlsx")
    return workbook


@pytest.mark.parametrize(
    ("value", "code", "text", "more"),
    [
        ("36.799999999999997", "General", "36.8", False),
        ("5.1", "0.00", "5.10", False),
        ("5.123", "0.00", "5.123", True),
        ("7", "000", "007", False),
        ("-7", "00", "-07", False),
        ("1234.5", "#,##0.00", "1234.50", False),
        ("1E-7", "General", "0.0000001", False),
        ("123456789012", "0.00E+00", "123456789012", False),
        ("0.5", "0%", "50%", False),
        ("0.505", "0%", "0.505", True),
        ("2.5", '0.0" mg"', "2.5", False),
        ("2.50", "@", "2.5", False),
        ("45352", "dd/mm/yyyy", "2024-03-01", False),
        ("45352", "[$-409]d-mmm-yy;@", "2024-03-01", False),
        ("45352", "mmm yyyy", "2024-03", False),
        ("45353", "mmm yyyy", "2024-03-02", True),
        ("45292", "yyyy", "2024", False),
        ("45352.5", "yyyy-mm-dd", "2024-03-01T12:00", True),
        ("45352.5", "yyyy-mm-dd hh:mm", "2024-03-01T12:00", False),
        ("45352.500011574075", "m/d/yy h:mm", "2024-03-01T12:00:01", True),
        ("45352.99999999999", "yyyy-mm-dd hh:mm:ss", "2024-03-02T00:00:00", False),
        ("0.25", "h:mm", "06:00", False),
        ("0.25", "h:mm:ss AM/PM", "06:00:00", False),
        ("1.25", "[h]:mm", "30:00", False),
        ("1", "yyyy-mm-dd", "1900-01-01", False),
        ("61", "yyyy-mm-dd", "1900-03-01", False),
        ("60", "yyyy-mm-dd", "60", True),
        ("-1", "yyyy-mm-dd", "-1", True),
        ("99999999", "yyyy-mm-dd", "99999999", True),
    ],
)
def test_a_cell_is_what_it_shows_where_that_is_all_it_holds(value, code, text, more):
    assert shown(value, code, from_1904=False) == (text, more)


def test_days_may_count_from_1904():
    assert shown("0", "yyyy-mm-dd", from_1904=True) == ("1904-01-01", False)


def test_a_sheet_is_read_as_its_cells_show_it(book, tmp_path):
    sheet = book.active
    sheet.append(["SUBJ", "DOSE", "ON", "AT", "OK", "TEXT"])
    day = dt.datetime(2024, 2, 29, 8, 30)  # noqa: DTZ001  a cell has no zone
    sheet.append(["01", 5.1, dt.date(2024, 2, 29), day, True, "a\nb _x000D_"])
    sheet.append([])
    sheet.append(["02", 7, None, None, False, "NA"])
    sheet["B2"].number_format = "0.00"
    book.save_()

    form = read(tmp_path, missing=("NA",), strip="SU")

    assert form.table.to_pydict() == {
        "BJ": ["01", "02"],
        "DOSE": ["5.10", "7"],
        "ON": ["2024-02-29", None],
        "AT": ["2024-02-29T08:30:00", None],
        "OK": ["TRUE", "FALSE"],
        "TEXT": ["a\nb \r", None],
    }
    assert form.rows.to_pylist() == [2, 4]
    assert form.notes == ()


def test_a_workbook_that_counts_from_1904_says_the_same_days(book, tmp_path):
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["D"])
    book.active.append([dt.date(2024, 2, 29)])
    book.save_()

    assert read(tmp_path).table.to_pydict() == {"D": ["2024-02-29"]}


def test_a_sheet_is_chosen_by_name_and_its_header_by_row(book, tmp_path):
    book.active.title = "About"
    other = book.create_sheet("AE")
    for row in (["Export"], ["AETERM", "AESEV"], ["Term", "Severity"], ["nausea", 1]):
        other.append(row)
    book.save_()

    form = read(tmp_path, sheet="AE", header=2, skip_rows=1)

    assert form.table.to_pydict() == {"AETERM": ["nausea"], "AESEV": ["1"]}
    assert form.rows.to_pylist() == [4]
    (none,), (wrong,) = refused(tmp_path), refused(tmp_path, sheet="AF")
    assert (none.code, none.found) == ("RAW022", ("About", "AE"))
    assert (wrong.code, wrong.help) == ("RAW022", "name one of them as sheet: of the form")


def test_what_is_hidden_or_merged_or_holds_more_than_it_shows_is_told(book, tmp_path):
    sheet = book.active
    for row in (["A", "B", "C"], [1, 2.345, "=1/0"], [3, None, None]):
        sheet.append(row)
    sheet["B2"].number_format = "0.0"
    sheet["C2"].value, sheet["C2"].data_type = "#DIV/0!", "e"
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.merge_cells("A3:B3")
    book.save_()

    form = read(tmp_path)

    assert form.table.to_pydict() == {"A": ["1", "3"], "B": ["2.345", None], "C": ["#DIV/0!", None]}
    assert [(one.code, one.found) for one in form.notes] == [
        ("RAW023", ("1 hidden row with values: 3", "hidden columns: B:B", "1 merged range: A3:B3")),
        (
            "RAW024",
            (
                "column B: 1 cell holds more than it shows",
                "column C: 1 cell is an error of a formula",
            ),
        ),
    ]


def test_a_formula_that_was_never_calculated_is_refused(book, tmp_path):
    book.active.append(["A"])
    book.active.append(["=1+1"])
    book.save_()

    (finding,) = refused(tmp_path)

    assert (finding.code, finding.found) == ("RAW025", ("1 cell: A2",))


def test_values_below_no_name_are_refused(book, tmp_path):
    book.active.append(["A"])
    book.active.append([1, 2])
    book.save_()

    assert [one.code for one in refused(tmp_path)] == ["RAW006"]


def test_an_empty_sheet_and_a_header_beyond_its_end_are_refused(book, tmp_path):
    book.save_()
    assert [one.code for one in refused(tmp_path)] == ["RAW005"]
    book.active.append(["A"])
    book.save_()
    assert [one.code for one in refused(tmp_path, header=3)] == ["RAW031"]


def remade(tmp_path, part, change):
    """Write the workbook again with one part changed."""
    with zipfile.ZipFile(tmp_path / "x.xlsx") as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)


def test_texts_that_cells_share_are_read_whole_and_without_how_they_sound(book, tmp_path):
    book.active.append(["A"])
    book.active.append([1])
    book.save_()
    remade(tmp_path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b't="n"', b't="s"'))
    remade(
        tmp_path,
        "xl/sharedStrings.xml",
        lambda _: (
            '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>x</t></si>'
            '<si><r><t xml:space="preserve">東 </t></r><r><rPr/><t>京_x000A_</t></r>'
            '<rPh sb="0" eb="1"><t>トウ</t></rPh></si></sst>'
        ).encode(),
    )

    assert read(tmp_path).table.to_pydict() == {"A": ["東 京\n"]}


@pytest.mark.parametrize(
    ("part", "change", "code"),
    [
        (
            "xl/worksheets/sheet1.xml",
            lambda data: b"<!DOCTYPE a [<!ENTITY a 'b'>]>" + data,
            "RAW026",
        ),
        ("xl/worksheets/sheet1.xml", lambda data: data[:-20], "RAW021"),
        ("xl/worksheets/sheet1.xml", lambda data: data + b" " * (40 << 20), "RAW020"),
        ("xl/worksheets/sheet1.xml", lambda data: data.replace(b'"A2"', b'"ZZZ2"'), "RAW021"),
        ("xl/worksheets/sheet1.xml", lambda data: data.replace(b't="n"', b't="s"'), "RAW021"),
        ("xl/worksheets/sheet1.xml", lambda data: data.replace(b'r="2"', b'r="0"'), "RAW021"),
        ("xl/worksheets/sheet1.xml", lambda data: data.replace(b"<v>5<", b"<v>inf<"), "RAW025"),
        ("xl/workbook.xml", lambda _: b"<a/>", "RAW021"),
    ],
)
def test_a_damaged_or_hostile_workbook_is_refused(book, tmp_path, part, change, code):
    book.active.append(["A"])
    book.active.append([5])
    book.save_()
    remade(tmp_path, part, change)

    assert [one.code for one in refused(tmp_path)] == [code]


def test_what_only_begins_as_an_old_workbook_does_is_named(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100))

    (finding,) = refused(tmp_path)

    (found,) = finding.found
    assert found.startswith("an old or an encrypted workbook that cannot be understood: ")
