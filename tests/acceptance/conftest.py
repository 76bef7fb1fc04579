"""The demonstration study as the tests of acceptance need it: simulated, built, compared."""

import dataclasses
from pathlib import Path

import pytest

from tests.acceptance.agreement import comparisons, dataset
from tests.demonstration import SEED, demonstration

RUNS = [
    pytest.param((70, SEED), id="70 subjects"),
    pytest.param((70, 1), id="70 other subjects", marks=pytest.mark.exhaustive),
    pytest.param((70, 2), id="70 further subjects", marks=pytest.mark.exhaustive),
    pytest.param((2000, SEED), id="2000 subjects", marks=pytest.mark.exhaustive),
]


@dataclasses.dataclass
class Built:
    """A study that was simulated and built."""

    subjects: int
    truth: Path
    package: Path
    comparisons: list
    datasets: dict = dataclasses.field(default_factory=dict)

    def dataset(self, name):
        """Return the records of a dataset of the package."""
        if name not in self.datasets:
            self.datasets[name] = dataset(self.package, name)
        return self.datasets[name]


@pytest.fixture(scope="session", params=RUNS)
def built(request, tmp_path_factory):
    subjects, seed = request.param
    study = demonstration(tmp_path_factory, subjects, seed)
    found = comparisons(study.truth, study.package)
    return Built(subjects, study.truth, study.package, found)
