"""The record table of every form and truth file, for one block of the study.

A form or truth file of forms.yaml names its records; here are all those names, and
the functions and random streams that make them.
"""

import numpy as np

from cdisc.simulate import (
    assessment,
    charts,
    clinic,
    conduct,
    dosing,
    endpoints,
    graft,
    laboratory,
    recovery,
    residue,
    truth,
)
from cdisc.simulate.course import Course
from cdisc.simulate.defects import Log
from cdisc.simulate.model import Array, Words, load
from cdisc.simulate.mrd import aspirate
from cdisc.simulate.rendering import Records
from cdisc.simulate.study import Study


def of_forms(study: Study) -> dict[str, Records]:
    """Return the record tables of the forms, by name in forms.yaml."""
    made = _of_sites(study)
    return {
        **made,
        **charts.records(study, made["adverse_events"]),
        **assessment.records(study),
        **conduct.records(study, made["adverse_events"]),
        **graft.records(study),
        "results": laboratory_results(study),
    }


def of_truth(study: Study, log: Log) -> dict[str, Records]:
    """Return the record tables of the truth files, by name in forms.yaml."""
    people, words = study.people, truth_words(study)
    marrows, known = aspirate(study), endpoints.facts(study)
    rules, named = load("endpoints"), truth.usubjids(people, words)
    counts = recovery.count(study)
    return {
        "marrows": residue.samples(study, words, marrows),
        "grafts": graft.truth(study, named),
        "subjects": truth.subjects(study, known, words),
        "endpoints": endpoints.joined(
            named[truth.in_order(people)],
            [
                endpoints.named(endpoints.times(known, rules, truth.in_order(people)), named),
                residue.endpoints(study, words, marrows),
                recovery.endpoints(study, named, counts, charts.transfusions(study)),
            ],
        ),
        "grades": recovery.grades(study, named, counts),
        "intervals": truth.intervals(people, study.severe, words),
        "defects": log.table(),
    }


def truth_words(study: Study) -> Words:
    """Return the words of the truth files, with the names of the sites."""
    words: Words = study.forms["words"] | {"sites": study.model["sites"]["site"]}
    return words


def _of_sites(study: Study) -> dict[str, Records]:
    model, people, course, draws = study.model, study.people, study.course, study.draws
    given, words = study.given, load("conduct")

    def stream(form: str) -> np.random.Generator:
        return study.stream("rendering", form)

    return {
        "demographics": clinic.demographics(model, people),
        "consents": clinic.consents(model, people, course, draws, study.visits),
        "eligibility": clinic.eligibility(stream("eligibility"), people, draws, words),
        "randomizations": _with_patients(study, clinic.randomizations(people, draws)),
        "lymphodepletion": dosing.lymphodepletion(stream("lymphodepletion"), model, people, course),
        "cell_infusions": dosing.cell_infusions(
            stream("cell_infusions"), model, people, course, draws
        ),
        "chemotherapy": dosing.chemotherapy(stream("chemotherapy"), model, people, given),
        "donor_infusions": dosing.donor_infusions(stream("donor_infusions"), people, given, draws),
        "adverse_events": clinic.adverse_events(
            stream("adverse_events"), model, study.event_words, people, course, study.events
        ),
        "ends_of_treatment": clinic.ends_of_treatment(
            people, course, draws, _last_doses(course, given)
        ),
        "ends_of_study": clinic.ends_of_study(stream("ends_of_study"), people, course, words),
        "deaths": clinic.deaths(people, course, draws),
        "coded_terms": clinic.coded_terms(study.event_words),
        "reference_ranges": laboratory.reference_ranges(model, study.laboratory_words),
    }


def _with_patients(study: Study, records: Records) -> Records:
    """The randomization system writes site and number without a hyphen, after a zero."""
    label = truth.labels(study.people, study.model["sites"]["site"])[records["subject"]]
    return records | {"patient": np.array([one.replace("-", "") for one in label], dtype=object)}


def _last_doses(course: Course, given: Records) -> tuple[Array, Array]:
    last = []
    for period in (0, 1):
        day = course.infusion[period].copy()
        here = given["period"] == period
        again = np.zeros(len(day), dtype=np.int64)
        np.maximum.at(again, given["subject"][here], given["day"][here])
        last.append(np.where(again > 0, again, day))
    return last[0], last[1]


def laboratory_results(study: Study) -> Records:
    """Return the results of a block; some are written in the unit of another hospital."""
    plan = study.dirt["other_unit"]
    dirt = study.stream("dirt", "units")
    words, model, people = study.laboratory_words, study.model, study.people
    samples, sample, item, value = laboratory.measured(study)
    hospital = people.site[samples.subject[sample]]
    foreign = dirt.random(len(hospital)) < plan["share"]
    dialect = np.where(foreign, plan["of"], hospital)
    found = laboratory.Results(sample, item, value, dialect)
    writing = study.stream("rendering", "results")
    records = laboratory.rendered(writing, model, words, people, samples, found)
    own = laboratory.units(model, words, hospital, item)
    mismatch = study.draws["sex_mismatch"] == 1
    records |= laboratory.misread_sex(model, words, people, records, mismatch)
    return records | {"unit_clean": np.where(own != records["unit"], own, "").astype(object)}
