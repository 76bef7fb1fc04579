"""What all tests share: repeatable examples, golden files, and the demonstration study."""

import os

import pytest
from hypothesis import settings

from tests.demonstration import demonstration

# A busy machine is no failure, and a run must be repeatable.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the expected texts of golden files"
    )


def pytest_configure(config):
    config.option.loadscopereorder = False  # of xdist: the order of files is that below


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the files of slow tests: nobody waits in the end for one worker alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Keep what checks found apart from what they find for the person who runs the tests."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def golden(request):
    """Compare a text with a file; a difference leaves the text beside it as ``*.actual``."""

    def compare(path, text):
        actual = path.with_name(f"{path.name}.actual")
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        if text == expected:
            actual.unlink(missing_ok=True)
        else:
            actual.write_text(text, encoding="utf-8")
        assert text == expected

    return compare


@pytest.fixture(scope="session")
def whole_study(tmp_path_factory):
    """The demonstration study of 70 subjects, as `cdisc demo` makes it; for reading only."""
    return demonstration(tmp_path_factory)


@pytest.fixture(scope="session")
def small_study(tmp_path_factory):
    """The demonstration study of twelve subjects with another seed; for reading only."""
    return demonstration(tmp_path_factory, subjects=12, seed=1)
