"""Where records come from: forms, datasets, melts, stacks, parameters, supplements."""

import datetime as dt

from tests.study_builder import build, write_study


def rows(table, *names):
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


VS = """\
dataset: VS
rows:
  melt: vs
  where: DONE <> 'N'
  tests:
    columns: [result, unit, pos]
    SYSBP: [SYS, mmHg, SITTING]
    PULSE: [PUL, beats/min, POS]
keys: [USUBJID, VSTESTCD, VSDTC]
variables:
  VSTESTCD: test.code
  VSORRES: test.result
  VSORRESU: when VSORRES is not missing then test.unit
  VSPOS: test.pos
  VSDTC: vs.DAT | iso 'y-m-d'
"""
VS_CSV = """\
SUBJ,DONE,DAT,SYS,PUL,POS
1,Y,2026-01-01,120,70,STANDING
1,,2026-01-02,,71,
1,N,2026-01-03,,72,
2,Y,2026-01-01,,,
"""


def test_a_melt_gives_a_record_for_each_test_that_was_collected(tmp_path):
    table = build(write_study(tmp_path, {"sdtm/vs": VS}, {"vs": VS_CSV})).tables["VS"]

    assert rows(table, "USUBJID", "VSSEQ", "VSTESTCD", "VSORRES", "VSORRESU", "VSPOS") == [
        ("S1-1", 1.0, "PULSE", "70", "beats/min", "STANDING"),
        ("S1-1", 2.0, "PULSE", "71", "beats/min", None),
        ("S1-1", 3.0, "SYSBP", "120", "mmHg", "SITTING"),
    ]


def test_a_melt_that_keeps_all_gives_a_record_for_each_test(tmp_path):
    text = VS.replace("  where:", "  keep: all\n  where:")

    table = build(write_study(tmp_path, {"sdtm/vs": text}, {"vs": VS_CSV})).tables["VS"]

    assert rows(table, "USUBJID", "VSTESTCD", "VSORRES") == [
        ("S1-1", "PULSE", "70"),
        ("S1-1", "PULSE", "71"),
        ("S1-1", "SYSBP", "120"),
        ("S1-1", "SYSBP", None),
        ("S1-2", "PULSE", None),
        ("S1-2", "SYSBP", None),
    ]


def test_stacked_sources_give_their_records_one_after_the_other(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/ds": "dataset: DS\nrows:\n  - each ic where GIVEN = 'Y'\n  - each eos\n"
            "keys: [USUBJID, DSSTDTC]\nvariables:\n"
            "  DSTERM: coalesce(eos.REASON, 'INFORMED CONSENT OBTAINED')\n"
            "  DSSTDTC: coalesce(ic.DAT, eos.DAT) | iso 'y-m-d'\n"
        },
        {
            "ic": "SUBJ,GIVEN,DAT\n1,Y,2026-01-01\n2,N,2026-01-01\n",
            "eos": "SUBJ,REASON,DAT\n1,COMPLETED,2026-03-01\n3,DEATH,2026-02-01\n",
        },
    )

    result = build(folder)

    assert rows(result.tables["DS"], "USUBJID", "DSSEQ", "DSTERM", "DSSTDTC") == [
        ("S1-1", 1.0, "INFORMED CONSENT OBTAINED", "2026-01-01"),
        ("S1-1", 2.0, "COMPLETED", "2026-03-01"),
        ("S1-3", 1.0, "DEATH", "2026-02-01"),
    ]
    assert [(one.form, one.dataset, one.reason, one.used, one.excluded) for one in result.uses] == [
        ("ic", "DS", "GIVEN = 'Y'", 1, 1),
        ("eos", "DS", "", 2, 0),
    ]


def test_supplemental_qualifiers_point_at_their_record(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/ae": "dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\nvariables:\n"
            "  AETERM: ae.TERM\nsupp:\n"
            "  AESI: {label: Special Interest, map: ae.SI, by: INVESTIGATOR}\n"
            "  AESITE: {label: Site, map: const 7, origin: Assigned}\n"
        },
        {"ae": "SUBJ,TERM,SI\n1,B,Y\n1,A,\n2,A,N\n"},
    )

    table = build(folder).tables["SUPPAE"]

    assert table.column_names == [
        "STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG",
        "QEVAL",
    ]  # fmt: skip
    assert [tuple(row.values())[1:] for row in table.to_pylist()] == [
        ("AE", "S1-1", "AESEQ", "1", "AESITE", "Site", "7", "Assigned", None),
        ("AE", "S1-1", "AESEQ", "2", "AESI", "Special Interest", "Y", "Collected", "INVESTIGATOR"),
        ("AE", "S1-1", "AESEQ", "2", "AESITE", "Site", "7", "Assigned", None),
        ("AE", "S1-2", "AESEQ", "1", "AESI", "Special Interest", "N", "Collected", "INVESTIGATOR"),
        ("AE", "S1-2", "AESEQ", "1", "AESITE", "Site", "7", "Assigned", None),
    ]


