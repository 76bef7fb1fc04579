"""Whole studies in buckets of subjects: every file of the package is the same, byte for byte."""

import datetime as dt

import pytest

from cdisc import bounded, pipeline
from cdisc.engine.buckets import Buckets, run_in_buckets
from cdisc.engine.resolve import resolve
from cdisc.engine.run import run
from cdisc.raw import read_study
from cdisc.raw.parts import store_study
from cdisc.resources import mappings_root
from cdisc.simulate import simulate
from cdisc.spec import load_study
from tests.test_architecture import ROOT

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no zone


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_a_study_of_visits_is_the_same_in_any_number_of_buckets(tmp_path):
    place = ROOT / "tests/domains/VIT01"
    loaded = load_study(place / "mapping")
    collected = read_study(loaded, place / "raw")
    program = resolve(loaded, {one.name: one.table.column_names for one in collected.forms})
    whole = run(program, collected)
    for number in (1, 3, 20):
        folder = tmp_path / str(number)
        raw = store_study(loaded, place / "raw", folder / "forms", lambda _said: None)
        parts = run_in_buckets(program, raw, Buckets(folder, number))
        assert {name: one.whole() for name, one in parts.tables.items()} == whole.tables
        assert (parts.findings, parts.uses) == (whole.findings, whole.uses)
        assert (parts.records, parts.unmatched) == (whole.records, whole.unmatched)


@pytest.mark.exhaustive
def test_the_package_of_the_demonstration_is_the_same_in_any_number_of_buckets(
    tmp_path, monkeypatch
):
    simulate(tmp_path / "made", subjects=12, seed=7441291, tell=lambda _said: None)
    study, raw = mappings_root() / "SYN07441291", tmp_path / "made/raw"
    pipeline.build(study, raw=raw, out=tmp_path / "whole", created=CREATED)
    whole = files_of(tmp_path / "whole")
    monkeypatch.setattr(bounded, "_SMALL", 1 << 60)  # no table is small enough for memory
    for number in (1, 3, 20):
        monkeypatch.setattr(bounded, "number_of_buckets", lambda _raw, _memory, n=number: n)
        out = tmp_path / str(number)
        pipeline.build(study, raw=raw, out=out, created=CREATED, memory=2_000_000_000)
        assert files_of(out) == whole
