"""Result of a run to `SdtmStudy`."""

from cdisc.dataset import SdtmStudy, StandardUse
from cdisc.engine.declared import declared_of
from cdisc.engine.describe import describe
from cdisc.engine.program import Program
from cdisc.engine.run import Result


def build_sdtm(program: Program, result: Result) -> SdtmStudy:
    """Return the tabulation datasets with their metadata, in the order of their names."""
    study = program.loaded.study
    guide, version = study.standards.sdtm.split(" ")
    standards = (
        StandardUse(guide, guide, "IG", version),
        StandardUse("CT-SDTM", "CDISC/NCI", "CT", study.standards.ct, "SDTM"),
    )
    plans = [plan for plan in program.datasets.values() if plan.submitted]
    names = sorted(plan.name for plan in plans if plan.stage == "sdtm")
    return SdtmStudy(
        study_id=study.study.id,
        study_name=study.study.name or study.study.id,
        description=study.study.description,
        protocol=study.study.protocol or study.study.id,
        standards=standards,
        datasets=tuple(describe(program, result, name, standard=guide) for name in names),
        declared=declared_of(program, "sdtm"),
    )
