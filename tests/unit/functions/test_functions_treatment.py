"""Flags of treatment, against cases worked out by hand from what they promise."""

import pytest

from cdisc.engine.said import method_text
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import evaluate, evaluation, read_delivery, resolve_with

DATES = {name: ("date", f"f.{name} | iso 'y-m-d' | date") for name in "SETU"}
START, LAST = "2026-02-01", "2026-04-30"


def flags(folder, cases, call):
    """Return the flag of each case: start, end, start of treatment, its end, intensities."""
    records = [dict(zip("SETUIJ", case, strict=False)) for case in cases]
    lines = {**DATES, "R": call}
    return evaluate(folder, records, lines)["R"]


def test_an_event_is_treatment_emergent_if_it_began_on_treatment(tmp_path):
    cases = {
        ("2026-01-31", "2026-02-05", START, LAST): None,
        ("2026-02-01", "", START, LAST): "Y",
        ("2026-05-10", "", START, LAST): "Y",  # ten days after
        ("2026-05-11", "", START, LAST): None,
        ("2026-05-11", "", START, ""): "Y",  # treatment goes on
        ("", "", START, LAST): "Y",
        ("", "2026-01-31", START, LAST): None,  # ended before
        ("", "2026-02-01", START, LAST): "Y",
        ("2026-02-01", "", "", ""): None,  # not treated
    }

    found = flags(tmp_path / "1", cases, "treatment_emergent(S, E, T, U, 10)")
    without = flags(tmp_path / "2", cases, "treatment_emergent(S, E, T)")

    assert found == list(cases.values())
    assert without == [None, "Y", "Y", "Y", "Y", "Y", None, "Y", None]


def test_an_event_that_got_worse_on_treatment_is_emergent(tmp_path):
    cases = {
        ("2026-01-31", "2026-02-05", START, LAST, "1", "3"): "Y",
        ("2026-01-31", "2026-02-05", START, LAST, "1", "1"): None,
        ("2026-01-31", "2026-01-31", START, LAST, "1", "3"): None,
        ("2026-01-31", "", START, LAST, "", "3"): "Y",
        ("2026-05-11", "", START, LAST, "1", "3"): None,
    }
    call = "treatment_emergent(S, E, T, U, 10, f.I, f.J)"

    assert flags(tmp_path, cases, call) == list(cases.values())


def test_worse_may_follow_an_order_of_words(tmp_path):
    cases = {
        ("2026-01-31", "", START, LAST, "SEVERE", "MILD"): None,
        ("2026-01-31", "", START, LAST, "LIGHT", "HEAVY"): "Y",
    }
    order = "rank MILD LIGHT HEAVY SEVERE"
    call = f"treatment_emergent(S, E, T, U, 10, f.I | {order}, f.J | {order})"

    assert flags(tmp_path, cases, call) == list(cases.values())


def test_what_was_assessed_on_treatment(tmp_path):
    cases = {
        ("2026-01-31", "", START, LAST): None,
        ("2026-02-01", "", START, LAST): "Y",
        ("2026-05-07", "", START, LAST): "Y",
        ("2026-05-08", "", START, LAST): None,
        ("", "", START, LAST): "Y",
        ("", "", "", ""): None,
        ("2026-03-01", "", START, ""): None,
        ("2026-02-01", "", START, ""): "Y",
    }

    assert flags(tmp_path / "1", cases, "on_treatment(S, T, U, 7)") == list(cases.values())
    assert flags(tmp_path / "2", cases, "on_treatment(S, T)") == [
        *(None, "Y", "Y", "Y", "Y", None, "Y", "Y"),
    ]


def test_events_on_treatment_and_those_that_span_it(tmp_path):
    cases = [
        ("2026-03-15", "2026-12-01", START, LAST),
        ("2026-01-15", "2026-03-15", START, LAST),
        ("2026-01-15", "", START, LAST),
        ("2026-01-15", "2026-01-31", START, LAST),
        ("", "2026-01-31", START, LAST),
        ("2026-05-01", "", START, LAST),
    ]

    began = flags(tmp_path / "1", cases, "event_on_treatment(S, E, T, U)")
    spans = flags(tmp_path / "2", cases, "event_spans_treatment(S, E, T, U)")

    assert began == ["Y", None, None, None, None, None]
    assert spans == ["Y", "Y", "Y", None, None, None]


