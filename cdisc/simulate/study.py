"""Simulate the demonstration study: the true course, then its raw files, then defects.

Independent random streams per layer: with the defects left out, or another
rendering, the subjects live the same lives. Laboratory results, by far the most
rows, are made and written in blocks of subjects, so that memory stays bounded.
"""

import dataclasses
from pathlib import Path

import numpy as np

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.simulate import assessment, charts, clinic, defects, dosing, laboratory, toxicity, truth
from cdisc.simulate import course as courses
from cdisc.simulate.course import Course, Draws
from cdisc.simulate.files import Writer
from cdisc.simulate.model import Array, Random, Words, load
from cdisc.simulate.people import People, apply_script, enrol
from cdisc.simulate.rendering import Records, Table, render, system_columns
from cdisc.simulate.toxicity import Events, Interval
from cdisc.simulate.visits import Visits, schedule

_LAYERS = (
    "randomization",
    "baseline",
    "treatment",
    "disease",
    "toxicity",
    "labs",
    "rendering",
    "dirt",
    "visits",
    "mrd",
    "gvhd",
    "history",
    "medication",
)
_MOST = 20_000


@dataclasses.dataclass(frozen=True, slots=True)
class Study:
    """Everything true of the simulated subjects, and the words to write it with."""

    model: Words
    forms: Words
    people: People
    draws: Draws
    course: Course
    severe: list[list[Interval]]
    events: Events
    event_words: Words
    laboratory_words: Words
    script: Words
    visits: Visits
    seeds: dict[str, np.random.SeedSequence]

    def stream(self, layer: str, part: str = "") -> Random:
        """Return a generator at the beginning of the stream of a layer.

        Args:
            layer: One of the layers above.
            part: A part of the layer with a stream of its own, such as one form.
        """
        seed = self.seeds[layer]
        key = (*seed.spawn_key, *part.encode())
        return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key))


def simulate(out: Path, *, subjects: int = 70, seed: int = 7441291) -> None:
    """Write the raw files of a synthetic study, and the truth behind them.

    The same arguments give the same bytes.

    Args:
        out: Folder; ``raw/edc``, ``raw/ext`` and ``truth`` appear inside it.
        subjects: How many subjects are randomized; screening failures come on top.
        seed: Master seed of all random streams.

    Raises:
        OutputError: SIM001, the number of subjects cannot be simulated; SIM002, a
            file cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     simulate(Path(folder), subjects=2)
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['raw', 'truth']
    """
    if not 1 <= subjects <= _MOST:
        fact = f"a study of {subjects} subjects cannot be simulated"
        raise OutputError([Diagnostic("SIM001", fact, expected=f"a number from 1 to {_MOST}")])
    study = live(subjects, seed)
    log = defects.Log()
    plan = load("defects")
    _write_forms(study, out, plan, log)
    _write_results(study, out, plan, log)
    _write_truth(study, out, log)


def live(subjects: int, seed: int) -> Study:
    """Return the true study, before anything is rendered."""
    seeds = dict(zip(_LAYERS, np.random.SeedSequence(seed).spawn(len(_LAYERS)), strict=True))
    random = {layer: np.random.default_rng(one) for layer, one in seeds.items()}
    model, script, event_words = load("model"), load("script"), load("events")
    people = enrol(random["randomization"], random["baseline"], model, subjects, script)
    draws = courses.draw((random["treatment"], random["disease"]), model, people)
    draws |= toxicity.draw(random["toxicity"], model, people)
    draws |= mrd.draw(random["mrd"], load("mrd"), people)
    apply_script(draws, people.arm, people.rank, script)
    course = courses.resolve(model, people, draws)
    events = toxicity.happen(random["toxicity"], model, event_words, people, course, draws)
    severe = toxicity.intervals(model, course, draws)
    return Study(
        model=model,
        forms=load("forms"),
        people=people,
        draws=draws,
        course=course,
        severe=severe,
        events=events,
        event_words=event_words,
        laboratory_words=load("laboratory"),
        script=script,
        visits=schedule(random["visits"], model, people, course, draws),
        seeds=seeds,
    )


def _records(study: Study) -> dict[str, Records]:
    """The record table of every form but the laboratory results, by name in forms.yaml."""
    random = study.stream("rendering")
    model, people, course, draws = study.model, study.people, study.course, study.draws
    given = dosing.cycles(random, model, course, draws)
    made = {
        "demographics": clinic.demographics(model, people),
        "consents": clinic.consents(model, people, course, draws),
        "eligibility": clinic.eligibility(random, people),
        "randomizations": _with_patients(study, clinic.randomizations(people, draws)),
        "lymphodepletion": dosing.lymphodepletion(random, model, people, course),
        "cell_infusions": dosing.cell_infusions(random, model, people, course, draws),
        "chemotherapy": dosing.chemotherapy(random, model, people, given),
        "donor_infusions": dosing.donor_infusions(random, people, given, draws),
        "adverse_events": clinic.adverse_events(
            random, model, study.event_words, people, course, study.events
        ),
        "ends_of_treatment": clinic.ends_of_treatment(
            people, course, draws, _last_doses(course, given)
        ),
        "ends_of_study": clinic.ends_of_study(people, course),
        "deaths": clinic.deaths(people, course, draws),
        "coded_terms": clinic.coded_terms(study.event_words),
        "reference_ranges": laboratory.reference_ranges(model, study.laboratory_words),
    }
    return made | charts.records(study, made["adverse_events"])


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


