"""A summary of the truth by arm: counts, survival and incidence by naive product-limit code.

Counts by day are all that is kept, so the summary of a study of any size is small.
Days count from 1; what happens on a day happens after everybody of that day was at risk.
"""

import hashlib
import json
import math
from pathlib import Path

import numpy as np

from cdisc.simulate.course import Mode
from cdisc.simulate.model import Array, Words
from cdisc.simulate.rendering import Records

_LONGEST = 1_000  # days
_EVENT, _COMPETING = 0, 2
_CODES = 5


class Summary:
    """Collects the endpoints of one block after another.

    Args:
        words: Content of ``endpoints.yaml``.
        arms: Names of the arms.
    """

    def __init__(self, words: Words, arms: list[str]) -> None:
        self._plan = words["summary"]
        self._times = list(words["endpoints"])
        self._arms = arms
        self._subjects = np.zeros(len(arms), dtype=np.int64)
        self._answers = np.zeros(len(arms), dtype=np.int64)
        shape = (len(arms), len(self._times), _CODES, _LONGEST)
        self._counts = np.zeros(shape, dtype=np.int64)

    def add(self, subjects: Records, endpoints: Records) -> None:
        """Add the subjects and endpoints of a block, as the truth files have them."""
        arm = np.array([self._arms.index(one) for one in subjects["arm"]], dtype=np.int64)
        self._subjects += np.bincount(arm, minlength=len(self._arms))
        order = np.argsort(subjects["usubjid"])
        names = subjects["usubjid"]
        place = order[np.searchsorted(names, endpoints["usubjid"], sorter=order)]
        of_row = arm[place]
        yes = (endpoints["endpoint"] == self._plan["response"]) & (endpoints["value"] == "Y")
        self._answers += np.bincount(of_row[yes], minlength=len(self._arms))
        for number, name in enumerate(self._times):
            here = endpoints["endpoint"] == name
            days, codes = (endpoints[one][here].astype(np.int64) for one in ("days", "censored"))
            cell = (of_row[here], np.full(len(days), number), codes, days)
            np.add.at(self._counts, cell, 1)

    def text(self, subjects: int, seed: int, mode: Mode) -> str:
        """Return the summary as JSON text."""
        arms = {}
        for place, name in enumerate(self._arms):
            arms[name] = {
                "n": int(self._subjects[place]),
                "responders": int(self._answers[place]),
                "endpoints": {
                    one: self._of(self._counts[place, number])
                    for number, one in enumerate(self._times)
                },
            }
        content = {
            "subjects": subjects,
            "seed": seed,
            "mode": mode,
            "configuration": _digest(),
            "response": self._plan["response"],
            "chi_square": _chi_square(self._answers, self._subjects),
            "arms": arms,
        }
        return json.dumps(content, indent=2) + "\n"

    def _of(self, counts: Array) -> Words:
        """Counts of one endpoint in one arm, and survival and incidence on some days."""
        survival, incidence, other = product_limit(counts)
        said: Words = {
            "n": int(counts.sum()),
            "events": int(counts[_EVENT].sum()),
            "competing": int(counts[_COMPETING].sum()),
        }
        for day in self._plan["days"]:
            said[f"day_{day}"] = {
                "free_of_all": float(survival[day]),
                "incidence": float(incidence[day]),
                "competing": float(other[day]),
            }
        return said


def product_limit(counts: Array) -> tuple[Array, Array, Array]:
    """Return survival free of any event, and the incidences of the two kinds, by day.

    Args:
        counts: Subjects by code (0 event, 2 competing event, else censored) and day,
            shape (codes, days).
    """
    gone = np.cumsum(counts.sum(axis=0))
    at_risk = np.maximum(counts.sum() - np.r_[0, gone[:-1]], 1)
    first, second = counts[_EVENT] / at_risk, counts[_COMPETING] / at_risk
    free = np.cumprod(1 - first - second)
    before = np.r_[1.0, free[:-1]]
    return free, np.cumsum(before * first), np.cumsum(before * second)


def _chi_square(answers: Array, subjects: Array) -> Words:
    """Pearson's statistic of the two response rates, without correction, and its p-value."""
    total, yes = int(subjects.sum()), int(answers.sum())
    if not (0 < yes < total and subjects.min() > 0):
        return {"statistic": None, "p": None}
    expected = subjects * yes / total
    rest = subjects * (total - yes) / total
    statistic = float(((answers - expected) ** 2 * (1 / expected + 1 / rest)).sum())
    return {"statistic": statistic, "p": math.erfc(math.sqrt(statistic / 2))}


def _digest() -> str:
    """The digest of all words and numbers of the simulation."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).resolve().parent.glob("*.yaml")):
        digest.update(file.name.encode() + b"\n" + file.read_bytes())
    return digest.hexdigest()
