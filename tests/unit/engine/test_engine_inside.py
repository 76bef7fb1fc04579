"""Values made once per distinct text among the records that an aggregate runs over."""

import pytest

from cdisc.engine.resolve import resolve
from cdisc.engine.statements import statements
from cdisc.spec import load_study
from tests.study_builder import build, write_study

RAW = {
    "dm": "SUBJ\n1\n2\n3\n",
    "xo": "SUBJ,D,E,K\n"
    "1,09-MAY-2026,,1\n1,UN-JUN-2026,,2\n1,not yet,,3\n"
    "2,,02-JAN-2026,1\n2,01-JAN-2026,,2\n",
}
LINES = {
    "RFICDTC": "min (xo.D | iso 'd-mmm-y' unknown 'UN' else report)",
    "RFENDTC": "max (coalesce(xo.D, xo.E) | iso 'd-mmm-y' unknown 'UN' else report)",
    "RFSTDTC": "first (xo.D | iso 'd-mmm-y' unknown 'UN' else report) order xo.K",
    "SUBJID": "count xo where (xo.D | iso 'd-mmm-y' unknown 'UN' else missing) is missing | text",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    text = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n" + "".join(
        f'  {name}: "{line}"\n' for name, line in LINES.items()
    )
    return write_study(tmp_path_factory.mktemp("inside") / "S1", {"sdtm/dm": text}, RAW)


def test_dates_of_collected_records_are_read_and_what_is_none_is_reported(study):
    result = build(study)

    found = result.tables["DM"].select(list(LINES)).to_pydict()
    assert found == {
        "RFICDTC": ["2026-05-09", "2026-01-01", None],
        "RFENDTC": ["2026-06", "2026-01-02", None],
        "RFSTDTC": ["2026-05-09", None, None],
        "SUBJID": ["1", "1", "0"],
    }
    reported = [(one.code, one.variable, one.found[0].split(" ", 2)[:2]) for one in result.findings]
    assert reported == [
        ("DATA008", "RFICDTC", ['"not', 'yet"']),
        ("DATA008", "RFENDTC", ['"not', 'yet"']),
    ]


def test_they_are_read_in_a_join_and_in_no_subquery_of_each_record(study):
    text = "".join(one.shown for one in statements(resolve(load_study(study))))

    assert "(SELECT value" not in text
    assert "LEFT JOIN (\n    SELECT x, coalesce(quick" in text
