"""The origin of a variable follows from its line."""

from cdisc.dataset import Origin
from cdisc.engine.origin import origin_of, qualifier_origin
from cdisc.engine.resolve import resolve
from cdisc.spec import load_study
from tests.study_builder import write_study

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28}
raw:
  ae: {file: ae.csv, subject: SUBJ, page: [12, 13]}
  lab: {file: lab.csv, subject: SUBJ, source: Vendor}
tables:
  visits: {columns: [KEY, VISIT], rows: [[V1, Screening]]}
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
coded:
  MedDRA 27.1: {from: ae, variables: [AEDECOD]}
variables:
  AETERM:   ae.TERM | squish | upper
  AESEV:    ae.SEV | ct
  AESTDTC:  ae.STDAT | iso 'y-m-d'
  AESTDY:   study_day(AESTDTC, AEDTC)
  AEDTC:    first lab.DAT order lab.DAT | iso 'y-m-d'
  AECAT:    const SAFETY
  VISIT:    ae.INSTANCE | lookup visits VISIT
  AESCAT:   when AESEV = 'MILD' then 'A' else 'B'
  AESPID:   coalesce(ae.NO, ae.ROW)
  AELAT:    substr(ae.SITE, 1, 2)
  AEDIR:    substr(ae.SITE, 3, 2) + '-'
  AELOC:    {map: const ARM, origin: Protocol}
  AEGRPID:  AESCAT | lookup visits VISIT
  AEPATT:   when lab.DONE = 'Y' then (ae.KIND | squish) when ae.OTHER is not missing then ae.OTHER
  AEACN:    when ae.KIND = 'A' then ae.ACTION else 'NONE'
  AEREFID:  when ae.KIND = 'A' then AETERM else ae.ROW
"""
ADAE = """\
dataset: ADAE
class: OCCURRENCE DATA STRUCTURE
rows: each AE
keys: [USUBJID, AETERM]
copy:
  AE: [AETERM]
variables:
  AESEV: AE.AESEV
  ASTDT: AE.AESTDTC | date
"""


def origins(folder, dataset):
    texts = {"sdtm/ae": AE, "adam/adae": ADAE}
    program = resolve(load_study(write_study(folder, texts, {}, STUDY)))
    plan = program.datasets[dataset]
    found = {name: origin_of(program, plan, one) for name, one in plan.variables.items()}
    return {name: (one.type, one.pages, one.predecessor) for name, one in found.items()}


def test_origins_of_tabulation_variables(tmp_path):
    found = origins(tmp_path, "AE")

    assert {name: found[name] for name in AE_EXPECTED} == AE_EXPECTED


AE_EXPECTED = {
    "AETERM": ("Collected", ("12", "13"), None),
    "AESEV": ("Collected", ("12", "13"), None),
    "AESTDTC": ("Collected", ("12", "13"), None),
    "AESPID": ("Collected", ("12", "13"), None),
    "AELAT": ("Collected", ("12", "13"), None),
    "AEDIR": ("Assigned", (), None),
    "AESTDY": ("Derived", (), None),
    "AEDTC": ("Derived", (), None),
    "AESCAT": ("Derived", (), None),
    "AECAT": ("Assigned", (), None),
    "VISIT": ("Assigned", (), None),
    "AEGRPID": ("Assigned", (), None),  # of a table, though what is looked up is derived
    "AEPATT": ("Collected", ("12", "13"), None),  # where lab has pages, it only asks there
    "AEACN": ("Derived", (), None),
    "AEREFID": ("Derived", (), None),
    "AEDECOD": ("Assigned", (), None),
    "AELOC": ("Protocol", (), None),
    "AESEQ": ("Derived", (), None),
}


SUPP = """\
supp:
  ALINE:  {label: Line, map: ae.LINE}
  APAGE:  {label: Pages, map: "when ae.KIND = 'A' then ae.LINE else lab.LINE"}
  ALATE:  {label: Late, map: "when AESEV = 'MILD' then 'Y'"}
  ASAID:  {label: Said, map: "when ae.SEV = 'MILD' then 'Y'", origin: Collected}
  ARESULT: {label: Result, map: "when lab.RESULT = 'X' then 'Y'", origin: Collected}
  AWORD:  {label: Word, map: ae.LINE, origin: eDT}
