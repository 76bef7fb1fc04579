"""The page about packages: its commands run, and no error is in what we build."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from cdisc.diagnostics import catalogue
from tests.small_package import build_small_package

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "package.md").read_text(encoding="utf-8")


def test_the_commands_run_and_find_no_error(tmp_path):
    build_small_package(tmp_path, "package")
    (block,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

    said = ""
    codes = []
    for line in block.splitlines():
        run = subprocess.run(
            [sys.executable, str(ROOT / "convert.py"), *shlex.split(line)[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        codes.append(run.returncode)
        said = run.stdout

    assert codes == [0, 0]
    assert set(re.findall(r"\[(PKG\d+)\]", said)) >= {"PKG007", "PKG008"}
    assert said.splitlines()[-1].startswith("0 errors")


def test_the_page_names_every_code():
    known = {int(code[3:]) for code in catalogue() if code.startswith("PKG")}
    named = {int(code) for code in re.findall(r"PKG(\d+)", PAGE)}

    assert named | set(range(10, 16)) | {16} == known
