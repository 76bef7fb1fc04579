"""The file: what agencies ask of a PDF, what a reviewer finds in it, and how it looks."""

import io
import json
import re

import pypdfium2
import pytest
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from cdisc.acrf import annotated_crf, make_crf, read_places, stamp_crf
from cdisc.acrf.boxes import colours_of
from cdisc.errors import OutputError

from .conftest import CRF

PLACES = "page,x,y,form,field\n1,50,780,ae,\n1,300,700,ae,TERM\n2,300,700,vs,HT\n2,10,20,vs,ND\n"


@pytest.fixture
def made(study):
    return make_crf(study())


@pytest.fixture
def blank(tmp_path):
    """Two pages of a sponsor, the first with a text."""
    path = tmp_path / "blank.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792), invariant=1)
    canvas.drawString(72, 700, "What happened?")
    canvas.bookmarkPage("one")
    canvas.addOutlineEntry("Page one", "one")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(PLACES, encoding="utf-8")
    return path


def notes(pdf):
    return [
        (number, one["/Contents"], one["/Subj"])
        for number, page in enumerate(PdfReader(io.BytesIO(pdf)).pages, start=1)
        for one in (note.get_object() for note in page.get("/Annots", ()))
        if one["/Subtype"] == "/FreeText"
    ]


def outline(reader, entries=None, level=0):
    for one in reader.outline if entries is None else entries:
        if isinstance(one, list):
            yield from outline(reader, one, level + 1)
        else:
            yield level, one.title, reader.get_destination_page_number(one) + 1


def test_the_same_study_gives_the_same_bytes(study):
    assert make_crf(study()).pdf == make_crf(study()).pdf


def test_the_file_is_what_agencies_take(made):
    reader = PdfReader(io.BytesIO(made.pdf))

    assert reader.pdf_header == "%PDF-1.4"
    assert not reader.is_encrypted
    assert reader.metadata.title == "Pages of S1, annotated"
    assert not re.search(rb"/JavaScript|/JS\b|/Launch|/EmbeddedFile", made.pdf)


def test_every_font_that_is_drawn_with_is_embedded(made):
    document = pypdfium2.PdfDocument(made.pdf)
    seen = set()
    for page in document:
        for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            font = pypdfium2.raw.FPDFTextObj_GetFont(one)
            seen.add(pypdfium2.raw.FPDFFont_GetIsEmbedded(font))
    looks = [
        resource.get_object()
        for page in PdfReader(io.BytesIO(made.pdf)).pages
        for note in page.get("/Annots", ())
        if "/AP" in note.get_object()
        for resource in note.get_object()["/AP"]["/N"]["/Resources"]["/Font"].values()
    ]

    used = {one["/BaseFont"].split("+")[-1] for one in looks if "/FontDescriptor" in one}
    assert seen == {1}
    assert used == {"BitstreamVeraSans-Bold"}
    assert all("/FontFile2" in one["/FontDescriptor"] for one in looks if "/FontDescriptor" in one)


def test_annotations_are_text_that_can_be_listed(made):
    assert notes(made.pdf) == [
        (2, "AE (Adverse Events)", "AE"),
        (2, "AESPID", "AE"),
        (2, "AETERM", "AE"),
        (2, "AESER", "AE"),
        (2, "AESEV", "AE"),
        (2, "AEREL", "AE"),
        (2, 'SUPPAE.QVAL where QNAM = "RELATED"', "AE"),
        (2, "[NOT SUBMITTED]", "NOT SUBMITTED"),
        (3, "VS (Vital Signs)", "VS"),
        (3, "VSDTC", "VS"),
        (3, 'VSORRES where VSTESTCD = "HEIGHT"', "VS"),
        (3, 'VSORRESU where VSTESTCD = "HEIGHT"', "VS"),
        (3, 'VSORRES where VSTESTCD = "SYSBP"', "VS"),
        (3, 'VSORRESU where VSTESTCD = "SYSBP"', "VS"),
        (3, 'VSSTAT = "NOT DONE" where VSTESTCD = "VSALL"', "VS"),
    ]


