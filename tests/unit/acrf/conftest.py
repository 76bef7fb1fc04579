"""A study with every way in which a field becomes a value, and its case report form."""

import pytest

from cdisc.engine.resolve import resolve
from cdisc.spec import load_study
from tests.study_builder import write_study

RAW = {
    "ae": "SUBJ,ROW,TERM,TERM_EN,SER,SER_D,GRADE,REL,NOTE\n",
    "vs": "SUBJ,DAY,HT,HTU,SYS,ND\n",
    "lab": "SUBJ,RESULT\n",
}
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AESPID: ae.ROW
  AETERM: coalesce(ae.TERM_EN, ae.TERM) | upper
  AESER: coalesce(ae.SER, ae.SER_D) | map 1 to Y Yes to Y other to N
  AESEV: when ae.GRADE = '3' then 'SEVERE' else 'MILD'
  AEREL: CAUSED
work:
  CAUSED: ae.REL | upper
supp:
  RELATED: {label: Related as Asked, map: ae.REL}
"""
VS = """\
dataset: VS
rows:
  - melt: vs
    where: vs.ND is missing
    tests:
      columns: [result, unit]
      HEIGHT: [HT, HTU]
      SYSBP: [SYS, mmHg]
  - each: vs where vs.ND is not missing
    set: {VSTESTCD: const VSALL, VSSTAT: const 'NOT DONE'}
keys: [USUBJID, VSTESTCD, VSDTC]
variables:
  VSTESTCD: test.code
  VSTEST: "''"
  VSORRES: test.result
  VSORRESU: test.unit
  VSSTRESC: copy VSORRES
  VSSTAT: "''"
  VSDTC: vs.DAY | iso 'y-m-d'
"""
LB = """\
dataset: LB
rows: each lab
keys: [USUBJID]
variables:
  LBORRES: lab.RESULT
"""
CRF = """\
title: Pages of S1
header: {SUBJ: Subject, ROW: Row}
decodes: _D
choices:
  YN: ["Yes", "No"]
visits:
  V1: {title: Visit 1, forms: [vs]}
  LOG: {title: Log, forms: [ae]}
forms:
  ae:
    title: Adverse Events
    fields:
      TERM: {label: Event, beside: TERM_EN}
      SER: {label: Serious, choices: YN}
      GRADE: Grade
      REL: Related
      NOTE: Remark
  vs:
    title: Vital Signs
    fields:
      DAY: Date
      HT: {label: Height, beside: HTU}
      SYS: {label: Systolic blood pressure, unit: mmHg}
      ND: Not done
"""
STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  ae: {file: ae.csv, subject: SUBJ, not_used: {NOTE: a remark}}
  vs: {file: vs.csv, subject: SUBJ}
  lab: {file: lab.csv, subject: SUBJ, source: Vendor}
"""


@pytest.fixture
def study(tmp_path):
    """Make a study of `crf` and further dataset files; return its resolved program."""

    def make(crf=CRF, **datasets):
        files = {"sdtm/ae": AE, "sdtm/vs": VS, "sdtm/lb": LB, **datasets}
        folder = write_study(tmp_path / "S1", files, RAW, STUDY)
        if crf is not None:
            (folder / "crf.yaml").write_text(crf, encoding="utf-8")
        return resolve(load_study(folder))

    return make
