"""Conditions over several records at once, said in steps: a response that is confirmed."""

import datetime as dt

import pytest

from tests.study_builder import build, write_study

RS = """\
dataset: RS
rows: each rs
keys: [USUBJID, RSDTC]
variables:
  RSTESTCD: const OVRLRESP
  RSTEST: const 'Overall Response'
  RSORRES: rs.RES
  RSDTC: rs.DAT | iso 'y-m-d'
"""
# A CR is confirmed by another CR at least 28 days later with no PD between: the first PD behind
# this record, then a CR that comes late enough and before that one.
ADRS = """\
dataset: ADRS
class: BASIC DATA STRUCTURE
rows: each RS
keys: [USUBJID, PARAMCD, ADT]
variables:
  PARAMCD: const OVR
  PARAM: const 'Overall Response'
  AVALC: RS.RSORRES
  ADT: RS.RSDTC | date
  NEXTPD: {map: first other.ADT where other.AVALC = 'PD' and other.ADT after ADT order other.ADT,
    label: Date of the next PD, type: date}
  CONFFL: {map:
      when AVALC = 'CR' and any other where other.AVALC = 'CR' and other.ADT - ADT >= 28
      and (NEXTPD is missing or other.ADT before NEXTPD) then 'Y', label: Confirmed, type: text}
  SEQFL: {map: when AVALC = 'CR' and NEXT1 = 'CR' and NEXT2 = 'CR' then 'Y',
    label: First of three, type: text}
  NEXT1: {map: first other.AVALC where other.ADT after ADT order other.ADT,
    label: Next result, type: text}
  NEXT2: {map: first other.NEXT1 where other.ADT after ADT order other.ADT,
    label: Next but one, type: text}
  NEWPDFL: {map: when AVALC = 'PD' and not any other where other.AVALC = 'PD'
    and other.ADT before ADT then 'Y', label: First PD, type: text}
"""
SETS = {
    "confirmed on day 28": [("CR", 1, "Y"), ("CR", 29, None)],
    "a day too early": [("CR", 1, None), ("CR", 28, None)],
    "a PD between": [("CR", 1, None), ("PD", 10, None), ("CR", 40, None)],
    "a PD behind": [("CR", 1, "Y"), ("SD", 10, None), ("CR", 40, None), ("PD", 41, None)],
    "the PD before does no harm": [("PD", 1, None), ("CR", 2, "Y"), ("CR", 50, None)],
    "the second CR is confirmed by the third": [
        ("CR", 1, None),
        ("PD", 2, None),
        ("CR", 3, "Y"),
        ("CR", 31, None),
    ],
    "only one": [("CR", 1, None)],
}


def built(tmp_path, results, *, turned=False):
    rows = [f"1,{result},{dt.date(2026, 1, 1) + dt.timedelta(day - 1)}" for result, day in results]
    csv = "SUBJ,RES,DAT\n" + "\n".join(reversed(rows) if turned else rows) + "\n"
    folder = write_study(tmp_path, {"sdtm/rs": RS, "adam/adrs": ADRS}, {"rs": csv})
    return build(folder).tables["ADRS"]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("given", SETS.values(), ids=SETS)
def test_a_response_is_confirmed_by_another_one_with_no_progression_between(
    given, turned, tmp_path
):
    table = built(tmp_path, [one[:2] for one in given], turned=turned)

    assert table.column("CONFFL").to_pylist() == [flag for *_, flag in given]


def test_the_next_two_records_are_asked_for_one_after_the_other(tmp_path):
    results = [("CR", 1), ("CR", 2), ("CR", 3), ("SD", 4), ("CR", 5), ("CR", 6)]

    table = built(tmp_path, results)

    assert table.column("NEXT2").to_pylist() == ["CR", "SD", "CR", "CR", None, None]
    assert table.column("SEQFL").to_pylist() == ["Y", None, None, None, None, None]


def test_the_first_of_its_kind_has_none_before_it(tmp_path):
    table = built(tmp_path, [("PD", 2), ("CR", 1), ("PD", 3)])

    assert table.column("NEWPDFL").to_pylist() == [None, "Y", None]
