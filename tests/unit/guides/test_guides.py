"""Reviewer's guides of a small package: what is made, what is asked for, what is left alone."""

import dataclasses
import json
import shutil

import docx
import pyarrow as pa
import pytest
from lxml import html

from cdisc.cli import main
from cdisc.errors import RawDataError
from cdisc.guides import build_guide, gather, left_to_write, unwritten, write_guides
from cdisc.guides.model import Paragraph, Table, ToWrite
from cdisc.transport import read_xpt, write_xpt
from tests.small_package import CREATED


def section(guide, heading):
    (found,) = [one for one in guide.sections if one.heading == heading]
    return found


def rows(guide, heading):
    return [part.rows for part in section(guide, heading).parts if isinstance(part, Table)]


def test_the_headings_of_the_tabulation_guide_are_those_of_the_template(guides):
    assert [f"{one.number} {one.heading}".strip() for one in guides["sdtm"].sections] == [
        "1 Introduction",
        "1.1 Purpose",
        "1.2 Acronyms",
        "1.3 Study Data Standards and Dictionary Inventory",
        "2 Protocol Description",
        "2.1 Protocol Number and Title",
        "2.2 Protocol Design",
        "2.3 Trial Design Datasets",
        "2.3.1 TI - Trial Inclusion/Exclusion Criteria",
        "3 Subject Data Description",
        "3.1 Overview",
        "3.2 Annotated CRFs",
        "3.3 SDTM Subject Domains",
        "3.3.1 DM - Demographics",
        "3.3.2 AE - Adverse Events",
        "4 Data Conformance Summary",
        "4.1 Conformance Inputs",
        "4.2 Issues Summary",
        "4.3 Additional Conformance Details",
        "Appendix I: Inclusion/Exclusion Criteria",
        "Appendix II: Conformance Issues Details",
    ]


def test_the_headings_of_the_analysis_guide_are_those_of_the_template(guides):
    assert [one.heading for one in guides["adam"].sections if one.level == 1] == [
        "Introduction",
        "Protocol Description",
        "Analysis Considerations Related to Multiple Analysis Datasets",
        "Analysis Data Creation and Processing Issues",
        "Analysis Dataset Descriptions",
        "Data Conformance Summary",
        "Submission of Programs",
        "Appendix",
    ]
    assert section(guides["adam"], "Data Dependencies").number == "4.2"
    assert section(guides["adam"], "Macro Programs").number == "7.4"


def test_the_tables_are_made_from_the_package(guides):
    sdtm, adam = guides["sdtm"], guides["adam"]

    assert rows(sdtm, "Study Data Standards and Dictionary Inventory") == [
        (
            ("SDTMIG", "IG", "3.4"),
            ("CDISC/NCI SDTM", "CT", "2025-03-28"),
            ("Define-XML", "Data definitions", "2.1.0"),
        )
    ]
    assert rows(sdtm, "Protocol Number and Title") == [
        (("Protocol", "P-1"), ("Title", "A small study"))
    ]
    assert rows(sdtm, "SDTM Subject Domains") == [
        (
            ("DM", "Demographics", "SPECIAL PURPOSE", "USUBJID", "2", "2", ""),
            ("AE", "Adverse Events", "EVENTS", "USUBJID, AETERM", "3", "2", "SUPPAE"),
        )
    ]
    assert rows(sdtm, "AE - Adverse Events") == [
        (("AESI", "Special Interest", "Collected", "", "2"),)
    ]
    assert rows(sdtm, "Overview") == [(("AE", "DM"),)]
    assert rows(sdtm, "Appendix I: Inclusion/Exclusion Criteria") == [
        (("EXCL01", "EXCLUSION", "Pregnancy"), ("INCL01", "INCLUSION", "Age of 18 & more"))
    ]
    assert rows(adam, "Data Dependencies") == [(("ADSL", "AE, DM"), ("ADAE", "ADSL, AE"))]
    assert rows(adam, "Source Data Used for Analysis Dataset Creation") == [
        (("AE", "ADSL, ADAE"), ("DM", "ADSL"))
    ]
    assert rows(adam, "Core Variables") == [
        (
            ("STUDYID", "Study Identifier"),
            ("USUBJID", "Unique Subject Identifier"),
            ("SEX", "Sex"),
            ("TRTSDT", "Date of First Exposure to Treatment"),
        )
    ]
    assert [row[0] for row in rows(adam, "Imputation/Derivation Methods")[0]] == [
        "ADAE.ASTDT",
        "ADAE.ASTDTF",
    ]


