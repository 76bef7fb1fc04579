"""What define.yaml and the guide say of datasets that have no data or follow no standard."""

from cdisc.declared import Planned
from cdisc.engine.declared import declared_of
from cdisc.engine.resolve import resolve
from cdisc.spec import load_study
from tests.study_builder import write_study

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  ae: {file: ae.csv, subject: SUBJ}
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM:   ae.TERM
"""
OWN = """\
dataset: XD
label: Donors
class: EVENTS
rows: each ae
keys: [USUBJID, XDTERM]
variables:
  XDTERM:   ae.TERM
"""
DEFINE = """\
planned:
  PE: Nobody was examined before the cut-off
nonstandard: [AE]
"""


def declared(folder, **more):
    files = {"sdtm/ae": AE, "sdtm/xd": OWN, **more}
    return declared_of(resolve(load_study(write_study(folder, files, {}, STUDY))), "sdtm")


def test_a_planned_dataset_is_described_by_the_guide(tmp_path):
    assert declared(tmp_path, define=DEFINE).planned == (
        Planned(
            "PE",
            "Physical Examination",
            "FINDINGS",
            "One record per body system or abnormality per visit per subject",
            "Nobody was examined before the cut-off",
        ),
    )


def test_a_domain_that_the_guide_does_not_have_is_not_standard_nor_is_one_that_is_named(tmp_path):
    assert declared(tmp_path / "named", define=DEFINE).nonstandard == {"AE", "XD"}
    assert declared(tmp_path / "unnamed").nonstandard == {"XD"}
