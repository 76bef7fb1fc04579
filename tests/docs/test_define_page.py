"""The page about define.xml is true: its file is one, its commands run."""

import datetime as dt
import re
import shlex
from pathlib import Path

import pytest

from cdisc.cli import main
from cdisc.dataset import SdtmStudy, StandardUse
from cdisc.source import parse_document
from cdisc.spec.define import DefineFile
from cdisc.tools.formatting import formatted
from define_xml import build_define, read_define, write_define

PAGE = (Path(__file__).parents[2] / "docs" / "define.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_example_of_define_yaml_is_read_and_shows_every_part():
    document = parse_document(EXAMPLE, file="define.yaml")

    model = DefineFile.model_validate(document.value)

    assert document.problems == ()
    assert all(getattr(model, name) for name in DefineFile.model_fields)


def test_the_example_stays_as_it_is_when_it_is_formatted():
    assert formatted(EXAMPLE, "define", file="define.yaml") == EXAMPLE


def test_the_commands_check_and_convert_a_define_xml(tmp_path, monkeypatch):
    commands = re.findall(r"^```sh\n(cdisc define (?:check|convert) .*?)\n```$", PAGE, re.MULTILINE)
    guide = StandardUse("SDTMIG", "SDTMIG", "IG", "3.4")
    study = SdtmStudy("S1", "S1", "A study", "P1", (guide,), ())
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    write_define(build_define(study, created=created), tmp_path / "define.xml")
    monkeypatch.chdir(tmp_path)

    for command in commands:
        with pytest.raises(SystemExit) as caught:
            main(shlex.split(command)[1:])
        assert caught.value.code in {0, 4}  # a study without datasets is not valid

    assert len(commands) == 2
    assert read_define(tmp_path / "define2-0.xml").define_version == "2.0.0"
