"""Every grade of every published term, on both sides of its boundary."""

from pathlib import Path

import pytest

from cdisc.engine.gradings import published
from tests.study_builder import build, evaluation

TEXT = Path(__file__).with_name("published_grades.txt").read_text(encoding="utf-8")
NAMES = ("ANRLO", "ANRHI", "BASE", "SEX")
DIRECTIONS = ("low", "high")


def lines_of(table, direction):
    """Return the lines of the blocks that hold of a table and a direction."""
    blocks = (block.partition("]\n") for block in TEXT.split("\n[")[1:])
    heads = ((head.partition(" by "), text) for head, _, text in blocks)
    return [
        line
        for (way, _, tables), text in heads
        if way == direction and table in tables.split(", ")
        for line in filter(None, text.splitlines())
    ]


def cases(table, direction):
    """Yield the term, the record and the grade of every result of a table."""
    for line in lines_of(table, direction):
        term, tests, units, rest, results = (part.strip() for part in line.split(" | "))
        known = ["" if one == "-" else one for one in rest.split()]
        limits = dict(zip(NAMES, [*known, "", "", "", ""], strict=False))
        for test in tests.split():
            for unit in units.split():
                for result in results.split():
                    value, grade = result.split(":")
                    record = {"TEST": test, "UNIT": "" if unit == "-" else unit, "AVAL": value}
                    yield term, record | limits, None if grade == "." else grade


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("table", published())
def test_every_boundary_of_every_published_grade(tmp_path, table, direction):
    every = list(cases(table, direction))
    lines = {
        **{name: ("number", f"f.{name} | num") for name in ("AVAL", *NAMES[:3])},
        "SEX": "f.SEX",
        "GRADE": f"f.TEST | grade '{table}' {direction} unit f.UNIT",
        "TERM": f"f.TEST | toxicity '{table}' {direction} unit f.UNIT",
    }

    result = build(evaluation(tmp_path, [record for _term, record, _grade in every], lines)).tables
    found = zip(result["AE"]["TERM"].to_pylist(), result["AE"]["GRADE"].to_pylist(), strict=True)

    wrong = [
        (term, record, grade, given)
        for (term, record, grade), given in zip(every, found, strict=True)
        if given != (term, grade)
    ]
    assert wrong == []


@pytest.mark.parametrize("table", published())
def test_every_grade_of_every_published_term_has_a_boundary_here(table):
    there = set()
    for name, term in published()[table].terms.items():
        for unit, grades in (term.units or {None: term.grades}).items():
            there |= {
                (term.direction, name, test, unit, grade) for grade in grades for test in term.tests
            }
    terms = published()[table].terms
    tested = {
        (
            direction,
            term,
            record["TEST"],
            record["UNIT"] if terms[term].units else None,
            grade or "",
        )
        for direction in DIRECTIONS
        for term, record, grade in cases(table, direction)
        if grade != "0"
    }

    assert there - tested == set()
