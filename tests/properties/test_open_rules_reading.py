"""What is compiled to SQL finds what a slow, plain reading of the same rule finds.

For every operator: random small datasets, random parameters, alone and in a tree of conditions.
"""

import os
import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.engine.database import Database
from cdisc.validate.open_rules.frames import frames_of
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.operators import known
from cdisc.validate.open_rules.rule import rule_of
from cdisc.validate.open_rules.run import condition
from cdisc.validate.open_rules.study import Study, Variable

from .open_rules_reading import NEGATIONS, OPERATORS, failing

WORDS = ["", "", "A", "a", "B", "AB", "ab", "A/B", "AB/C", "1", "1.0", "2", "x y"]
DATES = ["", "2026", "2026-01", "2026-01-02", "2026-02-30", "2026-01-02T10:30", "later"]
DURATIONS = ["", "P1D", "-P1D", "P", "PT1H30M", "P2W", "PT", "1D"]
POOLS = {
    "G": ["", "g1", "g2"], "H": ["", "h1"], "T": WORDS, "U": WORDS, "V1": WORDS, "V": WORDS,
    "D": DATES, "E": DATES, "P": DURATIONS, "N": ["", "1", "2", "2.5", "-1"], "M": ["", "1", "2"],
    "R": ["T", "N", "", "Z"],
}  # fmt: skip
NUMBERS = ("N", "M")
TEXTS = ("T", "U", "V")
# Operators on lists, and those whose meaning is more than a page: they are told apart elsewhere.
APART = {
    "is_ordered_subset_of", "is_not_ordered_subset_of", "shares_no_elements_with",
    "shares_at_least_one_element_with", "shares_exactly_one_element_with", "target_is_sorted_by",
    "target_is_not_sorted_by",
}  # fmt: skip


def a_literal(rnd):
    return rnd.choice([one for one in WORDS if one])


def some(rnd, names):
    return rnd.sample(names, rnd.randint(1, 2))


def of_text(rnd):
    name = rnd.choice(TEXTS)
    value, literal = rnd.choice(
        [(a_literal(rnd), False), ("U", False), ("U", True), (rnd.choice(TEXTS), False)]
    )
    return {"name": name, "value": value, "value_is_literal": literal}


def of_equality(rnd):
    more = rnd.choice([{}, {}, {"type_insensitive": True}, {"round_values": True}])
    if rnd.random() < 0.2:
        return {"name": "T", "value": "R", "value_is_reference": True}
    name, value = rnd.choice([("N", "M"), ("N", 2), ("N", "2"), ("T", "N"), ("T", "U")])
    if "round_values" in more:
        name, value = "N", rnd.choice(["M", 2])
    return {"name": name, "value": value, **more} if rnd.random() < 0.5 else of_text(rnd)


def of_numbers(rnd):
    return {"name": rnd.choice(["N", "T"]), "value": rnd.choice([1, 2, 1.5, "M", "N"])}


def of_dates(rnd):
    value, literal = rnd.choice([("E", False), ("2026-01-02", True), ("2026", True)])
    more = {"date_component": rnd.choice(["year", "month"])} if rnd.random() < 0.3 else {}
    return {"name": "D", "value": value, "value_is_literal": literal, **more}


def of_regex(rnd):
    pattern = rnd.choice(["[A-Z]+$", "A", "^.{2}$", r"[0-9]", ".*b"])
    return {"name": rnd.choice([*TEXTS, "N"]), "value": pattern}


def of_end(value):
    def build(rnd):
        end = rnd.choice(["prefix", "suffix"])
        return {"name": rnd.choice(TEXTS), end: rnd.randint(1, 2), "value": value(rnd)}

    return build


def of_list(rnd):
    among = [a_literal(rnd) for _ in range(3)]
    return {"name": rnd.choice(TEXTS), "value": rnd.choice([among, [*among, ""], "U"])}


