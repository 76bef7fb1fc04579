"""One study with every feature of the language: neither threads nor the order of files decide."""

import random

import pytest

from cdisc.engine.run import run
from cdisc.spec import load_study
from tests.study_builder import read_delivery, resolve_with, write_study

STUDY = """study: {id: S1, usubjid: "'S1-' + subject", cutoff: 2015-06-30}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28}
raw:
  dm: {file: dm.csv, subject: SUBJ}
  ae: {file: ae.csv, subject: SUBJ, record: NO}
  ex: {file: ex.csv, subject: SUBJ, missing: [ND], where: DOSE is not missing}
  vs: {file: vs.csv, subject: SUBJ}
terms:
  SEV: {mild: MILD, severe: SEVERE}
let:
  dosed: EX.EXDOSE > 0
  "quotient(a, b)": when b <> 0 then a / b
  "before_this(x)": last other.AVAL where other.ADT before ADT by PARAMCD order other.ADT other.AVAL
tables:
  visits: {columns: [AVISITN, AVISIT], rows: [['1', Baseline], ['2', Week 2], ['3', Week 4]]}
  windows:
    columns: [low, high, AVISITN]
    rows: [['', '1', '1'], ['2', '20', '2'], ['21', '', '3']]
"""
DATASETS = {
    "sdtm/dm": """dataset: DM
rows: each dm
keys: USUBJID
work:
  NUMBER_OF_EVENTS: count AE
variables:
  SUBJID: dm.SUBJ
  RFSTDTC: min EX.EXSTDTC where dosed
  RFENDTC: max EX.EXSTDTC where dosed
  BRTHDTC: dm.BIRTH | iso 'y-m-d' 'y-m' 'y'
  RACE: one_or_multiple(dm.WHITE | box WHITE, dm.ASIAN | box ASIAN)
  COUNTRY: dm.COUNTRY | iso3166
  ARM: when NUMBER_OF_EVENTS > 1 then 'MANY' else 'FEW'
  ARMCD: ARM
no_data: {Not asked for: [ETHNIC]}
""",
    "sdtm/ex": """dataset: EX
rows: each ex
keys: [USUBJID, EXSTDTC]
variables:
  EXTRT: const DRUG
  EXDOSE: ex.DOSE | num
  EXSTDTC: "ex.D | iso 'y-m-d'"
  EXSTDY: study_day(EXSTDTC)
  EPOCH: epoch(EXSTDTC)
""",
    "sdtm/se": """dataset: SE
rows:
  - each: dm
    set:
      ETCD: const SCR
      ELEMENT: const Screening
      SESTDTC: "const '2014-01-01'"
      SEENDTC: DM.RFSTDTC
      EPOCH: const SCREENING
  - each: dm
    set:
      ETCD: const TRT
      ELEMENT: const Treatment
      SESTDTC: DM.RFSTDTC
      SEENDTC: "''"
      EPOCH: const TREATMENT
keys: [USUBJID, ETCD]
variables: {}
""",
    "sdtm/ae": """dataset: AE
rows: each ae where TERM is not missing and any ex where ex.DOSE is not missing
keys: [USUBJID, AETERM, AESPID]
coded:
  MedDRA 27.1: {from: ae, variables: [AEDECOD]}
variables:
  AESPID: ae.NO
  AETERM: ae.TERM | squish | upper | split into 2
  AESEV: ae.SEV | ct
  AESTDTC: "ae.D | iso 'y-m-d' 'y-m'"
  AESTDY: study_day(AESTDTC)
supp:
  AELINE: {label: Line, map: ae.NO, by: INVESTIGATOR}
relate:
  EX: datasets AEDECOD = EX.EXTRT many to one
  CM: [AESPID = CM.CMSPID]
checks:
  - not (AESTDTC before DM.RFSTDTC)
""",
    "sdtm/cm": """dataset: CM
rows: each ae keep first by SUBJ order NO
keys: [USUBJID, CMTRT]
variables:
  CMTRT: const ASPIRIN
  CMSPID: ae.NO
""",
    "sdtm/vs": """dataset: VS
submit: "no"
rows:
  melt: vs
  tests:
    columns: [result, unit]
    WEIGHT: [WT, kg]
    HEIGHT: [HT, cm]
keys: [USUBJID, VSTESTCD, VSDTC]
variables:
  VSTESTCD: test.code
  VSTEST: test.code | decode VSTESTCD
  VSORRES: test.result
  VSORRESU: test.unit
  VSSTRESN: VSORRES | num
  VSDTC: "vs.D | iso 'y-m-d'"
  VSDY: study_day(VSDTC)
""",
    "sdtm/tv": """dataset: TV
rows: each visits
keys: VISITNUM
variables:
  VISITNUM: visits.AVISITN | num
  VISIT: visits.AVISIT
  TVSTRL: const 'As planned'
""",
    "adam/adsl": """dataset: ADSL
rows: each DM
keys: USUBJID
copy:
  DM: [SUBJID, RFSTDTC]
variables:
  TRTSDT: DM.RFSTDTC | date
  TRTEDT: DM.RFENDTC | date
  BRTHDT: {map: DM.BRTHDTC | impute date mid from month, label: Date of Birth, type: date}
  LSTALVDT: >-
    max latest(AE.AESTDTC, EX.EXSTDTC)
    | impute date first from month not before TRTSDT flag LSTALVDF
  SAFFL: yn(any EX where dosed)
  AGEGR1: bands(quotient(TRTSDT - BRTHDT, 365.25), '<40', '>=40')
populations: [SAFFL]
""",
    "adam/advs": """dataset: ADVS
rows: each VS
keys: [USUBJID, PARAMCD, AVISITN, ADT, DTYPE]
variables:
  PARAMCD: VS.VSTESTCD
  PARAM: VS.VSTEST
  ADT: VS.VSDTC | date
  ADY: VS.VSDY
  AVISITN: ADY | within windows AVISITN
  AVISIT: AVISITN | text | lookup visits AVISIT
  AVAL: VS.VSSTRESN
  PREVIOUS: {map: before_this(AVAL), label: Value Before, type: number}
  ASEQN: {map: number by USUBJID PARAMCD order ADT DTYPE AVISITN AVAL, label: Number, type: number}
  ABLFL: flag last where AVISITN = 1 and AVAL is not missing by USUBJID PARAMCD order ADT DTYPE
  BASE: first AVAL where ABLFL = 'Y' by USUBJID PARAMCD order ADT DTYPE
  CHG: chg(AVAL, BASE)
  PCHG: pchg(AVAL, BASE)
records:
  - where: AVAL is not missing
    by: [USUBJID, PARAMCD, AVISITN]
    when: count records > 1
    set: {AVAL: mean AVAL, ADT: max ADT, DTYPE: const AVERAGE}
  - where: AVAL is not missing
    by: [USUBJID, PARAMCD]
    expect: visits
    when: AVAL is not missing
    set: {AVAL: last AVAL where AVISITN < new.AVISITN order AVISITN ADT DTYPE, DTYPE: const LOCF}
steps:
  - python: functions.doubled
    reads: [AVAL]
    with: {EX: [EXDOSE]}
    writes: {DOUBLE: {label: Doubled, type: number}, NOTED: {label: Noted, type: date}}
    says: Twice the value.
  - sql: SELECT _row, count(*) OVER (PARTITION BY PARAMCD) AS NPAR FROM records
    reads: PARAMCD
    writes: {NPAR: {label: Records of the Parameter, type: number}}
    says: How many records the parameter has.
""",
    "adam/adtte": """dataset: ADTTE
class: BASIC DATA STRUCTURE
rows: params for each ADSL where TRTSDT is not missing
keys: [USUBJID, PARAMCD]
events:
  severe:
    date: AE.AESTDTC | impute date first from month flag EVENTF
    when: AESEV = 'SEVERE'
    says: Severe event
  mild:
    date: AE.AESTDTC | impute date first from month flag EVENTF
    when: AESEV = 'MILD'
    says: Mild event
censors:
  alive: {date: ADSL.LSTALVDT, says: Last known alive}
params:
  TTS:
    label: Time to Severe Event
    start: ADSL.TRTSDT
    events: [severe]
    competing: [mild]
    censors: [alive]
variables:
  PARAMN: param.order
  AVAL: ADT - STARTDT + 1
""",
}
FUNCTIONS = """import pandas as pd


def doubled(records, ex):
    shuffled = records.iloc[::-1]
    made = pd.DataFrame({"DOUBLE": shuffled["AVAL"] * 2}, index=shuffled.index)
    made["NOTED"] = pd.Timestamp("2014-01-01")
    return made
"""
RAW = {
    "dm": """\
SUBJ,BIRTH,WHITE,ASIAN,COUNTRY
1,1980-05-01,X,,Germany
2,1950-05,X,X,jp
3,1990,,,USA
""",
    "ae": f"""\
SUBJ,NO,TERM,SEV,D,AEDECOD
1,1,head ache,mild,2014-01-10,Headache
1,2,{"long " * 50},severe,2014-02,Other
2,1,nausea,severe,2014-01-20,Nausea
2,2,nausea,mild,2014-01-20,Nausea
3,1,,mild,2014-01-20,x
""",
    "ex": "SUBJ,D,DOSE\n1,2014-01-05,5\n1,2014-01-19,5\n2,2014-01-06,0.5\n2,2014-01-13,ND\n",
    "vs": """\
SUBJ,D,WT,HT
1,2014-01-04,70,170
1,2014-01-05,71.5,
1,2014-01-12,72,
2,2014-01-05,80,180
2,2014-01-30,81,
2,2014-01-31,83,
""",
}


