"""cdisc profile: what stands in raw files, before there is a mapping."""

import json
import zipfile

import openpyxl

from .conftest import RAW, STUDY


def test_a_profile_shows_types_counts_values_and_forms_of_dates(home):
    home.write("in/ae.csv", "ID,ON\n1,3-May-2026\n2,UN-May-2026\n")

    outcome = home.run("profile", "in")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "ae.csv: csv, 2 records, 2 fields\n"
        "  field  type   missing  distinct  longest  values and forms\n"
        "  ID     whole        0         2        1  1 (1), 2 (1)\n"
        "  ON     date         0         2       11  "
        "iso 'd-mmm-y' unknown 'UN'; 3-May-2026 (1), UN-May-2026 (1)\n"
    )


def test_a_profile_without_values_has_none_in_any_format(home):
    home.write("in/ae.csv", "ID,ON\nsecret,3-May-2026\n")

    text = home.run("profile", "in", "--no-values")
    told = home.run("profile", "in", "--no-values", "--format", "json")

    assert "secret" not in text.out + told.out
    (file,) = json.loads(told.out)
    assert [one["samples"] for one in file["fields"]] == [[], []]
    assert [one["forms"] for one in file["fields"]] == [[], ["d-mmm-y"]]


def test_a_profile_of_nothing_is_refused(home):
    outcome = home.run("profile", "nowhere")

    assert (outcome.code, outcome.out) == (3, "")
    assert 'error[RAW001]: "nowhere" holds no file of a known format' in outcome.err


def test_a_build_reads_a_workbook_in_an_archive_and_says_what_its_reader_says(home):
    book = openpyxl.Workbook()
    for line in RAW.splitlines():
        book.active.append([text or None for text in line.split(",")])
    book.active.row_dimensions[3].hidden = True
    book.active.title = "DM"
    book.create_sheet("About")
    book.save(home.path / "dm.xlsx")
    (home.path / "raw" / "dm.csv").unlink()
    with zipfile.ZipFile(home.path / "raw" / "export.zip", "w") as whole:
        whole.write(home.path / "dm.xlsx", "in/dm.xlsx")
    declared = "{file: export.zip/in/dm.xlsx, sheet: DM, subject: SUBJ}"
    home.write("S1/study.yaml", STUDY.replace("{file: dm.csv, subject: SUBJ}", declared))

    outcome = home.build()

    assert outcome.code == 0
    assert "warning[RAW023]" in outcome.out + outcome.err
    assert "DATA021" not in outcome.out + outcome.err
    inputs = json.loads((home.path / "pkg" / "manifest.json").read_text())["inputs"]
    assert "raw/export.zip" in [one["path"] for one in inputs]
