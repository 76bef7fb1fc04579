"""A define.xml of anybody: beside data of any form, alone, several, beside what is no data."""

import dataclasses

import pytest

from cdisc.dataset import SdtmStudy
from cdisc.errors import RawDataError
from cdisc.review import check_defines
from cdisc.transport import write_file
from define_xml import build_define, write_define
from define_xml.versions import as_2_0
from tests.unit.review.conftest import CREATED, DM, SDTM

STUDY = SdtmStudy("S1", "S1", "A study of nothing", "P1", SDTM, (DM,))


def codes(found):
    return [one.code for one in found]


@pytest.fixture
def package(tmp_path):
    """A define.xml, with its dataset in any form."""

    def make(suffix=".xpt", study=STUDY, folder=tmp_path):
        folder.mkdir(exist_ok=True)
        (dataset,) = study.datasets
        write_file(dataset, folder / f"dm{suffix}", created=CREATED)
        define = build_define(study, created=CREATED)
        (group,) = define.item_groups
        leaf = dataclasses.replace(group.leaf, href=f"dm{suffix}")
        define = dataclasses.replace(define, item_groups=(dataclasses.replace(group, leaf=leaf),))
        write_define(define, folder / "define.xml")
        return folder

    return make


@pytest.mark.parametrize("suffix", [".xpt", ".json", ".ndjson", ".parquet"])
def test_a_package_without_a_defect_has_no_finding_whatever_form_its_data_have(package, suffix):
    folder = package(suffix)
    assert codes(check_defines(folder)) == []
    assert codes(check_defines(folder / "define.xml")) == []


@pytest.mark.parametrize("suffix", [".xpt", ".json"])
def test_a_moved_length_is_found_in_any_form(package, suffix):
    folder = package(suffix)
    place = folder / "define.xml"
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace('Length="20"', 'Length="30"', 1), encoding="utf-8")
    assert codes(check_defines(folder)) == ["DEF027"]


def test_a_define_alone_is_checked_by_itself(package):
    folder = package()
    (folder / "dm.xpt").unlink()
    found = check_defines(folder / "define.xml")
    assert [(one.code, one.severity) for one in found] == [("DEF051", "note")]


def test_the_schema_is_asked(package):
    folder = package()
    place = folder / "define.xml"
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace(' FileType="Snapshot"', ' FileType="Picture"'), encoding="utf-8")
    assert set(codes(check_defines(folder))) == {"DEF005"}


def test_a_file_of_2_0_is_checked_but_for_the_schema(package):
    folder = package()
    old, _lost = as_2_0(build_define(STUDY, created=CREATED))
    write_define(old, folder / "define.xml")
    assert codes(check_defines(folder)) == ["DEF052"]


def test_every_define_of_a_package_is_checked_with_its_own_data(package, tmp_path):
    package(folder=tmp_path / "one")
    package(folder=tmp_path / "two")
    (tmp_path / "two" / "dm.xpt").unlink()
    assert codes(check_defines(tmp_path)) == ["DEF051"]


def test_data_that_cannot_be_read_are_a_finding_and_not_the_end(package):
    folder = package()
    (folder / "dm.xpt").write_bytes(b"no transport file")
    found = check_defines(folder)
    assert found[0].span.file.endswith("dm.xpt")
    assert "DEF051" not in codes(found)


def test_a_folder_without_a_define_is_refused(tmp_path):
    with pytest.raises(RawDataError) as error:
        check_defines(tmp_path)
    assert codes(error.value.diagnostics) == ["RAW017"]