"""


def test_a_qualifier_has_the_origin_of_its_line_or_the_one_that_it_says(tmp_path):
    program = resolve(load_study(write_study(tmp_path, {"sdtm/ae": AE + SUPP}, {}, STUDY)))
    parent = program.datasets["AE"]
    names = ("ALINE", "APAGE", "ALATE", "ASAID", "ARESULT", "AWORD")

    assert [qualifier_origin(program, parent, name) for name in names] == [
        Origin("Collected", "Investigator", ("12", "13")),
        Origin("Collected", "Investigator", ("12", "13")),
        Origin("Derived", "Sponsor"),
        Origin("Collected", "Investigator", ("12", "13")),
        Origin("Collected", "Vendor"),  # who delivers the form
        None,  # a word of an older standard: QORIG says it, Define-XML has its own for it
    ]


def test_origins_of_analysis_variables(tmp_path):
    found = origins(tmp_path, "ADAE")

    assert (found["AETERM"], found["AESEV"], found["ASTDT"]) == (
        ("Predecessor", (), "AE.AETERM"),
        ("Predecessor", (), "AE.AESEV"),
        ("Derived", (), None),
    )


ADTTE = """\
dataset: ADTTE
class: BASIC DATA STRUCTURE
rows: params for each ADSL
keys: [USUBJID, PARAMCD]
events:
  death: {date: ADSL.DTHDT, says: Death}
censors:
  start: {date: ADSL.TRTSDT, says: Start of treatment, cnsr: 1}
params:
  OS: {label: Overall Survival, start: ADSL.TRTSDT, events: [death], censors: [start]}
variables:
  AVAL: ADT - STARTDT + 1
"""
ADSL = """\
dataset: ADSL
rows: each AE
keys: USUBJID
variables:
  TRTSDT: AE.AESTDTC | date
  DTHDT:  AE.AEDTC | date
"""


def test_the_time_origin_of_a_parameter_is_derived_and_its_words_assigned(tmp_path):
    texts = {"sdtm/ae": AE, "adam/adsl": ADSL, "adam/adtte": ADTTE}
    program = resolve(load_study(write_study(tmp_path, texts, {}, STUDY)))
    plan = program.datasets["ADTTE"]
    found = {name: origin_of(program, plan, one).type for name, one in plan.variables.items()}

    assert {name: found[name] for name in ("STARTDT", "ADT", "PARAM", "PARAMCD")} == {
        "STARTDT": "Derived",
        "ADT": "Derived",
        "PARAM": "Assigned",
        "PARAMCD": "Assigned",
    }


BLOCKS = """\
dataset: ADXX
class: BASIC DATA STRUCTURE
label: Both Kinds
rows:
  - each AE
  - {each: AE, set: {PARAMCD: const ASKED, AVALC: ASKED}}
keys: [USUBJID, PARAMCD, DTYPE]
variables:
  PARAMCD: const GRADE
  AVALC:   AE.AESEV
  DTYPE:   "''"
work:
  ASKED:   AE.AESEV | lower
records:
  - {where: PARAMCD = 'GRADE', keep: first by USUBJID order AVALC, set: {DTYPE: const MAXIMUM}}
"""


def test_a_work_variable_of_some_records_is_no_stage_of_its_dataset(tmp_path):
    texts = {"sdtm/ae": AE, "adam/adxx": BLOCKS}
    program = resolve(load_study(write_study(tmp_path, texts, {}, STUDY)))
    plan = program.datasets["ADXX"]

    assert origin_of(program, plan, plan.variables["AVALC"]) == Origin("Derived", "Sponsor")