def of_groups(rnd):
    return {"name": rnd.choice(TEXTS), "value": some(rnd, ["G", "H", "M"])}


def of_rows(rnd):
    return {"name": "T", "value": "G", "ordering": rnd.choice(["N", "U"])}


WAYS = {
    "equal_to": of_equality, "not_equal_to": of_equality,
    "less_than": of_numbers, "less_than_or_equal_to": of_numbers, "greater_than": of_numbers,
    "greater_than_or_equal_to": of_numbers,
    "empty": lambda rnd: {"name": rnd.choice(["T", "N", "D"])},
    "exists": lambda rnd: {"name": rnd.choice(["T", "NOWHERE"])},
    "matches_regex": of_regex, "not_matches_regex": of_regex,
    "prefix_matches_regex": of_end(lambda rnd: rnd.choice(["A", "[a-z]"])),
    "not_prefix_matches_regex": of_end(lambda rnd: rnd.choice(["A", "[a-z]"])),
    "suffix_matches_regex": of_end(lambda rnd: rnd.choice(["B", "[0-9]"])),
    "not_suffix_matches_regex": of_end(lambda rnd: rnd.choice(["B", "[0-9]"])),
    "prefix_equal_to": of_end(a_literal), "suffix_equal_to": of_end(a_literal),
    "prefix_is_contained_by": of_end(lambda rnd: [a_literal(rnd) for _ in range(3)]),
    "suffix_is_contained_by": of_end(lambda rnd: [a_literal(rnd) for _ in range(3)]),
    "equals_string_part": lambda _rnd: {"name": "T", "value": "U", "regex": "(.)"},
    "starts_with": lambda rnd: {"name": "T", "value": a_literal(rnd), "value_is_literal": True},
    "ends_with": lambda rnd: {"name": "T", "value": a_literal(rnd), "value_is_literal": True},
    "longer_than": lambda rnd: {"name": "T", "value": rnd.choice([1, 2, "U"])},
    "longer_than_or_equal_to": lambda rnd: {"name": "T", "value": rnd.choice([1, 2, "U"])},
    "has_equal_length": lambda rnd: {"name": "T", "value": rnd.choice([1, 2, "U"])},
    "split_parts_have_equal_length": lambda _rnd: {"name": "T"},
    "is_contained_by": of_list, "is_contained_by_case_insensitive": of_list,
    "contains_all": lambda rnd: {"name": "T", "value": rnd.choice(["U", ["A", "B"], ["A"]])},
    "inconsistent_enumerated_columns": lambda _rnd: {"name": "V"},
    "is_complete_date": lambda _rnd: {"name": "D"}, "invalid_date": lambda _rnd: {"name": "D"},
    "invalid_duration": lambda rnd: {"name": "P", "negative": rnd.random() < 0.5},
    "is_unique_set": of_groups, "is_inconsistent_across_dataset": of_groups,
    "is_not_unique_relationship": lambda rnd: {"name": "G", "value": rnd.choice(["H", "M"])},
    "present_on_multiple_rows_within": lambda rnd: {
        "name": "T", "within": "G", "value": rnd.choice([None, 1, 2]),
    },
    "empty_within_except_last_row": of_rows, "non_empty_within_except_last_row": of_rows,
    "has_next_corresponding_record": lambda _rnd: {
        "name": "T", "value": "U", "within": "G", "ordering": "N",
    },
    "is_ordered_set": lambda rnd: {"name": rnd.choice(["T", "N"]), "value": "G"},
    "is_ordered_by": lambda rnd: {"name": "N", "order": rnd.choice(["asc", "dsc"])},
    "has_different_values": lambda rnd: {"name": rnd.choice(["H", "T"])},
    **{f"date_{one}": of_dates for one in (
        "equal_to", "not_equal_to", "less_than", "less_than_or_equal_to", "greater_than",
        "greater_than_or_equal_to",
    )},
}  # fmt: skip


