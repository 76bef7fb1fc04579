import dataclasses
import sys

import pytest

from cdisc.adam import build_adam
from cdisc.engine.resolve import resolve
from cdisc.engine.run import run
from cdisc.errors import SpecError
from cdisc.sdtm import build_sdtm
from cdisc.spec import load_study
from tests.study_builder import build, read_delivery, resolve_with, write_study

DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ
  RFSTDTC: dm.FIRST | iso 'y-m-d'
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESTDTC: ae.DAT | iso 'y-m-d'
"""
RAW = {
    "dm": "SUBJ,FIRST\n001,2026-01-05\n002,\n",
    "ae": "SUBJ,TERM,DAT\n002,b,2026-01-05\n001,x,\n001,a,2026-02-01\n",
}
RESPONSES = """\
steps:
  - python: functions.best
    reads: [SUBJID]
    with: {AE: [AETERM, AESTDTC]}
    writes: {BEST: {label: Best Term, type: text}, BESTN: {label: Number of Terms, type: number}}
    says: The greatest term of the subject, and how many terms the subject has.
"""


SAME = """\
def number(records):
    return records[["AETERM"]].set_axis(["AESPID"], axis=1)
"""


def study(folder, *, events="", functions="", adam="", raw=None):
    datasets = {"sdtm/ae": AE + events, "sdtm/dm": DM}
    if adam:
        datasets["adam/adsl"] = adam
    home = write_study(folder / "S1", datasets, {**RAW, **(raw or {})})
    (home / "functions.py").write_text(functions)
    return home


def column(result, name, dataset="AE"):
    return result.tables[dataset].column(name).to_pylist()


def mistakes(folder):
    with pytest.raises(SpecError) as caught:
        build(folder)
    return caught.value.diagnostics


NUMBER = """\
steps:
  - python: functions.number
    reads: [AETERM]
    writes: [AESPID]
    says: The number of the event.
"""


def test_a_function_gets_its_reads_and_the_subject_in_the_order_of_the_file_by_subject(tmp_path):
    functions = """\
def number(records):
    assert list(records.columns) == ["USUBJID", "AETERM"]
    assert list(records["USUBJID"]) == ["S1-001", "S1-001", "S1-002"]
    assert list(records["AETERM"]) == ["x", "a", "b"]
    return (records.groupby("USUBJID").cumcount() + 1).astype(str).to_frame("AESPID")
"""
    result = build(study(tmp_path, events=NUMBER, functions=functions))

    assert column(result, "AETERM") == ["a", "x", "b"]
    assert column(result, "AESPID") == ["2", "1", "1"]


def test_a_function_may_sort_its_records_for_they_are_told_apart_by_their_index(tmp_path):
    functions = """\
def number(records):
    ordered = records.sort_values("AETERM", ascending=False)
    return ordered["AETERM"].str.upper().to_frame("AESPID")
"""
    result = build(study(tmp_path, events=NUMBER, functions=functions))

    assert column(result, "AESPID") == ["A", "X", "B"]


def test_a_step_reads_what_a_join_finds_and_a_line_uses_what_it_writes(tmp_path):
    ae = "  AESER: when AESPID = '2026-01-05' then 'Y' else 'N'\n" + NUMBER.replace(
        "[AETERM]", "[DM.RFSTDTC, ae.TERM]"
    )
    functions = """\
def number(records):
    assert list(records.columns) == ["USUBJID", "DM.RFSTDTC", "ae.TERM"]
    return records[["DM.RFSTDTC"]].set_axis(["AESPID"], axis=1)
"""
    result = build(study(tmp_path, events=ae, functions=functions))

    assert column(result, "AESPID") == ["2026-01-05", "2026-01-05", None]
    assert column(result, "AESER") == ["Y", "Y", "N"]


ADSL = """\
dataset: ADSL
rows: each DM
keys: [USUBJID]
copy: {DM: [STUDYID, USUBJID, SUBJID]}
variables:
"""
ADSL_BLOCK = "  FIRST: {map: DM.RFSTDTC | date, label: First Day}\n"


def test_a_function_sees_all_records_of_another_dataset(tmp_path):
    functions = """\
