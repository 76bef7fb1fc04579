import re
import shlex
import shutil

import pytest
import typer

from cdisc.cli import app
from cdisc.resources import mappings_root

from .conftest import run_outside

GROUP = typer.main.get_command(app)
COMMANDS = tuple(GROUP.commands)
RULE = """\
Core: {Id: OWN-1}
Rule Type: Record Data
Sensitivity: Record
Scope: {Domains: {Include: [ALL]}}
Check: {all: [{name: USUBJID, operator: empty}]}
Outcome: {Message: Nobody.}
"""
OUTCOMES = {"validate": 4}  # asked to fail on a warning, and the data hold planted mistakes
ORDER = [
    "simulate", "profile", "new", "check", "fmt", "build", "define", "validate",
    "guides", "package", "terms", "convert-file", "compare",
    "acrf", "ct", "rules", "workbook", "show", "sql", "r", "explain", "demo",
]  # fmt: skip


def examples(command):
    return re.findall(r"^ *Example: cdisc (.*)$", GROUP.commands[command].help, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_an_example_of_it(command):
    assert [shlex.split(example)[0] for example in examples(command)] == [command]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_is_explained(command):
    unexplained = [
        one.name
        for one in GROUP.commands[command].params
        if one.name != "help" and not getattr(one, "help", None)
    ]

    assert unexplained == []


def test_the_commands_are_known_here():
    assert sorted(COMMANDS) == sorted(ORDER)


@pytest.mark.exhaustive  # the pages of the documentation run nearly all of them too
def test_the_examples_run_one_after_the_other(tmp_path):
    outcomes = []
    shutil.copytree(mappings_root() / "SYN07441291", tmp_path / "mappings" / "ABC01")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "OWN-1.yml").write_text(RULE, encoding="utf-8")
    for command in ORDER:
        (example,) = examples(command)
        ran = run_outside(shlex.split(example), tmp_path)
        outcomes.append((command, ran.returncode, ran.stdout != b""))

    assert outcomes == [(command, OUTCOMES.get(command, 0), True) for command in ORDER]
    assert (tmp_path / "build" / "demo" / "reports" / "index.html").is_file()


def test_no_command_at_all_shows_the_help(home):
    outcome = home.run()

    assert "Usage: cdisc" in outcome.out + outcome.err
    assert all(command in outcome.out + outcome.err for command in COMMANDS)