def test_a_qualifier_of_the_subject_points_at_no_record(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
            "  SUBJID: dm.SUBJ\nsupp:\n  RANDNO: {label: Number, map: dm.RAND}\n"
        },
        {"dm": "SUBJ,RAND\n1,R7\n2,\n"},
    )

    table = build(folder).tables["SUPPDM"]

    assert rows(table, "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL") == [
        ("S1-1", None, None, "RANDNO", "R7")
    ]


def test_dictionary_codes_and_copied_variables_are_taken_unchanged(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/ae": "dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\ncoded:\n"
            "  MedDRA 27.1: {from: ae, variables: [AEDECOD, AEPTCD]}\n"
            "variables:\n  AETERM: ae.TERM\n",
            "adam/adae": "dataset: ADAE\nclass: OCCURRENCE DATA STRUCTURE\nrows: each AE\n"
            "keys: [USUBJID, AESEQ]\ncopy:\n  AE: [AETERM, AEDECOD, AEPTCD, AESEQ]\n",
        },
        {"ae": "SUBJ,TERM,AEDECOD,AEPTCD\n1,Cough,Cough,10011224\n"},
    )

    tables = build(folder).tables

    expected = [("Cough", "Cough", 10011224.0)]
    assert rows(tables["AE"], "AETERM", "AEDECOD", "AEPTCD") == expected
    assert rows(tables["ADAE"], "AETERM", "AEDECOD", "AEPTCD") == expected


DATES = """\
  DTHDTC: dm.DTH | iso 'y-m-d'
  RFICDTC: dm.IC | iso 'y-m-d'
  RFENDTC: dm.LAST | iso 'y-m-d'
  RFPENDTC: dm.NEWTX | iso 'y-m-d'
  RFXENDTC: dm.PROG | iso 'y-m-d'
"""
ADSL = """\
dataset: ADSL
rows: each DM
keys: [USUBJID]
copy:
  DM: [SUBJID]
variables:
  DTHDT: DM.DTHDTC | date
  RANDDT: DM.RFICDTC | date
  LSTALVDT: DM.RFENDTC | date
  TRTEDT: DM.RFPENDTC | date
  PROGDT: {map: DM.RFXENDTC | date, label: Progression, type: date}
"""
ADTTE = """\
dataset: ADTTE
class: BASIC DATA STRUCTURE
rows: params for each ADSL where RANDDT is not missing
keys: [USUBJID, PARAMCD]
events:
  death: {date: ADSL.DTHDT, says: DEATH}
  progression: {date: ADSL.PROGDT, when: ADSL.SUBJID <> '9', says: PROGRESSION}
  newtx: {date: ADSL.TRTEDT, says: NEW THERAPY}
censors:
  alive: {date: ADSL.LSTALVDT, says: LAST KNOWN ALIVE, cnsr: 2}
  randomised: {date: ADSL.RANDDT, says: RANDOMISATION}
params:
  OS: {label: Overall Survival, start: ADSL.RANDDT, events: [death], censors: [alive, randomised]}
  PFS:
    label: Progression-Free Survival
    start: ADSL.RANDDT
    events: [progression, death]
    censors: [alive, randomised]
    stop_at: [newtx]
variables:
  PARAMN: param.order
  AVAL: ADT - STARTDT + 1
"""
TTE_CSV = """\
SUBJ,IC,DTH,LAST,NEWTX,PROG
1,2026-01-01,2026-01-10,2026-01-09,,2026-01-05
2,2026-01-01,2026-01-10,2026-01-09,,2026-01-10
3,2026-01-01,,2026-01-09,2026-01-04,
4,2026-01-01,,,,
5,2026-01-01,,2026-01-01,,
6,,,2026-01-09,,
"""


