"""Reading the files of datasets: the simple way must say what YAML says, or leave it to YAML."""

import pytest
import yaml

from cdisc.resources import specs_root
from cdisc.standard.reading import read_simple

FILES = sorted([*specs_root().glob("sdtm/**/*.yaml"), *specs_root().glob("adam/**/*.yaml")])


def test_every_file_is_read_as_yaml_reads_it():
    differing, simple = [], 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        found = read_simple(text)
        simple += found is not None
        if found not in (None, yaml.load(text, Loader=yaml.CBaseLoader)):  # noqa: S506  text only
            differing.append(path.name)

    assert differing == []
    assert simple >= 180  # every dataset; guides, models and structures of ADaM use more of YAML


@pytest.mark.parametrize(
    "text",
    [
        "name: 'AE'\nvariables: |\n  A\n",
        "name: AE # a comment\nvariables: |\n  A\n",
        "name: AE: BE\nvariables: |\n  A\n",
        "name: AE:\nvariables: |\n  A\n",
        "name: AE \nvariables: |\n  A\n",
        "name: AE\nname: BE\nvariables: |\n  A\n",
        "name: AE\nlist:\n  - A\nvariables: |\n  A\n",
        "name: AE\nvariables: |\n    A\n",
        "name: AE\nvariables: |\n  A\nmore: B\n",
        "name: AE\nvariables: |\n  A",
        "name: AE\nvariables: >\n  A\n",
        "name: [AE]\nvariables: |\n  A\n",
    ],
)
def test_what_is_not_simple_is_left_to_the_parser(text):
    assert read_simple(text) is None


def test_what_is_simple_is_read():
    text = "# facts\nname: AE\nlabel: Adverse Events\n# the line\nvariables: |\n  A | B\n  C | D\n"
    assert read_simple(text) == {
        "name": "AE", "label": "Adverse Events", "variables": "A | B\nC | D\n",
    }  # fmt: skip
