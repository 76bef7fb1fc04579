import csv
import io
import os

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from cdisc.errors import OutputError, SpecError
from cdisc.report.inbox import Inbox, InboxValue, Suggestion
from cdisc.spec import load_study
from cdisc.tools.accepting import Acceptance, Evidence, accept, read_lines
from cdisc.tools.formatting import format_files, formatted
from cdisc.tools.inbox import open_inbox
from cdisc.tools.inbox_sheet import read_inbox_sheet, render_inbox_sheet
from cdisc.tools.term_files import with_entries
from tests.study_builder import STUDY, build, write_study

AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM:   ae.TERM
  AESEV:    ae.SEV | ct else error
  AEROUTE:  {map: ae.ROUTE | ct ROUTE, label: Route, type: text}
"""
AWKWARD = [
    "Slight",
    "slight",
    "slight\u3000",
    "ｓｌｉｇｈｔ",
    "轻度不良事件",
    "a: b",
    "a #b",
    "- item",
    "{x}, [y]",
    "'single' and \"double\"",
    '"quoted"',
    "back\\slash",
    "two\nlines",
    "tab\tand\rreturn",
    "=1+1",
    "+44",
    "@SUM(A1)",
    "_x0041_",
    "yes",
    "010",
    "2026-01-01",
    "null",
    "~",
    "a = b",
    "\u2028\ufeff\u00a0",
    "x" * 2000,
]


def study(folder, values=(), more=""):
    text = io.StringIO()
    rows = [["SUBJ", "TERM", "SEV", "ROUTE"]]
    rows += [["001", f"T{number:03}", one, ""] for number, one in enumerate(values)]
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return write_study(folder, {"sdtm/ae": AE}, {"ae": text.getvalue()}, more)


def taken(folder, *lines, **evidence):
    accepted = accept(folder, read_lines(lines), Evidence(**evidence))
    accepted.write()
    return accepted


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "raw"
    }


def test_an_acceptance_is_a_recode_with_its_evidence_beside_it(tmp_path):
    folder = study(tmp_path, ["slight", "MILD"])

    accepted = taken(folder, "AE.AESEV: slight = MILD", by="J. Doe", because="Coding: meeting 12")

    assert (folder / "terms" / "AESEV.yaml").read_text(encoding="utf-8") == (
        "terms:\n"
        "  AESEV:\n"
        "    slight: MILD\n"
        "evidence:\n"
        "  AESEV:\n"
        '    slight: {codelist: C66769, ct: "2025-03-28", by: J. Doe,'
        ' because: "Coding: meeting 12"}\n'
    )
    assert (accepted.entries, accepted.extended, accepted.known) == (1, (), 0)
    assert build(folder).tables["AE"].column("AESEV").to_pylist() == ["MILD", "MILD"]
    assert open_inbox(folder, raw=folder / "raw").values == ()
    assert format_files(folder / "terms" / "AESEV.yaml") == ()


def test_without_a_word_of_the_person_the_evidence_names_none(tmp_path):
    folder = study(tmp_path)

    taken(folder, "AE.AESEV: slight = MILD")

    text = (folder / "terms" / "AESEV.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["evidence"] == {
        "AESEV": {"slight": {"codelist": "C66769", "ct": "2025-03-28"}}
    }


def test_a_term_of_ones_own_is_marked_where_the_codelist_is_extensible(tmp_path):
    folder = study(tmp_path)

    accepted = taken(folder, "AE.AEROUTE: patch pump = PATCH PUMP", "AE.AEROUTE: by mouth = ORAL")

    evidence = yaml.safe_load((folder / "terms" / "ROUTE.yaml").read_text(encoding="utf-8"))
    assert accepted.extended == ("PATCH PUMP (ROUTE)",)
    assert evidence["evidence"]["ROUTE"] == {
        "patch pump": {"codelist": "C66729", "ct": "2025-03-28", "extended": "yes"},
        "by mouth": {"codelist": "C66729", "ct": "2025-03-28"},
    }


def test_what_stands_in_a_file_stays(tmp_path):
    folder = study(tmp_path)
    (folder / "terms").mkdir()
    (folder / "terms" / "own.yaml").write_text(
        "# agreed 2025\nterms:\n  AESEV:\n    light: MILD  # as in the manual\n\n"
        "  # not severity\n  OTHER: {a: b}\n",
        encoding="utf-8",
    )

    accepted = taken(folder, "AE.AESEV: slight = MILD")

    assert list(accepted.files) == [folder / "terms" / "own.yaml"]
    assert (folder / "terms" / "own.yaml").read_text(encoding="utf-8") == (
        "# agreed 2025\nterms:\n  AESEV:\n    light: MILD  # as in the manual\n    slight: MILD\n\n"
        "  # not severity\n  OTHER: {a: b}\n"
        'evidence:\n  AESEV:\n    slight: {codelist: C66769, ct: "2025-03-28"}\n'
    )


def test_terms_of_study_yaml_grow_there_and_their_evidence_beside_it(tmp_path):
    folder = study(tmp_path, more="terms:\n  SEV: {light: MILD}\n")

    taken(folder, "AE.AESEV: slight = MILD")

    assert "  SEV: {light: MILD, slight: MILD}\n" in files(folder)["study.yaml"]
    assert files(folder)["terms/SEV.yaml"] == (
        'evidence:\n  SEV:\n    slight: {codelist: C66769, ct: "2025-03-28"}\n'
    )
    assert load_study(folder).terms == {"SEV": {"light": "MILD", "slight": "MILD"}}


def test_terms_of_a_library_are_not_changed(tmp_path):
    write_study(tmp_path / "library", {"sdtm/ae": AE}, {"ae": ""}, "terms:\n  SEV: {light: MILD}\n")
    library = files(tmp_path / "library")
    text = STUDY.replace("standards", "extends: ../library\nstandards", 1)
    folder = write_study(
        tmp_path / "S1", {}, {"ae": "SUBJ,TERM,SEV,ROUTE\n001,A,slight,\n001,B,light,\n"},
        text + "  ae: {file: ae.csv, subject: SUBJ}\n",
    )  # fmt: skip

    taken(folder, "AE.AESEV: slight = MILD")

    assert files(tmp_path / "library") == library
    assert list(files(folder)) == ["study.yaml", "terms/SEV.yaml"]
    assert build(folder).tables["AE"].column("AESEV").to_pylist() == ["MILD", "MILD"]


EG = """\
dataset: EG
rows: each eg
keys: [USUBJID, EGTESTCD]
variables:
  EGTESTCD: eg.TEST
  EGSTRESC: eg.RESULT | ct
