import dataclasses
import datetime as dt

import pyarrow as pa
import pytest

from cdisc.compare import (
    AttributeDifference,
    Comparison,
    DatasetComparison,
    Example,
    Records,
    Rules,
    Tolerance,
    ValueDifference,
    compare,
    compare_datasets,
    read_acceptances,
    to_text,
)
from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.errors import RawDataError, SpecError
from cdisc.transport import write_file, write_parquet

DAY = dt.date(2026, 7, 1)
KEYS = ("USUBJID", "AESEQ")


def made(rows, *, keys=KEYS, name="AE", **changed):
    kinds = {"USUBJID": "text", "AESEQ": "number", "AESEV": "text", "AVAL": "number"}
    columns = dict(zip(kinds, zip(*rows, strict=True), strict=True))
    table = pa.table({one: pa.array(v, ARROW_TYPES[kinds[one]]) for one, v in columns.items()})
    variables = tuple(
        dataclasses.replace(Variable(one, f"Label of {one}", kind, 8), **changed.get(one, {}))
        for one, kind in kinds.items()
    )
    return Dataset(name, "Adverse Events", "", "", keys, variables, table)


ROWS = [("1", 1.0, "MILD", 0.5), ("1", 2.0, None, None), ("2", 1.0, "SEVERE", -1.0)]


def test_a_dataset_is_equal_to_itself():
    assert compare_datasets(made(ROWS), made(ROWS)) == DatasetComparison(
        "AE", records_a=3, records_b=3, matched=3, keys=KEYS, variables=4
    )


def test_records_are_matched_by_their_keys_and_values_by_their_records():
    other = [("2", 1.0, "MILD", -1.5), ("1", 2.0, "MILD", None), ("3", 1.0, None, None)]

    found = compare_datasets(made(ROWS), made(other))

    assert found == DatasetComparison(
        "AE", records_a=3, records_b=3, matched=2, keys=KEYS, reordered=True, variables=4,
        records=(
            Records("a", 1, first=((("USUBJID", "1"), ("AESEQ", "1")),)),
            Records("b", 1, first=((("USUBJID", "3"), ("AESEQ", "1")),)),
        ),
        values=(
            ValueDifference("AESEV", 2, first=(
                Example((("USUBJID", "1"), ("AESEQ", "2")), None, "MILD"),
                Example((("USUBJID", "2"), ("AESEQ", "1")), "SEVERE", "MILD"),
            )),
            ValueDifference("AVAL", 1, largest=0.5, first=(
                Example((("USUBJID", "2"), ("AESEQ", "1")), "-1", "-1.5"),
            )),
        ),
    )  # fmt: skip


def test_among_records_with_the_same_keys_the_first_belongs_to_the_first():
    a = [("1", 1.0, "A", 1.0), ("1", 1.0, "B", 2.0), ("2", 1.0, "C", 3.0)]
    b = [("2", 1.0, "C", 3.0), ("1", 1.0, "A", 1.0), ("1", 1.0, "X", 2.0), ("1", 1.0, "D", 2.0)]

    found = compare_datasets(made(a), made(b))

    assert (found.matched, found.repeated) == (3, 3)
    assert [(one.side, one.count) for one in found.records] == [("b", 1)]
    assert [(one.variable, one.first[0].a, one.first[0].b) for one in found.values] == [
        ("AESEV", "B", "X")
    ]


def test_without_keys_whole_records_are_matched():
    found = compare_datasets(made(ROWS, keys=()), made([*ROWS[::-1], ROWS[0]], keys=()))

    assert (found.matched, found.reordered, found.values) == (3, True, ())
    assert found.records == (Records("b", 1, first=((("record", "4"),),)),)


def test_records_may_be_matched_by_their_places():
    found = compare_datasets(made(ROWS), made(ROWS[1:]), rules=Rules(by_position=True, first=0))

    assert (found.matched, found.by_position, found.keys) == (2, True, ())
    assert [(one.variable, one.count) for one in found.values] == [
        ("AESEQ", 2), ("AESEV", 2), ("AVAL", 2), ("USUBJID", 1),
    ]  # fmt: skip
    assert found.records == (Records("a", 1),)


