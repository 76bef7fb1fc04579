import json

from .conftest import DM

LIBRARY = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ
  SEX: dm.SEX | lower
  RFSTDTC: dm.FIRST | iso 'y-m-d'
checks:
  - SEX is not missing
"""
OWN = """\
dataset: DM
variables:
  SEX: dm.SEX | ct
work:
  MALE: when SEX = 'M' then 'Y'
supp:
  REMARK: {label: A Remark, map: dm.REMARK}
"""
SHOWN = """\
DM  Demographics  (SPECIAL PURPOSE)
  rows: each dm  library/sdtm/dm.yaml:2
  keys: USUBJID
  check: SEX is not missing  library/sdtm/dm.yaml:9

variable | type | core | by | label | place | expression
STUDYID | text | Req | implied | Study Identifier | sdtm/dm.yaml:1 | study.id
DOMAIN | text | Req | implied | Domain Abbreviation | sdtm/dm.yaml:1 | dataset.domain
USUBJID | text | Req | implied | Unique Subject Identifier | sdtm/dm.yaml:1 | rows.subject
SUBJID | text | Req | line | Subject Identifier for the Study | library/sdtm/dm.yaml:5 | dm.SUBJ
RFSTDTC | dtc | Exp | line | Subject Reference Start Date/Time | library/sdtm/dm.yaml:7 | \
dm.FIRST | iso 'y-m-d'
SEX | text | Req | line | Sex | sdtm/dm.yaml:3 | dm.SEX | ct
REMARK | text | supp | A Remark | sdtm/dm.yaml:7 | dm.REMARK
MALE | text | work | MALE | sdtm/dm.yaml:5 | when SEX = 'M' then 'Y'
"""


def layered(home):
    study = home.path / "S1" / "study.yaml"
    study.write_text("extends: ../library\n" + study.read_text())
    home.write("library/library.yaml", "let: {}\n")
    home.write("library/sdtm/dm.yaml", LIBRARY)
    home.write("S1/sdtm/dm.yaml", OWN)


def test_a_dataset_is_shown_with_all_that_is_said_of_it_and_where(home):
    layered(home)

    outcome = home.run("show", "S1", "dm")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.replace("|", " ").split() == SHOWN.replace("|", " ").split()
    places = {line.find("library/") for line in outcome.out.splitlines()[6:] if "library/" in line}
    assert len(places) == 1


def test_the_same_is_told_to_machines(home):
    layered(home)

    shown = json.loads(home.run("show", "S1", "DM", "--format", "json").out)

    assert shown["rows"] == [["each dm", "library/sdtm/dm.yaml:2"]]
    assert shown["lines"][5] == {
        "variable": "SEX",
        "label": "Sex",
        "type": "text",
        "core": "Req",
        "by": "line",
        "expression": "dm.SEX | ct",
        "place": "sdtm/dm.yaml:3",
    }


def test_a_dataset_that_is_not_there_has_a_near_name(home):
    outcome = home.run("show", "S1", "DMM")

    assert (outcome.code, outcome.out) == (2, "")
    assert 'the study has no dataset "DMM"' in outcome.err


def test_what_others_write_is_said_to_be_theirs(home):
    home.write("S1/study.yaml", (home.path / "S1/study.yaml").read_text().replace(
        "ct: 2025-03-28}", "ct: 2025-03-28, adam: ADaMIG 1.3}"))  # fmt: skip
    home.write("S1/sdtm/dm.yaml", DM)
    home.write("S1/functions.py", "def one(records):\n    return records\n")
    home.write(
        "S1/adam/adsl.yaml",
        """\
dataset: ADSL
rows: each DM
keys: [USUBJID]
copy: {DM: [STUDYID, USUBJID, SEX]}
variables:
  LSTALVDT: DM.RFENDTC | impute date last from month flag LSTALVF
steps:
  - python: functions.one
    reads: [SEX]
    writes: {BEST: {label: Best, type: text}}
    says: The best.
""",
    )

    shown = json.loads(home.run("show", "S1", "ADSL", "--format", "json").out)

    by = {one["variable"]: (one["by"], one["expression"]) for one in shown["lines"]}
    assert by["SEX"] == ("copy", "DM.SEX")
    assert by["LSTALVF"] == ("companion", "with LSTALVDT")
    assert by["BEST"] == ("step", "functions.one")
