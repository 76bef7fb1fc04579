"""Row sources that say of their records what the lines of the variables say of the others."""

import datetime as dt

from cdisc.engine.describe import describe
from cdisc.engine.run import run
from cdisc.spec import load_study
from tests.study_builder import build, read_delivery, resolve_with, write_study

VS = """\
dataset: VS
rows:
  - melt: vs
    where: DONE = 'Y'
    tests:
      columns: [result, unit]
      PULSE: [PULSE, beats/min]
      TEMP: [TEMP, C]
  - each: vs where DONE = 'N' keep first by SUBJ VISIT order DAT
    set:
      VSTESTCD: const VSALL
      VSSTAT: const 'NOT DONE'
      VSREASND: vs.WHY | upper
keys: [USUBJID, VSTESTCD, VISIT]
variables:
  VSTESTCD: test.code
  VSORRES: test.result
  VSORRESU: when VSORRES is not missing then test.unit
  VISIT: vs.VISIT
  VSDTC: vs.DAT | iso 'y-m-d'
"""
RAW = """\
SUBJ,VISIT,DONE,PULSE,TEMP,WHY,DAT
1,V1,Y,60,36.6,,2026-01-01
1,V2,N,61,,broken,2026-02-02
1,V2,N,,,ill,2026-02-01
2,V1,N,,,,
2,V2,Y,,37,refused,2026-03-01
"""


def described(folder, name, datasets, raw):
    loaded = load_study(write_study(folder, datasets, raw))
    delivered = read_delivery(loaded, folder / "raw")
    program = resolve_with(loaded, delivered)
    result = run(program, delivered)
    return describe(program, result, name, standard="SDTMIG"), result


def records(dataset, *names):
    columns = [dataset.table.column(name).to_pylist() for name in names]
    return list(zip(*columns, strict=True))


def test_records_of_a_block_have_its_values_and_the_others_those_of_the_lines(tmp_path):
    vs, result = described(tmp_path, "VS", {"sdtm/vs": VS}, {"vs": RAW})
    names = ("USUBJID", "VSTESTCD", "VISIT", "VSORRES", "VSORRESU", "VSSTAT", "VSREASND", "VSSEQ")
    assert records(vs, *names) == [
        ("S1-1", "PULSE", "V1", "60", "beats/min", None, None, 1.0),
        ("S1-1", "TEMP", "V1", "36.6", "C", None, None, 2.0),
        ("S1-1", "VSALL", "V2", None, None, "NOT DONE", "ILL", 3.0),
        ("S1-2", "TEMP", "V2", "37", "C", None, None, 1.0),
        ("S1-2", "VSALL", "V1", None, None, "NOT DONE", None, 2.0),
    ]
    assert [(one.used, one.excluded) for one in result.uses] == [(4, 1)]


def test_the_origin_is_that_of_all_pieces_together(tmp_path):
    vs, _ = described(tmp_path, "VS", {"sdtm/vs": VS}, {"vs": RAW})
    origins = {one.name: one.origin.type for one in vs.variables}
    assert origins["VSTESTCD"] == "Assigned"
    assert origins["VSSTAT"] == "Assigned"
    assert origins["VSREASND"] == "Collected"


def test_the_method_says_each_piece_and_the_records_that_it_is_for(tmp_path):
    ae = """\
dataset: AE
rows:
  - {each: "ae where KIND = 'S'", set: {AESTDY: (ae.DAY | num) + 1, AESPID: ae.NO}}
  - each ae where KIND <> 'S'
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESTDY: ae.DAY | num
"""
    raw = {"ae": "SUBJ,KIND,TERM,DAY,NO\n1,S,A,1,7\n1,T,B,1,8\n1,,C,,9\n"}
    dataset, _ = described(tmp_path, "AE", {"sdtm/ae": ae}, raw)
    assert records(dataset, "AETERM", "AESTDY", "AESPID") == [
        ("A", 2.0, "7"),
        ("B", 1.0, None),
        ("C", None, None),
    ]
    assert dataset.variable("AESTDY").method.text == (
        "On records of ae where KIND equals 'S': (the numeric value of ae.DAY) plus 1."
        " A text that is not a number gives missing."
        " On the others: the numeric value of ae.DAY. A text that is not a number gives missing."
    )