def _write_forms(study: Study, out: Path, plan: Words, log: defects.Log) -> None:
    random = study.stream("dirt")
    forms, records = study.forms, _records(study)
    sites = np.array(study.model["sites"]["site"], dtype=object)
    ids = {
        "study": study.model["study"],
        "site": sites[study.people.site],
        "label": truth.labels(study.people, study.model["sites"]["site"]),
    }
    for name, form in forms["forms"].items():
        if "records" not in form:
            continue
        source = records[form["records"]]
        table: Table = {}
        if form["as"] == "edc":
            table |= system_columns(source, name, forms["system"], ids)
        table |= render(source, form["columns"], forms["codelists"])
        made = defects.Made(table)
        _note_known(made, name, source, plan)
        defects.inject(random, plan, made, name)
        writer = Writer(out / form["file"], forms["files"][form["as"]])
        writer.write(made.finish(log, form["file"], 0))


def _note_known(made: defects.Made, name: str, source: Records, plan: Words) -> None:
    """Defects that the course itself has: a partial death date, a cancelled number."""
    death = plan["partial_death"]
    if death["form"] == name and source["partial"].any():
        rows = np.flatnonzero(source["partial"])
        clean = made.table[death["column"]][rows].copy()
        partial = [defects.partial_date(one) for one in clean]
        made.table[death["column"]][rows] = np.array(partial, dtype=object)
        made.note(death["id"], rows, death["column"], clean)
    for kind in ("reissued", "screen_failure"):
        one = plan[kind]
        if one["form"] == name:
            rows = np.flatnonzero(made.table[one["column"]] == one["value"])
            made.note(one["id"], rows, one["column"], made.table[one["column"]][rows])


def _write_results(study: Study, out: Path, plan: Words, log: defects.Log) -> None:
    (name,) = (one for one, form in study.forms["forms"].items() if "records" not in form)
    form = study.forms["forms"][name]
    writer = Writer(out / form["file"], study.forms["files"][form["as"]])
    size, step = len(study.people.arm), study.model["subjects_per_block"]
    starts = range(0, size, step)
    seeds = [study.seeds[layer].spawn(len(starts)) for layer in ("labs", "rendering", "dirt")]
    for start, *streams in zip(starts, *seeds, strict=True):
        latent, writing, dirt = (np.random.default_rng(one) for one in streams)
        block = range(start, min(start + step, size))
        table, foreign, clean = _results(study, (latent, writing, dirt), block, plan)
        made = defects.Made(table)
        made.note(plan["other_unit"]["id"], foreign, plan["other_unit"]["column"], clean)
        defects.inject(dirt, plan, made, name, first=start == 0)
        writer.write(made.finish(log, form["file"], writer.rows))


def _results(
    study: Study, random: tuple[Random, Random, Random], block: range, plan: Words
) -> tuple[Table, Array, Array]:
    """One block of results; some are written in the unit of another hospital."""
    latent, writing, dirt = random
    words, form = study.laboratory_words, study.forms["forms"][plan["other_unit"]["form"]]
    model, people = study.model, study.people
    samples = laboratory.take(latent, model, study.visits, study.course, study.severe, block)
    sample, item, value = laboratory.results(
        latent, model, words, study.course, study.severe, samples
    )
    hospital = people.site[samples.subject[sample]]
    foreign = dirt.random(len(hospital)) < plan["other_unit"]["share"]
    dialect = np.where(foreign, plan["other_unit"]["of"], hospital)
    found = laboratory.Results(sample, item, value, dialect)
    records = laboratory.rendered(writing, model, words, people, samples, found)
    own = laboratory.units(model, words, hospital, item)
    rows = np.flatnonzero(own != records["unit"])
    return render(records, form["columns"], {}), rows, own[rows]


def _write_truth(study: Study, out: Path, log: defects.Log) -> None:
    forms, people, course = study.forms, study.people, study.course
    known = list(study.event_words["known"])
    words = forms["words"] | {
        "sites": study.model["sites"]["site"],
        "agvhd_word": known.index("agvhd"),
        "cgvhd_word": known.index("cgvhd"),
    }
    tables = {
        "subjects": truth.subjects(people, course, study.draws, study.events, words, study.script),
        "endpoints": truth.endpoints(people, course, words),
        "intervals": truth.intervals(people, study.severe, words),
        "defects": log.table(),
    }
    for name, form in forms["truth"].items():
        writer = Writer(out / form["file"], forms["files"]["coding"])
        writer.write(render(tables[name], form["columns"], {}))
