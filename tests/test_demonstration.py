"""The demonstration study, whole: simulated, built, read back by others, held against the truth."""

import csv
import datetime as dt
import json
from pathlib import Path

import defineutils
import numpy as np
import pandas as pd
import pyreadstat
import pytest

from cdisc.pipeline import build
from cdisc.resources import mappings_root
from cdisc.simulate import simulate
from cdisc.transport import read_xpt
from define_xml import check_define, validate_schema

SAS_EPOCH = dt.date(1960, 1, 1)
SCHEMA = Path(defineutils.__file__).parent / "validate" / "schema"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, subjects=70, seed=7441291)
    return folder


@pytest.fixture(scope="module")
def package(simulated, tmp_path_factory):
    out = tmp_path_factory.mktemp("package") / "out"
    study = mappings_root() / "SYN07441291"
    report = build(study, raw=simulated / "raw", out=out, created=dt.datetime(2026, 1, 1))  # noqa: DTZ001  the time stamp has no zone
    return out, report


def transports(package):
    return sorted(package[0].rglob("*.xpt"))


def dataset(package, name):
    path = next(path for path in transports(package) if path.stem == name)
    return read_xpt(path).to_pandas()


def test_overall_survival_is_the_truth_of_every_subject(simulated, package):
    with (simulated / "truth" / "truth_endpoint.csv").open(encoding="utf-8") as lines:
        truth = {
            row["USUBJID"]: (row["START"], row["DATE"], float(row["DAYS"]), float(row["EVENT"]))
            for row in csv.DictReader(lines)
            if row["ENDPOINT"] == "OS"
        }
    adtte = dataset(package, "adtte")
    found = {
        row.USUBJID: (str(row.STARTDT)[:10], str(row.ADT)[:10], row.AVAL, row.CNSR)
        for row in adtte.itertuples()
    }
    assert len(found) == 70
    assert found == truth


def test_another_reader_reads_every_value_back(package):
    for path in transports(package):
        ours = read_xpt(path)
        theirs, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
        assert meta.column_names == [variable.name for variable in ours.variables]
        assert meta.column_labels == [variable.label for variable in ours.variables]
        assert len(theirs) == ours.table.num_rows
        for variable in ours.variables:
            own = ours.table.column(variable.name)
            if variable.kind == "text":
                assert theirs[variable.name].tolist() == own.fill_null("").to_pylist()
                continue
            expected = [as_sas(value) for value in own.to_pylist()]
            np.testing.assert_array_equal(theirs[variable.name].to_numpy(float), expected)


def as_sas(value):
    if value is None:
        return np.nan
    if isinstance(value, dt.datetime):
        return (value - dt.datetime(1960, 1, 1)).total_seconds()  # noqa: DTZ001  SAS has no zones
    return (value - SAS_EPOCH).days if isinstance(value, dt.date) else value


@pytest.mark.parametrize("stage", ["tabulations/sdtm", "analysis/adam/datasets"])
def test_define_is_valid_and_agrees_with_the_data(package, stage):
    folder = package[0] / "m5" / "datasets" / "syn07441291" / stage
    assert validate_schema(folder / "define.xml", SCHEMA) == ()
    assert check_define(folder / "define.xml") == ()
    assert [one.code for one in package[1].findings if one.code.startswith("DEF")] == []


def test_every_raw_record_and_field_is_accounted_for(package):
    for form in package[1].ledger:
        assert form.unaccounted == 0
        assert [field.name for field in form.unused if not field.reason] == []
        for use in form.uses:
            left_out = sum(
                one.records
                for one in form.excluded
                if (one.dataset, one.line) == (use.dataset, use.line)
            )
            assert use.records + left_out == form.records


def test_only_the_planned_defects_of_the_data_are_errors(package):
    """Two adverse events end before they start: kept as collected, and reported."""
    errors = [one for one in package[1].findings if one.severity == "error"]
    assert [(one.code, one.dataset, one.variable, one.records) for one in errors] == [
        ("SDTM019", "AE", "AEENDTC", 2)
    ]


def test_the_manifest_lists_every_file_with_its_hash(package):
    manifest = json.loads((package[0] / "manifest.json").read_text(encoding="utf-8"))
    files = {
        path.relative_to(package[0]).as_posix() for path in package[0].rglob("*") if path.is_file()
    }
    assert {one["path"] for one in manifest["outputs"]} == files - {"manifest.json"}


def test_units_are_those_of_the_study_whatever_the_hospital_sent(package):
    lb = dataset(package, "lb")
    collected = lb[lb.LBSTRESN.notna()]
    assert collected.groupby("LBTESTCD").LBSTRESU.nunique().max() == 1
    mixed = collected.groupby("LBTESTCD").LBORRESU.nunique()
    assert (mixed > 1).any()
    haemoglobin = collected[(collected.LBTESTCD == "HGB") & (collected.LBORRESU == "g/dL")]
    assert not haemoglobin.empty
    np.testing.assert_allclose(
        haemoglobin.LBSTRESN, pd.to_numeric(haemoglobin.LBORRES) * 10, rtol=1e-12
    )


def test_partial_dates_stay_partial(package):
    starts = dataset(package, "ae").AESTDTC.dropna()
    assert set(starts.str.len()) >= {4, 7, 10}
    assert dataset(package, "ae")[lambda ae: ae.AESTDTC.str.len() < 10].AESTDY.isna().all()
