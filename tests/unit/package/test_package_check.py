"""Folders before they are handed in: names, sizes, places, documents, the manifest."""

import json

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from cdisc.cli import main
from cdisc.errors import OutputError
from cdisc.package import Layout, write_manifest
from cdisc.package.check import check_package

SDTM = "m5/datasets/abc01/tabulations/sdtm"
ADAM = "m5/datasets/abc01/analysis/adam/datasets"
DEFINE = '<?xml version="1.0"?>\n<?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>\n<ODM/>\n'


def pdf(path, *, pages=1, font="Vera", bookmarks=True):
    """Write a document; the fonts of the standard 14 are not embedded."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    # A first line in a font of the standard 14 is not drawn: the default font is the one given.
    drawn = canvas.Canvas(str(path), pdfVersion=(1, 7), initialFontName=font, invariant=True)
    for number in range(pages):
        drawn.setFont(font, 10)
        drawn.drawString(72, 720, f"page {number + 1}")
        if bookmarks:
            drawn.bookmarkPage(f"p{number}")
            drawn.addOutlineEntry(f"Page {number + 1}", f"p{number}")
        drawn.showPage()
    drawn.save()


def rewritten(path, change):
    """Change a document with another program."""
    writer = PdfWriter(clone_from=PdfReader(path))
    change(writer)
    writer.write(path)


@pytest.fixture
def folder(tmp_path):
    """A folder with nothing wrong in it."""
    for place, documents in ((SDTM, ("acrf.pdf", "csdrg.pdf")), (ADAM, ("adrg.pdf",))):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "define.xml").write_text(DEFINE)
        (tmp_path / place / "define2-1.xsl").write_text("<x/>")
        (tmp_path / place / "ae.xpt").write_bytes(b"HEADER")
        for name in documents:
            pdf(tmp_path / place / name)
    return tmp_path


def said(folder):
    return [(one.code, one.fact, one.found) for one in check_package(folder)]


def test_a_folder_as_it_should_be_has_no_finding(folder):
    assert said(folder) == []


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        ("AE2.xpt", [("PKG002", f'the name of "{SDTM}/AE2.xpt" has other characters')]),
        ("ae_1.xpt", [("PKG002", f'the name of "{SDTM}/ae_1.xpt" has other characters')]),
        ("my ae.xpt", [("PKG002", f'the name of "{SDTM}/my ae.xpt" has other characters')]),
        ("é.xpt", [("PKG002", f'the name of "{SDTM}/é.xpt" has other characters')]),
        (
            "suppaexyz.xpt",
            [("PKG003", f'"{SDTM}/suppaexyz.xpt" is no name of a dataset: 9 characters')],
        ),
        (
            f"{'a' * 61}.xsl",
            [("PKG003", f'the name of "{SDTM}/{"a" * 61}.xsl" has 65 characters')],
        ),
        (".DS_Store", [
            ("PKG005", f'"{SDTM}/.DS_Store" was left behind by a desktop'),
            ("PKG007", f'"{SDTM}/.DS_Store" is of a kind that is not handed in there'),
        ]),
        (
            "csdrg.docx",
            [("PKG007", f'"{SDTM}/csdrg.docx" is of a kind that is not handed in there')],
        ),
    ],
)  # fmt: skip
def test_a_name_that_is_not_taken_is_found(folder, name, findings):
    (folder / SDTM / name).write_bytes(b"x")

    assert [finding[:2] for finding in said(folder)] == findings


def test_names_that_differ_in_case_only_are_found(folder):
    (folder / SDTM / "AE.xpt").write_bytes(b"x")

    assert {finding[:2] for finding in said(folder)} == {
        ("PKG002", f'the name of "{SDTM}/AE.xpt" has other characters'),
        ("PKG002", f'"{SDTM}/AE.xpt" differs from another file in its case only'),
        ("PKG002", f'"{SDTM}/ae.xpt" differs from another file in its case only'),
    }


def test_the_name_of_a_folder_is_told_once_and_a_long_path_for_each_file(tmp_path):
    deep = tmp_path / "m5" / "datasets" / "ABC_01" / ("x" * 60) / ("y" * 60) / ("z" * 60) / "misc"
    deep.mkdir(parents=True)
    for name in ("a.txt", "b.txt"):
        (deep / name).write_text("x")
    (deep / f"{'c' * 22}.txt").write_text("x")

    found = said(tmp_path)

    assert [one for one in found if one[0] == "PKG002"] == [
        ("PKG002", 'the name of "m5/datasets/ABC_01" has other characters', ("ABC_01",))
    ]
    assert [one[1].rpartition(" has ")[2] for one in found if one[0] == "PKG003"] == [
        "233 characters"
    ]


def test_an_empty_file_and_one_over_the_limit_are_found(folder):
    (folder / SDTM / "dm.xpt").write_bytes(b"")
    with (folder / SDTM / "lb.xpt").open("wb") as file:
        file.truncate(5_000_000_001)
    with (folder / SDTM / "vs.xpt").open("wb") as file:
        file.truncate(5_000_000_000)

    assert [finding[:2] for finding in said(folder)] == [
        ("PKG004", f'"{SDTM}/dm.xpt" is empty'),
        ("PKG004", f'"{SDTM}/lb.xpt" has 5,000,000,001 bytes'),
    ]


def test_what_lies_where_nobody_looks_is_found(folder):
    (folder / "m5" / "notes.txt").write_text("x")
    (folder / "m5" / "datasets" / "abc01" / "tabulations" / "raw").mkdir()
    (folder / "m5" / "datasets" / "abc01" / "tabulations" / "raw" / "a.xpt").write_text("x")

    assert [finding[:2] for finding in said(folder)] == [
        (
            "PKG006",
            '"m5/datasets/abc01/tabulations/raw/a.xpt" is in a folder of no kind',
        ),
        ("PKG006", '"m5/notes.txt" is not in m5/datasets and the folder of a study'),
    ]


def test_what_is_missing_beside_datasets_is_found(folder):
    for name in ("define.xml", "acrf.pdf"):
        (folder / SDTM / name).unlink()
    (folder / ADAM / "define2-1.xsl").unlink()

    assert said(folder) == [
        (
            "PKG009",
            f'"{ADAM}/define.xml" names a stylesheet that is not beside it',
            ("define2-1.xsl",),
        ),
        ("PKG008", f'"{SDTM}" has datasets and no define.xml', ()),
        ("PKG008", f'"{SDTM}" has datasets and no acrf.pdf', ()),
    ]  # fmt: skip


def test_m5_itself_may_be_named_and_any_folder_is_judged_by_its_files(folder):
    assert check_package(folder / "m5") == ()
    assert said(folder / SDTM) == [
        ("PKG001", f'"{(folder / SDTM).as_posix()}" has no folder m5', ())
    ]


def test_a_font_that_is_not_embedded_is_found(folder):
    pdf(folder / SDTM / "acrf.pdf", font="Helvetica")

    assert said(folder) == [
        ("PKG013", f'"{SDTM}/acrf.pdf" has fonts that are not embedded', ("Helvetica",))
    ]


def test_an_encrypted_document_is_found(folder):
    path = folder / SDTM / "acrf.pdf"
    rewritten(path, lambda writer: writer.encrypt("", "owner", algorithm="RC4-128"))

    assert said(folder) == [("PKG012", f'"{SDTM}/acrf.pdf" is encrypted', ())]


def test_another_version_is_found_wherever_it_stands(folder):
    path = folder / SDTM / "acrf.pdf"
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.7", b"%PDF-2.0"))
    old = folder / SDTM / "csdrg.pdf"
    old.write_bytes(old.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.3"))

    assert [finding[:2] for finding in said(folder)] == [
        ("PKG011", f'"{SDTM}/acrf.pdf" is PDF 2.0'),
        ("PKG011", f'"{SDTM}/csdrg.pdf" is PDF 1.3'),
    ]


def test_scripts_and_attached_files_are_found(folder):
    def change(writer):
        names = ("/S", "/JavaScript"), ("/JS", "/Hello")
        action = DictionaryObject({NameObject(a): NameObject(b) for a, b in names})
        writer.root_object[NameObject("/OpenAction")] = action
        writer.add_attachment("a.txt", b"x")

    rewritten(folder / SDTM / "acrf.pdf", change)

    assert [one for one in said(folder) if one[0] != "PKG011"] == [
        (
            "PKG014",
            f'"{SDTM}/acrf.pdf" has scripts or attached files',
            ("attached files", "an action on opening: JavaScript"),
        )
    ]


@pytest.mark.parametrize(("pages", "codes"), [(5, []), (6, ["PKG015"])])
def test_a_long_document_without_bookmarks_is_found(folder, pages, codes):
    pdf(folder / SDTM / "acrf.pdf", pages=pages, bookmarks=False)

    assert [finding[0] for finding in said(folder)] == codes


def test_a_file_that_is_no_pdf_is_found(folder):
    (folder / SDTM / "acrf.pdf").write_text("%PDF-1.7 but nothing behind it")

    assert [finding[0] for finding in said(folder)] == ["PKG010"]


def test_a_package_is_held_against_its_manifest(folder):
    write_manifest(folder, inputs=[], settings={})
    assert said(folder) == []
    (folder / SDTM / "ae.xpt").write_bytes(b"OTHER")
    (folder / ADAM / "ae.xpt").unlink()
    (folder / SDTM / "dm.xpt").write_bytes(b"x")

    assert [finding[:2] for finding in said(folder)] == [
        ("PKG020", f'by manifest.json "{ADAM}/ae.xpt" is not in the package'),
        ("PKG020", f'by manifest.json "{SDTM}/ae.xpt" is not as it was made'),
        ("PKG020", f'by manifest.json "{SDTM}/dm.xpt" is not listed'),
    ]


def test_nothing_to_check_is_refused(tmp_path):
    with pytest.raises(OutputError) as refused:
        check_package(tmp_path / "nowhere")

    assert [one.code for one in refused.value.diagnostics] == ["PKG016"]


def test_the_command_leaves_with_four_where_an_error_was_found(folder, capsys):
    codes = []
    for _ in range(2):
        with pytest.raises(SystemExit) as left:
            main(["package", "check", str(folder), "--format", "json"])
        codes.append((left.value.code, len(json.loads(capsys.readouterr().out))))
        (folder / SDTM / "dm.xpt").write_bytes(b"")

    assert codes == [(0, 0), (4, 1)]


def test_the_layout_names_the_folders_of_programs_and_of_the_rest(tmp_path):
    layout = Layout(tmp_path, "ABC01")

    assert layout.programs() == tmp_path / "m5/datasets/abc01/analysis/adam/programs"
    assert layout.misc() == tmp_path / "m5/datasets/abc01/misc"
