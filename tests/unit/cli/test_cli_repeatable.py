import subprocess
import sys

import pytest

from .conftest import CREATED, ROOT, contents, run_outside

KILLED = """\
import os, sys
import cdisc.describing, cdisc.pipeline
from cdisc.cli import main

cdisc.{function} = lambda *_, **__: os._exit(9)
main(sys.argv[1:])
"""


ONCOLOGY = ROOT / "tests" / "domains" / "ONC01"


def built_twice(study, raw, folder):
    """Build a study in two surroundings; returns what is in the packages, and what was said."""
    build = ["build", study, "--raw", raw, *CREATED]
    one = run_outside(
        [*build, "--out", "one", "--threads", "1"], folder, PYTHONHASHSEED="1", TZ="Asia/Shanghai"
    )
    two = run_outside(
        [*build, "--out", "two", "--threads", "2"], folder, PYTHONHASHSEED="2", LC_ALL="C"
    )
    assert (one.returncode, two.returncode) == (0, 0)
    assert (one.stdout, one.stderr) == (two.stdout, two.stderr)
    return contents(folder / "one"), contents(folder / "two")


@pytest.mark.slow
def test_two_builds_are_alike_whatever_the_order_of_hashes_and_the_number_of_threads(tmp_path):
    first, second = built_twice(str(ONCOLOGY / "mapping"), str(ONCOLOGY / "raw"), tmp_path)
    assert list(first) == list(second)
    assert [name for name, held in first.items() if second[name] != held] == []
    assert len([name for name in first if name.endswith(".xpt")]) == 25


@pytest.mark.exhaustive
def test_two_builds_of_the_demonstration_are_alike(tmp_path):
    simulate = ["simulate", "--out", "simulated", "--subjects", "8", "--seed", "1"]
    assert run_outside(simulate, tmp_path).returncode == 0
    first, second = built_twice("SYN07441291", "simulated/raw", tmp_path)
    assert list(first) == list(second)
    assert [name for name, held in first.items() if second[name] != held] == []
    assert len([name for name in first if name.endswith(".xpt")]) == 44


def test_a_build_does_not_tell_where_it_was_made(home):
    home.build()
    assert home.run("build", "S1", "--raw", "raw", "--out", "elsewhere/pkg", *CREATED).code == 0

    assert contents(home.path / "pkg") == contents(home.path / "elsewhere" / "pkg")
    assert [
        name
        for name, held in contents(home.path / "pkg").items()
        if str(home.path).encode() in held
    ] == []


@pytest.mark.parametrize("function", ["describing.write_define", "pipeline.write_manifest"])
def test_a_build_that_is_killed_leaves_the_package_as_it_was(home, function):
    home.build()
    before = contents(home.path / "pkg")
    home.write("raw/dm.csv", (home.path / "raw/dm.csv").read_bytes().replace(b",57,", b",75,"))

    killed = subprocess.run(
        [
            *(sys.executable, "-c", KILLED.format(function=function)),
            *("build", "S1", "--raw", "raw", "--out", "pkg", *CREATED),
        ],
        cwd=home.path,
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert killed.returncode == 9
    assert contents(home.path / "pkg") == before
    again = home.build()
    assert (again.code, again.err) == (0, "")
    assert contents(home.path / "pkg") != before
    assert home.names() == ["S1", "pkg", "raw"]


def test_what_is_written_does_not_depend_on_the_encoding_of_the_terminal(home):
    home.write(
        "S1/study.yaml",
        (home.path / "S1/study.yaml").read_bytes().replace(b"A study", "研究".encode()),
    )

    ran = run_outside(
        ["build", "S1", "--raw", "raw", "--out", "pkg"], home.path, PYTHONIOENCODING="ascii"
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode("utf-8").startswith("S1  研究\n")
