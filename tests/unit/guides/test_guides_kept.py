"""What a person wrote into a guide is taken over or left alone, never written over."""

import base64
import io
import json

import docx
import pytest

from cdisc.errors import OutputError
from cdisc.guides import build_guide, gather, is_edited, left_to_write, write_guides
from cdisc.pipeline import build
from tests.small_package import CREATED

# One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)


def test_what_a_person_wrote_is_never_written_over_in_silence(package):
    (first, _) = write_guides(package)
    document = docx.Document(first.path)
    asked = next(one for one in document.paragraphs if one.text.startswith("To be written"))
    asked.text = "What a person knows."
    document.save(first.path)
    edited = first.path.read_bytes()

    with pytest.raises(OutputError) as refused:
        write_guides(package)

    assert [one.code for one in refused.value.diagnostics] == ["GDE002"]
    assert is_edited(first.path)
    assert left_to_write(first.path) == first.to_write - 1
    assert first.path.read_bytes() == edited
    assert write_guides(package, replace=True)[0] == first
    assert not is_edited(first.path)


def test_a_package_with_an_edited_guide_is_not_replaced(package, built):
    (first, _) = write_guides(package)
    document = docx.Document(first.path)
    document.add_paragraph("More.")
    document.save(first.path)
    folder = built.parent

    with pytest.raises(OutputError) as refused:
        build(folder / "S1", raw=folder / "raw", out=package, created=CREATED)

    assert [(one.code, one.found) for one in refused.value.diagnostics] == [
        ("OUT010", ("m5/datasets/s1/tabulations/sdtm/csdrg.docx",))
    ]


def test_a_guide_that_nobody_edited_may_be_made_again(package):
    assert write_guides(package) == write_guides(package)


def edited(path, change):
    """Let a person edit a guide."""
    document = docx.Document(path)
    change(document, {one.text: one for one in document.paragraphs})
    document.save(path)


def body(path):
    """The texts of a guide in order, tables as lists of their rows."""
    document = docx.Document(path)
    return [
        one.text
        if hasattr(one, "text")
        else [[cell.text for cell in row.cells] for row in one.rows]
        for one in document.iter_inner_content()
    ]


def between(texts, start, end):
    return [one for one in texts[texts.index(start) + 1 : texts.index(end)] if one]


def test_what_a_person_wrote_is_taken_over_into_its_section(package, tmp_path):
    out = tmp_path / "out"
    (first, _) = write_guides(package, out)
    asked = "To be written: the design of the protocol, as a text or a figure"
    purpose = build_guide(gather(package)[0]).sections[1].parts[0].text

    def change(document, paragraphs):
        paragraphs[asked].text = "Two arms, open."
        following = paragraphs["2.3 Trial Design Datasets"]
        following.insert_paragraph_before("With a second paragraph.")
        paragraphs[purpose].text = "My own purpose."
        table = document.tables[0]
        table.add_row().cells[0].text = "MRD"
        document.add_picture(io.BytesIO(PICTURE))

    edited(first.path, change)
    # the next delivery has another record
    lines = json.loads((package / "reports" / "findings.json").read_text())
    (package / "reports" / "findings.json").write_text(json.dumps(lines[:1]))

    (second, _) = write_guides(package, out, keep=True)

    texts = body(second.path)
    assert between(texts, "2.2 Protocol Design", "2.3 Trial Design Datasets") == [
        "Two arms, open.",
        "With a second paragraph.",
    ]
    assert between(texts, "1.1 Purpose", "1.2 Acronyms") == [purpose, "My own purpose."]
    acronyms = between(texts, "1.2 Acronyms", "1.3 Study Data Standards and Dictionary Inventory")
    assert [one if isinstance(one, str) else len(one) for one in acronyms] == [
        "Acronyms",
        11,
        12,
        "To be written: acronyms of the protocol that the table does not have",
    ]
    assert asked not in texts
    assert is_edited(second.path)
    assert [one.fact for one in second.findings] == [
        '1 parts of section "Purpose" of "csdrg.docx" are kept',
        '1 parts of section "Acronyms" of "csdrg.docx" are kept',
        '2 parts of section "Protocol Design" of "csdrg.docx" are kept',
        '1 parts of section "Appendix II: Conformance Issues Details" of "csdrg.docx" are kept',
    ]
    pictures = [
        rel.target_part.blob
        for rel in docx.Document(second.path).part.rels.values()
        if rel.reltype.endswith("/image")
    ]
    assert pictures == [PICTURE]


def test_taking_over_again_changes_nothing(package, tmp_path):
    out = tmp_path / "out"
    (first, _) = write_guides(package, out)
    asked = "To be written: the design of the protocol, as a text or a figure"
    edited(first.path, lambda _, paragraphs: setattr(paragraphs[asked], "text", "Two arms."))

    (second, _) = write_guides(package, out, keep=True)
    once = body(second.path)
    (third, _) = write_guides(package, out, keep=True)

    assert body(third.path) == once
    assert once.count("Two arms.") == 1
    assert third.to_write == first.to_write - 1


def test_what_belongs_to_a_section_that_is_gone_stands_at_the_end(package, tmp_path):
    out = tmp_path / "out"
    (first, _) = write_guides(package, out)
    asked = "To be written: what a reviewer of AE must know beyond define.xml, or remove this line"
    edited(first.path, lambda _, paragraphs: setattr(paragraphs[asked], "text", "Coded twice."))
    define = package / "m5" / "datasets" / "s1" / "tabulations" / "sdtm" / "define.xml"
    text = define.read_text(encoding="utf-8").replace(">Adverse Events<", ">Adverse Experience<")
    define.write_text(text, encoding="utf-8")

    (second, _) = write_guides(package, out, keep=True)

    assert [one for one in body(second.path) if one][-2:] == ["AE - Adverse Events", "Coded twice."]
    (told,) = second.findings
    assert told.fact == (
        '1 parts of section "AE - Adverse Events" of "csdrg.docx" stand at the end: '
        "the guide has no such section now"
    )


def test_a_guide_with_comments_is_taken_over_by_hand(package, tmp_path):
    out = tmp_path / "out"
    (first, _) = write_guides(package, out)

    def change(document, paragraphs):
        runs = paragraphs["1.1 Purpose"].runs
        document.add_comment(runs, text="is this so?", author="me")

    edited(first.path, change)
    edited(first.path, lambda document, _: document.add_paragraph("More."))

    with pytest.raises(OutputError) as refused:
        write_guides(package, out, keep=True)

    assert [one.code for one in refused.value.diagnostics] == ["GDE004"]
