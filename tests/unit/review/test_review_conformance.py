"""What validation finds in a package is in its reports and its guides when it is built."""

import json
import shutil

import pytest
from lxml import html

from cdisc.cli.guides import conform, with_guides
from cdisc.package.manifest import list_files, listed_outputs
from cdisc.pipeline import build
from tests.small_package import CREATED, write_small_study

REASON = "The trial summary is delivered later"
GUIDE = "m5/datasets/s1/tabulations/sdtm/csdrg.html"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A package that was built, and its copy of another name that is judged once more."""
    folder = tmp_path_factory.mktemp("conformance")
    write_small_study(folder)
    with (folder / "S1" / "explained.yaml").open("a", encoding="utf-8") as file:
        file.write(f"  - {{finding: PK-02, because: {REASON}, by: Data management}}\n")

    def conformed(package):
        conform(package, folder / "S1", CREATED.date(), 1, lambda _said: None)

    def finish(package):
        shutil.copytree(package, folder / "another name")
        conformed(package)
        with_guides(package)

    out = folder / "pkg"
    build(folder / "S1", raw=folder / "raw", out=out, created=CREATED, finish=finish)
    conformed(folder / "another name")
    return out, folder / "another name"


def report(package):
    return json.loads((package / "reports" / "conformance.json").read_text(encoding="utf-8"))


def test_the_report_is_that_of_the_package_with_its_explanations(packages):
    found = report(packages[0])

    assert found["package"] == "S1"
    (one,) = [one for one in found["findings"] if one["code"] == "PK-02"]
    assert one["explained"] == f"{REASON} (Data management)"
    assert {"SDTM023", "PKG008"} <= {one["code"] for one in found["findings"]}


def test_the_reports_are_in_the_manifest_and_do_not_tell_where_the_package_lay(packages):
    names = ["reports/conformance.html", "reports/conformance.json"]
    first, second = packages

    assert [name for name in list_files(first) if "conformance" in name] == names
    assert listed_outputs(first) == frozenset(list_files(first))
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()
        assert str(first.parent) not in (first / name).read_text(encoding="utf-8")


def test_the_guide_tells_what_rules_found_and_why_it_stays(packages):
    page = html.fromstring((packages[0] / GUIDE).read_text(encoding="utf-8")).text_content()

    assert "the package has no dataset TS" in page
    assert REASON in page


def test_what_the_build_found_as_well_is_told_once(packages):
    page = html.fromstring((packages[0] / GUIDE).read_text(encoding="utf-8"))
    rows = [[cell.text_content() for cell in row] for row in page.iter("tr")]
    absent = [row for row in rows if row[0] == "SDTM023" and row[2].startswith("DM.")]

    assert absent
    assert len({row[2] for row in absent}) == len(absent)