@pytest.mark.parametrize(
    ("tolerance", "different"),
    [
        (Tolerance(), True),
        (Tolerance(absolute=0.5), False),
        (Tolerance(absolute=0.25), True),
        (Tolerance(relative=1 / 3), False),
        (Tolerance(relative=0.3), True),
    ],
)
def test_numbers_may_be_so_far_apart(tolerance, different):
    a, b = made([("1", 1.0, None, 1.0)]), made([("1", 1.0, None, 1.5)])

    assert compare_datasets(a, b, rules=Rules(tolerance)).different is different
    assert compare_datasets(b, a, rules=Rules(tolerance)).different is different


def test_a_tolerance_does_not_make_a_missing_number_one():
    a, b = made([("1", 1.0, None, None)]), made([("1", 1.0, None, 0.0)])

    assert compare_datasets(a, b, rules=Rules(Tolerance(absolute=9))).different


def test_attributes_differ_too():
    other = made(ROWS, AESEV={"label": "Severity", "length": 9}, AVAL={"format": "8.2"})
    table = other.table.select(["AESEQ", "USUBJID", "AVAL", "AESEV"]).append_column(
        "X", [["a"] * 3]
    )
    order = [other.variable(name) for name in ("AESEQ", "USUBJID", "AVAL", "AESEV")]
    other = dataclasses.replace(
        other, label="", table=table, variables=(*order, Variable("X", "", "text", 1))
    )

    found = compare_datasets(made(ROWS), other)

    assert found.attributes == (
        AttributeDifference(None, "label", "Adverse Events", None),
        AttributeDifference(None, "order", "USUBJID AESEQ AESEV AVAL", "AESEQ USUBJID AVAL AESEV"),
        AttributeDifference("AESEV", "label", "Label of AESEV", "Severity"),
        AttributeDifference("AESEV", "length", "8", "9"),
        AttributeDifference("AVAL", "format", None, "8.2"),
        AttributeDifference("X", "variable", None, "present"),
    )
    assert found.values == ()


def test_values_of_another_kind_are_not_compared():
    table = pa.table({"AVAL": ["1"]})
    a = made([("1", 1.0, None, 1.0)])
    b = Dataset("AE", a.label, "", "", (), (Variable("AVAL", "Label of AVAL", "text", 8),), table)

    found = compare_datasets(a, b)

    assert AttributeDifference("AVAL", "type", "number", "text") in found.attributes
    assert (found.variables, found.values) == (0, ())


def test_a_key_that_one_side_lacks_is_said():
    with pytest.raises(SpecError) as error:
        compare_datasets(made(ROWS), made(ROWS), keys=("USUBJID", "AESEQQ"))

    (found,) = error.value.diagnostics
    assert (found.code, found.help) == ("CMP001", 'did you mean "AESEQ"?')


def accepting(tmp_path, text):
    (tmp_path / "accepted.yaml").write_text(text, encoding="utf-8")
    return read_acceptances(tmp_path / "accepted.yaml", DAY)


OTHER = [("1", 1.0, "MILD", 0.75), ("1", 2.0, None, None), ("2", 1.0, "SEVERE", -2.0)]


def test_a_difference_that_is_accepted_is_none(tmp_path):
    accepted = accepting(
        tmp_path,
        "- {dataset: AE, variable: AVAL, keys: {USUBJID: '1', AESEQ: 1}, reason: rounding}\n"
        "- {dataset: AE, variable: AVAL, keys: {USUBJID: 2}, reason: sign, until: 2026-07-01}\n"
        "- {dataset: AE, variable: AESEV, attribute: length, reason: planned}\n",
    )

    found = compare_datasets(made(ROWS), made(OTHER, AESEV={"length": 9}), accepted=accepted)

    assert not found.different
    assert found.values == (ValueDifference("AVAL", 2, accepted=2, largest=1.0),)
    assert [one.accepted for one in found.attributes] == ["planned"]
    assert accepted.findings() == ()


def test_an_acceptance_that_has_run_out_or_accepts_nothing_is_said(tmp_path):
    accepted = accepting(
        tmp_path,
        "- {dataset: AE, variable: AVAL, reason: was so, until: 2026-06-30}\n"
        "- {dataset: AE, variable: AESEV, reason: none}\n"
        "- {dataset: AE, only_in: a, reason: none}\n",
    )

    found = compare_datasets(made(ROWS), made(OTHER), accepted=accepted)

    assert found.different
    assert [(one.code, one.fact) for one in accepted.findings()] == [
        ("CMP003", "the acceptance of AE.AVAL held until 2026-06-30"),
        ("CMP004", "no difference is accepted by the entry of AE.AESEV"),
        ("CMP004", "no difference is accepted by the entry of AE records only in A"),
    ]


