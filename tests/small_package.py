"""A package of a small study: what tests of guides, folders and their pages look at."""

import datetime as dt
from pathlib import Path

from cdisc.pipeline import build

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no zone
STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject", description: A small study, protocol: P-1}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28, adamct: 2026-03-27}
raw:
  dm: {file: dm.csv, subject: SUBJ}
  ae: {file: ae.csv, subject: SUBJ}
tables:
  criteria:
    columns: [IETESTCD, IETEST, IECAT]
    rows:
      - [INCL01, Age of 18 & more, INCLUSION]
      - [EXCL01, Pregnancy, EXCLUSION]
"""
DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID:   dm.SUBJ
  RFSTDTC:  dm.FIRST | iso 'y-m-d'
  SEX:      dm.SEX | ct
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM:   ae.AETERM
  AESTDTC:  ae.AESTDAT | iso 'y-m-d' 'y-m'
  AESTDY:   study_day(AESTDTC)
supp:
  AESI: {label: Special Interest, map: ae.AESI}
"""
TI = """\
dataset: TI
rows: each criteria
keys: [IETESTCD]
variables:
  IETESTCD: criteria.IETESTCD
  IETEST:   criteria.IETEST
  IECAT:    criteria.IECAT
"""
ADSL = """\
dataset: ADSL
label: Subject-Level Analysis Dataset
rows: each DM
keys: [USUBJID]
copy:
  DM: [STUDYID, USUBJID, SUBJID, SEX]
variables:
  TRTSDT:   DM.RFSTDTC | date
  SAFFL:    yn(any AE where AE.AETERM = 'RASH')
"""
ADAE = """\
dataset: ADAE
label: Adverse Events Analysis
class: OCCURRENCE DATA STRUCTURE
rows: each AE
keys: [USUBJID, AESEQ]
copy:
  AE: [STUDYID, USUBJID, AESEQ, AETERM, AESTDTC]
  ADSL: [SEX, TRTSDT]
variables:
  ASTDT:    AESTDTC | impute date first from month flag ASTDTF
"""
EXPLAINED = """\
explained:
  - finding: SDTM023
    because: A small study has not all that the guide asks for
    by: Data management
"""
RAW = {
    "dm.csv": "SUBJ,FIRST,SEX\n001,2026-01-05,F\n002,2026-01-06,M\n",
    "ae.csv": "SUBJ,AETERM,AESTDAT,AESI\n001,RASH,2026-01-07,Y\n001,FEVER,2026-02,\n002,RASH,,Y\n",
}


def write_small_study(folder: Path) -> None:
    """Write the study and its raw files."""
    files = {
        "S1/study.yaml": STUDY,
        "S1/explained.yaml": EXPLAINED,
        **{f"S1/sdtm/{name}.yaml": text for name, text in (("dm", DM), ("ae", AE), ("ti", TI))},
        **{f"S1/adam/{name}.yaml": text for name, text in (("adsl", ADSL), ("adae", ADAE))},
        **{f"raw/{name}": text for name, text in RAW.items()},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def build_small_package(folder: Path, out: str = "pkg") -> Path:
    """Write the study and build its package."""
    write_small_study(folder)
    build(folder / "S1", raw=folder / "raw", out=folder / out, created=CREATED)
    return folder / out
