"""Packages that were made to break the reader: a finding each, and nothing outside is written."""

import dataclasses
import datetime as dt
import json

import pyarrow as pa
import pytest

from cdisc.dataset import Variable
from cdisc.errors import SpecError, StandardNotFoundError
from cdisc.review.judgement import judge
from cdisc.review.official import run_official
from cdisc.review.validation import Asked, run_validation
from cdisc.transport import write_dataset_json, write_xpt

from .conftest import ADSL, CREATED, DM, DS, write

DAY = dt.date(2026, 6, 1)
LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol">
{entities}]>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"><Study OID="S">&lol9;</Study></ODM>
"""


def codes(judged):
    return {one.code for one in judged.findings}


def run(package, **asked):
    return run_validation(package, DAY, Asked(**asked), lambda _said: None)


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "pkg"
    write(folder, [DM, DS])
    return folder


def test_a_transport_file_that_ends_early_is_a_finding_and_the_rest_is_judged(package):
    whole = (package / "ds.xpt").read_bytes()
    (package / "ds.xpt").write_bytes(whole[: len(whole) // 2 + 7])

    judged = judge(package)

    refused = [one for one in judged.findings if one.code.startswith("XPT")]
    assert [(one.severity, one.place) for one in refused] == [
        ("reject", f"{(package / 'ds.xpt').as_posix()}:1")
    ]
    assert [one[0] for one in judged.datasets] == ["DM"]


@pytest.mark.parametrize("name", ["ds.xpt", "define.xml"])
def test_an_empty_file_is_a_finding(package, name):
    (package / name).write_bytes(b"")

    found = [one for one in judge(package).findings if one.severity == "reject"]

    assert {one.code[:3] for one in found} >= {"XPT" if name == "ds.xpt" else "DEF"}


def test_a_define_whose_entities_explode_is_refused_at_once(package):
    entities = "\n".join(
        f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10)
    )
    (package / "define.xml").write_text(LAUGHS.format(entities=entities), encoding="utf-8")

    judged = judge(package)

    assert {one.code for one in judged.findings if one.code.startswith("DEF")} != set()
    assert len(judged.datasets) == 2


def test_ten_thousand_variables_are_a_finding(tmp_path):
    names = [*DM.table.column_names, *(f"X{number}" for number in range(9_997))]
    variables = (*DM.variables, *(Variable(name, name, "text", 1) for name in names[3:]))
    columns = [*DM.table.columns, *(pa.array(["A", "A"]) for _name in names[3:])]
    wide = dataclasses.replace(DM, variables=variables, table=pa.table(columns, names=names))
    (tmp_path / "pkg").mkdir()
    # a transport file cannot hold so many
    write_dataset_json(wide, tmp_path / "pkg" / "dm.json", created=CREATED)

    judged = judge(tmp_path / "pkg")

    (finding,) = [one for one in judged.findings if one.code == "PK-99"]
    assert finding.message == "DM has 10,000 variables, and is not judged further"


def test_names_with_path_separators_are_findings_and_write_nothing(tmp_path):
    odd = dataclasses.replace(DM, name="../../DM", domain=None)
    folder = tmp_path / "pkg"
    folder.mkdir()
    write_xpt(DM, folder / "dm.xpt", created=CREATED)
    raw = (folder / "dm.xpt").read_bytes()
    (folder / "dm.xpt").write_bytes(raw.replace(b"DM      ", b"../../DM"))
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))

    validation = run(folder, no_values=True)

    assert odd.name in {one.dataset for one in validation.findings}
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


def test_a_dataset_without_subjects_is_judged_all_the_same(tmp_path):
    (tmp_path / "pkg").mkdir()
    names = ["STUDYID", "DOMAIN", "DSTERM", "DSSCAT"]
    keep = tuple(one for one in DS.variables if one.name in names)
    bare = dataclasses.replace(DS, variables=keep, table=DS.table.select(names), keys=())
    for one in (DM, bare):
        write_xpt(one, tmp_path / "pkg" / f"{one.name.lower()}.xpt", created=CREATED)

    found = [one for one in judge(tmp_path / "pkg").findings if one.dataset == "DS"]

    assert "SDTM001" in {one.code for one in found}


def test_dataset_json_is_judged_where_there_is_no_transport_file(tmp_path):
    for one in (DM, DS):
        write_dataset_json(one, tmp_path / f"{one.name.lower()}.json", created=CREATED)
    (tmp_path / "settings.json").write_text("{}", encoding="utf-8")

    judged = judge(tmp_path)

    assert [one[0] for one in judged.datasets] == ["DM", "DS"]
    assert not {one for one in codes(judged) if one.startswith("DSJ")}


def test_analysis_data_are_held_against_the_tabulations_of_the_package(tmp_path):
    write(tmp_path / "sdtm", [DM, DS], define=False)
    write(tmp_path / "adam", [ADSL], define=False)

    assert {one[0] for one in judge(tmp_path).datasets} == {"ADSL", "DM", "DS"}


def test_explanations_and_the_run_before_are_taken_and_said_if_in_vain(package, tmp_path):
    explained = tmp_path / "explained.yaml"
    explained.write_text(
        "explained:\n"
        "  - {finding: PK-02, because: Delivered apart}\n"
        "  - {finding: AE-03, because: No such finding}\n"
        "  - {finding: PK-03, because: For a while, until: '2026-01-01'}\n",
        encoding="utf-8",
    )
    previous = tmp_path / "before.json"
    gone = {"code": "X-1", "severity": "error", "message": "m", "records": 1, "values": []}
    gone |= {"fingerprint": "X-1///m", "status": ""}
    previous.write_text(json.dumps({"findings": [gone]}), encoding="utf-8")

    found = {one.code: one for one in run(package, explained=explained, previous=previous).findings}

    assert found["PK-02"].explained == "Delivered apart"
    assert found["PK-03"].explained == ""
    assert {"DATA036", "DATA037"} <= set(found)
    assert (found["PK-02"].status, found["X-1"].status) == ("new", "gone")


@pytest.mark.parametrize("text", ["{", "explained: 4", "\udcff"])
def test_files_that_are_none_are_mistakes_of_who_named_them(package, tmp_path, text):
    wrong = tmp_path / "wrong"
    wrong.write_bytes(text.encode("utf-8", errors="surrogateescape"))

    for asked in ({"explained": wrong}, {"previous": wrong}):
        with pytest.raises(SpecError) as caught:
            run(package, **asked)
        assert [one.code for one in caught.value.diagnostics] == ["SPEC001"]


ENGINE = """#!/bin/sh
while [ "$1" != "-o" ]; do shift; done
cat > "$2.json" <<'END'
{"Issue_Details": [
 {"core_id": "CORE-000001", "message": "m", "dataset": "ds.xpt", "row": 2, "USUBJID": "S1-2",
  "variables": ["DSTERM"], "values": ["COMPLETED"]},
 {"core_id": "CORE-000001", "message": "m", "dataset": "ds.xpt", "row": 1, "USUBJID": "S1-1",
  "variables": ["DSTERM"], "values": ["COMPLETED"]}]}
END
"""


def test_the_rules_engine_is_a_process_whose_report_is_merged(package, tmp_path):
    engine = tmp_path / "core"
    engine.write_text(ENGINE, encoding="utf-8")
    engine.chmod(0o755)

    (found,) = [one for one in run(package, core=engine).findings if one.engine == "core"]

    assert (found.code, found.severity, found.dataset, found.variable) == (
        "CORE-000001", "error", "DS", "DSTERM",
    )  # fmt: skip
    assert (found.records, found.subjects, found.first) == (2, 2, (1, 2))
    assert found.values == ('DSTERM "COMPLETED"',)


@pytest.mark.parametrize("text", ["#!/bin/sh\necho broken >&2; exit 1\n", None])
def test_a_rules_engine_that_gives_no_report_is_said(package, tmp_path, text):
    engine = tmp_path / "core"
    if text is not None:
        engine.write_text(text, encoding="utf-8")
        engine.chmod(0o755)

    with pytest.raises(StandardNotFoundError) as caught:
        run_official(engine, package, ["SDTMIG 3.4"])

    (one,) = caught.value.diagnostics
    assert one.code == "STD009"
    if text is not None:
        assert one.found == ("broken",)
