"""The demonstration study, simulated and built once for all tests that only read it.

Workers of one run share the folder: the first that needs a study builds it, under a lock,
and the others read what it left.
"""

import dataclasses
import datetime as dt
import fcntl
import os
import pickle
from pathlib import Path

from cdisc.pipeline import build
from cdisc.report.model import Report
from cdisc.resources import mappings_root
from cdisc.simulate import simulate

SEED = 7441291
STUDY = "SYN07441291"
CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  the time stamp has no zone


@dataclasses.dataclass(frozen=True)
class Demonstration:
    """What was simulated, the package that was built of it, and what the build reported."""

    simulated: Path
    package: Path
    report: Report

    @property
    def raw(self):
        return self.simulated / "raw"

    @property
    def truth(self):
        return self.simulated / "truth"

    def transports(self):
        """The transport files by the names of their datasets, in small letters."""
        return {path.stem: path for path in sorted(self.package.rglob("*.xpt"))}


def demonstration(factory, subjects=70, seed=SEED):
    """The study of `cdisc demo` of so many subjects; nobody may write into its folders."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / f"demonstration-{subjects}-{seed}"
    home.mkdir(exist_ok=True)
    report = home / "report.pickle"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not report.exists():
            simulate(home / "simulated", subjects=subjects, seed=seed, mode="quota")
            made = built(home / "simulated" / "raw", home / "package")
            report.write_bytes(pickle.dumps(made))
    found = pickle.loads(report.read_bytes())  # noqa: S301  these tests have written it
    return Demonstration(home / "simulated", home / "package", found)


def built(raw, out):
    """Build the package of the study from raw files; returns the report."""
    return build(mappings_root() / STUDY, raw=raw, out=out, created=CREATED)
