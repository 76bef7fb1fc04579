import shutil

import pytest

from tests.r_witness import built, witness
from tests.study_builder import evaluation, write_study

pytestmark = [
    pytest.mark.witness,
    pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed"),
]
RECORDS = [
    {
        "A": "x",
        "B": "x",
        "N": "1",
        "D": "2026-05-03",
        "E": "2026-05-03 08:15",
        "G": "p",
        "S": "46152",
    },
    {
        "A": "x",
        "B": "",
        "N": "2.675",
        "D": "2026-05-UN",
        "E": "2026-05-03 24:00",
        "G": "p",
        "S": "46152.29514",
    },
    {"A": "", "B": "x", "N": "-2.5", "D": "UN-UN-UN", "E": "", "G": "q", "S": "46152.29520"},
    {
        "A": "",
        "B": "",
        "N": "<0.1",
        "D": "2026-UN-14",
        "E": "2026-04-30 23:59",
        "G": "",
        "S": "12345",
    },
    {
        "A": "B-C",
        "B": "b",
        "N": "0.00001",
        "D": "2024-02-29",
        "E": "2026-05-02 00:00",
        "G": "q",
        "S": "46152.99999",
    },
    {
        "A": " Ａ  b ",
        "B": "a",
        "N": "1e3",
        "D": "2026-02-30",
        "E": "2026-05-03 08:15",
        "G": "p",
        "S": "461520",
    },
    {
        "SUBJ": "002",
        "A": "x",
        "B": "X",
        "N": "",
        "D": "2026-05-04",
        "E": "",
        "G": "p",
        "S": " 46152 ",
    },
    {
        "SUBJ": "002",
        "A": "ÄB",
        "B": "it's",
        "N": "7",
        "D": "",
        "E": "2026-05-03 08:15",
        "G": "q",
        "S": "46152/3",
    },
]
LINES = {
    "TXA": "f.A",
    "TXB": "f.B",
    "GRP": "f.G",
    "NUM": ("number", "f.N | num else missing"),
    "XDTC": ("dtc", "f.D | iso 'y-m-d' unknown 'UN' else missing"),
    "YDTC": ("dtc", "f.E | iso 'y-m-d H:M' else missing"),
    "XDT": ("date", "XDTC | date"),
    "YDTM": ("datetime", "YDTC | impute time first flag YTMF"),
    "EQ": "yn(TXA = TXB)",
    "NE": "yn(TXA <> TXB)",
    "LT": "yn(TXA < TXB)",
    "NOTEQ": "yn(not (TXA = TXB))",
    "AMONG": "yn(TXA in ('x', 'B-C'))",
    "NONE": "yn(TXA not in ('x', 'B-C'))",
    "BOTH": "yn(TXA = 'x' and TXB is missing or NUM > 2)",
    "TEXTS": "yn(TXA contains 'b' or TXA starts with 'B' or TXA ends with TXB)",
    "CASE": "when NUM > 1 then 'many' when NUM is not missing then 'few' else TXB",
    "SUM": ("number", "(NUM + 1) * 2 - NUM / (NUM - 1)"),
    "MINUS": ("number", "-(NUM - 1)"),
    "JOIN": "TXA + '-' + TXB",
    "UP": "f.A | halfwidth | squish | upper",
    "LOW": "f.A | lower",
    "SERIAL": "f.S | serial",
    "PART": "f.A | part 2 of '-'",
    "REPL": "f.A | replace 'x' by ''",
    "SUBS": "substr(f.A, 2, 2)",
    "ROUND": ("number", "NUM | round 2"),
    "NTEXT": "NUM | text",
    "LIMIT": ("number", "f.N | limit"),
    "DECIM": ("number", "f.N | decimals"),
    "BEFORE": "yn(XDTC before YDTC)",
    "ONAFTER": "yn(XDTC on or after YDTC)",
    "DAYS": ("number", "XDT - date(YDTM)"),
    "MOVED": ("date", "XDT + NUM"),
    "SECS": ("number", "YDTM - YDTM"),
    "STDY": ("number", "study_day(XDTC, YDTC)"),
    "AGEY": ("number", "age(XDTC, YDTC)"),
    "MONTHS": ("number", "completed(XDTC, YDTC, 'months')"),
    "HOURS": ("number", "elapsed(YDTC, YDTC, 'hours')"),
    "FIRST": ("date", "earliest(XDT, date(YDTM))"),
    "IMPF": ("date", "XDTC | impute date first from month flag IMPFDTF"),
    "IMPL": (
        "datetime",
        "XDTC | impute date last from month time last flag IMPLDTF not after YDTM",
    ),
    "IMPK": ("date", "XDTC | impute date mid from month keep day flag IMPKDTF"),
    "IMPM": ("date", "XDTC | impute date mid from month flag IMPMDTF not before XDT"),
    "MAPPED": "TXA | map x to 'an x' other to other none to none",
    "BAND": "bands(NUM, '<0', '0-2', '>2')",
    "RANGE": "range_flag(NUM, 0, 2)",
    "ABS": ("number", "abs(NUM)"),
    "ROOT": ("number", "sqrt(NUM)"),
    "POWER": ("number", "power(NUM, 0.5)"),
    "LOGN": ("number", "log(NUM)"),
    "MODN": ("number", "mod(NUM, 2)"),
    "CEILN": ("number", "ceil(NUM) + floor(NUM)"),
    "LEASTN": ("number", "least(NUM, 2) + greatest(NUM, 1)"),
    "MEANN": ("number", "average(NUM, NUM, 4)"),
    "RANKN": ("number", "GRP | rank q p"),
    "TERM": "f.A | ct COLORS else keep",
    "LOOK": "GRP | lookup groups NAME",
    "FIRSTN": ("number", "first NUM where NUM is not missing by USUBJID GRP order XDTC"),
    "LASTT": "last TXA order NUM XDTC",
    "MAXN": ("number", "max NUM by GRP"),
    "MEAN": ("number", "mean NUM by USUBJID"),
    "TOTAL": ("number", "sum NUM where TXA = 'x' by USUBJID"),
    "COUNT": ("number", "count records where NUM > 0 by USUBJID GRP"),
    "FLAG": "flag last where NUM is not missing by USUBJID GRP order YDTC descending NUM",
    "NUMBER": ("number", "number where TXA is not missing by USUBJID order NUM XDTC"),
    "ANY": "yn(any other where other.NUM > NUM and other.GRP = GRP)",
    "PREV": ("number", "last other.NUM where other.NUM < NUM order other.NUM"),
    "FORM": "first g.V where g.V is not missing order g.K",
    "FORMC": "last g.V where g.V < TXA order g.K",
    "FORMN": ("number", "count g where g.V = 'b'"),
}
STUDY = """\
terms:
  COLORS: {x: RED, "A b": BLUE}
tables:
  groups: {columns: [G, NAME], rows: [[p, Pea], [q, Queue]]}
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    home = tmp_path_factory.mktemp("semantics")
    folder = evaluation(home / "study", RECORDS, LINES, STUDY)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    form = "  f: {file: f.csv, subject: SUBJ}\n"
    more = "  g: {file: g.csv, subject: SUBJ, missing: [ND]}\n"
    assert form in text
    (folder / "study.yaml").write_text(text.replace(form, form + more), encoding="utf-8")
    (folder / "raw" / "g.csv").write_text("SUBJ,K,V\n001,2,a\n001,1,b\n001,3,ND\n", "utf-8")
    study = built(folder, folder / "raw")
    wanted = [("AE", name) for name in study.program.datasets["AE"].variables]
    (home / "r").mkdir()
    return witness(study, wanted, home / "r")


def test_the_language_means_the_same_in_r(verdicts):
    differing = {name: one for (_, name), one in verdicts.items() if one.agree != one.total}

    assert differing == {}
    assert {one.total for one in verdicts.values()} == {len(RECORDS)}


def test_a_melt_is_the_same_in_r(tmp_path):
    dataset = """\
dataset: VS
rows:
  melt: vs
  where: DONE <> 'N'
  tests:
    columns: [result, unit]
    SYSBP: [SYS, mmHg]
    PULSE: [PULSE, beats/min]
keys: [USUBJID, VSTESTCD, VSDTC]
variables:
  VSTESTCD: test.code
  VSORRES: test.result
  VSORRESU: when VSORRES is not missing then test.unit
  VSDTC: vs.DAT | iso 'y-m-d'
"""
    raw = "SUBJ,DONE,SYS,PULSE,DAT\n1,Y,120,60,2026-05-03\n1,,,61,2026-05-04\n2,N,1,2,2026-05-03\n"
    folder = write_study(tmp_path / "study", {"sdtm/vs": dataset}, {"vs": raw})
    study = built(folder, folder / "raw")
    (tmp_path / "r").mkdir()

    names = ["VSTESTCD", "VSORRES", "VSORRESU", "VSDTC", "VSSEQ"]
    found = witness(study, [("VS", name) for name in names], tmp_path / "r")

    assert {name: one for name, one in found.items() if one.agree != 3} == {}