def test_bookmarks_lead_to_each_form_by_its_name_and_by_its_visits(made):
    assert list(outline(PdfReader(io.BytesIO(made.pdf)))) == [
        (0, "Contents", 1),
        (0, "Forms", 1),
        (1, "Adverse Events", 2),
        (1, "Vital Signs", 3),
        (0, "Visits", 1),
        (1, "Visit 1", 3),
        (2, "Vital Signs", 3),
        (1, "Log", 2),
        (2, "Adverse Events", 2),
    ]


def test_the_pages_of_every_field_are_told(made, tmp_path):
    assert made.pages["ae", "SER_D"] == (2,)
    assert made.pages["vs", "HTU"] == (3,)
    made.write(tmp_path / "acrf.pdf")
    told = json.loads((tmp_path / "acrf.json").read_text(encoding="utf-8"))
    assert told["vs"] == {
        "DAY": [3], "HT": [3], "HTU": [3], "ND": [3], "ROW": [3], "SUBJ": [3], "SYS": [3],
    }  # fmt: skip


def test_a_long_form_goes_on_and_its_head_is_repeated(study):
    many = "".join(f"      F{n}: Question {n}\n" for n in range(60))
    crf = CRF.replace("      NOTE: Remark\n", f"      NOTE: Remark\n{many}")
    found = make_crf(study(crf))

    assert found.pages["ae", "TERM"] == (2,)
    assert found.pages["ae", "SUBJ"] == (2, 3, 4)
    assert found.pages["ae", "F59"] == (4,)
    assert found.pages["vs", "HT"] == (5,)
    datasets = [page for page, text, _dataset in notes(found.pdf) if text == "AE (Adverse Events)"]
    assert datasets == [2, 3, 4]


def test_no_annotation_leaves_its_page_or_covers_another(study):
    words = " ".join(["long"] * 40)
    crf = CRF.replace("GRADE: Grade", f"GRADE: {words}")
    for page in PdfReader(io.BytesIO(make_crf(study(crf)).pdf)).pages:
        edges = [
            [float(edge) for edge in note["/Rect"]]
            for note in (one.get_object() for one in page.get("/Annots", ()))
            if note["/Subtype"] == "/FreeText"
        ]
        assert all(0 <= a < c <= 595 and 0 <= b < d <= 842 for a, b, c, d in edges)
        assert not [
            (one, other)
            for at, one in enumerate(edges)
            for other in edges[at + 1 :]
            if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        ]


def test_the_colours_are_those_of_the_guideline_in_their_order():
    assert list(colours_of(["DM", "DS", "AE", "CM"]).values()) == [
        (191, 255, 255),
        (255, 255, 150),
        (150, 255, 150),
        (255, 190, 155),
    ]


@pytest.mark.witness
def test_another_reader_draws_an_annotation_in_its_colour_with_black_text(made):
    page = pypdfium2.PdfDocument(made.pdf)[1]
    left, low, right, high = (
        float(edge)
        for edge in PdfReader(io.BytesIO(made.pdf)).pages[1]["/Annots"][0].get_object()["/Rect"]
    )
    scale = 4
    picture = page.render(scale=scale).to_pil().convert("RGB")
    box = [left * scale, (842 - high) * scale, right * scale, (842 - low) * scale]
    colours = dict(map(reversed, picture.crop([round(one) for one in box]).getcolors(10**6)))

    assert max(colours, key=colours.get) == (191, 255, 255)
    assert (0, 0, 0) in colours


def test_a_character_that_the_font_has_not_is_refused_with_its_text(study):
    with pytest.raises(OutputError) as caught:
        make_crf(study(CRF.replace("Remark", "备注")))
    (found,) = caught.value.diagnostics
    assert found.code == "ACRF004"
    assert found.found == ("U+5907 in '备注'", "U+6CE8 in '备注'")


def test_a_font_that_is_none_is_refused(study, tmp_path):
    (tmp_path / "font.ttf").write_bytes(b"nothing")
    with pytest.raises(OutputError) as caught:
        make_crf(study(), tmp_path / "font.ttf")
    assert [one.code for one in caught.value.diagnostics] == ["ACRF003"]


