"""Time to event: what competes, dates that are expressions, sources that are shared; English."""

import datetime as dt

import pytest

from cdisc.engine.resolve import resolve
from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, write_study

DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ
  RFSTDTC: dm.START | iso 'y-m-d'
  RFENDTC: dm.LAST | iso 'y-m-d'
  DTHDTC: dm.DTH | iso 'y-m-d' 'y-m'
"""
RS = """\
dataset: RS
class: FINDINGS
label: Disease Response
rows: each rs
keys: [USUBJID, RSDTC, RSSPID]
variables:
  RSSPID: rs.NO
  RSORRES: rs.RES
  RSDTC: rs.DAT | iso 'y-m-d' 'y-m'
  RSENDTC: rs.ENDAT | iso 'y-m-d'
"""
ADSL = """\
dataset: ADSL
rows: each DM
keys: [USUBJID]
copy:
  DM: [SUBJID]
variables:
  TRTSDT: DM.RFSTDTC | date
  DTHDT: DM.DTHDTC | date
  LSTALVDT: DM.RFENDTC | date
"""
ADTTE = """\
dataset: ADTTE
class: BASIC DATA STRUCTURE
rows: params for each ADSL
keys: [USUBJID, PARAMCD]
events:
  progression:
    date: earliest(RS.RSDTC, RS.RSENDTC)
    when: RS.RSORRES = 'PD'
    says: Progression
  response: {date: RS.RSDTC, when: RSORRES = 'CR', says: Response}
  death: {date: ADSL.DTHDT, says: Death}
  lost: {date: date(RS.RSDTC) + 1, when: RS.RSORRES = 'LOST', says: Lost, cnsr: 3}
censors:
  alive: {date: ADSL.LSTALVDT, says: Last known alive}
  start: {date: ADSL.TRTSDT, says: Start of treatment, cnsr: 4}
params:
  PFS: {label: PFS, start: ADSL.TRTSDT, events: [progression, death], censors: [alive, start]}
  TTP:
    label: Time to Progression
    start: ADSL.TRTSDT
    events: [progression]
    competing: [death, lost]
    censors: [alive, start]
variables:
  AVAL: ADT - STARTDT + 1
