import zipfile

import openpyxl
import pyarrow as pa
import pytest

from cdisc.raw import FieldProfile, RawFormSource, profile_raw
from cdisc.raw.date_forms import date_forms

CSV = (
    "ID;ON;AT;N;T;E\n1;3-May-2026;25/03/2024;1.5;a;\n2;UN-May-2026;01/02/2024;2; b;\n"
    "3;UNK;;.5;a;\n4;2026;;;\n"
).replace("4;2026;;;\n", "4;2026;;;;\n")


@pytest.mark.parametrize(
    ("texts", "forms", "unfit"),
    [
        (["2024-02-29", "2024-1-1"], ("y-m-d",), 0),
        (["01/02/2024", "03/04/2024"], ("d/m/y or m/d/y",), 0),
        (["01/02/2024", "13/04/2024"], ("d/m/y",), 0),
        (["20240229"], ("yyyymmdd",), 0),
        (["29FEB2024"], ("ddmmmyyyy",), 0),
        (["2024-02-29T08:30", "2024-02-29 08:30:00"], ("y-m-d H:M:S", "y-m-dTH:M"), 0),
        (["8:30", "23:59"], ("H:M",), 0),
        (["UN-FEB-2024", "1-Feb-2024", "UNK-UNK-2024"], ("d-mmm-y unknown 'UN' 'UNK'",), 0),
        (["1-Feb-2024", "2-Feb-2024", "3-Feb-2024", "4-Feb-2024", "soon"], ("d-mmm-y",), 1),
        (["soon", "1-Feb-2024"], (), 2),
        (["2024", "2023"], (), 2),
        (["nausea"], (), 1),
        ([], (), 0),
    ],
)
def test_forms_of_dates_are_named_as_the_step_iso_names_them(texts, forms, unfit):
    assert date_forms(pa.array(texts, pa.string())) == (forms, unfit)


def test_a_field_is_told_by_its_type_its_counts_and_its_commonest_values(tmp_path):
    (tmp_path / "ae.csv").write_text(CSV)

    (file,) = profile_raw(tmp_path)

    assert (file.file, file.format, file.records, file.findings) == ("ae.csv", "csv", 4, ())
    assert file.fields == (
        FieldProfile("ID", "whole", 0, 4, 1, (("1", 1), ("2", 1), ("3", 1), ("4", 1)), (), 0, {}),
        FieldProfile(
            *("ON", "date", 0, 4, 11),
            (("2026", 1), ("3-May-2026", 1), ("UN-May-2026", 1), ("UNK", 1)),
            *(("d-mmm-y unknown 'UN'", "y unknown 'UNK'"), 0, {}),
        ),
        FieldProfile(
            *("AT", "date", 2, 2, 10, (("01/02/2024", 1), ("25/03/2024", 1)), ("d/m/y",), 0, {})
        ),
        FieldProfile("N", "decimal", 1, 3, 3, ((".5", 1), ("1.5", 1), ("2", 1)), (), 0, {}),
        FieldProfile(
            *("T", "text", 1, 2, 2, (("a", 2), (" b", 1)), (), 0),
            {"blanks around the value": 1},
        ),
        FieldProfile("E", "empty", 4, 0, 0, (), (), 0, {}),
    )


def test_values_are_hidden_where_they_must_be(tmp_path):
    (tmp_path / "ae.csv").write_text(CSV)

    (file,) = profile_raw(tmp_path / "ae.csv", values=False)

    assert {one.samples for one in file.fields} == {()}


def test_texts_that_were_read_in_another_encoding_are_counted(tmp_path):
    twice = "é".encode().decode("cp1252")
    (tmp_path / "a.csv").write_text(f"A\n{twice}\n\ufffd\na\u00a0b\na\u0085b\nÀ\n", "utf-8")

    (file,) = profile_raw(tmp_path)

    assert file.fields[0].trouble == {
        "characters that a conversion replaced": 1,
        "UTF-8 read in another encoding": 1,
        "control characters": 1,
        "no-break spaces": 1,
    }


def test_all_files_sheets_and_members_are_looked_at_and_what_cannot_be_read_is_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["A"])
    book.create_sheet("Two, three").append(["B", "C"])
    book.save(tmp_path / "b.xlsx")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as whole:
        whole.writestr("x/a.csv", CSV)
        whole.writestr("about.pdf", "no data")
    (tmp_path / "a.csv").write_bytes(b"A\n\xff\n")
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "readme.md").write_text("no data")

    found = list(profile_raw(tmp_path))

    assert [
        (one.file, one.part, len(one.fields), [finding.code for finding in one.findings])
        for one in found
    ] == [
        ("a.csv", None, 0, ["RAW003"]),
        ("b.xlsx", "Sheet", 1, []),
        ("b.xlsx", "Two, three", 2, []),
        ("c.zip/x/a.csv", None, 6, []),
        ("d.zip/?", None, 0, ["RAW019"]),
    ]


def test_a_study_says_how_its_files_are_written(tmp_path):
    (tmp_path / "f.txt").write_text("01  abc\n")

    (file,) = profile_raw(tmp_path, {"f": RawFormSource("f.txt", columns={"A": 4, "B": 3})})

    assert [one.name for one in file.fields] == ["A", "B"]