def test_a_split_dataset_is_told(built):
    (facts, _) = gather(built)
    halves = [
        dataclasses.replace(one, name=f"{one.name}{half}", oid=f"{one.oid}{half}", domain=one.name)
        for one in facts.define.item_groups
        for half in ("1", "2")
        if one.name == "AE"
    ]
    define = dataclasses.replace(facts.define, item_groups=tuple(halves))

    guide = build_guide(dataclasses.replace(facts, define=define))

    assert rows(guide, "Overview")[0] == (("AE", "AE1, AE2"),)
    assert section(guide, "AE1 - Adverse Events").parts[0] == Paragraph(
        "One record per adverse event per subject. The transport file is not in the package."
    )


def test_programs_have_the_hashes_of_the_manifest(guides, built):
    inputs = json.loads((built / "manifest.json").read_text())["inputs"]

    assert rows(guides["adam"], "ADaM Programs") == [
        tuple(
            (one["path"], f"{one['size']:,}", one["sha256"])
            for one in inputs
            if one["path"].startswith("mappings/")
        )
    ]


def test_explained_findings_have_their_reason_and_the_others_ask_for_one(guides):
    found = rows(guides["sdtm"], "Appendix II: Conformance Issues Details")[0]
    reasons = {row[0]: row[5] for row in found if row[1] != "note"}

    assert reasons["SDTM023"] == (
        "A small study has not all that the guide asks for (Data management)"
    )
    assert {said for code, said in reasons.items() if code != "SDTM023"} == {
        "To be written: why it stays"
    }
    summary = {row[0]: row[3:] for row in rows(guides["sdtm"], "Issues Summary")[0]}
    assert summary["SDTM023"][0] == summary["SDTM023"][1]


def test_what_only_a_person_can_say_is_asked_for_and_counted(guides):
    asked = [
        part for one in guides["adam"].sections for part in one.parts if isinstance(part, ToWrite)
    ]
    cells = sum(
        cell.startswith("To be written: ")
        for one in guides["adam"].sections
        for part in one.parts
        if isinstance(part, Table)
        for row in part.rows
        for cell in row
    )

    assert len(asked) == 17
    assert guides["adam"].to_write == len(asked) + cells
    assert section(guides["adam"], "Split Datasets").parts == (Paragraph("No dataset is split."),)


def test_the_files_lie_beside_define_xml_and_in_the_manifest(package):
    found = write_guides(package)

    places = [one.path.relative_to(package).as_posix() for one in found]
    assert places == [
        "m5/datasets/s1/tabulations/sdtm/csdrg.docx",
        "m5/datasets/s1/analysis/adam/datasets/adrg.docx",
    ]
    listed = {one["path"] for one in json.loads((package / "manifest.json").read_text())["outputs"]}
    assert {*places, *(place.replace(".docx", ".html") for place in places)} <= listed
    assert [left_to_write(one.path) for one in found] == [one.to_write for one in found]


def test_the_same_package_gives_the_same_bytes(package, tmp_path):
    contents = []
    for name in ("one", "two"):
        write_guides(package, tmp_path / name)
        contents.append({one.name: one.read_bytes() for one in (tmp_path / name).iterdir()})

    assert sorted(contents[0]) == ["adrg.docx", "adrg.html", "csdrg.docx", "csdrg.html"]
    assert contents[0] == contents[1]


