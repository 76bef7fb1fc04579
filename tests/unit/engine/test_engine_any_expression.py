"""Whatever an expression says, it is built or refused with a place; nothing else happens."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.engine.resolve import resolve
from cdisc.engine.statements import statements
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import write_study

AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESTDTC: ae.STDAT | iso 'y-m-d'
  AESTDY: study_day(AESTDTC)
supp:
  AESI: {label: Special Interest, map: ae.SI}
"""
OTHERS = {
    "sdtm/dm": "dataset: DM\nrows: each dm\nkeys: USUBJID\nvariables:\n"
    "  SUBJID: dm.SUBJ\n  RFSTDTC: min EX.EXSTDTC where dosed\n",
    "sdtm/ex": "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\nvariables:\n"
    "  EXTRT: ex.TRT\n  EXDOSE: ex.DOSE | num\n  EXSTDTC: ex.DAT | iso 'y-m-d'\n",
}
RAW = {"ae": "SUBJ\n", "dm": "SUBJ\n", "ex": "SUBJ\n"}
# Each expression is sound with its type; words of one kind may take each other's place.
SOUND = [
    ("dtc", "AESTDTC"),
    ("text", "when AESTDTC before DM.RFSTDTC then 'A' else AETERM"),
    ("text", "min EX.EXSTDTC where dosed"),
    ("text", "last EX.EXTRT where EX.EXSTDTC on or before AESTDTC order EX.EXSTDTC"),
    ("text", "flag last where AETERM is not missing by USUBJID AETERM order AESTDTC"),
    ("number", "count records by USUBJID"),
    ("number", "study_day(AESTDTC)"),
    ("text", "coalesce(AETERM, 'x')"),
    ("number", "max AESTDY by USUBJID"),
    ("date", "AESTDTC | impute date first from month flag RF"),
    ("number", "(ae.N | num) * 2 | round 1"),
    ("text", "yn(any EX where EX.EXDOSE > 1 and dosed)"),
    ("text", "bands((ae.N | num), '<18', '>=18')"),
    ("text", "AETERM | map A to B other to C"),
    ("text", "last ae.TERM order ae.STDAT"),
    ("dtc", "max latest(AE.AESTDTC, EX.EXSTDTC)"),
    ("text", "SUPPAE.QVAL"),
]
KINDS = [
    ["AESTDTC", "EX.EXSTDTC", "DM.RFSTDTC", "AE.AESTDTC", "'2026-05'", "''", "R"],
    ["AETERM", "ae.TERM", "EX.EXTRT", "USUBJID", "AESEQ", "ex.DRUG", "DM.SUBJID", "'x'"],
    ["EX.EXDOSE", "AESTDY", "1", "2.5", "EX", "ex", "dosed"],
    ["before", "after", "=", "<>", "<", "contains"],
    ["first", "last", "min", "max", "sum", "mean", "count", "any", "flag"],
    ["where", "by", "order", "and", "or", "not", "is", "missing", "|", ")", "(", "then"],
]


@st.composite
def lines(draw):
    kind, expression = draw(st.sampled_from(SOUND))
    words = expression.split(" ")
    for _change in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(words) - 1))
        like = [one for one in KINDS if words[at] in one] or KINDS
        words[at] = draw(st.sampled_from(draw(st.sampled_from(like))))
    return kind, " ".join(words)


def made(folder, kind, expression):
    line = f"  R: {json.dumps({'map': expression, 'type': kind, 'label': 'Result'})}\n"
    text = AE.replace("supp:", f"{line}supp:")
    study = "let:\n  dosed: EX.EXDOSE > 0\n"
    program = resolve(load_study(write_study(folder, {"sdtm/ae": text, **OTHERS}, RAW, study)))
    return list(statements(program))


@pytest.mark.parametrize(("kind", "expression"), SOUND)
def test_what_is_sound_becomes_sql(tmp_path, kind, expression):
    found = {one.dataset for one in made(tmp_path, kind, expression)}

    assert found == {"AE", "SUPPAE", "DM", "EX"}


@settings(max_examples=80)
@given(lines())
def test_what_is_not_sound_is_refused_in_its_place(tmp_path_factory, line):
    folder = tmp_path_factory.mktemp("study")
    found = ()
    try:
        made(folder, *line)
    except SpecError as error:
        found = error.diagnostics

    assert all(one.span is not None for one in found)
