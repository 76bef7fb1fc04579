"""What the page about define.xml says of define.html: the command runs, the stylesheet is free."""

import datetime as dt
import re
import shlex
from pathlib import Path

import pytest

from cdisc.cli import main
from cdisc.dataset import SdtmStudy
from define_xml import build_define, write_define
from define_xml.stylesheet import STYLESHEET, stylesheet_bytes

PAGE = (Path(__file__).parents[2] / "docs" / "define.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(cdisc define html .*?)\n```$", PAGE, re.MULTILINE)


def test_the_command_makes_the_page_of_a_define_xml(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    study = SdtmStudy("S1", "Study One", "", "P", (), ())
    write_define(build_define(study, created=created), tmp_path / "define.xml")
    (command,) = COMMANDS
    with pytest.raises(SystemExit) as caught:
        main(shlex.split(command)[1:])

    assert (caught.value.code, capsys.readouterr()) == (0, ("define.html\n", ""))
    assert "<h1>Study One</h1>" in (tmp_path / "define.html").read_text(encoding="utf-8")


def test_the_stylesheet_has_its_licence_in_it_and_beside_it():
    import define_xml

    beside = Path(define_xml.__file__).parent / "xsl" / f"{STYLESHEET}.LICENSE"
    for text in (stylesheet_bytes().decode("utf-8"), beside.read_text(encoding="utf-8")):
        assert "The MIT License (MIT)" in text
        assert "Lex Jansen" in text
