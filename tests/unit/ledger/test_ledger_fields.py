"""The ledger says of every raw field who reads it."""

from cdisc.engine.run import run
from cdisc.ledger import account
from cdisc.spec import load_study
from tests.study_builder import read_delivery, resolve_with, write_study

DM = """\
dataset: DM
rows: each dm where dm.DONE = 'Y' keep first by dm.SUBJ order dm.VISIT
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ | squish
"""


def test_what_chooses_records_reads_fields_too(tmp_path):
    folder = write_study(
        tmp_path,
        {"sdtm/dm": DM},
        {"dm": "SUBJ,DONE,VISIT,NOTE\n1,Y,1,a\n1,Y,2,b\n2,N,1,c\n"},
        "",
    )
    loaded = load_study(folder)
    raw = read_delivery(loaded, folder / "raw")
    program = resolve_with(loaded, raw)

    (form,) = account(program, run(program, raw))

    assert {one.name: one.used_by for one in form.fields} == {
        "SUBJ": ("DM (rows)", "DM.SUBJID", "subject"),
        "DONE": ("DM (rows)",),
        "VISIT": ("DM (rows)",),
        "NOTE": (),
    }
