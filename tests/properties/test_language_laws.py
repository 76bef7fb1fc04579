"""Laws of the language that hold whatever is collected: dates, days, order, printing, splitting."""

import datetime as dt
import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.diagnostics import Span
from cdisc.language.parser import parse
from cdisc.language.printer import printed
from tests.interpreter import sentences as s
from tests.properties.test_language_oracle import ANALYSED, build, write_study
from tests.study_builder import evaluate

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SEEDS = st.integers(0, 2**32)


def tree(text):
    return parse(text, lambda start, end: Span("line", 1, start + 1, end + 1, text)).tree


@settings(max_examples=60)
@given(SEEDS)
def test_printing_an_expression_and_parsing_it_gives_the_same_tree(seed):
    chance = random.Random(seed)  # noqa: S311  examples, not secrets
    for names, source in ((s.OWN, "f"), (ANALYSED, "AE")):
        view = s.view(names, source)
        for kind in s.TYPES:
            text = s.Speaker(chance, view, "V").say(kind, 3)
            made = tree(text)
            assert tree(printed(made)) == made
            assert printed(tree(printed(made))) == printed(made)


# collected dates ------------------------------------------------------------------------

PART = st.none() | st.integers(1, 12)
DATES = st.lists(
    st.tuples(
        st.none() | st.integers(2001, 2026), PART, st.none() | st.integers(1, 28), st.integers(0, 2)
    ),
    min_size=1,
    max_size=40,
)


def collected(year, month, day, form):
    """Return a date as a form has it; what is not known is UN."""
    shown = ["UN" if one is None else str(one) for one in (year, month, day)]
    named = "UN" if month is None else MONTHS[month - 1]
    return (f"{shown[2]}-{named}-{shown[0]}", f"{shown[1]}/{shown[2]}/{shown[0]}", "-".join(shown))[
        form
    ]


def kept(text):
    """Return year, month and day of an ISO 8601 text, each in its place."""
    found = re.fullmatch(r"(\d{4}|-)(?:-(\d\d|-))?(?:-(\d\d))?", text or "-", re.ASCII)
    return tuple(None if one in (None, "-") else int(one) for one in found.groups())


@settings(max_examples=8)
@given(DATES)
def test_a_collected_date_keeps_its_parts_and_gets_no_other(tmp_path_factory, dates):
    records = [{"D": collected(*one)} for one in dates]
    line = "f.D | iso 'd-mmm-y' 'm/d/y' 'y-m-d' unknown 'UN'"

    found = evaluate(tmp_path_factory.mktemp("study"), records, {"R": ("dtc", line)})

    assert [kept(one) for one in found["R"]] == [one[:3] for one in dates]


def test_a_text_that_two_forms_fit_is_read_by_the_first_alone(tmp_path):
    line = "f.D | iso 'm/yy' 'd/m' pivot 1950"

    assert evaluate(tmp_path, [{"D": "05/06"}], {"R": ("dtc", line)}) == {"R": ["2006-05"]}


# days -----------------------------------------------------------------------------------

DAYS = st.lists(
    st.tuples(*[st.dates(dt.date(1990, 1, 1), dt.date(2040, 12, 31))] * 2), min_size=1, max_size=40
)


@settings(max_examples=10)
@given(DAYS)
def test_no_study_day_is_0_and_each_leads_back_to_its_date(tmp_path_factory, pairs):
    near = [(one, one + dt.timedelta(days=days)) for one, _ in pairs[:5] for days in (-1, 0, 1)]
    records = [{"D": str(day), "S": str(start)} for day, start in (*pairs, *near)]
    read = "(f.{} | iso 'y-m-d' | date)"
    day = f"study_day({read.format('D')}, {read.format('S')})"
    lines = {
        "R": ("number", day),
        "BACK": ("date", f"{read.format('S')} + (when {day} > 0 then {day} - 1 else {day})"),
    }

    found = evaluate(tmp_path_factory.mktemp("study"), records, lines)

    assert 0 not in found["R"]
    assert [str(one) for one in found["BACK"]] == [one["D"] for one in records]


