"""Types are found before any data are seen; what does not fit is a mistake in its place."""

import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import write_study

LINES = """\
dataset: AE
rows: each f
keys: [USUBJID, AETERM]
variables:
  AETERM: f.A
  AESTDTC: f.D | iso 'y-m-d' 'y-m'
  AEENDTC: f.E | iso 'y-m-d' 'y-m'
  NUM: {map: f.N | num, type: number, label: Number}
  DAY: {map: AESTDTC | date, type: date, label: Day}
  TIME:
    map: AESTDTC | impute date first from month time first flag TIMEF
    type: datetime
    label: Time
"""


def mistakes(folder, kind, expression):
    """Return what is wrong with a line of a given type: codes with the text at the caret."""
    block = f'  R: {{map: "{expression}", type: {kind}, label: Result}}\n'
    folder = write_study(folder, {"sdtm/ae": LINES + block}, {"f": "SUBJ\n"})
    try:
        resolve(load_study(folder))
    except SpecError as error:
        return [
            (one.code, one.span.text[one.span.column - 1 : one.span.end_column - 1])
            for one in error.diagnostics
        ]
    return []


FIT = [
    ("text", "AETERM"),
    ("text", "AESTDTC"),
    ("text", "''"),
    ("number", "''"),
    ("date", "''"),
    ("number", "NUM + 1 * -2"),
    ("number", "DAY - DAY"),
    ("number", "TIME - TIME"),
    ("date", "DAY + 1"),
    ("date", "date(TIME)"),
    ("text", "AETERM + AESTDTC + 'x'"),
    ("text", "when NUM > 1 then 'A' else AETERM"),
    ("number", "when AETERM = '1' then 1"),
    ("dtc", "when NUM > 1 then '2026-05' else AESTDTC"),
    ("number", "const 5"),
    ("text", "const 5"),
    ("text", "yn(AESTDTC after '2026-05-01' and DAY on or before AEENDTC)"),
    ("text", "yn(TIME before DAY or AESTDTC = '2026')"),
    ("text", "yn(NUM in (1, 2) and AETERM not in ('1'))"),
    ("number", "max NUM by USUBJID"),
    ("number", "count f where f.A = 'x'"),
    ("text", "first f.A order f.D"),
    ("text", "coalesce(AETERM, AESTDTC, 'x')"),
    ("text", "NUM | text"),
]


@pytest.mark.parametrize(("kind", "expression"), FIT)
def test_types_that_fit(tmp_path, kind, expression):
    assert mistakes(tmp_path, kind, expression) == []


UNFIT = [
    ("number", "AETERM", [("SPEC014", "AETERM")]),
    ("number", "'5'", [("SPEC014", "'5'")]),
    ("number", "const ABC", [("SPEC014", "const ABC")]),
    ("dtc", "AETERM", [("SPEC014", "AETERM")]),
    ("dtc", "'soon'", [("SPEC014", "'soon'")]),
    ("date", "AESTDTC", [("SPEC014", "AESTDTC")]),
    ("datetime", "DAY", [("SPEC014", "DAY")]),
    ("text", "NUM", [("SPEC014", "NUM")]),
    ("text", "NUM > 1", [("SPEC014", "NUM > 1")]),
    ("number", "AETERM + 1", [("SPEC014", "AETERM")]),
    ("number", "DAY - TIME", [("SPEC014", "TIME")]),
    ("number", "-AETERM", [("SPEC014", "AETERM")]),
    ("text", "yn(AETERM)", [("SPEC014", "AETERM")]),
    ("text", "yn(NUM = '1')", [("SPEC014", "NUM = '1'")]),
    ("text", "yn(AETERM = 1)", [("SPEC014", "AETERM = 1")]),
    ("text", "yn(NUM in (1, 'x'))", [("SPEC014", "'x'")]),
    ("text", "yn(AESTDTC < AEENDTC)", [("SPEC014", "AESTDTC < AEENDTC")]),
    ("text", "yn(AETERM before AESTDTC)", [("SPEC014", "AETERM")]),
    ("text", "yn(NUM contains 'x')", [("SPEC014", "NUM")]),
    ("text", "yn(not NUM and AETERM)", [("SPEC014", "NUM"), ("SPEC014", "AETERM")]),
    ("text", "yn(AETERM = '')", [("SPEC015", "''")]),
    ("text", "when AETERM then 'A'", [("SPEC014", "AETERM")]),
    ("text", "when NUM = 1 then 'A' else 2", [("SPEC014", "2")]),
    ("text", "first f.A", [("SPEC016", "first f.A")]),
    ("number", "sum f.A", [("SPEC014", "f.A")]),
    ("text", "NUM | upper", [("SPEC014", "NUM")]),
    ("number", "f.A | num | num", [("SPEC014", "f.A | num")]),
    ("text", "coalesce(NUM, AETERM)", [("SPEC014", "coalesce(NUM, AETERM)")]),
    ("number", "NOSUCH + AETERM", [("SPEC017", "NOSUCH")]),
    ("text", "nosuch(AETERM) | upper", [("SPEC013", "nosuch")]),
    ("number", "f.A | nosuch | num", [("SPEC013", "nosuch")]),
]


@pytest.mark.parametrize(("kind", "expression", "expected"), UNFIT)
def test_a_value_of_the_wrong_type_is_shown_and_nothing_follows_from_it(
    tmp_path, kind, expression, expected
):
    assert mistakes(tmp_path, kind, expression) == expected
