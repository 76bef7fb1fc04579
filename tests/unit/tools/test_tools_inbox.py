import csv
import io
import json
import time
import unicodedata

import pytest

from cdisc.engine.database import Database
from cdisc.report import render_inbox_html, render_inbox_json, render_inbox_text
from cdisc.report.inbox import Inbox, InboxValue
from cdisc.standard import load_terminology
from cdisc.tools.inbox import open_inbox
from cdisc.tools.nearest import suggested
from tests.study_builder import build, write_study

AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
"""


def rows(*records):
    """CSV text of records: subject, term, then what is collected."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def inbox(folder, lines, records, study=""):
    """The inbox of a study with more lines in AE; records are dictionaries of fields."""
    names = ["SUBJ", "TERM", *(name for name in records[0] if name != "SUBJ")]
    table = [
        [one.get("SUBJ", "001"), f"T{number:05}", *(one[name] for name in names[2:])]
        for number, one in enumerate(records)
    ]
    ae = AE + "".join(f"  {line}\n" for line in lines)
    place = write_study(folder, {"sdtm/ae": ae}, {"ae": rows(names, *table)}, study)
    return open_inbox(place, raw=place / "raw")


def said(found):
    return [(one.value, one.records, one.subjects, one.first) for one in found.values]


def test_values_that_end_the_build_are_collected_all_of_them(tmp_path):
    records = [
        {"SUBJ": "001", "SEV": "slight"},
        {"SUBJ": "001", "SEV": "slight"},
        {"SUBJ": "002", "SEV": "slight"},
        {"SUBJ": "002", "SEV": "Mild"},
        *({"SUBJ": "003", "SEV": f"grade {number}"} for number in range(1, 6)),
    ]

    found = inbox(tmp_path, ["AESEV: ae.SEV | ct else error"], records)

    assert said(found) == [
        ("slight", 3, 2, "ae.csv row 2"),
        ("grade 1", 1, 1, "ae.csv row 6"),
        ("grade 2", 1, 1, "ae.csv row 7"),
        ("grade 3", 1, 1, "ae.csv row 8"),
        ("grade 4", 1, 1, "ae.csv row 9"),
        ("grade 5", 1, 1, "ae.csv row 10"),
    ]
    (one, *_rest) = found.values
    assert (one.variable, one.step, one.where, one.code) == ("AE.AESEV", "ct", "AESEV", "C66769")
    assert (one.extensible, one.terms, one.forms) == (False, "AESEV", ("ae",))
    assert one.line == "sdtm/ae.yaml:6"


def test_every_step_that_looks_a_value_up_is_in_it(tmp_path):
    lines = [
        "AESEV: ae.SEV | ct",
        "AEREL: ae.REL | map yes to RELATED no to 'NOT RELATED'",
        "AELOC: {map: ae.LOC | lookup places name else error, type: text, label: Place}",
        "AETOXGR: {map: ae.GRADE | code GRADES, type: number, label: Grade}",
        "AELLTCD: {map: ae.TEST | rank low high, type: number, label: Place}",
        "AEHLT: {map: ae.LAND | iso3166, type: text, label: Country}",
    ]
    study = """\
tables:
  places: {columns: [key, name], rows: [[A, Arm], [B, Back]]}
terms:
  GRADES: {one: "1", two: "2"}
"""
    records = [
        {"SEV": "x1", "REL": "x2", "LOC": "x3", "GRADE": "x4", "TEST": "x5", "LAND": "x6"},
        {"SEV": "MILD", "REL": "yes", "LOC": "A", "GRADE": "one", "TEST": "low", "LAND": "China"},
    ]

    found = inbox(tmp_path, lines, records, study)

    assert sorted((one.step, one.where, one.terms, one.value) for one in found.values) == [
        ("code", "terms GRADES", "GRADES", "x4"),
        ("ct", "AESEV", "AESEV", "x1"),
        ("iso3166", "iso3166", None, "x6"),
        ("lookup", "table places", None, "x3"),
        ("map", "map", None, "x2"),
        ("rank", "rank", None, "x5"),
    ]


