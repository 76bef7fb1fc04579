"""What a site copies from the charts of its subjects: history, examinations, medication.

`records` makes the record tables of these forms for one study or block of it.
"""

from typing import TYPE_CHECKING

import numpy as np

from cdisc.simulate import collection, examination, history, medication, procedures, truth
from cdisc.simulate.model import Random, load
from cdisc.simulate.rendering import Records

if TYPE_CHECKING:
    from cdisc.simulate.study import Study


def records(study: "Study", adverse: Records) -> dict[str, Records]:
    """Return the record tables of the chart forms, by name in forms.yaml.

    Args:
        study: A study, or a block of one.
        adverse: Records of its adverse events.
    """
    people = study.people
    random, words = study.stream("history"), load("history")
    past = history.remember(random, words, people)
    return {
        "diseases": history.diseases(random, words, people, past),
        "transplants": history.transplants(random, words, people, past),
        "illnesses": history.illnesses(random, words, people),
        **_examinations(random, study),
        **_collections(study),
        **_medication(study, past, adverse),
        "coded_medicines": medication.coded_medicines(load("medication")),
    }


def transfusions(study: "Study") -> procedures.Transfusions:
    """Return the transfusions; the same at every call."""
    random = _own(study, "medication", 1)
    return procedures.transfuse(random, load("procedures"), study.course, study.draws, study.severe)


def _own(study: "Study", layer: str, place: int) -> Random:
    """Return one of the independent parts of a layer's stream, at its beginning."""
    return np.random.Generator(np.random.PCG64(study.seeds[layer]).jumped(place))


def _medication(study: "Study", past: history.Past, adverse: Records) -> dict[str, Records]:
    words, others = load("medication"), load("procedures")
    people, course = study.people, study.course
    random = _own(study, "medication", 2)
    taken = medication.medicines(random, words, people, past, course, adverse)
    given = transfusions(study)
    return {
        "medicines": medication.written(random, words, study.model, people, taken),
        "procedures": procedures.procedures(random, others, people, course, given, adverse),
    }


def _examinations(random: Random, study: "Study") -> dict[str, Records]:
    words, model, visits = load("examination"), study.model, study.visits
    people, course = study.people, study.course
    signs = examination.at(visits, model, words["forms"]["signs"])
    status = examination.at(visits, model, words["forms"]["performance"])
    tests = examination.at(visits, model, words["forms"]["pregnancy"])
    hot = examination.feverish(course, study.draws, signs)
    return {
        "vital_signs": examination.vital_signs(random, words, people, signs, hot),
        "performance": examination.performance(random, words, people, course, status),
        "pregnancy_tests": examination.pregnancy_tests(words, model, people, tests),
    }


def _collections(study: "Study") -> dict[str, Records]:
    random, words = study.stream("medication"), load("collection")
    people, course, visits = study.people, study.course, study.visits
    collected = collection.aphereses(random, words, course, visits)
    made = collection.products(random, words, people, course, study.draws, visits)
    label = truth.labels(people, study.model["sites"]["site"])[made["subject"]]
    made["patient"] = np.array([one.replace("-", "_") for one in label], dtype=object)
    return {"aphereses": collected, "products": made}