def test_a_block_may_set_what_a_date_writes_beside_itself(tmp_path):
    adae = """\
dataset: ADAE
rows:
  - each: AE where AESPID = '1'
    set: {ASTDT: AE.AESTDTC | impute date last from month flag ASTDTF}
  - each AE where AESPID <> '1'
keys: [USUBJID, AESPID]
copy: {AE: [AESPID]}
variables:
  ASTDT: AE.AESTDTC | impute date first from month flag ASTDTF
"""
    ae = """\
dataset: AE
rows: each ae
keys: [USUBJID, AESPID]
variables:
  AESPID: ae.NO
  AESTDTC: ae.DAT | iso 'y-m-d' 'y-m' 'y'
"""
    raw = {"ae": "SUBJ,NO,DAT\n1,1,2026-02\n1,2,2026-02\n1,3,2026-02-03\n"}
    dataset, _ = described(tmp_path, "ADAE", {"sdtm/ae": ae, "adam/adae": adae}, raw)
    found = records(dataset, "AESPID", "ASTDT", "ASTDTF")
    assert [(one, str(day), flag) for one, day, flag in found] == [
        ("1", "2026-02-28", "D"),
        ("2", "2026-02-01", "D"),
        ("3", "2026-02-03", None),
    ]


def test_a_parameter_record_for_each_subject_says_whether_there_is_an_event(tmp_path):
    datasets = {
        "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: USUBJID\nvariables: {SUBJID: dm.SUBJ}\n",
        "sdtm/ae": "dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\n"
        "variables: {AETERM: ae.TERM, AESER: ae.SER}\n",
        "adam/adsl": "dataset: ADSL\nrows: each DM\nkeys: USUBJID\ncopy: {DM: [SUBJID]}\n",
        "adam/adpar": """\
dataset: ADPAR
class: BASIC DATA STRUCTURE
rows:
  - {each: ADSL, set: {PARAMCD: const ANYAE, AVALC: yn(any AE), AVAL: count AE}}
  - {each: ADSL, set: {PARAMCD: const ANYSER, AVALC: yn(any AE where AE.AESER = 'Y')}}
  - {each: AE, set: {PARAMCD: const TERM, AVALC: AE.AETERM}}
keys: [USUBJID, PARAMCD, AVALC]
variables:
  SUBJID: {map: ADSL.SUBJID, label: Subject}
""",
    }
    raw = {"dm": "SUBJ\n1\n2\n3\n", "ae": "SUBJ,TERM,SER\n1,A,N\n2,A,Y\n2,B,\n"}
    dataset, _ = described(tmp_path, "ADPAR", datasets, raw)
    assert records(dataset, "USUBJID", "PARAMCD", "AVALC", "AVAL") == [
        ("S1-1", "ANYAE", "Y", 1.0),
        ("S1-1", "ANYSER", "N", None),
        ("S1-1", "TERM", "A", None),
        ("S1-2", "ANYAE", "Y", 2.0),
        ("S1-2", "ANYSER", "Y", None),
        ("S1-2", "TERM", "A", None),
        ("S1-2", "TERM", "B", None),
        ("S1-3", "ANYAE", "N", 0.0),
        ("S1-3", "ANYSER", "N", None),
    ]
    assert dataset.variable("AVALC").method.text == (
        "On records where PARAMCD equals 'ANYAE':"
        " 'Y' where the subject has a record of AE, otherwise 'N'."
        " On records where PARAMCD equals 'ANYSER': 'Y' where the subject has a record of AE"
        " in which AE.AESER equals 'Y', otherwise 'N'."
        " On records where PARAMCD equals 'TERM': AE.AETERM."
    )