"""
STUDIES = {"sdtm/dm": DM, "sdtm/rs": RS, "adam/adsl": ADSL, "adam/adtte": ADTTE}
COLUMNS = ("SUBJ", "PARAMCD", "ADT", "CNSR", "EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR", "SRCSEQ")
NO_RS = "SUBJ,NO,RES,DAT,ENDAT\n"


def day(number):
    return dt.date(2026, 1, number)


def taken(tmp_path, dm, rs=""):
    """Return what each parameter of each subject takes."""
    raw = {"dm": f"SUBJ,START,LAST,DTH\n{dm}", "rs": NO_RS + rs}
    table = build(write_study(tmp_path, STUDIES, raw)).tables["ADTTE"]
    columns = [table.column(name).to_pylist() for name in ("USUBJID", *COLUMNS[1:])]
    return [(one[0][3:], *one[1:]) for one in zip(*columns, strict=True)]


def test_a_competing_event_ends_the_time_with_a_number_of_its_own(tmp_path):
    found = taken(tmp_path, "1,2026-01-01,2026-01-20,2026-01-10\n", "1,1,PD,2026-01-12,\n")

    death = (day(10), "Death", "ADSL", "DTHDT", None)
    assert found == [
        # death is an event of PFS, and competes with progression in TTP
        ("1", "PFS", death[0], 0.0, "Death", None, *death[2:]),
        ("1", "TTP", death[0], 2.0, "Death", "Death", *death[2:]),
    ]


def test_an_event_comes_before_what_competes_on_the_same_day_and_the_record_is_named(tmp_path):
    rs = "1,2,PD,2026-01-12,2026-01-10\n1,1,PD,2026-01-10,\n"
    rs += "1,3,LOST,2026-01-09,\n1,4,CR,2026-01-02,\n"
    found = taken(tmp_path, "1,2026-01-01,2026-01-20,2026-01-10\n", rs)

    # RSSEQ counts by date: 1 is the response of day 2, 3 the progression of NO 1 on day 10; a date
    # that comes from two variables names none of them
    event = (day(10), 0.0, "Progression", None, "RS", None, 3.0)
    assert found == [("1", "PFS", *event), ("1", "TTP", *event)]


def test_what_competes_takes_its_number_from_the_event(tmp_path):
    rs = "1,1,LOST,2026-01-08,\n"
    found = taken(tmp_path, "1,2026-01-01,2026-01-20,2026-01-10\n", rs)

    assert found[1] == ("1", "TTP", day(9), 3.0, "Lost", "Lost", "RS", "RSDTC", 1.0)


def test_without_any_event_the_last_censoring_counts_and_its_number_is_1_unless_said(tmp_path):
    found = taken(tmp_path, "1,2026-01-01,2026-01-20,\n2,2026-01-01,,\n3,,,\n")

    alive = (day(20), 1.0, "Last known alive", "Last known alive", "ADSL", "LSTALVDT", None)
    start = (day(1), 4.0, "Start of treatment", "Start of treatment", "ADSL", "TRTSDT", None)
    assert found == [
        ("1", "PFS", *alive),
        ("1", "TTP", *alive),
        ("2", "PFS", *start),
        ("2", "TTP", *start),
        ("3", "PFS", *(None,) * 7),
        ("3", "TTP", *(None,) * 7),
    ]


def test_nothing_of_what_competes_counts_after_the_stop(tmp_path):
    stopped = "    competing: [death]\n    stop_at: [lost]\n"
    text = ADTTE.replace("    competing: [death, lost]\n", stopped)
    raw = {
        "dm": "SUBJ,START,LAST,DTH\n1,2026-01-01,2026-01-20,2026-01-10\n",
        "rs": NO_RS + "1,1,LOST,2026-01-04,\n",
    }
    result = build(write_study(tmp_path, {**STUDIES, "adam/adtte": text}, raw))

    table = result.tables["ADTTE"]
    assert [table.column(one).to_pylist()[1] for one in ("ADT", "CNSR", "EVNTDESC")] == [
        day(5),
        1.0,
        "Last known alive",
    ]


def test_the_methods_say_what_competes_and_which_day_counts(tmp_path):
    program = resolve(load_study(write_study(tmp_path, STUDIES, {"dm": "", "rs": ""})))
    plan = program.datasets["ADTTE"]
    said = {name: method_text(plan, one) for name, one in plan.variables.items()}

    progression = (
        "Progression (the earliest of RS.RSDTC and RS.RSENDTC where RS.RSORRES equals 'PD')"
    )
    assert said["CNSR"] == (
        "0 for an event, otherwise the number of the censoring. PFS: 1 Last known alive, 4 Start of"
        " treatment. TTP: 2 Death, 3 Lost, 1 Last known alive, 4 Start of treatment."
    )
    assert said["EVNTDESC"] == (
        "The description of the event, competing event or censoring that was chosen."
    )
    assert said["CNSDTDSC"] == (
        "The description of the competing event or censoring that was chosen; missing for an event."
    )
    death = "Death (ADSL.DTHDT)"
    lost = "Lost ((the date part of RS.RSDTC) plus 1 day where RS.RSORRES equals 'LOST')"
    censored = "censored at Last known alive (ADSL.LSTALVDT), Start of treatment (ADSL.TRTSDT)"
    assert said["ADT"] == (
        "The date of the first event or competing event; without one, the date of the last"
        " censoring. Of several on one day, the one named first is taken, an event before a"
        f" competing event. PFS: events {progression}, {death}; {censored}."
        f" TTP: events {progression}; competing events {death}, {lost}; {censored}."
    )


def test_an_event_needs_a_dataset_and_a_date(tmp_path):
    text = ADTTE.replace("date: ADSL.DTHDT", "date: \"'2026-01-01'\"").replace(
        "date: ADSL.LSTALVDT", "date: ADSL.SUBJID"
    )
    folder = write_study(tmp_path, {**STUDIES, "adam/adtte": text}, {"dm": "", "rs": ""})
    loaded = load_study(folder)
    with pytest.raises(SpecError) as error:
        resolve(loaded)

    assert {(one.code, one.fact) for one in error.value.diagnostics} == {
        ("SPEC017", "\"'2026-01-01'\" is not a variable of a dataset"),
        ("SPEC014", "alive is a date, but this is a text"),
    }


def test_a_parameter_is_made_for_those_who_can_have_it_and_its_method_says_so(tmp_path):
    text = ADTTE.replace(
        "    start: ADSL.TRTSDT\n", "    start: ADSL.TRTSDT\n    where: DTHDT is missing\n"
    )
    raw = {
        "dm": "SUBJ,START,LAST,DTH\n1,2026-01-01,2026-01-20,2026-01-10\n2,2026-01-01,2026-01-20,\n",
        "rs": NO_RS,
    }
    folder = write_study(tmp_path, STUDIES | {"adam/adtte": text}, raw)
    table = build(folder).tables["ADTTE"]

    keys = zip(table["USUBJID"].to_pylist(), table["PARAMCD"].to_pylist(), strict=True)
    assert list(keys) == [("S1-1", "PFS"), ("S1-2", "PFS"), ("S1-2", "TTP")]
    plan = resolve(load_study(folder)).datasets["ADTTE"]
    assert method_text(plan, plan.variables["STARTDT"]) == (
        "The time origin of the parameter. "
        "PFS: ADSL.TRTSDT; TTP: ADSL.TRTSDT, where DTHDT is missing."
    )


def test_an_event_may_ask_what_other_records_say(tmp_path):
    # the earlier of two progressions is the event where a second one confirms it
    confirmed = "any other where other.RSORRES = 'PD' and other.RSDTC after RS.RSDTC"
    text = ADTTE.replace(
        "    when: RS.RSORRES = 'PD'", f"    when: RS.RSORRES = 'PD' and ({confirmed})"
    )
    raw = {
        "dm": "SUBJ,START,LAST,DTH\n1,2026-01-01,2026-01-30,\n2,2026-01-01,2026-01-30,\n",
        "rs": NO_RS + "1,1,PD,2026-01-05,\n1,2,PD,2026-01-09,\n2,1,PD,2026-01-07,\n",
    }
    table = build(write_study(tmp_path, STUDIES | {"adam/adtte": text}, raw)).tables["ADTTE"]

    assert table["ADT"].to_pylist() == [day(5), day(5), day(30), day(30)]
    assert table["SRCSEQ"].to_pylist() == [1.0, 1.0, None, None]


def test_an_event_of_partial_date_is_reported_also_where_other_records_choose_it(tmp_path):
    text = ADTTE.replace("earliest(RS.RSDTC, RS.RSENDTC)", "RS.RSDTC").replace(
        "    when: RS.RSORRES = 'PD'", "    when: RS.RSORRES = 'PD' and (any other)"
    )
    raw = {
        "dm": "SUBJ,START,LAST,DTH\n1,2026-01-01,2026-01-30,\n",
        "rs": NO_RS + "1,1,PD,2026-01,\n1,2,CR,2026-01-09,\n",
    }
    result = build(write_study(tmp_path, STUDIES | {"adam/adtte": text}, raw))

    assert [one.code for one in result.findings if one.code == "DATA020"] == ["DATA020"]


def test_the_first_of_several_records_is_not_asked_for_in_an_event(tmp_path):
    text = ADTTE.replace(
        "    when: RS.RSORRES = 'PD'",
        "    when: RSSPID = (first other.RSSPID order other.RSDTC)",
    )
    folder = write_study(tmp_path, STUDIES | {"adam/adtte": text}, {"dm": "SUBJ\n", "rs": NO_RS})
    with pytest.raises(SpecError) as caught:
        resolve(load_study(folder))
    assert [one.code for one in caught.value.diagnostics] == ["SPEC012"]


@pytest.mark.parametrize("name", ["FACTS", "CHOICES", "OFFERED"])
def test_a_dataset_of_origins_may_have_any_name(tmp_path, name):
    origins = (
        f'dataset: {name}\nclass: BASIC DATA STRUCTURE\nlabel: Days\nsubmit: "no"\n'
        "rows: each DM\nkeys: [USUBJID]\n"
        "variables:\n  BEGINDT: {map: DM.RFSTDTC | date, label: Begin}\n"
    )
    text = ADTTE.replace("start: ADSL.TRTSDT, events", f"start: {name}.BEGINDT, events")
    raw = {"dm": "SUBJ,START,LAST,DTH\n1,2026-01-05,2026-01-20,\n", "rs": NO_RS}
    studies = STUDIES | {f"adam/{name.lower()}": origins, "adam/adtte": text}
    table = build(write_study(tmp_path, studies, raw)).tables["ADTTE"]

    assert table["STARTDT"].to_pylist() == [day(5), day(5)]
