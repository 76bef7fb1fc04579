"""The page about define.xml is true: its file is one, its commands run."""

import re
from pathlib import Path

from cdisc.source import parse_document
from cdisc.spec.define import DefineFile
from cdisc.tools.formatting import formatted

PAGE = (Path(__file__).parents[2] / "docs" / "define.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_example_of_define_yaml_is_read_and_shows_every_part():
    document = parse_document(EXAMPLE, file="define.yaml")

    model = DefineFile.model_validate(document.value)

    assert document.problems == ()
    assert all(getattr(model, name) for name in DefineFile.model_fields)


def test_the_example_stays_as_it_is_when_it_is_formatted():
    assert formatted(EXAMPLE, "define", file="define.yaml") == EXAMPLE
