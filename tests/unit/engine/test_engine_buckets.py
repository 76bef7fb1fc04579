"""A study in buckets of subjects is the study in one piece, whatever the number of buckets."""

import pytest

from cdisc.engine.buckets import Buckets, bytes_of, run_in_buckets
from cdisc.engine.resolve import resolve
from cdisc.engine.run import run
from cdisc.engine.within import across_subjects, made_whole
from cdisc.errors import RawDataError
from cdisc.raw import read_study
from cdisc.raw.parts import store_study
from cdisc.spec import load_study
from tests.study_builder import write_study

DM = """
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  RFSTDTC: dm.START | iso 'y-m-d'
  RFXSTDTC: copy RFSTDTC
  SEX: dm.SEX | ct
  AGE: mean (ae.X | num)
"""
AE = """
dataset: AE
rows:
  - each ae where ae.TERM is not missing keep first by ae.SUBJ ae.TERM order ae.DAY
  - each: more
    set: {AETERM: more.WHAT | upper, AESTDTC: more.WHEN | iso 'y-m-d', AESEV: const MILD}
keys: [USUBJID, AETERM, AESTDTC]
checks:
  - AESTDTC is not missing
variables:
  AETERM: ae.TERM | squish
  AESTDTC: ae.DAY | iso 'y-m-d' else missing
  AESEV: ae.SEV | ct else missing
  AESTDY: study_day(AESTDTC)
supp:
  WORST: {label: Worst event, map: flag last where AESEV is not missing order AESTDTC}
"""
TS = """
dataset: TS
rows: each summary
keys: [TSPARMCD]
variables:
  TSSEQ: sequence
  TSPARMCD: summary.CODE
  TSPARM: summary.NAME
  TSVAL: when TSPARMCD = 'FIRST' then first AE.AETERM order AE.AESTDTC else (count DM | text)
"""
TABLES = """
tables:
  summary:
    columns: [CODE, NAME]
    rows:
      - [ACTSUB, Actual Number of Subjects]
      - [FIRST, First event]
"""
SUBJECTS = ("010", "2", "10", "Ä1", "003", "001", "1")


def deliver(ae="", dm=""):
    """Return raw files: subjects not in their order, records of one subject apart."""
    lines = [f"{one},2025-01-0{n + 1},{'MF'[n % 2]}" for n, one in enumerate(SUBJECTS)]
    events = [
        f"{one},{term} {n % 3},2025-0{1 + n % 9}-{day},{sev},{n / 7}"
        for term, day, sev in (("fever", "11", "mild"), ("cough", "0", "AWFUL"), ("ache", "", ""))
        for n, one in enumerate(SUBJECTS * 2)
    ]
    return {
        "dm": "SUBJ,START,SEX\n" + "\n".join(lines) + "\n" + dm,
        "ae": "SUBJ,TERM,DAY,SEV,X\n" + "\n".join(events) + "\n" + ae,
        "more": "SUBJ,WHAT,WHEN\n" + "\n".join(f"{one},fall,2024-12-31" for one in SUBJECTS) + "\n",
    }


def studied(folder, raw, datasets=None):
    files = {"sdtm/dm": DM, "sdtm/ae": AE, "sdtm/ts": TS}
    loaded = load_study(write_study(folder, datasets or files, raw, TABLES))
    collected = read_study(loaded, folder / "raw")
    program = resolve(loaded, {one.name: one.table.column_names for one in collected.forms})
    return loaded, program, collected


def divided(folder, loaded, program, number, told=lambda _said: None):
    place = folder / f"in{number}"
    raw = store_study(loaded, folder / "raw", place / "forms", lambda _said: None)
    return run_in_buckets(program, raw, Buckets(place, number), told)


