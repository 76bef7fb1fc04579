"""What verbs report inside choices and conditions: nothing is lost in silence there either."""

import pytest

from cdisc.engine.inbox import collect
from cdisc.errors import RawDataError
from cdisc.spec import load_study
from tests.study_builder import build, read_delivery, resolve_with, write_study

DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  AGE: dm.AGE | num
work:
  X: """
LB = """\
dataset: LB
rows: {rows}
keys: [USUBJID, LBTESTCD, LBORRES]
variables:
  LBTESTCD: lb.TEST
  LBORRES: lb.RES
"""
RAW = {
    "dm": "SUBJ,AGE\n001,40\n002,50\n003,60\n",
    "lb": "SUBJ,TEST,RES\n001,A,1\n001,A,low\n001,B,high\n002,A,3\n002,A,low\n",
}
NUM = "1 collected value is not a number and becomes missing"
STUDY = "tables:\n  named: {columns: [key, value], rows: [['1', one], ['3', three]]}\n"


def findings(result):
    return [(one.fact, one.found, one.records) for one in result.findings if one.records]


def of_subjects(tmp_path, expression):
    return build(write_study(tmp_path / "study", {"sdtm/dm": DM + f'"{expression}"\n'}, RAW))


def of_results(tmp_path, rows="each lb", more="", study=""):
    text = LB.format(rows=rows) + more
    raw = {"lb": RAW["lb"]}
    return build(write_study(tmp_path / "study", {"sdtm/lb": text}, raw, study))


def low(variable, number, *rows, among="lb"):
    where = ", first " + "".join(rows)
    plural = "s" if number > 1 else ""
    found = f'"low" for {number} record{plural}{where}'
    return (f"{variable}: {NUM}, among the records of {among}", (found,), number)


@pytest.mark.parametrize(
    "expression",
    [
        "sum (lb.RES | num) where lb.TEST = 'A'",
        "mean (lb.RES | num) where lb.TEST = 'A'",
        # the part of the condition that is clear leaves the records of B out
        "count lb where lb.TEST = 'A' and (lb.RES | num) > 2",
        "max lb.TEST where (lb.RES | num) > 2 and lb.TEST = 'A'",
    ],
)
def test_an_aggregate_reports_what_cannot_be_read_among_its_records(expression, tmp_path):
    result = of_subjects(tmp_path, expression)
    assert findings(result) == [low("DM.X", 2, "dm.csv row 2")]


def test_what_is_not_summarised_is_not_reported(tmp_path):
    assert findings(of_subjects(tmp_path, "sum (lb.RES | num) where lb.RES < 'a'")) == []


def test_of_a_choice_only_the_record_that_is_chosen_is_reported(tmp_path):
    expression = "{} (lb.RES | num) where lb.TEST = 'A' order lb.RES"
    assert findings(of_subjects(tmp_path / "first", expression.format("first"))) == []
    last = of_subjects(tmp_path / "last", expression.format("last"))
    assert findings(last) == [low("DM.X", 2, "dm.csv row 2")]


def test_a_branch_that_is_not_reached_reports_nothing(tmp_path):
    expression = "when AGE > 45 then sum (lb.RES | num) where lb.TEST = 'A'"
    assert findings(of_subjects(tmp_path, expression)) == [low("DM.X", 1, "dm.csv row 3")]


def test_what_becomes_missing_by_intent_is_not_reported(tmp_path):
    assert findings(of_subjects(tmp_path, "sum (lb.RES | num else missing)")) == []


@pytest.mark.parametrize(
    "expression",
    [
        "sum (lb.RES | num else error)",
        "first lb.TEST where (lb.RES | num else error) > 2 order lb.RES",
    ],
)
def test_what_is_an_error_stops_inside_an_aggregate(expression, tmp_path):
    with pytest.raises(RawDataError) as raised:
        of_subjects(tmp_path, expression)
    (one,) = raised.value.diagnostics
    assert (one.code, one.records) == ("DATA016", 2)
    assert one.found == (
        '"low" for 2 records, first dm.csv row 2',
        '"high" for 1 record, first dm.csv row 2',
    )


@pytest.mark.parametrize(
    "line",
    [
        "flag first where (LBORRES | num else report) > 0 and LBTESTCD = 'A' order LBORRES",
        "number where LBTESTCD = 'A' and (LBORRES | num else report) > 0 by USUBJID order LBORRES",
    ],
)
def test_a_window_reports_the_records_that_its_condition_cannot_read(line, tmp_path):
    result = of_results(tmp_path, more=f'work:\n  X: "{line}"\n')
    found = ('"low" 2 records, first lb.csv row 3',)
    assert findings(result) == [(f"LB.X: {NUM}", found, 2)]


def test_a_summary_of_the_records_at_hand_reports(tmp_path):
    more = "work:\n  X: \"sum (LBORRES | num else report) where LBTESTCD = 'A' by USUBJID\"\n"
    result = of_results(tmp_path, more=more)
    assert findings(result) == [low("LB.X", 5, "lb.csv row 2", among="LB")]


def test_the_condition_of_rows_reports_the_records_that_it_cannot_read(tmp_path):
    result = of_results(tmp_path, "\"each lb where TEST = 'A' and (RES | num) > 2\"")
    assert result.tables["LB"].column("LBORRES").to_pylist() == ["3"]
    assert findings(result) == [low("LB.rows", 2, "lb.csv row 3")]


def test_a_condition_of_rows_that_looks_at_other_records_reports(tmp_path):
    rows = "\"each lb where (RES | num) > 2 or any dm where dm.AGE = 'x'\""
    text = LB.format(rows=rows)
    result = build(write_study(tmp_path / "study", {"sdtm/lb": text}, RAW))
    assert [one[0] for one in findings(result)] == [
        "LB.rows: 2 collected values are not a number and become missing"
    ]


def test_the_condition_of_a_form_reports(tmp_path):
    study = (
        "study: {id: S1, usubjid: \"'S1-' + subject\"}\n"
        "standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28}\n"
        "raw:\n  lb: {file: lb.csv, subject: SUBJ, where: \"TEST = 'A' and (RES | num) > 2\"}\n"
    )
    result = of_results(tmp_path, study=study)
    assert result.tables["LB"].column("LBORRES").to_pylist() == ["3"]
    assert findings(result) == [low("lb.lb", 2, "lb.csv row 3")]


def test_checks_report_what_they_cannot_read(tmp_path):
    result = of_results(
        tmp_path, more="checks:\n  - \"(LBORRES | num else report) < 5 or LBTESTCD = 'B'\"\n"
    )
    assert findings(result) == [
        ("2 records of LB do not meet: (LBORRES | num else report) < 5 or LBTESTCD = 'B'",
         ("first lb.csv row 3",), 2),
        ("LB.check: 2 collected values are not a number and become missing",
         ('"low" 2 records, first lb.csv row 3', '"high" 1 record, first lb.csv row 4'), 3),
    ]  # fmt: skip


def test_the_inbox_sees_what_is_looked_up_inside_an_aggregate(tmp_path):
    text = (
        DM + "\"first (lb.RES | lookup named value) where lb.TEST = 'A' order lb.RES descending\"\n"
    )
    folder = write_study(tmp_path / "study", {"sdtm/dm": text}, RAW, STUDY)
    loaded = load_study(folder)
    raw = read_delivery(loaded, folder / "raw")
    found = collect(resolve_with(loaded, raw), raw)
    assert [(one.value, one.records) for one in found.waiting] == [("low", 2)]