def test_annotations_are_stamped_on_the_pages_of_the_sponsor(study, blank, places):
    found = stamp_crf(study(), blank, read_places(places))
    reader = PdfReader(io.BytesIO(found.pdf))

    assert notes(found.pdf) == [
        (1, "AE (Adverse Events)", "AE"),
        (1, "AETERM", "AE"),
        (2, 'VSORRES where VSTESTCD = "HEIGHT"', "VS"),
        (2, 'VSORRESU where VSTESTCD = "HEIGHT"', "VS"),
        (2, 'VSSTAT = "NOT DONE" where VSTESTCD = "VSALL"', "VS"),
    ]
    first = reader.pages[0]["/Annots"][1].get_object()["/Rect"]
    assert [round(float(one), 1) for one in (first[0], first[3])] == [300.0, 700.0]
    assert found.pages == {
        ("ae", "TERM"): (1,), ("ae", "TERM_EN"): (1,),
        ("vs", "HT"): (2,), ("vs", "HTU"): (2,), ("vs", "ND"): (2,),
    }  # fmt: skip
    assert list(outline(reader)) == [(0, "Page one", 1)]
    assert reader.pages[0].extract_text() == "What happened?\n"


def test_places_may_be_yaml_and_stamping_needs_no_questions(study, blank, tmp_path):
    path = tmp_path / "places.yaml"
    path.write_text(
        "places:\n"
        "  - {page: 1, x: 72.5, y: 690, form: ae, field: SER}\n"
        "  - {page: 1, x: 72, y: 600, form: ae, field: NOTE}\n",
        encoding="utf-8",
    )
    found = stamp_crf(study(None), blank, read_places(path))

    assert [one[1] for one in notes(found.pdf)] == ["AESER", "[NOT SUBMITTED]"]
    assert found.pages == {("ae", "SER"): (1,), ("ae", "NOTE"): (1,)}


def test_stamping_twice_gives_the_same_bytes(study, blank, places):
    program = study()
    ran = [stamp_crf(program, blank, read_places(places)).pdf for _ in range(2)]
    assert ran[0] == ran[1]


def test_crf_yaml_names_the_pages_of_the_sponsor(study, blank, places):
    program = study(f"pdf: ../{blank.name}\nplaces: ../{places.name}\n{CRF}")
    assert annotated_crf(program) == stamp_crf(program, blank, read_places(places))


def test_a_study_that_says_nothing_of_its_pages_has_no_annotated_crf(study):
    assert annotated_crf(study(None)) is None


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        ("3,50,50,ae,TERM", "there is no page 3, the last is 2"),
        ("1,700,50,ae,TERM", "x 700, y 50 is beside the page, which has 612 by 792 points"),
        ("1,50,50,aee,TERM", 'there is no raw form "aee"'),
        ("0,50,50,ae,TERM", "a row is no place"),
        ("1,far,50,ae,TERM", "a row is no place"),
        ("1,50,50,,TERM", "a row is no place"),
    ],
)
def test_a_place_that_there_is_not_is_refused_in_its_row(study, blank, tmp_path, row, fact):
    path = tmp_path / "places.csv"
    path.write_text(f"page,x,y,form,field\n1,50,50,ae,TERM\n{row}\n", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        stamp_crf(study(), blank, read_places(path))
    (found,) = caught.value.diagnostics
    assert (found.code, found.fact, found.span.line) == ("ACRF005", fact, 3)


@pytest.mark.parametrize("data", [b"", b"no pdf at all", b"%PDF-1.4\n%%EOF"])
def test_a_file_that_is_no_pdf_is_refused(study, tmp_path, places, data):
    path = tmp_path / "blank.pdf"
    path.write_bytes(data)
    with pytest.raises(OutputError) as caught:
        stamp_crf(study(), path, read_places(places))
    assert [one.code for one in caught.value.diagnostics] == ["ACRF006"]


def test_an_encrypted_file_is_refused(study, tmp_path, places):
    path = tmp_path / "blank.pdf"
    Canvas(str(path), encrypt="secret").save()
    with pytest.raises(OutputError) as caught:
        stamp_crf(study(), path, read_places(places))
    assert [one.fact for one in caught.value.diagnostics] == [f'"{path.as_posix()}" is encrypted']
