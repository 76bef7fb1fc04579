"""Small studies whose data sets read each other, from raw files to the package.

``domains/<STUDYID>/`` holds ``mapping``, ``raw`` and ``expected``: of a data set the
variables that are looked at, in the order of its records. What the build has to say of
the study is ``expected/findings.txt``.
"""

import csv
import datetime as dt
from pathlib import Path

import pytest

from cdisc.pipeline import build
from cdisc.transport import read_xpt

HOME = Path(__file__).parent / "domains"
STUDIES = sorted(path.parent.name for path in HOME.glob("*/expected"))
CASES = sorted(f"{path.parents[1].name}/{path.stem}" for path in HOME.glob("*/expected/*.csv"))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Build a study when it is first asked for."""
    built = {}

    def package(study):
        if study not in built:
            out = tmp_path_factory.mktemp(study) / "out"
            home = HOME / study
            created = dt.datetime(2026, 1, 1)  # noqa: DTZ001  the time stamp has no zone
            built[study] = out, build(home / "mapping", raw=home / "raw", out=out, created=created)
        return built[study]

    return package


def shown(value):
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("case", CASES)
def test_records_of_the_package_are_those_that_the_standard_asks_for(case, packages):
    study, name = case.split("/")
    with (HOME / study / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))

    path = next(packages(study)[0].rglob(f"{name.lower()}.xpt"))

    columns = list(expected[0])
    found = read_xpt(path).table.select(columns).to_pylist()
    assert [{one: shown(row[one]) for one in columns} for row in found] == expected


@pytest.mark.parametrize("study", STUDIES)
def test_the_build_finds_nothing_but_what_is_known(study, packages):
    findings = packages(study)[1].findings
    found = [f"{one.code} {one.dataset or ''} {one.variable or ''}".rstrip() for one in findings]
    known = (HOME / study / "expected" / "findings.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(found) == sorted(line for line in known if not line.startswith("#"))
