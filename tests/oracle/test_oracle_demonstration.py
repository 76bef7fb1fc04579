"""The demonstration study by a second hand: every cell of the package, derived again in pandas.

The other derivations read the mapping files as a programmer reads a specification, and know
nothing of the program: they share no word of it.
"""

import datetime as dt
import random

import pytest

from cdisc.pipeline import build
from cdisc.resources import mappings_root
from cdisc.simulate import simulate
from tests.oracle.analysis import analyse
from tests.oracle.comparison import differences, read_transport
from tests.oracle.tabulation import tabulate

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  the time stamp has no zone
NAMES = ["dm", "ex", "ds", "ae", "lb", "suppdm", "suppae", "supplb", "adsl", "adtte"]
QUALIFIER = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, subjects=70, seed=99)
    return folder / "raw"


@pytest.fixture(scope="module")
def package(raw, tmp_path_factory):
    return built(raw, tmp_path_factory.mktemp("package"))


def built(raw, folder):
    study = mappings_root() / "SYN07441291"
    build(study, raw=raw, out=folder / "out", created=CREATED)
    return folder / "out" / "m5"


@pytest.fixture(scope="module")
def two_hands(raw, package):
    sdtm = tabulate(raw)
    theirs = sdtm | analyse(sdtm)
    ours = {path.stem: read_transport(path) for path in package.rglob("*.xpt")}
    return ours, theirs


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_second_derivation_agrees_in_every_cell(two_hands, name):
    ours, theirs = (datasets[name] for datasets in two_hands)
    if name.startswith("supp"):  # the order of qualifiers is nobody's promise
        ours, theirs = (
            data.sort_values(QUALIFIER).reset_index(drop=True) for data in (ours, theirs)
        )
    assert len(ours) > 0
    assert differences(ours, theirs) == []


@pytest.mark.slow
def test_both_hands_make_the_same_datasets(two_hands):
    ours, theirs = two_hands
    assert sorted(ours) == sorted(theirs) == sorted(NAMES)


@pytest.mark.slow
def test_one_cell_that_differs_is_found(two_hands):
    ours = two_hands[0]["adtte"]
    wrong = ours.copy()
    wrong.loc[5, "AVAL"] += 1
    wrong.loc[7, "EVNTDESC"] = ""
    assert [line.split(" of ")[0] for line in differences(ours, wrong)] == [
        "AVAL, record 6",
        "EVNTDESC, record 8",
    ]


@pytest.mark.slow
def test_the_order_of_the_collected_rows_changes_no_byte(raw, package, tmp_path):
    other = tmp_path / "raw"
    for path in raw.rglob("*.csv"):
        head, *rows = path.read_bytes().splitlines(keepends=True)
        random.Random(path.name).shuffle(rows)  # noqa: S311  repeatable, not secret
        to = other / path.relative_to(raw)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(b"".join([head, *rows]))
    again = built(other, tmp_path)
    assert files(again) == files(package)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
