"""Result of a run to `AdamStudy`."""

from cdisc.dataset import AdamStudy, StandardUse
from cdisc.engine.declared import declared_of
from cdisc.engine.describe import describe
from cdisc.engine.program import Program
from cdisc.engine.run import Result


def build_adam(program: Program, result: Result) -> AdamStudy | None:
    """Return the analysis datasets with their metadata, or None if the study has none."""
    study = program.loaded.study
    plans = [plan for plan in program.datasets.values() if plan.submitted]
    names = [plan.name for plan in plans if plan.stage == "adam"]
    if not names or study.standards.adam is None:
        return None
    guide, version = study.standards.adam.split(" ")
    standards = [
        StandardUse(guide, guide, "IG", version),
        StandardUse("CT-SDTM", "CDISC/NCI", "CT", study.standards.ct, "SDTM"),
    ]
    if study.standards.adamct:
        standards.append(StandardUse("CT-ADAM", "CDISC/NCI", "CT", study.standards.adamct, "ADaM"))
    return AdamStudy(
        study_id=study.study.id,
        study_name=study.study.name or study.study.id,
        description=study.study.description,
        protocol=study.study.protocol or study.study.id,
        standards=tuple(standards),
        datasets=tuple(describe(program, result, name, standard=guide) for name in sorted(names)),
        declared=declared_of(program, "adam"),
    )
