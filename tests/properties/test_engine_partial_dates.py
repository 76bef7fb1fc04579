"""The order of complete and partial dates: by the earliest moment that they may mean."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdisc.engine.database import Database
from cdisc.engine.statements import split
from cdisc.functions.dates import DTC_EARLIEST
from tests.study_builder import evaluate

TWO = "{:02}".format


@st.composite
def dates(draw):
    """ISO 8601 texts as `iso` makes them: cut at any part, or with a part left out."""
    day = draw(st.dates(dt.date(2025, 12, 30), dt.date(2026, 2, 2)))
    time = draw(st.times()).replace(microsecond=0)
    parts = [str(day.year), TWO(day.month), TWO(day.day), TWO(time.hour), TWO(time.minute)]
    parts = parts[: draw(st.integers(1, 5))]
    hole = draw(st.integers(0, 6))
    if hole < len(parts) - 1:
        parts[hole] = "-"
    text = parts[0]
    for mark, part in zip("--T:", parts[1:], strict=False):
        text += mark + part
    return text


def earliest(text):
    """Return the earliest moment of a date, and how many of its parts are known from the left."""
    date, _, time = text.partition("T")
    known = []
    # a hole is a hyphen that stands for the part
    rest = date
    while rest and rest != "-":
        part, rest = (rest[:4], rest[5:]) if not known else (rest[:2], rest[3:])
        if part.startswith("-"):
            break
        known.append(int(part))
    else:
        if len(known) == 3:
            for part in time.split(":") if time else ():
                if part == "-":
                    break
                known.append(int(part))
    filled = [*known, *(1, 1, 1, 0, 0)[len(known) :]]
    return tuple(filled), len(known)


@pytest.mark.parametrize(
    ("text", "moment", "known"),
    [
        ("2026-05", (2026, 5, 1, 0, 0), 2),
        ("2026---14", (2026, 1, 1, 0, 0), 1),
        ("-----T08:15", (1, 1, 1, 0, 0), 0),
        ("2026-05-03T-:15", (2026, 5, 3, 0, 0), 3),
        ("2026-05-03T08:15", (2026, 5, 3, 8, 15), 5),
    ],
)
def test_the_witness_knows_the_earliest_moment(text, moment, known):
    assert earliest(text) == (moment, known)


@given(st.lists(dates(), min_size=2))
def test_the_bytes_of_dates_are_in_the_order_of_their_earliest_moments(texts):
    moments = [earliest(text)[0] for text in sorted(texts)]

    assert moments == sorted(moments)


@pytest.fixture(scope="module")
def database():
    with Database(threads=1) as made:
        made.macros(split(DTC_EARLIEST))
        yield made


@given(texts=st.lists(dates(), min_size=1, max_size=8))
def test_the_smallest_is_the_earliest_and_of_equal_the_most_complete(database, texts):
    listed = ", ".join(f"('{one}')" for one in texts)
    query = f"SELECT dtc_ranked(min(dtc_rank(x))), max(x) FROM (VALUES {listed}) AS t(x)"

    small, large = database.rows(query)[0]

    moments = {one: earliest(one) for one in texts}
    first, last = (end(moment for moment, _ in moments.values()) for end in (min, max))
    assert moments[small] == (first, max(k for moment, k in moments.values() if moment == first))
    assert moments[large] == (last, max(k for moment, k in moments.values() if moment == last))


def test_min_max_earliest_and_latest_of_partial_dates(tmp_path):
    pairs = [
        ("2026-05", "2026-05-01"),
        ("2026-05-03", "2026-05"),
        ("2026---14", "2026-01-02"),
        ("2026", "2026---14"),
        ("2026-05-03T08:15", "2026-05-03"),
        ("", "2026-05"),
        ("", ""),
    ]
    records = [{"SUBJ": TWO(n), "A": a, "B": b} for n, (a, b) in enumerate(pairs)]
    forms = "'y-m-dTH:M' 'y-m-d' 'y-m' 'y' unknown '-'"
    found = evaluate(
        tmp_path,
        records,
        {
            "A": ("dtc", f"f.A | iso {forms}"),
            "B": ("dtc", f"f.B | iso {forms}"),
            "EARLY": ("dtc", "earliest(A, B)"),
            "LATE": ("dtc", "latest(A, B)"),
            "MIN": ("dtc", "min earliest(A, B) by AESPID"),
            "MAX": ("dtc", "max latest(A, B) by AESPID"),
        },
    )

    early = ["2026-05-01", "2026-05", "2026---14", "2026", "2026-05-03", "2026-05", None]
    late = ["2026-05-01", "2026-05-03", "2026-01-02", "2026---14", "2026-05-03T08:15", "2026-05"]
    assert [found[name] for name in ("EARLY", "MIN")] == [early] * 2
    assert [found[name] for name in ("LATE", "MAX")] == [[*late, None]] * 2