import pandas as pd

def best(records, ae):
    assert list(ae.columns) == ["USUBJID", "AETERM", "AESTDTC"]
    terms = ae.groupby("USUBJID")["AETERM"].agg(["max", "count"])
    found = records.join(terms, on="USUBJID")
    return pd.DataFrame({"BESTN": found["count"], "BEST": found["max"]})
"""
    adam = ADSL + ADSL_BLOCK + RESPONSES
    home = study(tmp_path, adam=adam, functions=functions)

    result = build(home)

    assert column(result, "BEST", "ADSL") == ["x", "b"]
    assert column(result, "BESTN", "ADSL") == [2.0, 1.0]


def test_types_come_back_as_the_language_has_them(tmp_path):
    adam = (
        ADSL
        + ADSL_BLOCK
        + """\
steps:
  - python: functions.all
    reads: [FIRST]
    writes:
      NEXT: {label: Next Day, type: date}
      AT: {label: At, type: datetime}
      N: {label: Number, type: number}
      TEXT: {label: Text, type: text}
      DTC: {label: Text of a Date, type: dtc}
    says: Everything.
"""
    )
    functions = """\
import pandas as pd

def all(records):
    first = records["FIRST"]
    assert str(first.dtype).startswith("datetime64"), first.dtype
    return pd.DataFrame({
        "DTC": first.dt.strftime("%Y-%m"),
        "NEXT": first + pd.Timedelta(days=1),
        "AT": first + pd.Timedelta(hours=13),
        "N": pd.Series([7, None], dtype="Int64"),
        "TEXT": ["", "y"],
    })
"""
    result = build(study(tmp_path, adam=adam, functions=functions))

    shown = {
        name: [None if v is None else str(v) for v in column(result, name, "ADSL")]
        for name in ("NEXT", "AT", "N", "TEXT", "DTC")
    }
    assert shown == {
        "NEXT": ["2026-01-06", None],
        "AT": ["2026-01-05 13:00:00", None],
        "N": ["7.0", None],
        "TEXT": [None, "y"],
        "DTC": ["2026-01", None],
    }


@pytest.mark.parametrize(
    ("kind", "given", "found"),
    [
        ("number", "[1.0, float('inf')]", "inf"),
        ("number", "['1', '2']", "values of type"),
        ("text", "[1, 2]", "values of type int64"),
        ("text", "['a', 1]", "several types"),
        ("dtc", "['2026-01-05', '5 Jan 2026']", "'5 Jan 2026'"),
        ("date", "pd.to_datetime(['2026-01-05 00:00', '2026-01-05 08:00'])", "8, 0"),
        ("datetime", "pd.to_datetime(['2026-01-05', None]).tz_localize('UTC')", "tz=UTC"),
        ("datetime", "pd.to_datetime(['2026-01-05 08:00:00.5', None])", "500000"),
    ],
)
def test_a_value_of_another_type_is_an_error_that_shows_it(tmp_path, kind, given, found):
    adam = (
        ADSL
        + ADSL_BLOCK
        + f"""\
steps:
  - python: functions.one
    reads: [FIRST]
    writes: {{ONE: {{label: One, type: {kind}}}}}
    says: One.
