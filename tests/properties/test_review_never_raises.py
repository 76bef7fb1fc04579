"""Whatever a define.xml says, the package beside it is validated: nothing stops the review."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cdisc.diagnostics import Diagnostic
from cdisc.review import validate_package
from tests.unit.review.conftest import DM, DS, write

VALUES = ["", "X", "Yes", "0", "-1", "text", "float", "IT.DM.USUBJID", "CL.DSSCAT", "2025-03-28"]
DAMAGE = st.tuples(st.integers(0, 10_000), st.integers(0, 10), st.sampled_from([None, *VALUES]))


def damaged(data, damages):
    """Set, delete or replace attributes, and take elements out, at places counted round."""
    root = etree.fromstring(data)
    for place, kind, value in damages:
        elements = list(root.iterdescendants())
        element = elements[place % len(elements)]
        names = sorted(element.attrib)
        if value is None and kind % 2:
            element.getparent().remove(element)
        elif names and value is None:
            del element.attrib[names[kind % len(names)]]
        elif names:
            element.set(names[kind % len(names)], value)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


@settings(max_examples=40)
@given(st.lists(DAMAGE, min_size=1, max_size=4))
def test_a_damaged_define_gives_findings_and_never_stops_the_review(damages):
    with tempfile.TemporaryDirectory() as folder:
        define = write(Path(folder) / "sdtm", [DM, DS]) / "define.xml"
        define.write_bytes(damaged(define.read_bytes(), damages))

        found = validate_package(define.parent)

    assert all(isinstance(one, Diagnostic) for one in found)
    # What the data alone show is found whatever the define.xml says.
    absent = {one.variable for one in found if one.code == "SDTM001" and one.dataset == "DM"}
    assert {"SUBJID", "SITEID", "COUNTRY"} <= absent
