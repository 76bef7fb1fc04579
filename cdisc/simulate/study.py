"""The true study, block by block: who takes part, what happens to them, when they are seen.

Independent random streams per layer: with the defects left out, or another
rendering, the subjects live the same lives. A block of subjects lives independently
of the others; only their ranks and numbers, and how many were treated, go on from
block to block, so that a study of any size needs the memory of one block.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

from cdisc.simulate import course as courses
from cdisc.simulate import dosing, graft, mrd, toxicity
from cdisc.simulate.course import Course, Draws, Mode, Responders
from cdisc.simulate.model import Random, Words, load
from cdisc.simulate.people import Block, People, apply_script, blocks, enrol
from cdisc.simulate.rendering import Records
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


@dataclasses.dataclass(frozen=True, slots=True)
class Study:
    """Everything true of the subjects of a block, and the words to write it with."""

    block: Block
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
    dirt: Words  # the plan of the defects
    visits: Visits
    given: Records  # cycles of chemotherapy and donor cells
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


def lives(subjects: int, seed: int, mode: Mode = "random") -> Iterator[Study]:
    """Yield the true study block by block, before anything is rendered."""
    names = ("model", "script", "events", "forms", "laboratory", "defects", "mrd", "graft")
    words = {name: load(name) for name in names}
    seen = np.zeros(len(words["model"]["sites"]["site"]), dtype=np.int64)
    responders = Responders(mode)
    for block in blocks(words["model"], subjects):
        numbers = tuple(int(one) for one in block.numbers + seen)
        study = _lived(dataclasses.replace(block, numbers=numbers), seed, words, responders)
        yield study
        seen += np.bincount(study.people.site, minlength=len(seen))


def live(subjects: int, seed: int) -> Study:
    """Return the first block of the true study."""
    for study in lives(subjects, seed):
        return study
    raise AssertionError(subjects)


def _lived(block: Block, seed: int, words: Words, responders: Responders) -> Study:
    root = np.random.SeedSequence([seed, block.number])
    seeds = dict(zip(_LAYERS, root.spawn(len(_LAYERS)), strict=True))
    random = {layer: np.random.default_rng(one) for layer, one in seeds.items()}
    model, event_words = words["model"], words["events"]
    script = words["script"] if block.number == 0 else {}
    people = enrol(random["randomization"], random["baseline"], model, block, script)
    streams = random["treatment"], random["disease"]
    draws = courses.draw(streams, model, people, responders)
    draws |= toxicity.draw(random["toxicity"], model, people)
    draws |= mrd.draw(random["mrd"], words["mrd"], people)
    draws |= graft.draw(random["gvhd"], words["graft"], people)
    apply_script(draws, people.arm, people.rank, script)
    course = courses.resolve(model, people, draws)
    events = toxicity.happen(random["toxicity"], model, event_words, people, course, draws)
    return Study(
        block=block,
        model=model,
        forms=words["forms"],
        people=people,
        draws=draws,
        course=course,
        severe=toxicity.intervals(model, course, draws),
        events=events,
        event_words=event_words,
        laboratory_words=words["laboratory"],
        script=script,
        dirt=words["defects"],
        visits=schedule(random["visits"], model, people, course, draws),
        given=dosing.cycles(random["rendering"], model, course, draws),
        seeds=seeds,
    )
