"""`cdisc check` on a study of many datasets: CPU milliseconds a line.

    python benchmarks/check.py --datasets 35
    python benchmarks/check.py --study SYN07441291

Writes mapping files to a temporary folder: DM, LB, and analysis datasets of 25 lines each
that differ in their names; or takes a study that is carried. Prints what imports cost, the
first check in a process, and a second one, which has nothing left to load. Then the command
itself, as a person runs it, each in a process of its own: with nothing kept, with nothing
changed since, and with one mapping file edited since; the best of `--times`.
"""

import argparse
import gc
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BEGUN = time.process_time()
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # as the command line does

import cdisc.cli.application  # noqa: E402, F401  importing is part of what is measured
from cdisc.resources import mappings_root  # noqa: E402
from cdisc.tools.checking import check  # noqa: E402

STUDY = """
study: {id: BENCH, usubjid: "'BENCH-' + subject", cutoff: "2026-12-31"}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28}
raw:
  dm:  {file: dm.csv, subject: SUBJ}
  lab: {file: lab.csv, subject: SUBJ}
tables:
  tests:
    columns: [CODE, TESTCD, UNIT]
    rows:
      - [WBC, WBC, 10^9/L]
      - [HGB, HGB, g/L]
"""
DM = """
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID:   dm.SUBJ
  RFSTDTC:  dm.START | iso 'y-m-d'
  RFXSTDTC: copy RFSTDTC
  SITEID:   dm.SITE
  SEX:      dm.SEX | ct
  ARMCD:    const A
  ARM:      const A
  ACTARMCD: const A
  ACTARM:   const A
  COUNTRY:  const CHN
"""
LB = """
dataset: LB
rows: each lab where lab.STATUS <> 'X'
keys: [USUBJID, LBTESTCD, LBDTC, LBREFID]
variables:
  LBREFID:  lab.SAMPLE
  LBTESTCD: lab.CODE | lookup tests TESTCD else error
  LBTEST:   LBTESTCD | decode LBTESTCD
  LBCAT:    const HEMATOLOGY
  LBORRES:  lab.RESULT | squish
  LBORRESU: lab.UNIT | ct
  LBSTRESC: LBORRES
  LBSTRESN: LBSTRESC | num
  LBSTRESU: lab.CODE | lookup tests UNIT
  LBDTC:    lab.COLLECTED | iso 'y/m/d H:M'
  LBDY:     study_day(LBDTC)
"""
ANALYSIS = """
dataset: {name}
label: Analysis {name}
class: BASIC DATA STRUCTURE
rows: each LB where LB.LBTESTCD in ('WBC', 'HGB')
keys: [USUBJID, PARAMCD, ADTC, SRCSEQ]
variables:
  SUBJID:   DM.SUBJID
  SITEID:   DM.SITEID
  SEX:      DM.SEX
  TRTP:     DM.ARM
  TRTA:     DM.ACTARM
  PARAMCD:  LB.LBTESTCD
  PARAM:    LB.LBTEST + ' (' + LB.LBSTRESU + ')'
  PARCAT1:  LB.LBCAT
  ADTC:     {{map: LB.LBDTC, label: Analysis Date as Text}}
  ADT:      LB.LBDTC | date
  ADY:      LB.LBDY
  AVAL:     LB.LBSTRESN
  AVALC:    LB.LBSTRESC
  ABLFL:    >-
    flag last where AVAL is not missing and ADT on or before (DM.RFSTDTC | date)
    by USUBJID PARAMCD order ADTC
  BASE:     first AVAL where ABLFL = 'Y' by USUBJID PARAMCD order ADTC
  CHG:      when ABLFL is missing then AVAL - BASE
  PCHG:     when ABLFL is missing and BASE <> 0 then 100 * (AVAL - BASE) / BASE
  AVISITN:  when ADY < 1 then 0 when ADY <= 7 then 1 when ADY <= 30 then 2 else 99
  AVISIT:   when AVISITN = 0 then 'Baseline' when AVISITN = 1 then 'Week 1' else 'Later'
  ANL01FL:  flag last where AVAL is not missing by USUBJID PARAMCD AVISITN order ADTC SRCSEQ
  CRIT1:    when AVAL > 2 * BASE then 'Doubled' else ''
  CRIT1FL:  when CRIT1 = 'Doubled' then 'Y'
  SRCDOM:   const LB
  SRCSEQ:   LB.LBSEQ
  AVALCAT1: when AVAL > 100 then 'High' when AVAL is not missing then 'Other'
"""


def write_study(folder: Path, datasets: int) -> None:
    """Write mapping files with a number of datasets."""
    (folder / "sdtm").mkdir()
    (folder / "adam").mkdir()
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "sdtm" / "dm.yaml").write_text(DM, encoding="utf-8")
    (folder / "sdtm" / "lb.yaml").write_text(LB, encoding="utf-8")
    for number in range(datasets - 2):
        name = f"ADX{number:03d}"
        text = ANALYSIS.format(name=name)
        (folder / "adam" / f"{name.lower()}.yaml").write_text(text, encoding="utf-8")


@contextmanager
def study_folder(carried: str | None, datasets: int) -> Iterator[Path]:
    """Give the folder of a study that is carried, or else of one that is made for the moment."""
    if carried:
        yield mappings_root() / carried
        return
    with tempfile.TemporaryDirectory() as name:
        write_study(Path(name), datasets)
        yield Path(name)


def commands(folder: Path, times: int) -> None:
    """Print what the command takes when nothing is kept, when all is, and after one edit."""
    with tempfile.TemporaryDirectory() as name:
        study, cache = Path(name) / folder.name, Path(name) / "cache"
        shutil.copytree(folder, study)
        edited = max((study / "sdtm").glob("*.yaml"), key=lambda path: path.stat().st_size)
        best: dict[str, tuple[float, float]] = {}
        for number in range(times):
            shutil.rmtree(cache, ignore_errors=True)
            for said in ("nothing kept", "no change", "one edit"):
                if said == "one edit":
                    with edited.open("a", encoding="utf-8") as file:
                        file.write(f"# {number}\n")
                best[said] = min(best.get(said, (1e9, 1e9)), command(study, cache))
    for said, (wall, cpu) in best.items():
        print(f"{said:13} {wall * 1000:7.0f} ms, {cpu * 1000:.0f} ms CPU")


def command(study: Path, cache: Path) -> tuple[float, float]:
    """Run the command; return wall and CPU seconds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    code = "from cdisc.cli import main; main()"
    options = ["check", str(study), "--cache", str(cache)]
    ran = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, check=False)
    wall = time.perf_counter() - begun
    assert ran.returncode == 0, ran.stderr.decode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print one line a phase."""
    imported = time.process_time() - _BEGUN
    gc.disable()  # as good as the command line, which keeps nearly all that it makes
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--datasets", type=int, default=35)
    parser.add_argument("--study", metavar="NAME", help="a study that is carried")
    parser.add_argument("--times", type=int, default=5, help="the command is run so often")
    arguments = parser.parse_args()
    print(f"imports       {imported * 1000:7.0f} ms CPU")
    with study_folder(arguments.study, arguments.datasets) as folder:
        for said in ("first check", "second check"):
            begun = time.process_time()
            program = check(folder).program
            spent = (time.process_time() - begun) * 1000
            plans = [one for one in program.datasets.values() if one.of is None]
            lines = sum(len(one.variables) for one in plans)
            each = spent / lines
            print(f"{said:13} {spent:7.0f} ms CPU, {len(plans)} datasets, {each:.2f} ms a line")
        commands(folder, arguments.times)


if __name__ == "__main__":
    main()
