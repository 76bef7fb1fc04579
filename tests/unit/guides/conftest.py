"""A package of a small study, and its guides."""

import shutil

import pytest

from cdisc.guides import build_guide, gather
from tests.small_package import build_small_package


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_small_package(tmp_path_factory.mktemp("guides"))


@pytest.fixture
def package(built, tmp_path):
    return shutil.copytree(built, tmp_path / "pkg")


@pytest.fixture(scope="module")
def guides(built):
    return {facts.stage: build_guide(facts) for facts in gather(built)}