def test_a_time_on_the_last_day_is_within_the_days(tmp_path):
    read = "f.{} | iso 'y-m-d H:M' | impute time first"
    lines = {
        **{f"{name}DTM": ("datetime", read.format(name)) for name in "STU"},
        "R": "on_treatment(SDTM, TDTM, UDTM)",
    }
    records = [
        {"S": "2026-04-30 23:00", "T": "2026-02-01 08:00", "U": "2026-04-30 08:00"},
        {"S": "2026-02-01 07:59", "T": "2026-02-01 08:00", "U": "2026-04-30 08:00"},
    ]

    assert evaluate(tmp_path, records, lines)["R"] == ["Y", None]


def test_they_say_their_rules(tmp_path):
    calls = {
        "A": "treatment_emergent(S, E, T, U, 30, f.I, f.J)",
        "B": "on_treatment(S, T, U, 7)",
        "C": "event_spans_treatment(S, E, T, U)",
    }
    folder = evaluation(tmp_path, [dict.fromkeys("SETUIJ", "")], {**DATES, **calls})
    loaded = load_study(folder)
    program = resolve_with(loaded, read_delivery(loaded, folder / "raw"))
    plan = program.datasets["AE"]

    assert {one: method_text(plan, plan.variables[one]) for one in calls} == {
        "A": "Missing where T is missing or E is before it; otherwise 'Y' where S is missing, or is"
        " on or after T and not later than U plus 30 days (no such limit where U is missing), or"
        " is before T and f.J is worse than f.I or one of them is missing; missing otherwise.",
        "B": "Missing where T is missing; otherwise 'Y' where S is missing, is the same as T, or is"
        " after T and not later than U plus 7 days; missing otherwise.",
        "C": "Missing where T is missing or E is before it; otherwise 'Y' where S is missing, is"
        " the same as T, or is after T and not later than U, or is before T and not later than U;"
        " missing otherwise.",
    }


@pytest.mark.parametrize(
    "call",
    ["treatment_emergent(S, E)", "on_treatment(S, f.T)", "treatment_emergent(S, E, T, U, 1, f.I)"],
)
def test_too_few_or_unfit_arguments_are_mistakes(tmp_path, call):
    with pytest.raises(SpecError):
        flags(tmp_path, [("", "", "", "", "", "")], call)


GROUPED = {
    "PREVGR": (
        "number",
        "last other.GRADE where other.GROUPID = GROUPID and other.S before S order other.S",
    ),
    "WORSE": ("date", "when S on or after T and GRADE > PREVGR then S"),
    "R": (
        "when T is missing or E before T then '' when S is missing then 'Y'"
        " when S on or after T and S on or before U + 10"
        " and not (any other where other.GROUPID = GROUPID and other.S before T) then 'Y'"
        " when WORSE is not missing"
        " or (any other where other.GROUPID = GROUPID and other.WORSE on or before S) then 'Y'"
    ),
}


def test_an_event_of_several_records_is_emergent_from_its_first_worsening_on(tmp_path):
    treated = (START, LAST)
    cases = [
        ("1", "2026-01-13", "2026-01-15", *treated, "1", None),  # over before treatment
        ("1", "2026-01-14", "2026-01-14", *treated, "3", None),
        ("2", "2026-01-30", "2026-02-14", *treated, "3", None),  # there before treatment
        ("2", "2026-02-05", "2026-06-01", *treated, "1", None),
        ("2", "2026-02-10", "2026-02-11", *treated, "2", "Y"),  # worse than the record before
        ("2", "2026-02-13", "2026-03-01", *treated, "1", "Y"),  # and all that follow
        ("3", "2026-02-01", "2026-02-02", *treated, "4", "Y"),  # new
        ("4", "2026-05-10", "2026-05-10", *treated, "2", "Y"),  # new, the tenth day after the end
        ("4", "2026-05-11", "2026-05-11", *treated, "2", None),  # too late, and not worse
        ("5", "", "", *treated, "4", "Y"),  # nobody knows when
        ("5", "2026-01-30", "", *treated, "4", None),
        ("5", "", "2026-01-24", *treated, "4", None),
        ("6", "2026-02-01", "", "", "", "3", None),  # not treated
    ]
    records = [dict(zip(("G", *"SETUJ"), one, strict=False)) for one in cases]
    lines = {**DATES, "GROUPID": "f.G", "GRADE": ("number", "f.J | num"), **GROUPED}

    assert evaluate(tmp_path, records, lines)["R"] == [one[-1] for one in cases]
