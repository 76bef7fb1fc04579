"""What must not be loaded before it is needed: each costs more than the command itself."""

import json
import subprocess
import sys

import pytest

from .conftest import ROOT

HEAVY = ("pandas", "numpy", "duckdb", "pyarrow", "pyreadstat", "lxml", "openpyxl", "xlrd")
CODE = """
import json, sys
from cdisc.cli import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as left:
    assert not left.code, left.code
print("loaded", json.dumps(sorted(set(json.loads(sys.argv[2])) & set(sys.modules))))
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["ct", "--help"], ["ct", "list"], ["check", "SYN07441291"]],
    ids=" ".join,
)
def test_a_command_without_data_loads_nothing_that_handles_data(arguments):
    ran = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(arguments), json.dumps(HEAVY)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ran.stdout.splitlines()[-1] == "loaded []"
