"""Every folder of ``diagnostics/`` is a small study with a mistake; its text is a golden file."""

import datetime as dt
import re
from pathlib import Path

import pytest

from cdisc.diagnostics import catalogue
from cdisc.engine.proof import prove
from cdisc.engine.resolve import resolve
from cdisc.engine.run import run
from cdisc.errors import CdiscError
from cdisc.explained import explain
from cdisc.ledger import account, check_delivery, check_ledger
from cdisc.spec import load_study
from cdisc.tools.accepting import accept, read_lines
from cdisc.tools.formatting import format_files
from tests.study_builder import read_delivery, resolve_with

HOME = Path(__file__).parent / "diagnostics"
CASES = sorted(folder.name for folder in HOME.iterdir() if folder.is_dir())
# Small studies leave fields unused; only these cases are about that.
OF_THE_LEDGER = ("DATA013", "DATA014")
OF_THE_FORM = "SPEC082"
FAMILIES = ("SPEC", "DATA")
DAY = dt.date(2026, 7, 1)


def findings_of(folder):
    """Load and resolve, and run where there are raw data; nothing is read if a spec is wrong."""
    if not (folder / "study.yaml").exists():
        folder = folder / "CDISCPLOT01"
    if folder.name.startswith(OF_THE_FORM):
        return tuple(one.finding for one in format_files(folder))
    try:
        if (folder / "accept.txt").is_file():
            lines = (folder / "accept.txt").read_text(encoding="utf-8").splitlines()
            accept(folder, read_lines(lines))
        loaded = load_study(folder)
        program = resolve(loaded)
        return reported(loaded, folder) if (folder / "raw").is_dir() else prove(program)
    except CdiscError as error:
        return error.diagnostics


def reported(loaded, folder):
    raw = read_delivery(loaded, folder / "raw")
    program = resolve_with(loaded, raw)
    result = run(program, raw)
    if folder.name.startswith("DATA021"):
        return check_delivery(program, [path.name for path in (folder / "raw").iterdir()])
    if folder.name.startswith(OF_THE_LEDGER):
        return check_ledger(program, account(program, result))
    return explain(result.findings, loaded.explained, DAY)


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_reported_where_it_was_made(case, golden, monkeypatch):
    monkeypatch.chdir(HOME)

    found = findings_of(HOME / case)

    code = case.split("-")[0]
    if re.fullmatch(r"[A-Z]+\d{3}", code):
        assert {one.code for one in found} == {code}
    golden(HOME / case / "expected.txt", "\n\n".join(one.to_text() for one in found) + "\n")


@pytest.mark.parametrize("code", [code for code in catalogue() if code.startswith(FAMILIES)])
def test_every_code_has_a_case(code):
    assert [case for case in CASES if case.startswith(f"{code}-")]


def test_ten_mistakes_of_one_spec_are_ten_findings_in_ten_places(monkeypatch):
    monkeypatch.chdir(HOME)

    found = findings_of(HOME / "SPEC-ten-mistakes")

    assert len(found) == 10
    assert len({(one.span.file, one.span.line, one.span.column) for one in found}) == 10
    assert len({one.code for one in found}) == 10
