"""Records made from study tables: trial design, whose records belong to no subject."""

import datetime as dt

import pytest

from cdisc.dataset import Origin
from cdisc.errors import RawDataError
from cdisc.pipeline import build, build_in_memory
from define_xml import check_define
from tests.study_builder import write_study

STUDY = """\
tables:
  visits:
    columns: [VISITNUM, VISIT, DAY, KIND]
    rows:
      - ['2', Week 1, '8', planned]
      - ['1', Baseline, '1', planned]
      - ['10', Week 9, '', planned]
      - ['99', Unscheduled, '', other]
"""
TV = """\
dataset: TV
rows: each visits where KIND = 'planned'
keys: [VISITNUM]
variables:
  VISITNUM: visits.VISITNUM | num
  VISIT: visits.VISIT
  VISITDY: visits.DAY | num
  TVSTRL: coalesce(visits.DAY, 'Not planned')
"""
TS = """\
dataset: TS
rows:
  - {each: visits where VISITNUM = '1', set: {TSPARMCD: const ACTSUB, TSVAL: count DM | text}}
  - each: visits where VISITNUM = '1'
    set: {TSPARMCD: const SSTDTC, TSVAL: min DM.RFSTDTC}
keys: [TSPARMCD]
variables:
  TSPARM: TSPARMCD | decode TSPARMCD
"""
VS = """\
dataset: VS
rows: each vs
keys: [USUBJID, VISITNUM]
variables:
  VSTESTCD: const PULSE
  VISITNUM: vs.NO | num
  VISIT: TV.VISIT
"""
DM = """\
dataset: DM
rows: each dm
keys: USUBJID
variables: {SUBJID: dm.SUBJ, RFSTDTC: dm.DAT | iso 'y-m-d'}
"""
RAW = {
    "dm": "SUBJ,DAT\n1,2026-02-01\n2,2026-01-31\n3,\n",
    "vs": "SUBJ,NO\n1,1\n1,10\n2,2\n2,7\n",
}
DATASETS = {"sdtm/tv": TV, "sdtm/ts": TS, "sdtm/vs": VS, "sdtm/dm": DM}


@pytest.fixture
def folder(tmp_path):
    return write_study(tmp_path / "S1", DATASETS, RAW, STUDY)


@pytest.fixture
def sdtm(folder):
    return build_in_memory(folder, raw=folder / "raw").studies["sdtm"]


def test_each_row_of_a_table_makes_a_record_in_the_order_of_the_keys(sdtm):
    assert sdtm.dataset("TV").table.to_pylist() == [
        {"STUDYID": "S1", "DOMAIN": "TV", "VISITNUM": number, "VISIT": name, "VISITDY": day,
         "TVSTRL": text}
        for number, name, day, text in [
            (1.0, "Baseline", 1.0, "1"),
            (2.0, "Week 1", 8.0, "8"),
            (10.0, "Week 9", None, "Not planned"),
        ]
    ]  # fmt: skip


def test_such_a_dataset_is_reference_data_of_the_protocol(sdtm):
    tv = sdtm.dataset("TV")
    assert (tv.reference, sdtm.dataset("VS").reference) == (True, False)
    assert tv.variable("VISIT").origin == Origin("Protocol", "Sponsor")


def test_a_summary_in_it_is_one_of_all_subjects(sdtm):
    ts = sdtm.dataset("TS")
    names = ["TSSEQ", "TSPARMCD", "TSPARM", "TSVAL"]
    assert ts.table.select(names).to_pylist() == [
        dict(zip(names, row, strict=True))
        for row in [
            (1.0, "ACTSUB", "Actual Number of Subjects", "3"),
            (1.0, "SSTDTC", "Study Start Date", "2026-01-31"),
        ]
    ]
    assert ts.variable("TSVAL").method.text == (
        "On records where TSPARMCD equals 'ACTSUB': the number of records of DM of all subjects"
        ", as text. On records where TSPARMCD equals 'SSTDTC': the earliest DM.RFSTDTC of all"
        " subjects."
    )
    assert ts.variable("TSSEQ").method.text == (
        "The number of the record, counted from 1 within TSPARMCD in the order of TSVAL."
    )


def test_records_of_subjects_find_its_records_by_the_keys_alone(sdtm):
    assert sdtm.dataset("VS").table.column("VISIT").to_pylist() == [
        "Baseline", "Week 9", "Week 1", None,
    ]  # fmt: skip


def test_the_package_holds_it_as_reference_data(folder, tmp_path):
    out = tmp_path / "out"
    build(folder, raw=folder / "raw", out=out, created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    define = next(out.rglob("define.xml"))
    text = define.read_text(encoding="utf-8")
    tv = text.split('OID="IG.TV"')[1].split(">")[0]
    assert 'IsReferenceData="Yes"' in tv
    assert 'Repeating="No"' in tv
    assert [one.code for one in check_define(define, ()) if one.severity == "error"] == []


def test_a_key_that_finds_two_of_its_records_is_an_error(tmp_path):
    tv = TV.replace("where KIND = 'planned'", "").replace("visits.VISITNUM | num", "const 1")
    folder = write_study(tmp_path, {**DATASETS, "sdtm/tv": tv}, RAW, STUDY)
    with pytest.raises(RawDataError) as caught:
        build_in_memory(folder, raw=folder / "raw")
    (found,) = caught.value.diagnostics
    assert (found.code, found.found, found.expected) == (
        "DATA010",
        ("1 VISITNUM, such as 1 with 4 records",),
        "one record for each VISITNUM",
    )


def test_several_values_of_a_trial_parameter_are_numbered_within_it(tmp_path):
    ts = (
        "dataset: TS\nrows: each facts\nkeys: [TSPARMCD, TSVAL]\nvariables:\n"
        "  TSPARMCD: facts.CODE\n  TSPARM: TSPARMCD | decode TSPARMCD\n  TSVAL: facts.VALUE\n"
    )
    study = (
        "tables:\n  facts:\n    columns: [NO, CODE, VALUE]\n"
        "    rows: [['1', INDIC, Zoster], ['2', INDIC, Anthrax], ['3', ADDON, 'N']]\n"
    )

    table = build_in_memory(
        write_study(tmp_path, {"sdtm/ts": ts}, {"dm": "SUBJ\n001\n"}, study), raw=tmp_path / "raw"
    ).result.tables["TS"]

    assert table.select(["TSPARMCD", "TSSEQ", "TSVAL"]).to_pylist() == [
        {"TSPARMCD": "ADDON", "TSSEQ": 1, "TSVAL": "N"},
        {"TSPARMCD": "INDIC", "TSSEQ": 1, "TSVAL": "Anthrax"},
        {"TSPARMCD": "INDIC", "TSSEQ": 2, "TSVAL": "Zoster"},
    ]