def built(folder, raw, threads):
    write_study(folder, DATASETS, raw, STUDY)
    (folder / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
    loaded = load_study(folder)
    collected = read_delivery(loaded, folder / "raw")
    result = run(resolve_with(loaded, collected), collected, threads=threads)
    return {name: table.to_pydict() for name, table in result.tables.items()}, result


def shuffled(text, seed):
    head, *records = text.splitlines(keepends=True)
    random.Random(seed).shuffle(records)  # noqa: S311  no secret
    return head + "".join(records)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return built(tmp_path_factory.mktemp("whole") / "study", RAW, 1)


@pytest.mark.parametrize(("seed", "threads"), [(None, 2), (1, 1), (2, 2)])
def test_the_same_records_in_any_order_and_on_any_threads_give_the_same_values(
    whole, tmp_path, seed, threads
):
    raw = {name: text if seed is None else shuffled(text, seed) for name, text in RAW.items()}

    found, _result = built(tmp_path / "study", raw, threads)

    assert found == whole[0]


def test_values_that_rest_on_several_features_are_those_by_hand(whole):
    tables = whole[0]
    assert tables["DM"]["RFSTDTC"] == ["2014-01-05", "2014-01-06", None]
    assert tables["DM"]["ARMCD"] == ["MANY", "MANY", "FEW"]  # two, two, no event
    assert tables["AE"]["AESEV"] == ["MILD", "SEVERE", "SEVERE", "MILD"]
    assert tables["AE"]["AESTDY"] == [6.0, None, 15.0, 15.0]
    assert tables["SUPPDM"]["QVAL"] == ["WHITE", "ASIAN"]
    assert tables["EX"]["EPOCH"] == ["TREATMENT"] * 3
    assert tables["ADSL"]["LSTALVDF"] == ["D", None, None]
    assert tables["ADTTE"]["CNSR"] == [2.0, 0.0]  # a mild event came first; both on one day
    advs = tables["ADVS"]
    mine = [
        at
        for at, (subject, code) in enumerate(zip(advs["USUBJID"], advs["PARAMCD"], strict=True))
        if (subject, code) == ("S1-1", "WEIGHT")
    ]
    assert [advs["DTYPE"][at] for at in mine] == [None, None, "AVERAGE", None, "LOCF"]
    assert [advs["AVAL"][at] for at in mine] == [70.0, 71.5, 70.75, 72.0, 72.0]
    assert [advs["CHG"][at] for at in mine] == [-0.75, 0.75, 0.0, 1.25, 1.25]
    assert [advs["PREVIOUS"][at] for at in mine] == [None, 70.0, 70.0, 71.5, None]
    assert [advs["DOUBLE"][at] for at in mine] == [140.0, 143.0, 141.5, 144.0, 144.0]
    assert {advs["NPAR"][at] for at in mine} == {10.0}


def test_nothing_but_what_is_expected_is_reported(whole):
    assert sorted({one.code for one in whole[1].findings}) == ["DATA030"]
