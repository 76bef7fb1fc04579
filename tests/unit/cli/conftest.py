"""A study of one form and one dataset, without any finding, and the command line run on it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from cdisc.cli import main

ROOT = Path(__file__).parents[3]
CREATED = ("--created", "2026-01-01T00:00:00")
STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject", description: A study}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  dm: {file: dm.csv, subject: SUBJ}
"""
CRF = """\
header: {SUBJ: Subject}
forms:
  dm:
    title: Demographics
    fields: {FIRST: First dose, LAST: Last dose, DEATH: Death, AGE: Age, SEX: Sex, REMARK: Remark}
"""
DM = """\
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  SUBJID: dm.SUBJ
  RFSTDTC: dm.FIRST | iso 'y-m-d'
  RFENDTC: dm.LAST | iso 'y-m-d'
  RFXSTDTC: RFSTDTC
  RFXENDTC: RFENDTC
  RFICDTC: RFSTDTC
  RFPENDTC: RFENDTC
  DTHDTC: dm.DEATH | iso 'y-m-d'
  DTHFL: when DTHDTC is not missing then 'Y'
  SITEID: const '01'
  AGE: dm.AGE | num
  AGEU: const YEARS
  SEX: dm.SEX | ct
  RACE: const ASIAN
  ARMCD: const A
  ARM: const 'Arm A'
  ACTARMCD: ARMCD
  ACTARM: ARM
  ARMNRS: "''"
  ACTARMUD: "''"
  INVNAM: dm.REMARK
  COUNTRY: const CHN
"""
RAW = """\
SUBJ,FIRST,LAST,DEATH,AGE,SEX,REMARK
001,2026-01-05,2026-02-01,,34,F,
002,2026-01-06,2026-03-01,2026-04-02,57,M,half of it
"""


@dataclasses.dataclass
class Outcome:
    code: int
    out: str
    err: str


class Home:
    """The current folder, with the study in ``S1`` and its data in ``raw``."""

    def __init__(self, path, capsys):
        self.path = path
        self._capsys = capsys
        self.write("S1/study.yaml", STUDY)
        self.write("S1/sdtm/dm.yaml", DM)
        self.write("S1/crf.yaml", CRF)
        self.write("raw/dm.csv", RAW)

    def write(self, name, text):
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(self, *arguments):
        """Run the command line in this process."""
        with pytest.raises(SystemExit) as left:
            main(arguments)
        said = self._capsys.readouterr()
        return Outcome(left.value.code, said.out, said.err)

    def build(self, *more):
        return self.run("build", "S1", "--raw", "raw", "--out", "pkg", *CREATED, *more)

    def names(self):
        """What lies in the folder, hidden files included."""
        return sorted(path.name for path in self.path.iterdir())


@pytest.fixture
def home(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Home(tmp_path, capsys)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The package of the study as it stands."""
    folder = tmp_path_factory.mktemp("built")
    Home(folder, None)
    ran = run_outside(["build", "S1", "--raw", "raw", "--out", "pkg", *CREATED], folder)
    assert (ran.returncode, ran.stderr) == (0, b"")
    return folder / "pkg"


def contents(folder):
    """Every file of a folder and its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run_outside(arguments, folder, **environment):
    """Run the command line in a process of its own, as a pipe sees it."""
    return subprocess.run(
        [sys.executable, str(ROOT / "convert.py"), *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        check=False,
    )
