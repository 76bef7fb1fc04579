"""The page about reviewer's guides: its command runs, and says what the page shows."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.small_package import build_small_package

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guides.md").read_text(encoding="utf-8")


def block(language):
    """Return the one block of a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return found


def test_the_command_writes_what_the_page_shows(tmp_path):
    build_small_package(tmp_path, "package")

    run = subprocess.run(
        [sys.executable, str(ROOT / "convert.py"), *shlex.split(block("sh"))[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, block("text"), "")
    assert sorted(path.name for path in (tmp_path / "guides").iterdir()) == [
        "adrg.docx",
        "adrg.html",
        "csdrg.docx",
        "csdrg.html",
    ]
