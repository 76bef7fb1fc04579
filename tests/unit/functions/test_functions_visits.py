"""Epochs, numbers of unplanned visits, and ranges of study tables."""

import pytest

from cdisc.engine.resolve import resolve
from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, evaluate, evaluation, write_study

SE = """\
dataset: SE
rows: each se
keys: [USUBJID, SESTDTC]
variables:
  ETCD: se.CD
  ELEMENT: se.CD
  EPOCH: se.EPOCH
  SESTDTC: se.ST | iso 'y-m-dTH:M' 'y-m-d'
  SEENDTC: se.EN | iso 'y-m-dTH:M' 'y-m-d'
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AESPID]
variables:
  AESPID: ae.NO
  AETERM: const X
  EPOCH: epoch(AESTDTC)
  AESTDTC: ae.ST | iso 'y-m-dTH:M' 'y-m-d' 'y-m' 'y'
"""
ELEMENTS = """\
SUBJ,CD,EPOCH,ST,EN
1,SCRN,SCREENING,2026-01-01,2026-01-10T09:30
1,TRT,TREATMENT,2026-01-10T09:30,2026-02-10
1,FUP,FOLLOW-UP,2026-02-10,2026-03-01
2,SCRN,SCREENING,2026-01-01,
"""
DATES = {
    "2025-12-31": None,  # before the first
    "2026-01-01": "SCREENING",
    "2026-01-10": "TREATMENT",  # a day of two elements is the later one's
    "2026-01-10T09:00": "SCREENING",
    "2026-01-10T09:30": "TREATMENT",
    "2026-02-10": "FOLLOW-UP",
    "2026-03-01": "FOLLOW-UP",  # the end of the last element is its own
    "2026-03-01T23:59": "FOLLOW-UP",
    "2026-03-02": None,
    "2026-01": None,  # screening or treatment
    "2025-12": None,
    "2026": None,
    "": None,
}


def test_a_date_lies_in_the_later_of_the_elements_that_share_it(tmp_path):
    rows = [f"1,{n:02},{date}" for n, date in enumerate(DATES)]
    ae = "SUBJ,NO,ST\n" + "\n".join([*rows, "2,98,2026-05", "3,99,2026-01-05"]) + "\n"
    result = build(
        write_study(tmp_path, {"sdtm/se": SE, "sdtm/ae": AE}, {"se": ELEMENTS, "ae": ae})
    )

    # an element that has no end goes on; a subject without elements has no epoch
    assert result.tables["AE"].column("EPOCH").to_pylist() == [*DATES.values(), "SCREENING", None]


def test_the_method_of_an_epoch_says_which_element_is_meant(tmp_path):
    texts = {"sdtm/se": SE, "sdtm/ae": AE}
    plan = resolve(load_study(write_study(tmp_path, texts, {"se": "", "ae": ""}))).datasets["AE"]

    assert method_text(plan, plan.variables["EPOCH"]) == (
        "EPOCH of the element of the subject in SE in which AESTDTC lies: of those that begin on"
        " or before AESTDTC and end on or after it, or have no end, the one that begins last."
    )


VISITS = [
    ("1", "2026-01-10", 1.0),
    ("", "2026-01-05", 0.1),  # before the first planned one
    ("", "2026-01-12", 1.1),
    ("", "2026-01-14", 1.2),
    ("", "2026-01-12", 1.1),  # the same day again
    ("2", "2026-01-20", 2.0),
    ("", "2026-01-20", 2.1),  # on the day of a planned visit, behind it
    ("3", "", 3.0),
    ("", "", None),
    ("", "2026-02", None),
]


@pytest.mark.parametrize("turned", [False, True])
def test_an_unplanned_visit_follows_the_planned_one_before_it(turned, tmp_path):
    given = VISITS[::-1] if turned else VISITS
    records = [{"N": number, "D": date} for number, date, _ in given]
    records.append({"SUBJ": "002", "N": "", "D": "2026-01-12"})
    lines = {
        "DAT": ("dtc", "f.D | iso 'y-m-d' 'y-m'"),
        "NUM": ("number", "visit_number(f.N | num, DAT)"),
    }
    result = build(evaluation(tmp_path, records, lines))

    found = result.tables["AE"].column("NUM").to_pylist()
    assert found == [*(number for _, _, number in given), 0.1]
    assert [(one.code, one.records) for one in result.findings] == [("DATA026", 2)]