"""
    )
    functions = (
        f"import pandas as pd\n\ndef one(records):\n    return pd.DataFrame({{'ONE': {given}}})\n"
    )

    (one,) = mistakes(study(tmp_path, adam=adam, functions=functions))

    assert one.code == "SPEC064"
    assert found in one.found[0]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("records['AETERM']", "Series"),
        ("records[['AETERM']].head(2).set_axis(['AESPID'], axis=1)", "2 records"),
        (
            "records[['AETERM']].set_axis(['AESPID'], axis=1).set_axis([7, 8, 9])",
            "another index",
        ),
        ("records[[]]", "the columns none"),
    ],
)
def test_a_function_that_gives_other_records_or_columns_is_an_error(tmp_path, body, found):
    functions = f"def number(records):\n    return {body}\n"

    (one,) = mistakes(study(tmp_path, events=NUMBER, functions=functions))

    assert (one.code, one.found) == ("SPEC064", (found,))


def test_a_step_over_no_records_gives_none(tmp_path):

    result = build(study(tmp_path, events=NUMBER, functions=SAME, raw={"ae": "SUBJ,TERM,DAT\n"}))

    assert column(result, "AESPID") == []


def test_nothing_of_a_study_stays_behind(tmp_path):
    home = study(
        tmp_path,
        events=NUMBER,
        functions=SAME,
    )
    before, path = sorted(home.rglob("*")), [*sys.path]

    build(home)

    assert sorted(home.rglob("*")) == before
    assert sys.path == path
    assert "functions" not in sys.modules


def test_a_query_computes_several_variables(tmp_path):
    ae = """\
steps:
  - sql: >-
      SELECT _row, upper(AETERM) AS AEMODIFY, count(*) OVER (PARTITION BY USUBJID) AS AEN
      FROM records JOIN DM USING (USUBJID) ORDER BY AETERM
    reads: AETERM
    with: {DM: SUBJID}
    writes: {AEMODIFY: {}, AEN: {label: Events, type: number}}
    says: The term in capital letters, and the number of events of the subject.
"""
    result = build(study(tmp_path, events=ae))

    assert column(result, "AEMODIFY") == ["A", "X", "B"]
    assert column(result, "AEN") == [2.0, 2.0, 1.0]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT _row, CAST(now() AS VARCHAR) AS AESPID FROM records",
        "SELECT _row, CAST(current_date AS VARCHAR) AS AESPID FROM records",
        "SELECT _row, CAST(random() AS VARCHAR) AS AESPID FROM records",
        "SELECT _row, CAST(age(DATE '2026-01-01') AS VARCHAR) AS AESPID FROM records",
        "SELECT _row, getvariable('x') AS AESPID FROM records",
        "SELECT _row, current_setting('threads') AS AESPID FROM records",
        "SELECT _row, AETERM AS AESPID FROM records USING SAMPLE 3",
        "SELECT _row, AETERM AS AESPID FROM records, duckdb_settings()",
        "SELECT _row, AETERM AS AESPID FROM records, 'x.csv'",
        "SELECT _row, AETERM AS AESPID FROM records, read_csv('x.csv')",
        "SELECT _row, AETERM AS AESPID FROM (SELECT * FROM information_schema.tables), records",
        "SELECT _row, (SELECT path FROM glob('*')) AS AESPID FROM records",
        "COPY records TO 'x.csv'",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
    ],
)
def test_a_query_reaches_nothing_but_its_records(tmp_path, query):
    ae = f"""\
steps:
  - sql: "{query}"
    reads: AETERM
    writes: AESPID
    says: Something.
"""
    with pytest.raises(SpecError) as caught:
        resolve(load_study(study(tmp_path, events=ae)))

    assert [one.code for one in caught.value.diagnostics] == ["SPEC062"]


def test_a_query_may_name_its_own_relations(tmp_path):
    ae = """\
steps:
  - sql: >-
      WITH longest AS (SELECT max(length(AETERM)) AS n FROM records)
      SELECT _row, repeat(AETERM, n + 1) AS AESPID FROM records, longest, range(1)
    reads: AETERM
    writes: AESPID
    says: The term twice.