def test_records_of_one_side_may_be_accepted(tmp_path):
    accepted = accepting(
        tmp_path, "- {dataset: AE, only_in: b, keys: {USUBJID: '9'}, reason: late}\n"
    )
    late = [*ROWS, ("9", 1.0, None, None), ("8", 1.0, None, None)]

    found = compare_datasets(made(ROWS), made(late), accepted=accepted)

    key = (("USUBJID", "8"), ("AESEQ", "1"))
    assert found.records == (Records("b", 2, accepted=1, first=(key,)),)


@pytest.mark.parametrize(
    "text",
    ["a: b", "- {dataset: AE}", "- {dataset: AE, reason: ''}",
     "- {dataset: AE, reason: x, untli: 1}", "- {dataset: AE, reason: x, until: soon}",
     "[", "\x00"],
)  # fmt: skip
def test_a_wrong_file_of_acceptances_is_refused(text, tmp_path):
    with pytest.raises(SpecError) as error:
        accepting(tmp_path, text)

    assert [one.code for one in error.value.diagnostics] == ["CMP002"]


def test_folders_are_compared_file_by_file_whatever_their_form(created, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = made(ROWS, keys=())
    for place, name in (("a", "ae.xpt"), ("b", "AE.json"), ("a", "cm.ndjson"), ("b", "dm.parquet")):
        named = dataclasses.replace(plain, name=name[:2].upper())
        write_file(named, tmp_path / place / name, created=created)

    found = compare(tmp_path / "a", tmp_path / "b", keys={"": KEYS})

    assert [(one.name, one.different) for one in found.datasets] == [
        ("AE", False), ("CM", True), ("DM", True),
    ]  # fmt: skip
    assert [one.attributes for one in found.datasets[1:]] == [
        (AttributeDifference(None, "dataset", "present", None),),
        (AttributeDifference(None, "dataset", None, "present"),),
    ]


def test_a_folder_with_a_dataset_twice_is_refused(created, tmp_path):
    write_file(made(ROWS), tmp_path / "ae.xpt", created=created)
    write_parquet(made(ROWS), tmp_path / "ae.parquet")

    with pytest.raises(RawDataError) as error:
        compare(tmp_path, tmp_path)

    assert [one.code for one in error.value.diagnostics] == ["FILE006"]


def test_people_read_what_differs():
    late = [*OTHER, ("9", 1.0, None, None)]
    found = compare_datasets(made(ROWS), made(late, AESEV={"label": "Severity"}))

    assert to_text(Comparison((found,))) == (
        "AE: different\n"
        "  3 records in A, 4 in B, 3 matched by USUBJID, AESEQ; 4 variables\n"
        '  AESEV label: "Label of AESEV" | "Severity"\n'
        "  only in B: 1 record\n"
        "    USUBJID 9, AESEQ 1\n"
        "  AVAL: 2 values differ, by at most 1\n"
        '    USUBJID 1, AESEQ 1: "0.5" | "0.75"\n'
        '    USUBJID 2, AESEQ 1: "-1" | "-2"\n'
        "1 dataset compared: 1 different, 0 equal\n"
    )


def test_values_that_are_missing_in_different_ways_differ():
    variables = (Variable("N", "", "number", 8, informat="8."),)
    a, b = (
        Dataset("A", "", "", "", (), variables, pa.table({"N": pa.nulls(2, pa.float64())}),
                special_missing={"N": pa.array(ways, pa.string())})
        for ways in ([".A", None], [".A", "._"])
    )  # fmt: skip
    found = compare_datasets(a, b, rules=Rules(by_position=True))
    assert [(one.variable, one.count) for one in found.values] == [("N", 1)]
    assert [(one.a, one.b) for one in found.values[0].first] == [(None, "._")]
    assert compare_datasets(a, a).values == ()


def test_informats_are_attributes():
    a, b = (
        Dataset("A", "", "", "", (), (Variable("N", "", "number", 8, informat=one),),
                pa.table({"N": pa.array([], pa.float64())}))
        for one in ("8.", None)
    )  # fmt: skip
    (found,) = compare_datasets(a, b).attributes
    assert (found.variable, found.attribute, found.a, found.b) == ("N", "informat", "8.", None)
