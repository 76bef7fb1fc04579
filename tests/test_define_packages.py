"""The define.xml of both packages of the demonstration study, judged by others and by ourselves."""

import importlib
import warnings

import pytest

from cdisc.review import check_defines
from define_xml import read_define, validate_schema, write_define
from define_xml.schema import published_schemas

STAGES = ["tabulations/sdtm", "analysis/adam/datasets"]
NAMESPACES = {
    "odm": "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "arm": "http://www.cdisc.org/ns/arm/v1.0",
}


@pytest.fixture(params=STAGES)
def place(request, small_study):
    return small_study.package / "m5" / "datasets" / "syn07441291" / request.param / "define.xml"


def test_it_is_valid_by_the_published_schema(place):
    assert validate_schema(place, published_schemas()) == ()


def test_the_check_of_the_whole_package_finds_no_error(small_study):
    found = check_defines(small_study.package)
    assert [one for one in found if one.severity == "error"] == []


def test_it_is_read_whole_and_written_as_it_was(place, tmp_path):
    define = read_define(place)
    assert define.unread == ()
    write_define(define, tmp_path / "define.xml", stylesheet="define2-1.xsl")
    assert (tmp_path / "define.xml").read_bytes() == place.read_bytes()


def test_the_analysis_data_have_their_results(small_study):
    place = small_study.package / "m5" / "datasets" / "syn07441291" / STAGES[1] / "define.xml"
    displays = read_define(place).displays
    assert [(one.name, len(one.results)) for one in displays] == [
        ("Table 14.2.1", 2),
        ("Figure 14.2.2", 1),
        ("Figure 14.2.3", 2),
    ]


def odmlib_of(place):
    registry = importlib.import_module("odmlib.ns_registry").NamespaceRegistry
    for prefix, uri in NAMESPACES.items():
        registry(prefix=prefix, uri=uri, is_default=prefix == "odm")
    loader = importlib.import_module("odmlib.define_loader")
    wrapper = importlib.import_module("odmlib.loader")
    reader = wrapper.ODMLoader(
        loader.XMLDefineLoader(model_package="define_2_1", ns_uri=NAMESPACES["def"])
    )
    reader.open_odm_document(str(place))
    return reader.root()


def judged_by_odmlib(place):
    """Assert that every check of odmlib passes."""
    rules = importlib.import_module("odmlib.define_2_1.rules.metadata_schema")
    references = importlib.import_module("odmlib.define_2_1.rules.oid_ref")
    root = odmlib_of(place)
    oids = references.OIDRef()
    assert root.verify_oids(oids)
    assert oids.check_oid_refs()
    assert root.verify_order()
    assert root.verify_conformance(rules.MetadataSchema())
    # odmlib knows neither the conditions of analyses nor the files of datasets
    assert all(one.startswith(("LF.", "WC.AR.")) for one in oids.check_unreferenced_oids())


@pytest.mark.witness
def test_the_checks_of_odmlib_find_nothing(place):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what odmlib says of its own older interfaces
        judged_by_odmlib(place)
