"""What the CDISC rules engine is told, and what is made of the report that it writes."""

import json
import sys

import pytest

from cdisc.review.official import run_official
from cdisc.validate.rules import Finding

STANDARDS = ["SDTMIG 3.4", "CT sdtm 2025-03-28", "CT define-xml 2026-03-27"]
# The report of version 0.17.1, cut down: an issue of records, one of a dataset, one broken off.
REPORT = {
    "Conformance_Details": {"CORE_Engine_Version": "0.17.1", "Standard": "SDTMIG"},
    "Dataset_Details": [{"filename": "AE", "label": "Adverse Events", "length": 3}],
    "Issue_Summary": [],
    "Issue_Details": [
        {"core_id": "CORE-000022", "message": "serious", "executability": "fully executable",
         "dataset": "AE", "USUBJID": "S1-2", "row": 3, "SEQ": 8,
         "variables": ["AESER", "AESHOSP"], "values": ["N", "Y"]},
        {"core_id": "CORE-000022", "message": "serious", "executability": "fully executable",
         "dataset": "AE", "USUBJID": "S1-1", "row": 1, "SEQ": 2,
         "variables": ["AESER", "AESHOSP"], "values": ["null", "Y"]},
        {"core_id": "CORE-000321", "message": "AEDY is absent", "executability": "",
         "dataset": "AE", "USUBJID": "", "row": "", "SEQ": "",
         "variables": ["AEDY"], "values": ["Not in dataset"]},
        {"core_id": "CORE-000900", "message": "rule failed - KeyError", "executability": "",
         "dataset": "AE", "USUBJID": "", "row": "", "SEQ": "", "variables": "",
         "values": "a column was not found"},
    ],
    "Rules_Report": [
        {"core_id": "CORE-000022", "version": "1", "cdisc_rule_id": "CG0041, TIG0279",
         "fda_rule_id": "", "message": "serious", "status": "ISSUE REPORTED"},
        {"core_id": "CORE-000321", "version": "1", "cdisc_rule_id": "CG0114",
         "fda_rule_id": "FB3201", "message": "", "status": "ISSUE REPORTED"},
        {"core_id": "CORE-000900", "version": "1", "cdisc_rule_id": "CG0001",
         "fda_rule_id": "", "message": "", "status": "EXECUTION ERROR"},
    ],
}  # fmt: skip


@pytest.fixture
def engine(tmp_path):
    """An engine that notes what it was told and writes the report."""
    home = tmp_path / "core"
    home.mkdir()
    (home / "report").write_text(json.dumps(REPORT), encoding="utf-8")
    path = home / "core"
    path.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "pathlib.Path('told').write_text('\\n'.join(sys.argv[1:]))\n"
        "out = sys.argv[sys.argv.index('-o') + 1]\n"
        "pathlib.Path(out + '.json').write_text(pathlib.Path('report').read_text())\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package" / "sdtm"
    folder.mkdir(parents=True)
    (folder / "ae.xpt").write_bytes(b"")
    return folder.parent


def told(engine):
    said = (engine.parent / "told").read_text(encoding="utf-8").splitlines()
    return {
        option: [said[at + 1] for at, one in enumerate(said) if one == option]
        for option in ("-s", "-v", "-dp", "-dxp", "-ct")
    }


def test_issues_of_one_rule_are_one_finding_as_grave_as_our_rule_of_that_number(engine, package):
    found = run_official(engine, package, STANDARDS)

    assert found == (
        Finding(
            "CORE-000022", "error", "serious", "AE", records=2, subjects=2, first=(1, 3),
            values=('AESER "N", AESHOSP "Y"', 'AESER "null", AESHOSP "Y"'),
            source="CDISC rules engine, CORE-000022, CG0041", engine="core",
        ),
        Finding(
            "CORE-000321", "warning", "AEDY is absent", "AE", "AEDY",
            values=('AEDY "Not in dataset"',), engine="core",
            source="CDISC rules engine, CORE-000321, CG0114, FB3201",
        ),
        Finding(
            "CORE", "notice", "1 rule of the CDISC rules engine broke off", "AE",
            values=("CORE-000900",), help="run the engine by itself to see why",
            source="CDISC rules engine", engine="core",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("define", "releases"),
    [
        (None, ["sdtmct-2025-03-28", "define-xmlct-2026-03-27"]),
        ('<MetaDataVersion def:DefineVersion="2.1.5"/>', []),
        ('<MetaDataVersion def:DefineVersion="2.0.0"/>', ["sdtmct-2025-03-28"]),
    ],
    ids=["no define", "2.1", "2.0"],
)
def test_terminology_is_named_as_far_as_the_engine_takes_it(engine, package, define, releases):
    place = package / "sdtm" / "define.xml"
    if define:
        place.write_text(define, encoding="utf-8")

    run_official(engine, package, STANDARDS)

    assert told(engine) == {
        "-s": ["sdtmig"], "-v": ["3-4"], "-ct": releases,
        "-dp": [str(package / "sdtm" / "ae.xpt")], "-dxp": [str(place)] if define else [],
    }  # fmt: skip


def test_dataset_json_is_judged_where_there_is_no_transport_file(engine, package):
    (package / "sdtm" / "ae.xpt").unlink()
    (package / "manifest.json").write_text("{}", encoding="utf-8")
    (package / "sdtm" / "ae.json").write_text('{"datasetJSONVersion": "1.1.0"}', encoding="utf-8")

    run_official(engine, package, STANDARDS)

    assert told(engine)["-dp"] == [str(package / "sdtm" / "ae.json")]