"""


def test_a_term_of_a_codelist_of_some_records_is_accepted_as_its_own(tmp_path):
    """NORMAL is of the codelist of interpretations alone; the others have a term otherwise."""
    raw = "SUBJ,TEST,RESULT\n001,INTP,norml\n"
    folder = write_study(tmp_path, {"sdtm/eg": EG}, {"eg": raw})
    before = open_inbox(folder, raw=folder / "raw").values

    accepted = taken(folder, "EG.EGSTRESC: norml = NORMAL")

    evidence = yaml.safe_load((folder / "terms" / "EGSTRESC.yaml").read_text(encoding="utf-8"))
    assert [(one.value, one.nearest[0].term) for one in before] == [("norml", "NORMAL")]
    assert accepted.extended == ()
    assert evidence["evidence"]["EGSTRESC"]["norml"]["codelist"] == "C101834"
    assert open_inbox(folder, raw=folder / "raw").values == ()


def test_once_more_changes_nothing(tmp_path):
    folder = study(tmp_path)
    taken(folder, "AE.AESEV: slight = MILD", by="J. Doe")
    before = files(folder)

    again = taken(folder, "AE.AESEV: slight = MILD", "AE.AESEV: SLIGHT = MILD", by="Somebody else")

    assert (again.entries, again.known, again.files) == (0, 2, {})
    assert files(folder) == before


def test_one_wrong_line_refuses_all(tmp_path):
    folder = study(tmp_path)
    before = files(folder)

    with pytest.raises(SpecError) as refused:
        taken(
            folder,
            "AE.AESEV: slight = MILD",
            "AE.AEROUTE: by mouth = ORAL",
            "AE.AESEV: awful = AWFUL",
        )

    assert [one.code for one in refused.value.diagnostics] == ["SPEC092"]
    assert files(folder) == before


def test_a_disk_that_refuses_the_second_file_gets_the_first_back(tmp_path, monkeypatch):
    folder = study(tmp_path, more="terms:\n  SEV: {light: MILD}\n")
    before = files(folder)
    real, calls = os.replace, []

    def replace(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)

    with pytest.raises(OutputError, match="OUT003"):
        taken(folder, "AE.AESEV: slight = MILD")

    assert len(calls) == 2
    assert files(folder) == before


def test_texts_that_differ_by_case_may_mean_different_things(tmp_path):
    folder = study(tmp_path, ["ab", "AB", "Ab"])

    taken(folder, "AE.AESEV: ab = MILD", "AE.AESEV: AB = SEVERE")

    found = open_inbox(folder, raw=folder / "raw").values
    assert [one.value for one in found] == ["Ab"]


def test_an_empty_term_leaves_missing(tmp_path):
    folder = study(tmp_path, ["n/a", "MILD"])

    taken(folder, 'AE.AESEV: n/a = ""')

    assert build(folder).tables["AE"].column("AESEV").to_pylist() == [None, "MILD"]


def test_the_last_equals_sign_parts_text_and_term():
    (one, two) = read_lines(["ae.aesev: a = b: c = MILD", 'AE.AESEV[SEV]: " x\\n" = MILD'])

    assert (one.variable, one.text, one.term, one.terms) == ("AE.AESEV", "a = b: c", "MILD", None)
    assert (two.text, two.term, two.terms) == (" x\n", "MILD", "SEV")


def test_awkward_values_come_through_excel_and_yaml_to_the_data(tmp_path):
    folder = study(tmp_path, AWKWARD)
    found = open_inbox(folder, raw=folder / "raw")
    path = tmp_path / "inbox.xlsx"
    path.write_bytes(render_inbox_sheet(found))
    book = load_workbook(path)
    sheet = book["inbox"]
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 1).value = "MODERATE"
    book.save(path)

    accept(folder, read_inbox_sheet(path)).write()

    assert sorted(one.value for one in found.values) == sorted(set(AWKWARD))
    assert load_study(folder).terms == {"AESEV": dict.fromkeys(AWKWARD, "MODERATE")}
    assert build(folder).tables["AE"].column("AESEV").to_pylist() == ["MODERATE"] * len(AWKWARD)
    assert open_inbox(folder, raw=folder / "raw").values == ()


def value(text, **more):
    whole = {
        "variable": "AE.AESEV", "step": "ct", "where": "AESEV", "code": "C66769",
        "extensible": False, "terms": "AESEV", "value": text, "records": 3, "subjects": 2,
        "forms": ("ae",), "first": "ae.csv row 2", "line": "sdtm/ae.yaml:6",
        "nearest": (Suggestion("MILD", "Mild Adverse Event", 90),),
        "choices": ("MILD", "MODERATE", "SEVERE"),
    }  # fmt: skip
    return InboxValue(**whole | more)


def sheet_of(tmp_path, *values, **more):
    path = tmp_path / "inbox.xlsx"
    path.write_bytes(render_inbox_sheet(Inbox("S1", values, **more)))
    return load_workbook(path)


def test_a_cell_never_holds_a_formula(tmp_path):
    texts = ["=1+1", "+1", "-1", "@A1", "=cmd|' /C calc'!A0"]

    book = sheet_of(tmp_path, *(value(text) for text in texts))

    names = [one.value for one in book["inbox"][1]]
    cells = [row[names.index("value")] for row in book["inbox"].iter_rows(min_row=2)]
    assert [one.value for one in cells] == texts
    assert {one.data_type for one in cells} == {"s"}
    assert all(one.quotePrefix for one in cells)


def test_a_row_offers_the_nearest_terms_then_the_others(tmp_path):
    book = sheet_of(tmp_path, value("a"), value("b"), value("c", terms=None))

    (offered,) = book["inbox"].data_validations.dataValidation
    assert set(str(offered.sqref).replace(":", " ").split()) == {"A2", "A3"}
    assert offered.formula1 == "terms!$A$1:$C$1"
    assert [one.value for one in book["terms"][1]] == ["MILD", "MODERATE", "SEVERE"]
    assert book["terms"].sheet_state == "hidden"


def test_the_same_inbox_gives_the_same_bytes():
    found = Inbox("S1", (value("slight"), value("重度")))

    assert render_inbox_sheet(found) == render_inbox_sheet(found)


def test_rows_without_a_term_are_not_accepted(tmp_path):
    sheet_of(tmp_path, value("slight"))

    assert read_inbox_sheet(tmp_path / "inbox.xlsx") == ()


def test_a_sheet_without_values_cannot_be_accepted(tmp_path):
    book = sheet_of(tmp_path, value("(hidden)"), hidden=True)
    cells = [one.value for row in book["inbox"].iter_rows() for one in row]

    assert "value" not in cells
    assert "(hidden)" not in cells
    with pytest.raises(SpecError, match="no column value, accept"):
        read_inbox_sheet(tmp_path / "inbox.xlsx")


def test_a_value_that_does_not_fit_a_cell_is_refused():
    with pytest.raises(OutputError, match="OUT009"):
        render_inbox_sheet(Inbox("S1", (value("x" * 32_768),)))


def test_a_formula_is_no_acceptance(tmp_path):
    book = sheet_of(tmp_path, value("slight"))
    book["inbox"]["A2"].value = '="MI"&"LD"'
    book.save(tmp_path / "edited.xlsx")

    with pytest.raises(SpecError, match="SPEC090"):
        read_inbox_sheet(tmp_path / "edited.xlsx")


def test_what_is_no_excel_file_is_said_to_be_none(tmp_path):
    path = tmp_path / "inbox.xlsx"
    path.write_text("accept,variable,value\n", encoding="utf-8")

    with pytest.raises(SpecError, match="the file is no Excel file"):
        read_inbox_sheet(path)


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_any_text_is_written_so_that_it_is_read_back(entries, flow, evidence):
    before = "terms:\n  A: {first: X}\n" if flow else "terms:\n  A:\n    first: X\n"
    entries = {key: one for key, one in entries.items() if key != "first"} or {"k": "v"}

    more = {("terms", "A"): entries}
    if evidence:
        more["evidence", "A"] = {key: {"because": one} for key, one in entries.items()}
    after = with_entries(before, "terms", more)

    assert formatted(after, "terms", file="f") == after
    assert yaml.safe_load(after)["terms"]["A"] == {"first": "X"} | entries


def test_a_thousand_acceptances_are_one_file(tmp_path):
    folder = study(tmp_path)
    place = read_lines(["AE.AESEV: a = MILD"])[0].place
    many = [Acceptance("AE.AESEV", f"event: {n}", "MILD", place) for n in range(1000)]

    accepted = accept(folder, many)

    assert (accepted.entries, len(accepted.files)) == (1000, 1)
