"""The define.xml of both packages of the CDISC pilot study, judged by others and by ourselves."""

import warnings
from pathlib import Path

import pytest

from cdisc.review import check_defines
from define_xml import read_define, validate_schema
from define_xml.schema import published_schemas
from tests.reference.test_cdiscpilot01 import DATASETS, out, pytestmark
from tests.test_define_packages import STAGES, judged_by_odmlib

__all__ = ["out", "pytestmark"]


@pytest.fixture(params=STAGES)
def place(request, out):
    return Path(out) / DATASETS / request.param / "define.xml"


def test_it_is_valid_by_the_published_schema_and_read_whole(place):
    assert validate_schema(place, published_schemas()) == ()
    assert read_define(place).unread == ()


def test_the_check_of_the_whole_package_finds_no_error(out):
    assert [one for one in check_defines(Path(out)) if one.severity == "error"] == []


@pytest.mark.witness
def test_the_checks_of_odmlib_find_nothing(place):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what odmlib says of its own older interfaces
        judged_by_odmlib(place)
