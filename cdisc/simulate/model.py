"""The numbers and words of the simulation: files beside this module, read as data.

What the study calls its forms, fields, items and terms is written in YAML; the
Python of this package knows only subjects, days, doses, intervals and texts.
Days are whole numbers since 1970-01-01, times are minutes since then, and
`NEVER` is later than every day of any study.
"""

import copy
import functools
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

Array = NDArray[Any]
Random = np.random.Generator
Words = dict[str, Any]

NEVER: Final = 1_000_000
DAY: Final = 1_440

ADULT: Final = 18  # years
MODERATE, SEVERE, THREATENING, FATAL = 2, 3, 4, 5  # grades
COMPLETED, DIED, LOST, WITHDREW, FAILED = 1, 2, 3, 4, 7  # how participation ends

_HERE = Path(__file__).resolve().parent


def load(name: str) -> Words:
    """Return the content of one of the YAML files beside this module, a copy of one's own."""
    return copy.deepcopy(_read(name))


@functools.cache
def _read(name: str) -> Words:
    text = (_HERE / f"{name}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: Words = yaml.load(text, loader)  # noqa: S506  either loader is the safe one
    return content


def day_number(text: str) -> int:
    """Return the day of an ISO 8601 date; 1970-01-01 is 0."""
    return int(np.datetime64(text, "D").astype(np.int64))


def ranged(random: Random, limits: list[int], size: int | tuple[int, ...]) -> Array:
    """Draw whole numbers from a range that includes both ends."""
    return random.integers(limits[0], limits[1], size=size, endpoint=True)


def per_arm(pair: list[float], arm: Array) -> Array:
    """Return for each subject the value of its arm; subjects without arm get the first."""
    return np.asarray(np.asarray(pair, dtype=float)[np.clip(arm, 0, 1)])


def waiting(random: Random, hazard: Array | float, size: int) -> Array:
    """Draw whole days until an event of constant hazard per day, at least 1."""
    drawn = random.exponential(1.0, size) / np.maximum(hazard, 1e-12)
    return np.minimum(np.ceil(drawn), NEVER).astype(np.int64)


def later(day: Array, offset: Array) -> Array:
    """Add days to a day; what never happens stays `NEVER`."""
    never = (day >= NEVER) | (offset >= NEVER)
    return np.where(never, NEVER, day + offset)
