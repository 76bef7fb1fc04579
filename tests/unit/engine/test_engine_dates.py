from tests.study_builder import evaluate

COMPARISONS = ("before", "after", "on or before", "on or after")
BEFORE = {"before", "on or before"}
AFTER = {"after", "on or after"}
SAME = {"on or before", "on or after"}
READ = "iso 'y-m-d H:M:S' 'y-m-d H:M' 'y-m-d H' 'y-m-d' 'y-m' 'y'"

COMPARED = [
    # the parts that both have decide; a part that one lacks leaves it open
    ("2026-05", "2026-05-03", set()),
    ("2026-05-03", "2026-05", set()),
    ("2026", "2026-05-03", set()),
    ("2026", "2026", set()),
    ("2026-05", "2026-05", set()),
    ("2026-04", "2026-05-03", BEFORE),
    ("2026-06", "2026-05-03", AFTER),
    ("2025", "2026-01-01", BEFORE),
    ("2027", "2026-12-31 23:59", AFTER),
    # from the day on, the same parts are the same day, and that is certain
    ("2026-05-03", "2026-05-03", SAME),
    ("2026-05-03", "2026-05-03 08:15", SAME),
    ("2026-05-03 08:15", "2026-05-03 08:15", SAME),
    ("2026-05-03 08:15", "2026-05-03 08:15:30", SAME),
    ("2026-05-03 08:14", "2026-05-03 08:15:30", BEFORE),
    ("2026-05-03 08", "2026-05-03 07:59", AFTER),
    ("2026-05-02", "2026-05-03 00:00", BEFORE),
]


def test_a_part_after_one_that_is_missing_decides_nothing(tmp_path):
    read = "iso 'd-mmm-y' unknown 'UN'"
    found = evaluate(
        tmp_path,
        [
            {"A": "14-UN-2026", "B": "3-May-2026"},
            {"A": "14-UN-2025", "B": "3-May-2026"},
            {"A": "14-May-UN", "B": "3-May-2026"},
            {"A": "14-UN-2026", "B": "14-UN-2026"},
        ],
        {
            f"R{n}": f"yn((f.A | {read}) {comparison} (f.B | {read}))"
            for n, comparison in enumerate(COMPARISONS)
        },
    )

    assert found == {
        "R0": ["N", "Y", "N", "N"],
        "R1": ["N", "N", "N", "N"],
        "R2": ["N", "Y", "N", "N"],
        "R3": ["N", "N", "N", "N"],
    }


def pairs(*given):
    return [{"A": a, "B": b} for a, b, _expected in given]


def test_dates_compare_by_the_parts_that_both_have(tmp_path):
    found = evaluate(
        tmp_path,
        pairs(*COMPARED),
        {
            f"R{n}": f"yn((f.A | {READ}) {comparison} (f.B | {READ}))"
            for n, comparison in enumerate(COMPARISONS)
        },
    )

    holding = [
        (a, b, {one for n, one in enumerate(COMPARISONS) if found[f"R{n}"][index] == "Y"})
        for index, (a, b, _expected) in enumerate(COMPARED)
    ]
    assert holding == COMPARED


def test_a_date_and_an_iso_text_compare_by_day(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "2026-05-03", "B": "2026-05-03"}, {"A": "2026-05-03", "B": "2026-05"}],
        {
            "SAME": "yn((f.A | iso 'y-m-d' | date) on or after (f.B | iso 'y-m-d' 'y-m'))",
            "AFTER": "yn((f.A | iso 'y-m-d' | date) after (f.B | iso 'y-m-d' 'y-m'))",
        },
    )

    assert found == {"SAME": ["Y", "N"], "AFTER": ["N", "N"]}


def test_a_constant_date_is_compared_as_a_date(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "2026-05-03"}, {"A": "2026-06"}, {"A": "2026-05"}],
        {"R": "yn((f.A | iso 'y-m-d' 'y-m') after '2026-05-02')"},
    )

    assert found == {"R": ["Y", "Y", "N"]}


DAYS = [
    ("2026-03-01", "2026-03-01", 1.0),
    ("2026-02-28", "2026-03-01", -1.0),
    ("2024-02-28", "2024-03-01", -2.0),
    ("2026-03-02 23:59", "2026-03-01 00:01", 2.0),
    ("2026-03-01 00:01", "2026-03-01 23:59", 1.0),
    ("2027-03-01", "2026-03-01", 366.0),
    ("2026-03", "2026-03-01", None),
    ("2026-03-01", "2026", None),
    ("", "2026-03-01", None),
    ("2026-03-01", "", None),
]


def test_study_day_has_no_day_zero_and_needs_complete_dates(tmp_path):
    found = evaluate(
        tmp_path,
        pairs(*DAYS),
        {"R": ("number", f"study_day((f.A | {READ}), (f.B | {READ}))")},
    )

    assert found == {"R": [expected for _a, _b, expected in DAYS]}


AGES = [
    ("1960-02-29", "2026-02-28", 65.0),
    ("1960-02-29", "2026-03-01", 66.0),
    ("1960-05-03", "2026-05-02", 65.0),
    ("1960-05-03", "2026-05-03", 66.0),
    ("2026-05-03", "2026-05-03", 0.0),
    ("1960-05", "2026-05-03", None),
    ("", "2026-05-03", None),
]


def test_age_counts_completed_years_between_complete_dates(tmp_path):
    found = evaluate(
        tmp_path, pairs(*AGES), {"R": ("number", f"age((f.A | {READ}), (f.B | {READ}))")}
    )

    assert found == {"R": [expected for _birth, _at, expected in AGES]}
