"""The page about the terms inbox: its study is built, its commands run, its output is shown."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "docs" / "terms.md"
PAGE = PLACE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
MADE = "ABC01/terms/AELOC.yaml"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Where the commands ran, and what each of them returned and said."""
    folder = tmp_path_factory.mktemp("terms")
    for _kind, name, text in BLOCKS:
        if name and name != MADE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    lines = [line for kind, _name, text in BLOCKS if kind == "sh" for line in text.splitlines()]
    outcomes = []
    for line in lines:
        run = subprocess.run(
            [sys.executable, str(ROOT / "convert.py"), *shlex.split(line)[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        outcomes.append((run.returncode, run.stdout, run.stderr))
    return folder, outcomes


def test_the_commands_run_in_order(ran):
    _folder, outcomes = ran

    assert [(code, said) for code, _out, said in outcomes] == [(0, "")] * 5
    assert [out.splitlines()[0] for _code, out, _said in outcomes[1:]] == [
        "2 accepted, 0 had their term already",
        "1 accepted, 0 had their term already",
        "3 waiting in inbox.xlsx",
        "0 accepted, 0 had their term already",
    ]


def test_the_page_shows_what_the_first_command_says(ran, golden):
    _folder, outcomes = ran
    start = PAGE.index("```text\n") + len("```text\n")
    end = PAGE.index("```\n", start)

    golden(PLACE, PAGE[:start] + outcomes[0][1] + PAGE[end:])


def test_the_file_that_an_acceptance_makes_is_the_one_shown(ran):
    folder, _outcomes = ran
    (shown,) = [text for _kind, name, text in BLOCKS if name == MADE]

    assert (folder / MADE).read_text(encoding="utf-8") == shown
