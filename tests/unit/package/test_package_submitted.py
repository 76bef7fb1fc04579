"""What agencies ask of transport files: one length in all of them, none that is too large."""

import json
import re

import pytest

from cdisc.bounded import Submitted
from cdisc.pipeline import build
from cdisc.transport import read_xpt
from tests.small_package import AE, CREATED, DM

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  dm: {file: dm.csv, subject: SUBJ}
  ae: {file: ae.csv, subject: SUBJ}
"""
SUPP = """\
supp:
  RACEOTH: {label: Race Other, map: dm.RACE}
"""
TERMS = ("RASH", "FEVER", "HEADACHE OF THE WHOLE HEAD")
SDTM = "m5/datasets/s1/tabulations/sdtm"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    home = tmp_path_factory.mktemp("submitted")
    (home / "study" / "sdtm").mkdir(parents=True)
    (home / "raw").mkdir()
    (home / "study" / "study.yaml").write_text(STUDY)
    (home / "study" / "sdtm" / "dm.yaml").write_text(DM + SUPP)
    (home / "study" / "sdtm" / "ae.yaml").write_text(AE)
    subjects = [f"{number:03d}" for number in range(1, 21)]
    lines = [f"{one},2025-01-01,{'FM'[int(one) % 2]},NOT SAY\n" for one in subjects]
    (home / "raw" / "dm.csv").write_text("SUBJ,FIRST,SEX,RACE\n" + "".join(lines))
    events = [f"{one},{term},2025-02-03,Y\n" for one in subjects for term in TERMS]
    (home / "raw" / "ae.csv").write_text("SUBJ,AETERM,AESTDAT,AESI\n" + "".join(events))
    return home


def built(study, name, submitted, memory=None):
    out = study / name
    build(
        study / "study",
        raw=study / "raw",
        out=out,
        created=CREATED,
        submitted=submitted,
        memory=memory,
    )
    return out


@pytest.fixture(scope="module")
def split(study):
    return built(study, "split", Submitted(largest=3_500))


def test_a_dataset_that_is_too_large_has_parts_beside_it_that_are_its_records(split):
    folder = split / SDTM
    parts = sorted((folder / "split").glob("ae*"))

    assert [one.name for one in parts] == ["ae1.xpt", "ae2.xpt", "ae3.xpt"]
    assert max(one.stat().st_size for one in parts) <= 3_500
    tables = [read_xpt(one).table for one in parts]
    assert [one for table in tables for one in table.to_pylist()] == read_xpt(
        folder / "ae.xpt"
    ).table.to_pylist()
    subjects = [set(one.column("USUBJID").to_pylist()) for one in tables]
    assert sum(map(len, subjects)) == 20


def test_the_manifest_knows_the_parts_and_their_records(split):
    written = json.loads((split / "manifest.json").read_text())["outputs"]
    rows = {one["path"]: one.get("rows") for one in written}
    parts = [rows[f"{SDTM}/split/ae{number}.xpt"] for number in (1, 2, 3)]

    assert sum(parts) == rows[f"{SDTM}/ae.xpt"] == 60


def test_parts_do_not_depend_on_the_memory(study, split):
    other = built(study, "bounded", Submitted(largest=3_500), memory=1_000_000)

    files = sorted(path.relative_to(split) for path in split.rglob("*.xpt"))
    assert [(other / one).read_bytes() for one in files] == [
        (split / one).read_bytes() for one in files
    ]


def lengths(folder):
    found = {}
    for path in sorted(folder.glob("*.xpt")):
        for one in read_xpt(path).variables:
            found.setdefault(one.name, {})[path.name] = one.length
    return found


def test_a_variable_has_one_length_in_all_datasets_where_that_is_asked_for(study, split):
    even = built(study, "even", Submitted(one_length=True))

    assert lengths(split / SDTM)["QVAL"] == {"suppae.xpt": 1, "suppdm.xpt": 7}
    assert lengths(even / SDTM)["QVAL"] == {"suppae.xpt": 7, "suppdm.xpt": 7}
    assert all(len(set(one.values())) == 1 for one in lengths(even / SDTM).values())
    assert 'Length="7"' in value_definition(even / SDTM / "define.xml", "SUPPAE", "QVAL")


def value_definition(define, dataset, name):
    text = define.read_text()
    found = re.search(rf'<ItemDef OID="[^"]*{dataset}.{name}"[^>]*>', text)
    assert found, text
    return found[0]