def test_codes_without_a_name_wait_with_the_codes_that_have_one(tmp_path):
    vs = """\
dataset: VS
rows: each vs
keys: [USUBJID, VSTESTCD]
variables:
  VSTESTCD: vs.TEST
  VSTEST: VSTESTCD | decode VSTESTCD
"""
    raw = rows(["SUBJ", "TEST"], ["001", "SYSBP"], ["001", "SYSPB"])
    place = write_study(tmp_path, {"sdtm/vs": vs}, {"vs": raw})

    (one,) = open_inbox(place, raw=place / "raw").values

    assert (one.variable, one.where, one.terms) == ("VS.VSTEST", "names of VSTESTCD", None)
    assert (one.value, one.first, one.nearest[0].term) == ("SYSPB", "vs.csv row 3", "SYSBP")


def test_what_the_line_decides_itself_does_not_wait(tmp_path):
    lines = [
        "AESEV: ae.SEV | ct else missing",
        "AEOUT: ae.SEV | ct else keep",
        "AEREL: ae.SEV | map yes to RELATED other to ''",
    ]

    assert inbox(tmp_path, lines, [{"SEV": "slight"}]).values == ()


@pytest.mark.parametrize(
    ("collected", "matched"),
    [
        ("ＭＩＬＤ", True),
        ("mild", True),
        (" Mild\u3000", True),
        ("mild  adverse event", True),
        ("MILD.", False),
        ("Mild AE", False),
        ("MILDE", False),
        ("轻度", False),
        ("重度", False),
        ("MI LD", False),
    ],
)
def test_nothing_is_mapped_by_likeness_alone(tmp_path, collected, matched):
    ae = AE + "  AESEV: ae.SEV | ct\n"
    raw = rows(["SUBJ", "TERM", "SEV"], ["001", "A", collected])
    folder = write_study(tmp_path, {"sdtm/ae": ae}, {"ae": raw})

    values = build(folder).tables["AE"].column("AESEV").to_pylist()
    found = open_inbox(folder, raw=folder / "raw")

    assert values == (["MILD"] if matched else [None])
    assert [one.value for one in found.values] == ([] if matched else [collected])


def test_values_that_differ_by_case_or_width_only_are_values_of_their_own(tmp_path):
    records = [{"SEV": text} for text in ("Slight", "slight", "ｓｌｉｇｈｔ", "slight ")]

    found = inbox(tmp_path, ["AESEV: ae.SEV | ct"], records)

    assert [one.value for one in found.values] == ["Slight", "slight", "slight ", "ｓｌｉｇｈｔ"]


def test_terms_that_nothing_matches_are_named_with_their_place(tmp_path):
    study = 'terms:\n  AESEV:\n    Slight: MILD\n    light: MILD\n    "重": SEVERE\n'

    found = inbox(tmp_path, ["AESEV: ae.SEV | ct"], [{"SEV": " SLIGHT"}, {"SEV": "mild"}], study)

    assert [(one.terms, one.text, one.value, one.line) for one in found.unused] == [
        ("AESEV", "light", "MILD", "study.yaml:8"),
        ("AESEV", "重", "SEVERE", "study.yaml:9"),
    ]


def test_a_term_that_only_a_step_inside_a_choice_uses_is_not_called_unused(tmp_path):
    study = "terms:\n  WHY: {a: A, b: B}\n"
    line = "AEACNOTH: when any ae where (ae.SEV | ct WHY else missing) = 'A' then 'yes'"

    unused = inbox(tmp_path, [line], [{"SEV": "b"}], study).unused

    assert [(one.text, one.value) for one in unused] == [("a", "A")]


@pytest.mark.parametrize(
    ("value", "first"),
    [
        ("Mild AE", "MILD"),
        ("moderat", "MODERATE"),
        ("event, severe adverse", "SEVERE"),
    ],
)
def test_the_nearest_term_comes_first(value, first):
    codelist = load_terminology("sdtm", "2025-03-28").codelist("AESEV")
    known = [
        (text, one.value) for one in codelist.terms for text in (one.value, one.preferred_term)
    ]

    assert suggested([value], known)[value][0].term == first


def test_suggestions_do_not_depend_on_what_else_is_asked():
    codelist = load_terminology("sdtm", "2025-03-28").codelist("ROUTE")
    known = [(one.value, one.value) for one in codelist.terms]
    values = ["oral", "by mouth", "intravenos", "skin", "轻度", ""]

    together = suggested(values, known)

    assert together == {one: suggested([one], known)[one] for one in reversed(values)}
    assert together["轻度"] == ()