def test_more_than_nine_unplanned_days_are_counted_in_hundredths(tmp_path):
    records = [{"N": "", "D": f"2026-01-{day:02}"} for day in range(1, 12)]
    lines = {"DAT": ("date", "f.D | iso 'y-m-d' | date"), "PLN": ("number", "f.N | num")}
    found = evaluate(tmp_path, records, {**lines, "NUM": ("number", "visit_number(PLN, DAT)")})

    assert found["NUM"] == [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.11]


def test_the_method_of_a_visit_number_says_how_it_is_counted(tmp_path):
    lines = {"PLN": ("number", "f.N | num"), "DAT": ("dtc", "f.D | iso 'y-m-d'")}
    lines["NUM"] = ("number", "visit_number(PLN, DAT)")
    plan = resolve(load_study(evaluation(tmp_path, [{"N": "", "D": ""}], lines))).datasets["AE"]

    assert method_text(plan, plan.variables["NUM"]) == (
        "PLN; where that is missing, the last PLN of the subject on or before DAT, or 0 before the"
        " first, plus 0.1 for the first day with records without PLN that follows it, 0.2 for the"
        " second and so on (0.01, 0.02 and so on where there are more than nine such days);"
        " missing without a complete date."
    )


TABLES = """\
tables:
  weeks:
    columns: [AVISIT, LOW, HIGH, AVISITN]
    rows: [[Before, '', '-1', '-1'], [Week 1, '1', '7', '1'], [Later, '8', '', '99']]
  limits:
    columns: [TEST, SEX, low, high, SAID]
    rows:
      - [ALT, F, '', '33', ok]
      - [ALT, F, '33.5', '', high]
      - [ALT, M, '', '50', ok]
      - [AST, M, '10', '50', '']
"""


def test_a_number_takes_the_row_of_its_range(tmp_path):
    days = ["-100", "-1", "0", "1", "7", "7.5", "8", "1e6", ""]
    found = evaluate(
        tmp_path,
        [{"DY": day} for day in days],
        {
            "VIS": "(f.DY | num) | within weeks AVISIT",
            "NUM": ("number", "f.DY | num | within weeks AVISITN"),
        },
        TABLES,
    )

    week = ["Before", "Before", None, "Week 1", "Week 1", None, "Later", "Later", None]
    number = [-1.0, -1.0, None, 1.0, 1.0, None, 99.0, 99.0, None]
    assert (found["VIS"], found["NUM"]) == (week, number)


def test_the_first_columns_say_for_whom_a_range_is(tmp_path):
    records = [
        {"T": test, "S": sex, "V": value}
        for test, sex, value in [
            ("ALT", "F", "33"),
            ("ALT", "F", "34"),
            ("ALT", "M", "34"),
            ("AST", "M", "20"),
            ("AST", "F", "20"),
            ("ALT", "", "20"),
            ("", "F", "20"),
        ]
    ]
    lines = {"TST": "f.T", "SX": "f.S", "VAL": ("number", "f.V | num")}
    lines["X"] = "VAL | within limits SAID for TST SX"

    found = evaluate(tmp_path, records, lines, TABLES)

    assert found["X"] == ["ok", "high", "ok", None, None, None, None]


def test_the_method_of_a_range_lists_the_ranges(tmp_path):
    lines = {"TST": "f.T", "SX": "f.S", "VAL": ("number", "f.V | num")}
    lines["X"] = "VAL | within limits SAID for TST SX"
    lines["W"] = "VAL | within weeks AVISIT"
    folder = evaluation(tmp_path, [{"T": "", "S": "", "V": ""}], lines, TABLES)
    plan = resolve(load_study(folder)).datasets["AE"]

    assert method_text(plan, plan.variables["W"]) == (
        "AVISIT by VAL: 'Before' to -1, 'Week 1' from 1 to 7, 'Later' from 8, both ends included;"
        " missing outside these ranges."
    )
    assert method_text(plan, plan.variables["X"]) == (
        "SAID by VAL and TST and SX: 'ok' ALT F to 33, 'high' ALT F from 33.5, 'ok' ALT M to 50,"
        " missing AST M from 10 to 50, both ends included; missing outside these ranges."
    )


def test_a_visit_number_cannot_stand_inside_a_choice(tmp_path):
    lines = {"PLN": ("number", "f.N | num"), "DAT": ("dtc", "f.D | iso 'y-m-d'")}
    lines["NUM"] = ("number", "max visit_number(PLN, DAT)")
    loaded = load_study(evaluation(tmp_path, [{"N": "", "D": ""}], lines))

    with pytest.raises(SpecError) as error:
        resolve(loaded)

    assert [(one.code, one.fact) for one in error.value.diagnostics] == [
        ("SPEC012", '"visit_number" looks at all records, and stands in no choice')
    ]
