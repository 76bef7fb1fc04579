"""The demonstration study by a second hand: its core, cell by cell, derived again in pandas.

The other derivations read the mapping files as a programmer reads a specification, and know
nothing of the program: they share no word of it. Where a coding file of the delivery says what
the mapping says by terms, they take the file.
"""

import random

import pytest

from tests.demonstration import built
from tests.oracle.analysis import analyse
from tests.oracle.comparison import differences, read_transport
from tests.oracle.tabulation import tabulate

QUALIFIER = ["USUBJID", "IDVAR", "IDVARVAL", "QNAM"]
# dataset: the variables of the package that no second hand derived; the truth of the
# simulator stands against these (tests/acceptance)
NOT_DERIVED = {
    "dm": "", "se": "", "sv": "", "ds": "", "ec": "", "ex": "", "ae": "", "lb": "", "vs": "",
    "cm": "", "mh": "", "suppdm": "", "suppae": "", "supplb": "",
    "adsl": (
        "DTHCGR1 ECOGBL HTX34FL INFTMF MRD3EVFL MRDBL MRDBLC MRDBLGR1 MRDBLOG PPROTFL XOELFL"
    ),
    "adtte": "ASEQ MRDBLGR1 SRCDOM SRCSEQ SRCVAR",
}  # fmt: skip


@pytest.fixture(scope="module")
def two_hands(whole_study):
    sdtm = tabulate(whole_study.raw)
    theirs = sdtm | analyse(whole_study.raw, sdtm)
    ours = {name: read_transport(path) for name, path in whole_study.transports().items()}
    ours["adtte"] = ours["adtte"][ours["adtte"]["PARAMCD"] == "OS"].reset_index(drop=True)
    return ours, theirs


@pytest.mark.slow
@pytest.mark.parametrize("name", NOT_DERIVED)
def test_a_second_derivation_agrees_in_every_cell(two_hands, name):
    ours, theirs = (datasets[name] for datasets in two_hands)
    if name.startswith("supp"):  # the order of qualifiers is nobody's promise
        ours, theirs = (
            data.sort_values(QUALIFIER).reset_index(drop=True) for data in (ours, theirs)
        )
    others = NOT_DERIVED[name].split()
    assert sorted(set(ours) - set(theirs)) == others
    assert len(ours) > 0
    assert differences(ours.drop(columns=others), theirs) == []


@pytest.mark.slow
def test_the_second_hand_made_no_other_dataset(two_hands):
    assert sorted(two_hands[1]) == sorted(NOT_DERIVED)


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


@pytest.mark.exhaustive
def test_the_order_of_the_collected_rows_changes_no_byte(whole_study, tmp_path):
    other = tmp_path / "raw"
    for path in whole_study.raw.rglob("*.csv"):
        head, *rows = path.read_bytes().splitlines(keepends=True)
        random.Random(path.name).shuffle(rows)  # noqa: S311  repeatable, not secret
        to = other / path.relative_to(whole_study.raw)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(b"".join([head, *rows]))
    built(other, tmp_path / "package")
    assert files(tmp_path / "package" / "m5") == files(whole_study.package / "m5")


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
