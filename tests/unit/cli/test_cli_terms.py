import json
import re

import pytest
from lxml import etree
from openpyxl import load_workbook

AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM:   ae.TERM
  AESEV:    ae.SEV | ct else error
  AEOUT:    ae.OUT | ct
  AELOC:    ae.LOC | ct
"""
STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject", description: A study}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  ae: {file: ae.csv, subject: SUBJ}
"""
RAW = """\
SUBJ,TERM,SEV,OUT,LOC
001,A,Mild AE,recovered/resolved,by mouth
001,B,MILD,gone,ARM
002,C,=1+1,gone,pump
"""
NS = {"odm": "http://www.cdisc.org/ns/odm/v1.3", "def": "http://www.cdisc.org/ns/def/v2.1"}


@pytest.fixture
def waiting(home):
    (home.path / "S1" / "sdtm" / "dm.yaml").unlink()
    (home.path / "S1" / "crf.yaml").unlink()
    home.write("S1/study.yaml", STUDY)
    home.write("S1/sdtm/ae.yaml", AE)
    home.write("raw/ae.csv", RAW)
    return home


def terms(home, *more):
    return home.run("terms", "S1", "--raw", "raw", *more)


def test_what_waits_is_listed(waiting):
    outcome = terms(waiting)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.endswith("\n5 values waiting\n")
    assert outcome.out.startswith(
        "AE.AESEV: ct, codelist AESEV C66769, not extensible\n"
        "  sdtm/ae.yaml:6\n"
        "   records subjects  value\n"
        '         1        1  "=1+1"\n'
        "                     ae: ae.csv row 4\n"
        '         1        1  "Mild AE"\n'
        "                     ae: ae.csv row 2\n"
        "                     near: MILD 90\n"
    )


def test_json_is_for_programs(waiting):
    found = json.loads(terms(waiting, "--format", "json").out)

    assert [(one["variable"], one["value"], one["records"]) for one in found["waiting"]] == [
        ("AE.AESEV", "=1+1", 1),
        ("AE.AESEV", "Mild AE", 1),
        ("AE.AEOUT", "gone", 2),
        ("AE.AELOC", "by mouth", 1),
        ("AE.AELOC", "pump", 1),
    ]


def test_collected_values_do_not_leak(waiting):
    texts = [terms(waiting, "--no-values", *more).out for more in ((), ("--format", "json"))]
    terms(waiting, "--no-values", "--out", "page.html")
    terms(waiting, "--no-values", "--out", "sheet.xlsx")
    texts.append((waiting.path / "page.html").read_text(encoding="utf-8"))
    book = load_workbook(waiting.path / "sheet.xlsx")
    texts.append(repr([one.value for sheet in book for row in sheet.iter_rows() for one in row]))

    for text in texts:
        assert "AESEV" in text
        assert re.findall("Mild AE|1\\+1|gone|by mouth|pump", text) == []
    assert "values are hidden: counts only" in texts[0]
    assert "values are hidden: counts only" in texts[2]


def test_the_way_from_the_inbox_to_define_xml(waiting):
    """Excel out, edited, accepted: no such finding any more, the codelists have the terms."""
    written = terms(waiting, "--out", "inbox.xlsx")
    book = load_workbook(waiting.path / "inbox.xlsx")
    sheet = book["inbox"]
    wanted = {
        "Mild AE": "MILD", "=1+1": "SEVERE", "gone": "RECOVERED/RESOLVED",
        "by mouth": "ORAL CAVITY", "pump": "PUMP POCKET",
    }  # fmt: skip
    column = [one.value for one in sheet[1]].index("value")
    for row in sheet.iter_rows(min_row=2):
        row[0].value = wanted[row[column].value]
    book.save(waiting.path / "edited.xlsx")

    accepted = waiting.run(
        "terms", "S1", "--accept", "edited.xlsx", "--by", "J. Doe", "--because", "coding meeting"
    )
    after = terms(waiting)
    built = waiting.build()

    assert written.out == "5 waiting in inbox.xlsx\n"
    assert (accepted.code, accepted.out) == (
        0,
        """\
5 accepted, 0 had their term already
not in the codelist, which is extensible: PUMP POCKET (LOC)
S1/terms/AESEV.yaml
S1/terms/AEOUT.yaml
S1/terms/AELOC.yaml
""",
    )
    assert after.out == "0 values waiting\n"
    assert [code for code in ("DATA003", "DATA004") if code in built.err] == []
    define = etree.parse(waiting.path / "pkg" / "m5/datasets/s1/tabulations/sdtm/define.xml")
    items = {
        one.get("CodedValue"): one.get(f"{{{NS['def']}}}ExtendedValue")
        for name in ("EnumeratedItem", "CodeListItem")
        for one in define.iterfind(f".//odm:{name}", NS)
    }
    assert {name: items[name] for name in wanted.values()} == {
        "MILD": None, "SEVERE": None, "RECOVERED/RESOLVED": None, "ORAL CAVITY": None,
        "PUMP POCKET": "Yes",
    }  # fmt: skip


def test_acceptances_of_the_command_line_are_all_or_none(waiting):
    outcome = waiting.run(
        "terms", "S1", "--accept", "AE.AESEV: Mild AE = MILD", "--accept", "AE.AEOUT: gone = GONE"
    )

    assert (outcome.code, outcome.out) == (2, "")
    assert "error[SPEC092]: codelist OUT C66768 does not have the term" in outcome.err
    assert not (waiting.path / "S1" / "terms").exists()


@pytest.mark.parametrize("arguments", [(), ("--raw", "raw", "--out", "inbox.csv")])
def test_a_command_that_says_too_little_is_refused(waiting, arguments):
    outcome = waiting.run("terms", "S1", *arguments)

    assert outcome.code == 2
    assert "--raw" in outcome.err or "--out" in outcome.err
    assert not (waiting.path / "inbox.csv").exists()


def test_the_page_is_written_twice_alike(waiting):
    terms(waiting, "--out", "a.html")
    terms(waiting, "--out", "b.html")
    page = (waiting.path / "a.html").read_bytes()

    assert page == (waiting.path / "b.html").read_bytes()
    assert b"=1+1" in page
    assert b"http" not in page.replace(b"http-equiv", b"")
