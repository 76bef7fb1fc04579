"""A writer that is killed leaves nothing under the name of its file, or all of it."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("killed_writer.py")


def what_stood(folder, suffix, times):
    done = subprocess.run(
        [sys.executable, PROGRAM, folder, suffix, str(times)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Counter(done.stdout.split())


@pytest.mark.parametrize("suffix", [".xpt", ".json", ".dsjc", ".parquet", ".csv"])
def test_a_killed_writer_leaves_what_was_there(tmp_path, suffix):
    stood = what_stood(tmp_path, suffix, 6)
    assert stood["part"] == 0
    assert stood.total() == 6


@pytest.mark.slow
def test_two_hundred_kills_leave_no_part_of_a_transport_file(tmp_path):
    stood = what_stood(tmp_path, ".xpt", 200)
    assert stood["part"] == 0
    assert stood["nothing"] >= 10
    assert stood["before"] >= 10
    assert stood["whole"] >= 2  # a busy machine kills most of them before their end
    assert stood.total() == 200