def test_the_word_file_shows_tables_and_marks_what_is_asked_for(package, tmp_path):
    write_guides(package, tmp_path)

    document = docx.Document(tmp_path / "csdrg.docx")
    heads = [one.text for one in document.paragraphs if one.style.name.startswith("Heading")]
    marked = [
        one.text
        for one in document.paragraphs
        if any(run.font.highlight_color is not None for run in one.runs)
    ]
    assert heads[:3] == ["1 Introduction", "1.1 Purpose", "1.2 Acronyms"]
    assert heads[-1] == "Appendix II: Conformance Issues Details"
    assert all(one.startswith("To be written: ") for one in marked)
    assert [[cell.text for cell in row.cells] for row in document.tables[2].rows] == [
        ["Item", "Value"],
        ["Protocol", "P-1"],
        ["Title", "A small study"],
    ]


def test_the_page_needs_nothing_else_and_escapes_what_data_say(package, tmp_path):
    write_guides(package, tmp_path)

    text = (tmp_path / "csdrg.html").read_text(encoding="utf-8")
    page = html.fromstring(text)
    ids = {one.get("id") for one in page.iter() if one.get("id")}
    assert "Age of 18 &amp; more" in text
    assert page.xpath("//script | //link | //img | //*[@src]") == []
    assert {one.get("href")[1:] for one in page.iter("a")} == ids
    assert [one.text for one in page.iter("h1")] == ["Clinical Study Data Reviewer's Guide"]


def test_a_package_of_others_is_checked_and_has_no_programs(package):
    (package / "manifest.json").unlink()
    shutil.rmtree(package / "reports")

    (facts, _) = gather(package)

    assert facts.programs == ()
    assert facts.issues
    said = section(build_guide(facts), "Additional Conformance Details").parts
    assert Paragraph("The package has no manifest that names the programs.") in said


def test_a_folder_without_define_xml_has_no_guide(tmp_path):
    with pytest.raises(RawDataError) as refused:
        write_guides(tmp_path)

    assert [one.code for one in refused.value.diagnostics] == ["GDE001"]


def test_the_command_says_how_much_is_to_be_written(package, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main(["guides", str(package), "--out", str(tmp_path / "out")])

    said = capsys.readouterr().out
    assert left.value.code == 0
    assert [line.split(": ")[0].rpartition("/")[2] for line in said.splitlines()] == [
        "csdrg.docx",
        "adrg.docx",
    ]
    assert all(line.endswith(" to be written") for line in said.splitlines())


def test_what_is_still_to_be_written_is_a_finding_of_the_package(package, capsys):
    (first, second) = write_guides(package)

    found = unwritten(package)
    with pytest.raises(SystemExit):
        main(["package", "check", str(package)])

    said = capsys.readouterr().out
    assert [(one.code, one.fact) for one in found] == [
        ("GDE005", f'{second.to_write} texts of "adrg.docx" are to be written'),
        ("GDE005", f'{first.to_write} texts of "csdrg.docx" are to be written'),
    ]
    assert all(one.fact in said for one in found)


def test_word_files_of_others_are_no_guides(tmp_path):
    docx.Document().save(tmp_path / "letter.docx")

    assert unwritten(tmp_path) == ()


def test_texts_of_another_encoding_are_read_where_it_is_said(package):
    path = package / "m5" / "datasets" / "s1" / "tabulations" / "sdtm" / "ti.xpt"
    dataset = read_xpt(path)
    texts = pa.array(["妊娠", "Age"], pa.string())
    at = dataset.table.column_names.index("IETEST")
    table = dataset.table.set_column(at, "IETEST", texts)
    wide = tuple(
        dataclasses.replace(one, length=20) if one.name == "IETEST" else one
        for one in dataset.variables
    )
    changed = dataclasses.replace(dataset, table=table, variables=wide)
    write_xpt(changed, path, created=CREATED, encoding="utf-8")

    with pytest.raises(RawDataError):
        gather(package)
    (facts, _) = gather(package, encoding="utf-8")

    (found,) = rows(build_guide(facts), "Appendix I: Inclusion/Exclusion Criteria")
    assert {row[2] for row in found} == {"妊娠", "Age"}
