"""Whatever is edited, a check that remembers says what one says that does not, byte for byte."""

import contextlib
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.cli import main
from tests.unit.cli.conftest import DM
from tests.unit.cli.test_cli_check_cache import AE, STUDY

FILES = {"study.yaml": STUDY, "sdtm/dm.yaml": DM, "sdtm/ae.yaml": AE}
ADSL = """\
dataset: ADSL
keys: [USUBJID]
rows: each DM
variables:
  SEX: DM.SEX
  AGE: DM.AGE
  TRTSDT: DM.RFXSTDTC | date
"""
# What people do to a file: what stood there, and what stands there then.
EDITS = [
    ("sdtm/ae.yaml", "then 'A'", "then 'C'"),
    ("sdtm/ae.yaml", "AECAT: when DM.SEX = 'F'", "AECAT: when DM.SEX = 'Z'"),
    ("sdtm/ae.yaml", "ct SEVERITIES", "ct GRADES"),
    ("sdtm/ae.yaml", "lookup codes TEXT", "lookup codes NAME"),
    ("sdtm/ae.yaml", "study_day(AESTDTC)", "study_day(DM.RFSTDTC)"),
    ("sdtm/ae.yaml", "AETERM: ae.TERM", "# here\n  AETERM: ae.TERM"),
    ("sdtm/ae.yaml", "iso 'y-m-d'", "iso 'y-m-d"),
    ("sdtm/dm.yaml", "SEX: dm.SEX | ct", "SEX: const F"),
    ("sdtm/dm.yaml", "SEX: dm.SEX | ct", "SEX: dm.AGE | num"),
    ("sdtm/dm.yaml", "RFSTDTC: dm.FIRST | iso 'y-m-d'", "RFSTDTC: AE.AESTDTC"),
    ("sdtm/dm.yaml", "DTHFL: when", "DTHFL: when AGE > 3 and"),
    ("study.yaml", "strong: SEVERE", "strong: WORST"),
    ("study.yaml", "SEVERITIES:", "GRADES:"),
    ("study.yaml", "[KEY, TEXT]", "[KEY, NAME]"),
    ("study.yaml", "  ae: {file", "  zz: {file"),
    ("study.yaml", "ct: 2025-03-28", "adam: ADaMIG 1.3, ct: 2025-03-28"),
    ("study.yaml", "description: A study", "description: A study, cutoff: '2026-01-01'"),
    ("adam/adsl.yaml", "", ADSL),
    ("sdtm/ae.yaml", AE, ""),
    ("terms/more.yaml", "", "terms: {MORE: {a: b}}\n"),
]


class Study:
    def __init__(self, folder):
        self.folder = folder
        self.texts = dict(FILES)
        for name in FILES:
            self.save(name)

    def save(self, name):
        path = self.folder / "S1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.texts.get(name):
            path.write_text(self.texts[name])
            os.utime(path, (0, 0))
        else:
            path.unlink(missing_ok=True)

    def edit(self, name, old, new):
        """Do it, or take it back where it was done."""
        text = self.texts.get(name, "")
        if old in text and (old or not text):
            self.texts[name] = text.replace(old, new, 1) if old else new
        elif new in text:
            self.texts[name] = text.replace(new, old, 1)
        self.save(name)

    def check(self, *options):
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as left,
        ):
            main(["check", str(self.folder / "S1"), *options])
        return left.value.code, out.getvalue(), err.getvalue()


def holds(edits):
    with tempfile.TemporaryDirectory() as name:
        study = Study(Path(name))
        cache = str(study.folder / "cache")
        for edit in [None, *edits]:
            if edit:
                study.edit(*edit)
            plain = study.check("--no-cache")
            assert study.check("--cache", cache) == plain
            assert study.check("--cache", cache) == plain


@settings(max_examples=4)
@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=4))
def test_what_is_remembered_is_what_would_be_found(edits):
    holds(edits)


@pytest.mark.exhaustive
@settings(max_examples=500)
@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=6))
def test_what_is_remembered_is_what_would_be_found_whatever_is_edited(edits):
    holds(edits)
