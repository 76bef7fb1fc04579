"""The page about files: its commands run in order, and show what the page shows."""

import dataclasses
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from cdisc.dataset import Dataset, Variable
from cdisc.transport import write_parquet

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "docs" / "files.md"
PAGE = PLACE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def adverse_events(rows, label):
    columns = dict(
        zip(("USUBJID", "AESEQ", "AETERM", "AESEV"), zip(*rows, strict=True), strict=True)
    )
    variables = (
        Variable("USUBJID", "Unique Subject Identifier", "text", 6),
        Variable("AESEQ", "Sequence Number", "number", 8, integer=True),
        Variable("AETERM", label, "text", 20),
        Variable("AESEV", "Severity/Intensity", "text", 8),
    )
    keys = ("USUBJID", "AESEQ")
    return Dataset("AE", "Adverse Events", "EVENTS", "", keys, variables, pa.table(columns))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What each command returned and said."""
    folder = tmp_path_factory.mktemp("files")
    label = "Reported Term for the Adverse Event"
    new = [("01-001", 1.0, "HEADACHE", "MILD"), ("01-002", 1.0, "RASH", "SEVERE")]
    late = ("01-003", 1.0, "FEVER", None)
    old = adverse_events([new[0], (*new[1][:3], "MILD")], "Term")
    write_parquet(adverse_events([*new, late], label), folder / "ae.parquet")
    write_parquet(dataclasses.replace(old), folder / "old.parquet")
    for _kind, name, text in BLOCKS:
        if name:
            (folder / name).write_text(text, encoding="utf-8")
    outcomes = []
    for line in (line for kind, _, text in BLOCKS if kind == "sh" for line in text.splitlines()):
        run = subprocess.run(
            [sys.executable, str(ROOT / "convert.py"), *shlex.split(line)[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        outcomes.append((run.returncode, run.stdout, run.stderr))
    return outcomes


def test_the_commands_run_in_order(ran):
    assert [(code, said) for code, _out, said in ran] == [
        (0, ""), (0, ""), (0, ""), (0, ""), (0, ""), (1, ""), (0, ""),
    ]  # fmt: skip


def test_the_page_shows_what_the_comparisons_say(ran, golden):
    shown = iter(out for _code, out, _said in ran[2:])

    page = re.sub(
        r"^```text\n.*?^```$",
        lambda _: f"```text\n{next(shown)}```",
        PAGE,
        flags=re.DOTALL | re.MULTILINE,
    )

    golden(PLACE, page)
