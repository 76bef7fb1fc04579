"""The page about workbooks: its commands run in order."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from cdisc.resources import mappings_root

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "workbook.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


def test_the_commands_run_in_order_and_give_the_files_back(tmp_path):
    outcomes = []
    for line in COMMANDS:
        run = subprocess.run(
            [sys.executable, str(ROOT / "convert.py"), *shlex.split(line)[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        outcomes.append((run.returncode, run.stdout))

    assert outcomes[:2] == [
        (0, "build/spec.xlsx\n"),
        (0, "10 files in mappings/PILOT02\nevery line is there; prove them: cdisc check\n"),
    ]
    assert outcomes[2][0] == 0
    assert (tmp_path / "mappings" / "PILOT02" / "sdtm" / "vs.yaml").read_bytes() == (
        mappings_root() / "CDISCPILOT01" / "sdtm" / "vs.yaml"
    ).read_bytes()
