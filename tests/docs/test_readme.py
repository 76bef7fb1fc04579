import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def blocks(language):
    """The fenced blocks of the README, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands():
    """Every command of a block that starts with ``cdisc``, continued lines joined."""
    texts = [text for text in blocks("sh") if text.startswith("cdisc ")]
    lines = "".join(texts).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.strip()]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Where the commands ran, and what each of them returned and said of a failure."""
    folder = tmp_path_factory.mktemp("readme")
    outcomes = []
    for arguments in commands():
        run = subprocess.run(
            [sys.executable, str(ROOT / "convert.py"), *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        outcomes.append((arguments[0], run.returncode, run.stderr if run.returncode else ""))
    return folder, outcomes


def test_the_commands_of_the_readme_run_in_order(ran):
    _, outcomes = ran

    assert outcomes == [
        ("simulate", 0, ""),
        ("check", 0, ""),
        ("build", 0, ""),
        ("validate", 4, ""),  # as the README says: the simulated sites make mistakes
        ("sql", 0, ""),
        ("r", 0, ""),
        ("ct", 0, ""),
        ("explain", 0, ""),
    ]


def test_the_package_lies_as_the_readme_draws_it(ran):
    folder, _ = ran
    drawn = re.search(r"^ {4}build/package/\n((?: {6}.*\n)+)", README, re.MULTILINE)
    places = [line.split()[0] for line in drawn.group(1).splitlines()]
    held = [set(line.split()[1:]) for line in drawn.group(1).splitlines()[:2]]

    from cdisc.package import MANIFEST, Layout

    package = folder / "build" / "package"
    layout = Layout(package, "SYN07441291")
    folders = [layout.datasets("sdtm"), layout.datasets("adam")]
    named = [f"{one.relative_to(package).as_posix()}/" for one in folders]
    assert places == [*named, layout.index.relative_to(package).as_posix(), MANIFEST]
    assert layout.index.is_file()
    assert (package / MANIFEST).is_file()
    for one, names in zip(folders, held, strict=True):
        present = {"*.xpt" if path.suffix == ".xpt" else path.name for path in one.iterdir()}
        assert present == names


@pytest.mark.parametrize("name", ["demo", "test"])
def test_the_blocks_that_install_are_those_that_ci_runs(name):
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    marked = re.findall(rf"^<!-- ci: {name} -->\n```sh\n(.*)\n```$", README, re.MULTILINE)

    assert len(marked) == 1
    assert marked[0].startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    assert f"\nrun_block {name}\n" in ci
    function = ci[ci.index("readme_block() {") : ci.index("run_block() {")]
    printed = subprocess.run(
        ["bash", "-c", f"{function}\nreadme_block {name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == marked[0] + "\n"


def test_every_command_of_the_changelog_is_shown():
    shown = {arguments[0] for arguments in commands()} | {"demo"}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    line = re.search(r"^- `cdisc demo`.*$", changelog, re.MULTILINE)

    assert set(re.findall(r"`(?:cdisc )?(\w+)`", line.group())) == shown


def test_every_line_of_the_mapping_is_in_the_language():
    from cdisc.diagnostics import Span
    from cdisc.language.parser import parse

    (block,) = blocks("yaml")
    lines = yaml.load(block, yaml.BaseLoader)  # noqa: S506  text only, the safest of all
    parsed = [
        parse(text, lambda start, end: Span("README.md", 1, start + 1, end + 1))
        for text in lines.values()
    ]

    assert [line.text for line in parsed] == list(lines.values())


def test_the_exit_codes_are_those_of_the_exceptions():
    from cdisc import errors

    classes = [errors.CdiscError, *errors.CdiscError.__subclasses__()]
    table = [int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)]

    assert table == [0, *sorted(one.exit_code for one in classes), 70]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_index_lists_every_page():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}

    assert {page for page in pages if f"({page})" not in index} == set()