@pytest.mark.parametrize("number", [1, 3, 20])
def test_tables_findings_and_ledger_are_those_of_the_whole(tmp_path, number):
    loaded, program, collected = studied(tmp_path, deliver(ae=",lost,2025-01-01,mild,1\n"))
    with pytest.raises(RawDataError) as whole:
        run(program, collected)
    with pytest.raises(RawDataError) as parts:
        divided(tmp_path, loaded, program, number)
    assert parts.value.diagnostics == whole.value.diagnostics


@pytest.mark.parametrize("number", [1, 3, 20])
def test_records_come_in_the_same_order_with_the_same_values(tmp_path, number):
    loaded, program, collected = studied(tmp_path, deliver())
    whole = run(program, collected)
    parts = divided(tmp_path, loaded, program, number)
    assert {name: one.whole() for name, one in parts.tables.items()} == whole.tables
    assert parts.sources == whole.sources
    assert parts.findings == whole.findings
    assert parts.uses == whole.uses
    assert parts.records == whole.records
    assert parts.unmatched == whole.unmatched
    assert whole.tables["TS"].column("TSVAL").to_pylist() == ["7", "cough 2"]
    assert {one.code for one in whole.findings} >= {"DATA011", "DATA012"}


@pytest.mark.parametrize("number", [1, 5])
def test_a_join_of_several_records_in_one_bucket_stops_all_at_the_same_line(tmp_path, number):
    loaded, program, collected = studied(tmp_path, deliver(dm="10,2025-02-02,F\n2,2025-02-02,M\n"))
    with pytest.raises(RawDataError) as whole:
        run(program, collected)
    with pytest.raises(RawDataError) as parts:
        divided(tmp_path, loaded, program, number)
    # what looks across subjects is not looked at before all subjects are sound
    within = tuple(one for one in whole.value.diagnostics if one.dataset != "TS")
    assert parts.value.diagnostics == within
    found = next(one for one in whole.value.diagnostics if one.code == "DATA010")
    assert found.found == ("2 subjects, such as S1-10 with 2 records",)


def test_forms_without_records_are_one_bucket(tmp_path):
    raw = {name: text.partition("\n")[0] + "\n" for name, text in deliver().items()}
    loaded, program, collected = studied(tmp_path, raw)
    whole = run(program, collected)
    parts = divided(tmp_path, loaded, program, 3)
    assert {name: one.whole() for name, one in parts.tables.items()} == whole.tables


def test_only_what_looks_across_subjects_is_made_whole(tmp_path):
    _loaded, program, _collected = studied(tmp_path, deliver())
    assert made_whole(program) == {"TS"}
    assert {one.dataset for one in across_subjects(program)} == {"TS"}


def test_a_group_without_the_subject_looks_across_subjects(tmp_path):
    grouped = AE.replace("keep first by ae.SUBJ ae.TERM", "keep first by ae.TERM")
    loaded, program, collected = studied(
        tmp_path, deliver(), {"sdtm/dm": DM, "sdtm/ae": grouped, "sdtm/ts": TS}
    )
    assert made_whole(program) == {"AE", "SUPPAE", "TS"}
    whole = run(program, collected)
    parts = divided(tmp_path, loaded, program, 3)
    assert {name: one.whole() for name, one in parts.tables.items()} == whole.tables
    assert parts.uses == whole.uses


def test_progress_tells_records_so_far_and_the_time_left(tmp_path):
    loaded, program, _collected = studied(tmp_path, deliver())
    said = []
    divided(tmp_path, loaded, program, 7, said.append)
    assert said[0] == "bucket 1 of 7, 0 of 56 raw records: AE"
    later = next(one for one in said if one.startswith("bucket 7 of 7"))
    assert later.startswith("bucket 7 of 7, 48 of 56 raw records, ")
    assert " s left: " in later


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2_000_000_000), ("512 MB", 512_000_000), ("1.5GiB", 1_610_612_736), ("3kb", 3000)],
)
def test_sizes_are_decimal_or_binary(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "2", "2 G", "-1GB", "2XB", "GB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is no size such as 2GB"):
        bytes_of(text)