"""
    assert column(build(study(tmp_path, events=ae)), "AESPID") == ["aa", "xx", "bb"]


def test_a_variable_that_has_a_line_is_not_written_by_a_step(tmp_path):
    ae = NUMBER.replace("AESPID", "AESTDTC")

    found = mistakes(
        study(tmp_path, events=ae, functions="def number(records):\n    return records\n")
    )

    assert [(one.code, one.fact) for one in found] == [("SPEC002", '"AESTDTC" is written twice')]


def test_what_a_step_reads_has_to_be_there(tmp_path):
    ae = NUMBER.replace("[AETERM]", "[AETREM, DM.RFSTDT, EX.EXTRT]")

    found = mistakes(
        study(tmp_path, events=ae, functions="def number(records):\n    return records\n")
    )

    assert [(one.code, one.span.line, one.span.column) for one in found] == [
        ("SPEC017", 9, 13),
        ("SPEC017", 9, 21),
        ("SPEC018", 9, 32),
    ]


@pytest.mark.parametrize("key", ["reads", "writes", "says"])
def test_a_step_says_what_it_reads_and_writes_and_does(tmp_path, key):
    lines = [line for line in NUMBER.splitlines() if f"{key}:" not in line]

    found = mistakes(
        study(tmp_path, events="\n".join(lines) + "\n", functions="def number(r):\n    return r\n")
    )

    assert [(one.code, one.fact) for one in found] == [("SPEC006", f'steps.0 has no "{key}"')]


def test_a_variable_of_a_step_is_derived_by_what_the_step_says(tmp_path):
    functions = """\
def best(records, ae):
    terms = ae.groupby("USUBJID")["AETERM"].agg(BEST="max", BESTN="count")
    return records.join(terms, on="USUBJID")[["BEST", "BESTN"]]
"""
    home = study(tmp_path, adam=ADSL + ADSL_BLOCK + RESPONSES, functions=functions)
    loaded = load_study(home)
    raw = read_delivery(loaded, home / "raw")
    program = resolve_with(loaded, raw)

    best = build_adam(program, run(program, raw)).dataset("ADSL").variable("BEST")

    assert (best.label, best.origin.type, best.length) == ("Best Term", "Derived", 1)
    assert dataclasses.astuple(best.method) == (
        "The greatest term of the subject, and how many terms the subject has.",
        "functions.best",
    )
    needs = program.datasets["ADSL"].variables["BEST"].needs
    assert {("AE", "AETERM"), ("AE", "AESTDTC"), ("AE", "*"), ("ADSL", "SUBJID")} <= needs
    assert build_sdtm(program, run(program, raw)).dataset("AE").variable("AETERM").origin


LB = """\
dataset: LB
rows: each lb
keys: [USUBJID, LBTESTCD, LBSPID]
variables: {LBSPID: lb.NO, LBTESTCD: lb.TEST, LBTEST: lb.TEST, LBORRES: lb.VALUE}
"""
ADLB = """\
dataset: ADLB
rows: each LB
keys: [USUBJID, PARAMCD, DTYPE]
work: {VALUE: AVAL + 1}
variables:
  PARAMCD: LB.LBTESTCD
  PARAM: PARAMCD
  AVAL: LB.LBORRES | num
  CHG: DOUBLED - AVAL
steps:
  - sql: >-
      SELECT _row, "VALUE" * 2 AS DOUBLED, TIME '08:15:00' AS ATM, "LB.LBORRES" AS SAID
      FROM records
    reads: [VALUE, LB.LBORRES]
    writes: {DOUBLED: {label: Doubled, type: number}, ATM: {}, SAID: {label: Said, type: text}}
    says: Twice the value.
records:
  - by: [USUBJID]
    set: {PARAMCD: const ALL, AVAL: sum DOUBLED, DTYPE: const SUM}
"""


def test_a_step_runs_on_further_records_too_and_may_write_times(tmp_path):
    raw = {"lb": "SUBJ,TEST,NO,VALUE\n1,A,1,10\n1,B,2,20\n"}
    folder = write_study(tmp_path, {"sdtm/lb": LB, "adam/adlb": ADLB}, raw)
    table = build(folder).tables["ADLB"]
    names = ("PARAMCD", "AVAL", "DOUBLED", "CHG", "SAID")
    rows = sorted(zip(*(table.column(name).to_pylist() for name in names), strict=True))
    # what a step takes from the row source, a record that has none does not have
    assert rows == [
        ("A", 10.0, 22.0, 12.0, "10"),
        ("ALL", 64.0, None, None, None),
        ("B", 20.0, 42.0, 22.0, "20"),
    ]
    assert [str(one) for one in table.column("ATM").to_pylist()].count("08:15:00") == 2
