"""A build writes the guides into its package, with the findings of that build."""

import json

import pytest
from lxml import html

from cdisc.cli import main
from cdisc.cli.guides import with_guides
from cdisc.guides import write_guides
from cdisc.package.manifest import changed_outputs, list_files, listed_outputs
from cdisc.pipeline import build
from tests.small_package import CREATED, write_small_study

FOLDER = "m5/datasets/s1"
GUIDES = [
    f"{FOLDER}/analysis/adam/datasets/adrg.docx",
    f"{FOLDER}/analysis/adam/datasets/adrg.html",
    f"{FOLDER}/tabulations/sdtm/csdrg.docx",
    f"{FOLDER}/tabulations/sdtm/csdrg.html",
]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    write_small_study(folder)
    raw, out = folder / "raw", folder / "pkg"
    build(folder / "S1", raw=raw, out=out, created=CREATED, finish=with_guides)
    return out


def test_they_are_beside_define_xml_and_in_the_manifest(package):
    made = [name for name in list_files(package) if "rg." in name]
    assert made == GUIDES
    assert listed_outputs(package) == frozenset(list_files(package))
    assert changed_outputs(package, (".docx", ".html", ".xpt")) == ()


def test_they_are_those_of_the_finished_package(package, tmp_path):
    write_guides(package, tmp_path)
    for name in GUIDES:
        again = tmp_path / name.rpartition("/")[2]
        assert again.read_bytes() == (package / name).read_bytes()


def test_they_tell_the_findings_of_the_build_with_their_reasons(package):
    page = html.fromstring((package / GUIDES[3]).read_text(encoding="utf-8")).text_content()
    findings = json.loads((package / "reports" / "findings.json").read_text(encoding="utf-8"))
    explained = [one for one in findings if one.get("explained") and one.get("dataset") == "DM"]
    assert explained
    assert [one for one in explained if one["fact"] not in page] == []
    assert "A small study has not all that the guide asks for" in page


def test_a_switch_leaves_them_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_small_study(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["build", "S1", "--raw", "raw", "--out", "pkg", "--no-guides"])
    assert left.value.code == 0, capsys.readouterr().err
    assert [name for name in list_files(tmp_path / "pkg") if "rg." in name] == []


def test_a_package_without_define_xml_has_none(tmp_path):
    with_guides(tmp_path)
    assert list_files(tmp_path) == []
