"""Every fact that the standards publish is in specs/, and nothing else is.

The published facts are not part of the repository: they lie in ``shared/standards`` beside
the checkout, or these tests are skipped. Blanks of the source are no part of a text.
"""

import json
from pathlib import Path

import pytest

from cdisc.resources import specs_root
from cdisc.standard import load_sdtm, load_terminology
from cdisc.standard.reading import ADAM_FIELDS, MODEL_FIELDS, read_variables, read_yaml

FACTS = Path(__file__).resolve().parents[3] / "shared" / "standards"
GUIDES = {"3.2": (46, 1142), "3.3": (59, 1723), "3.4": (63, 1917)}
ADAM = {
    "adamig-1-1": "ig-1.1", "adamig-1-2": "ig-1.2", "adamig-1-3": "ig-1.3",
    "adam-occds-1-0": "occds-1.0", "adam-occds-1-1": "occds-1.1",
    "adam-tte-1-0": "tte-1.0", "adam-adae-1-0": "adae-1.0",
}  # fmt: skip
WITHOUT_PARTS = "adam-tte-1-0"  # its numbers go on across its parts
TWICE_NUMBERED = "adam-occds-1-1"  # some of its numbers stand twice; the file has the order
TERMINOLOGY = {
    ("sdtm", "2025-03-28"): 43698, ("adam", "2026-03-27"): 144, ("define-xml", "2026-03-27"): 93,
    ("cdash", "2026-03-27"): 354, ("protocol", "2025-09-26"): 419,
}  # fmt: skip

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(
        not FACTS.is_dir(), reason="the published facts are not beside the checkout"
    ),
]


def published(name):
    return json.loads((FACTS / f"{name}.json").read_text(encoding="utf-8"))


def tidy(text):
    return " ".join(text.split()) if text else None


def fact(variable):
    """What is published of one variable; where a source is silent, None or nothing."""
    return {
        "name": tidy(variable["name"]),
        "label": tidy(variable["label"]),
        "type": variable["type"] or "Char",  # one variable of SDTMIG 3.2 has none; it is text
        "role": tidy(variable.get("role")),
        "core": tidy(variable.get("core")),
        "codelists": tuple(variable.get("codelist", ())),
        "described": tidy(variable.get("describedValueDomain")),
        "values": tuple(variable.get("valueList", ())),
    }


def carried(variable):
    return {
        "name": variable.name,
        "label": variable.label,
        "type": variable.type,
        "role": variable.role,
        "core": variable.core,
        "codelists": variable.codelists,
        "described": variable.described_value_domain,
        "values": variable.value_list,
    }


def in_order(variables):
    return [fact(one) for one in sorted(variables, key=lambda one: int(one["ordinal"]))]


@pytest.mark.parametrize("version", GUIDES)
def test_every_dataset_and_variable_of_an_sdtmig_is_carried(version):
    guide = published(f"sdtmig-{version.replace('.', '-')}")
    source = {one["name"]: one for one in guide["datasets"]}
    standard = load_sdtm(version)
    found = {name: standard.dataset(name) for name in standard.names()}

    assert (len(source), sum(len(one["variables"]) for one in source.values())) == GUIDES[version]
    assert set(found) == set(source)
    for name, one in found.items():
        assert one.label == tidy(source[name]["label"]), name
        assert one.structure == tidy(source[name]["structure"]), name
        assert [carried(item) for item in one.variables] == in_order(source[name]["variables"])


@pytest.mark.parametrize("version", ["1.7", "2.0"])
def test_every_class_and_dataset_of_the_model_is_carried(version):
    folder = specs_root() / "sdtm" / f"model-{version}"
    source = published(f"sdtm-model-{version.replace('.', '-')}")
    classes = {one["name"]: one["variables"] for one in source["classes"] if one["variables"]}
    datasets = {one["name"]: one["variables"] for one in source["datasets"]}

    for part, wanted in (("", classes), ("datasets", datasets)):
        files = [path for path in (folder / part).glob("*.yaml") if path.stem != "standard"]
        found = {read_yaml(path)["name"]: path for path in files}
        assert set(found) == set(wanted)
        for name, path in found.items():
            block = read_yaml(path)["variables"]
            held = [carried(one) for one in read_variables(path, block, MODEL_FIELDS)]
            assert held == in_order(wanted[name]), name


def of_structure(source, structure):
    """The variables in the order of their part and number; see `WITHOUT_PARTS`."""
    variables = [
        (int(part["ordinal"]), int(one["ordinal"]), one)
        for part in structure["variableSets"]
        for one in part["variables"]
    ]
    if source == WITHOUT_PARTS:
        variables.sort(key=lambda one: one[1])
    elif source != TWICE_NUMBERED:
        variables.sort(key=lambda one: one[:2])
    return [fact(one) for *_, one in variables]


@pytest.mark.parametrize("source", ADAM)
def test_every_structure_and_variable_of_an_adam_guide_is_carried(source):
    wanted = {
        one["name"]: of_structure(source, one)
        for one in published(source)["dataStructures"]
        if one["variableSets"]
    }
    folder = specs_root() / "adam" / ADAM[source]
    found = {}
    for path in folder.glob("*.yaml"):
        if path.stem != "standard":
            head = read_yaml(path)
            found[head["name"]] = [
                carried(variable)
                for section in head["sections"]
                for variable in read_variables(path, section["variables"], ADAM_FIELDS)
            ]

    assert set(found) == set(wanted)
    for name, variables in found.items():
        assert variables == wanted[name], name


@pytest.mark.parametrize("release", TERMINOLOGY, ids=lambda release: release[0])
def test_every_codelist_and_term_of_a_release_is_carried(release):
    source = {one["code"]: one for one in published(f"{release[0]}ct-{release[1]}")["codelists"]}
    terminology = load_terminology(*release)

    assert set(terminology.codes()) == set(source)
    assert sum(len(one["terms"]) for one in source.values()) == TERMINOLOGY[release]
    for code, wanted in source.items():
        found = terminology.codelist(code)
        assert (found.name, found.submission_value, found.extensible, found.preferred_term) == (
            wanted["name"], wanted["submissionValue"], wanted["extensible"],
            wanted["preferredTerm"],
        )  # fmt: skip
        held = {(one.code, one.value, one.preferred_term) for one in found.terms}
        assert held == {tuple(term) for term in wanted["terms"]}
        assert len(held) == len(wanted["terms"])