@settings(max_examples=5)
@given(DATES, st.sampled_from(("first", "last", "mid", "'02-29'")), st.dates())
def test_what_is_imputed_lies_within_the_period_that_was_collected(
    tmp_path_factory, dates, side, bound
):
    records = [{"D": collected(*one)} for one in dates]
    read = "f.D | iso 'd-mmm-y' 'm/d/y' 'y-m-d' unknown 'UN'"
    limit = f"('{max(bound.year, 1900)}-{bound.month:02}-{bound.day:02}' | date)"
    lines = {
        "C": ("dtc", read),
        "D": ("date", f"C | impute date {side} from month flag DF not before {limit}"),
        "F": ("date", f"C | impute date first from month flag FF not after {limit}"),
    }

    found = evaluate(tmp_path_factory.mktemp("study"), records, lines)

    for text, one, other in zip(found["C"], found["D"], found["F"], strict=True):
        known = list(kept(text))
        until = known.index(None) if None in known else 3
        for day in (one, other):
            assert (day is None) == (until == 0)
            if day is not None:
                assert [day.year, day.month, day.day][:until] == known[:until]


# order of the records -------------------------------------------------------------------

AE = """\
dataset: AE
rows: each f
keys: [USUBJID, AESTDTC, AESPID]
variables:
  AESPID: f.NO
  AETERM: f.A | squish | upper
  AESTDTC: f.D | iso 'y-m-d' unknown 'UN' 'UNK' else missing
  AEDUR:
    map: last EX.EXTRT where EX.EXSTDTC on or before AESTDTC order EX.EXSTDTC EX.EXSPID
    label: Last
    type: text
  AESTDY: study_day(AESTDTC)
  AENTH: {map: number by AETERM order AESTDTC AESPID, label: Number, type: number}
  AEFL:
    map: flag last where AETERM is not missing by USUBJID AETERM order AESTDTC AESPID
    label: Flag
    type: text
  AEPREV:
    map: last other.AETERM where other.AESPID < AESPID order other.AESPID
    label: Before
    type: text
supp:
  AEOTH: {label: Other, map: f.B}
"""
OTHERS = {
    "sdtm/ae": AE,
    "sdtm/dm": "dataset: DM\nrows: each d\nkeys: [USUBJID]\nvariables:\n  SUBJID: d.SUBJ\n"
    "  RFSTDTC: min EX.EXSTDTC where EX.EXDOSE > 0\n",
    "sdtm/ex": "dataset: EX\nrows: each x keep first by A B order NO\nkeys: [USUBJID, EXSPID]\n"
    "variables:\n  EXSPID: x.NO\n  EXTRT: x.A\n  EXDOSE: x.N | num else missing\n"
    "  EXSTDTC: x.D | iso 'y-m-d' unknown 'UN' 'UNK' else missing\n",
}


def csv(rows):
    fields = list(rows[0]) if rows else ["SUBJ", "NO", "A", "B", "N", "D"]
    lines = [fields, *([row[field] for field in fields] for row in rows)]
    return "\n".join(",".join('"' + one.replace('"', '""') + '"' for one in line) for line in lines)


@settings(max_examples=6)
@given(SEEDS)
def test_the_order_of_the_raw_records_does_not_change_what_is_made_of_them(tmp_path_factory, seed):
    chance = random.Random(seed)  # noqa: S311  examples, not secrets
    rows = {form: found for form, found in s.rows(chance).items() if form in "fxd"}
    mixed = {form: chance.sample(found, len(found)) for form, found in rows.items()}

    one, other = (
        build(
            write_study(
                tmp_path_factory.mktemp("study"), OTHERS, {k: csv(v) for k, v in given.items()}
            )
        ).tables
        for given in (rows, mixed)
    )

    assert {k: v.to_pylist() for k, v in one.items()} == {
        k: v.to_pylist() for k, v in other.items()
    }


# long texts -----------------------------------------------------------------------------

WORDS = st.lists(st.text("ab\u00e9\u80f8", min_size=1, max_size=20), min_size=1, max_size=20)


@settings(max_examples=10)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_the_parts_of_a_long_text_are_the_text_when_they_are_joined(tmp_path_factory, texts):
    records = [{"A": " ".join(words)} for words in texts]
    lines = {f"P{part}": f"f.A | split into 10 part {part + 1}" for part in range(10)}

    found = evaluate(tmp_path_factory.mktemp("study"), records, lines)

    parts = list(zip(*found.values(), strict=True))
    assert all(len(part.encode()) <= 200 for one in parts for part in one if part is not None)
    assert [" ".join(part for part in one if part is not None) for one in parts] == [
        one["A"] for one in records
    ]