def a_test(rnd, operator):
    build = WAYS.get(NEGATIONS.get(operator, operator), of_text)
    options = build(rnd)
    if operator.startswith(("prefix", "not_prefix", "suffix", "not_suffix")):
        size = options.pop("prefix", None) or options.pop("suffix", None)
        options["suffix" if "suffix" in operator else "prefix"] = size
    return {"operator": operator, **options}


def a_tree(rnd, operator, operators):
    """The condition alone, or among others."""
    one = a_test(rnd, operator)
    if rnd.random() < 0.5:
        return {"all": [one]}
    another = a_test(rnd, rnd.choice(operators))
    return rnd.choice(
        [
            {"any": [one, another]},
            {"not": {"all": [one, another]}},
            {"all": [one, {"not": another}]},
        ]
    )


def a_dataset(rnd):
    size = rnd.randint(1, 12)
    return {name: [rnd.choice(pool) for _ in range(size)] for name, pool in POOLS.items()}


def study_of(columns, database):
    study = Study("SDTMIG", "3.4", database=database)
    said = [Variable(one, "", "Num" if one in NUMBERS else "Char", 20) for one in columns]
    table = pa.table({one: pa.array(values, pa.string()) for one, values in columns.items()})
    study.add("XX", table, said)
    return study


def rows_of(columns):
    def value(name, text):
        if text == "":
            return None
        return float(text) if name in NUMBERS else text

    size = len(columns["T"])
    return [
        {name: value(name, values[at]) for name, values in columns.items()} for at in range(size)
    ]


def rule(check):
    return rule_of(
        {
            "Core": {"Id": "OWN-1"}, "Rule Type": "Record Data", "Sensitivity": "Record",
            "Scope": {}, "Outcome": {"Message": "Found.", "Output Variables": ["T"]},
            "Check": check,
        }
    )  # fmt: skip


OPERATORS_READ = sorted((OPERATORS.keys() | NEGATIONS.keys()) - APART)
TOGETHER = 40  # conditions of one statement


def compiled(rules, study):
    """The records, by number, that each rule finds; many rules in one statement."""
    library, tables = Library(study), list(study.tables.values())
    (frame,) = frames_of(rules[0], study, library, tables)
    found = []
    for begun in range(0, len(rules), TOGETHER):
        some = [condition(frame, one.check) for one in rules[begun : begun + TOGETHER]]
        rows = study.database.rows(
            f"WITH f AS MATERIALIZED ({frame.query}) SELECT {', '.join(some)} FROM f ORDER BY __row"
        )
        found += [[at for at, row in enumerate(rows, 1) if row[of]] for of in range(len(some))]
    return found


def differences(seed, times, each=1):
    """Return what the two readings of rules say differently, some rules for each operator."""
    rnd = random.Random(seed)  # noqa: S311  no secret
    found = []
    with Database(threads=1, zone="UTC") as database:
        for _ in range(times):
            columns = a_dataset(rnd)
            study, rows = study_of(columns, database), rows_of(columns)
            rules = [rule(a_tree(rnd, one, OPERATORS_READ)) for one in OPERATORS_READ * each]
            for one, records in zip(rules, compiled(rules, study), strict=True):
                if records != (plain := failing(one.check, rows)):
                    found.append((one.check, columns, records, plain))
            study.close()
    return found


def test_every_operator_has_a_plain_reading():
    assert known() == (OPERATORS.keys() | NEGATIONS.keys()) | APART


@settings(max_examples=1)
@given(st.integers(0, 2**32))
def test_what_is_compiled_finds_what_a_plain_reading_finds(seed):
    assert differences(seed, 1, 3) == []


@pytest.mark.slow
@pytest.mark.exhaustive
@settings(max_examples=1)
@given(st.integers(0, 2**32))
def test_what_is_compiled_finds_what_a_plain_reading_finds_of_many_datasets(seed):
    assert differences(seed, int(os.environ.get("OPEN_RULES_DATASETS", "200")), 4) == []
