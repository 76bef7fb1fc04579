"""The page about validation: its commands run, its rule is one that is carried."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from cdisc.dataset import Dataset, Variable
from cdisc.diagnostics import catalogue
from cdisc.transport import write_parquet
from cdisc.validate.rules import load_rules
from cdisc.validate.rules.presence import load_presence

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def run(folder, line):
    return subprocess.run(
        [sys.executable, str(ROOT / "convert.py"), *shlex.split(line)[1:]],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("validation")
    names = ("STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AETERM", "AEOUT", "AESDTH")
    row = ("S1", "AE", "S1-1", 1.0, "STROKE", "FATAL", "N")
    variables = tuple(
        Variable(one, one, "number" if one == "AESEQ" else "text", 8) for one in names
    )
    table = pa.table({name: [value] for name, value in zip(names, row, strict=True)})
    write_parquet(
        Dataset("AE", "Adverse Events", "EVENTS", "", (), variables, table), folder / "ae.parquet"
    )
    (folder / "pkg").mkdir()
    made = run(folder, "cdisc convert-file ae.parquet pkg/ae.xpt --created 2026-01-01T00:00:00")
    assert made.returncode == 0, made.stderr
    for _kind, name, text in BLOCKS:
        if name:
            (folder / name).write_text(text, encoding="utf-8")
    lines = [line for kind, _, text in BLOCKS if kind == "sh" for line in text.splitlines()]
    return folder, [run(folder, line) for line in lines]


def test_the_commands_of_the_page_run_and_write_the_reports(ran):
    folder, outcomes = ran

    assert [(one.returncode, one.stderr) for one in outcomes] == [(0, "")] * 3
    report = json.loads((folder / "run1.json").read_text(encoding="utf-8"))
    assert {"AE-03", "PK-02"} <= {one["code"] for one in report["findings"]}
    assert all((folder / f"findings.{kind}").stat().st_size for kind in ("html", "xlsx", "sarif"))
    last = outcomes[-1].stdout
    assert "explained reject[PK-02] TS: the package has no dataset TS: The trial summary" in last
    assert "(new)" not in last


def test_the_rule_of_the_page_is_one_that_is_carried():
    shown = next(yaml.safe_load(text) for kind, name, text in BLOCKS if kind == "yaml" and not name)
    carried = yaml.safe_load((ROOT / "specs/rules/domains.yaml").read_text(encoding="utf-8"))

    known = next(one for one in carried["rules"] if one["id"] == shown[0]["id"])
    assert shown[0] | {"source": ""} == known | {"source": ""}


def test_every_code_of_the_table_is_one_that_there_is():
    rows = re.findall(r"^\| (.+?) \| ((?:[A-Z]+-?\d+(?:, )?)+) \|$", PAGE, re.MULTILINE)
    ruled = [
        one for stage in ("sdtm", "adam") for one in (*load_rules(stage), *load_presence(stage))
    ]
    known = {one.code for one in ruled} | set(catalogue()) | {"PK-99"}
    named = {code for _about, codes in rows for code in codes.split(", ")}

    assert len(rows) == 42
    assert named - known == set()