def test_five_thousand_values_are_no_burden(tmp_path):
    records = [{"SUBJ": f"{n % 100:03}", "SEV": f"severe event no. {n}"} for n in range(5000)]
    started = time.perf_counter()

    found = inbox(tmp_path, ["AESEV: ae.SEV | ct else error"], records)

    assert len(found.values) == 5000
    assert {one.nearest[0].term for one in found.values} == {"SEVERE"}
    assert time.perf_counter() - started < 30  # some two seconds on a machine at rest


def value(text, **more):
    whole = {
        "variable": "AE.AESEV", "step": "ct", "where": "AESEV", "code": "C66769",
        "extensible": False, "terms": "AESEV", "value": text, "records": 3, "subjects": 2,
        "forms": ("ae",), "first": "ae.csv row 2", "line": "sdtm/ae.yaml:6",
    }  # fmt: skip
    return InboxValue(**whole | more)


def test_a_text_table_fits_a_terminal():
    wide = value("重度不良事件" * 20)
    several = value("some", where="A or B or C", code="C71150 or C120522 or C101834", step="longer")
    long = value("x" * 500, first="a/very/long/path/" * 8 + "ae.csv row 17")

    text = render_inbox_text(Inbox("S1", (value("slight"), wide, long, several)))

    widths = [
        sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)
        for line in text.splitlines()
        if "a/very" not in line
    ]
    assert max(widths) <= 80
    assert "(500 characters)" in text
    assert "(120 characters)" in text
    assert text.startswith(
        "AE.AESEV: ct, codelist AESEV C66769, not extensible\n"
        "  sdtm/ae.yaml:6\n"
        "   records subjects  value\n"
        '         3        2  "slight"\n'
        "                     ae: ae.csv row 2\n"
    )


@pytest.mark.parametrize("render", [render_inbox_text, render_inbox_json, render_inbox_html])
def test_without_values_only_counts_are_told(tmp_path, render):
    study = "terms:\n  AESEV: {hidden-term: MILD}\n"
    found = inbox(
        tmp_path, ["AESEV: ae.SEV | ct"], [{"SEV": "secretly sever"}, {"SEV": "轻"}], study
    )

    text = render(found.without_values())

    assert "secret" in render(found)
    assert [word for word in ("secret", "轻", "SEVERE", "hidden-term") if word in text] == []
    assert "hidden" in text
    assert "ae.csv row 2" in text


def test_json_holds_every_value_whole():
    text = 'a "b"\n' + "y" * 400

    (one,) = json.loads(render_inbox_json(Inbox("S1", (value(text),))))["waiting"]

    assert (one["value"], one["code"], one["extensible"]) == (text, "C66769", False)


def test_the_page_shows_hostile_values_as_text():
    page = render_inbox_html(Inbox("S1", (value("<script>alert(1)</script>"),)))

    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_a_build_sees_nothing_of_the_inbox(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(
        Database, "run", lambda self, sql, run=Database.run: (ran.append(sql), run(self, sql))[1]
    )
    ae = AE + "  AESEV: ae.SEV | ct else missing\n"
    raw = rows(["SUBJ", "TERM", "SEV"], ["001", "A", "slight"])

    build(write_study(tmp_path, {"sdtm/ae": ae}, {"ae": raw}))

    assert [sql for sql in ran if "_audit_" in sql or "_seen" in sql] == []


def test_a_subject_that_no_table_knows_waits_although_later_forms_are_not_read_yet(tmp_path):
    study = (
        "study: {id: S1, usubjid: \"'S1-' + subject\"}\n"
        "standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}\n"
        "raw:\n"
        "  lab: {file: lab.csv, subject: \"coalesce(HOSP | lookup hospitals SITE, '9-') + SUBJ\"}\n"
        "  ae: {file: ae.csv, subject: SUBJ}\n"
        "tables:\n"
        "  hospitals: {columns: [HOSP, SITE], rows: [[H1, '01-']]}\n"
    )
    raw = {"lab": rows(["SUBJ", "HOSP"], ["1", "H1"], ["2", "H9"]), "ae": rows(["SUBJ", "TERM"])}
    place = write_study(tmp_path, {"sdtm/ae": AE}, raw, study)

    found = open_inbox(place, raw=place / "raw")

    assert [(one.value, one.records) for one in found.values] == [("H9", 1)]