def test_the_first_event_wins_and_without_one_the_last_censoring(tmp_path):
    folder = write_study(
        tmp_path,
        {
            "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
            "  SUBJID: dm.SUBJ\n" + DATES,
            "adam/adsl": ADSL,
            "adam/adtte": ADTTE,
        },
        {"dm": TTE_CSV},
    )

    table = build(folder).tables["ADTTE"]

    def day(number):
        return dt.date(2026, 1, number)

    found = rows(table, "USUBJID", "PARAMCD", "ADT", "AVAL", "CNSR", "CNSDTDSC", "SRCDOM", "SRCVAR")
    assert found == [
        # both events: the first in time for PFS
        ("S1-1", "OS", day(10), 10.0, 0.0, None, "ADSL", "DTHDT"),
        ("S1-1", "PFS", day(5), 5.0, 0.0, None, "ADSL", "PROGDT"),
        # both events on one day: the first of the list
        ("S1-2", "OS", day(10), 10.0, 0.0, None, "ADSL", "DTHDT"),
        ("S1-2", "PFS", day(10), 10.0, 0.0, None, "ADSL", "PROGDT"),
        # no event: the last censoring, cut for PFS where the new therapy began
        ("S1-3", "OS", day(9), 9.0, 2.0, "LAST KNOWN ALIVE", "ADSL", "LSTALVDT"),
        ("S1-3", "PFS", day(4), 4.0, 2.0, "LAST KNOWN ALIVE", "ADSL", "LSTALVDT"),
        # the only censoring that has a date
        ("S1-4", "OS", day(1), 1.0, 1.0, "RANDOMISATION", "ADSL", "RANDDT"),
        ("S1-4", "PFS", day(1), 1.0, 1.0, "RANDOMISATION", "ADSL", "RANDDT"),
        # two censorings on one day: the first of the list
        ("S1-5", "OS", day(1), 1.0, 2.0, "LAST KNOWN ALIVE", "ADSL", "LSTALVDT"),
        ("S1-5", "PFS", day(1), 1.0, 2.0, "LAST KNOWN ALIVE", "ADSL", "LSTALVDT"),
    ]
    assert table.column("PARAMN").to_pylist() == [1.0, 2.0] * 5


def test_nothing_counts_after_the_date_at_which_a_parameter_stops(tmp_path):
    csv = "SUBJ,IC,DTH,LAST,NEWTX,PROG\n1,2026-01-01,,2026-01-09,2026-01-04,2026-01-06\n"
    folder = write_study(
        tmp_path,
        {
            "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
            "  SUBJID: dm.SUBJ\n" + DATES,
            "adam/adsl": ADSL,
            "adam/adtte": ADTTE,
        },
        {"dm": csv},
    )

    table = build(folder).tables["ADTTE"]

    assert rows(table, "PARAMCD", "ADT", "CNSR") == [
        ("OS", dt.date(2026, 1, 9), 2.0),
        ("PFS", dt.date(2026, 1, 4), 2.0),
    ]


def test_forms_without_records_give_every_dataset_its_full_structure(tmp_path):
    full = {
        "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n"
        "  SUBJID: dm.SUBJ\n  AGE: dm.AGE | num\nsupp:\n"
        "  RANDNO: {label: Number, map: dm.SUBJ}\n".replace("supp:", DATES + "supp:"),
        "sdtm/vs": VS + "  VSBLFL: flag last order VSDTC\n  VSDY: study_day(VSDTC)\n",
        "adam/adsl": ADSL + "  AGEGR1: bands((DM.AGE), '<18', '18-64', '>64')\n",
        "adam/adtte": ADTTE,
    }
    full["sdtm/dm"] = full["sdtm/dm"].replace("supp:", "  RFSTDTC: dm.IC | iso 'y-m-d'\nsupp:")
    dm = TTE_CSV.split("\n", maxsplit=1)[0] + ",AGE\n"

    tables = build(
        write_study(tmp_path, full, {"dm": dm, "vs": VS_CSV.split("\n", maxsplit=1)[0] + "\n"})
    ).tables

    assert {name: table.num_rows for name, table in tables.items()} == dict.fromkeys(
        ("DM", "SUPPDM", "VS", "ADSL", "ADTTE"), 0
    )
    assert tables["VS"].schema.field("VSDY").type == "double"
    assert tables["ADTTE"].schema.field("ADT").type == "date32[day]"
    assert tables["ADSL"].column_names == [
        "STUDYID", "USUBJID", "SUBJID", "AGEGR1", "AGEGR1N", "TRTEDT", "RANDDT", "LSTALVDT",
        "DTHDT", "PROGDT",
    ]  # fmt: skip
