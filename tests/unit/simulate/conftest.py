import csv
import shutil
from pathlib import Path

import pytest

from cdisc.simulate import simulate, study
from cdisc.simulate.model import load

ENCODINGS = {
    "edc": "utf-8-sig",
    "lis": "gb18030",
    "iwrs": "utf-8",
    "coding": "utf-8",
    "flow": "utf-8",
}


class Folder:
    """A simulated study as read back by the csv module of Python."""

    def __init__(self, path):
        self.path = path
        self.forms = load("forms")

    def file(self, name):
        kind = self.forms["forms"].get(name) or next(
            one for one in self.forms["truth"].values() if one["file"].endswith(f"/{name}.csv")
        )
        return kind["file"], ENCODINGS[kind.get("as", "coding")]

    def rows(self, name):
        file, encoding = self.file(name)
        with (self.path / file).open(encoding=encoding, newline="") as text:
            return list(csv.DictReader(text, delimiter=self.delimiter(name)))

    def delimiter(self, name):
        kind = self.forms["forms"].get(name, {}).get("as", "coding")
        return self.forms["files"][kind].get("delimiter", ",")

    def names(self):
        truth = [Path(one["file"]).stem for one in self.forms["truth"].values()]
        return [*self.forms["forms"], *truth]

    def by_subject(self, name):
        return {row["SUBJ"]: row for row in self.rows(name)}

    def truth(self):
        return {row["USUBJID"][-7:]: row for row in self.rows("truth_subject")}


def without_defects(name):
    content = load(name)
    if name == "defects":
        content["cells"], content["units"], content["rows"] = [], [], []
        content["other_unit"]["share"] = 0
    return content


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated")
    simulate(path)
    return Folder(path)


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    path = tmp_path_factory.mktemp("clean")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "load", without_defects)
        simulate(path)
    yield Folder(path)
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def folder():
    return lambda path: Folder(Path(path))
