"""The page about the annotated CRF: its study is built, its commands run, its output is shown."""

import re
import shlex
from pathlib import Path

import pytest
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from cdisc.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "acrf.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
FILES = {name: text for _kind, name, text in BLOCKS if name}
MADE = "acrf.json"


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """The texts of the annotations that each command made, in the folder where it ran."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        if name != MADE:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
    blank = Canvas("blank.pdf")
    blank.showPage()
    blank.save()
    made = []
    for line in (
        line for kind, _name, text in BLOCKS if kind == "sh" for line in text.splitlines()
    ):
        with pytest.raises(SystemExit) as caught:
            main(shlex.split(line)[1:])
        assert caught.value.code == 0, line
        made.append(
            [
                note.get_object()["/Contents"]
                for page in PdfReader("acrf.pdf").pages
                for note in page.get("/Annots", ())
                if note.get_object()["/Subtype"] == "/FreeText"
            ]
        )
    return made


def test_the_commands_annotate_what_the_page_says(ran):
    assert ran == [
        [
            "AE (Adverse Events)",
            "AETERM",
            "AESEV",
            'SUPPAE.QVAL where QNAM = "DOSEON"',
            "[NOT SUBMITTED]",
        ],
        ["AE (Adverse Events)", "AETERM", "[NOT SUBMITTED]"],
    ]


def test_the_pages_that_are_shown_are_those_that_are_written(ran):
    assert ran
    assert Path(MADE).read_text(encoding="utf-8") == FILES[MADE]
