"""The page about published rules: its rule, its case and its commands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "open-rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
LINES = [line for kind, _, text in BLOCKS if kind == "sh" for line in text.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open-rules")
    for _kind, name, text in BLOCKS:
        if name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def ran(folder, line):
    command = [sys.executable, str(ROOT / "convert.py"), *shlex.split(line)[1:]]
    home = os.environ | {"XDG_CONFIG_HOME": str(folder / "home"), "HOME": str(folder / "home")}
    return subprocess.run(
        command, cwd=folder, env=home, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_rule_of_the_page_is_imported_and_listed_and_finds_what_its_case_expects(folder):
    imported, listed, tested, judged = (ran(folder, line) for line in LINES)

    assert (imported.returncode, listed.returncode, tested.returncode) == (0, 0, 0)
    assert imported.stdout.startswith("1 published rules, sha256 ")
    message = "A serious event does not say whether it led to death."
    assert listed.stdout.splitlines()[0] == f"OWN-0001  error    AE  {message}"
    assert tested.stdout == "empty     1 of 1\nequal_to  1 of 1\n1 of 1 cases pass (100.0%)\n"
    assert (judged.returncode, judged.stderr) == (0, "")
    assert judged.stdout.splitlines()[:4] == [
        f"error[OWN-0001]: {message}",
        "  --> AE.AESER: 1 record of 1 subject, first 2",
        '  = key: USUBJID "S1-001", AESEQ 2',
        '  = found: AESER "Y", AESDTH missing: 1 record',
    ]


def test_a_case_that_fails_says_what_differs(folder):
    results = folder / "cases/OWN-0001/negative/01/results/results.csv"
    results.write_text("Dataset,Record,Variable,Value\nAE,1,AESER,N\n", encoding="utf-8")

    outcome = ran(folder, LINES[2])

    assert outcome.returncode == 4
    assert outcome.stdout.splitlines()[:4] == [
        "OWN-0001 negative/01: the findings differ",
        "    found: AE record 2 AESER = 'Y'",
        "    found: AE record 2 AESDTH = ''",
        "    expected: AE record 1 AESER = 'N'",
    ]


def test_a_rule_that_nobody_understands_is_named_with_the_reason(folder):
    text = (folder / "rules/OWN-0001.yml").read_text(encoding="utf-8")
    other = text.replace("OWN-0001", "OWN-0002").replace("operator: empty", "operator: odd")
    (folder / "rules" / "OWN-0002.yml").write_text(other, encoding="utf-8")

    outcome = ran(folder, "cdisc rules list rules")

    last, total = outcome.stdout.splitlines()[-2:]
    assert last == "OWN-0002  cannot be run: operator odd"
    assert re.fullmatch(r"2 published rules, sha256 [0-9a-f]{12}; 1 that cannot be run", total)


def test_a_folder_without_rules_is_refused(folder, tmp_path):
    outcome = ran(folder, f"cdisc rules list {tmp_path.as_posix()}")
    assert (outcome.returncode, "RULE001" in outcome.stderr) == (2, True)