def test_records_of_two_analysis_datasets_keep_the_values_of_their_own(tmp_path):
    """Both sources number their records from one: neither may read those of the other."""
    part = """\
dataset: {name}
submit: no
rows: each {form}
keys: [USUBJID, PARAMCD]
variables: {{PARAMCD: {form}.CODE, AVAL: {form}.VALUE | num}}
"""
    datasets = {
        "adam/ada": part.format(name="ADA", form="a"),
        "adam/adb": part.format(name="ADB", form="b"),
        "adam/adall": """\
dataset: ADALL
class: BASIC DATA STRUCTURE
rows: [each ADA, each ADB]
keys: [USUBJID, PARAMCD]
variables:
  PARAMCD: coalesce(ADA.PARAMCD, ADB.PARAMCD)
  AVAL: coalesce(ADA.AVAL, ADB.AVAL)
""",
    }
    raw = {"a": "SUBJ,CODE,VALUE\n1,X,1\n1,Y,\n", "b": "SUBJ,CODE,VALUE\n1,P,3\n1,Q,4\n2,P,\n"}
    dataset, _ = described(tmp_path, "ADALL", datasets, raw)
    assert records(dataset, "USUBJID", "PARAMCD", "AVAL") == [
        ("S1-1", "P", 3.0),
        ("S1-1", "Q", 4.0),
        ("S1-1", "X", 1.0),
        ("S1-1", "Y", None),
        ("S1-2", "P", None),
    ]


def test_the_tests_of_a_melt_may_set_variables_too(tmp_path):
    where = "    where: DONE = 'Y'\n"
    more = "    set: {VSPOS: const SITTING, VISIT: vs.VISIT | lower}\n"
    vs = VS.replace(where, where + more)
    dataset, _ = described(tmp_path, "VS", {"sdtm/vs": vs}, {"vs": RAW})
    assert records(dataset, "VSTESTCD", "VISIT", "VSPOS") == [
        ("PULSE", "v1", "SITTING"),
        ("TEMP", "v1", "SITTING"),
        ("VSALL", "V2", None),
        ("TEMP", "v2", "SITTING"),
        ("VSALL", "V1", None),
    ]


def test_what_a_subject_has_once_is_found_on_the_records_of_every_source(tmp_path):
    adsl = "dataset: ADSL\nrows: each DM\nkeys: USUBJID\nvariables:\n  TRT01P: DM.ARM\n"
    adrs = """\
dataset: ADRS
class: BASIC DATA STRUCTURE
label: Responses
rows:
  - {each: RS, set: {PARAMCD: const OVR, AVALC: RS.RSORRES, ADT: RS.RSDTC | date}}
  - each: ADSL
    set:
      PARAMCD: const BOR
      AVALC: first BEST.AVALC where BEST.AVALC <> 'NE' order BEST.ADT
      ADT: min BEST.ADT where BEST.AVALC = AVALC
keys: [USUBJID, PARAMCD, ADT]
copy: {ADSL: [TRT01P]}
variables: {}
"""
    best = """\
dataset: BEST
submit: "no"
rows: each RS
keys: [USUBJID, ADT]
variables:
  ADT:   RS.RSDTC | date
  AVALC: RS.RSORRES
"""
    dm = "dataset: DM\nrows: each dm\nkeys: USUBJID\nvariables:\n  ARM: dm.ARM\n"
    rs = (
        "dataset: RS\nrows: each rs\nkeys: [USUBJID, RSDTC]\nvariables:\n"
        "  RSORRES: rs.RES\n  RSDTC: rs.DAT | iso 'y-m-d'\n"
    )
    raw = {"dm": "SUBJ,ARM\n1,A\n2,B\n", "rs": "SUBJ,DAT,RES\n1,2026-01-09,NE\n1,2026-02-09,PR\n"}
    datasets = {
        "sdtm/dm": dm, "sdtm/rs": rs, "adam/adsl": adsl, "adam/adrs": adrs, "adam/best": best,
    }  # fmt: skip

    table = build(write_study(tmp_path, datasets, raw)).tables["ADRS"]

    names = ["USUBJID", "PARAMCD", "AVALC", "ADT", "TRT01P"]
    assert [tuple(row.values()) for row in table.select(names).to_pylist()] == [
        ("S1-1", "BOR", "PR", dt.date(2026, 2, 9), "A"),
        ("S1-1", "OVR", "NE", dt.date(2026, 1, 9), "A"),
        ("S1-1", "OVR", "PR", dt.date(2026, 2, 9), "A"),
        ("S1-2", "BOR", None, None, "B"),
    ]
